//! The patterns of a policy: over image names, registries, git refs, builders and repositories.

use toolkit_attest::Pattern;
use toolkit_oci::Digest;
use toolkit_vulndb::config::{At, Node, Span};

use super::Walk;
use crate::error::Fault;
use crate::model::ImagePattern;

/// Parses a pattern, and refuses what other dialects of globs would read as more than the character itself.
fn glob(text: &str) -> Result<Pattern, Fault> {
    let fault = |character: String| Fault::PatternCharacter {
        found: text.to_owned(),
        character,
    };
    if let Some(character) = text
        .chars()
        .find(|c| matches!(c, '?' | '[' | ']' | '{' | '}' | '\\') || c.is_control())
    {
        return Err(fault(character.to_string()));
    }
    if text.contains("***") {
        return Err(fault("***".to_owned()));
    }
    Pattern::glob(text).map_err(|error| Fault::Pattern {
        found: text.to_owned(),
        detail: error.to_string(),
    })
}

fn parsed(walk: &mut Walk<'_>, text: &str, span: Span) -> Option<Pattern> {
    glob(text).map_err(|fault| walk.fault(span, fault)).ok()
}

/// Takes a pattern that restricts something.
pub(super) fn bounded(walk: &mut Walk<'_>, node: &Node, place: &str) -> Option<At<Pattern>> {
    let text = walk.text(node, place)?;
    let value = parsed(walk, &text.value, text.span)?;
    if text.value.bytes().all(|byte| matches!(byte, b'*' | b'/')) {
        walk.fault(text.span, Fault::MatchesEverything { found: text.value });
        return None;
    }
    Some(At {
        span: text.span,
        value,
    })
}

/// Takes a pattern over URIs; scheme and host must be written out, for a wildcard there trusts whoever owns a name.
pub(super) fn uri(walk: &mut Walk<'_>, node: &Node, place: &str) -> Option<At<Pattern>> {
    let pattern = bounded(walk, node, place)?;
    let text = pattern.value.as_str();
    if has_own_host(text) {
        return Some(pattern);
    }
    walk.fault(
        pattern.span,
        Fault::Uri {
            found: text.to_owned(),
        },
    );
    None
}

/// Says whether scheme and host of a URI are written out.
fn has_own_host(text: &str) -> bool {
    let host = text
        .split_once("://")
        .map(|(_, rest)| rest.split('/').next().unwrap_or_default());
    host.is_some_and(|host| !host.is_empty() && !host.contains('*')) && is_scheme(text)
}

/// Takes a pattern over alternative names. An issuer vouches for many people and workloads, and who they are is decided by whoever owns the
/// host of a URI or the domain of an address: that is written out, or the name has no wildcard at all. On the forges where anybody can
/// register an owner, the owner is written out too.
pub(super) fn san(walk: &mut Walk<'_>, node: &Node, place: &str) -> Option<At<Pattern>> {
    let pattern = bounded(walk, node, place)?;
    let text = pattern.value.as_str();
    if !text.contains('*') || has_own_owner(text) || has_own_domain(text) {
        return Some(pattern);
    }
    walk.fault(
        pattern.span,
        Fault::San {
            found: text.to_owned(),
        },
    );
    None
}

/// Hosts whose first part of a path is an owner that anybody can register.
const FORGES: [&str; 2] = ["https://github.com/", "https://gitlab.com/"];

fn has_own_owner(text: &str) -> bool {
    let owner = FORGES
        .into_iter()
        .find_map(|forge| text.strip_prefix(forge))
        .map(|path| path.split_once('/'));
    let is_own = |owner: &str| !owner.is_empty() && !owner.contains('*');
    has_own_host(text) && owner.is_none_or(|parts| parts.is_some_and(|(owner, _)| is_own(owner)))
}

/// A `**` would take a `/` as well, and with it every URI that ends so: a workflow's ref is its author's choice.
fn has_own_domain(text: &str) -> bool {
    text.rsplit_once('@').is_some_and(|(local, domain)| {
        !local.contains("**")
            && !local.contains('/')
            && domain.contains('.')
            && !domain.contains(['*', '/'])
    })
}

/// RFC 3986 §3.1.
pub(super) fn is_scheme(text: &str) -> bool {
    text.split_once(':').is_some_and(|(scheme, rest)| {
        scheme.starts_with(|c: char| c.is_ascii_alphabetic())
            && scheme
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'-' | b'.'))
            && !rest.is_empty()
    })
}

/// Takes a pattern over full git refs.
pub(super) fn git_ref(walk: &mut Walk<'_>, node: &Node, place: &str) -> Option<At<Pattern>> {
    let text = walk.text(node, place)?;
    let value = parsed(walk, &text.value, text.span)?;
    if text
        .value
        .strip_prefix("refs/")
        .is_some_and(|rest| !rest.is_empty())
    {
        return Some(At {
            span: text.span,
            value,
        });
    }
    walk.fault(text.span, Fault::GitRef { found: text.value });
    None
}

/// Takes the host of a registry, as a pattern of one part.
pub(super) fn registry(walk: &mut Walk<'_>, node: &Node, place: &str) -> Option<Pattern> {
    let pattern = bounded(walk, node, place)?;
    let text = pattern.value.as_str();
    if text.contains('/')
        || text.contains("**")
        || text.contains(char::is_whitespace)
        || text.bytes().any(|byte| byte.is_ascii_uppercase())
    {
        walk.fault(
            pattern.span,
            Fault::Registry {
                found: text.to_owned(),
            },
        );
        return None;
    }
    Some(pattern.value)
}

/// Takes a pattern over `registry/repository`, expanded as image names are, with an optional digest behind it.
pub(super) fn image(walk: &mut Walk<'_>, node: &Node, place: &str) -> Option<ImagePattern> {
    let text = walk.text(node, place)?;
    match parse_image(&text.value) {
        Ok(pattern) => Some(pattern),
        Err(fault) => {
            walk.fault(text.span, fault);
            None
        }
    }
}

fn parse_image(text: &str) -> Result<ImagePattern, Fault> {
    let found = || text.to_owned();
    if text.contains("://") {
        return Err(Fault::ImageScheme { found: found() });
    }
    let (name, digest) = match text.split_once('@') {
        Some((name, digest)) => {
            let digest = Digest::parse(digest).map_err(|_| Fault::ImageDigest {
                found: digest.to_owned(),
            })?;
            (name, Some(digest))
        }
        None => (text, None),
    };
    let expanded = expand(name);
    let (registry, path) = match expanded.split_once('/') {
        Some((registry, path)) => (registry, path),
        None => (expanded.as_str(), ""),
    };
    if let Some((_, tag)) = path.split_once(':') {
        return Err(Fault::ImageTag {
            found: found(),
            tag: tag.to_owned(),
        });
    }
    if path.is_empty() && registry != "**" {
        return Err(Fault::ImageName { found: found() });
    }
    let name = glob(&expanded).map_err(|fault| match fault {
        Fault::PatternCharacter { character, .. } => Fault::PatternCharacter {
            found: found(),
            character,
        },
        other => other,
    })?;
    let allowed = |c: char| {
        c.is_ascii_lowercase()
            || c.is_ascii_digit()
            || matches!(c, '.' | '_' | '-' | '/' | '*' | ':')
    };
    if !expanded.chars().all(allowed)
        || expanded.contains("//")
        || expanded.starts_with('/')
        || expanded.ends_with('/')
    {
        return Err(Fault::ImageName { found: found() });
    }
    Ok(ImagePattern {
        name,
        digest,
        written: found(),
    })
}

/// Expands a short name as docker does (`alpine` is `docker.io/library/alpine`), where its first part is written out.
fn expand(name: &str) -> String {
    let (first, rest) = match name.split_once('/') {
        Some((first, rest)) => (first, Some(rest)),
        None => (name, None),
    };
    match rest {
        None if name == "**" => name.to_owned(),
        None => format!("docker.io/library/{name}"),
        Some(rest) if matches!(first, "index.docker.io" | "registry-1.docker.io") => {
            expand(&format!("docker.io/{rest}"))
        }
        Some(rest) if first == "docker.io" && !rest.contains('/') && rest != "**" => {
            format!("docker.io/library/{rest}")
        }
        Some(_) if first == "localhost" || first.contains(['.', ':', '*']) => name.to_owned(),
        Some(_) => format!("docker.io/{name}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn image_patterns_are_compared_with_expanded_names() {
        let digest = Digest::sha256(b"x");
        let other = Digest::sha256(b"y");
        let pinned = format!("alpine@{digest}");
        for (pattern, name, digests, expected) in [
            ("alpine", "docker.io/library/alpine", &digest, true),
            (
                "docker.io/alpine",
                "docker.io/library/alpine",
                &digest,
                true,
            ),
            (
                "index.docker.io/library/alpine",
                "docker.io/library/alpine",
                &digest,
                true,
            ),
            ("acme/app", "docker.io/acme/app", &digest, true),
            ("acme/*", "docker.io/acme/app", &digest, true),
            ("acme/*", "registry.example/acme/app", &digest, false),
            ("docker.io/**", "docker.io/library/alpine", &digest, true),
            ("*/acme/app", "registry.example/acme/app", &digest, true),
            ("**/app", "registry.example/a/b/app", &digest, true),
            ("localhost:5000/app", "localhost:5000/app", &digest, true),
            ("localhost/app", "localhost/app", &digest, true),
            ("**", "registry.example/a", &digest, true),
            (pinned.as_str(), "docker.io/library/alpine", &digest, true),
            (pinned.as_str(), "docker.io/library/alpine", &other, false),
            (pinned.as_str(), "docker.io/library/busybox", &digest, false),
        ] {
            let image = parse_image(pattern).unwrap_or_else(|fault| panic!("{pattern}: {fault}"));
            assert_eq!(
                image.matches(name, &[digests]),
                expected,
                "`{pattern}` on `{name}`"
            );
        }
    }

    #[test]
    fn whoever_owns_a_name_is_written_out() {
        for (text, owned) in [
            ("https://ci.example/acme/*", true),
            ("https://ci.example/**", true),
            ("spiffe://trust.example/**", true),
            (
                "https://github.com/acme/*/.github/workflows/*@refs/tags/**",
                true,
            ),
            ("https://gitlab.com/acme/**", true),
            ("*@example.com", true),
            ("release-*@ci.example.com", true),
            ("*@*", false),
            ("*@*.com", false),
            ("**@example.com", false),
            ("*/*@example.com", false),
            ("a**", false),
            ("**/release.yml@refs/tags/v1", false),
            ("https://**", false),
            ("https://*.example/acme", false),
            ("https://github.com/**", false),
            ("https://github.com/*", false),
            ("https://github.com/acme*/**", false),
            ("https://github.com*/acme/x", false),
            ("*://ci.example/acme", false),
            ("alice@example*", false),
        ] {
            assert_eq!(has_own_owner(text) || has_own_domain(text), owned, "{text}");
        }
    }

    #[test]
    fn image_patterns_refuse_what_no_name_has() {
        let found = |text: &str| text.to_owned();
        for (pattern, expected) in [
            (
                "alpine:3.20",
                Fault::ImageTag {
                    found: found("alpine:3.20"),
                    tag: found("3.20"),
                },
            ),
            (
                "localhost:5000/app:1",
                Fault::ImageTag {
                    found: found("localhost:5000/app:1"),
                    tag: found("1"),
                },
            ),
            (
                "localhost:5000",
                Fault::ImageTag {
                    found: found("localhost:5000"),
                    tag: found("5000"),
                },
            ),
            (
                "alpine:1@sha256:aa",
                Fault::ImageDigest {
                    found: found("sha256:aa"),
                },
            ),
            ("alpine@", Fault::ImageDigest { found: found("") }),
            (
                "https://registry.example/a",
                Fault::ImageScheme {
                    found: found("https://registry.example/a"),
                },
            ),
            (
                "registry.example/Acme",
                Fault::ImageName {
                    found: found("registry.example/Acme"),
                },
            ),
            (
                "registry.example//a",
                Fault::ImageName {
                    found: found("registry.example//a"),
                },
            ),
            (
                "registry.example/",
                Fault::ImageName {
                    found: found("registry.example/"),
                },
            ),
            (
                "a/[b]",
                Fault::PatternCharacter {
                    found: found("a/[b]"),
                    character: found("["),
                },
            ),
        ] {
            assert_eq!(parse_image(pattern), Err(expected), "{pattern}");
        }
    }
}
