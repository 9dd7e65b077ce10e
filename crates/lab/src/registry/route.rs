//! What a path below `/v2/` asks for (distribution-spec v1.1, "Endpoints").

/// A resource of the registry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Route {
    /// `/v2/`: is this a registry, and may I in?
    Base,
    /// The list of repositories.
    Catalog,
    /// One blob.
    Blob { name: String, digest: String },
    /// The place to begin an upload.
    Uploads { name: String },
    /// An upload that was begun.
    Upload { name: String, id: String },
    /// One manifest by tag or digest.
    Manifest { name: String, reference: String },
    /// The tags of a repository.
    Tags { name: String },
    /// What refers to a manifest.
    Referrers { name: String, digest: String },
}

impl Route {
    /// Parses a path; `None` where it is no resource.
    pub(crate) fn parse(path: &str) -> Option<Self> {
        let rest = path.strip_prefix("/v2")?;
        if rest.is_empty() || rest == "/" {
            return Some(Self::Base);
        }
        let rest = rest.strip_prefix('/')?;
        if rest == "_catalog" {
            return Some(Self::Catalog);
        }
        let own = |text: &str| text.to_owned();
        if let Some(name) = rest.strip_suffix("/tags/list") {
            return Some(Self::Tags { name: own(name) });
        }
        if let Some(name) = rest
            .strip_suffix("/blobs/uploads/")
            .or_else(|| rest.strip_suffix("/blobs/uploads"))
        {
            return Some(Self::Uploads { name: own(name) });
        }
        let (front, last) = rest.rsplit_once('/')?;
        if let Some(name) = front.strip_suffix("/blobs/uploads") {
            return Some(Self::Upload {
                name: own(name),
                id: own(last),
            });
        }
        let (name, kind) = front.rsplit_once('/')?;
        match kind {
            "blobs" => Some(Self::Blob {
                name: own(name),
                digest: own(last),
            }),
            "manifests" => Some(Self::Manifest {
                name: own(name),
                reference: own(last),
            }),
            "referrers" => Some(Self::Referrers {
                name: own(name),
                digest: own(last),
            }),
            _ => None,
        }
    }

    /// Returns the repository that the resource is in.
    pub(crate) fn repository(&self) -> Option<&str> {
        match self {
            Self::Base | Self::Catalog => None,
            Self::Blob { name, .. }
            | Self::Uploads { name }
            | Self::Upload { name, .. }
            | Self::Manifest { name, .. }
            | Self::Tags { name }
            | Self::Referrers { name, .. } => Some(name),
        }
    }
}

/// Returns whether a repository's name is one (distribution-spec, "Pulling manifests").
pub(crate) fn is_name(name: &str) -> bool {
    let component = |text: &str| {
        let alphanumeric = |byte: Option<&u8>| {
            byte.is_some_and(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit())
        };
        let separators_fit = text
            .split(|character: char| character.is_ascii_lowercase() || character.is_ascii_digit());
        alphanumeric(text.as_bytes().first())
            && alphanumeric(text.as_bytes().last())
            && separators_fit.into_iter().all(|between| {
                matches!(between, "" | "." | "_" | "__") || between.bytes().all(|byte| byte == b'-')
            })
    };
    !name.is_empty() && name.len() <= 255 && name.split('/').all(component)
}

/// Returns whether a tag is one.
pub(crate) fn is_tag(tag: &str) -> bool {
    let word = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
    tag.len() <= 128
        && tag.bytes().next().is_some_and(word)
        && tag
            .bytes()
            .all(|byte| word(byte) || byte == b'.' || byte == b'-')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parses_every_endpoint() {
        let own = |text: &str| text.to_owned();
        for (path, route) in [
            ("/v2/", Some(Route::Base)),
            ("/v2", Some(Route::Base)),
            ("/v1/", None),
            (
                "/v2/a/b/blobs/uploads/",
                Some(Route::Uploads { name: own("a/b") }),
            ),
            (
                "/v2/a/b/blobs/uploads/7",
                Some(Route::Upload {
                    name: own("a/b"),
                    id: own("7"),
                }),
            ),
            (
                "/v2/a/blobs/sha256:00",
                Some(Route::Blob {
                    name: own("a"),
                    digest: own("sha256:00"),
                }),
            ),
            (
                "/v2/a/b/manifests/latest",
                Some(Route::Manifest {
                    name: own("a/b"),
                    reference: own("latest"),
                }),
            ),
            ("/v2/a/tags/list", Some(Route::Tags { name: own("a") })),
            (
                "/v2/a/referrers/sha256:00",
                Some(Route::Referrers {
                    name: own("a"),
                    digest: own("sha256:00"),
                }),
            ),
            ("/v2/a/other/x", None),
        ] {
            assert_eq!(Route::parse(path), route, "{path}");
        }
    }

    #[test]
    fn names_and_tags_follow_the_specification() {
        for (name, good) in [
            ("a/b-c/d__e", true),
            ("a---b", true),
            ("A", false),
            ("a/", false),
            ("a..b", false),
            ("-a", false),
            ("", false),
        ] {
            assert_eq!(is_name(name), good, "{name}");
        }
        for (tag, good) in [
            ("latest", true),
            ("_1.0-x", true),
            (".x", false),
            ("", false),
            ("a:b", false),
        ] {
            assert_eq!(is_tag(tag), good, "{tag}");
        }
    }
}
