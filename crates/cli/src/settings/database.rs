//! Which vulnerability database is used, and whether it may be.
//!
//! `--db`, else its variable, else the installed one. A folder is used only where its manifest's digest is typed or recorded on this machine, or a wanted
//! signer vouches for it.

use std::io;
use std::path::{Path, PathBuf};

use jiff::{SignedDuration, Timestamp};
use toolkit_attest::{Identity, PublicKey, TrustRoot};
use toolkit_gate::DatabaseAtHand;
use toolkit_oci::{Digest, ErrorClass};
use toolkit_policy::{IdentityLine, LoadedPolicy};
use toolkit_vulndb::db::{self, Opened, Refusal, Rules, Trust};

use super::input::read_file;
use super::trust::{KEY_SIZE, trust_root};
use crate::args::{DatabaseArgs, TrustArgs};
use crate::dirs;
use crate::error::{Error, Result};
use crate::exit::Exit;
use crate::output::active_character;
use crate::terminal::Terminal;

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
    /// It may not be used, by what it says of itself.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// It lies in a folder or elsewhere, and is not taken.
    #[error(transparent)]
    Elsewhere(#[from] toolkit_gate::DatabaseError),
    /// An identity that was typed is none.
    #[error("`{text}` is no identity: {} {}", faults.len(), if faults.len() == 1 { "fault" } else { "faults" })]
    Identity {
        /// The identity as typed.
        text: String,
        /// All of its faults.
        faults: Vec<toolkit_policy::Diagnostic>,
    },
    /// An identity looks other than it is.
    #[error("an identity holds control or invisible characters: `{text}`")]
    IdentityCharacter {
        /// The identity as typed.
        text: String,
    },
    /// There was no update yet, and nothing says where one could come from.
    #[error("where do updates come from? there was none yet")]
    NoReference,
    /// Nobody is named whose signature would do.
    #[error("whose signature is wanted of a database from `{reference}`?")]
    NoIdentity {
        /// Where the database is.
        reference: String,
    },
    /// The place does not fit what is to be done there.
    #[error("`{found}` is no place for this: expected {expected}")]
    Place {
        /// The place as typed.
        found: String,
        /// What is expected.
        expected: &'static str,
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
            Self::Age { .. }
            | Self::Digest { .. }
            | Self::NoRecords { .. }
            | Self::Identity { .. }
            | Self::IdentityCharacter { .. }
            | Self::NoReference
            | Self::NoIdentity { .. }
            | Self::Place { .. }
            | Self::NoTime => Exit::Usage,
            Self::NoDirectory => Exit::LocalIo,
            Self::Store(error) => of_store(error),
            Self::Elsewhere(error) => of_elsewhere(error),
            Self::Absent | Self::Refused(_) => Exit::Database,
        }
    }

    /// Names the remedy.
    pub(crate) fn hint(&self) -> Option<String> {
        use toolkit_gate::DatabaseError as Elsewhere;
        let text = match self {
            Self::Absent
            | Self::Store(db::Error::Absent { .. })
            | Self::Elsewhere(Elsewhere::Store(db::Error::Absent { .. })) => {
                "`toolkit db fetch DIR && toolkit db build DIR` makes one of its publishers' feeds, `toolkit db update REF --db-identity IDENTITY` pulls one"
            }
            Self::Elsewhere(Elsewhere::Untrusted { digest, path }) => {
                return Some(format!(
                    "if you know that it is the right one: `--db {}@{digest}`; if somebody signed it: `--db-identity`",
                    path.display()
                ));
            }
            Self::Refused(refusal) | Self::Elsewhere(Elsewhere::Refused(refusal)) => {
                return of_refusal(refusal);
            }
            Self::Elsewhere(Elsewhere::Unsigned { .. }) => {
                "its publisher signs it with `toolkit sign`; nothing unsigned is taken"
            }
            Self::Elsewhere(Elsewhere::OtherSigner { .. }) => {
                "if one of them is the publisher that you trust, name it with `--db-identity`"
            }
            Self::NoDirectory => {
                "set `TOOLKIT_DATA`, or write the database to a folder with `-o PATH`"
            }
            Self::NoRecords { .. } | Self::NoTime => {
                "name a folder with feeds: `toolkit db fetch DIR` downloads them"
            }
            Self::NoReference => "name the place: `toolkit db update REF --db-identity IDENTITY`",
            Self::NoIdentity { .. } => {
                "name the publisher, such as `--db-identity kind=github,repository=OWNER/NAME,workflow=.github/workflows/db.yml,ref=refs/heads/main`"
            }
            _ => return None,
        };
        Some(text.to_owned())
    }

    /// Lists the faults of what was typed, for those that have places.
    pub(crate) fn faults(&self) -> &[toolkit_policy::Diagnostic] {
        match self {
            Self::Identity { faults, .. } => faults,
            _ => &[],
        }
    }
}

fn of_refusal(refusal: &Refusal) -> Option<String> {
    let text = match refusal {
        Refusal::Stale { .. } => {
            "get a newer one with `toolkit db update` or `toolkit db build DIR`, or allow more with `--max-age`"
        }
        Refusal::Frozen { .. } => {
            "get a newer one; where its publisher has none, ask why: whoever serves old ones hides what was found since"
        }
        Refusal::Future { .. } => "check this machine's clock",
        Refusal::Demo => "name it with `--db PATH`",
        _ => return None,
    };
    Some(text.to_owned())
}

/// Only this machine's disk is 7; everything that is wrong with a database refuses it.
fn of_store(error: &db::Error) -> Exit {
    match error {
        db::Error::Io { source, .. } if source.kind() != io::ErrorKind::NotFound => Exit::LocalIo,
        // A folder that could not be read any further; faults of packed bytes have no number of the system's.
        db::Error::Source(source) if source.raw_os_error().is_some() => Exit::LocalIo,
        _ => Exit::Database,
    }
}

fn of_elsewhere(error: &toolkit_gate::DatabaseError) -> Exit {
    use toolkit_gate::DatabaseError as Elsewhere;
    match error {
        Elsewhere::Oci(error) | Elsewhere::Attest(toolkit_attest::Error::Oci(error)) => {
            match error.class() {
                ErrorClass::Unreachable => Exit::Unreachable,
                ErrorClass::NotFound => Exit::NotFound,
                ErrorClass::Local => Exit::LocalIo,
                ErrorClass::Usage => Exit::Usage,
                // Other bytes than were promised, or more: the database is refused.
                _ => Exit::Database,
            }
        }
        Elsewhere::Store(error) => of_store(error),
        Elsewhere::Unanswered { .. } => Exit::Unreachable,
        _ => Exit::Database,
    }
}

/// Is the greatest age that a database may have.
#[derive(Debug, Clone, Copy)]
pub(crate) struct MaxAge(SignedDuration);

impl MaxAge {
    /// Is the longest that can be written.
    pub(crate) const LONGEST: Self = Self(SignedDuration::from_hours(9999 * 24));

    /// Returns the time.
    pub(crate) fn duration(self) -> SignedDuration {
        self.0
    }

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

/// Says what the database is opened for.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Purpose {
    /// To judge by it: its age counts.
    Judge {
        /// The greatest age that was asked for.
        max_age: Option<MaxAge>,
    },
    /// To show or copy it: its age is shown.
    Show,
}

/// Is a database that may be used.
pub(crate) struct Database {
    /// The database, open.
    pub(crate) opened: Opened,
    /// Where it is.
    pub(crate) place: String,
    /// Why it is trusted; `None` where its digest was typed.
    pub(crate) trust: Option<Trust>,
    /// Who signed it, where it was not built here.
    pub(crate) signer: Option<String>,
    /// Where it was pulled from.
    pub(crate) reference: Option<String>,
    /// Its age.
    pub(crate) age: SignedDuration,
    /// Why it would not be judged by, where it was opened to be shown.
    pub(crate) refused: Option<Refusal>,
    /// The highest sequence seen of its signer, where it was not recorded.
    highest: Option<i64>,
    /// Whether its sequence could not be remembered.
    forgotten: bool,
}

impl Database {
    /// Opens the database that was named, else the installed one, and checks that it may be used.
    ///
    /// # Errors
    /// [`DatabaseError`].
    pub(crate) fn open(
        args: &DatabaseArgs,
        trust: &TrustArgs,
        purpose: Purpose,
        now: Timestamp,
    ) -> Result<Self> {
        let database = match &args.db {
            Some(text) => Self::named(text, &args.db_identity, trust, now)?,
            None => Self::installed()?,
        };
        database.admitted(purpose, now)
    }

    /// Opens a database that was named to be compared: a folder, or an installed one by its digest.
    ///
    /// # Errors
    /// [`DatabaseError`].
    pub(crate) fn compared(
        text: &str,
        identities: &[String],
        trust: &TrustArgs,
        now: Timestamp,
    ) -> Result<Self> {
        if let (Ok(digest), Some(data)) = (Digest::parse(text), dirs::databases()) {
            let installed = db::installed(&data).map_err(DatabaseError::from)?;
            let found = installed
                .into_iter()
                .find(|one| one.digest == digest)
                .ok_or(DatabaseError::Absent)?;
            let mut database =
                Self::of(found.opened.map_err(DatabaseError::from)?, text.to_owned());
            database.record(found.record);
            return database.admitted(Purpose::Show, now);
        }
        Self::named(text, identities, trust, now)?.admitted(Purpose::Show, now)
    }

    fn admitted(mut self, purpose: Purpose, now: Timestamp) -> Result<Self> {
        let max_age = match purpose {
            Purpose::Judge { max_age } => max_age.map(MaxAge::duration),
            Purpose::Show => None,
        };
        self.age = now.duration_since(self.opened.manifest.created);
        let rules = Rules {
            trust: self.trust,
            max_age,
            highest: self.highest,
            now,
        };
        match (self.opened.manifest.admit(&rules), purpose) {
            (Ok(_), _) => self.remember()?,
            (Err(refusal), Purpose::Judge { .. }) => {
                return Err(DatabaseError::Refused(refusal).into());
            }
            (Err(refusal), Purpose::Show) => self.refused = Some(refusal),
        }
        Ok(self)
    }

    /// Remembers the sequence of one that is used where it lies: an older one of its signer is refused from then on. Where nothing can be written,
    /// nothing is remembered, and that is told.
    fn remember(&mut self) -> Result<()> {
        let sequence = self.opened.manifest.sequence;
        let (Some(Trust::Beside), Some(signer)) = (self.trust, &self.signer) else {
            return Ok(());
        };
        if self.highest.is_some_and(|highest| highest >= sequence) {
            return Ok(());
        }
        let Some(data) = dirs::databases() else {
            self.forgotten = true;
            return Ok(());
        };
        match db::lock(&data, &|| {}).and_then(|lock| lock.see(signer, sequence)) {
            Ok(()) => Ok(()),
            Err(db::Error::Io { source, .. })
                if matches!(
                    source.kind(),
                    io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem
                ) =>
            {
                self.forgotten = true;
                Ok(())
            }
            Err(error) => Err(DatabaseError::from(error).into()),
        }
    }

    /// Words why it is trusted.
    pub(crate) fn vouched(&self) -> String {
        let mut text = match self.trust {
            None => "named by its digest".to_owned(),
            Some(trust) => trust.to_string(),
        };
        if let Some(reference) = &self.reference {
            text.push_str(&format!(" from {reference}"));
        }
        if let Some(signer) = &self.signer {
            text.push_str(&format!(", signed by {signer}"));
        }
        if self.forgotten {
            text.push_str(", its sequence not remembered: no data directory can be written");
        }
        text
    }

    fn named(text: &str, identities: &[String], trust: &TrustArgs, now: Timestamp) -> Result<Self> {
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
        let state = match dirs::databases() {
            None => db::State::default(),
            Some(data) => db::state(&data).map_err(DatabaseError::from)?,
        };
        let signers = match identities {
            [] => None,
            typed => Some(Signers::load(typed, trust)?),
        };
        let trusted = signers.as_ref().map(|signers| signers.trust(now));
        let signers = signers
            .as_ref()
            .zip(trusted.as_ref())
            .map(|(signers, trust)| (signers.identities.as_slice(), trust));
        let named = toolkit_gate::named(Path::new(path), expected.as_ref(), &state, signers)
            .map_err(DatabaseError::from)?;
        Ok(Self {
            trust: named.trust,
            signer: named.signer,
            reference: named.reference,
            highest: named.highest,
            ..Self::of(named.opened, path.to_owned())
        })
    }

    fn installed() -> Result<Self> {
        let data = dirs::databases().ok_or(DatabaseError::Absent)?;
        let (opened, record) = db::open_current(&data)
            .map_err(DatabaseError::from)?
            .ok_or(DatabaseError::Absent)?;
        if opened.manifest.demo {
            return Err(DatabaseError::Refused(Refusal::Demo).into());
        }
        let mut database = Self::of(opened, data.display().to_string());
        database.record(record);
        Ok(database)
    }

    fn of(opened: Opened, place: String) -> Self {
        Self {
            opened,
            place,
            trust: None,
            signer: None,
            reference: None,
            age: SignedDuration::ZERO,
            refused: None,
            highest: None,
            forgotten: false,
        }
    }

    fn record(&mut self, record: db::Record) {
        self.trust = Some(record.trust);
        self.signer = record.signer;
        self.reference = record.reference;
    }
}

/// Waits for the right to change the data directory, and says so.
///
/// # Errors
/// [`DatabaseError::Store`].
pub(crate) fn updater(data: &Path, terminal: &Terminal) -> Result<db::Lock> {
    let waiting = || terminal.note("waiting for another update of the databases");
    Ok(db::lock(data, &waiting).map_err(DatabaseError::from)?)
}

/// Whose signature over a database is wanted, and by what it is judged.
pub(crate) struct Signers {
    /// The identities, any of which suffices.
    pub(crate) identities: Vec<Identity>,
    /// The identities as they can be typed anywhere: files by their whole path.
    pub(crate) texts: Vec<String>,
    keys: Vec<PublicKey>,
    root: TrustRoot,
}

impl Signers {
    /// Reads identities as they were typed, the keys that they name, and the trust root.
    ///
    /// # Errors
    /// [`DatabaseError::Identity`] with all faults of an identity, and what refuses keys and trust root.
    pub(crate) fn load(texts: &[String], trust: &TrustArgs) -> Result<Self> {
        let mut signers = Self {
            identities: Vec::new(),
            texts: Vec::new(),
            keys: Vec::new(),
            root: trust_root(trust.trusted_root.as_deref())?,
        };
        for text in texts {
            let refused = |faults| DatabaseError::Identity {
                text: text.clone(),
                faults,
            };
            if active_character(text).is_some() {
                return Err(DatabaseError::IdentityCharacter { text: text.clone() }.into());
            }
            let line = IdentityLine::parse("--db-identity", text).map_err(refused)?;
            let key = line.key_file().map(PathBuf::from);
            let bytes = key
                .as_deref()
                .map(|path| read_file(path, KEY_SIZE))
                .transpose()?;
            let identity = line.identity(bytes).map_err(|fault| refused(vec![fault]))?;
            if let Identity::Key(key) = &identity {
                signers.keys.push(key.clone());
            }
            signers.identities.push(identity);
            signers.texts.push(match key {
                None => text.clone(),
                Some(path) => {
                    let whole = std::path::absolute(&path)
                        .map_err(|source| Error::Read { path, source })?;
                    format!("kind=key,file={}", whole.display())
                }
            });
        }
        Ok(signers)
    }

    /// Joins trust root and keys with the time.
    pub(crate) fn trust(&self, now: Timestamp) -> toolkit_gate::Trust<'_> {
        toolkit_gate::Trust {
            root: &self.root,
            keys: &self.keys,
            now,
        }
    }
}

/// Is the database for a judgement by a policy, whose own rules say how old it may be.
pub(crate) enum PolicyDatabase {
    /// It is open.
    Open(Box<Database>),
    /// It may not be used, there is none, or no rule asks for one.
    Unusable {
        /// Why.
        reason: String,
        /// What to do about it.
        next: String,
    },
}

impl PolicyDatabase {
    /// Opens the database where the policy asks for vulnerabilities. One that may not be used is no error: the verdict says so.
    ///
    /// # Errors
    /// [`DatabaseError`] for what was typed wrong, and faults of this machine.
    pub(crate) fn open(
        policy: &LoadedPolicy,
        args: &DatabaseArgs,
        trust: &TrustArgs,
        now: Timestamp,
    ) -> Result<Self> {
        if !policy.policy().asks_for_vulnerabilities() {
            return Ok(Self::Unusable {
                reason: "no rule asks for one".to_owned(),
                next: "nothing is to be done".to_owned(),
            });
        }
        // The policy's own `maxAge` holds, which is no longer than this.
        let max_age = Some(MaxAge::LONGEST);
        match Database::open(args, trust, Purpose::Judge { max_age }, now) {
            Ok(database) => Ok(Self::Open(Box::new(database))),
            Err(Error::Database(error)) if error.exit() == Exit::Database => Ok(Self::Unusable {
                reason: error.to_string(),
                next: error
                    .hint()
                    .unwrap_or_else(|| "use another database".to_owned()),
            }),
            Err(error) => Err(error),
        }
    }

    /// Hands it down.
    pub(crate) fn at_hand(&self) -> DatabaseAtHand<'_> {
        match self {
            Self::Open(database) => DatabaseAtHand::Open {
                opened: &database.opened,
                trust: database.vouched(),
            },
            Self::Unusable { reason, next } => DatabaseAtHand::Unusable {
                reason: reason.clone(),
                next: next.clone(),
            },
        }
    }
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
    }
}
