//! Whole numbers as a shell computes them: `$((…))`, `((…))`, `let` and `expr`.
//!
//! An expression is read whole before anything is computed, so that what a condition leaves out assigns nothing. Where
//! bash and the others differ (`++` and a base before `#` are bash's), what bash says is taken.

/// How deep parentheses, signs and assignments are followed.
const MAX_DEPTH: u32 = 60;

/// How many operators one expression has at most.
const MAX_OPERATORS: u32 = 2_000;

/// Operators of two sides, by how tightly they bind, the loosest first.
const LEVELS: &[&[&str]] = &[
    &["||"],
    &["&&"],
    &["|"],
    &["^"],
    &["&"],
    &["==", "!="],
    &["<=", ">=", "<", ">"],
    &["<<", ">>"],
    &["+", "-"],
    &["*", "/", "%"],
];

/// Operators with a `=` behind them.
const ASSIGNING: &[&str] = &["<<=", ">>=", "+=", "-=", "*=", "/=", "%=", "&=", "^=", "|="];

/// The variables of a shell, as numbers.
pub trait Variables {
    /// The number that a variable holds; none if it is not known or holds none.
    fn get(&mut self, name: &str) -> Option<i64>;
    /// Sets a variable; none if it is not known what to.
    fn set(&mut self, name: &str, value: Option<i64>);
    /// Is told of each operator with two sides that is applied. What is true or not is compared with zero by `!=`.
    fn applied(&mut self, _operator: &str, _left: i64, _right: i64) {}
}

/// The value of an expression, or of the last of several with commas; none if it is not known, or if a shell could
/// not read it. Assignments are made in any case.
pub fn evaluate(text: &str, variables: &mut dyn Variables) -> Option<i64> {
    let mut reader = Reader { text, at: 0, depth: 0, operators: 0 };
    let mut all = Vec::new();
    loop {
        if !reader.is_at_end() {
            all.push(reader.assignment()?);
        }
        if reader.is_at_end() {
            break;
        }
        if !reader.eat(",") {
            return None;
        }
    }
    let mut last = Some(0);
    for expression in &all {
        last = value(expression, variables);
    }
    last
}

/// A number as a shell reads it in an expression: decimal, `0x1f`, `017`, or bash's `2#101`.
pub fn number(text: &str) -> Option<i64> {
    let of_base = |digits: &str, base: u32| {
        let is_digits = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_alphanumeric());
        if is_digits { i64::from_str_radix(digits, base).ok() } else { None }
    };
    if let Some(digits) = text.strip_prefix("0x").or_else(|| text.strip_prefix("0X")) {
        return of_base(digits, 16);
    }
    if let Some((base, digits)) = text.split_once('#') {
        return base.parse().ok().filter(|base| (2..=36).contains(base)).and_then(|base| of_base(digits, base));
    }
    let is_octal = text.len() > 1 && text.starts_with('0');
    of_base(text, if is_octal { 8 } else { 10 })
}

/// What the text of a variable counts as: nothing is zero.
pub fn value_of(text: &str) -> Option<i64> {
    let text = text.trim();
    let (digits, is_negative) =
        text.strip_prefix('-').map_or((text.strip_prefix('+').unwrap_or(text), false), |digits| (digits, true));
    match number(digits) {
        Some(number) => {
            if is_negative {
                number.checked_neg()
            } else {
                Some(number)
            }
        }
        None => text.is_empty().then_some(0),
    }
}

/// An expression.
enum Expression<'t> {
    Number(i64),
    Variable(&'t str),
    Negated(Box<Expression<'t>>),
    Minus(Box<Expression<'t>>),
    Flipped(Box<Expression<'t>>),
    Binary(&'static str, Box<(Expression<'t>, Expression<'t>)>),
    /// The condition, what it is if that holds, and what else.
    Choice(Box<(Expression<'t>, Expression<'t>, Expression<'t>)>),
    /// What `=` and its like do; the operator is empty for `=` alone.
    Assigned(&'t str, &'static str, Box<Expression<'t>>),
    /// `++` and `--`: by how much, and whether the value is that after it.
    Stepped(&'t str, i64, bool),
}

struct Reader<'t> {
    text: &'t str,
    at: usize,
    depth: u32,
    operators: u32,
}

impl<'t> Reader<'t> {
    fn rest(&mut self) -> &'t str {
        let rest = self.text[self.at..].trim_start();
        self.at = self.text.len() - rest.len();
        rest
    }

    fn is_at_end(&mut self) -> bool {
        self.rest().is_empty()
    }

    fn eat(&mut self, sign: &str) -> bool {
        let is_next = self.rest().starts_with(sign);
        self.at += if is_next { sign.len() } else { 0 };
        is_next
    }

    /// A name, with a `$` before it perhaps, and braces.
    fn name(&mut self) -> Option<&'t str> {
        let rest = self.rest();
        let (before, within, behind) = match rest.strip_prefix('$').map(|rest| rest.strip_prefix('{').ok_or(rest)) {
            Some(Ok(within)) => (2, within, 1),
            Some(Err(within)) => (1, within, 0),
            None => (0, rest, 0),
        };
        let is_letter = |letter: char| letter.is_ascii_alphanumeric() || letter == '_';
        let end = within.find(|letter| !is_letter(letter)).unwrap_or(within.len());
        let is_name = end > 0 && !within.starts_with(|letter: char| letter.is_ascii_digit());
        if !is_name || (behind > 0 && !within[end..].starts_with('}')) {
            return None;
        }
        self.at += before + end + behind;
        Some(&within[..end])
    }

    fn assignment(&mut self) -> Option<Expression<'t>> {
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return None;
        }
        let expression = self.assigned_or_choice();
        self.depth -= 1;
        expression
    }

    fn assigned_or_choice(&mut self) -> Option<Expression<'t>> {
        let start = self.at;
        if let Some(name) = self.name() {
            let rest = self.rest();
            if let Some(operator) = ASSIGNING.iter().find(|operator| rest.starts_with(**operator)) {
                self.at += operator.len();
                let operator = operator.strip_suffix('=').unwrap_or(operator);
                return Some(Expression::Assigned(name, operator, Box::new(self.assignment()?)));
            }
            if rest.starts_with('=') && !rest.starts_with("==") {
                self.at += 1;
                return Some(Expression::Assigned(name, "", Box::new(self.assignment()?)));
            }
            self.at = start;
        }
        let condition = self.level(0)?;
        if !self.eat("?") {
            return Some(condition);
        }
        let first = self.assignment()?;
        if !self.eat(":") {
            return None;
        }
        Some(Expression::Choice(Box::new((condition, first, self.assignment()?))))
    }

    fn level(&mut self, level: usize) -> Option<Expression<'t>> {
        let Some(operators) = LEVELS.get(level) else { return self.unary() };
        let mut left = self.level(level + 1)?;
        while let Some(operator) = self.operator(operators) {
            self.operators += 1;
            if self.operators > MAX_OPERATORS {
                return None;
            }
            left = Expression::Binary(operator, Box::new((left, self.level(level + 1)?)));
        }
        Some(left)
    }

    /// Goes past one of these operators, if it is no longer one that begins so.
    fn operator(&mut self, operators: &[&'static str]) -> Option<&'static str> {
        let rest = self.rest();
        let operator = operators.iter().copied().find(|operator| {
            let is_longer = match *operator {
                "|" => rest.starts_with("||") || rest.starts_with("|="),
                "&" => rest.starts_with("&&") || rest.starts_with("&="),
                "<" => rest.starts_with("<<"),
                ">" => rest.starts_with(">>"),
                _ => false,
            };
            rest.starts_with(*operator) && !is_longer
        })?;
        self.at += operator.len();
        Some(operator)
    }

    fn unary(&mut self) -> Option<Expression<'t>> {
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return None;
        }
        let operand = self.operand();
        self.depth -= 1;
        operand
    }

    fn operand(&mut self) -> Option<Expression<'t>> {
        for (sign, by) in [("++", 1), ("--", -1)] {
            if self.eat(sign) {
                return Some(Expression::Stepped(self.name()?, by, true));
            }
        }
        if self.eat("!") {
            return Some(Expression::Negated(Box::new(self.unary()?)));
        }
        if self.eat("~") {
            return Some(Expression::Flipped(Box::new(self.unary()?)));
        }
        if self.eat("-") {
            return Some(Expression::Minus(Box::new(self.unary()?)));
        }
        if self.eat("+") {
            return self.unary();
        }
        if self.eat("(") {
            let within = self.assignment()?;
            return self.eat(")").then_some(within);
        }
        if let Some(name) = self.name() {
            let step = [("++", 1), ("--", -1)].into_iter().find(|(sign, _)| self.eat(sign));
            return Some(step.map_or(Expression::Variable(name), |(_, by)| Expression::Stepped(name, by, false)));
        }
        let rest = self.rest();
        let is_part = |letter: char| letter.is_ascii_alphanumeric() || letter == '#';
        let end = rest.find(|letter| !is_part(letter)).unwrap_or(rest.len());
        self.at += end;
        number(&rest[..end]).map(Expression::Number)
    }
}

/// Whether a number says that something is so.
fn holds(number: i64, variables: &mut dyn Variables) -> bool {
    variables.applied("!=", number, 0);
    number != 0
}

fn value(expression: &Expression<'_>, variables: &mut dyn Variables) -> Option<i64> {
    match expression {
        Expression::Number(number) => Some(*number),
        Expression::Variable(name) => variables.get(name),
        Expression::Negated(operand) => Some(i64::from(!holds(value(operand, variables)?, variables))),
        Expression::Minus(operand) => value(operand, variables)?.checked_neg(),
        Expression::Flipped(operand) => {
            let operand = value(operand, variables)?;
            variables.applied("~", operand, 0);
            Some(!operand)
        }
        Expression::Binary(operator, sides) => {
            let left = value(&sides.0, variables);
            let joins = matches!(*operator, "&&" | "||");
            if let Some(left) = left.filter(|_| joins) {
                let left = holds(left, variables);
                if left == (*operator == "||") {
                    return Some(i64::from(left));
                }
            }
            let right = value(&sides.1, variables)?;
            // One side is enough for these.
            if joins {
                let right = holds(right, variables);
                return if right == (*operator == "||") {
                    Some(i64::from(right))
                } else {
                    left.map(|_| i64::from(right))
                };
            }
            variables.applied(operator, left?, right);
            apply(operator, left?, right)
        }
        Expression::Choice(ways) => {
            let condition = value(&ways.0, variables)?;
            value(if holds(condition, variables) { &ways.1 } else { &ways.2 }, variables)
        }
        Expression::Assigned(name, operator, operand) => {
            let operand = value(operand, variables);
            let result = match (*operator, operand) {
                ("", operand) => operand,
                (operator, Some(operand)) => variables.get(name).and_then(|own| {
                    variables.applied(operator, own, operand);
                    apply(operator, own, operand)
                }),
                (_, None) => None,
            };
            variables.set(name, result);
            result
        }
        Expression::Stepped(name, by, is_after) => {
            let before = variables.get(name);
            let after = before.and_then(|before| before.checked_add(*by));
            variables.set(name, after);
            if *is_after { after } else { before }
        }
    }
}

/// What an operator of two sides makes of them; none where a shell would complain.
fn apply(operator: &str, left: i64, right: i64) -> Option<i64> {
    Some(match operator {
        "||" => i64::from(left != 0 || right != 0),
        "&&" => i64::from(left != 0 && right != 0),
        "|" => left | right,
        "^" => left ^ right,
        "&" => left & right,
        "==" => i64::from(left == right),
        "!=" => i64::from(left != right),
        "<=" => i64::from(left <= right),
        ">=" => i64::from(left >= right),
        "<" => i64::from(left < right),
        ">" => i64::from(left > right),
        "<<" => left.checked_shl(u32::try_from(right).ok()?)?,
        ">>" => left.checked_shr(u32::try_from(right).ok()?)?,
        "+" => left.checked_add(right)?,
        "-" => left.checked_sub(right)?,
        "*" => left.checked_mul(right)?,
        "/" => left.checked_div(right)?,
        "%" => left.checked_rem(right)?,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::Variables;
    use super::evaluate;

    #[derive(Default)]
    struct Shell(BTreeMap<String, i64>);

    impl Variables for Shell {
        fn get(&mut self, name: &str) -> Option<i64> {
            if name == "unknown" { None } else { Some(self.0.get(name).copied().unwrap_or(0)) }
        }

        fn set(&mut self, name: &str, value: Option<i64>) {
            self.0.insert(name.to_owned(), value.unwrap_or(-1));
        }
    }

    fn told(text: &str) -> (Option<i64>, Option<i64>) {
        let mut shell = Shell::default();
        shell.0.insert("i".to_owned(), 3);
        (evaluate(text, &mut shell), shell.0.get("i").copied())
    }

    /// Each computed by bash 5.2, and by dash 0.5.12 where it can.
    const OBSERVED: &[(&str, i64)] = &[
        ("1+2*3", 7),
        ("i + 1", 4),
        ("$i - 4", -1),
        ("${i}%2", 1),
        ("(i<4) && 1", 1),
        ("7 % 4", 3),
        ("-i * -2", 6),
        ("!i", 0),
        ("~1", -2),
        ("1 << 4 | 1", 17),
        ("0x1f", 31),
        ("010", 8),
        ("i > 2 ? 10 : 20", 10),
        ("2 - 1 - 1", 0),
        ("1 || 0 && 0", 1),
        ("x == 0", 1),
        ("i *= 2", 6),
        ("i = i == 3", 1),
    ];

    #[test]
    fn numbers_are_reckoned_as_in_a_shell() {
        for (text, expected) in OBSERVED {
            assert_eq!(told(text).0, Some(*expected), "{text}");
        }
        for (text, expected) in [("i++", 3), ("++i", 4), ("2#101", 5), ("1, 2", 2), ("", 0)] {
            assert_eq!(told(text).0, Some(expected), "{text}");
        }
    }

    #[test]
    fn what_is_not_reached_assigns_nothing() {
        assert_eq!(told("0 && (i = 9)"), (Some(0), Some(3)));
        assert_eq!(told("1 ? 5 : (i = 9)"), (Some(5), Some(3)));
        assert_eq!(told("i += 2"), (Some(5), Some(5)));
    }

    #[test]
    fn what_is_not_known_or_no_number_has_no_value() {
        for text in ["unknown + 1", "1 +", "1 / 0", "08", "a b", "$(date)", "9223372036854775807 + 1", "1 2"] {
            assert_eq!(told(text).0, None, "{text}");
        }
        assert_eq!(told("unknown && 0").0, Some(0));
        assert_eq!(told(&"(".repeat(100_000)).0, None);
        assert_eq!(told(&"1+".repeat(100_000)).0, None);
    }

    #[test]
    fn shells_agree() {
        for shell in ["dash", "bash", "busybox"] {
            let mut wrong = Vec::new();
            for (text, expected) in OBSERVED {
                let mut command = std::process::Command::new(shell);
                if shell == "busybox" {
                    command.arg("sh");
                }
                let Ok(output) = command.args(["-c", &format!("i=3; echo $(({text}))")]).output() else {
                    writeln_skipped(shell);
                    return;
                };
                let said = String::from_utf8_lossy(&output.stdout).trim().to_owned();
                if said != expected.to_string() {
                    wrong.push(format!("{shell}: {text} is {said}"));
                }
            }
            assert!(wrong.is_empty(), "{wrong:?}");
        }
    }

    #[expect(clippy::print_stderr, reason = "a test says what it skips")]
    fn writeln_skipped(shell: &str) {
        eprintln!("skipped: there is no {shell}");
    }
}
