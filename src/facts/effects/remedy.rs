//! Commands written so that they can be done again: which words change, and into what.
//!
//! Only for a command that stands in a script with nothing around it. Whether that helps is for others to see: they
//! judge the script again as it would be.

use std::ops::Range;

use crate::facts::runs::base_name;
use crate::shell::Command;
use crate::shell::CommandKind;
use crate::shell::Dialect;
use crate::shell::PartKind;
use crate::shell::Word;
use crate::shell::read;

/// Some bytes of a command, and what takes their place.
pub(super) type Remedy = (Range<usize>, String);

/// What becomes of the words of a command that did this and can't do it again; nothing if nobody knows better.
pub(super) fn of(command: &str, operation: &str) -> Vec<Remedy> {
    let script = read(command, Dialect::Posix);
    let Some((whole, words)) = simple(&script.body.items).filter(|_| script.problems.is_empty()) else {
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
        ("git", "clone") => cloned(command, whole, words).unwrap_or_default(),
        _ => Vec::new(),
    }
}

/// The words of a script that is one command, and that.
fn simple(items: &[crate::shell::Item]) -> Option<(&Command, &[Word])> {
    let [item] = items else { return None };
    let [command] = &item.first.commands[..] else { return None };
    let is_alone = item.rest.is_empty() && !item.background && !item.first.negated;
    match &command.kind {
        CommandKind::Simple { words, .. } if is_alone && !words.is_empty() => Some((command, words)),
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

/// A clone that is not done if the directory is there, which gets its name only when all of it is.
fn cloned(command: &str, whole: &Command, words: &[Word]) -> Option<Vec<Remedy>> {
    let [program, verb, .., from, folder] = words else { return None };
    let written = |word: &Word| &command[word.range.clone()];
    let is_named = verb.is("clone") && !written(from).starts_with('-');
    let is_url = |text: &str| text.contains("://") || text.contains('@') || text.contains(".git");
    let is_plain = folder.parts.iter().all(|part| {
        matches!(&part.kind, PartKind::Text(_) | PartKind::Variable { .. } if part.quoted)
            || matches!(&part.kind, PartKind::Text(_))
    });
    let name = written(folder);
    let is_folder =
        !name.ends_with(['/', '.']) && !is_url(name) && (is_url(written(from)) || written(from).contains('$'));
    if !(is_named && is_plain && is_folder) {
        return None;
    }
    let before = format!("if [ ! -d {name} ]; then rm -rf {name}.part && {}", written(program));
    let behind = format!(" && mv {name}.part {name}; fi");
    let mut remedies = vec![(program.range.clone(), before)];
    // Where the output goes stands behind the directory, if anything does.
    if whole.range.end > folder.range.end {
        let last = whole.redirects.iter().map(|redirect| redirect.range.clone()).max_by_key(|range| range.end)?;
        if last.start < folder.range.end || last.end != whole.range.end {
            return None;
        }
        remedies.push((folder.range.clone(), format!("{name}.part")));
        remedies.push((last.clone(), format!("{}{behind}", &command[last])));
    } else {
        remedies.push((folder.range.clone(), format!("{name}.part{behind}")));
    }
    Some(remedies)
}

#[cfg(test)]
mod tests {
    use super::of;

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
    fn a_clone_gets_its_name_when_it_is_whole() {
        assert_eq!(
            remedied("git clone --depth 1 https://git.example/x.git /data/x >/dev/null 2>&1", "clone"),
            "if [ ! -d /data/x ]; then rm -rf /data/x.part && git clone --depth 1 https://git.example/x.git \
             /data/x.part >/dev/null 2>&1 && mv /data/x.part /data/x; fi"
        );
        assert_eq!(
            remedied("git clone \"$URL\" \"$DIR\"", "clone"),
            "if [ ! -d \"$DIR\" ]; then rm -rf \"$DIR\".part && git clone \"$URL\" \"$DIR\".part && \
             mv \"$DIR\".part \"$DIR\"; fi"
        );
    }

    #[test]
    fn what_may_mean_something_else_stays() {
        let same = [
            ("git clone -b main https://git.example/x.git", "clone"),
            ("git clone https://git.example/x.git .", "clone"),
            ("git clone https://git.example/x.git $DIR", "clone"),
            ("mkdir /a && true", "mkdir"),
            ("install -d /a", "mkdir"),
        ];
        for (command, operation) in same {
            assert_eq!(remedied(command, operation), command);
        }
    }
}
