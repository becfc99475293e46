//! Whole numbers of a script that is followed: `$((…))`, `((…))`, `let` and `expr`.

use crate::facts::runs::Value;
use crate::facts::waits::machine::Machine;
use crate::facts::waits::machine::Made;
use crate::shell::CommandKind;
use crate::shell::Dialect;
use crate::shell::arithmetic::Variables;
use crate::shell::arithmetic::evaluate;
use crate::shell::arithmetic::value_of;

impl Variables for Machine<'_, '_> {
    fn get(&mut self, name: &str) -> Option<i64> {
        let Some(values) = self.variable(name) else { return Some(0) };
        value_of(&values.first()?.literal()?)
    }

    fn set(&mut self, name: &str, value: Option<i64>) {
        let value = match value {
            Some(number) => Value::text(number.to_string(), None),
            None => self.made(Made::Unknown, 0),
        };
        Machine::set(self, name, value);
    }

    fn applied(&mut self, operator: &str, left: i64, right: i64) {
        match operator {
            "+" | "-" => {}
            "==" | "!=" | "<" | "<=" | ">" | ">=" => self.pace.compare(left, right),
            _ => self.pace.is_odd(),
        }
    }
}

impl Machine<'_, '_> {
    /// The value of an expression; none if it is not known.
    pub(super) fn arithmetic(&mut self, text: &str) -> Option<i64> {
        // Names may have a `$` before them; what else is expanded is expanded first.
        let is_plain = !text.contains('`') && !text.match_indices('$').any(|(at, _)| !is_name(&text[at + 1..]));
        let outer = std::mem::replace(&mut self.pace.is_plain, true);
        let expanded = if is_plain { None } else { self.expanded(text) };
        let value = match &expanded {
            None if !is_plain => None,
            expanded => evaluate(expanded.as_deref().unwrap_or(text), self),
        };
        self.pace.is_plain = outer;
        value
    }

    /// The text with what `$` begins filled in.
    fn expanded(&mut self, text: &str) -> Option<String> {
        let dialect = self.shell().dialect();
        let dialect = if dialect == Dialect::Bash { dialect } else { Dialect::Ash };
        let script = self.scripts.read(&format!("\"{text}\""), dialect);
        let [item] = &script.body.items[..] else { return None };
        let CommandKind::Simple { words, .. } = &item.first.commands.first()?.kind else { return None };
        let [word] = &words[..] else { return None };
        let place = self.place.clone();
        self.place.offset = None;
        let value = self.value(word);
        self.place = place;
        value.literal()
    }
}

/// Whether a name begins here, in braces perhaps and with nothing else in them.
fn is_name(text: &str) -> bool {
    let (within, is_braced) = text.strip_prefix('{').map_or((text, false), |within| (within, true));
    let end = within.find(|letter: char| !letter.is_ascii_alphanumeric() && letter != '_').unwrap_or(within.len());
    let is_name = within.starts_with(|letter: char| letter.is_ascii_alphabetic() || letter == '_');
    is_name && (!is_braced || within[end..].starts_with('}'))
}
