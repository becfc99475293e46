//! Dates and times as the two Go libraries read them: four layouts, each lenient in its own way.
//! Not a calendar: it tells a timestamp from a text, and writes one as kustomize does.

use std::fmt::Write;

/// The timestamp that `text` spells, in the form of RFC 3339. None if the text is just a text.
///
/// The layouts are `YYYY-M-D`, the same with `T` or `t` and a time with a zone, and with a space
/// and a time without one. Go takes any number of spaces there, and a comma before a fraction.
pub(super) fn rfc3339(text: &str) -> Option<String> {
    let mut rest = Rest(text);
    let year = rest.digits(4, 4)?;
    rest.expect(b'-')?;
    let month = rest.digits(1, 2)?;
    rest.expect(b'-')?;
    let day = rest.digits(1, 2)?;
    if !(1..=12).contains(&month) || !(1..=days_in(month, year)).contains(&day) {
        return None;
    }
    let mut written = format!("{year:04}-{month:02}-{day:02}T");
    let has_zone = match rest.0.as_bytes().first() {
        None => {
            written.push_str("00:00:00Z");
            return Some(written);
        }
        Some(b'T' | b't') => {
            rest.0 = &rest.0[1..];
            true
        }
        Some(b' ') => {
            rest.0 = rest.0.trim_start_matches(' ');
            false
        }
        Some(_) => return None,
    };
    time(&mut rest, &mut written)?;
    if has_zone {
        zone(&mut rest, &mut written)?;
    } else {
        written.push('Z');
    }
    rest.0.is_empty().then_some(written)
}

fn time(rest: &mut Rest<'_>, written: &mut String) -> Option<()> {
    let hour = rest.digits(1, 2).filter(|&hour| hour < 24)?;
    rest.expect(b':')?;
    let minute = rest.digits(1, 2).filter(|&minute| minute < 60)?;
    rest.expect(b':')?;
    let second = rest.digits(1, 2).filter(|&second| second < 60)?;
    write!(written, "{hour:02}:{minute:02}:{second:02}").ok()?;
    if let [b'.' | b',', b'0'..=b'9', ..] = rest.0.as_bytes() {
        let end = rest.0[1..].find(|char: char| !char.is_ascii_digit()).map_or(rest.0.len(), |end| end + 1);
        // Nanoseconds are kept, what is finer is dropped, and zeros at the end are not written.
        let fraction = rest.0[1..end.min(10)].trim_end_matches('0');
        rest.0 = &rest.0[end..];
        if !fraction.is_empty() {
            write!(written, ".{fraction}").ok()?;
        }
    }
    Some(())
}

fn zone(rest: &mut Rest<'_>, written: &mut String) -> Option<()> {
    let sign = match rest.0.as_bytes().first()? {
        b'Z' => {
            rest.0 = &rest.0[1..];
            written.push('Z');
            return Some(());
        }
        b'+' => '+',
        b'-' => '-',
        _ => return None,
    };
    rest.0 = &rest.0[1..];
    // Go takes one hour and one minute more than a clock shows, and then counts in minutes.
    let hour = rest.digits(2, 2).filter(|&hour| hour <= 24)?;
    rest.expect(b':')?;
    let minute = rest.digits(2, 2).filter(|&minute| minute <= 60)?;
    let minutes = hour * 60 + minute;
    if minutes == 0 {
        written.push('Z');
    } else {
        write!(written, "{sign}{:02}:{:02}", minutes / 60, minutes % 60).ok()?;
    }
    Some(())
}

fn days_in(month: u32, year: u32) -> u32 {
    match month {
        2 if year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400)) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// What is left to read.
struct Rest<'a>(&'a str);

impl Rest<'_> {
    /// A number of `least` to `most` digits.
    fn digits(&mut self, least: usize, most: usize) -> Option<u32> {
        let length = self.0.bytes().take(most).take_while(u8::is_ascii_digit).count();
        let number = self.0.get(..length)?.parse().ok().filter(|_| length >= least)?;
        self.0 = &self.0[length..];
        Some(number)
    }

    fn expect(&mut self, byte: u8) -> Option<()> {
        self.0 = self.0.strip_prefix(char::from(byte))?;
        Some(())
    }
}

#[cfg(test)]
mod tests {
    use super::rfc3339;

    #[test]
    fn timestamps_are_written_as_rfc_3339() {
        for (text, written) in [
            ("2001-01-01", "2001-01-01T00:00:00Z"),
            ("2001-1-2", "2001-01-02T00:00:00Z"),
            ("2024-02-29", "2024-02-29T00:00:00Z"),
            ("2001-12-14t21:59:43.10-05:00", "2001-12-14T21:59:43.1-05:00"),
            ("2001-12-14T1:2:3Z", "2001-12-14T01:02:03Z"),
            ("2001-12-14T01:02:03+00:00", "2001-12-14T01:02:03Z"),
            ("2001-12-14 21:59:43,5", "2001-12-14T21:59:43.5Z"),
            ("2001-12-14   21:59:43.1234567891", "2001-12-14T21:59:43.123456789Z"),
        ] {
            assert_eq!(rfc3339(text).as_deref(), Some(written), "{text}");
        }
    }

    #[test]
    fn what_only_looks_like_a_timestamp_is_a_text() {
        for text in [
            "2001-01",
            "2001-13-01",
            "2001-02-30",
            "2023-02-29",
            "2001-01-01-01",
            "201-01-01",
            "2001-12-14T21:59:43",
            "2001-12-14 21:59:43Z",
            "2001-12-14T24:00:00Z",
            "2001-12-14T21:59",
            "2001-12-14T21:59:43z",
        ] {
            assert_eq!(rfc3339(text), None, "{text}");
        }
    }
}
