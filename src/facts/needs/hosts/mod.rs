//! The hosts that a text names, by the notations that people use: URLs, `host:port`, names below `svc`, flags,
//! variables that stand for a Service, and values of keys that sound like an address.
//!
//! A text is a text here: nothing is looked up, and no Service is known. What a name stands for is the affair of
//! `meanings`, so a text may name hosts that are none, such as the `redis:7` of an image. What the words of a command
//! are to its program is told by `operands`.

use std::ops::Range;

use crate::facts::needs::keys;
use crate::facts::runs::is_stand_in;

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
    /// `nc -z web 8080`, `getent hosts web`, `/dev/tcp/web/8080`.
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
    /// A file of any kind.
    File,
    /// The same within another text, such as what a script writes.
    Document,
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
        Syntax::File | Syntax::Document => &["#", ";", "//", "-- ", "<!--"],
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
            let qualified = self.qualified(at..end);
            let end = qualified.as_ref().map_or(end, |host| host.name.end);
            found.extend(qualified.or_else(|| self.host(at..end)));
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
                byte if byte.is_ascii() => break,
                _ => match self.text[at..].chars().next().filter(|char| is_stand_in(*char)) {
                    Some(char) => at += char.len_utf8(),
                    None => break,
                },
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

    /// `shop/web` as the value of a key for Services, as controllers like it.
    fn qualified(&self, run: Range<usize>) -> Option<Host> {
        if self.byte(run.end) != Some(b'/') || self.byte(run.end + 1) == Some(b'/') {
            return None;
        }
        let end = self.end_of_run(run.end + 1);
        let is_label = |text: &str| !text.is_empty() && !text.contains('.') && !text.contains('_');
        let is_name = end == self.end || self.byte(end).is_some_and(|byte| b" \t\r\n\"'".contains(&byte));
        let (namespace, name) = (&self.text[run.clone()], &self.text[run.end + 1..end]);
        if !is_name || !is_label(namespace) || !is_label(name) || !may_be_host(name) {
            return None;
        }
        let key = self.key(run.start);
        let is_all = run.start == 0 && end == self.text.len();
        let is_meant = key.clone().map_or(is_all, |key| keys::is_service(&self.text[key]));
        is_meant.then_some(Host { form: Form::Name, name: run.start..end, port: None, key })
    }

    /// The host that a run of letters is, if it may be one.
    fn host(&self, run: Range<usize>) -> Option<Host> {
        let name = run.start..run.start + self.text[run].trim_end_matches('.').len();
        let text = &self.text[name.clone()];
        if text.starts_with('$') || text.starts_with(is_stand_in) {
            let is_host = match variable(text) {
                Some((variable, length)) => length == text.len() && variable.ends_with("_SERVICE_HOST"),
                None => text.chars().count() == 1,
            };
            if is_host {
                let (port, _) = self.port(name.end);
                return Some(Host { form: Form::Variable, key: self.key(name.start), port, name });
            }
        }
        if !may_be_host(text) || self.text[name.end..self.end].starts_with("://") {
            return None;
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
        } else if next.is_none_or(|next| b" \t\r\n\"',;)]}\\&|".contains(&next)) && self.is_value(name.start) {
            Form::Name
        } else {
            return None;
        };
        Some(Host { form, name, port, key })
    }

    /// The port behind a name, and whether there is one, even if it is a variable.
    fn port(&self, at: usize) -> (Option<Range<usize>>, bool) {
        if self.byte(at) != Some(b':') {
            return (None, false);
        }
        let rest = &self.text[at + 1..self.end];
        if rest.starts_with('$') || rest.starts_with(is_stand_in) {
            return (None, rest.starts_with(is_stand_in) || variable(rest).is_some());
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
        self.syntax != Syntax::Value
            && matches!(word, "server" | "host" | "upstream" | "Host" | "slaveof" | "replicaof")
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
        !label.is_empty()
            && (label.contains('$')
                || label.contains(is_stand_in)
                || (label.bytes().all(is_plain) && !label.starts_with('-')))
    };
    name.len() <= 253 && name.split('.').all(label) && name.bytes().any(|byte| byte.is_ascii_lowercase())
}

/// Whether a name is one below `svc`, that of a Service or of a pod behind one.
fn is_below_svc(name: &str) -> bool {
    let mut labels = name.split('.').skip_while(|label| label.starts_with('_'));
    matches!(labels.position(|label| label == "svc"), Some(2 | 3))
}

/// Whether what this host is the value of leads to it: an address of its own that a program tells to others
/// does not, nor a list of what no proxy is asked for, nor what is said to people.
pub(super) fn leads_there(text: &str, host: &Host, name: &str) -> bool {
    let key = host.key.clone().map_or(name, |key| &text[key]);
    !keys::is_told_to_others(key) && !keys::is_told_to_others(name) && !is_said(text, host.name.clone())
}

/// Words in front of an address that is no argument but part of a sentence.
const PROSE: [&str; 7] = ["at", "from", "on", "read", "see", "under", "visit"];

/// Whether an address stands in a sentence, which is for people.
fn is_said(text: &str, host: Range<usize>) -> bool {
    let line = text[..host.start].rfind('\n').map_or(0, |end| end + 1);
    let start = text.ceil_char_boundary(host.start.saturating_sub(LOOK_BACK)).max(line);
    let before = &text[start..host.start];
    let token = before.rfind(char::is_whitespace).map_or(0, |blank| blank + 1);
    let sentence = before[..token].trim_end();
    let last = sentence.rsplit(|char: char| char.is_whitespace() || "\"'".contains(char)).next().unwrap_or_default();
    PROSE.contains(&last.to_ascii_lowercase().as_str())
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
    fn what_is_said_to_people_leads_nowhere() {
        let leads = |text: &str| {
            let hosts = in_text(text, Syntax::Value);
            assert_eq!(hosts.len(), 1, "{text}");
            super::leads_there(text, &hosts[0], "")
        };
        for text in [
            "see https://docs.x.svc for more",
            "/CN=docs.x.svc",
            "subjectAltName=DNS:docs.x.svc",
            "{\"server_name\":\"docs.x.svc\"}",
        ] {
            assert!(!leads(text), "{text}");
        }
        for text in ["curl http://docs.x.svc", "server docs.x.svc"] {
            assert!(leads(text), "{text}");
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
        assert_eq!(value("/dev/tcp/db/5432"), ["command db:5432"]);
        assert_eq!(value("--default-backend-service=shop/web"), ["name shop/web of --default-backend-service"]);
        assert_eq!(value("the quick brown fox"), [""; 0]);
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
            in_text(text, Syntax::File);
            in_text(text, Syntax::Value);
        }
        let long = "a:1,".repeat(1 << 18);
        assert_eq!(in_text(&long, Syntax::File).len(), 500);
    }
}
