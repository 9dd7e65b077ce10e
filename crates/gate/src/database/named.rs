//! A database in a folder that was named: it is used where its digest is named too, where this machine recorded it, or where a wanted signer
//! vouches for it there. Nothing else counts.

use std::path::Path;

use toolkit_attest::Identity;
use toolkit_oci::Digest;
use toolkit_vulndb::db::{self, Opened, State, Trust as Origin};

use super::{DatabaseError, Result, vouched};
use crate::collect::Trust;

/// Is a database in a folder that may be used, as far as its origin goes; its times are judged elsewhere.
pub struct Named {
    /// The database, open.
    pub opened: Opened,
    /// How it came to be trusted; `None` where its digest was named.
    pub trust: Option<Origin>,
    /// Who signed it, where it was not built here.
    pub signer: Option<String>,
    /// Where it was pulled from.
    pub reference: Option<String>,
    /// The highest sequence seen of its signer there.
    pub highest: Option<i64>,
}

/// Opens a database in a folder and finds why it may be used. `expected` is the digest of its manifest, where it is named; `signers` are those
/// whose signature suffices, any one of them.
///
/// # Errors
/// [`DatabaseError::Another`] for another digest than the one named, [`DatabaseError::Untrusted`] where nobody is named who could vouch for it, and
/// as [`vouched`].
pub fn named(
    folder: &Path,
    expected: Option<&Digest>,
    state: &State,
    signers: Option<(&[Identity], &Trust<'_>)>,
) -> Result<Named> {
    let opened = db::open(folder)?;
    let found = opened.digest.clone();
    if let Some(expected) = expected
        && *expected != found
    {
        return Err(DatabaseError::Another {
            path: folder.to_path_buf(),
            expected: expected.clone(),
            found,
        });
    }
    let mut named = Named {
        opened,
        trust: None,
        signer: None,
        reference: None,
        highest: None,
    };
    if let Some(record) = state.databases.get(&found) {
        named.trust = Some(record.trust);
        named.signer.clone_from(&record.signer);
        named.reference.clone_from(&record.reference);
    } else if expected.is_none() {
        let (identities, trust) = signers.ok_or_else(|| DatabaseError::Untrusted {
            path: folder.to_path_buf(),
            digest: found,
        })?;
        let (signer, _) = vouched(&named.opened, identities, trust)?;
        named.trust = Some(Origin::Beside);
        named.signer = Some(signer);
    }
    named.highest = named
        .signer
        .as_deref()
        .and_then(|signer| state.highest(signer, named.reference.as_deref()));
    Ok(named)
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;
    use toolkit_vulndb::db::{Builder, Manifest, Record};
    use toolkit_vulndb::feed::osv;

    use super::*;

    #[test]
    fn it_is_used_by_its_digest_or_its_record() {
        let record = br#"{"id":"GHSA-1","modified":"2024-05-01T00:00:00Z","affected":[{"package":{"ecosystem":"npm","name":"x"}}]}"#;
        let mut builder = Builder::default();
        builder.add(osv::parse(record).expect("a record"));
        let built = builder.finish(b"{}").expect("a database");
        let manifest = Manifest::of(&built, Timestamp::UNIX_EPOCH);
        let folder = tempfile::tempdir().expect("a folder");
        let digest = db::write(folder.path(), &manifest, &built).expect("it is written");
        let other = Digest::sha256(b"other");
        let recorded = |digest: &Digest| State {
            databases: [(digest.clone(), Record::built(&manifest))].into(),
            ..State::default()
        };
        let ask = |expected: Option<&Digest>, state: &State| {
            named(folder.path(), expected, state, None).map(|named| named.trust)
        };
        let empty = State::default();
        assert!(matches!(ask(Some(&digest), &empty), Ok(None)));
        assert!(matches!(
            ask(None, &recorded(&digest)),
            Ok(Some(Origin::Built))
        ));
        for state in [empty, recorded(&other)] {
            let Err(DatabaseError::Untrusted { digest: found, .. }) = ask(None, &state) else {
                panic!("nothing speaks for it")
            };
            assert_eq!(found, digest);
        }
        let answer = ask(Some(&other), &recorded(&digest));
        let Err(DatabaseError::Another {
            expected, found, ..
        }) = answer
        else {
            panic!("it is another one: {answer:?}")
        };
        assert_eq!((expected, found), (other, digest));
    }
}
