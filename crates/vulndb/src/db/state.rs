//! Which databases are trusted, how they came to be, and the highest sequence of each publisher: one small JSON file.
//!
//! It is replaced as a whole and read without a lock; only who holds the [`Lock`](super::Lock) writes it.

use std::collections::BTreeMap;
use std::fmt;
use std::io;
use std::path::Path;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use toolkit_oci::Digest;

use super::store::{Error, read, replace};

const FILE: &str = "state.json";
/// Databases that were built to other folders and stay trusted: those of a year, one a day. A record has 200 bytes.
const BUILT: usize = 366;

/// Says how a database came to be trusted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Trust {
    /// It was built on this machine.
    Built,
    /// It was pulled, and a wanted signer vouched for it.
    Pulled,
    /// It was imported from a file or folder, and a wanted signer vouched for it.
    Imported,
    /// It lies in a folder that was named, and a wanted signer vouches for it there. Never recorded.
    Beside,
}

impl Trust {
    /// Tells whether somebody else built it.
    #[must_use]
    pub fn is_from_elsewhere(self) -> bool {
        match self {
            Self::Built => false,
            Self::Pulled | Self::Imported | Self::Beside => true,
        }
    }
}

impl fmt::Display for Trust {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Built => "built here",
            Self::Pulled => "pulled",
            Self::Imported => "imported",
            Self::Beside => "vouched for where it lies",
        })
    }
}

/// Records a trusted database.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Record {
    /// How it came to be trusted.
    pub trust: Trust,
    /// Its sequence.
    pub sequence: i64,
    /// The time that its records are of.
    pub created: Timestamp,
    /// Who signed it, for one that was not built here.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub signer: Option<String>,
    /// Where it was pulled from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reference: Option<String>,
}

/// Remembers the highest sequence of a signer at a reference, so that an older database is known as one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Seen {
    /// Who signed.
    pub signer: String,
    /// Where it was pulled from; none for what was imported.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reference: Option<String>,
    /// The highest sequence.
    pub sequence: i64,
}

/// Says where updates come from and whose signature is wanted, as they were typed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Subscription {
    /// The reference.
    pub reference: String,
    /// The identities, any of which suffices.
    pub identities: Vec<String>,
}

/// Records which databases are trusted, and which one is used.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct State {
    /// The installed database that is used where none is named.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub current: Option<Digest>,
    /// Every trusted database by the digest of its manifest.
    #[serde(default)]
    pub databases: BTreeMap<Digest, Record>,
    /// The highest sequences.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub seen: Vec<Seen>,
    /// Where updates come from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub subscription: Option<Subscription>,
}

impl State {
    /// Returns the highest sequence seen of a signer at a reference.
    #[must_use]
    pub fn highest(&self, signer: &str, reference: Option<&str>) -> Option<i64> {
        let same = |seen: &&Seen| seen.signer == signer && seen.reference.as_deref() == reference;
        self.seen.iter().find(same).map(|seen| seen.sequence)
    }

    /// Takes a database into the list, and its sequence where somebody signed it.
    pub(super) fn take(&mut self, digest: &Digest, record: Record) {
        if let Some(signer) = &record.signer {
            self.see(signer, record.reference.as_deref(), record.sequence);
        }
        self.databases.insert(digest.clone(), record);
    }

    /// Takes a sequence, where it is the highest.
    pub(super) fn see(&mut self, signer: &str, reference: Option<&str>, sequence: i64) {
        let same =
            |seen: &&mut Seen| seen.signer == signer && seen.reference.as_deref() == reference;
        match self.seen.iter_mut().find(same) {
            Some(seen) => seen.sequence = seen.sequence.max(sequence),
            None => self.seen.push(Seen {
                signer: signer.to_owned(),
                reference: reference.map(str::to_owned),
                sequence,
            }),
        }
    }

    /// Forgets the oldest of too many that were built here; never one of `stays`.
    pub(super) fn prune(&mut self, stays: &dyn Fn(&Digest) -> bool) {
        let mut built: Vec<(Timestamp, Digest)> = self
            .databases
            .iter()
            .filter(|(digest, record)| record.trust == Trust::Built && !stays(digest))
            .map(|(digest, record)| (record.created, digest.clone()))
            .collect();
        built.sort();
        built.truncate(built.len().saturating_sub(BUILT));
        for (_, digest) in built {
            self.databases.remove(&digest);
        }
    }

    pub(super) fn save(&self, data: &Path) -> Result<(), Error> {
        let path = data.join(FILE);
        let mut bytes = serde_json::to_vec_pretty(self).map_err(|source| Error::State {
            path: path.clone(),
            source,
        })?;
        bytes.push(b'\n');
        replace(&path, &bytes)
    }
}

/// Reads which databases are trusted; none where nothing was ever installed.
///
/// # Errors
///
/// [`Error::Io`] and [`Error::State`].
pub fn state(data: &Path) -> Result<State, Error> {
    let path = data.join(FILE);
    match read(&path) {
        Err(Error::Io { source, .. }) if source.kind() == io::ErrorKind::NotFound => {
            Ok(State::default())
        }
        Err(error) => Err(error),
        Ok(bytes) => serde_json::from_slice(&bytes).map_err(|source| Error::State { path, source }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_oldest_of_too_many_that_were_built_here_are_forgotten() {
        let mut state = State::default();
        let name = |number: usize| Digest::sha256(number.to_string().as_bytes());
        for number in 0..BUILT + 3 {
            let trust = match number {
                1 => Trust::Imported,
                _ => Trust::Built,
            };
            let record = Record {
                trust,
                sequence: 0,
                created: Timestamp::from_second(i64::try_from(number).expect("small"))
                    .expect("a time"),
                signer: None,
                reference: None,
            };
            state.take(&name(number), record);
        }
        state.prune(&|digest| *digest == name(2));
        let forgotten: Vec<usize> = (0..BUILT + 3)
            .filter(|number| !state.databases.contains_key(&name(*number)))
            .collect();
        assert_eq!(forgotten, [0], "1 was not built here, 2 stays");
        state.prune(&|_| false);
        assert_eq!(state.databases.len(), BUILT + 1);
        assert!(!state.databases.contains_key(&name(2)));
    }

    #[test]
    fn the_highest_sequence_is_of_a_signer_at_a_reference_and_never_falls() {
        let mut state = State::default();
        let mut take = |signer: &str, reference: Option<&str>, sequence| {
            let record = Record {
                trust: Trust::Pulled,
                sequence,
                created: Timestamp::UNIX_EPOCH,
                signer: Some(signer.to_owned()),
                reference: reference.map(str::to_owned),
            };
            state.take(&Digest::sha256(b"x"), record);
        };
        take("a", Some("r"), 5);
        take("a", Some("r"), 3);
        take("a", None, 2);
        take("b", Some("r"), 1);
        for (signer, reference, expected) in [
            ("a", Some("r"), Some(5)),
            ("a", None, Some(2)),
            ("b", Some("r"), Some(1)),
            ("b", None, None),
            ("a", Some("other"), None),
        ] {
            assert_eq!(
                state.highest(signer, reference),
                expected,
                "{signer} {reference:?}"
            );
        }
    }
}
