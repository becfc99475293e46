//! From the bytes of a file to its text: UTF-8, UTF-16 and UTF-32 as YAML 1.2 (§5.2) tells them apart.

/// The text of `bytes` without its byte order mark.
///
/// # Errors
/// The text that could be read, and the byte of that text at which the rest could not.
pub(super) fn decode(bytes: Vec<u8>) -> Result<String, (String, usize)> {
    match *bytes.as_slice() {
        [0xEF, 0xBB, 0xBF, ..] => utf8(bytes[3..].to_vec()),
        [0xFF, 0xFE, 0, 0, ..] => wide(&bytes[4..], u32::from_le_bytes),
        [0, 0, 0xFE, 0xFF, ..] => wide(&bytes[4..], u32::from_be_bytes),
        [0xFF, 0xFE, ..] => utf16(&bytes[2..], u16::from_le_bytes),
        [0xFE, 0xFF, ..] => utf16(&bytes[2..], u16::from_be_bytes),
        [0, first, ..] if first != 0 => utf16(&bytes, u16::from_be_bytes),
        [first, 0, second, ..] if first != 0 && second != 0 => utf16(&bytes, u16::from_le_bytes),
        _ => utf8(bytes),
    }
}

fn utf8(bytes: Vec<u8>) -> Result<String, (String, usize)> {
    String::from_utf8(bytes).map_err(|error| {
        let good = error.utf8_error().valid_up_to();
        (String::from_utf8_lossy(error.as_bytes()).into_owned(), good)
    })
}

fn utf16(bytes: &[u8], unit: fn([u8; 2]) -> u16) -> Result<String, (String, usize)> {
    let (pairs, rest) = bytes.as_chunks::<2>();
    let units = pairs.iter().map(|&pair| unit(pair));
    collect(char::decode_utf16(units).map(Result::ok), rest)
}

fn wide(bytes: &[u8], unit: fn([u8; 4]) -> u32) -> Result<String, (String, usize)> {
    let (quads, rest) = bytes.as_chunks::<4>();
    collect(quads.iter().map(|&quad| char::from_u32(unit(quad))), rest)
}

fn collect(chars: impl Iterator<Item = Option<char>>, rest: &[u8]) -> Result<String, (String, usize)> {
    let mut text = String::new();
    for decoded in chars {
        let Some(decoded) = decoded else {
            let at = text.len();
            return Err((text, at));
        };
        text.push(decoded);
    }
    if rest.is_empty() {
        Ok(text)
    } else {
        let at = text.len();
        Err((text, at))
    }
}

#[cfg(test)]
mod tests {
    use super::decode;

    #[test]
    fn byte_order_marks_and_utf_16_are_understood() {
        assert_eq!(decode(b"\xEF\xBB\xBFa: 1".to_vec()).unwrap(), "a: 1");
        let little: Vec<u8> = "a: é😀".encode_utf16().flat_map(u16::to_le_bytes).collect();
        let big: Vec<u8> = "a: é😀".encode_utf16().flat_map(u16::to_be_bytes).collect();
        assert_eq!(decode([&[0xFF, 0xFE], little.as_slice()].concat()).unwrap(), "a: é😀");
        assert_eq!(decode([&[0xFE, 0xFF], big.as_slice()].concat()).unwrap(), "a: é😀");
        assert_eq!(decode(little).unwrap(), "a: é😀");
    }

    #[test]
    fn a_bad_byte_is_told_with_its_place() {
        assert_eq!(decode(b"ab\xFFc".to_vec()).unwrap_err().1, 2);
        assert_eq!(decode(vec![0xFF, 0xFE, b'a', 0, 0]).unwrap_err(), ("a".to_owned(), 1));
    }
}
