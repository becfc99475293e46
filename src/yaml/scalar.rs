//! What a scalar's text means, which depends on who reads it.
//!
//! Two Go libraries read the manifests of this field and disagree: kustomize reads resources with
//! its fork of yaml.v3, kubectl reads files (and kustomize its own files) with a fork of yaml.v2,
//! which follows YAML 1.1. The rules here were checked against both programs.

use crate::yaml::Style;
use crate::yaml::Tag;
use crate::yaml::timestamp;

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
            Tag::Str | Tag::Binary | Tag::Other => return Scalar::String(text),
            Tag::None | Tag::NonSpecific if style != Style::Plain => return Scalar::String(text),
            Tag::NonSpecific if self == Self::Kubectl => return Scalar::String(text),
            _ => {}
        }
        // By its first byte nearly every text is seen to be nothing else.
        match text.as_bytes() {
            [b'n' | b'N' | b't' | b'T' | b'f' | b'F' | b'y' | b'Y' | b'o' | b'O' | b'~', ..] | [] => {
                self.word(text).unwrap_or(Scalar::String(text))
            }
            [b'+' | b'-' | b'0'..=b'9', ..] => self.word(text).unwrap_or_else(|| self.number(text)),
            [b'.', ..] => self.word(text).unwrap_or_else(|| {
                let float = underscores_separate_digits(text).then(|| go_float(&text.replace('_', ""))).flatten();
                float.map_or(Scalar::String(text), Scalar::Float)
            }),
            _ => Scalar::String(text),
        }
    }

    /// The words that stand for something else than themselves.
    fn word(self, text: &str) -> Option<Scalar<'_>> {
        const LONGEST: usize = "false".len();
        if text.len() > LONGEST {
            return None;
        }
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

    /// What a text that starts like a number means: a timestamp, an integer, a float, or just a text.
    fn number(self, text: &str) -> Scalar<'_> {
        if let Some(int) = few_digits(text) {
            return Scalar::Int(int.into());
        }
        if text.bytes().any(is_in_no_number) {
            return Scalar::String(text);
        }
        if timestamp::rfc3339(text).is_some() {
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
        // A slip of both libraries: behind the prefix they read a number that may have a sign.
        let signed = match plain.get(..2) {
            Some("0b") => Some(2),
            Some("0o") if self == Self::Kustomize => Some(8),
            _ => None,
        };
        signed
            .and_then(|radix| i64::from_str_radix(&plain[2..], radix).ok())
            .map_or(Scalar::String(text), |int| Scalar::Int(int.into()))
    }
}

/// Whether a later tool fills this text in, so that its value can't be known here: `${NAME}` of Flux or
/// envsubst, `{{…}}` of a template engine, a value that SOPS has encrypted. Scripts, sentences and texts
/// of several lines use the same signs for other things.
pub(super) fn is_placeholder(text: &str) -> bool {
    // Nearly all texts have no brace at all, and looking for one byte is the quickest way to see that.
    if !text.as_bytes().contains(&b'{') {
        return text.starts_with("ENC[AES256_GCM,");
    }
    let is_filled = |open: &str, close: &str| text.find(open).is_some_and(|start| text[start..].contains(close));
    (is_filled("${", "}") && !text.contains(char::is_whitespace)) || (is_filled("{{", "}}") && !text.contains('\n'))
}

/// What an explicit tag promised and the text does not keep.
pub(super) fn missed_tag(tag: Tag, typed: Scalar<'_>) -> Option<&'static str> {
    match (tag, typed) {
        (Tag::None | Tag::NonSpecific | Tag::Str | Tag::Binary | Tag::Other, _)
        | (Tag::Int, Scalar::Int(_))
        | (Tag::Float, Scalar::Int(_) | Scalar::Float(_))
        | (Tag::Bool, Scalar::Bool(_))
        | (Tag::Null, Scalar::Null)
        | (Tag::Timestamp, Scalar::Timestamp(_)) => None,
        (Tag::Int, _) => Some("an integer"),
        (Tag::Float, _) => Some("a number"),
        (Tag::Bool, _) => Some("a boolean"),
        (Tag::Null, _) => Some("null"),
        (Tag::Timestamp, _) => Some("a timestamp"),
    }
}

/// Whether a letter is in no number and in no date, as in `128Mi`: it is no hexadecimal digit, none of the signs
/// for another base, and neither `T` nor `Z`.
fn is_in_no_number(byte: u8) -> bool {
    byte.is_ascii_alphabetic() && !byte.is_ascii_hexdigit() && !b"xXoOtTZ".contains(&byte)
}

/// A whole number of the plainest form, which most are: digits and nothing else, no zero before them.
pub(super) fn few_digits(text: &str) -> Option<i64> {
    let is_plain = text.len() < 19 && (text == "0" || !text.starts_with('0'));
    (is_plain && text.bytes().all(|byte| byte.is_ascii_digit())).then(|| text.parse().ok())?
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

/// Whether every underscore stands between two digits.
fn underscores_separate_digits(text: &str) -> bool {
    let mut parts = text.split('_').peekable();
    let mut starts_with_digit = true;
    while let Some(part) = parts.next() {
        let ends_with_digit = parts.peek().is_none() || part.ends_with(|char: char| char.is_ascii_digit());
        if !starts_with_digit || !ends_with_digit {
            return false;
        }
        starts_with_digit = parts.peek().is_none_or(|next| next.starts_with(|char: char| char.is_ascii_digit()));
    }
    true
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::Reader;
    use super::Scalar;
    use super::timestamp;
    use crate::source::Sources;
    use crate::yaml::Style;
    use crate::yaml::Tag;
    use crate::yaml::parse;

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

    /// Each line of the table holds a scalar, and what each program made of it.
    #[test]
    fn the_two_programs_are_followed_in_every_verdict_on_record() {
        let table = include_str!("../../testdata/yaml/scalars.tsv");
        for line in table.lines().filter(|line| !line.starts_with('#')) {
            let columns: Vec<&str> = line.split('\t').collect();
            let [written, kustomize, kubectl] = columns[..] else { panic!("`{line}` has not three columns") };
            for (reader, verdict) in [(Reader::Kustomize, kustomize), (Reader::Kubectl, kubectl)] {
                assert!(is_read_as(written, reader, verdict), "`{written}` is {verdict} for {reader:?}");
            }
        }
    }

    fn is_read_as(written: &str, reader: Reader, verdict: &str) -> bool {
        let sources = Arc::new(Sources::in_memory());
        let source = sources.add("a.yaml", format!("- {written}\n"));
        let parsed = parse(&sources, source, reader);
        let item = parsed.tree.node(parsed.documents[0].root).items().next().unwrap();
        let verdict: serde_json::Value = serde_json::from_str(verdict).unwrap();
        match item.scalar().unwrap() {
            Scalar::Null => verdict.is_null(),
            Scalar::Bool(bool) => verdict == bool,
            Scalar::Int(int) => {
                let text = int.to_string();
                verdict.to_string().as_str() == text || is_near(&verdict, &text)
            }
            Scalar::Float(float) => is_near(&verdict, &float.to_string()),
            Scalar::String(text) => verdict == text,
            Scalar::Timestamp(text) if reader == Reader::Kubectl => verdict == text,
            Scalar::Timestamp(text) => timestamp::rfc3339(text).is_some_and(|written| verdict == written),
        }
    }

    /// kubectl prints what is no `int64` with the digits of a float.
    fn is_near(verdict: &serde_json::Value, ours: &str) -> bool {
        let ours: f64 = ours.parse().unwrap();
        verdict.as_f64().is_some_and(|theirs| (theirs - ours).abs() <= ours.abs() * 1e-15)
    }

    #[test]
    fn words_for_no_number_are_floats_in_three_spellings() {
        for text in [".inf", ".Inf", ".INF", "+.inf"] {
            assert_eq!(kustomize(text), Scalar::Float(f64::INFINITY));
        }
        assert_eq!(kubectl("-.inf"), Scalar::Float(f64::NEG_INFINITY));
        assert!(matches!(kubectl(".NaN"), Scalar::Float(float) if float.is_nan()));
        assert_eq!(kubectl(".iNF"), Scalar::String(".iNF"));
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
