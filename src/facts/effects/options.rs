//! The words behind a program taken apart: options, their values, and operands.

use crate::facts::effects::arg::Arg;

/// How a program was called.
pub(super) struct Call<'c> {
    pub(super) name: &'c str,
    /// All words behind the program.
    pub(super) args: &'c [Arg],
    /// Letters and long names, with their values.
    options: Vec<(String, Option<Arg>)>,
    pub(super) operands: Vec<Arg>,
}

impl<'c> Call<'c> {
    /// `valued` names the options that have values, separated by blanks. Where options are whole words behind one
    /// dash, as those of `openssl`, `is_wordy` says so.
    pub(super) fn read(args: &'c [Arg], valued: &str, is_wordy: bool) -> Self {
        let name = args.first().map_or("", |arg| arg.text.rsplit('/').next().unwrap_or(""));
        let args = args.get(1..).unwrap_or_default();
        let is_valued = |name: &str| valued.split(' ').any(|own| own == name);
        let (mut options, mut operands) = (Vec::new(), Vec::new());
        let mut words = args.iter();
        while let Some(word) = words.next() {
            let Some(rest) = word.text.strip_prefix('-').filter(|rest| !rest.is_empty()) else {
                operands.push(word.clone());
                continue;
            };
            if rest == "-" {
                operands.extend(words.by_ref().cloned());
                continue;
            }
            let long = rest.strip_prefix('-').or(if is_wordy { Some(rest) } else { None });
            if let Some(long) = long {
                if let Some((long, value)) = long.split_once('=') {
                    options.push((long.to_owned(), Some(Arg::plain(value))));
                } else {
                    let value = is_valued(long).then(|| words.next().cloned()).flatten();
                    options.push((long.to_owned(), value));
                }
                continue;
            }
            for (at, letter) in rest.char_indices() {
                let name = letter.to_string();
                let behind = &rest[at + letter.len_utf8()..];
                if is_valued(&name) {
                    let value = if behind.is_empty() { words.next().cloned() } else { Some(Arg::plain(behind)) };
                    options.push((name, value));
                    break;
                }
                options.push((name, None));
            }
        }
        Self { name, args, options, operands }
    }

    /// Whether one of these options, separated by blanks, is there.
    pub(super) fn has(&self, names: &str) -> bool {
        self.options.iter().any(|(own, _)| names.split(' ').any(|name| name == own))
    }

    /// The value of the last of these options.
    pub(super) fn value(&self, names: &str) -> Option<&Arg> {
        let is_it = |own: &str| names.split(' ').any(|name| name == own);
        self.options.iter().rev().find(|(own, _)| is_it(own)).and_then(|(_, value)| value.as_ref())
    }

    /// The values of all of these options, in order.
    pub(super) fn values<'s>(&'s self, names: &'s str) -> impl Iterator<Item = &'s Arg> {
        let is_it = move |own: &str| names.split(' ').any(|name| name == own);
        self.options.iter().filter(move |(own, _)| is_it(own)).filter_map(|(_, value)| value.as_ref())
    }

    /// Its words on one line, the program first.
    pub(super) fn text(&self) -> String {
        let mut text = self.name.to_owned();
        for arg in self.args {
            text.push(' ');
            text.push_str(&arg.text);
        }
        text
    }
}
