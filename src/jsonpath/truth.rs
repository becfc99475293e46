//! Kleene's three-valued logic: what does not depend on the unknown is known.

/// Whether a condition holds, as far as the repository tells.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(super) enum Truth {
    False,
    Unknown,
    True,
}

impl Truth {
    pub(super) fn and(self, other: Self) -> Self {
        self.min(other)
    }

    pub(super) fn or(self, other: Self) -> Self {
        self.max(other)
    }

    pub(super) fn not(self) -> Self {
        match self {
            Self::False => Self::True,
            Self::Unknown => Self::Unknown,
            Self::True => Self::False,
        }
    }
}

impl From<bool> for Truth {
    fn from(bool: bool) -> Self {
        if bool { Self::True } else { Self::False }
    }
}

#[cfg(test)]
mod tests {
    use super::Truth;
    use super::Truth::False;
    use super::Truth::True;
    use super::Truth::Unknown;

    #[test]
    fn the_unknown_only_counts_where_it_decides() {
        assert_eq!(False.and(Unknown), False);
        assert_eq!(True.and(Unknown), Unknown);
        assert_eq!(True.or(Unknown), True);
        assert_eq!(False.or(Unknown), Unknown);
        assert_eq!(Unknown.not(), Unknown);
        assert_eq!(Truth::from(true).not(), False);
    }
}
