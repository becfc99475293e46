//! Random documents, printed by us and by `kubectl kustomize`, must be the same bytes.

use std::fmt::Write;
use std::path::Path;
use std::sync::Arc;

use crate::random::BARE;
use crate::random::Random;
use plimsoll::source::Sources;
use plimsoll::yaml::Reader;
use plimsoll::yaml::emit_all;
use plimsoll::yaml::parse;

/// Documents per test, all built by one run of kubectl.
const DOCUMENTS: usize = 300;

#[test]
fn texts_of_every_kind_are_printed_as_kustomize_prints_them() {
    compare(1, |random, out| {
        for _ in 0..6 {
            let (key, value) = (random.text(KEY_PARTS, 3), random.text(PARTS, 9));
            writeln!(out, "  {}: {}", json(&format!("{key}{}", random.below(1_000_000))), json(&value)).unwrap();
        }
    });
}

#[test]
fn long_texts_are_folded_as_kustomize_folds_them() {
    compare(2, |random, out| {
        for index in 0..4 {
            let length = 5 + random.below(30);
            let value = random.text(WORDS, length);
            let key = "k".repeat(1 + random.below(140));
            writeln!(out, "  {key}{index}: {}", json(&value)).unwrap();
            writeln!(out, "  l{index}: [{}, [{}]]", json(&value), json(&value)).unwrap();
        }
    });
}

#[test]
fn bare_scalars_are_typed_as_kustomize_types_them() {
    compare(3, |random, out| {
        for index in 0..10 {
            let scalar = if random.below(2) == 0 { random.number() } else { random.pick(BARE).to_owned() };
            writeln!(out, "  k{index}: {scalar}").unwrap();
        }
    });
}

#[test]
fn nested_collections_and_keys_are_printed_as_kustomize_prints_them() {
    compare(4, |random, out| {
        for index in 0..3 {
            write!(out, "  k{index}: ").unwrap();
            collection(random, out, 4);
            out.push('\n');
        }
    });
}

#[test]
fn annotations_are_printed_as_kustomize_prints_them() {
    compare(5, |random, out| {
        // Seven fields below `data`, then `metadata` follows; see `compare`.
        for index in 0..3 {
            let scalar = random.number();
            writeln!(out, "  k{index}: {scalar}").unwrap();
        }
    });
}

/// No digits: behind them the order of kustomize goes in circles (`10a`, `9`, `10`), and its output
/// is a matter of chance.
#[test]
fn blocks_and_texts_over_several_lines_are_read_and_printed_as_kustomize_does() {
    compare(6, |random, out| {
        for index in 0..4 {
            let header = random.pick(&["|", "|-", "|+", ">", ">-", ">+", "|2", ">2-", "> # why", "'", "\"", ""]);
            writeln!(out, "  k{index}: {header}").unwrap();
            let quote = if header.len() == 1 && matches!(header, "'" | "\"") { header } else { "" };
            let block = header.starts_with(['|', '>']);
            for line in 0..=random.below(6) {
                // Deeper first lines set the indentation of a block, so it starts at the margin.
                let margin = if line == 0 { "    " } else { random.pick(&["    ", "    ", "      ", "     "]) };
                let length = 1 + random.below(4);
                let text =
                    if line == 0 || !block { "w".to_owned() } else { String::new() } + &random.text(LINE_WORDS, length);
                writeln!(out, "{}", format!("{margin}{text}").trim_end_matches(if block { '\n' } else { ' ' }))
                    .unwrap();
            }
            if !quote.is_empty() {
                writeln!(out, "    {quote}").unwrap();
            }
        }
    });
}

const LINE_WORDS: &[&str] = &["word", " a", "é ", "日本", " ", "long-word-", "1", " b", "", "\t"];

const KEY_PARTS: &[&str] = &["a", "B", "b.c", "d/e", "-", "_", "é", "on", ":", "#", " ", "'", "Z", "~", "?", "\n"];

const PARTS: &[&str] = &[
    "a",
    "b c",
    "word",
    " ",
    "  ",
    ":",
    ": ",
    "#",
    " #",
    "-",
    "- ",
    "'",
    "\"",
    "\\",
    "\n",
    "\n\n",
    "\n ",
    " \n",
    "é",
    "日本",
    "😀",
    "{",
    "}",
    "[",
    ",",
    "yes",
    "0x1F",
    "1.5",
    "?",
    "? ",
    "*",
    "&",
    "!",
    "|",
    ">",
    "%",
    "@",
    "`",
    "---",
    "...",
    "~",
    "=",
    "<<",
    "$(A)",
    "a: b",
    "\u{a0}",
    "\u{1b}",
    "\u{0}",
    "\t",
    "\r",
    "\r\n",
    "\u{feff}",
    "\u{e000}",
    "\u{85}",
    "\u{2028}",
    "\u{2029}",
    "\u{fffd}",
    "12:30",
    "<html>&amp;",
];

const WORDS: &[&str] = &[
    "word ",
    "a ",
    "longer-word ",
    "x",
    "  ",
    "'quoted' ",
    "\"double\" ",
    "é ",
    "日本語 ",
    "--flag=value ",
    "1 ",
    ": ",
    "supercalifragilistic ",
    "\t",
];

/// Builds documents, prints them twice, and shows the first one that differs.
fn compare(seed: u64, fields: impl Fn(&mut Random, &mut String)) {
    if crate::kubectl_is_missing() {
        return;
    }
    let mut random = Random::new(seed);
    let documents: Vec<String> = (0..DOCUMENTS)
        .map(|index| {
            let mut out = String::from("data:\n");
            fields(&mut random, &mut out);
            writeln!(out, "kind: Thing\napiVersion: example.com/v1\nmetadata:\n  name: n{index}").unwrap();
            if random.below(3) == 0 {
                out.push_str("  annotations:\n");
                for key in 0..random.below(4) {
                    let annotation = if random.below(2) == 0 { random.number() } else { random.pick(BARE).to_owned() };
                    writeln!(out, "    a{key}: {annotation}").unwrap();
                }
            }
            out
        })
        .collect();
    let directory = std::env::temp_dir().join(format!("plimsoll-emit-{}-{seed}", std::process::id()));
    std::fs::create_dir_all(&directory).unwrap();
    let theirs = kustomize(&directory, &documents);
    std::fs::remove_dir_all(&directory).unwrap();
    assert_eq!(theirs.len(), documents.len());
    for (document, theirs) in documents.iter().zip(theirs) {
        assert_eq!(ours(document), theirs, "for\n{document}");
    }
}

/// What kubectl prints for each document.
fn kustomize(directory: &Path, documents: &[String]) -> Vec<String> {
    let kustomization = "resources: [r.yaml]\nsortOptions: {order: fifo}\n";
    std::fs::write(directory.join("kustomization.yaml"), kustomization).unwrap();
    std::fs::write(directory.join("r.yaml"), documents.join("---\n")).unwrap();
    let output = crate::kustomize().arg(directory).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let text = String::from_utf8(output.stdout).unwrap();
    text.split("\n---\n").map(|document| document.trim_end_matches('\n').to_owned() + "\n").collect()
}

fn ours(document: &str) -> String {
    let sources = Arc::new(Sources::in_memory());
    let source = sources.add("r.yaml", document);
    let parsed = parse(&sources, source, Reader::Kustomize);
    assert!(parsed.diagnostics.is_empty(), "{document}\n{:?}", parsed.diagnostics);
    let emitted = emit_all(parsed.documents.iter().map(|document| parsed.tree.node(document.root)));
    emitted.map_or_else(|error| error.message, |text| text.trim_end_matches('\n').to_owned() + "\n")
}

/// A text in double quotes, with escapes that every reader knows.
fn json(text: &str) -> String {
    let mut out = String::from("\"");
    for char in text.chars() {
        match char {
            '"' | '\\' => out.extend(['\\', char]),
            '\u{20}'..='\u{7E}' | '\u{A1}'..='\u{1FFF}' | '\u{3000}'..='\u{D7FF}' => out.push(char),
            _ => write!(out, "\\U{:08X}", u32::from(char)).unwrap(),
        }
    }
    out + "\""
}

/// A flow collection, or a scalar.
fn collection(random: &mut Random, out: &mut String, depth: usize) {
    match random.below(if depth == 0 { 2 } else { 5 }) {
        0 => out.push_str(random.pick(&["a", "1", "1.5", "\"\"", "null", "\"b: c\"", "[]", "{}"])),
        1 => out.push_str(&json(&random.text(WORDS, 20))),
        2 => {
            out.push('[');
            for _ in 0..random.below(4) {
                collection(random, out, depth - 1);
                out.push_str(", ");
            }
            out.push(']');
        }
        _ => {
            out.push('{');
            for index in 0..random.below(5) {
                let (key, number) = (random.pick(KEY_PARTS), random.below(200));
                write!(out, "{}: ", json(&format!("{key}{number}{index}"))).unwrap();
                collection(random, out, depth - 1);
                out.push_str(", ");
            }
            out.push('}');
        }
    }
}
