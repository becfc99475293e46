//! What the words of a command are to its program: a host that it asks, a port, the value of an option.

use crate::facts::needs::commands::Command;
use crate::facts::runs::Text;
use crate::facts::runs::Value;
use crate::facts::runs::base_name;

/// Programs whose first word that is no option is a host, and the next one its port.
const DIALERS: [&str; 11] =
    ["nc", "ncat", "netcat", "telnet", "nslookup", "dig", "host", "ping", "getent", "wait-for", "wait-for-port"];

/// What `getent` looks hosts up in.
const DATABASES: [&str; 4] = ["ahosts", "ahostsv4", "ahostsv6", "hosts"];

/// Programs that show their words and do nothing else with them.
const SPEAKERS: [&str; 2] = ["echo", "printf"];

/// Among how many words of a command a port is looked for.
const MAX_WORDS: usize = 200;

/// A word of a command.
pub(super) struct Operand<'a> {
    pub(super) text: Text<'a>,
    /// The option that it is the value of; empty for none.
    pub(super) option: String,
    /// Whether it is the host that the program asks.
    pub(super) is_asked: bool,
    /// The word that is its port.
    pub(super) port: Option<Text<'a>>,
}

/// The words of a command that may name somebody.
pub(super) fn operands(command: Command<'_>) -> Vec<Operand<'_>> {
    let Command { words, program, is_shown } = command;
    let name = words.get(program).map_or("", |word| base_name(word.as_str()));
    if is_shown && SPEAKERS.contains(&name) {
        return Vec::new();
    }
    let asked = DIALERS.contains(&name).then(|| asked(&words, program)).flatten();
    let is_mysql = name.contains("mysql") || name.contains("mariadb");
    let mut operands = Vec::new();
    for (index, word) in words.iter().enumerate() {
        let before = index.checked_sub(1).map_or("", |before| words[before].as_str());
        let is_option = before.starts_with('-') && !before.contains(['=', ' ']);
        let option = if is_option { before.to_owned() } else { String::new() };
        if let Some(glued) = word.as_str().strip_prefix("-h").filter(|_| is_mysql && word.as_str().len() > 2) {
            let text = word.assembled(&[(2..word.as_str().len(), word.meaning(glued))]);
            operands.push(Operand { text, option: "-h".to_owned(), is_asked: false, port: port_of("-h", &words) });
            continue;
        }
        let is_asked = asked == Some(index);
        let port = if is_asked {
            words.get(index + 1).cloned()
        } else {
            let key = word.as_str().split_once('=').map_or(option.as_str(), |(key, _)| key);
            port_of(key, &words)
        };
        operands.push(Operand { text: word.clone(), option, is_asked, port });
    }
    operands
}

/// The first word that is no option and no number: the host.
fn asked(words: &[Text<'_>], program: usize) -> Option<usize> {
    let is_host = |word: &str| {
        let is_number = word.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.');
        !word.starts_with(['-', '+', '@']) && !is_number && !DATABASES.contains(&word)
    };
    (program + 1..words.len()).find(|&index| is_host(words[index].as_str()))
}

/// The port that an option tells beside the one for the host: `-p` beside `-h`, `--db-port` beside `--db-host`.
fn port_of<'a>(option: &str, words: &[Text<'a>]) -> Option<Text<'a>> {
    let own = option.strip_suffix("host").map(|prefix| format!("{prefix}port"));
    let names: Vec<&str> = match option {
        "-h" | "-H" => vec!["-p", "-P", "--port"],
        _ => own.as_deref().into_iter().collect(),
    };
    for name in names {
        for (index, word) in words.iter().enumerate().take(MAX_WORDS) {
            let Some(rest) = word.as_str().strip_prefix(name) else { continue };
            if rest.is_empty() {
                return words.get(index + 1).cloned();
            }
            let value = rest.strip_prefix('=').unwrap_or(rest);
            if value.bytes().all(|byte| byte.is_ascii_digit()) && !value.is_empty() {
                let range = word.as_str().len() - value.len()..word.as_str().len();
                return Some(word.assembled(&[(range, Value::text(value, None))]));
            }
        }
    }
    None
}
