//! Which vulnerability database is used, and whether it may be.
//!
//! `--db`, else its variable, else the installed one. A folder is used only where its manifest's digest is typed or recorded as built here.

use std::io;
use std::path::{Path, PathBuf};

use jiff::{SignedDuration, Timestamp};
use toolkit_oci::Digest;
use toolkit_vulndb::db::{self, Opened};

use crate::dirs;
use crate::error::{Error, Result};
use crate::exit::Exit;

/// Is repeated with every output that rests on a database for trials.
pub(crate) const DEMO: &str = "the database is for trials only";

/// Names why a database is not used.
#[derive(Debug, thiserror::Error)]
pub(crate) enum DatabaseError {
    /// There is none anywhere.
    #[error("there is no vulnerability database")]
    Absent,
    /// It cannot be read.
    #[error(transparent)]
    Store(#[from] db::Error),
    /// Nobody vouches for it.
    #[error("the database `{}` is not trusted: nothing vouches for {digest}", path.display())]
    Untrusted {
        /// The folder.
        path: PathBuf,
        /// The digest of its manifest.
        digest: Digest,
    },
    /// It is not the one that was named.
    #[error("the database `{}` is another one: expected {expected}, found {found}", path.display())]
    Another {
        /// The folder.
        path: PathBuf,
        /// The digest that was typed.
        expected: Digest,
        /// The digest of its manifest.
        found: Digest,
    },
    /// It is for trials, and nobody named it.
    #[error("the installed database is one for trials, which is used only where it is named")]
    Demo,
    /// It is of the future.
    #[error("the database is of {created}, more than a day after {now}")]
    Future {
        /// The time that it is of.
        created: Timestamp,
        /// This machine's time.
        now: Timestamp,
    },
    /// It is older than was allowed.
    #[error("the database is of {created}: {} old, allowed are {}", age(*found), age(*allowed))]
    Stale {
        /// The time that it is of.
        created: Timestamp,
        /// Its age.
        found: SignedDuration,
        /// The greatest age that is allowed.
        allowed: SignedDuration,
    },
    /// An age is no age.
    #[error("`{found}` is no age: expected a whole number from 1 to 9999 and `h` or `d`")]
    Age {
        /// The text as typed.
        found: String,
    },
    /// The digest behind the path is none.
    #[error("`{found}` is no digest")]
    Digest {
        /// The text as typed.
        found: String,
        /// What is wrong with it.
        source: toolkit_oci::Error,
    },
    /// There is no directory to install to.
    #[error("there is no directory for databases: neither a home nor a data directory is set")]
    NoDirectory,
    /// The folder holds no record of a feed.
    #[error("`{}` holds no advisory that can be read", path.display())]
    NoRecords {
        /// The folder.
        path: PathBuf,
    },
    /// No record says of what time it is.
    #[error("no advisory has a date: the database would be of no time")]
    NoTime,
}

impl DatabaseError {
    /// Returns the code that it ends with.
    pub(crate) fn exit(&self) -> Exit {
        match self {
            Self::Age { .. } | Self::Digest { .. } | Self::NoRecords { .. } | Self::NoTime => {
                Exit::Usage
            }
            Self::NoDirectory => Exit::LocalIo,
            Self::Store(db::Error::Io { source, .. })
                if source.kind() != io::ErrorKind::NotFound =>
            {
                Exit::LocalIo
            }
            _ => Exit::Database,
        }
    }

    /// Names the remedy.
    pub(crate) fn hint(&self) -> Option<String> {
        let text = match self {
            Self::Absent | Self::Store(db::Error::Absent { .. }) => {
                "`toolkit db build DIR` makes one of downloaded feeds"
            }
            Self::Untrusted { digest, path } => {
                return Some(format!(
                    "if you know that it is the right one: `--db {}@{digest}`",
                    path.display()
                ));
            }
            Self::Stale { .. } => {
                "build a newer one with `toolkit db build DIR`, or allow more with `--max-age`"
            }
            Self::NoDirectory => {
                "set `TOOLKIT_DATA`, or write the database to a folder with `-o PATH`"
            }
            Self::NoRecords { .. } | Self::NoTime => {
                "name a folder with downloaded feeds, such as OSV records as JSON files"
            }
            _ => return None,
        };
        Some(text.to_owned())
    }
}

/// Words an age in days, below two days in hours.
pub(crate) fn age(duration: SignedDuration) -> String {
    let hours = duration.as_hours();
    match hours {
        ..48 => format!("{hours} hours"),
        _ => format!("{} days", hours / 24),
    }
}

/// Is the greatest age that a database may have.
#[derive(Debug, Clone, Copy)]
pub(crate) struct MaxAge(SignedDuration);

impl MaxAge {
    /// Reads `5d` or `12h`.
    ///
    /// # Errors
    /// [`DatabaseError::Age`].
    pub(crate) fn parse(text: &str) -> Result<Self> {
        let refused = || {
            Error::from(DatabaseError::Age {
                found: text.to_owned(),
            })
        };
        let (number, hours) = match (text.strip_suffix('d'), text.strip_suffix('h')) {
            (Some(number), _) => (number, 24),
            (None, Some(number)) => (number, 1),
            (None, None) => return Err(refused()),
        };
        let digits = number.bytes().all(|byte| byte.is_ascii_digit());
        let number: i64 = number.parse().map_err(|_| refused())?;
        if !digits || !(1..=9999).contains(&number) {
            return Err(refused());
        }
        Ok(Self(SignedDuration::from_hours(number * hours)))
    }
}

/// Is a database that may be used.
pub(crate) struct Database {
    /// The database, open.
    pub(crate) opened: Opened,
    /// Where it is.
    pub(crate) place: String,
    /// Why it is trusted.
    pub(crate) trust: &'static str,
    /// Its age.
    pub(crate) age: SignedDuration,
}

impl Database {
    /// Opens the database that was named, else the installed one, and checks that it may be used.
    ///
    /// # Errors
    /// [`DatabaseError`].
    pub(crate) fn open(
        named: Option<&str>,
        max_age: Option<MaxAge>,
        now: Timestamp,
    ) -> Result<Self> {
        let found = match named {
            Some(text) => Self::named(text)?,
            None => Self::installed()?,
        };
        let created = found.0.manifest.created;
        let age = now.duration_since(created);
        // Clocks differ; a day is more than they may.
        if age < SignedDuration::from_hours(-24) {
            return Err(DatabaseError::Future { created, now }.into());
        }
        if let Some(MaxAge(allowed)) = max_age
            && age > allowed
        {
            return Err(DatabaseError::Stale {
                created,
                found: age,
                allowed,
            }
            .into());
        }
        let (opened, place, trust) = found;
        Ok(Self {
            opened,
            place,
            trust,
            age,
        })
    }

    fn named(text: &str) -> Result<(Opened, String, &'static str)> {
        let (path, expected) = match text.rsplit_once("@sha256:") {
            None => (text, None),
            Some((path, hex)) => {
                let digest = format!("sha256:{hex}");
                let parsed = Digest::parse(&digest).map_err(|source| DatabaseError::Digest {
                    found: digest.clone(),
                    source,
                })?;
                (path, Some(parsed))
            }
        };
        let folder = Path::new(path);
        let opened = db::open(folder).map_err(DatabaseError::from)?;
        let found = opened.digest.clone();
        let trust = match expected {
            Some(expected) if expected != found => {
                return Err(DatabaseError::Another {
                    path: folder.to_path_buf(),
                    expected,
                    found,
                }
                .into());
            }
            Some(_) => "named by its digest",
            None if recorded(&found)? => "built here",
            None => {
                return Err(DatabaseError::Untrusted {
                    path: folder.to_path_buf(),
                    digest: found,
                }
                .into());
            }
        };
        Ok((opened, path.to_owned(), trust))
    }

    fn installed() -> Result<(Opened, String, &'static str)> {
        let data = dirs::databases().ok_or(DatabaseError::Absent)?;
        let (opened, record) = db::open_current(&data)
            .map_err(DatabaseError::from)?
            .ok_or(DatabaseError::Absent)?;
        if opened.manifest.demo {
            return Err(DatabaseError::Demo.into());
        }
        let trust = match record.trust {
            db::Trust::Built => "built here",
        };
        Ok((opened, data.display().to_string(), trust))
    }
}

fn recorded(digest: &Digest) -> Result<bool> {
    let Some(data) = dirs::databases() else {
        return Ok(false);
    };
    let state = db::state(&data).map_err(DatabaseError::from)?;
    Ok(state.databases.contains_key(digest))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ages_are_whole_hours_or_days() {
        for (text, hours) in [("5d", 120), ("12h", 12), ("9999d", 239_976), ("01d", 24)] {
            let MaxAge(found) = MaxAge::parse(text).expect("an age");
            assert_eq!(found, SignedDuration::from_hours(hours), "{text}");
        }
        for text in [
            "",
            "d",
            "5",
            "0d",
            "-1d",
            "+1d",
            "10000d",
            "5 d",
            "1.5d",
            "5m",
            "99999999999999999999d",
        ] {
            assert!(
                matches!(MaxAge::parse(text), Err(Error::Database(DatabaseError::Age { found })) if found == text),
                "{text}"
            );
        }
        assert_eq!(age(SignedDuration::from_hours(47)), "47 hours");
        assert_eq!(age(SignedDuration::from_hours(49)), "2 days");
    }
}
