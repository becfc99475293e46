//! Commands written so that they can be done again: which words change, and into what.
//!
//! Only for a command of which nobody asks how it ended: `mkdir` may be a lock. Whether that helps is for others to see: they
//! judge the script again as it would be.

use std::ops::Range;

use crate::facts::runs::base_name;
use crate::shell::CommandKind;
use crate::shell::Dialect;
use crate::shell::Item;
use crate::shell::List;
use crate::shell::Word;
use crate::shell::read;

/// Some bytes of a command, and what takes their place.
pub(super) type Remedy = (Range<usize>, String);

/// What becomes of the words of a command that did this and can't do it again; nothing if nobody knows better.
pub(super) fn of(command: &str, operation: &str) -> Vec<Remedy> {
    let script = read(command, Dialect::Posix);
    let Some(words) = simple(&script.body.items).filter(|_| script.problems.is_empty()) else {
        return Vec::new();
    };
    let Some(program) = words[0].literal() else { return Vec::new() };
    let with = |option: &str| {
        let own = words[0].range.clone();
        vec![(own.clone(), format!("{} {option}", &command[own]))]
    };
    match (base_name(&program), operation) {
        ("mkdir", "mkdir") => with("-p"),
        ("rm", "remove") => with("-f"),
        ("unzip", _) => with("-o"),
        ("ln", "link") => linked(command, words).unwrap_or_else(with),
        _ => Vec::new(),
    }
}

/// The words of a script that is one command.
fn simple(items: &[Item]) -> Option<&[Word]> {
    let [item] = items else { return None };
    let [command] = &item.first.commands[..] else { return None };
    let is_alone = item.rest.is_empty() && !item.background && !item.first.negated;
    match &command.kind {
        CommandKind::Simple { assignments, words } if assignments.is_empty() && is_alone && !words.is_empty() => {
            Some(words)
        }
        _ => None,
    }
}

/// `-s` with what replaces a link and does not go where it leads; or the options that are to be put before all
/// others.
fn linked(command: &str, words: &[Word]) -> Result<Vec<Remedy>, &'static str> {
    let options: Vec<(&Word, String)> = words[1..]
        .iter()
        .filter_map(|word| Some((word, word.literal()?)))
        .filter(|(_, text)| text.starts_with('-') && text.len() > 1)
        .collect();
    let is_symbolic = options
        .iter()
        .any(|(_, text)| text == "--symbolic" || !text.starts_with("--") && text.bytes().any(|letter| letter == b's'));
    if !is_symbolic {
        return Err("-f");
    }
    let takes_no_value = |text: &str| text[1..].bytes().all(|letter| b"sfnvTrbL".contains(&letter));
    match options.first() {
        Some((word, text)) if takes_no_value(text) => {
            let letters = ['f', 'n'].into_iter().filter(|letter| !text.contains(*letter));
            let more: String = letters.collect();
            Ok(vec![(word.range.clone(), format!("{}{more}", &command[word.range.clone()]))])
        }
        _ => Err("-fn"),
    }
}

/// Whether a command is a statement of its own: nothing asks how it ended, or would be done otherwise.
pub(super) fn stands_alone(list: &List, range: &Range<usize>) -> bool {
    list.items.iter().any(|item| {
        let is_whole = item.rest.is_empty() && !item.first.negated && !item.background;
        match &item.first.commands[..] {
            [command] if command.range == *range => is_whole,
            [command] => bodies(&command.kind).iter().any(|body| stands_alone(body, range)),
            _ => false,
        }
    })
}

/// What a compound command does, and not what it asks.
fn bodies(kind: &CommandKind) -> Vec<&List> {
    match kind {
        CommandKind::Group(list) | CommandKind::Subshell(list) => vec![list],
        CommandKind::If { branches, otherwise } => branches.iter().map(|(_, body)| body).chain(otherwise).collect(),
        CommandKind::Loop { body, .. } | CommandKind::For { body, .. } | CommandKind::Count { body, .. } => vec![body],
        CommandKind::Case { arms, .. } => arms.iter().map(|arm| &arm.body).collect(),
        _ => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::of;
    use super::stands_alone;
    use crate::shell::Dialect;
    use crate::shell::read;

    fn remedied(command: &str, operation: &str) -> String {
        let mut text = command.to_owned();
        for (range, new) in of(command, operation).into_iter().rev() {
            text.replace_range(range, &new);
        }
        text
    }

    #[test]
    fn options_are_added_where_they_are_missing() {
        assert_eq!(remedied("mkdir /data/a /data/b", "mkdir"), "mkdir -p /data/a /data/b");
        assert_eq!(remedied("/bin/mkdir -m 700 \"$DIR\"", "mkdir"), "/bin/mkdir -p -m 700 \"$DIR\"");
        assert_eq!(remedied("rm /data/lock", "remove"), "rm -f /data/lock");
        assert_eq!(remedied("ln -s /a /data/b", "link"), "ln -sfn /a /data/b");
        assert_eq!(remedied("ln -sf /a /data/b", "link"), "ln -sfn /a /data/b");
        assert_eq!(remedied("ln --symbolic /a /data/b", "link"), "ln -fn --symbolic /a /data/b");
        assert_eq!(remedied("ln /a /data/b", "link"), "ln -f /a /data/b");
    }

    #[test]
    fn whoever_asks_how_a_command_ended_is_left_alone() {
        let alone = |script: &str| {
            let start = script.find("mkdir").unwrap();
            let end = script[start..].find([';', '|', '&', '\n', ')']).map_or(script.len(), |end| start + end);
            let end = start + script[start..end].trim_end().len();
            stands_alone(&read(script, Dialect::Posix).body, &(start..end))
        };
        assert!(
            alone("mkdir /data/a") && alone("set -e; mkdir /data/a; true") && alone("if true; then mkdir /data/a; fi")
        );
        assert!(alone("for i in 1; do (mkdir /data/a); done"));
        assert!(!alone("mkdir /data/lock || exit 1") && !alone("mkdir /data/once && touch /data/done"));
        assert!(
            !alone("if mkdir /data/lock; then true; fi")
                && !alone("! mkdir /data/lock")
                && !alone("mkdir /data/a & wait")
        );
    }

    #[test]
    fn what_may_mean_something_else_stays() {
        let same = [
            ("git clone https://git.example/x.git /data/x", "clone"),
            ("mkdir /a && true", "mkdir"),
            ("install -d /a", "mkdir"),
        ];
        for (command, operation) in same {
            assert_eq!(remedied(command, operation), command);
        }
    }
}
