//! One line of a text, read for hosts: where a name begins and ends, what stands around it, and what notation that is.

use std::ops::Range;

use crate::facts::needs::hosts::Form;
use crate::facts::needs::hosts::Host;
use crate::facts::needs::hosts::LOOK_BACK;
use crate::facts::needs::hosts::MAX_HOSTS;
use crate::facts::needs::hosts::Syntax;
use crate::facts::needs::keys;
use crate::facts::runs::is_stand_in;

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

/// A line of a text.
pub(super) struct Line<'t> {
    pub(super) text: &'t str,
    pub(super) syntax: Syntax,
    pub(super) start: usize,
    pub(super) end: usize,
}

impl Line<'_> {
    /// Adds its hosts to those of the lines before.
    pub(super) fn read(&self, found: &mut Vec<Host>) {
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
        let ahead = before.trim_end_matches(|char: char| !char.is_whitespace() && !"=\"'[(".contains(char));
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
