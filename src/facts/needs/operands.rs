//! What the words of a command are to its program: a host that it asks, a port, the value of an option.

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

/// One command.
pub(super) struct Command<'a> {
    pub(super) words: Vec<Text<'a>>,
    /// Which of the words is the program that does the work.
    pub(super) program: usize,
    /// Whether people see what it prints, and nobody else.
    pub(super) is_shown: bool,
}

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

/// Whether the words of a program are a host and a port.
pub(super) fn dials(program: &str) -> bool {
    DIALERS.contains(&program)
}

/// The words of a command that may name somebody.
pub(super) fn operands(command: Command<'_>) -> Vec<Operand<'_>> {
    let Command { words, program, is_shown } = command;
    let name = words.get(program).map_or("", |word| base_name(word.as_str()));
    if is_shown && SPEAKERS.contains(&name) {
        return Vec::new();
    }
    let asked = dials(name).then(|| asked(&words, program)).flatten();
    let is_mysql = name.contains("mysql") || name.contains("mariadb");
    let mut operands = Vec::new();
    for (index, word) in words.iter().enumerate() {
        let content = word.as_str();
        let before = index.checked_sub(1).map_or("", |before| words[before].as_str());
        // What follows an option may be its value, unless it is an option itself, or a number.
        let is_name = content.starts_with(|char: char| !char.is_ascii_digit() && char != '-');
        let is_option = is_name && before.starts_with('-') && !before.contains(['=', ' ']);
        let is_asked = asked == Some(index);
        if let Some(glued) = content.strip_prefix("-h").filter(|rest| is_mysql && !rest.is_empty()) {
            let text = word.part(2..content.len(), glued);
            operands.push(Operand { text, option: "-h".to_owned(), is_asked: false, port: port_of("-h", &words) });
        } else if is_asked || is_option || says_more(content) {
            let option = if is_option { before } else { "" };
            let key = content.split_once('=').map_or(option, |(key, _)| key);
            let port = if is_asked { words.get(index + 1).cloned() } else { port_of(key, &words) };
            operands.push(Operand { text: word.clone(), option: option.to_owned(), is_asked, port });
        }
    }
    operands
}

/// Whether a word is more than a plain one, which says nothing without an option in front.
pub(super) fn says_more(word: &str) -> bool {
    word.contains(|char: char| !char.is_ascii_alphanumeric() && !matches!(char, '-' | '_' | '[' | ']'))
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
