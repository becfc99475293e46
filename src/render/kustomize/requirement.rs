//! Selectors of labels as one text: `app=web,tier in (a,b),!legacy` (apimachinery `labels.Parse`).

use crate::diagnostic::Diagnostic;
use crate::render::kustomize::Result;
use crate::yaml::Node;

/// One part of a selector.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Requirement {
    key: String,
    operator: Operator,
    values: Vec<String>,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Operator {
    Exists,
    DoesNotExist,
    In,
    NotIn,
    Greater,
    Less,
}

impl Requirement {
    /// The label that it is about.
    pub(super) fn key(&self) -> &str {
        &self.key
    }

    /// Whether a label with this value satisfies it; none for a label that is not there.
    pub(super) fn holds(&self, value: Option<&str>) -> bool {
        let is_listed = |value: &str| self.values.iter().any(|listed| listed == value);
        let compares = |holds: fn(&i64, &i64) -> bool| {
            let number = |text: &str| text.parse::<i64>().ok();
            let (Some(given), Some(bound)) =
                (value.and_then(number), self.values.first().and_then(|text| number(text)))
            else {
                return false;
            };
            holds(&given, &bound)
        };
        match self.operator {
            Operator::Exists => value.is_some(),
            Operator::DoesNotExist => value.is_none(),
            Operator::In => value.is_some_and(is_listed),
            Operator::NotIn => !value.is_some_and(is_listed),
            Operator::Greater => compares(i64::gt),
            Operator::Less => compares(i64::lt),
        }
    }
}

/// The parts of a selector, all of which must hold.
///
/// # Errors
/// When the text is no selector.
pub(super) fn requirements(node: Node<'_>) -> Result<Vec<Requirement>> {
    let mut parser = Parser { rest: node.text() };
    parser.selector().map_err(|what| {
        let problem = Diagnostic::error("bad-selector", node.span(), format!("this selector cannot be read: {what}"));
        problem.help("write it like `app=web,tier in (front,back),!legacy`").into()
    })
}

struct Parser<'a> {
    rest: &'a str,
}

type Parsed<T> = std::result::Result<T, String>;

impl<'a> Parser<'a> {
    fn selector(&mut self) -> Parsed<Vec<Requirement>> {
        let mut found = Vec::new();
        self.skip_space();
        while !self.rest.is_empty() {
            found.push(self.requirement()?);
            match self.sign() {
                Some(',') => {
                    self.take(1);
                    self.skip_space();
                    if self.rest.is_empty() {
                        return Err("it ends with a comma".to_owned());
                    }
                }
                Some(other) => return Err(format!("there is `{other}` where a comma should be")),
                None => {}
            }
        }
        Ok(found)
    }

    fn requirement(&mut self) -> Parsed<Requirement> {
        if self.sign() == Some('!') {
            self.take(1);
            let key = self.key()?;
            return Ok(Requirement { key, operator: Operator::DoesNotExist, values: Vec::new() });
        }
        let key = self.key()?;
        let operators = [
            ("==", Operator::In),
            ("!=", Operator::NotIn),
            ("=", Operator::In),
            (">", Operator::Greater),
            ("<", Operator::Less),
        ];
        for (sign, operator) in operators {
            if self.rest.starts_with(sign) {
                self.take(sign.len());
                let value = self.word().to_owned();
                let is_order = matches!(operator, Operator::Greater | Operator::Less);
                if is_order && value.parse::<i64>().is_err() {
                    return Err(format!("`{value}` is no whole number"));
                }
                check_value(&value)?;
                return Ok(Requirement { key, operator, values: vec![value] });
            }
        }
        match self.rest.chars().next() {
            None | Some(',') => Ok(Requirement { key, operator: Operator::Exists, values: Vec::new() }),
            _ => {
                let operator = match self.word() {
                    "in" => Operator::In,
                    "notin" => Operator::NotIn,
                    other => return Err(format!("`{other}` is no operator")),
                };
                Ok(Requirement { key, operator, values: self.list()? })
            }
        }
    }

    fn list(&mut self) -> Parsed<Vec<String>> {
        if self.sign() != Some('(') {
            return Err("a list in parentheses should follow".to_owned());
        }
        self.take(1);
        let mut values = Vec::new();
        loop {
            let value = self.word().to_owned();
            check_value(&value)?;
            values.push(value);
            match self.sign() {
                Some(',') => self.take(1),
                Some(')') => {
                    self.take(1);
                    self.skip_space();
                    return Ok(values);
                }
                _ => return Err("a list in parentheses is not closed".to_owned()),
            }
        }
    }

    fn key(&mut self) -> Parsed<String> {
        let key = self.word().to_owned();
        let name = key.rsplit_once('/').map_or(key.as_str(), |(_, name)| name);
        let is_word = !name.is_empty() && name.len() <= 63 && is_qualified(name);
        if is_word { Ok(key) } else { Err(format!("`{key}` is no name of a label")) }
    }

    fn word(&mut self) -> &'a str {
        self.skip_space();
        let is_end = |char: char| char.is_whitespace() || matches!(char, ',' | '(' | ')' | '=' | '!' | '<' | '>');
        let end = self.rest.find(is_end).unwrap_or(self.rest.len());
        let word = &self.rest[..end];
        self.take(end);
        self.skip_space();
        word
    }

    fn sign(&mut self) -> Option<char> {
        self.skip_space();
        self.rest.chars().next()
    }

    fn take(&mut self, length: usize) {
        self.rest = &self.rest[length..];
    }

    fn skip_space(&mut self) {
        self.rest = self.rest.trim_start();
    }
}

fn check_value(value: &str) -> Parsed<()> {
    let is_value = value.is_empty() || value.len() <= 63 && is_qualified(value);
    if is_value { Ok(()) } else { Err(format!("`{value}` is no value of a label")) }
}

/// Whether a text begins and ends with a letter or digit, and holds but these and `-`, `_` and `.`.
fn is_qualified(text: &str) -> bool {
    let is_inner = |char: char| char.is_ascii_alphanumeric() || matches!(char, '-' | '_' | '.');
    let ends = text.starts_with(|char: char| char.is_ascii_alphanumeric())
        && text.ends_with(|char: char| char.is_ascii_alphanumeric());
    ends && text.chars().all(is_inner)
}
