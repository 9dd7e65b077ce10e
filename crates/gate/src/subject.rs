//! Says which manifest of an image a new attestation speaks of.
//!
//! A bill of materials is about one platform, and names it; everything else is about the image as it was named. Nothing is signed here.

use toolkit_oci::{Descriptor, Digest, Limits, Manifest, Platform, RawManifest, Repository};
use toolkit_sbom::subject_digests;

/// Why an attestation cannot be assigned to a manifest.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SubjectError {
    /// An image or its index could not be read.
    #[error(transparent)]
    Oci(#[from] toolkit_oci::Error),
    /// The document is no bill of materials that is read.
    #[error(transparent)]
    Sbom(#[from] toolkit_sbom::Error),
    /// The document speaks of another image.
    #[error(
        "the document is about another image: expected {}, found {}",
        one_of(expected),
        one_of(found)
    )]
    OtherImage {
        /// The digests that would do.
        expected: Vec<Digest>,
        /// The digests that the document names.
        found: Vec<Digest>,
    },
    /// The document does not say, or says more than once, which platform it is about.
    #[error("the document names {found} of the image's {} platforms, expected one: {}", platforms.len(), platforms.join(", "))]
    Unassigned {
        /// How many it names.
        found: usize,
        /// The platforms that there are.
        platforms: Vec<String>,
    },
    /// Indexes are nested too deeply or list too much.
    #[error("more {what} than allowed: limit {limit}")]
    Limit {
        /// What is limited.
        what: &'static str,
        /// The limit.
        limit: u64,
    },
}

/// An image for one platform.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlatformManifest {
    /// Its manifest.
    pub descriptor: Descriptor,
    /// Its platform, where the index says one.
    pub platform: Option<Platform>,
}

impl PlatformManifest {
    fn name(&self) -> String {
        self.platform
            .as_ref()
            .map_or_else(|| self.descriptor.digest.to_string(), ToString::to_string)
    }
}

/// Lists the platforms below a manifest or index, each manifest once; a single image is its own platform.
///
/// Entries of platform `unknown/unknown` are evidence (BuildKit's attestation manifests) and no platform.
///
/// # Errors
/// [`SubjectError::Oci`] and [`SubjectError::Limit`].
pub fn platforms(
    repository: &Repository,
    root: &RawManifest,
    limits: &Limits,
) -> Result<Vec<PlatformManifest>, SubjectError> {
    let mut walk = Walk {
        repository,
        limits,
        looked_at: 0,
        found: Vec::new(),
    };
    walk.descend(root, None, 0)?;
    Ok(walk.found)
}

struct Walk<'a> {
    repository: &'a Repository,
    limits: &'a Limits,
    looked_at: u64,
    found: Vec<PlatformManifest>,
}

impl Walk<'_> {
    fn descend(
        &mut self,
        manifest: &RawManifest,
        platform: Option<&Platform>,
        depth: u64,
    ) -> Result<(), SubjectError> {
        let Manifest::Index(index) = &manifest.manifest else {
            if self
                .found
                .iter()
                .all(|known| known.descriptor.digest != manifest.descriptor.digest)
            {
                self.found.push(PlatformManifest {
                    descriptor: manifest.descriptor.clone(),
                    platform: platform.cloned(),
                });
            }
            return Ok(());
        };
        if depth >= self.limits.index_depth {
            return Err(SubjectError::Limit {
                what: "levels of nested indexes",
                limit: self.limits.index_depth,
            });
        }
        for entry in index
            .manifests
            .iter()
            .filter(|entry| !entry.platform.as_ref().is_some_and(Platform::is_unknown))
        {
            self.looked_at = self.looked_at.saturating_add(1);
            if self.looked_at > self.limits.index_manifests {
                return Err(SubjectError::Limit {
                    what: "manifests of an index",
                    limit: self.limits.index_manifests,
                });
            }
            let child = self.repository.manifest(entry)?;
            self.descend(&child, entry.platform.as_ref(), depth.saturating_add(1))?;
        }
        Ok(())
    }
}

/// Chooses the manifest of one platform.
///
/// # Errors
/// [`SubjectError::Oci`] with the platforms that there are.
pub fn platform<'a>(
    platforms: &'a [PlatformManifest],
    wanted: &Platform,
) -> Result<&'a PlatformManifest, SubjectError> {
    // An index says the platform of each entry; a single image without an index says none here, and is the one that there is.
    if let [only] = platforms
        && only.platform.is_none()
    {
        return Ok(only);
    }
    let fitting = platforms
        .iter()
        .filter_map(|one| Some((one.platform.as_ref()?.rank(wanted)?, one)));
    fitting
        .min_by_key(|(rank, _)| *rank)
        .map(|(_, one)| one)
        .ok_or_else(|| {
            let available = platforms
                .iter()
                .map(PlatformManifest::name)
                .collect::<Vec<_>>()
                .join(", ");
            SubjectError::Oci(toolkit_oci::Error::NoSuchPlatform {
                wanted: wanted.to_string(),
                available,
            })
        })
}

/// Finds the manifest that a bill of materials is about.
///
/// The document names it by digest. One that names none is about the single image, or about the platform that is `wanted`; one that names
/// the index is about the index.
///
/// # Errors
/// [`SubjectError::OtherImage`] where it names digests and none of them is the image's or, with `wanted`, that platform's;
/// [`SubjectError::Unassigned`] where it does not say which of several platforms; [`SubjectError::Sbom`] for what is no such document.
pub fn sbom_subject(
    root: &RawManifest,
    platforms: &[PlatformManifest],
    document: &[u8],
    wanted: Option<&Platform>,
) -> Result<Descriptor, SubjectError> {
    let named = subject_digests(document)?;
    let candidates: Vec<&Descriptor> = match wanted {
        Some(wanted) => vec![&platform(platforms, wanted)?.descriptor],
        None => platforms.iter().map(|one| &one.descriptor).collect(),
    };
    let fitting: Vec<&Descriptor> = candidates
        .iter()
        .copied()
        .filter(|one| named.is_empty() || named.contains(&one.digest))
        .collect();
    match fitting.as_slice() {
        [one] => Ok((*one).clone()),
        [] if wanted.is_none() && named.contains(&root.descriptor.digest) => {
            Ok(root.descriptor.clone())
        }
        [] => {
            let mut expected: Vec<Digest> =
                candidates.iter().map(|one| one.digest.clone()).collect();
            if wanted.is_none() && !expected.contains(&root.descriptor.digest) {
                expected.push(root.descriptor.digest.clone());
            }
            Err(SubjectError::OtherImage {
                expected,
                found: named,
            })
        }
        several => {
            let found = if named.is_empty() { 0 } else { several.len() };
            Err(SubjectError::Unassigned {
                found,
                platforms: platforms.iter().map(PlatformManifest::name).collect(),
            })
        }
    }
}

fn one_of(digests: &[Digest]) -> String {
    const SHOWN: usize = 4;
    let mut text = digests
        .iter()
        .take(SHOWN)
        .map(|digest| format!("`{digest}`"))
        .collect::<Vec<_>>()
        .join(" or ");
    if digests.len() > SHOWN {
        text.push_str(&format!(" or one of {} more", digests.len() - SHOWN));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use toolkit_oci::media_type;

    fn manifest(body: &str, kind: &str) -> RawManifest {
        RawManifest::check(
            Descriptor::of(kind, body.as_bytes()),
            body.as_bytes().to_vec(),
        )
        .expect("a manifest")
    }

    fn image(seed: &str) -> RawManifest {
        let config = Digest::sha256(seed.as_bytes());
        let body = format!(
            r#"{{"schemaVersion":2,"mediaType":"{}","config":{{"mediaType":"{}","digest":"{config}","size":1}},"layers":[]}}"#,
            media_type::OCI_MANIFEST,
            media_type::OCI_CONFIG
        );
        manifest(&body, media_type::OCI_MANIFEST)
    }

    fn cyclonedx(digests: &[&Digest]) -> Vec<u8> {
        let hashes = digests
            .iter()
            .map(|digest| format!(r#"{{"alg":"SHA-256","content":"{}"}}"#, digest.hex()))
            .collect::<Vec<_>>()
            .join(",");
        format!(r#"{{"bomFormat":"CycloneDX","specVersion":"1.6","metadata":{{"component":{{"type":"container","name":"x","hashes":[{hashes}]}}}}}}"#)
            .into_bytes()
    }

    #[test]
    fn the_document_says_which_platform_it_is_about() {
        let (amd, arm) = (image("amd64"), image("arm64"));
        let entry = |raw: &RawManifest, name: &str| PlatformManifest {
            descriptor: raw.descriptor.clone(),
            platform: Some(Platform::parse(name).expect("a platform")),
        };
        let both = [entry(&amd, "linux/amd64"), entry(&arm, "linux/arm64")];
        let index = manifest(
            &format!(
                r#"{{"schemaVersion":2,"mediaType":"{}","manifests":[]}}"#,
                media_type::OCI_INDEX
            ),
            media_type::OCI_INDEX,
        );
        let wanted = Platform::parse("linux/arm64").expect("a platform");
        let other = Digest::sha256(b"other");
        let (a, b, i) = (
            &amd.descriptor.digest,
            &arm.descriptor.digest,
            &index.descriptor.digest,
        );

        let ask = |names: &[&Digest], wanted: Option<&Platform>| {
            sbom_subject(&index, &both, &cyclonedx(names), wanted)
        };
        assert_eq!(ask(&[b], None).expect("arm64").digest, *b);
        assert_eq!(ask(&[b, i], None).expect("arm64").digest, *b);
        assert_eq!(ask(&[i], None).expect("the index").digest, *i);
        assert_eq!(ask(&[], Some(&wanted)).expect("arm64").digest, *b);
        assert!(
            matches!(ask(&[], None), Err(SubjectError::Unassigned { found: 0, platforms }) if platforms == ["linux/amd64", "linux/arm64"])
        );
        assert!(matches!(
            ask(&[a, b], None),
            Err(SubjectError::Unassigned { found: 2, .. })
        ));
        assert!(
            matches!(ask(&[&other], None), Err(SubjectError::OtherImage { expected, found }) if expected.len() == 3 && found == [other.clone()])
        );
        assert!(
            matches!(ask(&[a], Some(&wanted)), Err(SubjectError::OtherImage { expected, .. }) if expected == [b.clone()])
        );

        let single = [PlatformManifest {
            descriptor: amd.descriptor.clone(),
            platform: None,
        }];
        let ask = |names: &[&Digest]| sbom_subject(&amd, &single, &cyclonedx(names), Some(&wanted));
        assert_eq!(ask(&[]).expect("the image").digest, *a);
        assert_eq!(ask(&[a]).expect("the image").digest, *a);
        assert!(matches!(
            ask(&[&other]),
            Err(SubjectError::OtherImage { .. })
        ));
        assert!(matches!(
            sbom_subject(&amd, &single, b"{}", None),
            Err(SubjectError::Sbom(toolkit_sbom::Error::NoBillOfMaterials))
        ));
    }
}
