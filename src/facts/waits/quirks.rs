//! What is special about programs that ask: whose status says nothing, or depends on versions and options.

use crate::facts::runs::Release;
use crate::facts::runs::Shell;
use crate::facts::runs::Value;
use crate::facts::waits::machine::Machine;
use crate::facts::waits::probe::Proof;
use crate::facts::waits::table::Words;

/// What a program does if what it asks for is there, and if it is not.
#[derive(Clone, Copy, Debug)]
pub(super) struct Manner {
    /// The status if it is there; none if nobody knows.
    pub(super) up: Option<i64>,
    /// The status if it is not there.
    pub(super) down: Option<i64>,
    /// Whether it also prints something if it is not there.
    pub(super) complains: bool,
    pub(super) trap: Option<&'static str>,
    pub(super) accepts: Option<&'static str>,
    pub(super) proves: Proof,
    /// Whether the program does not ask at all with these options.
    pub(super) asks: bool,
}

const DIG: &str = "`dig` ends with 0 if a DNS server answers, also that there is no such name";
const OLD_NSLOOKUP: &str = "`nslookup` of BusyBox 1.29 and 1.30 ends with 0 whatever the answer is";
const NEW_NSLOOKUP: &str = "`nslookup` of BusyBox 1.31 and later ends with 1 for all but full names";
const OLD_NC: &str = "`nc` of BusyBox before 1.28 has no `-z`, so it always fails";
const UDP: &str = "over UDP `nc -z` gets no answer and always ends with 0";

/// What a program does that is called with these words.
pub(super) fn manner(machine: &Machine<'_, '_>, quirk: &str, proves: Proof, words: &Words) -> Manner {
    let plain = Manner { up: Some(0), down: Some(1), complains: false, trap: None, accepts: None, proves, asks: true };
    match quirk {
        "nc" => nc(machine, plain, words),
        "dig" => {
            Manner { down: Some(0), complains: !words.has(&["+short"]) && !is_short(words), trap: Some(DIG), ..plain }
        }
        "zero" => Manner { down: Some(0), complains: true, trap: Some("it ends with 0 whatever it finds"), ..plain },
        "nslookup" => nslookup(machine, plain, words),
        "curl" => curl(plain, words),
        "redis" => redis(plain, words),
        "kubectl-get" => kubectl_get(plain, words),
        "django" => {
            let is = |text: &str| words.operands.iter().any(|word| word.literal().is_some_and(|own| own == text));
            Manner {
                asks: (is("migrate") && words.has(&["--check"])) || is("wait_for_db") || is("wait_for_database"),
                ..plain
            }
        }
        _ => plain,
    }
}

fn is_short(words: &Words) -> bool {
    words.operands.iter().any(|word| word.literal().as_deref() == Some("+short"))
}

fn nc(machine: &Machine<'_, '_>, plain: Manner, words: &Words) -> Manner {
    if words.has(&["-l"]) {
        return Manner { asks: false, ..plain };
    }
    let (is_zero, is_udp) = (words.has(&["-z"]), words.has(&["-u"]));
    if is_zero && is_udp {
        return Manner { down: Some(0), trap: Some(UDP), accepts: Some("udp"), ..plain };
    }
    let old = |release: Release| release < (1, 28);
    if is_zero && machine.run.image.busybox.is_some_and(old) {
        return Manner { up: Some(1), trap: Some(OLD_NC), ..plain };
    }
    plain
}

/// How a name is looked up, which decides what BusyBox makes of it.
#[derive(PartialEq, Eq)]
enum Name {
    /// One without dots, or one of this cluster that is not a full one.
    Short,
    /// A full one, or one of somewhere else.
    Full,
    Unknown,
}

fn name_form(name: &Value) -> Name {
    let Some(text) = name.literal() else {
        // What it ends with is enough.
        let end = name.pieces().last();
        let is_full = matches!(end, Some(crate::facts::runs::Piece::Text(text, _)) if text.ends_with(".cluster.local") || text.ends_with(".cluster.local."));
        return if is_full { Name::Full } else { Name::Unknown };
    };
    let is_address = text.bytes().all(|byte| byte.is_ascii_digit() || matches!(byte, b'.' | b':'));
    if is_address || text.ends_with('.') || text.ends_with(".cluster.local") {
        Name::Full
    } else if !text.contains('.') || text.rsplit('.').next() == Some("svc") {
        Name::Short
    } else {
        Name::Unknown
    }
}

fn nslookup(machine: &Machine<'_, '_>, plain: Manner, words: &Words) -> Manner {
    let plain = Manner { complains: true, ..plain };
    let form = words.operands.first().map_or(Name::Unknown, name_form);
    match machine.run.image.busybox {
        Some(release) if release <= (1, 28) => plain,
        Some(release) if release <= (1, 30) => Manner { down: Some(0), trap: Some(OLD_NSLOOKUP), ..plain },
        Some(_) => match form {
            Name::Short => Manner { up: Some(1), trap: Some(NEW_NSLOOKUP), ..plain },
            Name::Full => plain,
            Name::Unknown => Manner { up: None, ..plain },
        },
        // BIND has it right, and where there is no BusyBox it is from BIND.
        None if matches!(machine.run.image.sh, Shell::Dash | Shell::Bash) => plain,
        None if form == Name::Full => Manner { down: None, ..plain },
        None => Manner { up: None, down: None, ..plain },
    }
}

fn curl(plain: Manner, words: &Words) -> Manner {
    let fails = words.has(&["-f", "--fail", "--fail-with-body"]);
    let prints_code = words.has(&["-w", "--write-out"]);
    let is_http = words.operands.iter().all(|url| match url.pieces().first() {
        Some(crate::facts::runs::Piece::Text(text, _)) => {
            !text.contains("://") || text.starts_with("http://") || text.starts_with("https://")
        }
        _ => true,
    });
    let proves = if fails { Proof::State } else { plain.proves };
    let accepts = (!fails && !prints_code && is_http).then_some("http-errors");
    Manner { down: Some(7), complains: prints_code, proves, accepts, ..plain }
}

fn redis(plain: Manner, words: &Words) -> Manner {
    let last = words.operands.first().and_then(Value::literal).map(|word| word.to_ascii_lowercase());
    let accepts = (last.as_deref() == Some("ping") && !words.has(&["-e"])).then_some("no-auth");
    Manner { accepts, ..plain }
}

fn kubectl_get(plain: Manner, words: &Words) -> Manner {
    let is_named = words.operands.len() > 2
        || words.operands.get(1).is_some_and(|word| word.literal().is_none_or(|text| text.contains('/')))
        || words.has(&["-f"]);
    if is_named {
        return plain;
    }
    let trap = "`kubectl get` of a list ends with 0 if there is nothing in it";
    Manner { down: Some(0), trap: Some(trap), ..plain }
}
