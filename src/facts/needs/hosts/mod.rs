//! The hosts that a text names, by the notations that people use: URLs, `host:port`, names below `svc`, flags,
//! variables that stand for a Service, and values of keys that sound like an address.
//!
//! A text is a text here: nothing is looked up, and no Service is known. What a name stands for is the affair of
//! `meanings`, so a text may name hosts that are none, such as the `redis:7` of an image. What the words of a command
//! are to its program is told by `operands`.

mod line;

use std::ops::Range;

use crate::facts::needs::hosts::line::Line;
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

/// The hosts of a text, in the order written.
pub(super) fn in_text(text: &str, syntax: Syntax) -> Vec<Host> {
    let text = &text[..text.floor_char_boundary(MAX_TEXT)];
    let mut found = Vec::new();
    // Without such a letter there is nothing that could be a host.
    if !text.bytes().any(|byte| byte.is_ascii_lowercase() || byte == b'$' || !byte.is_ascii()) {
        return found;
    }
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

/// Whether what this host is the value of leads to it: an address of its own that a program tells to others
/// does not, nor a list of what no proxy is asked for, nor what is said to people.
pub(super) fn leads_there(text: &str, host: &Host, name: &str) -> bool {
    let key = host.key.clone().map_or("", |key| &text[key]);
    !keys::is_told_to_others(key) && !keys::is_told_to_others(name) && !is_said(text, host.name.clone())
}

/// Words in front of an address that is no argument but part of a sentence.
const PROSE: [&str; 7] = ["at", "from", "on", "read", "see", "under", "visit"];

/// Whether an address stands in a sentence, which is for people.
fn is_said(text: &str, host: Range<usize>) -> bool {
    let line = text[..host.start].rfind('\n').map_or(0, |end| end + 1);
    let start = text.ceil_char_boundary(host.start.saturating_sub(LOOK_BACK)).max(line);
    let before = &text[start..host.start];
    let sentence = before.trim_end_matches(|char: char| !char.is_whitespace()).trim_end();
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
    fn blanks_of_any_width_stand_around_hosts() {
        // A no-break space, one of three bytes, and one that only ends lines of some systems.
        for blank in ['\u{a0}', '\u{3000}', '\u{85}', ' '] {
            let text = format!("            {blank}<property url=\"jdbc:mysql://db:3306/x\"/>");
            assert_eq!(hosts(&text, Syntax::File), ["url db:3306 of url"], "{blank:?}");
            let sentence = format!("see{blank}http://docs.x.svc");
            let host = &in_text(&sentence, Syntax::Value)[0];
            assert!(!super::leads_there(&sentence, host, ""), "{blank:?}");
        }
    }

    #[test]
    fn texts_of_any_letters_are_read_to_their_end() {
        const PARTS: [&str; 24] = [
            "\u{a0}",
            "\u{3000}",
            "\u{85}",
            "é",
            "\u{10ffff}",
            "\u{f8ff}",
            "\u{f0000}",
            "://",
            "http://",
            "db",
            "web.shop.svc",
            ":5432",
            "/",
            "=",
            "\"",
            "'",
            "host",
            "--url",
            " ",
            "\n",
            "$",
            "${X}",
            "@",
            "#",
        ];
        let mut random = 1_u64;
        let mut next = |bound: u64| {
            random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            usize::try_from((random >> 33) % bound).expect("a few")
        };
        for _ in 0..20_000 {
            let text: String = (0..next(30)).map(|_| PARTS[next(24)]).collect();
            // Where one looks back only so far, any letter may be cut.
            let text = if next(4) == 0 { "é\u{a0}".repeat(next(120)) + &text } else { text };
            for syntax in [Syntax::Value, Syntax::File, Syntax::Document] {
                for host in in_text(&text, syntax) {
                    super::leads_there(&text, &host, "");
                    assert!(text.get(host.name).is_some(), "{text:?}");
                    assert!(host.port.is_none_or(|port| text.get(port).is_some()), "{text:?}");
                    assert!(host.key.is_none_or(|key| text.get(key).is_some()), "{text:?}");
                }
            }
        }
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
