//! The table of programs that ask, and how their words are read.
//!
//! Data, not code: `probes.yaml` beside this file says what each program takes, and what its answer proves.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::LazyLock;

use crate::facts::runs::Piece;
use crate::facts::runs::Value;
use crate::facts::runs::base_name;
use crate::facts::waits::probe::Proof;
use crate::source::Sources;
use crate::yaml::Node;
use crate::yaml::Reader;
use crate::yaml::parse;

const TABLE: &str = include_str!("probes.yaml");

/// The table, read once. It never changes.
static ROWS: LazyLock<Vec<Row>> = LazyLock::new(read);

/// The places of rows in the table by the names of their programs.
static BY_NAME: LazyLock<HashMap<&str, Vec<usize>>> = LazyLock::new(|| {
    let mut places: HashMap<&str, Vec<usize>> = HashMap::new();
    for (place, row) in ROWS.iter().enumerate() {
        row.programs.iter().for_each(|name| places.entry(name).or_default().push(place));
    }
    places
});

/// A program that asks.
#[derive(Debug)]
pub(super) struct Row {
    programs: Vec<String>,
    verb: Vec<String>,
    pub(super) operands: Vec<String>,
    pub(super) host: Vec<String>,
    pub(super) port: Vec<String>,
    pub(super) address: Vec<String>,
    pub(super) dsn: Vec<String>,
    valued: Vec<String>,
    pub(super) timeout: Vec<String>,
    pub(super) limit: Vec<String>,
    pub(super) unit: String,
    pub(super) proves: Proof,
    pub(super) quirk: String,
}

/// The words of a program, taken apart.
#[derive(Clone, Default, Debug)]
pub(super) struct Words {
    /// Options by name with their values; letters that stand together are options of their own.
    options: Vec<(String, Option<Value>)>,
    pub(super) operands: Vec<Value>,
}

impl Words {
    /// Whether one of these options is given.
    pub(super) fn has(&self, names: &[&str]) -> bool {
        self.options.iter().any(|(name, _)| names.contains(&name.as_str()))
    }

    /// The last value of one of these options.
    pub(super) fn value(&self, names: &[String]) -> Option<&Value> {
        self.values(names).last()
    }

    /// All values of these options.
    pub(super) fn values(&self, names: &[String]) -> impl Iterator<Item = &Value> {
        let is_it = |name: &String| names.contains(name);
        self.options.iter().filter(move |(name, _)| is_it(name)).filter_map(|(_, value)| value.as_ref())
    }
}

fn read() -> Vec<Row> {
    let sources = Arc::new(Sources::in_memory());
    let parsed = parse(&sources, sources.add("probes.yaml", TABLE), Reader::Kubectl);
    let root = parsed.tree.node(parsed.documents.first().expect("the table has a document").root);
    root.items().map(row).collect()
}

fn row(node: Node<'_>) -> Row {
    let words = |field: &str| {
        let text = node.get(field).map_or("", Node::text);
        text.split_whitespace().map(str::to_owned).collect::<Vec<_>>()
    };
    Row {
        programs: node.get("programs").into_iter().flat_map(Node::items).map(|item| item.text().to_owned()).collect(),
        verb: words("verb"),
        operands: words("operands"),
        host: words("host"),
        port: words("port"),
        address: words("address"),
        dsn: words("dsn"),
        valued: words("valued"),
        timeout: words("timeout"),
        limit: words("limit"),
        unit: node.get("unit").map_or("", Node::text).to_owned(),
        proves: Proof::named(node.get("proves").map_or("nothing", Node::text)).unwrap_or(Proof::Nothing),
        quirk: node.get("quirk").map_or("", Node::text).to_owned(),
    }
}

/// The row of a command, and its words behind the program.
pub(super) fn find(program: &str, arguments: &[Value]) -> Option<(&'static Row, Words)> {
    let places = BY_NAME.get(base_name(program)).map_or(&[][..], Vec::as_slice);
    places.iter().map(|place| &ROWS[*place]).find_map(|row| {
        let words = row.words(arguments);
        let mut verb = row.verb.iter().zip(&words.operands);
        let fits =
            words.operands.len() >= row.verb.len() && verb.all(|(verb, word)| word.literal().as_deref() == Some(verb));
        fits.then_some((row, words))
    })
}

impl Row {
    /// How it is called in facts.
    pub(super) fn method(&self, program: &str) -> String {
        let name = base_name(program);
        if self.verb.is_empty() { name.to_owned() } else { format!("{name} {}", self.verb.join(" ")) }
    }

    fn takes_value(&self, option: &str) -> bool {
        [&self.valued, &self.host, &self.port, &self.address, &self.dsn, &self.timeout, &self.limit]
            .into_iter()
            .any(|options| options.iter().any(|own| own == option))
    }

    /// Takes words apart.
    pub(super) fn words(&self, arguments: &[Value]) -> Words {
        let mut words = Words::default();
        let mut at = 0;
        while let Some(argument) = arguments.get(at) {
            at += 1;
            let Some(Piece::Text(start, _)) = argument.pieces().first() else {
                words.operands.push(argument.clone());
                continue;
            };
            if !start.starts_with('-') || start == "-" {
                words.operands.push(argument.clone());
                continue;
            }
            // What follows it is another program's.
            if argument.literal().as_deref() == Some("--") {
                break;
            }
            let mut next = || {
                at += 1;
                arguments.get(at - 1).cloned()
            };
            if let Some(option) = argument.literal().filter(|option| self.takes_value(option)) {
                let value = next();
                words.options.push((option, value));
            } else if let Some((name, _)) = start
                .split_once('=')
                .filter(|_| start.starts_with("--") || self.takes_value(start.split('=').next().unwrap_or("")))
            {
                let value = without(argument, name.len() + 1);
                words.options.push((name.to_owned(), Some(value)));
            } else if start.starts_with("--") {
                words.options.push((start.clone(), None));
            } else {
                self.letters(argument, start, next, &mut words);
            }
        }
        words
    }

    /// `-zvw3`, or a long option with one dash.
    fn letters(&self, argument: &Value, text: &str, mut next: impl FnMut() -> Option<Value>, words: &mut Words) {
        words.options.push((text.to_owned(), None));
        for (index, letter) in text.char_indices().skip(1) {
            let option = format!("-{letter}");
            if self.takes_value(&option) {
                let rest = without(argument, index + letter.len_utf8());
                let value = if rest.is_empty() { next() } else { Some(rest) };
                words.options.push((option, value));
                return;
            }
            words.options.push((option, None));
        }
    }
}

/// A value without the first bytes of its first piece.
pub(super) fn without(value: &Value, bytes: usize) -> Value {
    let mut rest = Value::default();
    let mut is_first = true;
    for piece in value.pieces() {
        match piece {
            Piece::Text(text, span) if is_first => rest.push_text(text.get(bytes..).unwrap_or(""), *span),
            Piece::Text(text, span) => rest.push_text(text.clone(), *span),
            Piece::Symbol(symbol) => rest.push_symbol(symbol.clone()),
        }
        is_first = false;
    }
    rest
}

#[cfg(test)]
mod tests {
    use super::ROWS;
    use super::find;
    use crate::facts::runs::Value;

    fn told(line: &str) -> (Vec<String>, Vec<String>) {
        let words: Vec<_> = line.split(' ').map(|word| Value::text(word, None)).collect();
        let (row, words) = find(line.split(' ').next().unwrap(), &words[1..]).unwrap();
        let text = |value: &Value| value.literal().unwrap();
        (words.operands.iter().map(text).collect(), words.values(&row.timeout).map(text).collect())
    }

    #[test]
    fn options_are_read_as_programs_take_them() {
        assert_eq!(told("nc -zvw3 db 5432"), (vec!["db".into(), "5432".into()], vec!["3".into()]));
        assert_eq!(told("nc -z -w 3 db 5432"), (vec!["db".into(), "5432".into()], vec!["3".into()]));
        assert_eq!(told("curl -sf --max-time=5 http://a"), (vec!["http://a".into()], vec!["5".into()]));
    }

    #[test]
    fn every_row_has_a_program_and_proves_something() {
        for row in ROWS.iter() {
            assert!(!row.programs.is_empty() && row.proves != super::Proof::Nothing, "{row:?}");
        }
    }
}
