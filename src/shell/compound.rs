//! Compound commands: what begins with a keyword or a parenthesis.

use crate::shell::Arm;
use crate::shell::Command;
use crate::shell::CommandKind;
use crate::shell::List;
use crate::shell::Word;
use crate::shell::input::ends_word;
use crate::shell::input::name_length;
use crate::shell::reader::Read;
use crate::shell::reader::Reader;
use crate::shell::word::Place;

impl Reader {
    /// One command with its redirections.
    pub(super) fn command(&mut self) -> Read<Command> {
        self.within(Self::command_here)
    }

    fn command_here(&mut self) -> Read<Command> {
        let start = self.input.at;
        let keyword = self.keyword();
        if keyword == Some("coproc") {
            return self.coprocess();
        }
        if keyword == Some("function") {
            return self.function();
        }
        let kind = match keyword {
            Some(keyword) => {
                self.input.at += keyword.len();
                self.compound(keyword, start)?
            }
            None if self.input.peek() == Some(b'(') => self.parentheses()?,
            None => return self.simple(),
        };
        let end = self.input.at;
        let redirects = self.redirects()?;
        let end = if redirects.is_empty() { end } else { self.end_of_blanks() };
        Ok(Command { kind, redirects, range: self.input.range(start..end) })
    }

    /// Where the blanks before this place begin.
    fn end_of_blanks(&self) -> usize {
        self.input.slice(0..self.input.at).trim_end_matches([' ', '\t']).len()
    }

    /// What begins with a keyword, which has been read.
    fn compound(&mut self, keyword: &str, start: usize) -> Read<CommandKind> {
        match keyword {
            "{" => {
                let list = self.some_list()?;
                self.expect_keyword("}", "`{` is not closed by a `}` that begins a command")?;
                Ok(CommandKind::Group(list))
            }
            "if" => self.conditional(),
            "while" | "until" => {
                let condition = self.some_list()?;
                let body = self.loop_body()?;
                Ok(CommandKind::Loop { until: keyword == "until", condition, body })
            }
            "for" | "select" => self.iteration(keyword == "for"),
            "case" => self.case(),
            "[[" => self.test(),
            _ => {
                self.input.at = start;
                self.unexpected("this keyword cannot begin a command")
            }
        }
    }

    fn parentheses(&mut self) -> Read<CommandKind> {
        if self.is_bash()
            && self.input.starts_with("((")
            && let Some(within) = self.arithmetic()
        {
            return Ok(CommandKind::Arithmetic(self.input.slice(within).to_owned()));
        }
        self.input.at += 1;
        let list = self.some_list()?;
        if self.input.eat(")") { Ok(CommandKind::Subshell(list)) } else { self.unexpected("`(` is not closed") }
    }

    /// After `if`.
    fn conditional(&mut self) -> Read<CommandKind> {
        let mut branches = Vec::new();
        loop {
            let condition = self.some_list()?;
            self.expect_keyword("then", "`if` lacks its `then`")?;
            branches.push((condition, self.some_list()?));
            if !self.eat_keyword("elif") {
                break;
            }
        }
        let otherwise = if self.eat_keyword("else") { Some(self.some_list()?) } else { None };
        self.expect_keyword("fi", "`if` lacks its `fi`")?;
        Ok(CommandKind::If { branches, otherwise })
    }

    fn loop_body(&mut self) -> Read<List> {
        self.expect_keyword("do", "a loop lacks its `do`")?;
        let body = self.some_list()?;
        self.expect_keyword("done", "a loop lacks its `done`")?;
        Ok(body)
    }

    /// The body of `for`, for which bash takes braces too.
    fn body_or_group(&mut self) -> Read<List> {
        self.skip_lines();
        if self.is_bash() && self.eat_keyword("{") {
            let list = self.some_list()?;
            self.expect_keyword("}", "`{` is not closed by a `}` that begins a command")?;
            return Ok(list);
        }
        self.loop_body()
    }

    /// After `for` or `select`.
    fn iteration(&mut self, may_count: bool) -> Read<CommandKind> {
        self.skip_blanks();
        if may_count && self.is_bash() && self.input.starts_with("((") {
            let start = self.input.at;
            let within = self.arithmetic();
            let header = within.map(|within| self.input.slice(within).to_owned());
            let Some(header) = header.filter(|header| header.matches(';').count() == 2) else {
                return Err(self.failure(start, "`for ((` is not followed by three expressions and `))`"));
            };
            self.skip_blanks();
            self.input.eat(";");
            return Ok(CommandKind::Count { header, body: self.body_or_group()? });
        }
        let word = self.word(Place::Pattern)?;
        let Some(variable) = word.literal().filter(|name| self.may_be_variable(name)) else {
            return self.unexpected("`for` lacks the name of a variable");
        };
        self.skip_blanks();
        if self.input.eat(";") {
            return Ok(CommandKind::For { variable, items: None, body: self.body_or_group()? });
        }
        self.skip_lines();
        let items = if self.eat_in() { Some(self.items()?) } else { None };
        Ok(CommandKind::For { variable, items, body: self.body_or_group()? })
    }

    fn may_be_variable(&self, name: &str) -> bool {
        let is_name = |name: &str| name_length(name) == name.len();
        !name.is_empty() && (self.is_bash() || is_name(name))
    }

    /// Goes past `in` if it stands here.
    fn eat_in(&mut self) -> bool {
        let start = self.input.at;
        let is_in = self.input.eat("in") && self.input.peek().is_none_or(ends_word);
        if !is_in {
            self.input.at = start;
        }
        is_in
    }

    /// Words up to `;` or the end of the line.
    fn items(&mut self) -> Read<Vec<Word>> {
        let mut items = Vec::new();
        loop {
            self.skip_blanks();
            let start = self.input.at;
            match self.input.peek() {
                Some(b'\n') => return Ok(items),
                Some(b';') if !self.input.sees(";;") => {
                    self.input.at += 1;
                    return Ok(items);
                }
                _ => items.push(self.word(Place::Argument)?),
            }
            if self.input.at == start {
                return self.unexpected("this cannot follow `in`");
            }
        }
    }

    /// After `case`.
    fn case(&mut self) -> Read<CommandKind> {
        self.skip_blanks();
        let start = self.input.at;
        let subject = self.word(Place::Pattern)?;
        if self.input.at == start {
            return self.unexpected("`case` lacks what it compares");
        }
        self.skip_lines();
        if !self.eat_in() {
            return self.unexpected("`case` lacks its `in`");
        }
        let mut arms = Vec::new();
        loop {
            if self.eat_keyword("esac") {
                return Ok(CommandKind::Case { subject, arms });
            }
            let patterns = self.patterns()?;
            let body = self.list()?;
            let falls_through = self.is_bash() && (self.input.eat(";;&") || self.input.eat(";&"));
            arms.push(Arm { patterns, body, falls_through });
            if !falls_through && !self.input.eat(";;") {
                self.expect_keyword("esac", "`case` lacks its `esac`")?;
                return Ok(CommandKind::Case { subject, arms });
            }
        }
    }

    /// The patterns of an arm, and the parenthesis after them.
    fn patterns(&mut self) -> Read<Vec<Word>> {
        self.skip_lines();
        self.input.eat("(");
        let mut patterns = Vec::new();
        loop {
            self.skip_blanks();
            let start = self.input.at;
            patterns.push(self.word(Place::Pattern)?);
            if self.input.at == start {
                return self.unexpected("an arm of `case` lacks its pattern");
            }
            self.skip_blanks();
            if self.input.eat(")") {
                return Ok(patterns);
            }
            if self.input.sees("||") || !self.input.eat("|") {
                return self.unexpected("the patterns of an arm of `case` lack their `)`");
            }
        }
    }

    /// `function NAME …`
    fn function(&mut self) -> Read<Command> {
        let start = self.input.at;
        self.input.at += "function".len();
        self.skip_blanks();
        let word = self.word(Place::Pattern)?;
        let Some(name) = word.literal().filter(|name| !name.is_empty()) else {
            return self.unexpected("a function cannot have this name");
        };
        self.skip_blanks();
        if self.input.eat("(") {
            self.skip_blanks();
            if !self.input.eat(")") {
                return self.unexpected("`(` of a function is not closed");
            }
        }
        self.function_body(start, name, true)
    }

    /// `coproc [NAME] …`: read so that what follows is not lost, and then left aside.
    fn coprocess(&mut self) -> Read<Command> {
        let start = self.input.at;
        self.input.at += "coproc".len();
        let failure = self.failure(start, "a coprocess is not followed");
        self.skip_blanks();
        // Only a compound command may have a name.
        let name = self.input.at;
        self.input.at += name_length(self.input.rest());
        self.skip_blanks();
        if self.keyword().is_none() && !self.input.starts_with("(") {
            self.input.at = name;
        }
        self.command()?;
        self.report(failure);
        Ok(Command { kind: CommandKind::Unread, redirects: Vec::new(), range: self.range_from(start) })
    }
}
