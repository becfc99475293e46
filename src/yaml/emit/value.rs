//! What a scalar is in the output: the words and numbers that kustomize writes, whatever was typed.

use std::borrow::Cow;

use crate::diagnostic::Diagnostic;
use crate::yaml::Node;
use crate::yaml::Reader;
use crate::yaml::Scalar;
use crate::yaml::Style;
use crate::yaml::Tag;
use crate::yaml::emit::refold::refold;
use crate::yaml::emit::text::begins_badly;
use crate::yaml::emit::text::is_word;
use crate::yaml::scalar::few_digits;
use crate::yaml::timestamp;

/// A scalar on its way out.
#[derive(Debug)]
pub(in crate::yaml) enum Value<'a> {
    /// Written as it is: `null`, `true`, a number.
    Word(Cow<'a, str>),
    /// Written in the style that its look asks for.
    Text(Cow<'a, str>),
}

/// What kustomize writes for a scalar; `in_flow` says whether it stands within brackets or braces.
pub(super) fn of(scalar: Node<'_>, in_flow: bool) -> Result<Value<'_>, Box<Diagnostic>> {
    Ok(match decoded(scalar, in_flow, number)? {
        Value::Text(text) => {
            check_characters(scalar, &text)?;
            Value::Text(through_json(text))
        }
        word @ Value::Word(_) => word,
    })
}

/// What a scalar is in the JSON that kustomize makes of it, numbers spelled as `spelled` says.
pub(in crate::yaml) fn decoded(
    scalar: Node<'_>,
    in_flow: bool,
    spelled: fn(f64) -> String,
) -> Result<Value<'_>, Box<Diagnostic>> {
    let typed = scalar.scalar().expect("only scalars have a value");
    if scalar.tag() == Tag::Binary {
        return decode_base64(scalar.text()).map(|text| Value::Text(Cow::Owned(text))).ok_or_else(|| {
            error(scalar, "this `!!binary` value is not base64").help("drop the tag, or encode the value").into()
        });
    }
    if let Some(kind) = scalar.missed_tag() {
        let what = format!("`{}` is tagged as {kind} and is none", shortened(scalar.text()));
        return Err(error(scalar, &what).help("drop the tag, or write a value of that type").into());
    }
    Ok(match typed {
        // kustomize loses the difference between nothing and an empty text within brackets.
        Scalar::Null if in_flow && scalar.text().is_empty() && scalar.style() == Style::Plain => {
            Value::Text(Cow::Borrowed(""))
        }
        Scalar::Null => Value::Word(Cow::Borrowed("null")),
        Scalar::Bool(true) => Value::Word(Cow::Borrowed("true")),
        Scalar::Bool(false) => Value::Word(Cow::Borrowed("false")),
        Scalar::Int(_) if few_digits(scalar.text()).is_some() => Value::Word(Cow::Borrowed(scalar.text())),
        Scalar::Int(int) => Value::Word(Cow::Owned(int.to_string())),
        Scalar::Float(float) if float.is_finite() => Value::Word(Cow::Owned(spelled(float))),
        Scalar::Float(_) => {
            let what = format!("`{}` cannot be written: JSON has no such number", scalar.text());
            return Err(error(scalar, &what).help("put it in quotes if a text is meant").into());
        }
        // For the sake of old files, YAML 1.1 is read with dates as texts unless a tag asks for more.
        Scalar::Timestamp(text) if scalar.tree().reader() == Reader::Kubectl && scalar.tag() != Tag::Timestamp => {
            Value::Text(Cow::Borrowed(text))
        }
        Scalar::Timestamp(text) => {
            let written = timestamp::rfc3339(text).unwrap_or_else(|| text.to_owned());
            if ["+24:", "-24:", "+25:", "-25:"].iter().any(|zone| written.contains(zone)) {
                let what = format!("`{}` cannot be written: its time zone is a day away", shortened(text));
                return Err(error(scalar, &what).help("put it in quotes if a text is meant").into());
            }
            Value::Text(Cow::Owned(written))
        }
        Scalar::String(text) if scalar.style() == Style::Folded && scalar.tree().reader() == Reader::Kustomize => {
            Value::Text(refold(text))
        }
        Scalar::String(text) if scalar.style() == Style::Literal && begins_badly(text) => {
            return Err(begins_with_tab(scalar).into());
        }
        Scalar::String(text) => Value::Text(Cow::Borrowed(text)),
    })
}

/// What is wrong with a text that kustomize writes as a block of lines and then cannot read.
pub(in crate::yaml) fn begins_with_tab(scalar: Node<'_>) -> Diagnostic {
    let what = "kustomize cannot read this text after it wrote it: it has several lines and begins with a tab";
    error(scalar, what).help("begin the text with something else")
}

/// The text and style of a scalar that was written in one piece, and is neither folded nor tagged.
fn simple(scalar: Node<'_>) -> Option<(&str, Style)> {
    if let Some(key) = scalar.written_key() {
        return Some(key);
    }
    let raw = scalar.raw();
    let style = raw.style();
    let is_simple = matches!(style, Style::Plain | Style::SingleQuoted | Style::DoubleQuoted);
    (is_simple && raw.tag() == Tag::None).then(|| (scalar.text(), style))
}

/// A scalar that JSON and the way there leave as it is: most texts, and numbers of the plainest form.
pub(in crate::yaml) fn settled(scalar: Node<'_>) -> Option<Scalar<'_>> {
    let (text, style) = simple(scalar)?;
    let typed = scalar.tree().reader().resolve(text, style, Tag::None);
    match typed {
        Scalar::String(_) => Some(typed),
        Scalar::Int(_) => few_digits(text).map(|_| typed),
        _ => None,
    }
}

/// The text of a key that JSON and the way there leave as it is.
pub(in crate::yaml) fn settled_key(key: Node<'_>) -> Option<&str> {
    let (text, style) = simple(key)?;
    matches!(key.tree().reader().resolve(text, style, Tag::None), Scalar::String(_)).then_some(text)
}

/// The text of a scalar that is a text for every reader and is written without quotes, as nearly all are.
pub(super) fn word(scalar: Node<'_>) -> Option<&str> {
    simple(scalar).map(|(text, _)| text).filter(|text| is_word(text))
}

/// The text of a scalar that is written as it is: a word, or a number of the plainest form.
pub(super) fn as_it_is(scalar: Node<'_>) -> Option<&str> {
    let (text, style) = simple(scalar)?;
    (is_word(text) || style == Style::Plain && few_digits(text).is_some()).then_some(text)
}

/// The text of a key. Only at the top of an object may it be something else than a text.
pub(in crate::yaml) fn key(key: Node<'_>, at_top: bool) -> Result<Cow<'_, str>, Box<Diagnostic>> {
    if let Some(text) = settled_key(key) {
        return Ok(Cow::Borrowed(text));
    }
    match key.scalar() {
        Some(Scalar::String(_)) => match decoded(key, false, number)? {
            Value::Text(text) | Value::Word(text) => Ok(text),
        },
        Some(_) if key.text().is_empty() => Ok(Cow::Borrowed("")),
        Some(Scalar::Bool(_) | Scalar::Int(_) | Scalar::Float(_) | Scalar::Timestamp(_)) if at_top => {
            Ok(Cow::Borrowed(key.text()))
        }
        _ => {
            let what = format!("the key `{}` is not a text", shortened(key.text()));
            Err(error(key, &what).help("put it in quotes: JSON has only texts as keys").into())
        }
    }
}

/// A float as kustomize's writer spells it: as Go's `%g`, except that whole numbers of 64 bits have all their
/// digits, as JSON spells them.
fn number(float: f64) -> String {
    let decimal = float.to_string();
    if decimal == "-0" {
        return "0".to_owned();
    }
    let is_whole = decimal.parse::<i64>().is_ok() || decimal.parse::<u64>().is_ok();
    if is_whole { decimal } else { shortest(float) }
}

/// A float as Go's `%g` with the shortest digits that read back the same.
pub(in crate::yaml) fn shortest(float: f64) -> String {
    let (digits, exponent) = digits(float);
    if (-4..6).contains(&exponent) { in_decimal(&digits, exponent) } else { in_exponents(&digits, exponent) }
}

/// The same for a float of 32 bits, which is how keys that are numbers are spelled.
pub(in crate::yaml) fn shortest_key(float: f64) -> String {
    #[expect(clippy::cast_possible_truncation, reason = "this is what happens to such keys")]
    let short = float as f32;
    match (short.is_nan(), short.is_infinite()) {
        (true, _) => ".nan".to_owned(),
        (_, true) => if short > 0.0 { ".inf" } else { "-.inf" }.to_owned(),
        _ => {
            let (digits, exponent) = parts(&format!("{short:e}"));
            if (-4..6).contains(&exponent) { in_decimal(&digits, exponent) } else { in_exponents(&digits, exponent) }
        }
    }
}

/// A float as Go writes it into JSON: without an exponent between 1e-6 and 1e21.
pub(in crate::yaml) fn in_json(float: f64) -> String {
    let (digits, exponent) = digits(float);
    if float == 0.0 || (1e-6..1e21).contains(&float.abs()) {
        in_decimal(&digits, exponent)
    } else {
        in_exponents(&digits, exponent).replace("e-0", "e-")
    }
}

/// The shortest digits of a float that read back the same, such as `-1.25`, and the exponent they need.
fn digits(float: f64) -> (String, isize) {
    let (digits, exponent) = parts(&format!("{float:e}"));
    // Of two spellings equally short and equally near, Go takes the even one and Rust the upper one,
    // but only when Rust is not told how many digits to write.
    let fraction = digits.split_once('.').map_or(0, |(_, fraction)| fraction.len());
    let (even, even_exponent) = parts(&format!("{float:.fraction$e}"));
    let is_even = format!("{even}e{even_exponent}").parse() == Ok(float);
    if is_even { (even, even_exponent) } else { (digits, exponent) }
}

fn parts(written: &str) -> (String, isize) {
    let (digits, exponent) = written.split_once('e').expect("the format always has an exponent");
    (digits.to_owned(), exponent.parse().expect("an exponent is a number"))
}

fn in_exponents(digits: &str, exponent: isize) -> String {
    let sign = if exponent < 0 { '-' } else { '+' };
    format!("{digits}e{sign}{:02}", exponent.abs())
}

fn in_decimal(digits: &str, exponent: isize) -> String {
    let (sign, digits) = digits.strip_prefix('-').map_or(("", digits), |digits| ("-", digits));
    let digits = digits.replace('.', "");
    match usize::try_from(exponent) {
        Err(_) => format!("{sign}0.{}{digits}", "0".repeat(exponent.unsigned_abs() - 1)),
        Ok(exponent) if exponent + 1 >= digits.len() => {
            format!("{sign}{digits}{}", "0".repeat(exponent + 1 - digits.len()))
        }
        Ok(exponent) => format!("{sign}{}.{}", &digits[..=exponent], &digits[exponent + 1..]),
    }
}

/// The text that was encoded, none if this is no base64; bytes that are not UTF-8 become replacement characters.
pub fn decode_base64(text: &str) -> Option<String> {
    let text: Vec<u8> = text.bytes().filter(|byte| !matches!(byte, b'\n' | b'\r')).collect();
    let padding = text.iter().rev().take_while(|&&byte| byte == b'=').count();
    if !text.len().is_multiple_of(4) || padding > 2 {
        return None;
    }
    let mut bytes = Vec::with_capacity(text.len() / 4 * 3);
    for four in text.chunks(4) {
        let sextets = four.iter().enumerate().map(|(index, &byte)| sextet(byte, index, padding));
        let bits =
            sextets.rev().enumerate().try_fold(0, |bits, (index, sextet)| Some(bits | sextet? << (6 * index)))?;
        bytes.extend_from_slice(&u32::to_be_bytes(bits)[1..]);
    }
    bytes.truncate(bytes.len() - padding);
    let mut decoded = String::new();
    for chunk in bytes.utf8_chunks() {
        decoded.push_str(chunk.valid());
        decoded.extend(chunk.invalid().iter().map(|_| char::REPLACEMENT_CHARACTER));
    }
    Some(decoded)
}

fn sextet(byte: u8, index: usize, padding: usize) -> Option<u32> {
    let value = match byte {
        b'A'..=b'Z' => byte - b'A',
        b'a'..=b'z' => byte - b'a' + 26,
        b'0'..=b'9' => byte - b'0' + 52,
        b'+' => 62,
        b'/' => 63,
        b'=' if index + padding >= 4 => 0,
        _ => return None,
    };
    Some(u32::from(value))
}

/// What kustomize writes for a key.
pub(super) fn of_key(node: Node<'_>, at_top: bool) -> Result<Cow<'_, str>, Box<Diagnostic>> {
    let text = key(node, at_top)?;
    check_characters(node, &text)?;
    Ok(through_json(text))
}

/// What kustomize writes for the key of an annotation. It sets all annotations anew and forgets the quotes of
/// their keys, so what looks like a number or a word without them cannot be written.
pub(super) fn of_annotation_key(node: Node<'_>) -> Result<Cow<'_, str>, Box<Diagnostic>> {
    let text = of_key(node, false)?;
    if !matches!(Reader::Kustomize.resolve(&text, Style::Plain, Tag::None), Scalar::String(_)) {
        let what =
            format!("kustomize cannot write the annotation `{}`: it loses the quotes of its key", shortened(&text));
        return Err(error(node, &what)
            .help("give the annotation a name with a prefix, such as `example.com/name`")
            .into());
    }
    Ok(text)
}

/// Refuses what kustomize's way through JSON does not let pass: characters that YAML does not allow
/// and JSON does not escape.
pub(in crate::yaml) fn check_characters(node: Node<'_>, text: &str) -> Result<(), Box<Diagnostic>> {
    if text.bytes().all(|byte| byte < 0x7F) {
        return Ok(());
    }
    let refused = |char: &char| matches!(char, '\u{7F}'..='\u{84}' | '\u{86}'..='\u{9F}' | '\u{FFFE}' | '\u{FFFF}');
    match text.chars().find(refused) {
        None => Ok(()),
        Some(char) => {
            let what = format!("kustomize cannot write the character U+{:04X} of this text", u32::from(char));
            Err(error(node, &what).help("remove the character, or encode the text").into())
        }
    }
}

/// What is left of a text when kustomize reads its own JSON as YAML: JSON does not escape the line
/// break of old mainframes (U+0085), and YAML folds it.
pub(in crate::yaml) fn through_json(text: Cow<'_, str>) -> Cow<'_, str> {
    const NEXT_LINE: char = '\u{85}';
    if text.is_ascii() || !text.contains(NEXT_LINE) {
        return text;
    }
    let last = text.matches(NEXT_LINE).count();
    let (mut folded, mut breaks) = (String::new(), 0);
    for (index, line) in text.split(NEXT_LINE).enumerate() {
        let line = if index > 0 { line.trim_start_matches(' ') } else { line };
        let line = if index < last { line.trim_end_matches(' ') } else { line };
        if !line.is_empty() || index == last {
            folded.push_str(if breaks == 1 { " " } else { "" });
            folded.extend(std::iter::repeat_n('\n', breaks.max(1) - 1));
            folded.push_str(line);
            breaks = 0;
        }
        breaks += 1;
    }
    Cow::Owned(folded)
}

/// An error about a node that kustomize could not write either.
pub(in crate::yaml) fn error(node: Node<'_>, what: &str) -> Diagnostic {
    Diagnostic::error("yaml-unwritable", node.span(), what)
}

/// The start of a text, for a message.
pub(in crate::yaml) fn shortened(text: &str) -> Cow<'_, str> {
    match text.char_indices().nth(40) {
        Some((end, _)) => Cow::Owned(format!("{}…", &text[..end])),
        None => Cow::Borrowed(text),
    }
}

#[cfg(test)]
mod tests {
    use super::decode_base64;
    use super::number;

    #[test]
    #[expect(clippy::excessive_precision, reason = "the digits that are too many are what is tested")]
    fn floats_have_the_digits_and_exponents_of_go() {
        for (float, written) in [
            (1.0, "1"),
            (-0.0, "0"),
            (1e3, "1000"),
            (1e19, "10000000000000000000"),
            (1e20, "1e+20"),
            (1.5e300, "1.5e+300"),
            (123_456.5, "123456.5"),
            (1_234_567.5, "1.2345675e+06"),
            (1_234_560_812_345_698.25, "1.2345608123456982e+15"),
            (123_456.000_244_140_625, "123456.00024414062"),
            (0.0001, "0.0001"),
            (0.00001, "1e-05"),
            (-1e19, "-1e+19"),
            (-9_223_372_036_854_775_808.0, "-9.223372036854776e+18"),
            (12_345_612_345_612_345_617.25, "12345612345612345000"),
            (123_456_789_012_345_680_000.0, "1.2345678901234568e+20"),
        ] {
            assert_eq!(number(float), written);
        }
    }

    #[test]
    fn base_64_is_decoded_or_refused() {
        assert_eq!(decode_base64("aGVs\nbG8=").as_deref(), Some("hello"));
        assert_eq!(decode_base64("aGVsbA==").as_deref(), Some("hell"));
        assert_eq!(decode_base64("/////w==").as_deref(), Some("\u{FFFD}\u{FFFD}\u{FFFD}\u{FFFD}"));
        assert_eq!(decode_base64("").as_deref(), Some(""));
        for text in ["a", "aGVs*G8=", "a===", "=aaa", "aG=s", "aGVsbG8"] {
            assert_eq!(decode_base64(text), None, "{text}");
        }
    }
}
