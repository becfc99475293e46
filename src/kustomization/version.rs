//! The releases of kustomize that are followed. What they do differently asks for one of them.

use std::fmt;
use std::str::FromStr;

/// A release of kustomize.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Debug)]
pub enum Version {
    /// v5.5.0, which is in kubectl 1.32.
    V5_5,
    /// v5.8.1; v5.8.0 gave `namespace` to bases by mistake and is not followed.
    #[default]
    V5_8,
}

impl FromStr for Version {
    type Err = String;

    /// Reads `5.5`, `v5.5.0` or `5.8`.
    fn from_str(text: &str) -> Result<Self, String> {
        let mut parts = text.strip_prefix('v').unwrap_or(text).splitn(3, '.');
        let release = (parts.next(), parts.next());
        let is_number = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
        match release {
            _ if !parts.next().is_none_or(is_number) => {}
            (Some("5"), Some("5")) => return Ok(Self::V5_5),
            (Some("5"), Some("8")) => return Ok(Self::V5_8),
            _ => {}
        }
        Err(format!("`{text}` is not a release of kustomize that is followed: write `5.5` or `5.8`"))
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::V5_5 => "5.5",
            Self::V5_8 => "5.8",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::Version;

    #[test]
    fn a_release_is_read_with_or_without_patch_and_v() {
        for text in ["5.5", "v5.5.0", "5.5.0"] {
            assert_eq!(text.parse(), Ok(Version::V5_5), "{text}");
        }
        assert_eq!("v5.8.1".parse(), Ok(Version::V5_8));
        for text in ["", "5", "5.6", "4.5.5", "5.5.x", "5.8.", "5.5 "] {
            assert!(text.parse::<Version>().is_err(), "{text}");
        }
        assert!(Version::V5_5 < Version::V5_8);
    }
}
