//! `$((…))` over whole numbers: what counters of loops need.

/// The value of an expression and what it assigns; none if it needs something that is not known.
pub(super) fn value(text: &str, lookup: &mut dyn FnMut(&str) -> Option<String>) -> Option<(i64, Vec<(String, i64)>)> {
    let mut reader = Reader { rest: text.trim(), lookup, assigned: Vec::new(), depth: 0 };
    let value = reader.assignment()?;
    reader.rest.is_empty().then_some((value, reader.assigned))
}

struct Reader<'t, 'l> {
    rest: &'t str,
    lookup: &'l mut dyn FnMut(&str) -> Option<String>,
    assigned: Vec<(String, i64)>,
    depth: u32,
}

/// From loose to tight.
const LEVELS: [&[&str]; 6] = [&["||"], &["&&"], &["==", "!="], &["<=", ">=", "<", ">"], &["+", "-"], &["*", "/", "%"]];

impl<'t> Reader<'t, '_> {
    fn eat(&mut self, sign: &str) -> bool {
        let Some(rest) = self.rest.strip_prefix(sign) else { return false };
        self.rest = rest.trim_start();
        true
    }

    fn name(&mut self) -> Option<&'t str> {
        let text = self.rest.strip_prefix('$').unwrap_or(self.rest);
        let end = text.find(|letter: char| !letter.is_ascii_alphanumeric() && letter != '_').unwrap_or(text.len());
        if end == 0 || text.starts_with(|letter: char| letter.is_ascii_digit()) {
            return None;
        }
        self.rest = text[end..].trim_start();
        Some(&text[..end])
    }

    fn number_of(&mut self, name: &str) -> Option<i64> {
        let assigned = self.assigned.iter().rev().find(|(own, _)| own == name).map(|(_, value)| *value);
        assigned.or_else(|| (self.lookup)(name)?.trim().parse().ok())
    }

    fn assignment(&mut self) -> Option<i64> {
        let before = self.rest;
        if let Some(name) = self.name() {
            for sign in ["+=", "-=", "="] {
                if self.rest.starts_with("==") || !self.eat(sign) {
                    continue;
                }
                let value = self.assignment()?;
                let value = match sign {
                    "+=" => self.number_of(name)?.checked_add(value)?,
                    "-=" => self.number_of(name)?.checked_sub(value)?,
                    _ => value,
                };
                self.assigned.push((name.to_owned(), value));
                return Some(value);
            }
        }
        self.rest = before;
        self.level(0)
    }

    fn level(&mut self, level: usize) -> Option<i64> {
        let Some(signs) = LEVELS.get(level) else { return self.unary() };
        let mut value = self.level(level + 1)?;
        'signs: loop {
            for sign in *signs {
                if self.eat(sign) {
                    let other = self.level(level + 1)?;
                    value = apply(sign, value, other)?;
                    continue 'signs;
                }
            }
            return Some(value);
        }
    }

    fn unary(&mut self) -> Option<i64> {
        self.depth += 1;
        if self.depth > 64 {
            return None;
        }
        if self.eat("++") || self.eat("--") {
            return None;
        }
        if self.eat("-") {
            return self.unary()?.checked_neg();
        }
        if self.eat("!") {
            return self.unary().map(|value| i64::from(value == 0));
        }
        if self.eat("(") {
            let value = self.assignment()?;
            return self.eat(")").then_some(value);
        }
        if let Some(name) = self.name() {
            let value = self.number_of(name)?;
            for (sign, step) in [("++", 1), ("--", -1)] {
                if self.eat(sign) {
                    self.assigned.push((name.to_owned(), value.checked_add(step)?));
                }
            }
            return Some(value);
        }
        let end = self.rest.find(|letter: char| !letter.is_ascii_digit()).unwrap_or(self.rest.len());
        let value = self.rest[..end].parse().ok()?;
        self.rest = self.rest[end..].trim_start();
        Some(value)
    }
}

fn apply(sign: &str, one: i64, other: i64) -> Option<i64> {
    match sign {
        "||" => Some(i64::from(one != 0 || other != 0)),
        "&&" => Some(i64::from(one != 0 && other != 0)),
        "==" => Some(i64::from(one == other)),
        "!=" => Some(i64::from(one != other)),
        "<=" => Some(i64::from(one <= other)),
        ">=" => Some(i64::from(one >= other)),
        "<" => Some(i64::from(one < other)),
        ">" => Some(i64::from(one > other)),
        "+" => one.checked_add(other),
        "-" => one.checked_sub(other),
        "*" => one.checked_mul(other),
        "/" => one.checked_div(other),
        _ => one.checked_rem(other),
    }
}

#[cfg(test)]
mod tests {
    use super::value;

    #[test]
    fn numbers_are_reckoned_as_in_a_shell() {
        let mut lookup = |name: &str| (name == "i").then(|| "3".to_owned());
        for (text, expected) in
            [("1+2*3", 7), ("i + 1", 4), ("$i - 4", -1), ("(i<4) && 1", 1), ("i++", 3), ("7 % 4", 3)]
        {
            assert_eq!(value(text, &mut lookup).unwrap().0, expected, "{text}");
        }
        assert_eq!(value("i += 2", &mut lookup).unwrap(), (5, vec![("i".to_owned(), 5)]));
        assert_eq!(value("x + 1", &mut lookup), None);
    }
}
