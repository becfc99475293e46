//! Random scripts to compare with real shells, often with something left out or put in, and random words.

use plimsoll::shell::Dialect;

use crate::random::Random;

/// A random script, often with something left out or put in.
pub(crate) fn made_up(random: &mut Random, dialect: Dialect) -> String {
    let mut tokens = Vec::new();
    list(random, dialect, 2, &mut tokens);
    if random.below(2) == 0 {
        for _ in 0..=random.below(2) {
            let at = random.below(tokens.len());
            match random.below(3) {
                0 => drop(tokens.remove(at)),
                1 => tokens.insert(at, random.pick(ODD).to_owned()),
                _ => random.pick(ODD).clone_into(&mut tokens[at]),
            }
            if tokens.is_empty() {
                break;
            }
        }
    }
    tokens.join(" ")
}

/// What may stand where it should not.
const ODD: &[&str] = &[
    ";", "\n", "&", "&&", "||", "|", "(", ")", "{", "}", "if", "then", "else", "elif", "fi", "while", "do", "done",
    "case", "in", "esac", ";;", "for", "!", ">", "<", ">>", "<<E\n", "2>", "'", "\"", "`", "$(", "$((", "${x", "}",
    "#", "\\", "a", "x=1", "[[", "]]", "function", "time", "&>", "|&", "<<<", "f()",
];

fn list(random: &mut Random, dialect: Dialect, depth: usize, tokens: &mut Vec<String>) {
    for _ in 0..=random.below(2) {
        command(random, dialect, depth, tokens);
        for _ in 0..random.below(3) / 2 {
            tokens.push(random.pick(&["&&", "||", "|", "|", "&& \n", "| \n\n"]).to_owned());
            command(random, dialect, depth, tokens);
        }
        tokens.push(random.pick(&[";", "\n", "&", "; \n", "# a\n"]).to_owned());
    }
}

fn command(random: &mut Random, dialect: Dialect, depth: usize, tokens: &mut Vec<String>) {
    let kind = if depth == 0 { 0 } else { random.below(14) };
    let word = |random: &mut Random| word(random, dialect, depth);
    let parts: &[&str] = match kind {
        5 => &["{", "L", "}"],
        6 => &["(", "L", ")"],
        7 => &["if", "L", "then", "L", "fi"],
        8 => &["if", "L", "then", "L", "elif", "L", "then", "L", "else", "L", "fi"],
        9 => &["while", "L", "do", "L", "done"],
        10 => &["for x in", "W", "W", ";", "do", "L", "done"],
        11 => &["case", "W", "in", "W", ")", "L", ";;", "( a | b", ")", "L", "esac"],
        12 => &["f()", "{", "L", "}"],
        13 if dialect == Dialect::Bash => &["[[", "-f", "a", "&&", "(", "a", "==", "W", ")", "]]"],
        _ => {
            for _ in 0..random.below(6) / 4 {
                tokens.push(format!("A={}", word(random)));
            }
            tokens.push(random.pick(&["a", "echo", "b", "[ -f x ]", "! a"]).to_owned());
            for _ in 0..random.below(4) {
                let word = word(random);
                tokens.push(word);
            }
            for _ in 0..random.below(5) / 3 {
                tokens.push(random.pick(&["> x", "2>&1", "< y", ">> z", "2> /dev/null", "<&-"]).to_owned());
            }
            return;
        }
    };
    for part in parts {
        match *part {
            "L" => list(random, dialect, depth - 1, tokens),
            "W" => {
                let word = word(random);
                tokens.push(word);
            }
            _ => tokens.push((*part).to_owned()),
        }
    }
}

fn word(random: &mut Random, dialect: Dialect, depth: usize) -> String {
    let mut text = String::new();
    for _ in 0..=random.below(2) {
        text += random.pick(&[
            "a",
            "b/c",
            "-x",
            "'a b'",
            "\"a $b\"",
            "$c",
            "${d}",
            "${e:-f}",
            "${g#*/}",
            "*.x",
            "[ab]",
            "\\;",
            "~",
            "$((1 + 2))",
            "\"${h:-\"i j\"}\"",
            "{k,l}",
            "{{ m }}",
            "a=b",
            "if",
            "#",
            "=",
            "$1",
            "\"$@\"",
        ]);
    }
    if depth > 0 && random.below(6) == 0 {
        let mut tokens = Vec::new();
        list(random, dialect, depth - 1, &mut tokens);
        text += &random.pick(&["$(L)", "\"$(L)\"", "${n:-$(L)}"]).replace('L', &tokens.join(" "));
    }
    text
}

/// What may be a part of a word that nothing but `~` is expanded in.
const PIECES: &[&str] = &[
    "a",
    "b",
    " ",
    "  ",
    "\t",
    "'c d'",
    "\"e f\"",
    "\\ ",
    "\\a",
    "\\\\",
    "\\'",
    "\\\"",
    "''",
    "\"\"",
    "\"\\a\\\"\\\\\\$\\`\"",
    "'\\'",
    "\\\n",
    "\"\\\n\"",
    "\"g\nh\"",
    "a#",
    "~",
    " ~",
    " ~/x ",
    " A=b:~ ",
    "=",
    "A=",
    "*",
    "?",
    "[a]",
    " [ ",
    "{ ",
    "}",
    "{a,b}",
    ",",
    " $ ",
    "=$ ",
    "\"$\"",
    "\"'\"",
    "'\"'",
    "if",
    "then",
    "!",
    " ! ",
    "é",
    "\\é",
    "%",
    "@",
    "+",
    "^",
    "{{ ",
    "}}",
    "2",
    "=~",
];

/// Random words without expansions other than of `~`.
pub(crate) fn words(random: &mut Random, dialect: Dialect) -> String {
    let added: &[&str] = match dialect {
        Dialect::Posix => &[],
        Dialect::Ash => &["$'a\\tb\\'c\\x41\\101\\\\'"],
        Dialect::Bash => &["$'a\\tb\\'c\\x41\\u00e9\\101\\e'", "$\"a b\""],
    };
    let all: Vec<&str> = PIECES.iter().chain(added).copied().collect();
    // The first and last words stand apart, so that neither is a keyword, an assignment or a comment.
    format!("w {} w", random.text(&all, 12))
}
