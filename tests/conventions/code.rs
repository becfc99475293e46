//! Our own Rust files, reduced to what counts for conventions: comments, texts and tests are blanked,
//! lines stay where they are. Not a parser: it knows just enough not to be fooled by quotes and braces.

use std::path::Path;

use regex::Regex;

/// A file below `src/`.
pub(crate) struct CodeFile {
    /// Its path, relative to the package.
    pub(crate) path: String,
    /// Its module path below the crate: `["policy", "load"]`, empty for `lib.rs` and `main.rs`.
    pub(crate) module: Vec<String>,
    /// All of its text.
    pub(crate) text: String,
    /// Its code.
    pub(crate) code: String,
}

/// All files below `src/`, sorted, without those that only tests use.
pub(crate) fn files(package: &Path) -> Vec<CodeFile> {
    let mut paths = Vec::new();
    walk(&package.join("src"), &mut paths);
    let mut tests_only = Vec::new();
    let mut files = Vec::new();
    for path in paths {
        let text = std::fs::read_to_string(&path).unwrap();
        let (code, test_modules) = without_tests(&blanked(&text));
        let path = path.strip_prefix(package).unwrap().to_string_lossy().replace('\\', "/");
        let module = module_of(&path);
        tests_only.extend(test_modules.into_iter().map(|name| [module.as_slice(), &[name]].concat()));
        files.push(CodeFile { path, module, text, code });
    }
    files.retain(|file| !tests_only.iter().any(|module| file.module.starts_with(module)));
    files
}

fn walk(folder: &Path, paths: &mut Vec<std::path::PathBuf>) {
    let mut entries: Vec<_> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    entries.sort();
    for path in entries {
        if path.is_dir() {
            walk(&path, paths);
        } else if path.extension().is_some_and(|ending| ending == "rs") {
            paths.push(path);
        }
    }
}

/// `src/policy/load.rs` is `policy::load`, `src/policy/mod.rs` is `policy`.
fn module_of(path: &str) -> Vec<String> {
    let steps = path.trim_start_matches("src/").trim_end_matches(".rs").split('/');
    steps.filter(|step| !matches!(*step, "mod" | "lib" | "main")).map(str::to_owned).collect()
}

/// The text with comments and the insides of texts replaced by blanks.
fn blanked(text: &str) -> String {
    let chars: Vec<char> = text.chars().collect();
    let mut code = String::with_capacity(text.len());
    let mut at = 0;
    while at < chars.len() {
        let end = match (chars[at], chars.get(at + 1)) {
            ('/', Some('/')) => find(&chars, at, &['\n']),
            ('/', Some('*')) => find(&chars, at + 2, &['*', '/']) + 2,
            ('"', _) => end_of_text(&chars, at),
            ('r', Some('"' | '#')) if at == 0 || !chars[at - 1].is_alphanumeric() => end_of_raw_text(&chars, at),
            // A lifetime has no second quote; `'\''` and `'"'` do.
            ('\'', Some('\\')) => find(&chars, at + 3, &['\'']) + 1,
            ('\'', _) if chars.get(at + 2) == Some(&'\'') => at + 3,
            _ => {
                code.push(chars[at]);
                at += 1;
                continue;
            }
        };
        let end = end.clamp(at + 1, chars.len());
        code.extend(chars[at..end].iter().map(|&char| if char == '\n' { '\n' } else { ' ' }));
        at = end;
    }
    code
}

fn find(chars: &[char], from: usize, what: &[char]) -> usize {
    (from..chars.len()).find(|&at| chars[at..].starts_with(what)).unwrap_or(chars.len())
}

fn end_of_text(chars: &[char], start: usize) -> usize {
    let mut at = start + 1;
    while at < chars.len() && chars[at] != '"' {
        at += if chars[at] == '\\' { 2 } else { 1 };
    }
    at + 1
}

/// The end of `r"…"` or `r#"…"#`; the next character if it is neither, such as `r#type`.
fn end_of_raw_text(chars: &[char], start: usize) -> usize {
    let hashes = chars[start + 1..].iter().take_while(|&&char| char == '#').count();
    if chars.get(start + 1 + hashes) != Some(&'"') {
        return start + 1;
    }
    let closing: Vec<char> = std::iter::once('"').chain(std::iter::repeat_n('#', hashes)).collect();
    find(chars, start + 2 + hashes, &closing) + closing.len()
}

/// The code without its test modules, and the names of those that have files of their own.
fn without_tests(code: &str) -> (String, Vec<String>) {
    let test_module = Regex::new(r"#\[cfg\(test\)\]\s*(?:pub(?:\([a-z]+\))? )?mod (\w+)\s*([;{])").unwrap();
    let mut rest = code;
    let mut kept = String::new();
    let mut files = Vec::new();
    while let Some(found) = test_module.captures(rest) {
        let whole = found.get(0).unwrap();
        kept.push_str(&rest[..whole.start()]);
        if &found[2] == ";" {
            files.push(found[1].to_owned());
        }
        let end = if &found[2] == ";" { whole.end() } else { end_of_block(rest, whole.end()) };
        rest = &rest[end..];
    }
    kept.push_str(rest);
    (kept, files)
}

/// The place behind the brace that closes a block, from a place inside of it.
fn end_of_block(code: &str, inside: usize) -> usize {
    let mut depth = 1;
    for (at, char) in code[inside..].char_indices() {
        match char {
            '{' => depth += 1,
            '}' => depth -= 1,
            _ => {}
        }
        if depth == 0 {
            return inside + at + 1;
        }
    }
    code.len()
}

#[test]
fn comments_texts_and_tests_are_no_code() {
    let text = "use a; // crate::b\nlet c = '\"'; let d = r#\"crate::e\"#; /* crate::f */ fn g<'h>() {}\n\
                #[cfg(test)]\nmod tests { fn i() { \"}\"; } }\nlet j = \"\\\"crate::k\";\n#[cfg(test)]\nmod l;\n";
    let (code, files) = without_tests(&blanked(text));
    let words: Vec<&str> = code.split_whitespace().collect();
    assert_eq!(words.join(" "), "use a; let c = ; let d = ; fn g<'h>() {} let j = ;");
    assert_eq!(files, ["l"]);
}
