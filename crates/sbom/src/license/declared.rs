//! One declared licence and what it means in SPDX. It does not read files.

use sha2::{Digest as _, Sha256};

use super::expression;
use crate::package::{Ecosystem, Package};

/// The notation in which a package manager writes licences.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Dialect {
    /// SPDX expressions only.
    Spdx,
    /// SPDX expressions in which `/` means `OR`, as crates.io once allowed.
    Cargo,
    /// Short names and `and`, `or`, comma of DEP-5.
    Debian,
    /// Short names of Fedora and its descendants (`GPLv2+ and BSD`), older than their move to SPDX.
    Rpm,
    /// Words separated by blanks, as in Alpine before 3.9.
    Alpine,
    /// Free text and trove classifiers, as in Python metadata.
    Python,
}

/// A licence as a package declares it, with its SPDX spelling where there is one.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct License {
    declared: String,
    exact: bool,
    expression: Option<String>,
}

impl License {
    /// Reads one declared licence; `None` where the text is blank.
    #[must_use]
    pub fn parse(text: &str, dialect: Dialect) -> Option<Self> {
        let declared = text.trim();
        if declared.is_empty() {
            return None;
        }
        let exact = expression::is_valid(declared);
        let expression =
            expression::convert(declared, dialect).or_else(|| exact.then(|| declared.to_owned()));
        Some(Self {
            declared: declared.to_owned(),
            exact,
            expression,
        })
    }

    /// Returns the words of the package, trimmed.
    #[must_use]
    pub fn declared(&self) -> &str {
        &self.declared
    }

    /// Returns whether the declared words are themselves a valid SPDX expression.
    #[must_use]
    pub fn is_exact(&self) -> bool {
        self.exact
    }

    /// Returns the SPDX expression that the words mean, without deprecated GNU identifiers.
    #[must_use]
    pub fn expression(&self) -> Option<&str> {
        self.expression.as_deref()
    }

    /// Judges the expression: of `OR` one side must be good, of `AND` all. `good` is asked of each identifier with its exception; `None` where
    /// there is no expression.
    #[must_use]
    pub fn evaluate(&self, good: &dyn Fn(&str, Option<&str>) -> bool) -> Option<bool> {
        expression::evaluate(self.expression()?, good)
    }

    /// Returns the identifier that stands for these words in an SPDX document: `LicenseRef-` and letters, digits, `-`, `.`
    /// (SPDX 2.3 clause 10.1).
    ///
    /// Two different texts never share one: a text of other characters gets a dot and its own hash.
    #[must_use]
    pub fn license_ref(&self) -> String {
        let plain = |c: char| c.is_ascii_alphanumeric() || c == '-';
        if self.declared.len() <= PLAIN_REF && self.declared.chars().all(plain) {
            return format!("LicenseRef-{}", self.declared);
        }
        let mut slug = String::new();
        for c in self.declared.chars().take(SLUG) {
            match c {
                c if plain(c) => slug.push(c),
                _ if slug.ends_with('-') => {}
                _ => slug.push('-'),
            }
        }
        let hash = hex::encode(Sha256::digest(self.declared.as_bytes()));
        let (short, _) = hash.split_at(16);
        format!("LicenseRef-{}.{short}", slug.trim_matches('-'))
    }
}

/// Returns the licences that a package declares, in the notation of its ecosystem; sorted, without repetition.
#[must_use]
pub fn declared(package: &Package) -> Vec<License> {
    let dialect = match package.ecosystem {
        Ecosystem::Apk => Dialect::Alpine,
        Ecosystem::Cargo => Dialect::Cargo,
        Ecosystem::Deb => Dialect::Debian,
        Ecosystem::Python => Dialect::Python,
        Ecosystem::Rpm => Dialect::Rpm,
        _ => Dialect::Spdx,
    };
    let declared = package.licenses.iter();
    let mut licenses: Vec<License> = declared
        .filter_map(|text| License::parse(text, dialect))
        .collect();
    licenses.sort();
    licenses.dedup();
    licenses
}

/// Returns the one expression that all declared licences of a package amount to; `None` where one of them has no SPDX
/// spelling, or where there is none.
///
/// Several declarations hold together (`AND`): a package that lists licences of its parts is under all of them.
#[must_use]
pub fn conclude(licenses: &[License]) -> Option<String> {
    let mut parts: Vec<&str> = Vec::with_capacity(licenses.len());
    for license in licenses {
        let part = license.expression()?;
        if !parts.contains(&part) {
            parts.push(part);
        }
    }
    expression::all_of(&parts)
}

/// Longest text that is its own `LicenseRef`; a longer one is cut and hashed, so that identifiers stay readable.
const PLAIN_REF: usize = 64;
/// Length of the readable part of a hashed `LicenseRef`.
const SLUG: usize = 40;

#[cfg(test)]
mod tests {
    use super::*;

    fn expression(text: &str, dialect: Dialect) -> Option<String> {
        License::parse(text, dialect).and_then(|l| l.expression().map(str::to_owned))
    }

    #[test]
    fn words_become_expressions_only_where_they_have_one_meaning() {
        use Dialect::*;
        for (dialect, text, expected) in [
            (Spdx, "MIT", Some("MIT")),
            (Spdx, "mit", Some("MIT")),
            (Spdx, "(MIT OR Apache-2.0)", Some("(MIT OR Apache-2.0)")),
            (Spdx, "GPL-2.0", Some("GPL-2.0-only")),
            (Spdx, "GPL-2.0+", Some("GPL-2.0-or-later")),
            (
                Spdx,
                "GPL-2.0-only WITH Classpath-exception-2.0",
                Some("GPL-2.0-only WITH Classpath-exception-2.0"),
            ),
            (Spdx, "SEE LICENSE IN LICENSE.md", None),
            (Spdx, "UNLICENSED", None),
            (Spdx, "NOASSERTION", None),
            (Spdx, "MIT OR", None),
            (Spdx, "((((MIT", None),
            (Spdx, "BSD", None),
            (Spdx, "LicenseRef-ours", Some("LicenseRef-ours")),
            (Spdx, "DocumentRef-x:LicenseRef-ours", None),
            (Cargo, "MIT/Apache-2.0", Some("MIT OR Apache-2.0")),
            (Cargo, "Unlicense/MIT", Some("Unlicense OR MIT")),
            (Debian, "GPL-2+", Some("GPL-2.0-or-later")),
            (Debian, "GPL-2", Some("GPL-2.0-only")),
            (Debian, "LGPL-2.1+", Some("LGPL-2.1-or-later")),
            (Debian, "GPL-2.0+", Some("GPL-2.0-or-later")),
            (Debian, "Expat", Some("MIT")),
            (Debian, "Apache-2", Some("Apache-2.0")),
            (Debian, "BSD-3-clause", Some("BSD-3-Clause")),
            (Debian, "CC0", Some("CC0-1.0")),
            (Debian, "public-domain", None),
            (Debian, "GPL", None),
            (
                Debian,
                "GPL-1+ or Artistic",
                Some("GPL-1.0-or-later OR Artistic-1.0"),
            ),
            (
                Debian,
                "GPL-1+ or Artistic, and Expat",
                Some("(GPL-1.0-or-later OR Artistic-1.0) AND MIT"),
            ),
            (
                Debian,
                "GPL-3+ with Bison exception",
                Some("GPL-3.0-or-later WITH Bison-exception-2.2"),
            ),
            (
                Debian,
                "GPL-3+ with Autoconf exception",
                Some("GPL-3.0-or-later WITH Autoconf-exception-3.0"),
            ),
            (
                Debian,
                "GPL-2+ with Autoconf exception",
                Some("GPL-2.0-or-later WITH Autoconf-exception-2.0"),
            ),
            (
                Debian,
                "GPL-2 with Linux-syscall-note exception",
                Some("GPL-2.0-only WITH Linux-syscall-note"),
            ),
            (Debian, "GPL-2+ with OpenSSL exception", None),
            (
                Debian,
                "GFDL-NIV-1.3+",
                Some("GFDL-1.3-no-invariants-or-later"),
            ),
            (Debian, "GPL-2+ and FOO", None),
            (
                Rpm,
                "GPLv2+ and LGPLv2+",
                Some("GPL-2.0-or-later AND LGPL-2.0-or-later"),
            ),
            (Rpm, "ASL 2.0", Some("Apache-2.0")),
            (
                Rpm,
                "(GPLv3+ or LGPLv3+) and MIT",
                Some("(GPL-3.0-or-later OR LGPL-3.0-or-later) AND MIT"),
            ),
            (Rpm, "Public Domain", None),
            (Rpm, "BSD with advertising", None),
            (Rpm, "GPLv2+ with exceptions", None),
            (
                Rpm,
                "GPL-2.0-or-later AND MIT",
                Some("GPL-2.0-or-later AND MIT"),
            ),
            (Alpine, "GPL2", Some("GPL-2.0-only")),
            (
                Alpine,
                "MIT GPL2+ zlib",
                Some("MIT AND GPL-2.0-or-later AND Zlib"),
            ),
            (Alpine, "MIT BSD GPL2+", None),
            (Alpine, "MIT AND BSD-2-Clause", Some("MIT AND BSD-2-Clause")),
            (Alpine, "custom", None),
            (
                Python,
                "License :: OSI Approved :: MIT License",
                Some("MIT"),
            ),
            (Python, "License :: OSI Approved :: BSD License", None),
            (Python, "Apache 2.0", Some("Apache-2.0")),
            (Python, "BSD-like", None),
        ] {
            assert_eq!(
                expression(text, dialect).as_deref(),
                expected,
                "{dialect:?} {text}"
            );
        }
    }

    #[test]
    fn only_valid_spdx_counts_as_exact() {
        for (text, exact) in [
            ("MIT", true),
            ("GPL-2.0", true),
            ("GPL-2.0+", true),
            ("MIT AND (GPL-2.0-or-later OR ISC)", true),
            ("mit", false),
            ("GPL-2+", false),
            ("MIT/ISC", false),
            ("MIT and ISC", false),
            ("NONE", false),
            ("DocumentRef-a:LicenseRef-b", false),
            ("MIT\nOR ISC", false),
        ] {
            assert_eq!(
                License::parse(text, Dialect::Spdx).map(|l| l.is_exact()),
                Some(exact),
                "{text:?}"
            );
        }
        assert_eq!(License::parse(" \t", Dialect::Spdx), None);
    }

    #[test]
    fn the_words_survive_as_they_are() {
        let license = License::parse("  GPL-2+ \u{1}\"x\" ", Dialect::Debian).expect("not blank");
        assert_eq!(license.declared(), "GPL-2+ \u{1}\"x\"");
        assert_eq!(license.expression(), None);
    }

    #[test]
    fn references_are_lawful_and_never_shared() {
        let texts = [
            "public-domain",
            "a b",
            "a-b",
            "a/b",
            "GPL-2+ and X",
            "é",
            "-.-",
            "a.b",
            &"x".repeat(5000),
        ];
        let refs: Vec<String> = texts
            .iter()
            .filter_map(|t| License::parse(t, Dialect::Spdx))
            .map(|l| l.license_ref())
            .collect();
        assert_eq!(refs.len(), texts.len());
        for (i, reference) in refs.iter().enumerate() {
            let id = reference.strip_prefix("LicenseRef-").expect("prefix");
            assert!(
                !id.is_empty()
                    && id
                        .chars()
                        .all(|c| c.is_ascii_alphanumeric() || "-.".contains(c)),
                "{reference}"
            );
            assert!(reference.len() < 90);
            assert_eq!(
                refs.iter().position(|r| r == reference),
                Some(i),
                "{reference} is shared"
            );
        }
        assert_eq!(
            refs.first().map(String::as_str),
            Some("LicenseRef-public-domain")
        );
    }

    #[test]
    fn several_declarations_hold_together() {
        let parse = |texts: &[&str]| {
            texts
                .iter()
                .filter_map(|t| License::parse(t, Dialect::Debian))
                .collect::<Vec<_>>()
        };
        assert_eq!(
            conclude(&parse(&["GPL-2+", "Expat or ISC", "GPL-2+"])).as_deref(),
            Some("GPL-2.0-or-later AND (MIT OR ISC)")
        );
        assert_eq!(
            conclude(&parse(&["Expat or ISC"])).as_deref(),
            Some("MIT OR ISC")
        );
        assert_eq!(conclude(&parse(&["GPL-2+", "public-domain"])), None);
        assert_eq!(conclude(&[]), None);
    }

    #[test]
    fn nesting_and_length_are_bounded() {
        for text in [
            "(".repeat(100_000) + "MIT",
            "(".repeat(40) + "MIT" + &")".repeat(40),
            "MIT AND ".repeat(50_000) + "MIT",
        ] {
            let license = License::parse(&text, Dialect::Spdx).expect("not blank");
            assert_eq!((license.is_exact(), license.expression()), (false, None));
        }
    }
}
