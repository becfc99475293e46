//! Rows of merge keys: the values that address an item, an empty text where it has none. What
//! kustomize does with rows that have gaps.

/// Makes equal the rows that differ only in that one lacks what the other has, if they have something
/// in common, be it a gap. Rows change while others are compared with them, as they do for kustomize.
pub(super) fn fill_gaps(rows: &mut [Vec<String>]) {
    for first in 0..rows.len() {
        let row = rows[first].clone();
        for second in 0..rows.len() {
            if let Some(filled) = filled(&row, &rows[second]) {
                rows[first].clone_from(&filled);
                rows[second] = filled;
            }
        }
    }
}

fn filled(first: &[String], second: &[String]) -> Option<Vec<String>> {
    let pairs = || first.iter().zip(second);
    let is_fitting = pairs().all(|(one, other)| one == other || one.is_empty() || other.is_empty());
    let has_common = pairs().any(|(one, other)| one == other);
    let longer = |(one, other): (&String, &String)| if one.is_empty() { other.clone() } else { one.clone() };
    (is_fitting && has_common).then(|| pairs().map(longer).collect())
}

/// The places of the keys that some row has, or of all if none has any.
pub(super) fn valid_keys(rows: &[Vec<String>], count: usize) -> Vec<usize> {
    let valid: Vec<usize> = (0..count).filter(|&key| rows.iter().any(|row| !row[key].is_empty())).collect();
    if valid.is_empty() { (0..count).collect() } else { valid }
}

/// The keys that a row has, with their values, or all if it has none.
pub(super) fn addressed_by<'v>(valid: &[usize], values: &[&'v str]) -> (Vec<usize>, Vec<&'v str>) {
    let there: Vec<_> =
        valid.iter().copied().zip(values.iter().copied()).filter(|(_, value)| !value.is_empty()).collect();
    if there.is_empty() { (valid.to_vec(), values.to_vec()) } else { there.into_iter().unzip() }
}

#[cfg(test)]
mod tests {
    use super::fill_gaps;

    #[test]
    fn rows_with_gaps_become_those_that_they_fit() {
        for (rows, expected) in [
            (vec![["80", ""], ["80", "TCP"]], vec![["80", "TCP"], ["80", "TCP"]]),
            (vec![["80", ""], ["80", "TCP"], ["80", "UDP"]], vec![["80", "UDP"], ["80", "TCP"], ["80", "UDP"]]),
            (vec![["80", ""], ["443", ""]], vec![["80", ""], ["443", ""]]),
            (vec![["80", ""], ["", "TCP"]], vec![["80", ""], ["", "TCP"]]),
            (vec![["", ""], ["", "TCP"]], vec![["", "TCP"], ["", "TCP"]]),
        ] {
            let mut rows: Vec<Vec<String>> = rows.into_iter().map(|row| row.map(str::to_owned).to_vec()).collect();
            fill_gaps(&mut rows);
            assert_eq!(rows, expected);
        }
    }
}
