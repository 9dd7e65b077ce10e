//! What must be true after a step: what the command said, and what the registries now hold, looked up in the lab and not through a command.

use std::collections::BTreeSet;

use serde_json::Value;
use toolkit_lab::RegistryKind;

use super::policies::REPOSITORY;
use super::scene::Scene;

/// Both sides of what did not hold.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Unexpected {
    /// What should be.
    pub(super) expected: String,
    /// What is.
    pub(super) found: String,
}

/// Is what a check found to hold, as text to show.
pub(super) type Witness = Result<String, Unexpected>;

fn same<T: PartialEq>(
    expected: &T,
    found: &T,
    shown: impl Fn(&T) -> String,
) -> Result<(), Unexpected> {
    if expected == found {
        Ok(())
    } else {
        Err(Unexpected {
            expected: shown(expected),
            found: shown(found),
        })
    }
}

/// Compares exit codes.
pub(super) fn code(expected: u8, found: Option<i32>) -> Result<(), Unexpected> {
    same(&Some(i32::from(expected)), &found, |code| match code {
        Some(code) => format!("exit code {code}"),
        None => "an end by a signal".to_owned(),
    })
}

/// Demands a line that begins with a word, blanks before it aside, and holds all of these texts.
pub(super) fn line(text: &str, head: &str, parts: &[&str]) -> Result<(), Unexpected> {
    let holds = |line: &str| {
        line.trim_start().starts_with(head) && parts.iter().all(|part| line.contains(part))
    };
    if text.lines().any(holds) {
        return Ok(());
    }
    let quoted: Vec<String> = parts.iter().map(|part| format!("`{part}`")).collect();
    Err(Unexpected {
        expected: format!("a line `{head}…` with {}", quoted.join(" and ")),
        found: "none".to_owned(),
    })
}

/// Demands what a tag names, `None` for a tag that must not be there.
pub(super) fn tag(scene: &Scene, kind: RegistryKind, tag: &str, expected: Option<&str>) -> Witness {
    let found = scene.lab.tag(kind, REPOSITORY, tag);
    same(
        &expected.map(str::to_owned),
        &found,
        |digest| match digest {
            Some(digest) => format!("the tag `{tag}` on {digest}"),
            None => format!("no tag `{tag}`"),
        },
    )?;
    Ok(match expected {
        Some(_) => format!("the registry has the tag `{tag}` on the image"),
        None => format!("the registry has no tag `{tag}`"),
    })
}

/// Counts the manifests of the image's repository.
pub(super) fn manifests(scene: &Scene, kind: RegistryKind) -> usize {
    scene.lab.manifests(kind, REPOSITORY).len()
}

/// Demands that the first registry holds this many manifests more than before.
pub(super) fn added(scene: &Scene, before: usize, expected: usize) -> Witness {
    let found = manifests(scene, RegistryKind::WithReferrers).saturating_sub(before);
    same(&expected, &found, |count| {
        format!("{count} new manifests in the registry")
    })?;
    Ok(match expected {
        1 => "the registry has 1 new manifest".to_owned(),
        _ => format!("the registry has {expected} new manifests"),
    })
}

/// Demands that every manifest of the first registry is in the second, with its bytes.
pub(super) fn moved(scene: &Scene) -> Witness {
    let of = |kind| scene.lab.manifests(kind, REPOSITORY);
    let first = of(RegistryKind::WithReferrers);
    for digest in &first {
        let bytes = |kind| scene.lab.manifest(kind, REPOSITORY, digest);
        same(
            &bytes(RegistryKind::WithReferrers),
            &bytes(RegistryKind::WithoutReferrers),
            |bytes| match bytes {
                Some(bytes) => format!("{} bytes of {digest} in the second registry", bytes.len()),
                None => format!("nothing of {digest} there"),
            },
        )?;
    }
    Ok(format!(
        "the second registry has all {} manifests, byte by byte",
        first.len()
    ))
}

/// Demands that the documents are of their formats and list the same packages, and counts those.
pub(super) fn documents(scene: &Scene) -> Witness {
    let mut told = Vec::new();
    for (platform, cyclonedx, spdx) in scene.documents() {
        let (cyclonedx, spdx) = (read(scene, &cyclonedx)?, read(scene, &spdx)?);
        for (document, key, expected) in [
            (&cyclonedx, "bomFormat", "CycloneDX"),
            (&cyclonedx, "specVersion", "1.7"),
            (&spdx, "spdxVersion", "SPDX-2.3"),
        ] {
            let found = document
                .get(key)
                .and_then(Value::as_str)
                .unwrap_or("nothing");
            same(&expected, &found, |value| format!("`{key}` as {value}"))?;
        }
        let cyclonedx = purls(&cyclonedx, "components", "purl");
        let spdx = purls(&spdx, "packages", "referenceLocator");
        same(&cyclonedx, &spdx, |purls| format!("packages {purls:?}"))?;
        if scene.image.own && cyclonedx.is_empty() {
            return Err(Unexpected {
                expected: "packages in both documents".to_owned(),
                found: "none".to_owned(),
            });
        }
        let place = platform
            .map(|platform| format!(" on {platform}"))
            .unwrap_or_default();
        told.push(format!("{} packages{place}", cyclonedx.len()));
    }
    Ok(format!(
        "CycloneDX 1.7 and SPDX 2.3 with the same {}",
        told.join(", ")
    ))
}

/// Collects the package URLs in a list of a document, but for the image's own.
fn purls(document: &Value, list: &str, key: &str) -> BTreeSet<String> {
    fn collect(value: &Value, key: &str, found: &mut BTreeSet<String>) {
        match value {
            Value::Object(members) => {
                if let Some(Value::String(text)) = members.get(key)
                    && text.starts_with("pkg:")
                    && !text.starts_with("pkg:oci/")
                {
                    found.insert(text.clone());
                }
                members
                    .values()
                    .for_each(|value| collect(value, key, found));
            }
            Value::Array(values) => values.iter().for_each(|value| collect(value, key, found)),
            _ => {}
        }
    }
    let mut found = BTreeSet::new();
    if let Some(list) = document.get(list) {
        collect(list, key, &mut found);
    }
    found
}

fn read(scene: &Scene, name: &str) -> Result<Value, Unexpected> {
    let unexpected = |found: String| Unexpected {
        expected: format!("JSON in `{name}`"),
        found,
    };
    let bytes =
        fs_err::read(scene.folder.file(name)).map_err(|error| unexpected(error.to_string()))?;
    serde_json::from_slice(&bytes).map_err(|error| unexpected(error.to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn another_code_or_a_missing_line_does_not_hold() {
        assert_eq!(code(1, Some(1)), Ok(()));
        let unexpected = |expected: &str, found: &str| {
            Err(Unexpected {
                expected: expected.to_owned(),
                found: found.to_owned(),
            })
        };
        assert_eq!(code(1, Some(0)), unexpected("exit code 1", "exit code 0"));
        assert_eq!(
            code(0, None),
            unexpected("exit code 0", "an end by a signal")
        );
        let text = "  found b\n  expected a";
        assert_eq!(line(text, "expected", &["a"]), Ok(()));
        assert_eq!(
            line(text, "expected", &["b"]),
            unexpected("a line `expected…` with `b`", "none")
        );
        assert_eq!(
            line(text, "pected", &["a"]),
            unexpected("a line `pected…` with `a`", "none")
        );
    }
}
