//! Whose signature over what is wanted, by the flags of `verify`.

use toolkit_attest::{Identity, Pattern};
use toolkit_gate::Wanted;

use super::predicates::predicate_type;
use super::trust::public_key;
use crate::args::IdentityArgs;
use crate::error::{Error, Result};

/// Joins the identity flags and the types.
///
/// # Errors
/// [`Error::WhoMissing`] without a key or both halves of an identity, [`Error::WhoTwice`] with more, and what refuses key, pattern or type.
pub(crate) fn wanted(args: &IdentityArgs, types: &[String]) -> Result<Wanted> {
    let types = types
        .iter()
        .map(|name| predicate_type(name))
        .collect::<Result<Vec<_>>>()?;
    let given = given(args);
    let identity = match &args.key {
        Some(_) if given.len() > 1 => return Err(Error::WhoTwice { given }),
        Some(path) => Identity::Key(public_key(path)?),
        None => {
            let san = half(
                args.certificate_identity.as_deref(),
                args.certificate_identity_regexp.as_deref(),
                &given,
            )?;
            let issuer = half(
                args.certificate_oidc_issuer.as_deref(),
                args.certificate_oidc_issuer_regexp.as_deref(),
                &given,
            )?;
            let (Some(san), Some(issuer)) = (san, issuer) else {
                return Err(Error::WhoMissing { given });
            };
            Identity::Certificate { san, issuer }
        }
    };
    Ok(Wanted { identity, types })
}

/// Names the identity flags that were given, by flag or variable.
pub(crate) fn given(args: &IdentityArgs) -> Vec<&'static str> {
    let flags = [
        (
            args.certificate_identity.is_some(),
            "--certificate-identity",
        ),
        (
            args.certificate_identity_regexp.is_some(),
            "--certificate-identity-regexp",
        ),
        (
            args.certificate_oidc_issuer.is_some(),
            "--certificate-oidc-issuer",
        ),
        (
            args.certificate_oidc_issuer_regexp.is_some(),
            "--certificate-oidc-issuer-regexp",
        ),
        (args.key.is_some(), "--key"),
    ];
    flags
        .into_iter()
        .filter_map(|(given, name)| given.then_some(name))
        .collect()
}

fn half(
    exact: Option<&str>,
    regexp: Option<&str>,
    given: &[&'static str],
) -> Result<Option<Pattern>> {
    match (exact, regexp) {
        (None, None) => Ok(None),
        (Some(text), None) => Ok(Some(Pattern::exact(text))),
        (None, Some(text)) => Ok(Some(Pattern::regex(text)?)),
        (Some(_), Some(_)) => Err(Error::WhoTwice {
            given: given.to_vec(),
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn args(flags: &[&str]) -> IdentityArgs {
        let value = |name: &str| flags.contains(&name).then(|| "x".to_owned());
        IdentityArgs {
            certificate_identity: value("id"),
            certificate_identity_regexp: value("id-re"),
            certificate_oidc_issuer: value("iss"),
            certificate_oidc_issuer_regexp: value("iss-re"),
            key: value("key").map(Into::into),
        }
    }

    #[test]
    fn one_identity_and_one_issuer_or_a_key() {
        for flags in [
            ["id", "iss"],
            ["id-re", "iss"],
            ["id", "iss-re"],
            ["id-re", "iss-re"],
        ] {
            assert!(
                matches!(
                    wanted(&args(&flags), &[]).expect("an identity").identity,
                    Identity::Certificate { .. }
                ),
                "{flags:?}"
            );
        }
        for flags in [&[][..], &["id"], &["iss"], &["id-re"], &["iss-re"]] {
            assert!(
                matches!(wanted(&args(flags), &[]), Err(Error::WhoMissing { given }) if given.len() == flags.len()),
                "{flags:?}"
            );
        }
        for flags in [
            &["id", "id-re", "iss"][..],
            &["id", "iss", "iss-re"],
            &["id", "iss", "key"],
            &["iss-re", "key"],
        ] {
            assert!(
                matches!(wanted(&args(flags), &[]), Err(Error::WhoTwice { given }) if given.len() == flags.len()),
                "{flags:?}"
            );
        }
    }

    #[test]
    fn a_bad_pattern_or_type_is_refused() {
        let broken = IdentityArgs {
            certificate_identity_regexp: Some("(".to_owned()),
            certificate_identity: None,
            ..args(&["iss"])
        };
        assert!(matches!(
            wanted(&broken, &[]),
            Err(Error::Attest(toolkit_attest::Error::Pattern { .. }))
        ));
        assert!(matches!(
            wanted(&args(&["id", "iss"]), &["sbom".to_owned()]),
            Err(Error::PredicateType { .. })
        ));
    }
}
