//! Texts made to take long or to nest deep.

use std::time::Duration;
use std::time::Instant;

use plimsoll::shell::CommandKind;
use plimsoll::shell::Dialect;
use plimsoll::shell::MAX_LENGTH;
use plimsoll::shell::read;

/// Repeated until nothing more is read.
const REPEATED: &[&str] = &[
    "(",
    "((",
    "( ",
    "((\n",
    "(\n",
    "((a # ((((\n) )\n",
    "$(",
    "$((",
    "$($(",
    "\"$(",
    "\"$(\"$(",
    "`",
    "`a ",
    "\\`",
    "\"`",
    "{",
    "{ ",
    "{a,",
    "{a,{",
    "{{",
    "{{ a",
    "{{ a }} (\n",
    "[",
    "[a",
    "[[ ",
    "[[ (",
    "[[ a == (",
    "]",
    "<<a",
    "<<a<<a",
    "<<a\n",
    "<<'a'\n",
    "<<-a $(",
    "a <<a; $(",
    "case a in ",
    "case a in b) ",
    "case a in b) case $(",
    "if ",
    "if a; then ",
    "if a\n",
    "while a; do ",
    "for i in ",
    "for ((",
    "f() ",
    "f()\n",
    "function f ",
    "f() {\n",
    "a=(",
    "a[",
    "a[b]=(",
    "${",
    "${a:-",
    "\"${a:-",
    "${a[",
    "${a:-$(",
    "\"",
    "'",
    "$'",
    "$'\\x",
    "\\",
    "\\\n",
    "#",
    "a#",
    "a && ",
    "a | ",
    "! ",
    "time ",
    "coproc ",
    "coproc a ",
    "& ",
    ";",
    ";;",
    ")",
    "}",
    "fi\n",
    "a (\n",
    "a '\n",
    "<(",
    "<(a) ",
    ">",
    "1>",
    "{a}>",
    "~",
    "~:",
    "a=~:",
    "a:~",
    "é",
    "\0",
    "\r\n",
    "$[",
    "$((a)",
    "[[ a =~ (",
    "aaaaaaaa=~",
    "1",
    "if\\\n",
    "{ a; } >b ",
    "a; ",
    "a\n",
    "x=$(a) ",
    "\"$a\" ",
    "`a` ",
    "echo {a,b}{c,d} ",
    "\t<<-a\n\t`\n",
    "$(( (",
];

/// How long one text may take in a build that nothing is optimized in.
const MOST: Duration = Duration::from_secs(3);

#[test]
fn no_text_takes_long_or_overflows_the_stack() {
    for repeated in REPEATED {
        let text: String =
            repeated.chars().cycle().take(MAX_LENGTH / repeated.len() * repeated.chars().count()).collect();
        for dialect in [Dialect::Posix, Dialect::Ash, Dialect::Bash] {
            let start = Instant::now();
            let script = read(&text, dialect);
            let time = start.elapsed();
            println!("{time:10.1?} {:6} {dialect:?} {repeated:?}", script.problems.len());
            assert!(time < MOST, "{dialect:?} {repeated:?} takes {time:?}");
            assert!(script.problems.iter().all(|problem| text.get(problem.range.clone()).is_some()), "{repeated:?}");
        }
    }
}

#[test]
fn a_script_that_is_too_long_is_not_read() {
    let script = read(&"a\n".repeat(MAX_LENGTH), Dialect::Posix);
    assert_eq!(script.problems.len(), 1);
    assert_eq!(script.body.items.len(), 1);
    assert_eq!(script.body.items[0].first.commands[0].kind, CommandKind::Unread);
}
