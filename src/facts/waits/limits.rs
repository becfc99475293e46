//! How long programs that ask take: for one question, and for all that they ask by themselves.

use crate::facts::runs::Value;
use crate::facts::runs::base_name;
use crate::facts::waits::duration::duration;
use crate::facts::waits::table::Row;
use crate::facts::waits::table::Words;

/// When a program stops asking by itself.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Limit {
    Seconds(u64),
    Never,
}

impl Limit {
    pub(super) fn seconds(self) -> Option<u64> {
        match self {
            Self::Seconds(seconds) => Some(seconds),
            Self::Never => None,
        }
    }
}

/// How long one question may take; none if nothing limits it.
pub(super) fn timeout(row: &Row, words: &Words) -> Option<u64> {
    let given = words.value(&row.timeout).and_then(Value::literal).and_then(|text| duration(&text));
    let default = row.timeout.iter().find_map(|word| word.parse().ok());
    given.or(default)
}

/// How long a program asks again by itself; none if that is not known.
pub(super) fn limit(name: &str, row: &Row, words: &Words) -> Option<Limit> {
    if row.limit.is_empty() {
        return retried(name, words).map(Limit::Seconds);
    }
    let place = row.limit.iter().find_map(|word| word.strip_prefix('@')?.parse::<usize>().ok());
    let given = words.value(&row.limit).or_else(|| words.operands.get(place?));
    let default = || row.limit.iter().find_map(|word| word.parse::<u64>().ok());
    let number = match given {
        Some(value) => duration(&value.literal()?)?,
        None => default().unwrap_or(0),
    };
    let is_negative = given.and_then(Value::literal).is_some_and(|text| text.starts_with('-'));
    let seconds = match row.unit.as_str() {
        "minutes" => number.saturating_mul(60),
        "milliseconds" => number.div_ceil(1000),
        _ => number,
    };
    Some(if seconds > 0 && !is_negative { Limit::Seconds(seconds) } else { Limit::Never })
}

/// How long `curl --retry` and its like ask at most, as far as it is limited.
fn retried(name: &str, words: &Words) -> Option<u64> {
    let option = |names: &[&str]| {
        let names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
        words.value(&names).and_then(Value::literal).and_then(|text| duration(&text))
    };
    match base_name(name) {
        "curl" => {
            let tries = option(&["--retry"])?;
            let delay = option(&["--retry-delay"]).unwrap_or_else(|| {
                // It doubles from a second up to ten minutes.
                (0..tries.min(60)).map(|round| (1_u64 << round.min(10)).min(600)).sum::<u64>() / tries.max(1)
            });
            let each = option(&["-m", "--max-time"]).unwrap_or(0);
            let total = tries.saturating_mul(delay.saturating_add(each));
            Some(option(&["--retry-max-time"]).map_or(total, |limit| limit.min(total)))
        }
        "wget" => {
            let tries = option(&["-t", "--tries"])?;
            let pause = option(&["--waitretry", "--wait"]).unwrap_or(10);
            let each = option(&["-T", "--timeout"]).unwrap_or(0);
            Some(tries.saturating_mul(pause.saturating_add(each)))
        }
        _ => None,
    }
}
