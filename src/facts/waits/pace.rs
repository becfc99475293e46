//! What is noted of the rounds of loops, so that those need not all be followed that go alike: what was compared, and
//! what numbers were used for. What follows from that is in `stride`.

/// How much is noted of one script.
const MAX_NOTED: usize = 4_096;

/// What is noted while rounds are followed.
#[derive(Default)]
pub(super) struct Pace {
    /// The distances of what was compared.
    pub(super) apart: Vec<i64>,
    /// How many rounds were skipped, each time.
    pub(super) skipped: Vec<u32>,
    /// How often something was done with a number of which nobody tells here where it changes its mind.
    pub(super) odd: u32,
    /// Variables that were read for something else than to reckon and to compare.
    pub(super) read: Vec<String>,
    /// Whether what is read is reckoned with, or compared.
    pub(super) is_plain: bool,
}

/// Where the notes of a round begin.
#[derive(Clone, Copy)]
pub(super) struct Mark {
    pub(super) apart: usize,
    pub(super) skipped: usize,
}

impl Pace {
    /// Notes that two numbers were compared.
    pub(super) fn compare(&mut self, left: i64, right: i64) {
        match left.checked_sub(right) {
            Some(apart) if self.apart.len() < MAX_NOTED => self.apart.push(apart),
            _ => self.odd += 1,
        }
    }

    /// Notes that something was done with a number that nobody here reckons with.
    pub(super) fn is_odd(&mut self) {
        self.odd += 1;
    }

    /// Notes that two texts were compared.
    pub(super) fn compare_texts(&mut self, left: &str, right: &str, is_pattern: bool) {
        if left.is_empty() || right.is_empty() {
            return;
        }
        let has_digits = |text: &str| text.bytes().any(|byte| byte.is_ascii_digit());
        match (left.parse(), right.parse()) {
            (Ok(left), Ok(right)) if !is_pattern => self.compare(left, right),
            _ => self.odd += u32::from(has_digits(left) || has_digits(right)),
        }
    }

    /// Notes that a variable was read.
    pub(super) fn read(&mut self, name: &str) {
        if !self.is_plain && !self.read.iter().any(|known| known == name) {
            self.read.push(name.to_owned());
        }
    }

    pub(super) fn mark(&self) -> Mark {
        Mark { apart: self.apart.len(), skipped: self.skipped.len() }
    }

    /// Forgets what was noted, where nobody looks at it any more.
    pub(super) fn forget(&mut self, since: Mark) {
        self.apart.truncate(since.apart);
        self.skipped.truncate(since.skipped);
    }
}
