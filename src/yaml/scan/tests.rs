//! The fast reader beside the parser: for any text, both ways must lead to the same nodes, places and problems.

use std::fmt::Write;
use std::sync::Arc;

use crate::source::Sources;
use crate::yaml::Kind;
use crate::yaml::Node;
use crate::yaml::Parsed;
use crate::yaml::Reader;
use crate::yaml::parse::parse_with;
use crate::yaml::scan;
use crate::yaml::span_within;
use crate::yaml::tree::Tree;

/// Texts that are made up in one run of the tests; `PLIMSOLL_TEXTS` asks for more.
const TEXTS: u64 = 4_000;

#[test]
fn both_ways_lead_to_the_same_tree() {
    let texts = std::env::var_os("PLIMSOLL_TEXTS").and_then(|texts| texts.to_str()?.parse().ok()).unwrap_or(TEXTS);
    let mut read = 0;
    for seed in 0..texts {
        let text = Maker::new(seed).text();
        compare(&text);
        read += u64::from(is_read(&text));
    }
    // So that it is known when most texts are no longer a test of anything.
    assert!(read > texts / 4, "only {read} of {texts} texts were read by the fast reader");
}

#[test]
fn what_manifests_use_is_read() {
    for text in [
        "a: 1\nb:\n- x\n- y: z\n  w:\nc: {a: [1, \"2\"], b: ''}\n",
        "---\n# comment\na: >-\n  x\n  y\n\nb: |2+\n    x\n\n---\n- - a\n  -\n  - b: \"x\\\n    \\ y\n\n      z\"\n",
        "{\n  \"a\": [1, 2],\n  \"b\": {\"c\": null}\n}\n",
        "a: x\n  y\n\n  z\nb:\n  long\n  text\nc: 'it''s\n  long'\n",
    ] {
        compare(text);
        assert!(is_read(text), "{text}");
    }
}

/// Whether the fast reader reads all of a text.
fn is_read(text: &str) -> bool {
    let sources = Arc::new(Sources::in_memory());
    let source = sources.add("a.yaml", text);
    let mut tree = Tree::new(sources, Reader::Kustomize);
    scan::read(&mut tree, (source, text), 0, &mut Vec::new(), &mut Vec::new()) == text.len()
}

fn compare(text: &str) {
    let sources = Arc::new(Sources::in_memory());
    let source = sources.add("a.yaml", text);
    for reader in [Reader::Kustomize, Reader::Kubectl] {
        let fast = parse_with(&sources, source, 0..text.len(), reader, true);
        let slow = parse_with(&sources, source, 0..text.len(), reader, false);
        let (fast, slow) = (shown(&fast), shown(&slow));
        let differs = fast.lines().zip(slow.lines()).find(|(fast, slow)| fast != slow);
        assert!(fast == slow, "{text}\n{text:?}\n{differs:#?}");
    }
}

/// All that there is to know of what was read, a line for each part of it.
fn shown(parsed: &Parsed) -> String {
    let Parsed { tree, documents, comments, diagnostics, .. } = parsed;
    let mut out = String::new();
    for document in documents {
        show(tree.node(document.root), &mut out);
    }
    write!(out, "{comments:?}\n{diagnostics:?}").unwrap();
    out
}

fn show(node: Node<'_>, out: &mut String) {
    for node in node.key().into_iter().chain([node]) {
        let what = (node.kind(), node.style(), node.tag(), node.is_unknown(), node.span(), node.text());
        let writers = node.writers().count();
        writeln!(out, "{what:?} {writers} below {:?}", node.parent().map(Node::span)).unwrap();
    }
    let length = node.text().len();
    if node.kind() == Kind::Scalar {
        writeln!(out, "second half at {:?}", span_within(node, length / 2..length)).unwrap();
    }
    node.children().for_each(|child| show(child, out));
}

/// Makes up texts that look like manifests, and breaks some of them.
struct Maker {
    state: u64,
    /// One in so many words is odd.
    odd: usize,
    out: String,
}

const WORDS: &[&str] = &[
    "a",
    "name",
    "b c",
    "é",
    "日本 語",
    "-",
    "--x",
    "- y",
    "a: b",
    "a:b",
    "x:",
    "#",
    "a #b",
    "a#b",
    "'q'",
    "\"",
    "it's",
    "${A}",
    "{{ x }}",
    "ENC[AES256_GCM,x]",
    "<<",
    "~",
    "null",
    "*a",
    "&a x",
    "!t x",
    "!!str 1",
    "%x",
    "@",
    "|",
    ">",
    "?",
    "? x",
    ":",
    "::",
    "[",
    "]",
    "{}",
    ",",
    "a,b",
    "x\ty",
    "---",
    "...",
    "--- x",
    "1.5",
    "true",
    "http://x/y?z#w",
    "\u{85}",
    "\u{a0}",
    "a  b",
    "😀",
    "\u{2028}",
    "-1",
    "[]",
    "a]",
    "}",
    "\\",
    "\\n",
    "=",
    "x y z",
];
const QUOTED: &[&str] = &[
    "",
    "a",
    "b c",
    "é",
    "\\n",
    "\\\"",
    "''",
    "\\\\",
    "\\u00e9",
    "\\x41",
    "\\q",
    " ",
    "  ",
    "\n",
    "\n\n",
    "\n  ",
    "\n    ",
    "\\\n",
    "\\\n   ",
    "\t",
    "#",
    ": ",
    "{{ x }}",
    "---",
    "\n---\n",
    "日",
    "\\t",
    " \n      ",
    "\\ ",
    "\\ud83d\\ude00",
    "\\U0001F600",
];
const BLOCK_LINES: &[&str] = &[
    "text",
    "two words",
    " indented",
    "  more",
    "",
    "",
    " ",
    "   ",
    "# no comment",
    "é 日本",
    "a: b",
    "- x",
    "\ttab",
    "trailing  ",
    "---",
    "{{ x }}",
];
const SIGNS: &[&str] = &[
    " ", "  ", "\n", ":", ": ", "- ", "#", " #", "'", "\"", "[", "]", "{", "}", ",", "|", ">", "&a ", "*a", "!", "%",
    "?", "\t", "\r", "\r\n", "\\", "é", "\u{feff}", "\u{7f}", "---\n", "\n---\n", "\n...\n", "\0", "\u{85}", "-", "0",
    "\n\n", "    ",
];

impl Maker {
    fn new(seed: u64) -> Self {
        let odd = if seed.is_multiple_of(4) { 3 } else { 100 };
        Self { state: seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ 0x5eed, odd, out: String::new() }
    }

    /// A number below `end`, by splitmix64.
    fn below(&mut self, end: usize) -> usize {
        self.state = self.state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.state;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        usize::try_from((mixed ^ (mixed >> 31)) % end as u64).unwrap()
    }

    fn one_in(&mut self, chances: usize) -> bool {
        self.below(chances) == 0
    }

    /// Mostly one of the first three, which are nothing special.
    fn pick_mild(&mut self, from: &[&'static str]) -> &'static str {
        let end = if self.one_in(self.odd) { from.len() } else { 3 };
        from[self.below(end)]
    }

    fn pick(&mut self, from: &[&'static str]) -> &'static str {
        from[self.below(from.len())]
    }

    fn text(mut self) -> String {
        for number in 0..=self.below(3) {
            if number > 0 || self.one_in(3) {
                self.out.push_str("---");
                self.line_end();
            }
            self.comments(0);
            match self.below(12) {
                0 => {}
                1 => {
                    self.flow(0);
                    self.line_end();
                }
                2 => self.sequence(0, 3),
                _ => self.mapping(0, 3),
            }
        }
        for _ in 0..[0, 0, 0, 0, 0, 1, 1, 2, 5][self.below(9)] {
            self.damage();
        }
        match self.below(16) {
            0 => self.out = self.out.replace('\n', "\r\n"),
            1 => self.out.truncate(self.out.trim_end().len()),
            2 => self.out.push_str("   "),
            _ => {}
        }
        self.out
    }

    fn mapping(&mut self, indent: usize, depth: usize) {
        for number in 0..=self.below(4) {
            if number > 0 {
                self.comments(indent);
                self.indent(indent);
            }
            match self.below(24) {
                0 => self.quoted('\''),
                1 => self.quoted('"'),
                2 => {
                    let word = self.pick_mild(WORDS);
                    self.out.push_str(word);
                }
                _ => {
                    let key = self.pick(&["name", "key", "a b", "x-y.z/w", "é", "1"]);
                    self.out.push_str(key);
                }
            }
            let colon = if self.one_in(20) { " :" } else { ":" };
            self.out.push_str(colon);
            self.value(indent, depth, true);
        }
    }

    fn sequence(&mut self, indent: usize, depth: usize) {
        for number in 0..=self.below(4) {
            if number > 0 {
                self.comments(indent);
                self.indent(indent);
            }
            self.out.push('-');
            if depth > 0 && self.one_in(3) {
                let blanks = 1 + self.below(3);
                self.indent(blanks);
                let inner = indent + 1 + blanks;
                if self.one_in(4) { self.sequence(inner, depth - 1) } else { self.mapping(inner, depth - 1) }
            } else {
                self.value(indent, depth, false);
            }
        }
    }

    /// What stands behind a colon or a dash, to the end of its last line.
    fn value(&mut self, indent: usize, depth: usize, is_field: bool) {
        let inner = indent + 1 + self.below(4);
        match self.below(16) {
            0 => self.line_end(),
            1 | 2 => self.block_scalar(indent),
            3 => {
                self.out.push(' ');
                self.flow(inner);
                self.line_end();
            }
            4 => {
                self.out.push(' ');
                let quote = if self.one_in(2) { '\'' } else { '"' };
                self.quoted(quote);
                self.line_end();
            }
            5 => {
                self.line_end();
                self.indent(inner);
                self.plain(inner);
            }
            6..=8 if depth > 0 => {
                self.line_end();
                self.comments(inner);
                self.indent(inner);
                self.mapping(inner, depth - 1);
            }
            9 | 10 if depth > 0 => {
                let inner = if is_field && self.one_in(2) { indent } else { inner };
                self.line_end();
                self.comments(inner);
                self.indent(inner);
                self.sequence(inner, depth - 1);
            }
            _ => {
                self.out.push(' ');
                self.plain(inner);
            }
        }
    }

    fn plain(&mut self, inner: usize) {
        for number in 0..=[0, 0, 0, 1, 3][self.below(5)] {
            if number > 0 {
                self.out.push_str(["\n", "\n", "  \n", "\n\n"][number]);
                self.indent(inner);
            }
            let word = if self.one_in(3) {
                self.pick_mild(WORDS)
            } else {
                self.pick(&["a", "b", "two words", "10m", "x.y/z:1"])
            };
            self.out.push_str(word);
        }
        self.line_end();
    }

    fn quoted(&mut self, quote: char) {
        self.out.push(quote);
        for _ in 0..self.below(4) {
            let part = self.pick_mild(QUOTED);
            self.out.push_str(part);
        }
        self.out.push(quote);
    }

    fn block_scalar(&mut self, indent: usize) {
        let header = if self.one_in(self.odd) {
            self.pick(&["|2", ">1-", "|-3", ">+2", "|0", "|12", "|--", "|x", "|+1", ">9"])
        } else {
            self.pick(&["|", ">", "|-", ">-", "|+", ">+"])
        };
        write!(self.out, " {header}").unwrap();
        self.line_end();
        let inner = indent + 1 + self.below(4);
        for _ in 0..self.below(6) {
            let line = if self.one_in(2) { self.pick(BLOCK_LINES) } else { self.pick_mild(BLOCK_LINES) };
            if !line.is_empty() || self.one_in(2) {
                let inner = if self.one_in(4 * self.odd) { self.below(6) } else { inner };
                self.indent(inner);
            }
            self.out.push_str(line);
            self.out.push('\n');
        }
    }

    fn flow(&mut self, depth: usize) {
        let is_mapping = self.one_in(2);
        self.out.push(if is_mapping { '{' } else { '[' });
        for number in 0..self.below(4) {
            if number > 0 {
                let comma = self.pick(&[", ", ", ", ",", " , ", ",\n  ", ",\n"]);
                self.out.push_str(comma);
            }
            if is_mapping {
                let key = self.pick_mild(&["a", "\"b\"", "'c'", "x y", "\"b\" ", "d"]);
                let colon = self.pick_mild(&[": ", ": ", ": ", ":", " : ", ":\n "]);
                write!(self.out, "{key}{colon}").unwrap();
            }
            match self.below(6) {
                0 if depth < 6 => self.flow(depth + 2),
                1 => self.quoted('"'),
                2 => self.quoted('\''),
                3 => {
                    let word = self.pick_mild(WORDS);
                    self.out.push_str(word);
                }
                4 if is_mapping || self.one_in(self.odd) => {}
                _ => self.out.push('x'),
            }
        }
        let blank = self.pick(&["", "", " ", "\n", ",", ", "]);
        self.out.push_str(blank);
        self.out.push(if is_mapping { '}' } else { ']' });
    }

    fn line_end(&mut self) {
        let end =
            self.pick(&["\n", "\n", "\n", "\n", "\n", "\n", "\n", " \n", "\n\n", "  # comment\n", " # é\n", "odd"]);
        let end = if end == "odd" { self.pick_mild(&[" #\n", " \n", "\n", "\t\n", "#x\n", "\t# x\n"]) } else { end };
        self.out.push_str(end);
    }

    fn comments(&mut self, indent: usize) {
        while self.one_in(8) {
            let indent = if self.one_in(3) { self.below(6) } else { indent };
            self.indent(indent);
            let line = self.pick(&["# comment\n", "#\n", "\n", "# é\n"]);
            self.out.push_str(line);
        }
    }

    fn indent(&mut self, columns: usize) {
        let columns = if self.one_in(30 * self.odd) { self.below(8) } else { columns };
        self.out.extend(std::iter::repeat_n(' ', columns));
    }

    /// Changes the text in one place, whatever that makes of it.
    fn damage(&mut self) {
        let place = self.below(self.out.len() + 1);
        let place = self.out.floor_char_boundary(place);
        let end = place + self.out[place..].chars().next().map_or(0, char::len_utf8);
        let sign = self.pick(SIGNS);
        let line = self.out[..place].rfind('\n').map_or(0, |index| index + 1);
        match self.below(6) {
            0 => self.out.replace_range(place..end, ""),
            1 => self.out.replace_range(place..end, sign),
            2 => self.out.insert(line, ' '),
            3 if self.out[line..].starts_with(' ') => drop(self.out.remove(line)),
            4 => {
                let again = self.out[line..].split_inclusive('\n').next().unwrap_or_default().to_owned();
                self.out.insert_str(line, &again);
            }
            _ => self.out.insert_str(place, sign),
        }
    }
}
