//! What `test`, `[` and `[[` ask, read from their words after expansion. Whether it holds is for others to say.
//!
//! POSIX (`test`) for up to four words, and the precedence that all shells give `-a` and `-o` beyond.

/// How deep parentheses and `!` are followed.
const MAX_DEPTH: u32 = 50;

/// A condition; numbers are places among the words.
#[derive(PartialEq, Eq, Debug)]
pub enum Condition {
    /// There are no words, which does not hold.
    Nothing,
    /// A shell complains about it and fails, such as about `[ = x ]`.
    Refused,
    /// Whether a word has any text.
    Text(usize),
    /// `-f word` and its like.
    Unary(char, usize),
    /// Two words compared. The operator stands between them.
    Binary(usize, Operator, usize),
    /// `! …`
    Not(Box<Condition>),
    /// Both hold: `-a`, `&&`.
    Both(Box<(Condition, Condition)>),
    /// One of them does: `-o`, `||`.
    Either(Box<(Condition, Condition)>),
}

/// How two words are compared.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Operator {
    /// `=`; as `==` it is unknown to dash.
    Same {
        /// Whether it is written `==`.
        doubled: bool,
    },
    /// `!=`
    Differs,
    /// `=~`
    Regex,
    /// `-eq` and its like.
    Number(Comparison),
    /// `<`, `>`, `-nt`, `-ot`, `-ef`
    Other,
}

/// How two numbers are compared.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Comparison {
    /// `-eq`
    Equal,
    /// `-ne`
    Unequal,
    /// `-lt`
    Less,
    /// `-le`
    AtMost,
    /// `-gt`
    Greater,
    /// `-ge`
    AtLeast,
}

impl Comparison {
    /// Whether it holds for two numbers.
    pub fn holds(self, left: i64, right: i64) -> bool {
        match self {
            Self::Equal => left == right,
            Self::Unequal => left != right,
            Self::Less => left < right,
            Self::AtMost => left <= right,
            Self::Greater => left > right,
            Self::AtLeast => left >= right,
        }
    }
}

impl Operator {
    fn of(word: &str) -> Option<Self> {
        Some(match word {
            "=" => Self::Same { doubled: false },
            "==" => Self::Same { doubled: true },
            "!=" => Self::Differs,
            "=~" => Self::Regex,
            "-eq" => Self::Number(Comparison::Equal),
            "-ne" => Self::Number(Comparison::Unequal),
            "-lt" => Self::Number(Comparison::Less),
            "-le" => Self::Number(Comparison::AtMost),
            "-gt" => Self::Number(Comparison::Greater),
            "-ge" => Self::Number(Comparison::AtLeast),
            "<" | ">" | "-nt" | "-ot" | "-ef" => Self::Other,
            _ => return None,
        })
    }
}

impl Condition {
    /// Reads a condition from words without the program's name and a closing bracket; a word that is not known is
    /// none, and no operator. None if it can't be read.
    pub fn read(words: &[Option<&str>]) -> Option<Self> {
        let mut reader = Reader { words, at: 0, depth: 0 };
        match words {
            [] => return Some(Self::Nothing),
            [_] => return Some(Self::Text(0)),
            [Some(operator), _] if *operator != "!" => {
                let refused = Operator::of(operator).map(|_| Self::Refused);
                return refused.or_else(|| Some(Self::Unary(letter(operator)?, 1)));
            }
            [_, Some(operator), _] if Operator::of(operator).is_some() => {
                return Operator::of(operator).map(|operator| Self::Binary(0, operator, 2));
            }
            _ => {}
        }
        let condition = reader.any()?;
        (reader.at == words.len()).then_some(condition)
    }
}

/// The letter of an operator such as `-f`.
fn letter(word: &str) -> Option<char> {
    let mut letters = word.strip_prefix('-')?.chars();
    let letter = letters.next().filter(char::is_ascii_alphabetic)?;
    letters.next().is_none().then_some(letter)
}

struct Reader<'w> {
    words: &'w [Option<&'w str>],
    at: usize,
    depth: u32,
}

impl Reader<'_> {
    fn word(&self, ahead: usize) -> Option<&str> {
        self.words.get(self.at + ahead).copied().flatten()
    }

    fn eat(&mut self, words: &[&str]) -> bool {
        let is_next = self.word(0).is_some_and(|word| words.contains(&word));
        self.at += usize::from(is_next);
        is_next
    }

    fn any(&mut self) -> Option<Condition> {
        let mut condition = self.all()?;
        while self.eat(&["-o", "||"]) {
            condition = Condition::Either(Box::new((condition, self.all()?)));
        }
        Some(condition)
    }

    fn all(&mut self) -> Option<Condition> {
        let mut condition = self.not()?;
        while self.eat(&["-a", "&&"]) {
            condition = Condition::Both(Box::new((condition, self.not()?)));
        }
        Some(condition)
    }

    fn not(&mut self) -> Option<Condition> {
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return None;
        }
        let is_negated = self.at + 1 < self.words.len() && self.eat(&["!"]);
        let condition = if is_negated { Condition::Not(Box::new(self.not()?)) } else { self.one()? };
        self.depth -= 1;
        Some(condition)
    }

    fn one(&mut self) -> Option<Condition> {
        let at = self.at;
        if let Some(operator) = self.word(1).and_then(Operator::of)
            && at + 2 < self.words.len()
        {
            self.at += 3;
            return Some(Condition::Binary(at, operator, at + 2));
        }
        if self.eat(&["("]) {
            let within = self.any()?;
            return self.eat(&[")"]).then_some(within);
        }
        if at + 1 < self.words.len()
            && let Some(letter) = self.word(0).and_then(letter)
        {
            self.at += 2;
            return Some(Condition::Unary(letter, at + 1));
        }
        self.at += 1;
        (at < self.words.len()).then_some(Condition::Text(at))
    }
}

#[cfg(test)]
mod tests {
    use super::Comparison;
    use super::Condition;

    /// Whether a condition of known words without files holds.
    fn holds(condition: &Condition, words: &[&str]) -> bool {
        let number = |at: usize| words[at].parse::<i64>().unwrap();
        match condition {
            Condition::Nothing | Condition::Refused => false,
            Condition::Text(at) => !words[*at].is_empty(),
            Condition::Unary(letter, at) => (*letter == 'n') != words[*at].is_empty(),
            Condition::Binary(left, super::Operator::Same { .. }, right) => words[*left] == words[*right],
            Condition::Binary(left, super::Operator::Number(comparison), right) => {
                comparison.holds(number(*left), number(*right))
            }
            Condition::Binary(left, _, right) => words[*left] != words[*right],
            Condition::Not(condition) => !holds(condition, words),
            Condition::Both(both) => holds(&both.0, words) && holds(&both.1, words),
            Condition::Either(both) => holds(&both.0, words) || holds(&both.1, words),
        }
    }

    /// Each with what dash 0.5.12, bash 5.2 and BusyBox 1.35 say of it; `''` is an empty word.
    const OBSERVED: &[(&str, bool)] = &[
        ("", false),
        ("x", true),
        ("''", false),
        ("-n", true),
        ("-n ''", false),
        ("-z ''", true),
        ("! x", false),
        ("a = a", true),
        ("a != a", false),
        ("! = !", true),
        ("( = (", true),
        ("! -n x", false),
        ("2 -lt 10", true),
        ("a = b -o c = c", true),
        ("a = a -a b = c", false),
        ("a = a -o b = b -a c = d", true),
        ("! a = b -a c = c", true),
        ("( a = b -o c = c ) -a d = d", true),
        ("-n a -a -z ''", true),
    ];

    #[test]
    fn conditions_are_read_as_shells_read_them() {
        for (text, expected) in OBSERVED {
            let words: Vec<&str> = text.split_whitespace().map(|word| word.trim_matches('\'')).collect();
            let known: Vec<Option<&str>> = words.iter().copied().map(Some).collect();
            assert_eq!(Condition::read(&known).map(|condition| holds(&condition, &words)), Some(*expected), "{text}");
        }
        assert_eq!(Condition::read(&[Some("="), Some("x")]), Some(Condition::Refused));
        assert_eq!(
            Condition::read(&[None, Some("-gt"), None]),
            Some(Condition::Binary(0, super::Operator::Number(Comparison::Greater), 2))
        );
        assert_eq!(Condition::read(&[Some("a"), Some("b"), Some("c")]), None);
        assert_eq!(Condition::read(&vec![Some("("); 10_000]), None);
    }

    #[test]
    fn shells_agree() {
        for shell in ["dash", "bash", "busybox"] {
            let applet = if shell == "busybox" { Some("sh") } else { None };
            for (text, expected) in OBSERVED {
                let text = text.replace('(', "\\(").replace(')', "\\)").replace('!', "\\!");
                let mut command = std::process::Command::new(shell);
                let Ok(status) = command.args(applet).args(["-c", &format!("[ {text} ]")]).status() else { return };
                assert_eq!(status.success(), *expected, "{shell}: {text}");
            }
        }
    }
}
