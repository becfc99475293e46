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
use crate::shell::Condition;
use crate::shell::Operator;
use crate::shell::Word;
use crate::shell::pattern::fits;
use crate::shell::pattern::unescaped;

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
        let known: Vec<Option<&str>> = words.iter().copied().map(Some).collect();
        match Condition::read(&known) {
            Some(condition) => self.condition(&condition, words, extended),
            None => Ok(self.ask(&format!("test {}", words.join(" ")), &[1, 0]) == 1),
        }
    }

    fn condition(&mut self, condition: &Condition, words: &[&str], extended: bool) -> Flow<bool> {
        Ok(match condition {
            Condition::Nothing | Condition::Refused => false,
            Condition::Text(at) => !self.is_empty(words[*at]),
            Condition::Unary(_, at) => self.unary(words[at - 1], words[*at])?,
            Condition::Binary(left, operator, right) => {
                self.binary(words[*left], (*operator, words[left + 1]), words[*right], extended)
            }
            Condition::Not(condition) => !self.condition(condition, words, extended)?,
            Condition::Both(sides) => {
                self.condition(&sides.0, words, extended)? && self.condition(&sides.1, words, extended)?
            }
            Condition::Either(sides) => {
                self.condition(&sides.0, words, extended)? || self.condition(&sides.1, words, extended)?
            }
        })
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

    fn binary(&mut self, one: &str, (operator, sign): (Operator, &str), other: &str, extended: bool) -> bool {
        match operator {
            Operator::Same { .. } | Operator::Differs => {
                let plain = if extended { unescaped(other) } else { other.to_owned() };
                let is_known = is_known(one) && is_known(other);
                let same = if one == plain {
                    true
                } else if let Some(fits) =
                    if is_known && extended { fits(other, one) } else { is_known.then_some(false) }
                {
                    fits
                } else if plain.is_empty() || one.is_empty() {
                    self.is_empty(if one.is_empty() { &plain } else { one })
                } else {
                    self.ask(&format!("same {one} {plain}"), &[1, 0]) == 1
                };
                same == (operator != Operator::Differs)
            }
            Operator::Number(comparison) => {
                let (Ok(first), Ok(second)) = (one.trim().parse::<i64>(), other.trim().parse::<i64>()) else {
                    let known = is_known(one) && is_known(other);
                    return !known && self.ask(&format!("number {one} {sign} {other}"), &[1, 0]) == 1;
                };
                comparison.holds(first, second)
            }
            Operator::Regex | Operator::Other => self.ask(&format!("test {one} {sign} {other}"), &[1, 0]) == 1,
        }
    }
}
