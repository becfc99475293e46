//! The order in which kustomize writes the keys of a mapping. Not a plain sort: letters come after
//! everything else, numbers inside keys count as numbers, and the relation is no total order.

use std::cmp::Ordering;

/// So many fields are sorted in place, without memory for merging.
const FEW: usize = 12;

/// Sorts fields by their keys, keeping the order of equal ones.
///
/// The standard library's sorts may panic on a relation that is not transitive, as this one isn't
/// for `10`, `1a`, `9`. A merge sort of our own can't.
pub(super) fn sort<T: Clone>(fields: &mut [T], key: impl Fn(&T) -> &str + Copy) {
    if fields.len() <= FEW {
        for last in 1..fields.len() {
            let is_before = |at: &usize| compare(key(&fields[last]), key(&fields[*at])) == Ordering::Less;
            let place = (0..last).rev().take_while(is_before).last();
            if let Some(place) = place {
                fields[place..=last].rotate_right(1);
            }
        }
        return;
    }
    let mut width = 1;
    while width < fields.len() {
        let mut merged = Vec::with_capacity(fields.len());
        for pair in fields.chunks(2 * width) {
            let (left, right) = pair.split_at(width.min(pair.len()));
            merge(left, right, key, &mut merged);
        }
        fields.clone_from_slice(&merged);
        width *= 2;
    }
}

fn merge<T: Clone>(mut left: &[T], mut right: &[T], key: impl Fn(&T) -> &str, merged: &mut Vec<T>) {
    while let ([first, rest @ ..], [second, others @ ..]) = (left, right) {
        if compare(key(second), key(first)) == Ordering::Less {
            merged.push(second.clone());
            right = others;
        } else {
            merged.push(first.clone());
            left = rest;
        }
    }
    merged.extend_from_slice(left);
    merged.extend_from_slice(right);
}

/// Which key comes first: decided at the first character in which they differ.
fn compare(left: &str, right: &str) -> Ordering {
    // Most keys differ in an ordinary letter, for which bytes will do.
    let differ = left.bytes().zip(right.bytes()).find(|(left, right)| left != right);
    if let Some((first, second)) = differ
        && first.is_ascii_alphabetic()
        && second.is_ascii_alphabetic()
    {
        return first.cmp(&second);
    }
    let same = left.chars().zip(right.chars()).take_while(|(left, right)| left == right);
    let same: usize = same.map(|(char, _)| char.len_utf8()).sum();
    let (a, b) = (&left[same..], &right[same..]);
    let (Some(first), Some(second)) = (a.chars().next(), b.chars().next()) else {
        return a.len().cmp(&b.len());
    };
    match (is_letter(first), is_letter(second)) {
        (true, true) => first.cmp(&second),
        (true, false) => Ordering::Greater,
        (false, true) => Ordering::Less,
        (false, false) => {
            // A zero counts only behind another digit, as in `a10` and `a100`.
            let lead = i64::from((first == '0' || second == '0') && has_nonzero_digit_before(&left[..same]));
            let (one, other) = (number(a, lead), number(b, lead));
            one.cmp(&other).then(first.cmp(&second))
        }
    }
}

/// The value and the length of the digits that a text starts with. It wraps as Go's integers do.
fn number(text: &str, lead: i64) -> (i64, usize) {
    let digits = text.bytes().take_while(u8::is_ascii_digit);
    digits.fold((lead, 0), |(value, length), digit| {
        (value.wrapping_mul(10).wrapping_add(i64::from(digit - b'0')), length + 1)
    })
}

fn has_nonzero_digit_before(text: &str) -> bool {
    text.bytes().rev().take_while(u8::is_ascii_digit).any(|digit| digit != b'0')
}

/// Close to Unicode's letters: the standard library's alphabetic characters without letter numbers.
fn is_letter(char: char) -> bool {
    char.is_alphabetic() && !char.is_numeric()
}

#[cfg(test)]
mod tests {
    use super::sort;

    fn sorted(keys: &str) -> String {
        let mut keys: Vec<&str> = keys.split_whitespace().collect();
        sort(&mut keys, |key| key);
        keys.join(" ")
    }

    #[test]
    fn letters_come_last_and_upper_case_before_lower() {
        assert_eq!(sorted("b a B A _ - 1 é z"), "- _ 1 A B a b z é");
        assert_eq!(sorted("a1 A1 a.b a/b ab a-b a"), "A1 a a-b a.b a/b a1 ab");
    }

    #[test]
    fn numbers_inside_keys_count_as_numbers() {
        assert_eq!(sorted("a10 a9 a1 a100 a02 a2 a0"), "a0 a1 a2 a02 a9 a10 a100");
        assert_eq!(sorted("v1.10 v1.9 v1.9.1"), "v1.9 v1.9.1 v1.10");
    }

    #[test]
    fn a_relation_that_goes_in_circles_is_sorted_without_a_panic() {
        let keys: Vec<String> = (0..2000).map(|n| format!("{}{}", n % 37, ["", "a", ".", "0"][n % 4])).collect();
        let sorted = sorted(&keys.join(" "));
        assert_eq!(sorted.split(' ').count(), 2000);
    }
}
