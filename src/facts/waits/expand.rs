//! Words as a shell expands them, as far as the values are known.

use crate::facts::runs::Piece;
use crate::facts::runs::Shell;
use crate::facts::runs::Symbol;
use crate::facts::runs::Value;
use crate::facts::waits::machine::Machine;
use crate::facts::waits::machine::Made;
use crate::facts::waits::machine::Status;
use crate::shell::Part;
use crate::shell::PartKind;
use crate::shell::Word;
use crate::shell::alternatives;
use crate::shell::pattern;

/// How many words `{1..N}` makes at most here.
const MAX_ITEMS: usize = 5_000;

impl Machine<'_, '_> {
    /// The fields that words become.
    pub(super) fn fields(&mut self, words: &[Word]) -> Vec<Value> {
        let mut fields = Vec::new();
        for word in words {
            self.fields_of(word, &mut fields);
        }
        fields
    }

    fn fields_of(&mut self, word: &Word, fields: &mut Vec<Value>) {
        if let [Part { kind: PartKind::Braces(within), range, .. }] = &word.parts[..] {
            fields.extend(self.braces(within, range.start));
            return;
        }
        let mut current: Option<Value> = word.parts.is_empty().then(Value::default);
        for part in &word.parts {
            let values = self.part(part);
            let splits = !part.quoted
                && matches!(part.kind, PartKind::Variable { .. } | PartKind::Substitution(_) | PartKind::Arithmetic(_));
            let count = values.len();
            for (index, value) in values.into_iter().enumerate() {
                if splits {
                    split(&value, &mut current, fields);
                } else {
                    current.get_or_insert_default().append(value);
                }
                if index + 1 < count {
                    fields.extend(current.take());
                }
            }
        }
        fields.extend(current);
    }

    /// A word as one value, as in assignments and after `case`.
    pub(super) fn value(&mut self, word: &Word) -> Value {
        let mut whole = Value::default();
        for part in &word.parts {
            let values = self.part(part);
            for (index, value) in values.into_iter().enumerate() {
                if index > 0 {
                    whole.push_text(" ", None);
                }
                whole.append(value);
            }
        }
        whole
    }

    /// What a part of a word becomes: one value, but for `"$@"` and arrays.
    fn part(&mut self, part: &Part) -> Vec<Value> {
        match &part.kind {
            PartKind::Text(text) | PartKind::Pattern(text) | PartKind::Home(text) => {
                // Where it is written matters to nobody here, and is not cheap to tell.
                let is_known = self.place.text.literal().is_some();
                vec![if is_known {
                    Value::text(text.as_str(), None)
                } else {
                    self.place.text.value_of(text, self.place.range(&part.range))
                }]
            }
            PartKind::Braces(text) => {
                // A template that was not rendered, or one of several alternatives.
                self.notes.doubtful |= text.starts_with('{');
                vec![self.made(Made::Unknown, part.range.start)]
            }
            PartKind::Variable { name, operator, operand } => self.parameter(name, operator, operand.as_deref(), part),
            PartKind::Substitution(list) => {
                if let Some(value) = self.file_read_by_bash(list) {
                    return vec![value];
                }
                vec![self.substitution(list)]
            }
            PartKind::Arithmetic(text) => match self.arithmetic(text) {
                Some(number) => vec![Value::text(number.to_string(), None)],
                None => vec![self.made(Made::Unknown, part.range.start)],
            },
            PartKind::Process(_) => vec![self.made(Made::Unknown, part.range.start)],
            PartKind::Array(words) => self.fields(words),
        }
    }

    /// `$(<file)`, which only bash knows; the others read nothing.
    pub(super) fn file_read_by_bash(&mut self, list: &crate::shell::List) -> Option<Value> {
        let [item] = &list.items[..] else { return None };
        let [command] = &item.first.commands[..] else { return None };
        let crate::shell::CommandKind::Simple { assignments, words } = &command.kind else { return None };
        let [redirect] = &command.redirects[..] else { return None };
        let is_it = words.is_empty() && assignments.is_empty() && item.rest.is_empty();
        if !is_it || redirect.direction != crate::shell::Direction::Read {
            return None;
        }
        if self.shell() != Shell::Bash {
            return Some(Value::default());
        }
        let path = self.value(&redirect.target).literal();
        let content = path.and_then(|path| self.content(&path));
        Some(content.unwrap_or_else(|| self.made(Made::Unknown, redirect.range.start)))
    }

    fn parameter(&mut self, name: &str, operator: &str, operand: Option<&Word>, part: &Part) -> Vec<Value> {
        let is_all = operator.starts_with("[@]") || operator.starts_with("[*]") || matches!(name, "@" | "*");
        let operator = operator.trim_start_matches("[@]").trim_start_matches("[*]");
        let mut values = self.plain(name, part);
        if !is_all {
            values = values.map(|values| values.into_iter().take(1).collect());
        }
        if !matches!(operator, "" | ":-" | ":=" | "-" | "=") && self.loops > 0 {
            self.pace.is_odd();
        }
        let is_empty = values.as_ref().is_none_or(|values| values.iter().all(Value::is_empty));
        let unknown = |machine: &mut Self| vec![machine.made(Made::Unknown, part.range.start)];
        match operator {
            "" => values.unwrap_or_else(|| Self::unset(name)),
            ":-" | ":=" if is_empty => self.default(name, operator, operand),
            "-" | "=" if values.is_none() => self.default(name, operator, operand),
            ":-" | ":=" | "-" | "=" | ":?" | "?" => values.unwrap_or_else(|| Self::unset(name)),
            ":+" if is_empty => vec![Value::default()],
            "+" if values.is_none() => vec![Value::default()],
            ":+" | "+" => vec![operand.map(|word| self.value(word)).unwrap_or_default()],
            "length" => match values {
                Some(values) if is_all => vec![Value::text(values.len().to_string(), None)],
                Some(values) => match values.first().and_then(Value::literal) {
                    Some(text) => vec![Value::text(text.chars().count().to_string(), None)],
                    None => unknown(self),
                },
                None => unknown(self),
            },
            "%" | "%%" | "#" | "##" | "/" | "//" => {
                let pattern = operand.map(|word| self.value(word)).unwrap_or_default();
                let pattern = pattern.literal();
                let values = values.unwrap_or_else(|| Self::unset(name));
                let values = values.iter().map(|value| {
                    let literal = value.literal()?;
                    let text = cut(&literal, operator, pattern.as_deref()?)?;
                    Some(Value::text(text, span_of(value)))
                });
                values.collect::<Option<Vec<_>>>().unwrap_or_else(|| unknown(self))
            }
            _ => unknown(self),
        }
    }

    /// The values of a variable; none if it is not set.
    fn plain(&mut self, name: &str, part: &Part) -> Option<Vec<Value>> {
        if let Ok(number) = name.parse::<usize>() {
            return match number {
                0 => Some(vec![Value::text("sh", None)]),
                number => self.state.arguments.get(number - 1).map(|value| vec![value.clone()]),
            };
        }
        match name {
            "@" | "*" => Some(self.state.arguments.clone()),
            "#" => Some(vec![Value::text(self.state.arguments.len().to_string(), None)]),
            "?" => match self.state.status {
                Status::Is(code) => Some(vec![Value::text(code.to_string(), None)]),
                Status::Unknown { .. } => Some(vec![self.made(Made::Unknown, part.range.start)]),
            },
            "$" | "!" | "-" | "RANDOM" | "PPID" => Some(vec![self.made(Made::Unknown, part.range.start)]),
            _ => self.variable(name),
        }
    }

    /// What stands for a variable that nobody is known to set. One in small letters is the script's own.
    fn unset(name: &str) -> Vec<Value> {
        if matches!(name, "@" | "*") {
            return Vec::new();
        }
        let may_be_of_image = name.bytes().any(|byte| byte.is_ascii_uppercase());
        vec![if may_be_of_image { Value::symbol(Symbol::Variable(name.into())) } else { Value::default() }]
    }

    fn default(&mut self, name: &str, operator: &str, operand: Option<&Word>) -> Vec<Value> {
        let value = operand.map(|word| self.value(word)).unwrap_or_default();
        if operator.ends_with('=') {
            self.set(name, value.clone());
        }
        vec![value]
    }

    fn braces(&mut self, within: &str, at: usize) -> Vec<Value> {
        if let Some(words) = alternatives(within, MAX_ITEMS) {
            return words.into_iter().map(|word| Value::text(word, None)).collect();
        }
        // Variables are expanded too late for a range.
        if within.contains("..") && !within.contains(',') && !within.starts_with('{') {
            return vec![Value::text(format!("{{{within}}}"), None)];
        }
        self.notes.doubtful = true;
        vec![self.made(Made::Unknown, at)]
    }
}

/// What an operator such as `%` with its pattern leaves of a text; none if that is not known.
fn cut(text: &str, operator: &str, pattern: &str) -> Option<String> {
    if !operator.starts_with('/') {
        let at = pattern::cut(text, operator, pattern)?;
        return Some(if operator.starts_with('#') { text[at..].to_owned() } else { text[..at].to_owned() });
    }
    let (from, to) = pattern.split_once('/').unwrap_or((pattern, ""));
    if from.is_empty() || from.contains(['*', '?', '[', '#', '%']) {
        return None;
    }
    Some(if operator == "//" { text.replace(from, to) } else { text.replacen(from, to, 1) })
}

/// Where the first known piece of a value is written.
fn span_of(value: &Value) -> Option<crate::source::Span> {
    value.pieces().iter().find_map(|piece| match piece {
        Piece::Text(_, span) => *span,
        Piece::Symbol(_) => None,
    })
}

/// Splits what was expanded at its blanks.
pub(super) fn split(value: &Value, current: &mut Option<Value>, fields: &mut Vec<Value>) {
    for piece in value.pieces() {
        match piece {
            Piece::Symbol(symbol) => current.get_or_insert_default().push_symbol(symbol.clone()),
            Piece::Text(text, span) => {
                let mut words = text.split([' ', '\t', '\n']).peekable();
                while let Some(word) = words.next() {
                    if !word.is_empty() {
                        current.get_or_insert_default().push_text(word, *span);
                    }
                    if words.peek().is_some() {
                        fields.extend(current.take());
                    }
                }
            }
        }
    }
}
