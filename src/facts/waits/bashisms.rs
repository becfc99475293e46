//! What a script takes from bash that its own shell does not know.
//!
//! Only shells that are known are judged. Each construct was run with dash 0.5.12 and BusyBox 1.24 to 1.38.

use std::ops::Range;

use crate::facts::runs::Shell;
use crate::shell::Command;
use crate::shell::CommandKind;
use crate::shell::Direction;
use crate::shell::Item;
use crate::shell::List;
use crate::shell::PartKind;
use crate::shell::Word;

/// Something that only bash knows.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Bashism {
    pub(super) construct: &'static str,
    /// What the shell makes of it.
    pub(super) effect: &'static str,
    /// Whether a loop depends on it.
    pub(super) in_loop: bool,
    /// Its bytes of the script.
    pub(super) range: Range<usize>,
    /// What every shell knows, for some of them.
    pub(super) remedies: Vec<(Range<usize>, String)>,
}

/// Goes through a script.
struct Search<'s> {
    text: &'s str,
    shell: Shell,
    found: Vec<Bashism>,
}

/// What a script has that its shell does not know; nothing where that is not known.
pub(super) fn of(text: &str, body: &List, shell: Shell) -> Vec<Bashism> {
    let mut search = Search { text, shell, found: Vec::new() };
    if matches!(shell, Shell::Dash | Shell::Ash) {
        search.list(body, false);
    }
    search.found
}

impl Search<'_> {
    fn add(&mut self, construct: &'static str, effect: &'static str, in_loop: bool, range: &Range<usize>) {
        self.found.push(Bashism { construct, effect, in_loop, range: range.clone(), remedies: Vec::new() });
    }

    /// Says what every shell knows in the place of what was found last.
    fn remedy(&mut self, range: &Range<usize>, text: String) {
        if let Some(found) = self.found.last_mut() {
            found.remedies.push((range.clone(), text));
        }
    }

    fn list(&mut self, list: &List, in_loop: bool) {
        for (index, item) in list.items.iter().enumerate() {
            if item.background && self.shell == Shell::Dash {
                self.both(item, list.items.get(index + 1), in_loop);
            }
            let pipelines = [&item.first].into_iter().chain(item.rest.iter().map(|(_, pipeline)| pipeline));
            for command in pipelines.flat_map(|pipeline| &pipeline.commands) {
                self.command(command, in_loop);
            }
        }
    }

    /// `command &>file`, which dash takes for two commands that touch each other.
    fn both(&mut self, item: &Item, next: Option<&Item>, in_loop: bool) {
        let last = item.rest.last().map_or(&item.first, |(_, pipeline)| pipeline).commands.last();
        let redirects = next.and_then(|next| next.first.commands.first());
        let (Some(last), Some(next)) = (last, redirects) else { return };
        let is_bare = matches!(&next.kind, CommandKind::Simple { words, assignments } if words.is_empty() && assignments.is_empty());
        let Some(redirect) = next.redirects.first().filter(|redirect| redirect.direction == Direction::Write) else {
            return;
        };
        // Nothing but `&`, and blanks before it, stands between them.
        if is_bare && redirect.range.start.saturating_sub(last.range.end) <= 2 {
            let range = redirect.range.start.saturating_sub(1)..redirect.range.end;
            self.add("&>", "sends the command to the background and empties the file", in_loop, &range);
            let written = &self.text[range.clone()];
            let file = written.trim_start_matches('&');
            if file.starts_with('>') {
                self.remedy(&range, format!("{file} 2>&1"));
            }
        }
    }

    fn command(&mut self, command: &Command, in_loop: bool) {
        for redirect in &command.redirects {
            let starts = |word: &Word| match word.parts.first().map(|part| &part.kind) {
                Some(PartKind::Text(text)) => text.starts_with("/dev/tcp/") || text.starts_with("/dev/udp/"),
                _ => false,
            };
            if starts(&redirect.target) {
                self.add("/dev/tcp", "is a file that does not exist", in_loop, &redirect.range);
            }
            self.word(&redirect.target);
        }
        match &command.kind {
            CommandKind::Simple { assignments, words } => {
                for word in assignments.iter().map(|assignment| &assignment.value).chain(words) {
                    self.word(word);
                }
                self.simple(words, in_loop);
            }
            CommandKind::Group(list) | CommandKind::Subshell(list) => self.list(list, in_loop),
            CommandKind::If { branches, otherwise } => {
                for (condition, body) in branches {
                    self.list(condition, false);
                    self.list(body, false);
                }
                if let Some(otherwise) = otherwise {
                    self.list(otherwise, false);
                }
            }
            CommandKind::Loop { condition, body, .. } => {
                self.list(condition, true);
                self.list(body, false);
            }
            CommandKind::For { items, body, .. } => {
                for word in items.iter().flatten() {
                    if word.literal().is_some_and(|text| is_range(&text)) {
                        self.add("{1..N}", "is one word, so the loop goes round once", true, &word.range);
                        if let Some(counted) = counted(&self.text[word.range.clone()]) {
                            self.remedy(&word.range, counted);
                        }
                    }
                    self.word(word);
                }
                self.list(body, false);
            }
            CommandKind::Count { body, .. } => self.list(body, false),
            CommandKind::Case { arms, .. } => {
                for arm in arms {
                    self.list(&arm.body, false);
                }
            }
            CommandKind::Function { body, .. } => self.command(body, false),
            CommandKind::Test(_) | CommandKind::Arithmetic(_) | CommandKind::Unread => {}
        }
    }

    fn simple(&mut self, words: &[Word], in_loop: bool) {
        let Some(first) = words.first() else { return };
        if self.shell != Shell::Dash {
            return;
        }
        let has = |text: &str| words.iter().find(|word| word.is(text));
        if first.is("[[") {
            self.add("[[", "is a command that does not exist, so the test fails", in_loop, &first.range);
        } else if first.is("source") {
            self.add("source", "is a command that does not exist; `.` is what it means", in_loop, &first.range);
            // Without a slash bash looks beside the script, and others where programs are.
            if words.get(1).and_then(Word::literal).is_some_and(|path| path.contains('/')) {
                self.remedy(&first.range, ".".to_owned());
            }
        } else if first.is("set") && has("pipefail").is_some() {
            self.add("pipefail", "is no option, so the script ends here", in_loop, &first.range);
        } else if let Some(word) = has("==").filter(|_| first.is("[") || first.is("test")) {
            self.add("==", "is no operator of `[`, so the test fails", in_loop, &word.range);
            self.remedy(&word.range, "=".to_owned());
        }
    }

    fn word(&mut self, word: &Word) {
        for part in &word.parts {
            match &part.kind {
                PartKind::Substitution(list) => {
                    if reads_file(list) {
                        self.add("$(<file)", "is empty", false, &part.range);
                        let written = &self.text[part.range.clone()];
                        if let Some(file) = written.strip_prefix("$(<") {
                            self.remedy(&part.range, format!("$(cat {}", file.trim_start()));
                        }
                    }
                    self.list(list, false);
                }
                PartKind::Variable { operand: Some(operand), .. } => self.word(operand),
                _ => {}
            }
        }
    }
}

/// Whether it is the `<file` of `$(<file)`.
fn reads_file(list: &List) -> bool {
    let [item] = &list.items[..] else { return false };
    let [command] = &item.first.commands[..] else { return false };
    let CommandKind::Simple { words, assignments } = &command.kind else { return false };
    let is_bare = words.is_empty() && assignments.is_empty() && item.rest.is_empty();
    is_bare && matches!(&command.redirects[..], [redirect] if redirect.direction == Direction::Read)
}

/// Whether a word is `{1..30}` or `{a..z}`.
pub(super) fn is_range(text: &str) -> bool {
    let within = text.strip_prefix('{').and_then(|text| text.strip_suffix('}'));
    within.and_then(|within| within.split_once("..")).is_some_and(|(from, to)| {
        let is_end =
            |end: &str| !end.is_empty() && end.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
        is_end(from) && to.split("..").all(is_end)
    })
}

/// A range of numbers as `seq` counts it.
fn counted(text: &str) -> Option<String> {
    let within = text.strip_prefix('{')?.strip_suffix('}')?;
    let number = |end: &str| end.parse::<i64>().ok().filter(|number| number.to_string() == end);
    let ends: Vec<i64> = within.split("..").map(number).collect::<Option<_>>()?;
    match ends[..] {
        [from, to] if from <= to => Some(format!("$(seq {from} {to})")),
        [from, to] => Some(format!("$(seq {from} -1 {to})")),
        [from, to, step] if from <= to && step > 0 => Some(format!("$(seq {from} {step} {to})")),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::of;
    use crate::facts::runs::Shell;
    use crate::shell::read;

    fn told(script: &str, shell: Shell) -> Vec<String> {
        let found = of(script, &read(script, shell.dialect()).body, shell);
        found
            .into_iter()
            .map(|one| format!("{}{} {}", if one.in_loop { "loop " } else { "" }, one.construct, &script[one.range]))
            .collect()
    }

    #[test]
    fn what_dash_does_not_know_is_found_where_it_is_written() {
        let script = "set -o pipefail\nsource /x\nuntil [[ $a == b ]]; do nc a 1 &>/dev/null; done\nx=$(<f)";
        let found = told(script, Shell::Dash);
        assert_eq!(found, ["pipefail set", "source source", "loop [[ [[", "&> &>/dev/null", "$(<file) $(<f)"]);
        assert_eq!(told(script, Shell::Ash), ["$(<file) $(<f)"]);
        assert!(told(script, Shell::Bash).is_empty());
    }

    #[test]
    fn what_every_shell_knows_takes_its_place() {
        let remedied = |script: &str| {
            let mut text = script.to_owned();
            let found = of(script, &read(script, Shell::Dash.dialect()).body, Shell::Dash);
            for (range, new) in found.into_iter().flat_map(|one| one.remedies).rev() {
                text.replace_range(range, &new);
            }
            text
        };
        assert_eq!(
            remedied("for i in {1..30}; do nc -z a 1 &>/dev/null; done"),
            "for i in $(seq 1 30); do nc -z a 1 >/dev/null 2>&1; done"
        );
        assert_eq!(remedied("[ $a == b ] && source /x/y"), "[ $a = b ] && . /x/y");
        assert_eq!(
            remedied("for i in {09..1} {5..1} {a..c}; do x=$(< f); done"),
            "for i in {09..1} $(seq 5 -1 1) {a..c}; do x=$(cat f); done"
        );
    }

    #[test]
    fn a_range_is_one_word_to_all_but_bash() {
        let script = "for i in {1..30}; do sleep 1; done; echo {a,b} {1..3}; cmd & >log";
        assert_eq!(told(script, Shell::Dash), ["loop {1..N} {1..30}"]);
        assert_eq!(told(script, Shell::Ash), ["loop {1..N} {1..30}"]);
    }
}
