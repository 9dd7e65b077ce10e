//! What can be wrong with an ignore file.

use crate::config::{self, Explain};
use crate::select::{PurlGlobFault, RangeFault};

/// What is wrong at one place of an ignore file.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Fault {
    /// A fault that any file can have.
    #[error(transparent)]
    Config(#[from] config::Fault),
    /// A pattern over package URLs is none.
    #[error(transparent)]
    Purl(#[from] PurlGlobFault),
    /// A range of versions is none.
    #[error(transparent)]
    Range(#[from] RangeFault),
    /// An id is no single word.
    #[error("`{found}` is no id")]
    Id {
        /// The text.
        found: String,
    },
    /// A path is no glob.
    #[error("the path `{found}` cannot be used: {detail}")]
    Path {
        /// The path.
        found: String,
        /// Why.
        detail: String,
    },
    /// A range of versions without the one type whose order it is in.
    #[error("`versions` needs a `purl` whose type is written out")]
    RangeWithoutType,
    /// An entry that would hide everything.
    #[error("an entry needs one of {keys}")]
    NoSubject {
        /// The keys that say what is meant.
        keys: &'static str,
    },
    /// A regular expression is none.
    #[error("the regular expression `{found}` cannot be used: {detail}")]
    Regex {
        /// The expression.
        found: String,
        /// Why.
        detail: String,
    },
    /// A package URL is none.
    #[error("`{found}` is no package URL")]
    PackageUrl {
        /// The text.
        found: String,
    },
    /// Another tool's key, value or word that cannot be honoured.
    #[error("`{key}` cannot be honoured: {why}")]
    NotHonoured {
        /// The key, value or word.
        key: String,
        /// Why not.
        why: &'static str,
    },
}

impl Explain for Fault {
    fn code(&self) -> Option<String> {
        None
    }

    fn help(&self) -> Option<String> {
        let text = match self {
            Self::Config(config::Fault::Empty) => "an ignore file begins with `ignore:`",
            Self::Config(config::Fault::SecondDocument) => "write all entries into one list",
            Self::Config(config::Fault::TooLong { .. }) => "an entry ends within a year",
            Self::Config(fault) => return fault.help(),
            Self::Purl(fault) => return fault.help(),
            Self::Range(fault) => return fault.help(),
            Self::Id { .. } => {
                "write one id, such as `CVE-2024-3094`; any id of the vulnerability will do"
            }
            Self::RangeWithoutType => "write it as `purl: pkg:npm/left-pad` beside `versions`",
            Self::NotHonoured { .. } => {
                "remove it, or write the entry in the format of this program"
            }
            Self::NoSubject { .. }
            | Self::Path { .. }
            | Self::Regex { .. }
            | Self::PackageUrl { .. } => {
                return None;
            }
        };
        Some(text.to_owned())
    }
}
