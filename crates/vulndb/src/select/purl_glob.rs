//! `PURLGLOB = pkg:TYPE/[NS/]NAME`, with globs and without version, qualifiers and subpath.
//!
//! Globs are those of [`toolkit_oci::Glob`]: `*` stays within a part, so that `pkg:npm/*` is every package without a scope and `pkg:npm/**` every
//! package. Names are compared as their type holds them equal (purl type definitions, PEP 503), so that `pkg:pypi/Foo_Bar` is `foo-bar`; an `@` at the
//! start of a part may be written as it is (`pkg:npm/@angular/*`). With a glob as type, names are compared as canonical package URLs write them.

use std::borrow::Cow;
use std::fmt;
use std::ops::Range;

use percent_encoding::percent_decode_str;
use toolkit_oci::{Glob, GlobError};
use toolkit_sbom::Purl;

use super::guess;
use crate::ecosystem::Family;

/// The types that the purl specification defines (`purl-types-index.json`), and GitHub Actions, as OSV's mapping names them.
const TYPES: [&str; 43] = [
    "alpm",
    "apk",
    "bazel",
    "bitbucket",
    "bitnami",
    "brew",
    "cargo",
    "chrome-extension",
    "cocoapods",
    "composer",
    "conan",
    "conda",
    "cpan",
    "cran",
    "deb",
    "docker",
    "gem",
    "generic",
    "git",
    "github",
    "githubactions",
    "golang",
    "hackage",
    "hex",
    "huggingface",
    "julia",
    "luarocks",
    "maven",
    "mlflow",
    "npm",
    "nuget",
    "oci",
    "opam",
    "otp",
    "pub",
    "pypi",
    "qpkg",
    "rpm",
    "swid",
    "swift",
    "vcpkg",
    "vscode-extension",
    "yocto",
];

/// Is a pattern over the types, namespaces and names of package URLs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PurlGlob {
    text: String,
    ty: Glob,
    name: Glob,
}

/// Tells what is wrong with a pattern, and where.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{fault}")]
pub struct PurlGlobError {
    /// The place in the pattern, in bytes.
    pub at: Range<usize>,
    /// What is wrong there.
    pub fault: PurlGlobFault,
}

/// Tells what is wrong with a pattern over package URLs.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum PurlGlobFault {
    /// It does not begin with `pkg:`.
    #[error("`{found}` is no package URL")]
    Scheme {
        /// The pattern.
        found: String,
    },
    /// Its type is none of the specification's.
    #[error("`{found}` is no type of package URLs")]
    Type {
        /// The type.
        found: String,
        /// The type that looks most like it.
        guess: Option<&'static str>,
    },
    /// It names no package.
    #[error("`{found}` names no package")]
    NoName {
        /// The pattern.
        found: String,
    },
    /// A part of the name is empty.
    #[error("a part of the name is empty")]
    EmptyPart,
    /// A part of the name is `.` or `..`, which no package URL has (purl specification, "subpath" and parts of a path).
    #[error("`{found}` is no part of a name")]
    Dots {
        /// The part.
        found: String,
    },
    /// It carries a version.
    #[error("the pattern carries the version `{found}`")]
    Version {
        /// The version.
        found: String,
    },
    /// It carries qualifiers or a subpath.
    #[error("the pattern carries `{found}`")]
    Qualifiers {
        /// Everything from `?` or `#` on.
        found: String,
    },
    /// A character means something in other dialects of globs, or cannot be in a name.
    #[error("`{character}` has no meaning in a pattern")]
    Character {
        /// The character or sequence.
        character: String,
    },
    /// Packages of the type have no namespace.
    #[error("packages of type `{ty}` have no namespace, found `{found}`")]
    Namespace {
        /// The type.
        ty: String,
        /// The namespace.
        found: String,
    },
    /// Packages of the type have a namespace.
    #[error("packages of type `{ty}` have a namespace, found none")]
    NoNamespace {
        /// The type.
        ty: String,
    },
    /// Every package matches.
    #[error("the pattern `{found}` matches everything")]
    Everything {
        /// The pattern.
        found: String,
    },
    /// It is longer than a pattern may be.
    #[error("the pattern has {found} bytes, at most {limit} are read")]
    TooLong {
        /// Bytes allowed.
        limit: usize,
        /// Bytes found.
        found: usize,
    },
}

impl PurlGlobFault {
    /// Says what to write instead, where that can be said.
    #[must_use]
    pub fn help(&self) -> Option<String> {
        Some(match self {
            Self::Scheme { .. } | Self::NoName { .. } => {
                "write it as `pkg:deb/debian/openssl` or `pkg:npm/@acme/*`".to_owned()
            }
            Self::Type { guess, .. } => format!("did you mean `{}`?", (*guess)?),
            Self::Version { .. } => {
                "leave the version out and restrict it with `versions`".to_owned()
            }
            Self::Qualifiers { .. } => "a pattern is over type, namespace and name".to_owned(),
            Self::Character { .. } => {
                "a pattern knows `*` (within a part) and `**` (across parts), and nothing else"
                    .to_owned()
            }
            Self::Namespace { ty, .. } => format!("write `pkg:{ty}/NAME`"),
            Self::NoNamespace { ty } => format!("write `pkg:{ty}/NAMESPACE/NAME`"),
            Self::Everything { .. } => "name a type, or a part of the name".to_owned(),
            Self::EmptyPart | Self::Dots { .. } | Self::TooLong { .. } => return None,
        })
    }
}

impl PurlGlob {
    /// Parses a pattern.
    ///
    /// # Errors
    ///
    /// [`PurlGlobError`] for the first fault.
    pub fn parse(text: &str) -> Result<Self, PurlGlobError> {
        let fail = |at: Range<usize>, fault| Err(PurlGlobError { at, fault });
        let found = || text.to_owned();
        let whole = 0..text.len();
        let Some(rest) = text.strip_prefix("pkg:") else {
            return fail(whole, PurlGlobFault::Scheme { found: found() });
        };
        if let Some((at, character)) = text.char_indices().find(|(_, c)| {
            matches!(c, '[' | ']' | '{' | '}' | '\\') || c.is_whitespace() || c.is_control()
        }) {
            let character = character.to_string();
            return fail(
                at..at + character.len(),
                PurlGlobFault::Character { character },
            );
        }
        if let Some(at) = text.find(['?', '#']) {
            let found = text.get(at..).unwrap_or_default().to_owned();
            return fail(at..text.len(), PurlGlobFault::Qualifiers { found });
        }
        let Some((ty, name)) = rest
            .split_once('/')
            .filter(|(ty, name)| !ty.is_empty() && !name.is_empty())
        else {
            return fail(whole, PurlGlobFault::NoName { found: found() });
        };
        let after_type = "pkg:".len() + ty.len() + 1;
        let lower = ty.to_ascii_lowercase();
        let glob_type = ty.contains('*');
        if !glob_type && !TYPES.contains(&lower.as_str()) {
            let guess = guess(ty, TYPES);
            let guess = TYPES.into_iter().find(|one| Some(*one) == guess);
            let found = ty.to_owned();
            return fail(4..after_type - 1, PurlGlobFault::Type { found, guess });
        }
        let mut start = after_type;
        let mut parts: Vec<Cow<'_, str>> = Vec::new();
        for part in name.split('/') {
            let at = start..start + part.len();
            start = at.end + 1;
            if part.is_empty() {
                return fail(at, PurlGlobFault::EmptyPart);
            }
            if let Some(version) = part.get(1..).and_then(|rest| rest.find('@')) {
                let (from, to) = (at.start + 1 + version, text.len());
                let found = text.get(from + 1..).unwrap_or_default().to_owned();
                return fail(from..to, PurlGlobFault::Version { found });
            }
            match percent_decode_str(part).decode_utf8() {
                Ok(decoded)
                    if !decoded.contains(['/', '\u{fffd}'])
                        && decoded.matches('*').count() == part.matches('*').count() =>
                {
                    if matches!(decoded.as_ref(), "." | "..") {
                        let found = part.to_owned();
                        return fail(at, PurlGlobFault::Dots { found });
                    }
                    parts.push(decoded);
                }
                _ => {
                    let character = part.to_owned();
                    return fail(at, PurlGlobFault::Character { character });
                }
            }
        }
        let joined = parts.join("/");
        if ty
            .bytes()
            .chain(joined.bytes())
            .all(|byte| matches!(byte, b'*' | b'/'))
        {
            return fail(whole, PurlGlobFault::Everything { found: found() });
        }
        if !glob_type {
            check_namespace(&lower, &joined).map_err(|fault| PurlGlobError {
                at: after_type..text.len(),
                fault,
            })?;
        }
        let glob = |glob: &str| {
            Glob::parse(glob).map_err(|error| match error {
                GlobError::TooLong { limit, .. } => PurlGlobError {
                    at: 0..text.len(),
                    fault: PurlGlobFault::TooLong {
                        limit,
                        found: text.len(),
                    },
                },
                // Neither part is empty, so it is the stars.
                _ => {
                    let at = text.find("***").unwrap_or_default();
                    PurlGlobError {
                        at: at..at + 3,
                        fault: PurlGlobFault::Character {
                            character: "***".to_owned(),
                        },
                    }
                }
            })
        };
        Ok(Self {
            text: found(),
            ty: glob(&lower)?,
            name: glob(&fold(&lower, &joined))?,
        })
    }

    /// Tells whether the package of a package URL is meant; its version, qualifiers and subpath do not count.
    #[must_use]
    pub fn matches(&self, purl: &Purl) -> bool {
        let name = match purl.namespace() {
            Some(namespace) => Cow::Owned(format!("{namespace}/{}", purl.name())),
            None => Cow::Borrowed(purl.name()),
        };
        let name = if self.has_type_glob() {
            name
        } else {
            Cow::Owned(fold(purl.ty(), &name))
        };
        self.ty.matches(purl.ty()) && self.name.matches(&name)
    }

    /// Tells whether the type is a glob; versions have no order then.
    #[must_use]
    pub fn has_type_glob(&self) -> bool {
        !self.ty.is_exact()
    }

    /// Returns the type, where it is written out.
    #[must_use]
    pub fn ty(&self) -> Option<&str> {
        self.ty.is_exact().then(|| self.ty.as_str())
    }

    /// Tells whether exactly one package is meant.
    #[must_use]
    pub fn is_exact(&self) -> bool {
        self.ty.is_exact() && self.name.is_exact()
    }

    /// Returns the pattern as written.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }
}

impl fmt::Display for PurlGlob {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

/// Refuses what no package of the type can match: a namespace where the type has none, none where it needs one.
fn check_namespace(ty: &str, joined: &str) -> Result<(), PurlGlobFault> {
    use toolkit_sbom::Error;
    let (namespace, name) = match joined.rsplit_once('/') {
        Some((namespace, name)) => (Some(namespace), name),
        None => (None, joined),
    };
    let built = Purl::builder(ty, name).namespace(namespace).build();
    let Err(Error::Purl { source, .. }) = built else {
        return Ok(());
    };
    match (source, namespace) {
        (packageurl::Error::TypeProhibitsNamespace(_), Some(found)) if !found.contains('*') => {
            Err(PurlGlobFault::Namespace {
                ty: ty.to_owned(),
                found: found.to_owned(),
            })
        }
        (packageurl::Error::TypeRequiresNamespace(_), None) if !name.contains("**") => {
            Err(PurlGlobFault::NoNamespace { ty: ty.to_owned() })
        }
        _ => Ok(()),
    }
}

/// Returns the form under which names of a type are compared: the advisories' rule where the type has advisories, else the type definition's.
///
/// The type definition takes the case from the namespaces of rpm and apk and from Go modules, where the registries keep it; so it cannot count there.
fn fold(ty: &str, name: &str) -> String {
    match ty {
        "pypi" => Family::PyPi.normalise(name).into_owned(),
        "rpm" | "apk" | "qpkg" => match name.rsplit_once('/') {
            Some((namespace, name)) => format!("{}/{name}", namespace.to_lowercase()),
            None => name.to_owned(),
        },
        "bitbucket" | "composer" | "deb" | "github" | "githubactions" | "golang" | "hex"
        | "npm" | "nuget" | "oci" | "pub" | "swift" => name.to_lowercase(),
        _ => name.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn purl(text: &str) -> Purl {
        Purl::parse(text).expect("a package URL")
    }

    #[test]
    fn patterns_match_packages() {
        for (pattern, yes, no) in [
            (
                "pkg:npm/left-pad",
                &["pkg:npm/left-pad", "pkg:npm/left-pad@1.3.0?x=y"][..],
                &[
                    "pkg:npm/left-pad2",
                    "pkg:npm/a/left-pad",
                    "pkg:pypi/left-pad",
                ][..],
            ),
            (
                "pkg:npm/@angular/*",
                &["pkg:npm/%40angular/core@1"],
                &["pkg:npm/core", "pkg:npm/%40angularx/core"],
            ),
            (
                "pkg:npm/%40angular/core",
                &["pkg:npm/%40angular/core@1"],
                &[],
            ),
            ("pkg:npm/*", &["pkg:npm/x"], &["pkg:npm/%40a/x"]),
            (
                "pkg:npm/**",
                &["pkg:npm/x", "pkg:npm/%40a/x"],
                &["pkg:pypi/x"],
            ),
            (
                "pkg:deb/debian/*",
                &["pkg:deb/debian/libstdc%2B%2B6@1?arch=amd64"],
                &["pkg:deb/ubuntu/bash", "pkg:rpm/debian/bash"],
            ),
            (
                "pkg:deb/debian/libstdc++6",
                &["pkg:deb/debian/libstdc%2B%2B6@1"],
                &[],
            ),
            (
                "pkg:pypi/Zope_*",
                &["pkg:pypi/zope.interface@5"],
                &["pkg:pypi/zopefoundation"],
            ),
            (
                "pkg:golang/github.com/Azure/**",
                &[
                    "pkg:golang/github.com/azure/sdk@v1",
                    "pkg:golang/github.com/Azure/a/b",
                ],
                &["pkg:golang/github.com/azure"],
            ),
            (
                "pkg:rpm/*/NetworkManager",
                &["pkg:rpm/redhat/NetworkManager@1"],
                &["pkg:rpm/redhat/networkmanager"],
            ),
            (
                "pkg:*/**/bash",
                &["pkg:deb/debian/bash@5", "pkg:brew/bash"],
                &["pkg:deb/debian/bash2"],
            ),
            ("pkg:NPM/x", &["pkg:npm/x"], &[]),
        ] {
            let glob =
                PurlGlob::parse(pattern).unwrap_or_else(|error| panic!("{pattern}: {error}"));
            for text in yes {
                assert!(glob.matches(&purl(text)), "{pattern} should match {text}");
            }
            for text in no {
                assert!(
                    !glob.matches(&purl(text)),
                    "{pattern} should not match {text}"
                );
            }
        }
    }

    #[test]
    fn what_a_pattern_tells() {
        let glob = |text| PurlGlob::parse(text).expect("a pattern");
        for (text, ty, exact) in [
            ("pkg:npm/x", Some("npm"), true),
            ("pkg:npm/x*", Some("npm"), false),
            ("pkg:*/x", None, false),
        ] {
            let glob = glob(text);
            assert_eq!(
                (
                    glob.ty(),
                    glob.has_type_glob(),
                    glob.is_exact(),
                    glob.as_str()
                ),
                (ty, ty.is_none(), exact, text)
            );
        }
    }

    #[test]
    fn faults_are_placed() {
        use PurlGlobFault as F;
        let text = |text: &str| text.to_owned();
        for (pattern, at, expected) in [
            (
                "npm/x",
                0..5,
                F::Scheme {
                    found: text("npm/x"),
                },
            ),
            ("", 0..0, F::Scheme { found: text("") }),
            (
                "pkg:npm",
                0..7,
                F::NoName {
                    found: text("pkg:npm"),
                },
            ),
            (
                "pkg:npm/",
                0..8,
                F::NoName {
                    found: text("pkg:npm/"),
                },
            ),
            (
                "pkg:/x",
                0..6,
                F::NoName {
                    found: text("pkg:/x"),
                },
            ),
            (
                "pkg:pypl/x",
                4..8,
                F::Type {
                    found: text("pypl"),
                    guess: Some("pypi"),
                },
            ),
            (
                "pkg:rubygems/x",
                4..12,
                F::Type {
                    found: text("rubygems"),
                    guess: None,
                },
            ),
            ("pkg:npm//x", 8..8, F::EmptyPart),
            ("pkg:npm/x/", 10..10, F::EmptyPart),
            ("pkg:deb/debian/./x", 15..16, F::Dots { found: text(".") }),
            (
                "pkg:npm/%2E%2e/x",
                8..14,
                F::Dots {
                    found: text("%2E%2e"),
                },
            ),
            ("pkg:npm/x@1.0", 9..13, F::Version { found: text("1.0") }),
            ("pkg:npm/@a/x@1", 12..14, F::Version { found: text("1") }),
            (
                "pkg:deb/debian/x?arch=amd64",
                16..27,
                F::Qualifiers {
                    found: text("?arch=amd64"),
                },
            ),
            ("pkg:npm/x#y", 9..11, F::Qualifiers { found: text("#y") }),
            (
                "pkg:npm/[ab]",
                8..9,
                F::Character {
                    character: text("["),
                },
            ),
            (
                "pkg:npm/a b",
                9..10,
                F::Character {
                    character: text(" "),
                },
            ),
            (
                "pkg:npm/a%2fb",
                8..13,
                F::Character {
                    character: text("a%2fb"),
                },
            ),
            (
                "pkg:npm/a%2a",
                8..12,
                F::Character {
                    character: text("a%2a"),
                },
            ),
            (
                "pkg:npm/a***",
                9..12,
                F::Character {
                    character: text("***"),
                },
            ),
            (
                "pkg:pypi/a/b",
                9..12,
                F::Namespace {
                    ty: text("pypi"),
                    found: text("a"),
                },
            ),
            (
                "pkg:composer/monolog",
                13..20,
                F::NoNamespace {
                    ty: text("composer"),
                },
            ),
            (
                "pkg:*/**",
                0..8,
                F::Everything {
                    found: text("pkg:*/**"),
                },
            ),
        ] {
            assert_eq!(
                PurlGlob::parse(pattern),
                Err(PurlGlobError {
                    at,
                    fault: expected
                }),
                "{pattern}"
            );
        }
        let long = format!("pkg:npm/{}", "a".repeat(5000));
        assert!(matches!(
            PurlGlob::parse(&long),
            Err(PurlGlobError {
                fault: F::TooLong { found: 5008, .. },
                ..
            })
        ));
    }

    #[test]
    fn helps_say_what_to_write() {
        let help = |text| PurlGlob::parse(text).expect_err("a fault").fault.help();
        assert_eq!(help("pkg:pypl/x").as_deref(), Some("did you mean `pypi`?"));
        assert_eq!(help("pkg:qwerty/x"), None);
        assert!(help("pkg:npm/x@1").is_some_and(|help| help.contains("`versions`")));
    }
}
