//! Kubernetes versions, and ranges of them such as `>=1.29, <1.35`.

use std::fmt;
use std::str::FromStr;

/// A minor release of Kubernetes.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Version {
    major: u32,
    minor: u32,
}

impl Version {
    /// The release that is assumed when nobody says which one runs.
    pub const LATEST: Self = Self { major: 1, minor: 36 };
}

impl FromStr for Version {
    type Err = String;

    /// Reads `1.33`, `v1.33` or `1.33.4`.
    fn from_str(text: &str) -> Result<Self, String> {
        let mut parts = text.strip_prefix('v').unwrap_or(text).split('.');
        let mut number = || parts.next().and_then(|part| part.parse().ok());
        match (number(), number()) {
            (Some(major), Some(minor)) => Ok(Self { major, minor }),
            _ => Err(format!("`{text}` is not a Kubernetes version such as `1.33`")),
        }
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.major, self.minor)
    }
}

/// A range of versions: comparisons joined by commas, all of which must hold.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct VersionRange(Vec<(Comparison, Version)>);

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Comparison {
    Less,
    LessOrEqual,
    Equal,
    GreaterOrEqual,
    Greater,
}

impl VersionRange {
    /// Whether `version` lies in the range.
    pub fn contains(&self, version: Version) -> bool {
        self.0.iter().all(|&(comparison, bound)| match comparison {
            Comparison::Less => version < bound,
            Comparison::LessOrEqual => version <= bound,
            Comparison::Equal => version == bound,
            Comparison::GreaterOrEqual => version >= bound,
            Comparison::Greater => version > bound,
        })
    }
}

impl FromStr for VersionRange {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        text.split(',').map(|part| comparison(part.trim())).collect::<Result<_, _>>().map(Self)
    }
}

fn comparison(text: &str) -> Result<(Comparison, Version), String> {
    let operators = [
        ("<=", Comparison::LessOrEqual),
        (">=", Comparison::GreaterOrEqual),
        ("<", Comparison::Less),
        (">", Comparison::Greater),
        ("=", Comparison::Equal),
    ];
    for (sign, comparison) in operators {
        if let Some(version) = text.strip_prefix(sign) {
            return Ok((comparison, version.trim().parse()?));
        }
    }
    Err(format!("`{text}` is not a comparison with a version such as `>=1.29`"))
}

#[cfg(test)]
mod tests {
    use super::Version;
    use super::VersionRange;

    #[test]
    fn a_range_is_all_of_its_comparisons() {
        let range: VersionRange = ">=1.29, <1.35".parse().unwrap();
        let inside = |version: &str| range.contains(version.parse::<Version>().unwrap());
        assert!(inside("1.29") && inside("v1.34.2"));
        assert!(!inside("1.9") && !inside("1.35"));
        assert!("1.29".parse::<VersionRange>().is_err());
    }
}
