//! `test`, `[` and `[[`: what a script asks about files, texts and numbers.

use crate::facts::effects::arg::Arg;
use crate::facts::effects::atoms::is_known;
use crate::facts::effects::files::ANY_FILE;
use crate::facts::effects::files::ANY_FOLDER;
use crate::facts::effects::files::Expect;
use crate::facts::effects::files::Kind;
use crate::facts::effects::machine::CONDITION;
use crate::facts::effects::machine::Flow;
use crate::facts::effects::machine::Machine;
use crate::facts::effects::wildcard;
use crate::shell::Word;

impl Machine<'_, '_> {
    pub(super) fn test(&mut self, name: &str, args: &[Arg]) -> Flow {
        let mut texts: Vec<&str> = args.iter().map(|arg| arg.text.as_str()).collect();
        if name != "test" && !matches!((name, texts.pop()), ("[", Some("]")) | ("[[", Some("]]"))) {
            return Ok(2);
        }
        if args.iter().any(|arg| arg.globs) {
            let question = format!("test {}", texts.join(" "));
            return Ok(self.ask(&question, &[0, 1]));
        }
        let holds = self.expression(&texts, name == "[[")?;
        if !holds {
            self.fail("check", None, CONDITION);
        }
        Ok(u8::from(!holds))
    }

    /// `[[ … ]]`
    pub(super) fn extended_test(&mut self, words: &[Word]) -> Flow {
        let mut texts = Vec::new();
        let mut before = String::new();
        for word in words {
            // Behind `==` stands a pattern, behind `=~` an expression.
            let text =
                if matches!(before.as_str(), "==" | "=" | "!=" | "=~") { self.pattern(word)? } else { self.one(word)? };
            before.clone_from(&text);
            texts.push(text);
        }
        let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
        let holds = self.expression(&texts, true)?;
        Ok(u8::from(!holds))
    }

    fn expression(&mut self, words: &[&str], extended: bool) -> Flow<bool> {
        let (or, and) = if extended { ("||", "&&") } else { ("-o", "-a") };
        if words.len() > 3 {
            let mut depth = 0_i32;
            for sign in [or, and] {
                for (at, word) in words.iter().enumerate().skip(1) {
                    depth += i32::from(*word == "(") - i32::from(*word == ")");
                    if *word == sign && depth == 0 && at + 1 < words.len() {
                        let first = self.expression(&words[..at], extended)?;
                        return if (sign == or) == first {
                            Ok(first)
                        } else {
                            self.expression(&words[at + 1..], extended)
                        };
                    }
                }
            }
        }
        match words {
            [] => Ok(false),
            ["!", rest @ ..] if !rest.is_empty() => Ok(!self.expression(rest, extended)?),
            ["(", inner @ .., ")"] => self.expression(inner, extended),
            [one] => Ok(!self.is_empty(one)),
            [operator, operand] => self.unary(operator, operand),
            [one, operator, other] => Ok(self.binary(one, operator, other, extended)),
            _ => Ok(self.ask(&format!("test {}", words.join(" ")), &[1, 0]) == 1),
        }
    }

    fn unary(&mut self, operator: &str, operand: &str) -> Flow<bool> {
        match operator {
            "-z" => return Ok(self.is_empty(operand)),
            "-n" => return Ok(!self.is_empty(operand)),
            "-t" => return Ok(false),
            "-v" => return Ok(self.variable(operand).is_some()),
            _ => {}
        }
        let question = format!("test {operator} {operand}");
        let follows = !matches!(operator, "-L" | "-h");
        let Some(target) = self.target(operand, follows)? else {
            return Ok(!operand.is_empty() && self.ask(&question, &[1, 0]) == 1);
        };
        let expect = match operator {
            "-d" => ANY_FOLDER,
            "-e" | "-s" => Expect::Any(&[Kind::File, Kind::Directory, Kind::Absent]),
            _ => ANY_FILE,
        };
        let expect = if matches!(operator, "-L" | "-h") { Expect::Kind(Kind::Absent) } else { expect };
        let kind = self.look_at(&target, expect);
        if kind == Kind::Unknown {
            return Ok(self.ask(&format!("{question} {}", self.run), &[1, 0]) == 1);
        }
        Ok(match operator {
            "-f" => kind == Kind::File,
            "-d" => kind == Kind::Directory,
            "-e" | "-a" => kind != Kind::Absent,
            "-s" => match kind {
                Kind::File => {
                    let content = self.content(&target.place);
                    !content.is_empty() && !self.is_empty(&content)
                }
                kind => kind == Kind::Directory,
            },
            "-L" | "-h" => kind == Kind::Link,
            "-p" | "-S" | "-b" | "-c" => kind == Kind::Special,
            "-x" if kind == Kind::Directory => true,
            "-r" | "-w" if kind != Kind::Absent => true,
            _ if kind == Kind::Absent => false,
            _ => self.ask(&question, &[1, 0]) == 1,
        })
    }

    fn binary(&mut self, one: &str, operator: &str, other: &str, extended: bool) -> bool {
        match operator {
            "=" | "==" | "!=" => {
                let plain = if extended { wildcard::unescaped(other) } else { other.to_owned() };
                let same = if one == plain {
                    true
                } else if is_known(one) && is_known(other) {
                    extended && wildcard::matches(other, one)
                } else if plain.is_empty() || one.is_empty() {
                    self.is_empty(if one.is_empty() { &plain } else { one })
                } else {
                    self.ask(&format!("same {one} {plain}"), &[1, 0]) == 1
                };
                same == (operator != "!=")
            }
            "-eq" | "-ne" | "-lt" | "-le" | "-gt" | "-ge" => {
                let (Ok(first), Ok(second)) = (one.trim().parse::<i64>(), other.trim().parse::<i64>()) else {
                    let known = is_known(one) && is_known(other);
                    return !known && self.ask(&format!("number {one} {operator} {other}"), &[1, 0]) == 1;
                };
                match operator {
                    "-eq" => first == second,
                    "-ne" => first != second,
                    "-lt" => first < second,
                    "-le" => first <= second,
                    "-gt" => first > second,
                    _ => first >= second,
                }
            }
            _ => self.ask(&format!("test {one} {operator} {other}"), &[1, 0]) == 1,
        }
    }
}
