//! The policy file with everything that it names: key files and trust root, both relative to it.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use toolkit_attest::TrustRoot;
use toolkit_policy::{LoadedPolicy, Trust, check};

use super::input::{read_regular_file, read_text};
use super::trust::{KEY_SIZE, TRUST_SIZE, trust_root, trust_root_of};
use crate::error::{Error, Result};
use crate::output::active_character;

/// Bytes of a policy file that are read: a long one has some hundred rules of a few hundred bytes.
const POLICY_SIZE: u64 = 4 << 20;

/// Reads and checks a policy file and the keys it names.
///
/// Characters that a terminal obeys or hides are refused: a rule must be what it looks like.
///
/// # Errors
/// [`Error::Policy`] with all faults, [`Error::PolicyCharacter`], and [`Error::Read`] for what cannot be read.
pub(crate) fn policy(path: &Path, now: Timestamp) -> Result<LoadedPolicy> {
    let text = read_text(path, POLICY_SIZE)?;
    let name = path.display().to_string();
    let refused = |faults| Error::Policy {
        path: path.to_path_buf(),
        faults,
    };
    if let Some((line, character)) = active_character(&text) {
        return Err(Error::PolicyCharacter {
            path: path.to_path_buf(),
            line,
            character,
        });
    }
    let policy = check(&name, &text, now).map_err(refused)?;
    let mut keys = BTreeMap::new();
    for key in policy.key_files() {
        match read_regular_file(&beside(path, &key.file), KEY_SIZE) {
            Ok(bytes) => {
                keys.insert(key.file, bytes);
            }
            // The policy points at it: shown there, with its line.
            Err(Error::Read { source, .. }) if source.kind() == std::io::ErrorKind::NotFound => {}
            Err(error) => return Err(error),
        }
    }
    policy.load_keys(&keys).map_err(refused)
}

/// Loads the trust root to judge by: the command line's, else the policy's.
///
/// # Errors
/// As [`trust_root`].
pub(crate) fn policy_trust_root(
    path: &Path,
    policy: &LoadedPolicy,
    given: Option<&Path>,
) -> Result<TrustRoot> {
    match (given, policy.policy().trust()) {
        (Some(given), _) => trust_root(Some(given)),
        (None, Trust::Public) => trust_root(None),
        (None, Trust::File(file)) => {
            let file = beside(path, file);
            trust_root_of(&file, read_regular_file(&file, TRUST_SIZE))
        }
    }
}

fn beside(policy: &Path, file: &str) -> PathBuf {
    policy.parent().unwrap_or(Path::new("")).join(file)
}
