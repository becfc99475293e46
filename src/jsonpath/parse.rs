//! From text to a query, by the grammar of RFC 9535 with named roots added.
//!
//! One method per rule of the grammar. The rules of well-typedness (§2.4.3) are held here, so
//! that the evaluator needs no errors of its own.

use std::ops::Range;

use crate::diagnostic::did_you_mean;
use crate::jsonpath::ast::Comparable;
use crate::jsonpath::ast::Literal;
use crate::jsonpath::ast::Logical;
use crate::jsonpath::ast::Operator;
use crate::jsonpath::ast::Path;
use crate::jsonpath::ast::Pattern;
use crate::jsonpath::ast::Segment;
use crate::jsonpath::ast::Selector;
use crate::jsonpath::ast::Start;
use crate::jsonpath::cursor::Cursor;
use crate::jsonpath::error::QueryError;
use crate::jsonpath::pattern;

/// How deep a query may be nested: the segments, filters, parentheses and function calls that any
/// part of it stands in or behind. Parser and evaluator recurse no deeper.
pub const MAX_NESTING: usize = 128;

const FUNCTIONS: [&str; 5] = ["count", "length", "match", "search", "value"];

/// The root and the segments of a whole text.
pub(super) fn parse(text: &str, roots: &[&str]) -> Result<(String, Vec<Segment>), QueryError> {
    let mut parser = Parser { cursor: Cursor::new(text), roots, nesting: 0 };
    let Path { start: Start::Root(root), segments } = parser.path()? else {
        return Err(QueryError::new(0..1, "`@` is known inside of a filter only").help("start at a root, such as `$`"));
    };
    match parser.cursor.peek() {
        None => Ok((root, segments)),
        Some(_) => Err(parser.cursor.expected("`.`, `[` or the end of the query")),
    }
}

struct Parser<'t> {
    cursor: Cursor<'t>,
    roots: &'t [&'t str],
    nesting: usize,
}

/// What stands in a filter on either side of a comparison, or alone.
enum Operand {
    Comparable(Comparable),
    /// A path that may select several nodes.
    Path(Path),
    /// A function that is a condition by itself.
    Condition(Logical),
}

impl Parser<'_> {
    /// Says that what is read next stands one level deeper.
    fn deeper(&mut self) -> Result<(), QueryError> {
        self.nesting += 1;
        if self.nesting > MAX_NESTING {
            let at = self.cursor.at;
            return Err(QueryError::new(at..at, format!("the query is nested more than {MAX_NESTING} levels deep")));
        }
        Ok(())
    }

    fn path(&mut self) -> Result<Path, QueryError> {
        let start = self.start()?;
        let nesting = self.nesting;
        let mut segments = Vec::new();
        loop {
            let before = self.cursor.at;
            self.cursor.skip_blank();
            if !matches!(self.cursor.peek(), Some('.' | '[')) {
                // Blanks belong to what comes next, and at the end of the query they are an error.
                self.cursor.at = before;
                self.nesting = nesting;
                return Ok(Path { start, segments });
            }
            self.deeper()?;
            segments.push(self.segment()?);
        }
    }

    fn start(&mut self) -> Result<Start, QueryError> {
        let from = self.cursor.at;
        if self.cursor.eat("@") {
            return Ok(Start::Current);
        }
        if !self.cursor.eat("$") {
            return Err(self.cursor.expected("`$`").help("a query starts at a root, such as `$.spec`"));
        }
        let name = self.cursor.name();
        if self.roots.contains(&name) {
            return Ok(Start::Root(name.to_owned()));
        }
        let error = QueryError::new(self.cursor.since(from), format!("there is no root `${name}` here"));
        Err(error.help(match did_you_mean(name, self.roots.iter().copied().filter(|root| !root.is_empty())) {
            Some(root) => format!("did you mean `${root}`?"),
            None if self.roots.contains(&"") => format!("a field of `$` is written `$.{name}`"),
            None => {
                let roots: Vec<String> = self.roots.iter().map(|root| format!("`${root}`")).collect();
                format!("the roots are {}", roots.join(", "))
            }
        }))
    }

    fn segment(&mut self) -> Result<Segment, QueryError> {
        let at = self.cursor.at;
        let descendant = self.cursor.eat("..");
        let is_bracketed = self.cursor.peek() == Some('[');
        let selectors = if is_bracketed {
            self.bracketed()?
        } else {
            if !descendant {
                self.cursor.expect(".")?;
            }
            vec![self.shorthand()?]
        };
        Ok(Segment { descendant, selectors, at })
    }

    /// The name or wildcard behind a dot.
    fn shorthand(&mut self) -> Result<Selector, QueryError> {
        if self.cursor.eat("*") {
            return Ok(Selector::Wildcard);
        }
        let name = self.cursor.name();
        let error = match self.cursor.peek() {
            Some('-') => self.cursor.expected("`.` or `[`").help("a name with `-` in it is written `['a-name']`"),
            _ if !name.is_empty() => return Ok(Selector::Name(name.to_owned())),
            Some('\'' | '"' | '0'..='9') => {
                self.cursor.expected("a name or `*`").help("such a name is put in brackets: `['name']`")
            }
            _ => self.cursor.expected("a name or `*`"),
        };
        Err(error)
    }

    fn bracketed(&mut self) -> Result<Vec<Selector>, QueryError> {
        self.cursor.expect("[")?;
        let mut selectors = Vec::new();
        loop {
            self.cursor.skip_blank();
            selectors.push(self.selector()?);
            self.cursor.skip_blank();
            if self.cursor.eat("]") {
                return Ok(selectors);
            }
            if !self.cursor.eat(",") {
                return Err(self.cursor.expected("`,` or `]`"));
            }
        }
    }

    fn selector(&mut self) -> Result<Selector, QueryError> {
        match self.cursor.peek() {
            Some('\'' | '"') => self.cursor.string().map(Selector::Name),
            Some('-' | '0'..='9' | ':') => self.index_or_slice(),
            Some('*') => {
                self.cursor.expect("*")?;
                Ok(Selector::Wildcard)
            }
            Some('?') => {
                self.cursor.expect("?")?;
                self.cursor.skip_blank();
                self.logical().map(Selector::Filter)
            }
            _ => {
                let error = self.cursor.expected("a quoted name, an index, a slice, `*` or `?`");
                let name = self.cursor.name();
                Err(if name.is_empty() { error } else { error.help(format!("a name is put in quotes: `['{name}']`")) })
            }
        }
    }

    fn index_or_slice(&mut self) -> Result<Selector, QueryError> {
        let start = self.bound()?;
        if !self.cursor.eat(":") {
            return Ok(Selector::Index(start.ok_or_else(|| self.cursor.expected("an index"))?));
        }
        self.cursor.skip_blank();
        let end = self.bound()?;
        let mut step = 1;
        if self.cursor.eat(":") {
            self.cursor.skip_blank();
            step = self.bound()?.unwrap_or(1);
        }
        Ok(Selector::Slice { start, end, step })
    }

    /// A number of a slice, which may be left out, and the blanks behind it.
    fn bound(&mut self) -> Result<Option<i64>, QueryError> {
        let bound = match self.cursor.peek() {
            Some('-' | '0'..='9') => Some(self.cursor.index()?),
            _ => None,
        };
        self.cursor.skip_blank();
        Ok(bound)
    }

    /// Conditions joined by `||`.
    fn logical(&mut self) -> Result<Logical, QueryError> {
        self.deeper()?;
        let mut alternatives = vec![self.conjunction()?];
        while self.cursor.eat("||") {
            self.cursor.skip_blank();
            alternatives.push(self.conjunction()?);
        }
        self.nesting -= 1;
        Ok(one_or(alternatives, Logical::Or))
    }

    /// Conditions joined by `&&`, and the blanks behind them.
    fn conjunction(&mut self) -> Result<Logical, QueryError> {
        let mut conditions = Vec::new();
        loop {
            conditions.push(self.condition()?);
            self.cursor.skip_blank();
            if !self.cursor.eat("&&") {
                return Ok(one_or(conditions, Logical::And));
            }
            self.cursor.skip_blank();
        }
    }

    fn condition(&mut self) -> Result<Logical, QueryError> {
        if self.cursor.eat("!") {
            self.cursor.skip_blank();
            let condition = if self.cursor.peek() == Some('(') { self.parenthesised()? } else { self.test()? };
            return Ok(Logical::Not(Box::new(condition)));
        }
        if self.cursor.peek() == Some('(') {
            return self.parenthesised();
        }
        let from = self.cursor.at;
        let left = self.operand()?;
        let at = self.cursor.since(from);
        self.cursor.skip_blank();
        let Some(operator) = self.operator()? else { return as_condition(left, at) };
        let left = as_comparable(left, at)?;
        self.cursor.skip_blank();
        let from = self.cursor.at;
        let right = self.operand()?;
        let right = as_comparable(right, self.cursor.since(from))?;
        Ok(Logical::Compare(left, operator, right))
    }

    fn parenthesised(&mut self) -> Result<Logical, QueryError> {
        self.cursor.expect("(")?;
        self.cursor.skip_blank();
        let condition = self.logical()?;
        if !self.cursor.eat(")") {
            return Err(self.cursor.expected("`)`, `&&` or `||`"));
        }
        Ok(condition)
    }

    /// What may stand behind `!` without parentheses.
    fn test(&mut self) -> Result<Logical, QueryError> {
        let from = self.cursor.at;
        let operand = self.operand()?;
        let at = self.cursor.since(from);
        self.cursor.skip_blank();
        let from = self.cursor.at;
        if self.operator()?.is_some() {
            let message = "`!` does not reach over a comparison";
            return Err(QueryError::new(self.cursor.since(from), message).help("put the comparison in parentheses"));
        }
        as_condition(operand, at)
    }

    fn operator(&mut self) -> Result<Option<Operator>, QueryError> {
        let operators = [
            ("==", Operator::Equal),
            ("!=", Operator::NotEqual),
            ("<=", Operator::LessOrEqual),
            (">=", Operator::GreaterOrEqual),
            ("<", Operator::Less),
            (">", Operator::Greater),
        ];
        for (token, operator) in operators {
            if self.cursor.eat(token) {
                return Ok(Some(operator));
            }
        }
        if self.cursor.peek() == Some('=') {
            let help = "compare with `==`, or with a pattern by `match(…)` and `search(…)`";
            return Err(self.cursor.expected("a comparison").help(help));
        }
        Ok(None)
    }

    fn operand(&mut self) -> Result<Operand, QueryError> {
        match self.cursor.peek() {
            Some('@' | '$') => {
                let path = self.path()?;
                Ok(if path.is_singular() { Operand::Comparable(Comparable::Path(path)) } else { Operand::Path(path) })
            }
            Some('\'' | '"') => self.cursor.string().map(Literal::String).map(literal),
            Some('-' | '0'..='9') => self.cursor.number().map(literal),
            Some(char) if char.is_ascii_alphabetic() => self.word(),
            _ => Err(self.cursor.expected("a path, a function or a value")),
        }
    }

    /// A function call, or one of the words that are values.
    fn word(&mut self) -> Result<Operand, QueryError> {
        let from = self.cursor.at;
        let word = self.cursor.name();
        let at = self.cursor.since(from);
        if self.cursor.eat("(") {
            self.deeper()?;
            let call = self.call(word, at)?;
            self.nesting -= 1;
            return Ok(call);
        }
        match word {
            "null" => Ok(literal(Literal::Null)),
            "true" => Ok(literal(Literal::Bool(true))),
            "false" => Ok(literal(Literal::Bool(false))),
            _ => {
                let error = QueryError::new(at, format!("`{word}` is no value"));
                Err(match did_you_mean(word, ["null", "true", "false"]) {
                    Some(meant) => error.help(format!("did you mean `{meant}`?")),
                    None if FUNCTIONS.contains(&word) => error.help(format!("call it: `{word}(…)`")),
                    None => error.help(format!("a text is put in quotes, a field is written `@.{word}`")),
                })
            }
        }
    }

    /// The arguments of a function, whose name and opening parenthesis were read.
    fn call(&mut self, name: &str, at: Range<usize>) -> Result<Operand, QueryError> {
        Ok(match name {
            "length" => {
                let (text, _) = self.value_argument(name, "1 argument")?;
                self.last_argument(name, "1 argument")?;
                Operand::Comparable(Comparable::Length(Box::new(text)))
            }
            "count" | "value" => {
                let path = self.path_argument(name)?;
                self.last_argument(name, "1 argument")?;
                Operand::Comparable(if name == "count" { Comparable::Count(path) } else { Comparable::Value(path) })
            }
            "match" | "search" => {
                let (text, _) = self.value_argument(name, "2 arguments")?;
                if !self.cursor.eat(",") {
                    return Err(self.cursor.expected("`,`").help(format!("`{name}` takes 2 arguments")));
                }
                let pattern = self.pattern_argument(name)?;
                self.last_argument(name, "2 arguments")?;
                Operand::Condition(Logical::Matches { text, pattern })
            }
            _ => {
                let error = QueryError::new(at, format!("there is no function `{name}`"));
                return Err(match did_you_mean(name, FUNCTIONS) {
                    Some(meant) => error.help(format!("did you mean `{meant}`?")),
                    None => error.help(format!("the functions are `{}`", FUNCTIONS.join("`, `"))),
                });
            }
        })
    }

    /// An argument that must be one value and where it stands; the blanks around it are read too.
    fn value_argument(&mut self, name: &str, takes: &str) -> Result<(Comparable, Range<usize>), QueryError> {
        self.cursor.skip_blank();
        if self.cursor.peek() == Some(')') {
            return Err(self.cursor.expected("an argument").help(format!("`{name}` takes {takes}")));
        }
        let from = self.cursor.at;
        let operand = self.operand()?;
        let at = self.cursor.since(from);
        self.cursor.skip_blank();
        Ok((as_comparable(operand, at.clone())?, at))
    }

    /// An argument that must be a path, and the blanks around it.
    fn path_argument(&mut self, name: &str) -> Result<Path, QueryError> {
        self.cursor.skip_blank();
        if !matches!(self.cursor.peek(), Some('@' | '$')) {
            return Err(self
                .cursor
                .expected("a path")
                .help(format!("`{name}` takes 1 argument, a path such as `@.items`")));
        }
        let path = self.path()?;
        self.cursor.skip_blank();
        Ok(path)
    }

    /// The second argument of `match` and `search`. A text is checked here and now: RFC 9535 lets
    /// a broken pattern match nothing, which in a policy would hide it for ever.
    fn pattern_argument(&mut self, name: &str) -> Result<Pattern, QueryError> {
        let whole = name == "match";
        match self.value_argument(name, "2 arguments")? {
            (Comparable::Literal(Literal::String(text)), at) => {
                pattern::lazy(&text, whole).map(Pattern::Literal).map_err(|reason| QueryError::new(at, reason))
            }
            (pattern, _) => Ok(Pattern::Computed { pattern, whole }),
        }
    }

    fn last_argument(&mut self, name: &str, takes: &str) -> Result<(), QueryError> {
        if self.cursor.eat(")") {
            return Ok(());
        }
        Err(self.cursor.expected("`)`").help(format!("`{name}` takes {takes}")))
    }
}

fn literal(literal: Literal) -> Operand {
    Operand::Comparable(Comparable::Literal(literal))
}

fn one_or(mut conditions: Vec<Logical>, join: impl FnOnce(Vec<Logical>) -> Logical) -> Logical {
    match conditions.pop() {
        Some(only) if conditions.is_empty() => only,
        last => {
            conditions.extend(last);
            join(conditions)
        }
    }
}

fn as_comparable(operand: Operand, at: Range<usize>) -> Result<Comparable, QueryError> {
    match operand {
        Operand::Comparable(comparable) => Ok(comparable),
        Operand::Path(_) => Err(QueryError::new(at, "a path that may select several nodes has no value")
            .help("use names and indexes only, or `count(…)` or `value(…)`, or a filter inside the path")),
        Operand::Condition(_) => Err(QueryError::new(at, "`match` and `search` are true or false by themselves")
            .help("use them without a comparison, with `!` in front for the opposite")),
    }
}

fn as_condition(operand: Operand, at: Range<usize>) -> Result<Logical, QueryError> {
    match operand {
        Operand::Path(path) | Operand::Comparable(Comparable::Path(path)) => Ok(Logical::Exists(path)),
        Operand::Condition(condition) => Ok(condition),
        Operand::Comparable(Comparable::Literal(_)) => {
            Err(QueryError::new(at, "a value alone is no condition").help("compare it with something"))
        }
        Operand::Comparable(_) => Err(QueryError::new(at, "this function gives a value, which alone is no condition")
            .help("compare it, for example with `> 0`")),
    }
}
