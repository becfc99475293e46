//! Questions whose answers nobody here knows, and all the worlds that their answers make.
//!
//! An analysis runs from start to end under one set of answers, and a question asked twice is answered twice the
//! same. [`Oracle::next_world`] then changes the last answer that can be changed, until all worlds were seen.

use std::collections::BTreeSet;
use std::collections::HashMap;

/// What answers questions in one world after the other.
#[derive(Default)]
pub(super) struct Oracle {
    /// The answers that this world begins with.
    given: Vec<u8>,
    /// What was asked in this world, how many answers there are, and which one was given.
    asked: Vec<(u8, u8)>,
    answers: HashMap<String, u8>,
    /// Whether it was asked what is where nobody here has put anything.
    pub(super) asks_for_paths: bool,
    /// Paths of the image that links on a volume lead to. Nothing says what those were made for, so nothing is
    /// assumed about what is there.
    strays: BTreeSet<String>,
}

impl Oracle {
    /// The answer to a question, one of these.
    pub(super) fn ask(&mut self, question: String, answers: &[u8]) -> u8 {
        if let Some(answer) = self.answers.get(&question) {
            return *answer;
        }
        let about_paths = ["path ", "in ", "unclear ", "before "];
        self.asks_for_paths |= about_paths.iter().any(|start| question.starts_with(start));
        let at = self.given.get(self.asked.len()).copied().unwrap_or(0);
        let answer = answers.get(usize::from(at)).copied().unwrap_or(0);
        self.asked.push((u8::try_from(answers.len()).unwrap_or(u8::MAX), at));
        self.answers.insert(question, answer);
        answer
    }

    /// The answer, if it was given; else this one from now on, which makes no other world.
    pub(super) fn assume(&mut self, question: String, answer: u8) -> u8 {
        *self.answers.entry(question).or_insert(answer)
    }

    /// Notes that a link on a volume leads to a path of the image.
    pub(super) fn strays_to(&mut self, path: &str) {
        if !self.strays.contains(path) {
            self.strays.insert(path.to_owned());
        }
    }

    /// Whether a path of the image is one that a link on a volume leads to, or below one.
    pub(super) fn is_stray(&self, path: &str) -> bool {
        self.strays
            .iter()
            .any(|stray| path.strip_prefix(stray.as_str()).is_some_and(|rest| rest.is_empty() || rest.starts_with('/')))
    }

    /// How much was asked in this world.
    pub(super) fn asked(&self) -> usize {
        self.asked.len()
    }

    /// Goes on to the next world; false if there is none.
    pub(super) fn next_world(&mut self) -> bool {
        self.answers.clear();
        self.strays.clear();
        let mut asked = std::mem::take(&mut self.asked);
        while let Some((answers, answer)) = asked.pop() {
            if answer + 1 < answers {
                self.given = asked.iter().map(|(_, answer)| *answer).collect();
                self.given.push(answer + 1);
                return true;
            }
        }
        false
    }
}

#[cfg(test)]
mod tests {
    use super::Oracle;

    #[test]
    fn each_combination_of_answers_is_one_world() {
        let mut oracle = Oracle::default();
        let mut worlds = Vec::new();
        loop {
            let first = oracle.ask("a".to_owned(), &[0, 1]);
            // The second question only comes up after one of the answers.
            let second = if first == 1 { oracle.ask("b".to_owned(), &[0, 1, 2]) } else { 9 };
            assert_eq!(oracle.ask("a".to_owned(), &[0, 1]), first);
            worlds.push((first, second));
            if !oracle.next_world() {
                break;
            }
        }
        assert_eq!(worlds, [(0, 9), (1, 0), (1, 1), (1, 2)]);
    }
}
