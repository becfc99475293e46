//! What a scalar's text means, which depends on who reads it.
//!
//! Two Go libraries read the manifests of this field and disagree: kustomize reads resources with
//! its fork of yaml.v3, kubectl reads files (and kustomize its own files) with a fork of yaml.v2,
//! which follows YAML 1.1. The rules here were checked against both (`decode`, `resolve.go`).

use crate::yaml::Style;
use crate::yaml::Tag;

/// Whose rules give a scalar its type.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Reader {
    /// kustomize on resources and strategic-merge patches: close to YAML 1.2.
    Kustomize,
    /// kubectl on manifests, kustomize on its own files: YAML 1.1, where `yes` and `on` are booleans.
    Kubectl,
}

/// A typed scalar.
#[derive(Clone, Copy, PartialEq, Debug)]
pub enum Scalar<'a> {
    /// Nothing, `~` or `null`.
    Null,
    /// A truth value.
    Bool(bool),
    /// A whole number that fits 64 bits, signed or not.
    Int(i128),
    /// Any other number.
    Float(f64),
    /// A date or time without quotes, which becomes a text in every output.
    Timestamp(&'a str),
    /// A text.
    String(&'a str),
}

impl Reader {
    /// The typed value of a scalar with this text, style and tag.
    pub fn resolve(self, text: &str, style: Style, tag: Tag) -> Scalar<'_> {
        match tag {
            Tag::Str | Tag::Binary => return Scalar::String(text),
            Tag::None | Tag::Other if style != Style::Plain => return Scalar::String(text),
            _ => {}
        }
        if let Some(scalar) = self.word(text) {
            return scalar;
        }
        match text.as_bytes() {
            [b'+' | b'-' | b'0'..=b'9', ..] => number(text),
            [b'.', ..] => go_float(text).map_or(Scalar::String(text), Scalar::Float),
            _ => Scalar::String(text),
        }
    }

    /// The words that stand for something else than themselves.
    fn word(self, text: &str) -> Option<Scalar<'_>> {
        Some(match text {
            "" | "~" | "null" | "Null" | "NULL" => Scalar::Null,
            "true" | "True" | "TRUE" => Scalar::Bool(true),
            "false" | "False" | "FALSE" => Scalar::Bool(false),
            ".nan" | ".NaN" | ".NAN" => Scalar::Float(f64::NAN),
            ".inf" | ".Inf" | ".INF" | "+.inf" | "+.Inf" | "+.INF" => Scalar::Float(f64::INFINITY),
            "-.inf" | "-.Inf" | "-.INF" => Scalar::Float(f64::NEG_INFINITY),
            "y" | "Y" | "yes" | "Yes" | "YES" | "on" | "On" | "ON" if self == Self::Kubectl => Scalar::Bool(true),
            "n" | "N" | "no" | "No" | "NO" | "off" | "Off" | "OFF" if self == Self::Kubectl => Scalar::Bool(false),
            _ => return None,
        })
    }
}

/// Whether a later tool fills this text in, so that its value can't be known here: `${NAME}` of Flux or
/// envsubst, `{{…}}` of a template engine, a value that SOPS has encrypted. Texts of several words are
/// scripts and sentences, where the same signs mean other things.
pub(super) fn is_placeholder(text: &str) -> bool {
    let filled_in = text.contains("${") && text.contains('}') && !text.contains(char::is_whitespace);
    filled_in || (text.contains("{{") && text.contains("}}")) || text.starts_with("ENC[AES256_GCM,")
}

/// What a text that starts like a number means: a timestamp, an integer, a float, or just a text.
fn number(text: &str) -> Scalar<'_> {
    if is_timestamp(text) {
        return Scalar::Timestamp(text);
    }
    let plain = text.replace('_', "");
    if let Some(int) = go_int(&plain) {
        return Scalar::Int(int);
    }
    if is_yaml_float(&plain)
        && let Some(float) = go_float(&plain)
    {
        return Scalar::Float(float);
    }
    Scalar::String(text)
}

/// Go's `ParseInt(text, 0, 64)` or `ParseUint`: decimal, or `0x`, `0o`, `0b`, or octal by a leading 0.
fn go_int(text: &str) -> Option<i128> {
    let (negative, digits) = match text.as_bytes().first()? {
        b'-' => (true, &text[1..]),
        b'+' => (false, &text[1..]),
        _ => (false, text),
    };
    let lower = digits.get(..2).map(str::to_ascii_lowercase);
    let (radix, digits) = match lower.as_deref() {
        Some("0x") => (16, &digits[2..]),
        Some("0o") => (8, &digits[2..]),
        Some("0b") => (2, &digits[2..]),
        Some(_) if digits.starts_with('0') => (8, &digits[1..]),
        _ => (10, digits),
    };
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
        return None;
    }
    let magnitude = i128::from_str_radix(digits, radix).ok()?;
    let value = if negative { -magnitude } else { magnitude };
    let range = if text.starts_with('+') {
        i128::from(i64::MIN)..=i128::from(i64::MAX)
    } else {
        i128::from(i64::MIN)..=i128::from(u64::MAX)
    };
    range.contains(&value).then_some(value)
}

/// `^[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?$`
fn is_yaml_float(text: &str) -> bool {
    let text = text.strip_prefix(['-', '+']).unwrap_or(text);
    let (mantissa, exponent) = match text.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, Some(exponent)),
        None => (text, None),
    };
    let all_digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    let exponent_fits = exponent.is_none_or(|exponent| {
        let digits = exponent.strip_prefix(['-', '+']).unwrap_or(exponent);
        !digits.is_empty() && all_digits(digits)
    });
    let mantissa_fits = match mantissa.split_once('.') {
        Some(("", fraction)) => !fraction.is_empty() && all_digits(fraction),
        Some((whole, fraction)) => all_digits(whole) && all_digits(fraction),
        None => !mantissa.is_empty() && all_digits(mantissa),
    };
    exponent_fits && mantissa_fits
}

/// Go's `ParseFloat` on what can still reach it: it refuses what overflows, Rust gives infinity.
fn go_float(text: &str) -> Option<f64> {
    if !text.bytes().any(|byte| byte.is_ascii_digit())
        || text.bytes().any(|byte| byte.is_ascii_alphabetic() && !matches!(byte, b'e' | b'E'))
    {
        return None;
    }
    text.parse::<f64>().ok().filter(|float| float.is_finite())
}

/// `YYYY-M-D`, alone or followed by a time, as the Go libraries recognise it.
fn is_timestamp(text: &str) -> bool {
    let bytes = text.as_bytes();
    if bytes.len() < 8 || bytes[4] != b'-' || !bytes[..4].iter().all(u8::is_ascii_digit) {
        return false;
    }
    let (date, time) = match text.find(['T', 't', ' ']) {
        Some(index) => (&text[..index], Some(text[index + 1..].trim_start())),
        None => (text, None),
    };
    let mut parts = date[5..].split('-');
    let part = |part: Option<&str>, max: u32| {
        part.filter(|digits| matches!(digits.len(), 1 | 2) && digits.bytes().all(|byte| byte.is_ascii_digit()))
            .and_then(|digits| digits.parse::<u32>().ok())
            .is_some_and(|number| (1..=max).contains(&number))
    };
    let date_fits = part(parts.next(), 12) && part(parts.next(), 31) && parts.next().is_none();
    date_fits && time.is_none_or(is_time)
}

fn is_time(text: &str) -> bool {
    let clock = text.trim_end_matches(['Z', ' ']);
    let clock = clock.split(['+', '-']).next().unwrap_or(clock).trim_end();
    let mut parts = clock.split(':');
    let small = |part: Option<&str>| {
        part.is_some_and(|digits| matches!(digits.len(), 1 | 2) && digits.bytes().all(|byte| byte.is_ascii_digit()))
    };
    let seconds = |part: Option<&str>| part.is_some_and(|part| small(part.split('.').next()));
    small(parts.next()) && small(parts.next()) && seconds(parts.next()) && parts.next().is_none()
}

#[cfg(test)]
mod tests {
    use super::Reader;
    use super::Scalar;
    use crate::yaml::Style;
    use crate::yaml::Tag;

    fn kustomize(text: &str) -> Scalar<'_> {
        Reader::Kustomize.resolve(text, Style::Plain, Tag::None)
    }

    fn kubectl(text: &str) -> Scalar<'_> {
        Reader::Kubectl.resolve(text, Style::Plain, Tag::None)
    }

    #[test]
    fn only_kubectl_takes_yes_and_on_for_booleans() {
        for word in ["y", "yes", "On"] {
            assert_eq!(kubectl(word), Scalar::Bool(true));
            assert_eq!(kustomize(word), Scalar::String(word));
        }
        assert_eq!(kustomize("true"), Scalar::Bool(true));
    }

    #[test]
    fn numbers_are_what_go_makes_of_them() {
        for (text, int) in
            [("0755", 493), ("0o755", 493), ("1_000", 1000), ("0b101", 5), ("0xFF", 255), ("+12", 12), ("-0x1", -1)]
        {
            assert_eq!(kustomize(text), Scalar::Int(int), "{text}");
        }
        assert_eq!(kustomize("18446744073709551615"), Scalar::Int(18_446_744_073_709_551_615));
        for (text, float) in [
            ("08", 8.0),
            ("1e3", 1000.0),
            ("1.", 1.0),
            (".5", 0.5),
            ("123456789012345678901", 123_456_789_012_345_680_000.0),
        ] {
            assert_eq!(kustomize(text), Scalar::Float(float), "{text}");
        }
        for text in ["1e400", ".e5", "0xZZ", "1.2.3", "-", "+", "1e", "12:30:45", "_1", "1-2"] {
            assert_eq!(kustomize(text), Scalar::String(text), "{text}");
        }
    }

    #[test]
    fn quotes_and_tags_decide_before_the_look() {
        assert_eq!(Reader::Kubectl.resolve("1", Style::DoubleQuoted, Tag::None), Scalar::String("1"));
        assert_eq!(Reader::Kubectl.resolve("1", Style::Plain, Tag::Str), Scalar::String("1"));
        assert_eq!(Reader::Kubectl.resolve("1", Style::DoubleQuoted, Tag::Int), Scalar::Int(1));
    }

    #[test]
    fn dates_are_timestamps() {
        for text in ["2024-01-01", "2001-12-14t21:59:43.10-05:00", "2001-12-14 21:59:43"] {
            assert_eq!(kustomize(text), Scalar::Timestamp(text));
        }
        for text in ["2001-01", "2001-13-01", "2001-01-01-01"] {
            assert_eq!(kustomize(text), Scalar::String(text));
        }
    }
}
