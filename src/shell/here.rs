//! Here-documents: `<<END`, the lines after it, and the line that ends them.

use std::mem;

use crate::shell::List;
use crate::shell::Part;
use crate::shell::PartKind;
use crate::shell::Word;
use crate::shell::grammar::unread;
use crate::shell::input::Input;
use crate::shell::input::Pending;
use crate::shell::input::ends_word;
use crate::shell::reader::Body;
use crate::shell::reader::Failure;
use crate::shell::reader::Read;
use crate::shell::reader::Reader;

impl Reader {
    /// What follows `<<` or `<<-`, which begins at `start`: the delimiter; gives the text if it is known already.
    pub(super) fn document(&mut self, start: usize, strips_tabs: bool) -> Read<Word> {
        self.skip_blanks();
        if self.is_descriptor() {
            return self.unexpected("`<<` lacks the word that ends its text");
        }
        let (delimiter, is_plain) = self.delimiter()?;
        let announced = self.input.place(start);
        let pending = Pending { announced, delimiter, strips_tabs, is_plain };
        let body = self.documents.get(&announced).filter(|_| self.knows_documents).cloned();
        // A text that cannot be followed must not hide the next one of the same line.
        let word = body.map(|body| self.body(&pending, &body).unwrap_or_else(|failure| self.unknown(&body, failure)));
        self.input.pending.push(pending);
        Ok(word.unwrap_or_default())
    }

    /// A word of which only quotes are taken away, and whether there were some.
    fn delimiter(&mut self) -> Read<(String, bool)> {
        let start = self.input.at;
        let mut text = String::new();
        let mut is_quoted = false;
        let mut quote = None;
        loop {
            let run = self.input.at;
            self.input.skip_until(|byte| match quote {
                Some(quote) => byte == quote || (byte == b'\\' && quote == b'"'),
                None => ends_word(byte) || matches!(byte, b'\'' | b'"' | b'\\'),
            });
            text.push_str(self.input.slice(run..self.input.at));
            match self.input.peek() {
                Some(byte @ (b'\'' | b'"')) => {
                    is_quoted = true;
                    quote = if quote.is_none() { Some(byte) } else { None };
                    self.input.at += 1;
                }
                Some(b'\\') => {
                    self.input.at += 1;
                    let escaped = self.input.rest().chars().next();
                    self.input.at += escaped.map_or(0, char::len_utf8);
                    if escaped != Some('\n') {
                        is_quoted = true;
                        text.extend(escaped);
                    }
                }
                _ if quote.is_some() => return Err(self.failure(start, "a quote is not closed")),
                _ if self.input.at == start => return self.unexpected("`<<` lacks the word that ends its text"),
                _ => return Ok((text, is_quoted)),
            }
        }
    }

    /// At the start of a line: goes past the texts that begin here.
    pub(super) fn skip_documents(&mut self) {
        for pending in mem::take(&mut self.input.pending) {
            let known = self.documents.get(&pending.announced).filter(|_| self.knows_documents);
            if let Some(body) = known {
                self.input.at = body.end;
                continue;
            }
            let body = self.find_end(&pending);
            self.input.at = body.end;
            // What stands in it may announce further ones. Problems are told by the second reading.
            drop(self.body(&pending, &body));
            self.documents.insert(pending.announced, body);
        }
    }

    /// The lines up to the delimiter, or to the end of the text.
    fn find_end(&self, pending: &Pending) -> Body {
        let start = self.input.at;
        let mut at = start;
        let mut is_continued = false;
        while at < self.input.len() {
            let rest = self.input.slice(at..self.input.len());
            let length = memchr::memchr(b'\n', rest.as_bytes()).unwrap_or(rest.len());
            let line = &rest[..length];
            let next = (at + length + 1).min(self.input.len());
            let stripped = if pending.strips_tabs { line.trim_start_matches('\t') } else { line };
            if !is_continued && stripped == pending.delimiter {
                return Body { range: start..at, end: next };
            }
            let backslashes = line.bytes().rev().take_while(|byte| *byte == b'\\').count();
            is_continued = !pending.is_plain && backslashes % 2 == 1;
            at = next;
        }
        Body { range: start..at, end: at }
    }

    /// The text as a word: one part if the delimiter is quoted, else as between double quotes.
    fn body(&mut self, pending: &Pending, body: &Body) -> Read<Word> {
        let range = self.input.range(body.range.clone());
        let (text, map) = self.lines_of(pending, body);
        if pending.is_plain {
            let part = Part { kind: PartKind::Text(text), quoted: true, range: range.clone() };
            let parts = if range.is_empty() { Vec::new() } else { vec![part] };
            return Ok(Word { parts, range });
        }
        self.elsewhere(Input::derived(text, map), |reader| {
            let mut word = reader.text_of_document()?;
            word.range = range;
            Ok(word)
        })
    }

    /// A text that stands for any other.
    fn unknown(&mut self, body: &Body, failure: Failure) -> Word {
        self.report(failure);
        let range = self.input.range(body.range.clone());
        let list = List { items: vec![unread(range.clone())] };
        let part = Part { kind: PartKind::Substitution(list), quoted: true, range: range.clone() };
        Word { parts: vec![part], range }
    }

    fn lines_of(&self, pending: &Pending, body: &Body) -> (String, Vec<usize>) {
        let mut text = String::with_capacity(body.range.len());
        let mut map = Vec::with_capacity(body.range.len() + 1);
        let mut at = body.range.start;
        for line in self.input.slice(body.range.clone()).split_inclusive('\n') {
            let kept = if pending.strips_tabs { line.trim_start_matches('\t') } else { line };
            let start = at + line.len() - kept.len();
            at += line.len();
            text.push_str(kept);
            map.extend((start..at).map(|at| self.input.place(at)));
        }
        map.push(self.input.place(at));
        (text, map)
    }
}
