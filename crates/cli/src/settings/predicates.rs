//! `--predicate FILE --type TYPE`, in pairs.

use std::path::PathBuf;

use toolkit_attest::predicate::{IMAGE_SIGNATURE, short_names, type_uri};

use crate::error::{Error, Result};

/// Names one predicate to attach.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Predicate {
    /// The file with its JSON.
    pub(crate) file: PathBuf,
    /// Its type, as a URI.
    pub(crate) predicate_type: String,
}

/// Joins the files with their types, in the order in which they were given.
///
/// # Errors
/// [`Error::Pairs`] where their numbers differ, [`Error::PredicateType`] for a name that is none, [`Error::SignatureAsPredicate`].
pub(crate) fn predicates(files: &[PathBuf], types: &[String]) -> Result<Vec<Predicate>> {
    if files.len() != types.len() {
        return Err(Error::Pairs {
            predicates: files.len(),
            types: types.len(),
        });
    }
    let pair = |(file, name): (&PathBuf, &String)| {
        let predicate_type = predicate_type(name)?;
        if predicate_type == IMAGE_SIGNATURE {
            return Err(Error::SignatureAsPredicate {
                found: IMAGE_SIGNATURE,
            });
        }
        Ok(Predicate {
            file: file.clone(),
            predicate_type,
        })
    };
    files.iter().zip(types).map(pair).collect()
}

/// Reads a type: one of cosign's names, or a URI.
///
/// # Errors
/// [`Error::PredicateType`] with the names.
pub(crate) fn predicate_type(name: &str) -> Result<String> {
    let unknown = || Error::PredicateType {
        found: name.to_owned(),
        known: short_names().collect(),
    };
    type_uri(name).map(str::to_owned).ok_or_else(unknown)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_and_types_come_in_pairs() {
        let files = [PathBuf::from("a.json"), PathBuf::from("b.json")];
        let types = |names: &[&str]| {
            names
                .iter()
                .map(|name| (*name).to_owned())
                .collect::<Vec<_>>()
        };
        let pairs = predicates(&files, &types(&["cyclonedx", "https://example.com/t/v1"]))
            .expect("two pairs");
        assert_eq!(
            pairs[0],
            Predicate {
                file: files[0].clone(),
                predicate_type: "https://cyclonedx.org/bom".to_owned()
            }
        );
        assert_eq!(
            pairs[1],
            Predicate {
                file: files[1].clone(),
                predicate_type: "https://example.com/t/v1".to_owned()
            }
        );
        assert!(matches!(
            predicates(&files, &types(&["spdx"])),
            Err(Error::Pairs {
                predicates: 2,
                types: 1
            })
        ));
        assert!(matches!(
            predicates(
                &files[..1],
                &types(&["https://sigstore.dev/cosign/sign/v1"])
            ),
            Err(Error::SignatureAsPredicate { .. })
        ));
        assert!(
            matches!(predicates(&files[..1], &types(&["cyclondx"])), Err(Error::PredicateType { found, .. }) if found == "cyclondx")
        );
    }
}
