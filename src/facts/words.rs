//! Words and operators of a shell script: quotes, escapes, comments and here-documents (POSIX 2.2, 2.3).
//!
//! A word says whether a shell would change its text. Nothing is expanded, and substitutions are only
//! skipped.

use std::collections::VecDeque;
use std::ops::Range;

/// One word.
#[derive(Clone, Debug)]
pub(super) struct Word {
    /// Its text without quotes, expansions as written.
    pub(super) text: String,
    /// The bytes of the script.
    pub(super) range: Range<usize>,
    /// Whether a variable or a command decides about its text.
    pub(super) expands: bool,
    /// Whether it stands for names of files.
    pub(super) globs: bool,
    /// Whether it has no quotes, so that it may be a keyword.
    pub(super) bare: bool,
}

impl Word {
    /// A word that no shell reads; `expands` says that somebody else fills it in.
    pub(super) fn plain(text: &str, expands: bool) -> Self {
        Self { text: text.to_owned(), range: 0..0, expands: expands || text.contains("$("), globs: false, bare: true }
    }

    /// Whether its text is what the program gets.
    pub(super) fn is_literal(&self) -> bool {
        !self.expands && !self.globs
    }
}

/// A word, or what stands between words; the end of a line is `\n`.
pub(super) enum Token {
    Word(Word),
    Operator(&'static str),
}

/// Longest first.
const OPERATORS: [&str; 22] = [
    "&>>", "<<-", "<<<", "&&", "||", ";;", "|&", "&>", ">>", "<<", ">|", ">&", "<&", "<>", ";", "|", "&", "(", ")",
    "<", ">", "\n",
];

/// A script and how far it has been read.
pub(super) struct Lexer<'s> {
    text: &'s str,
    at: usize,
    /// The ends of the here-documents that begin at the next line, and whether tabs before them count.
    documents: VecDeque<(String, bool)>,
    /// Whether the next word ends a here-document, and how.
    delimiter: Option<bool>,
}

impl<'s> Lexer<'s> {
    pub(super) fn new(text: &'s str) -> Self {
        Self { text, at: 0, documents: VecDeque::new(), delimiter: None }
    }

    /// The next token; none at the end, or where something begins that is never closed.
    pub(super) fn next_token(&mut self) -> Option<Token> {
        loop {
            let rest = &self.text[self.at..];
            let next = rest.chars().next()?;
            if rest.starts_with("\\\n") {
                self.at += 2;
            } else if next == '#' {
                self.at += rest.find('\n').unwrap_or(rest.len());
            } else if next != '\n' && next.is_whitespace() {
                self.at += next.len_utf8();
            } else {
                break;
            }
        }
        let rest = &self.text[self.at..];
        if let Some(operator) = OPERATORS.into_iter().find(|operator| rest.starts_with(operator)) {
            self.at += operator.len();
            match operator {
                "<<" => self.delimiter = Some(false),
                "<<-" => self.delimiter = Some(true),
                "\n" => self.skip_documents(),
                _ => {}
            }
            return Some(Token::Operator(operator));
        }
        let word = self.word()?;
        if let Some(tabs) = self.delimiter.take() {
            self.documents.push_back((word.text.clone(), tabs));
        }
        // The number of a file before a redirection is no word.
        let is_number = word.bare && word.text.bytes().all(|byte| byte.is_ascii_digit());
        if is_number && self.text[self.at..].starts_with(['<', '>']) {
            return self.next_token();
        }
        Some(Token::Word(word))
    }

    /// Whether all of the script has been read.
    pub(super) fn is_done(&self) -> bool {
        self.at == self.text.len()
    }

    fn skip_documents(&mut self) {
        while let Some((delimiter, tabs)) = self.documents.pop_front() {
            loop {
                let rest = &self.text[self.at..];
                let line = rest.split('\n').next().unwrap_or("");
                self.at += (line.len() + 1).min(rest.len());
                let line = if tabs { line.trim_start_matches('\t') } else { line };
                if line == delimiter || self.at == self.text.len() {
                    break;
                }
            }
        }
    }

    fn word(&mut self) -> Option<Word> {
        let start = self.at;
        let mut word = Word { text: String::new(), range: start..start, expands: false, globs: false, bare: true };
        while let Some(next) = self.text[self.at..].chars().next() {
            match next {
                '\'' => {
                    let close = self.text[self.at + 1..].find('\'')?;
                    word.text.push_str(&self.text[self.at + 1..self.at + 1 + close]);
                    word.bare = false;
                    self.at += close + 2;
                }
                '"' => self.double_quoted(&mut word)?,
                '$' | '`' => self.substitution(&mut word)?,
                '\\' => self.escape(&mut word),
                _ if next.is_whitespace() || "|&;()<>".contains(next) => break,
                _ => {
                    word.globs |= "*?[{".contains(next)
                        && !matches!(&self.text[start..], text if text.starts_with("[ ") || text.starts_with("[[ ") || text.starts_with('{'));
                    word.text.push(next);
                    self.at += next.len_utf8();
                }
            }
        }
        word.range.end = self.at;
        // A tilde is the home of somebody.
        word.expands |= word.text.starts_with('~') && word.bare;
        Some(word)
    }

    fn double_quoted(&mut self, word: &mut Word) -> Option<()> {
        word.bare = false;
        self.at += 1;
        loop {
            match self.text[self.at..].chars().next()? {
                '"' => {
                    self.at += 1;
                    return Some(());
                }
                '$' | '`' => self.substitution(word)?,
                '\\' => self.escape(word),
                next => {
                    word.text.push(next);
                    self.at += next.len_utf8();
                }
            }
        }
    }

    fn escape(&mut self, word: &mut Word) {
        self.at += 1;
        if let Some(next) = self.text[self.at..].chars().next() {
            if next != '\n' {
                word.text.push(next);
            }
            self.at += next.len_utf8();
        }
    }

    /// Skips `$…`, `${…}`, `$(…)` or backticks; quotes within are not looked at.
    fn substitution(&mut self, word: &mut Word) -> Option<()> {
        let start = self.at;
        let rest = &self.text[self.at + 1..];
        let length = match (self.text.as_bytes()[start], rest.chars().next()) {
            (b'`', _) => rest.find('`')? + 1,
            (_, Some('{')) => rest.find('}')? + 1,
            (_, Some('(')) => balanced(rest)?,
            _ => 0,
        };
        self.at += 1 + length;
        word.text.push_str(&self.text[start..self.at]);
        word.expands = true;
        Some(())
    }
}

/// How many bytes there are up to the parenthesis that closes the first one.
fn balanced(text: &str) -> Option<usize> {
    let mut depth = 0_usize;
    for (index, byte) in text.bytes().enumerate() {
        match byte {
            b'(' => depth += 1,
            b')' if depth == 1 => return Some(index + 1),
            b')' => depth = depth.checked_sub(1)?,
            _ => {}
        }
    }
    None
}
