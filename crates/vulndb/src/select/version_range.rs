//! `RANGE = AND { "||" AND }`, `AND` being one or more of `(>=|<=|>|<|=)VERSION`, separated by spaces, in the order of one type of package URLs.
//!
//! No tilde, caret or wildcard: they mean different things in different ecosystems.

use std::fmt;
use std::ops::Range;

use super::scheme;
use crate::version::{Key, Scheme, Unordered};

/// Is a set of versions of one type of packages.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VersionRange {
    text: String,
    scheme: Scheme,
    alternatives: Vec<Vec<Bound>>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Bound {
    operator: Operator,
    key: Key,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Operator {
    AtLeast,
    AtMost,
    Above,
    Below,
    Exactly,
}

/// The operators, the longer ones first.
const OPERATORS: [(&str, Operator); 5] = [
    (">=", Operator::AtLeast),
    ("<=", Operator::AtMost),
    (">", Operator::Above),
    ("<", Operator::Below),
    ("=", Operator::Exactly),
];

/// Longest range, in bytes. A range of ten alternatives of two bounds with hashes as versions has 1,000.
const LONGEST: usize = 4096;

/// Tells what is wrong with a range, and where.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{fault}")]
pub struct RangeError {
    /// The place in the range, in bytes.
    pub at: Range<usize>,
    /// What is wrong there.
    pub fault: RangeFault,
}

/// Tells what is wrong with a range.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum RangeFault {
    /// Nobody defines an order of the type's versions.
    #[error("versions of type `{ty}` have no order")]
    NoOrder {
        /// The type.
        ty: String,
    },
    /// Nothing stands where bounds belong: in the whole range or on a side of `||`.
    #[error("a bound is missing")]
    NoBound,
    /// A bound begins with no operator.
    #[error("`{found}` begins with none of `>=`, `<=`, `>`, `<`, `=`")]
    Operator {
        /// The bound.
        found: String,
        /// What was probably meant.
        guess: Option<String>,
    },
    /// An operator without a version.
    #[error("the version behind `{operator}` is missing")]
    NoVersion {
        /// The operator.
        operator: String,
    },
    /// The version has no place in the type's order.
    #[error(transparent)]
    Version(#[from] Unordered),
    /// No version satisfies the bounds that stand together.
    #[error("no version satisfies `{found}`")]
    Nothing {
        /// The bounds.
        found: String,
    },
    /// It is longer than a range may be.
    #[error("the range has {found} bytes, at most {limit} are read")]
    TooLong {
        /// Bytes allowed.
        limit: usize,
        /// Bytes found.
        found: usize,
    },
}

impl RangeFault {
    /// Says what to write instead, where that can be said.
    #[must_use]
    pub fn help(&self) -> Option<String> {
        Some(match self {
            Self::Operator {
                guess: Some(guess), ..
            } => format!("did you mean `{guess}`?"),
            Self::NoBound | Self::Operator { .. } => {
                "write it as `>=1.2.0 <1.4.5 || =2.0.0`".to_owned()
            }
            Self::NoVersion { .. } => "write the version directly behind it".to_owned(),
            Self::Nothing { .. } => {
                "bounds side by side hold together; separate alternatives by `||`".to_owned()
            }
            Self::NoOrder { .. } | Self::Version(_) | Self::TooLong { .. } => return None,
        })
    }
}

impl VersionRange {
    /// Parses a range of versions of packages whose package URLs have the type `ty`.
    ///
    /// # Errors
    ///
    /// [`RangeError`] for the first fault.
    pub fn parse(text: &str, ty: &str) -> Result<Self, RangeError> {
        let fail = |at: Range<usize>, fault| Err(RangeError { at, fault });
        let whole = 0..text.len();
        let Some(scheme) = scheme(ty) else {
            return fail(whole, RangeFault::NoOrder { ty: ty.to_owned() });
        };
        if text.len() > LONGEST {
            let found = text.len();
            return fail(
                whole,
                RangeFault::TooLong {
                    limit: LONGEST,
                    found,
                },
            );
        }
        let mut alternatives = Vec::new();
        let mut start = 0;
        for alternative in text.split("||") {
            let place = start..start + alternative.len();
            start = place.end + 2;
            let mut bounds = Vec::new();
            for (at, word) in words(alternative) {
                bounds.push(bound(word, place.start + at, scheme)?);
            }
            if bounds.is_empty() {
                return fail(place, RangeFault::NoBound);
            }
            if is_empty(&bounds) {
                let blank = alternative.len() - alternative.trim_start().len();
                let found = alternative.trim().to_owned();
                let at = place.start + blank;
                return fail(at..at + found.len(), RangeFault::Nothing { found });
            }
            alternatives.push(bounds);
        }
        Ok(Self {
            text: text.to_owned(),
            scheme,
            alternatives,
        })
    }

    /// Tells whether a version is in the range; none where the type's order has no place for it.
    #[must_use]
    pub fn contains(&self, version: &str) -> Option<bool> {
        let key = self.scheme.key(version).ok()?;
        let mut alternatives = self.alternatives.iter();
        Some(alternatives.any(|bounds| bounds.iter().all(|bound| bound.admits(&key))))
    }

    /// Tells whether every alternative is one version, written out.
    #[must_use]
    pub fn is_exact(&self) -> bool {
        self.alternatives.iter().all(|bounds| {
            bounds
                .iter()
                .any(|bound| bound.operator == Operator::Exactly)
        })
    }

    /// Returns the range as written.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }
}

impl fmt::Display for VersionRange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl Bound {
    fn admits(&self, key: &Key) -> bool {
        match self.operator {
            Operator::AtLeast => *key >= self.key,
            Operator::AtMost => *key <= self.key,
            Operator::Above => *key > self.key,
            Operator::Below => *key < self.key,
            Operator::Exactly => *key == self.key,
        }
    }
}

/// Yields the words of a text with their places.
fn words(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let mut at = 0;
    text.split(' ').filter_map(move |word| {
        let here = at;
        at += word.len() + 1;
        (!word.is_empty()).then_some((here, word))
    })
}

fn bound(word: &str, at: usize, scheme: Scheme) -> Result<Bound, RangeError> {
    let whole = at..at + word.len();
    let fail = |at: Range<usize>, fault| Err(RangeError { at, fault });
    let operator = OPERATORS
        .iter()
        .find_map(|(text, operator)| Some((*text, *operator, word.strip_prefix(text)?)));
    let Some((text, operator, version)) = operator else {
        let found = word.to_owned();
        let guess = scheme.key(word).is_ok().then(|| format!("={word}"));
        let guess = guess.filter(|_| word.starts_with(|c: char| c.is_ascii_alphanumeric()));
        return fail(whole, RangeFault::Operator { found, guess });
    };
    if let Some(rest) = version.strip_prefix('=') {
        let (found, guess) = (word.to_owned(), Some(format!("{text}{rest}")));
        return fail(whole, RangeFault::Operator { found, guess });
    }
    if version.is_empty() {
        let operator = text.to_owned();
        return fail(whole, RangeFault::NoVersion { operator });
    }
    let key = scheme.key(version).map_err(|source| RangeError {
        at: at + text.len()..whole.end,
        fault: RangeFault::Version(source),
    })?;
    Ok(Bound { operator, key })
}

/// Tells whether the bounds exclude each other. Orders are dense enough that `>1 <2` always has a version between.
fn is_empty(bounds: &[Bound]) -> bool {
    let low = |one: &Bound| !matches!(one.operator, Operator::AtMost | Operator::Below);
    let high = |one: &Bound| !matches!(one.operator, Operator::AtLeast | Operator::Above);
    let strict = |one: &Bound| matches!(one.operator, Operator::Above | Operator::Below);
    bounds.iter().filter(|one| low(one)).any(|lower| {
        bounds.iter().filter(|one| high(one)).any(|upper| {
            lower.key > upper.key || (lower.key == upper.key && (strict(lower) || strict(upper)))
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_contain_versions() {
        for (range, ty, yes, no) in [
            (
                ">=3.3.6 <4.0.0",
                "npm",
                &["3.3.6", "3.9.0"][..],
                &["3.3.5", "4.0.0", "4.0.1"][..],
            ),
            (
                "=1.2.3",
                "npm",
                &["1.2.3", "v1.2.3"],
                &["1.2.4", "1.2.3-rc.1"],
            ),
            (
                "<1 || >2 <=3 ||=5",
                "pypi",
                &["0.9", "3.0", "2.1", "5"],
                &["1.0", "2.0", "3.1", "5.1"],
            ),
            (">=1:2.0-1", "deb", &["1:2.0-1", "2:0.1-1"], &["3.0-1"]),
            (
                "<3.0.11-1~deb12u2",
                "deb",
                &["3.0.11-1~deb12u1"],
                &["3.0.11-1", "3.0.11-1~deb12u2"],
            ),
            ("  >1   <2 ", "maven", &["1.5", "2-alpha"], &["1", "2"]),
            (">=1.2.3-r1", "apk", &["1.2.3-r1"], &["1.2.3-r0"]),
            (
                ">=1:3.0.7-1.el9",
                "rpm",
                &["1:3.0.7-2.el9"],
                &["3.0.7-2.el9"],
            ),
        ] {
            let parsed =
                VersionRange::parse(range, ty).unwrap_or_else(|error| panic!("{range}: {error}"));
            for version in yes {
                assert_eq!(parsed.contains(version), Some(true), "{range} {version}");
            }
            for version in no {
                assert_eq!(parsed.contains(version), Some(false), "{range} {version}");
            }
        }
    }

    #[test]
    fn what_has_no_order_is_undetermined() {
        let range = VersionRange::parse(">=1.0.0", "npm").expect("a range");
        assert_eq!(range.contains("latest"), None);
        assert_eq!(range.contains(""), None);
    }

    #[test]
    fn exact_ranges_are_told() {
        for (range, exact) in [
            ("=1.0.0", true),
            ("=1.0.0 || =2.0.0", true),
            ("=1.0.0 || >2.0.0", false),
            (">=1.0.0 <=1.0.0", false),
        ] {
            let range = VersionRange::parse(range, "npm").expect("a range");
            assert_eq!(range.is_exact(), exact, "{range}");
        }
    }

    #[test]
    fn faults_are_placed() {
        use RangeFault as F;
        let text = |text: &str| text.to_owned();
        let operator = |found: &str, guess: Option<&str>| F::Operator {
            found: text(found),
            guess: guess.map(text),
        };
        for (range, ty, at, expected) in [
            (
                ">=1",
                "generic",
                0..3,
                F::NoOrder {
                    ty: text("generic"),
                },
            ),
            ("", "npm", 0..0, F::NoBound),
            (">1 || ", "npm", 5..6, F::NoBound),
            ("1.2.3", "npm", 0..5, operator("1.2.3", Some("=1.2.3"))),
            ("==1.2.3", "npm", 0..7, operator("==1.2.3", Some("=1.2.3"))),
            (">1 ^1.2.3", "npm", 3..9, operator("^1.2.3", None)),
            ("!=1", "npm", 0..3, operator("!=1", None)),
            ("*", "pypi", 0..1, operator("*", None)),
            (
                ">= 1.0",
                "npm",
                0..2,
                F::NoVersion {
                    operator: text(">="),
                },
            ),
            (
                ">2 <1 || =1",
                "npm",
                0..5,
                F::Nothing {
                    found: text(">2 <1"),
                },
            ),
            (
                "=1 ||  >=1 <1",
                "npm",
                7..13,
                F::Nothing {
                    found: text(">=1 <1"),
                },
            ),
            (
                "=1 =2",
                "npm",
                0..5,
                F::Nothing {
                    found: text("=1 =2"),
                },
            ),
        ] {
            assert_eq!(
                VersionRange::parse(range, ty),
                Err(RangeError {
                    at,
                    fault: expected
                }),
                "{range}"
            );
        }
        assert!(matches!(
            VersionRange::parse(">1 <x.y", "npm"),
            Err(RangeError { at, fault: F::Version(Unordered::Malformed { version, .. }) }) if at == (4..7) && version == "x.y"
        ));
        assert!(matches!(
            VersionRange::parse(&">1 ".repeat(2000), "npm"),
            Err(RangeError {
                fault: F::TooLong { found: 6000, .. },
                ..
            })
        ));
    }
}
