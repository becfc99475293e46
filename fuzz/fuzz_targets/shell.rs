//! Any text as a script: reading it must not panic, hang or overflow the stack, by the rules of no shell, and every
//! range must hold the text it is said to.
#![no_main]

#[path = "../../tests/shell/ranges.rs"]
mod ranges;

use libfuzzer_sys::fuzz_target;
use plimsoll::shell::Dialect;
use plimsoll::shell::read;

fuzz_target!(|text: &str| {
    for dialect in [Dialect::Posix, Dialect::Ash, Dialect::Bash] {
        ranges::check(text, &read(text, dialect));
    }
});
