//! The hosts that a text names, by the notations that people use: URLs, `host:port`, names below `svc`, flags,
//! commands, variables that stand for a Service, and values of keys that sound like an address.
//!
//! A text is a text here: nothing is looked up, and no Service is known. What a name stands for is the affair of
//! `services`, so a text may name hosts that are none, such as the `redis:7` of an image.

use std::ops::Range;

use crate::facts::needs::keys;

/// How a host is written.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Form {
    /// `http://web:8080/`, with any scheme that is about hosts.
    Url,
    /// `web:8080`.
    HostPort,
    /// `web.shop.svc`, with or without the domain of the cluster.
    Domain,
    /// `$(WEB_SERVICE_HOST)`.
    Variable,
    /// `nc -z web 8080`, `getent hosts web`.
    Command,
    /// A name alone, as the value of a key.
    Name,
}

impl Form {
    /// Its name in facts.
    pub(super) fn evidence(self) -> &'static str {
        match self {
            Self::Url => "url",
            Self::HostPort => "host-port",
            Self::Domain => "domain",
            Self::Variable => "variable",
            Self::Command => "command",
            Self::Name => "name",
        }
    }
}

/// A host in a text; all ranges are bytes of it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Host {
    pub(super) form: Form,
    /// The name, or what stands for it.
    pub(super) name: Range<usize>,
    pub(super) port: Option<Range<usize>>,
    /// What the value is called within the text: `host` in `host=web`, `--url` in `--url http://web`.
    pub(super) key: Option<Range<usize>>,
}

/// What a text is, which decides what a comment is in it and what a lone name may mean.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Syntax {
    /// A value of a variable, or a word of a command.
    Value,
    /// A script.
    Script,
    /// A file of any kind.
    File,
}

/// How many hosts of one text are told, how much of it is looked at, and how far back for what a host belongs to.
const MAX_HOSTS: usize = 500;
const MAX_TEXT: usize = 1 << 20;
const LOOK_BACK: usize = 300;

/// Schemes of addresses whose first part is no host that a Service could be.
const OTHER_SCHEMES: [&str; 25] = [
    "abfs",
    "abfss",
    "arn",
    "azblob",
    "azure",
    "classpath",
    "data",
    "docker",
    "docker-image",
    "env",
    "file",
    "gcs",
    "git",
    "gs",
    "hf",
    "model",
    "oci",
    "pvc",
    "s3",
    "s3a",
    "s3n",
    "spiffe",
    "sqlite",
    "unix",
    "wasb",
];

/// Programs whose first word that is no option is a host, and the next one its port.
const DIALERS: [&str; 10] =
    ["nc", "ncat", "netcat", "telnet", "nslookup", "dig", "ping", "getent", "wait-for", "wait-for-port"];

/// What `getent` looks hosts up in.
const DATABASES: [&str; 4] = ["ahosts", "ahostsv4", "ahostsv6", "hosts"];

/// The hosts of a text, in the order written.
pub(super) fn in_text(text: &str, syntax: Syntax) -> Vec<Host> {
    let text = &text[..text.floor_char_boundary(MAX_TEXT)];
    let mut found = Vec::new();
    let mut at = 0;
    for line in text.split_inclusive('\n') {
        let code = without_comment(line, syntax);
        Line { text, syntax, start: at, end: at + code.len() }.read(&mut found);
        at += line.len();
        if found.len() >= MAX_HOSTS {
            found.truncate(MAX_HOSTS);
            break;
        }
    }
    found
}

/// A line without what is said to people only.
fn without_comment(line: &str, syntax: Syntax) -> &str {
    let code = line.trim_start();
    let marks: &[&str] = match syntax {
        Syntax::Value => return line,
        Syntax::Script => &["#"],
        Syntax::File => &["#", ";", "//", "-- ", "<!--"],
    };
    if marks.iter().any(|mark| code.starts_with(mark)) {
        return "";
    }
    line.find(" #").map_or(line, |comment| &line[..comment])
}

/// A line of a text.
struct Line<'t> {
    text: &'t str,
    syntax: Syntax,
    start: usize,
    end: usize,
}

impl Line<'_> {
    fn read(&self, found: &mut Vec<Host>) {
        let mut at = self.start;
        while at < self.end {
            let end = self.end_of_run(at);
            if end == at {
                at += self.text[at..].chars().next().map_or(1, char::len_utf8);
                continue;
            }
            found.extend(self.host(at..end));
            if found.len() >= MAX_HOSTS {
                return;
            }
            at = end;
        }
    }

    /// Where the letters of names end that begin at `at`; a variable among them counts as one.
    fn end_of_run(&self, mut at: usize) -> usize {
        let bytes = &self.text.as_bytes()[..self.end];
        while at < self.end {
            match bytes[at] {
                b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' => at += 1,
                b'$' => match variable(&self.text[at..self.end]) {
                    Some((_, length)) => at += length,
                    None => break,
                },
                _ => break,
            }
        }
        at
    }

    fn byte(&self, at: usize) -> Option<u8> {
        self.text.as_bytes()[..self.end].get(at).copied()
    }

    /// What the line says before `at`, as far as anybody looks back.
    fn before(&self, at: usize) -> &str {
        let start = self.text.ceil_char_boundary(at.saturating_sub(LOOK_BACK));
        &self.text[start.max(self.start)..at]
    }

    /// The host that a run of letters is, if it may be one.
    fn host(&self, run: Range<usize>) -> Option<Host> {
        let name = self.name(run.clone());
        let text = &self.text[name.clone()];
        if let Some((variable, length)) = variable(text).filter(|_| text.starts_with('$')) {
            let is_host = length == text.len() && variable.ends_with("_SERVICE_HOST");
            let (port, _) = self.port(name.end);
            return is_host.then(|| Host { form: Form::Variable, key: self.key(name.start), port, name });
        }
        if !may_be_host(text) {
            return None;
        }
        if self.text[name.end..self.end].starts_with("://") {
            return None;
        }
        if name.start > run.start {
            return Some(Host { form: Form::Name, key: Some(run.start..name.start), port: None, name });
        }
        let before = self.before(name.start);
        // A name may end with a dot, as those that need no search do.
        let behind = if self.byte(name.end) == Some(b'.') { name.end + 1 } else { name.end };
        let (port, has_port) = self.port(behind);
        let next = self.byte(name.end + port.as_ref().map_or(0, |port| port.len() + 1));
        if let Some(scheme) = scheme(before) {
            // What stands before an `@` is who asks.
            let is_host = !is_other_scheme(scheme) && !self.is_user(name.end);
            return is_host.then(|| Host { form: Form::Url, key: self.key(name.start), port, name });
        }
        if before.ends_with("/dev/tcp/") || before.ends_with("/dev/udp/") {
            return Some(Host { form: Form::Command, port: self.digits(name.end + 1), key: None, name });
        }
        if !starts_value(before) || next == Some(b'@') {
            return None;
        }
        let key = self.key(name.start);
        let form = if is_behind_login(before) && next != Some(b'(') {
            Form::Url
        } else if is_below_svc(text) {
            Form::Domain
        } else if has_port {
            Form::HostPort
        } else if self.is_dialed(before, text) {
            let port = self.digits(name.end + 1);
            return Some(Host { form: Form::Command, port, key: None, name });
        } else if next.is_none_or(|next| b" \t\r\n\"',;)]}\\&|".contains(&next)) && self.is_value(name.start) {
            Form::Name
        } else {
            return None;
        };
        Some(Host { form, name, port, key })
    }

    /// The part of a run that is the name: `-hdb` is how MySQL likes it.
    fn name(&self, run: Range<usize>) -> Range<usize> {
        let text = &self.text[run.clone()];
        let glued = text.strip_prefix("-h").filter(|rest| rest.starts_with(|char: char| char.is_ascii_lowercase()));
        let is_mysql = glued.is_some() && self.before(run.start).contains("mysql");
        let start = if is_mysql { run.start + 2 } else { run.start };
        let end = start + self.text[start..run.end].trim_end_matches('.').len();
        start..end
    }

    /// The port behind a name, and whether there is one, even if it is a variable.
    fn port(&self, at: usize) -> (Option<Range<usize>>, bool) {
        if self.byte(at) != Some(b':') {
            return (None, false);
        }
        if self.byte(at + 1) == Some(b'$') {
            return (None, variable(&self.text[at + 1..self.end]).is_some());
        }
        let port = self.digits(at + 1);
        let is_port = port.is_some();
        (port, is_port)
    }

    /// The number of a port that stands here by itself.
    fn digits(&self, at: usize) -> Option<Range<usize>> {
        let rest = self.text.get(at..self.end)?;
        let length = rest.bytes().take_while(u8::is_ascii_digit).count();
        let mut behind = rest[length..].chars();
        let ends = match behind.next() {
            Some('.') => !behind.next().is_some_and(|char| char.is_ascii_alphanumeric()),
            Some(char) => !char.is_ascii_alphanumeric() && !matches!(char, '-' | '_' | '@'),
            None => true,
        };
        let number: u32 = rest[..length].parse().unwrap_or(0);
        (ends && (1..=65_535).contains(&number)).then_some(at..at + length)
    }

    /// Whether what ends here is the user of a URL.
    fn is_user(&self, at: usize) -> bool {
        let rest = &self.text[at..self.end.min(self.text.ceil_char_boundary(at + LOOK_BACK))];
        let end = rest.find(|char: char| char.is_whitespace() || "/?#\"'".contains(char)).unwrap_or(rest.len());
        rest[..end].contains('@')
    }

    /// Whether the words before are those of a program that asks a host.
    fn is_dialed(&self, before: &str, name: &str) -> bool {
        if self.syntax == Syntax::File || !before.ends_with([' ', '\t']) || DATABASES.contains(&name) {
            return false;
        }
        for word in before.split_ascii_whitespace().rev() {
            let word = word.trim_start_matches(['(', '`', '!']);
            let is_option = word.starts_with(['-', '+']) || word.bytes().all(|byte| byte.is_ascii_digit());
            if DIALERS.contains(&word.rsplit('/').next().unwrap_or(word)) {
                return true;
            }
            if !is_option && !DATABASES.contains(&word) {
                return false;
            }
        }
        false
    }

    /// Whether a lone name is all that there is, an item of a list, or what a key stands for.
    fn is_value(&self, at: usize) -> bool {
        let list = |char: char| char.is_ascii_alphanumeric() || "-._,; ".contains(char);
        let is_list =
            self.syntax == Syntax::Value && self.text.len() <= LOOK_BACK && self.text.trim().chars().all(list);
        (is_list && !self.text.trim().contains(' ')) || self.key(at).is_some()
    }

    /// The bytes of what the value at `at` is called.
    fn key(&self, at: usize) -> Option<Range<usize>> {
        let before = self.before(at);
        let offset = at - before.len();
        // Back over the rest of a URL or a list, which has no space.
        let delimiter = before.rfind(|char: char| char.is_whitespace() || "=\"'[(".contains(char))?;
        let ahead = &before[..=delimiter];
        let ahead = ahead.trim_end_matches(|char: char| char.is_whitespace() || "\"'[(\\".contains(char));
        let (named, is_assigned) = match ahead.strip_suffix(['=', ':']) {
            Some(named) => (named.trim_end_matches([' ', '"', '\'', '\\', ':']), true),
            None => (ahead, false),
        };
        let start = named.trim_end_matches(|char: char| char.is_ascii_alphanumeric() || "-_.".contains(char)).len();
        let key = &named[start..];
        let is_key = !key.is_empty() && (is_assigned || key.starts_with('-') || self.is_directive(key));
        is_key.then(|| offset + start..offset + named.len())
    }

    /// Whether a word in front of a value names it without any sign between them, as nginx and others write it.
    fn is_directive(&self, word: &str) -> bool {
        self.syntax == Syntax::File && matches!(word, "server" | "host" | "upstream" | "Host" | "slaveof" | "replicaof")
    }
}

/// The name of the variable that a text begins with, and how long that is.
fn variable(text: &str) -> Option<(&str, usize)> {
    let rest = text.strip_prefix('$')?;
    let is_name = |char: char| char.is_ascii_alphanumeric() || char == '_';
    for (open, close) in [('(', ')'), ('{', '}')] {
        if let Some(inner) = rest.strip_prefix(open) {
            let end = inner.find(|char| !is_name(char))?;
            return (end > 0 && inner[end..].starts_with(close)).then(|| (&inner[..end], end + 3));
        }
    }
    let end = rest.find(|char| !is_name(char)).unwrap_or(rest.len());
    (end > 0 && !rest.starts_with(|char: char| char.is_ascii_digit())).then(|| (&rest[..end], end + 1))
}

/// The scheme of the URL whose host begins behind `before`.
fn scheme(before: &str) -> Option<&str> {
    let colon = before.rfind("://")?;
    let authority = &before[colon + 3..];
    if authority.contains(|char: char| char.is_whitespace() || "/?#\"'<>".contains(char)) {
        return None;
    }
    if !(authority.is_empty() || authority.ends_with(['@', ','])) {
        return None;
    }
    let ahead = &before[..colon];
    let start = ahead.trim_end_matches(|char: char| char.is_ascii_alphanumeric() || "+-.".contains(char)).len();
    Some(&ahead[start..])
}

fn is_other_scheme(scheme: &str) -> bool {
    let scheme = scheme.to_ascii_lowercase();
    OTHER_SCHEMES.contains(&scheme.as_str())
}

/// Whether a user and a password stand right before: `app:secret@`.
fn is_behind_login(before: &str) -> bool {
    let token = before.rsplit(|char: char| char.is_whitespace() || "\"'=/".contains(char)).next().unwrap_or_default();
    token
        .strip_suffix('@')
        .and_then(|login| login.split_once(':'))
        .is_some_and(|(user, password)| !user.is_empty() && !password.is_empty() && !password.contains(['@', ':']))
}

/// Whether a value may begin behind this.
fn starts_value(before: &str) -> bool {
    match before.chars().next_back() {
        None => true,
        // Thanos, Loki and their kin say how to look a name up.
        Some('+') => ["dns+", "dnssrv+", "dnssrvnoa+"].iter().any(|prefix| before.ends_with(prefix)),
        Some('/') => before.ends_with("//") && !before.ends_with("///"),
        Some(char) => char.is_whitespace() || "\"'=:,@([{<>;|`!\\".contains(char),
    }
}

/// Whether a run of letters has the form of a host's name: lower case, and a letter somewhere.
fn may_be_host(name: &str) -> bool {
    let label = |label: &str| {
        let is_plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
        let label = label.strip_prefix('_').unwrap_or(label);
        !label.is_empty() && (label.contains('$') || (label.bytes().all(is_plain) && !label.starts_with('-')))
    };
    name.len() <= 253 && name.split('.').all(label) && name.bytes().any(|byte| byte.is_ascii_lowercase())
}

/// Whether a name is one below `svc`, that of a Service or of a pod behind one.
fn is_below_svc(name: &str) -> bool {
    let mut labels = name.split('.').skip_while(|label| label.starts_with('_'));
    matches!(labels.position(|label| label == "svc"), Some(2 | 3))
}

/// Whether what this host is the value of leads to it: an address of its own that a program tells to others
/// does not, nor a list of what no proxy is asked for.
pub(super) fn leads_there(text: &str, host: &Host, name: &str) -> bool {
    let key = host.key.clone().map_or(name, |key| &text[key]);
    !keys::is_told_to_others(key) && !keys::is_told_to_others(name)
}

#[cfg(test)]
mod tests {
    use super::Syntax;
    use super::in_text;

    /// The hosts of a text: how it is written, name, port, key.
    fn hosts(text: &str, syntax: Syntax) -> Vec<String> {
        let show = |host: &super::Host| {
            let port = host.port.clone().map_or(String::new(), |port| format!(":{}", &text[port]));
            let key = host.key.clone().map_or(String::new(), |key| format!(" of {}", &text[key]));
            format!("{} {}{port}{key}", host.form.evidence(), &text[host.name.clone()])
        };
        in_text(text, syntax).iter().map(show).collect()
    }

    fn value(text: &str) -> Vec<String> {
        hosts(text, Syntax::Value)
    }

    #[test]
    fn urls_of_any_scheme() {
        assert_eq!(value("http://web"), ["url web"]);
        assert_eq!(value("jdbc:postgresql://db:5432/app"), ["url db:5432"]);
        assert_eq!(value("mongodb+srv://a:b@mongo/app"), ["url mongo"]);
        assert_eq!(value("amqp://guest:1234@rabbit:5672/"), ["url rabbit:5672"]);
        assert_eq!(value("mongodb://m-0.m,m-1.m:27017/app"), ["url m-0.m", "url m-1.m:27017"]);
        assert_eq!(value("http://web.${NS}.svc:80"), ["url web.${NS}.svc:80"]);
        for text in ["s3://web/x", "file://web", "http://10.0.0.1:80", "http://${HOST}/web"] {
            assert_eq!(value(text), [""; 0], "{text}");
        }
    }

    #[test]
    fn hosts_with_ports() {
        assert_eq!(value("kafka-0.kafka:9092,kafka-1.kafka:9092").len(), 2);
        assert_eq!(value("zk:zookeeper:2181"), ["host-port zookeeper:2181"]);
        assert_eq!(value("server.1=zk-0:2888:3888::1"), ["host-port zk-0:2888 of server.1"]);
        assert_eq!(value("user:pass@tcp(db:3306)/shop"), ["host-port db:3306"]);
        assert_eq!(value("web:$(WEB_PORT)"), ["host-port web"]);
        assert_eq!(value("dns+web.shop.svc.cluster.local.:80"), ["domain web.shop.svc.cluster.local:80"]);
        assert_eq!(value("app:secret@db"), ["url db"]);
        for text in ["docker.io/redis:6379", "redis:7-alpine", "redis:7.2", "12:30:45", "someone@host", "a:99999"] {
            assert_eq!(value(text), [""; 0], "{text}");
        }
    }

    #[test]
    fn names_alone_and_names_below_svc() {
        assert_eq!(value("db"), ["name db"]);
        assert_eq!(value("a,b"), ["name a", "name b"]);
        assert_eq!(value("web.shop.svc.cluster.local"), ["domain web.shop.svc.cluster.local"]);
        assert_eq!(value("--redis-host=redis"), ["name redis of --redis-host"]);
        assert_eq!(value("$(WEB_SERVICE_HOST):80"), ["variable $(WEB_SERVICE_HOST):80"]);
        assert_eq!(value("the quick brown fox"), [""; 0]);
    }

    #[test]
    fn scripts_ask_hosts_by_commands() {
        let script = |text| hosts(text, Syntax::Script);
        assert_eq!(script("until nc -z -w 2 db 5432; do sleep 1; done"), ["command db:5432"]);
        assert_eq!(script("getent hosts db # web"), ["command db"]);
        assert_eq!(script("# nc db 5432"), [""; 0]);
        assert_eq!(script("redis-cli -h cache ping"), ["name cache of -h"]);
        assert_eq!(script("mysql -hdb -uroot"), ["name db of -h"]);
        assert_eq!(script("exec 3<>/dev/tcp/db/5432"), ["command db:5432"]);
    }

    #[test]
    fn files_name_hosts_by_keys() {
        let file = |text| hosts(text, Syntax::File);
        assert_eq!(file("db.host = db\n# db.host = other\n"), ["name db of db.host"]);
        assert_eq!(file("{\"host\": \"db\"}"), ["name db of host"]);
        assert_eq!(file("proxy_pass http://api:80/;"), ["url api:80"]);
        assert_eq!(file("  server web:8080 weight=2;"), ["host-port web:8080 of server"]);
        assert_eq!(file("plain words"), [""; 0]);
    }

    #[test]
    fn hostile_texts_are_read_to_their_end() {
        for text in ["$", "${", "$(", "://", "a:", "é://é:1", "--h=\u{10ffff}", "\u{0}a:1\u{0}", "=http://a@"] {
            in_text(text, Syntax::Script);
            in_text(text, Syntax::Value);
        }
        let long = "a:1,".repeat(1 << 18);
        assert_eq!(in_text(&long, Syntax::File).len(), 500);
    }
}
