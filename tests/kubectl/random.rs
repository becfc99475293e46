//! Random texts and scalars, the same for the same seed on every machine.

/// Scalars without quotes that programs disagree about, and a few with tags.
pub(crate) const BARE: &[&str] = &[
    "yes",
    "no",
    "on",
    "y",
    "N",
    "true",
    "True",
    "TRUE",
    "false",
    "null",
    "Null",
    "~",
    "",
    "2001-01-01",
    "2001-1-2",
    "2001-12-14t21:59:43.10-05:00",
    "2001-12-14 21:59:43",
    "12:30:45",
    "1:30",
    "0o17",
    "0755",
    "0x1f",
    "0b101",
    "1_000",
    "+12",
    "1e400",
    ".e5",
    ".5",
    "1.",
    "abc",
    "a b  c",
    "a:b",
    "!!str 1",
    "!!float 1",
    "!!int \"7\"",
    "!!binary aGVsbG8=",
    "! 1",
    "!foo 1",
    "-0",
    "-0.0",
    "[]",
    "{}",
    "'it''s'",
    "\"\\u00e9\\x41\"",
    "1-2",
    "18446744073709551615",
    "18446744073709551616",
    "-9223372036854775808",
    "-9223372036854775809",
    "1e21",
    "1e20",
];

/// A generator of numbers (xorshift), the same for the same seed everywhere.
pub(crate) struct Random {
    state: u64,
    /// What is chosen first, the last byte first.
    choices: Vec<u8>,
}

impl Random {
    pub(crate) fn new(seed: u64) -> Self {
        Self { state: 0x9E37_79B9_7F4A_7C15 ^ (seed << 17), choices: Vec::new() }
    }

    #[allow(dead_code, reason = "a fuzzer chooses")]
    /// Chooses what these bytes say, and goes on by itself when they end.
    pub(crate) fn chosen(choices: &[u8]) -> Self {
        Self { choices: choices.iter().rev().copied().collect(), ..Self::new(0) }
    }

    pub(crate) fn below(&mut self, limit: usize) -> usize {
        if let Some(choice) = self.choices.pop() {
            return usize::from(choice) % limit;
        }
        self.state ^= self.state << 13;
        self.state ^= self.state >> 7;
        self.state ^= self.state << 17;
        (self.state % limit as u64) as usize
    }

    pub(crate) fn pick<'a>(&mut self, from: &[&'a str]) -> &'a str {
        from[self.below(from.len())]
    }

    pub(crate) fn text(&mut self, parts: &[&str], most: usize) -> String {
        (0..self.below(most)).map(|_| self.pick(parts)).collect()
    }

    /// What looks like a number, mostly.
    pub(crate) fn number(&mut self) -> String {
        let mut text = self.pick(&["", "", "-", "+"]).to_owned();
        text += self.pick(&["", "", "", "0", "0x", "0o", "0b", "."]);
        for _ in 0..=self.below(6) {
            text += self.pick(&["0", "1", "2", "5", "7", "8", "9", "00", "123456", "_", "f"]);
        }
        text += self.pick(&["", "", "", ".", ".5", ".25", ".0", ".000001"]);
        text + self.pick(&["", "", "", "", "e3", "E-5", "e+20", "e", ":30", "e300"])
    }

    /// What looks like a date, mostly.
    pub(crate) fn date(&mut self) -> String {
        let mut text = self.pick(&["2001", "2024", "0000", "9999", "201"]).to_owned();
        for _ in 0..2 {
            text += self.pick(&["-", "-", "-", "-", "/"]);
            text += self.pick(&["1", "02", "10", "12", "13", "29", "30", "31", "0", "003"]);
        }
        text += self.pick(&["", "", "T", "t", " ", "  ", "x"]);
        if !text.ends_with(|char: char| char.is_ascii_digit()) {
            text += self.pick(&["1:2:3", "21:59:43", "24:00:00", "01:60:00", "23:59:60", "1:2"]);
            text += self.pick(&["", "", ".5", ",25", ".1234567891", "."]);
            text += self.pick(&["", "Z", "Z", "z", "+00:00", "-05:30", "+24:00", " +01:00", "+1:00", "+0100"]);
        }
        text
    }
}
