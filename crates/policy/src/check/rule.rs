//! The rules: which images they match and what they require.

use std::collections::BTreeMap;

use toolkit_attest::predicate;
use toolkit_vulndb::config::{At, Map, Node, Span};
use toolkit_vulndb::select::guess;

use super::identity::who;
use super::{Walk, licences, packages, pattern, vulnerabilities};
use crate::error::Fault;
use crate::model::{
    AttestationRule, AttestationType, Family, ImagePattern, ProvenanceRule, ReferenceRule, Require,
    Rule, UserRule,
};

const RULE: &[&str] = &["id", "match", "require"];
const REQUIRE: &[&str] = &[
    "reference",
    "signatures",
    "attestations",
    "provenance",
    "image",
    "vulnerabilities",
    "packages",
    "licences",
];
/// The keys that judge the packages of an SBOM.
const CONTENTS: [&str; 3] = ["vulnerabilities", "packages", "licences"];
const PROVENANCE: &[&str] = &["by", "builders", "source"];

pub(super) fn rules(walk: &mut Walk<'_>, node: &Node, known: &[String]) -> Option<Vec<Rule>> {
    let mut ids = BTreeMap::new();
    walk.list(node, node.span, "`rules`", |walk, node| {
        rule(walk, node, known, &mut ids)
    })
}

fn rule(
    walk: &mut Walk<'_>,
    node: &Node,
    known: &[String],
    ids: &mut BTreeMap<String, Span>,
) -> Option<Rule> {
    let map = walk.map(node, node.span, "a rule", RULE)?;
    let id = map
        .required(walk, "id")
        .and_then(|node| id(walk, node, "a rule", ids));
    let images = match map.get("match") {
        Some(node) => matched(walk, node, map.span_of("match")).map(Some),
        None => Some(None),
    };
    let require = map
        .required(walk, "require")
        .and_then(|node| require(walk, node, map.span_of("require"), known));
    Some(Rule {
        id: id?,
        images: images?,
        require: require?,
    })
}

/// Takes an id that no earlier entry of the list has.
pub(super) fn id(
    walk: &mut Walk<'_>,
    node: &Node,
    what: &'static str,
    ids: &mut BTreeMap<String, Span>,
) -> Option<String> {
    let id = walk.name(node, what)?;
    match ids.get(&id) {
        Some(first) => {
            let first_line = walk.line(*first);
            walk.fault(node.span, Fault::DuplicateId { id, first_line });
            None
        }
        None => {
            ids.insert(id.clone(), node.span);
            Some(id)
        }
    }
}

fn matched(walk: &mut Walk<'_>, node: &Node, at: Span) -> Option<Vec<ImagePattern>> {
    let map = walk.map(node, at, "`match`", &["images"])?;
    let node = map.required(walk, "images")?;
    images(walk, node, map.span_of("images"))
}

/// Takes a list of image patterns.
pub(super) fn images(walk: &mut Walk<'_>, node: &Node, at: Span) -> Option<Vec<ImagePattern>> {
    walk.repeated(node, "`images`");
    walk.list(node, at, "`images`", |walk, node| {
        pattern::image(walk, node, "an image pattern")
    })
}

fn require(walk: &mut Walk<'_>, node: &Node, at: Span, known: &[String]) -> Option<Require> {
    let map = walk.map(node, at, "`require`", REQUIRE)?;
    if map.entries().is_empty() {
        walk.fault(
            at,
            Fault::DemandsNothing {
                place: "`require`".to_owned(),
            },
        );
    }
    let reference = match map.get("reference") {
        Some(node) => reference(walk, node, map.span_of("reference")),
        None => Some(ReferenceRule::default()),
    };
    let signatures = match map.get("signatures") {
        Some(node) => who(walk, node, map.span_of("signatures"), "`signatures`", known).map(Some),
        None => Some(None),
    };
    let attestations = match map.get("attestations") {
        Some(node) => walk.list(
            node,
            map.span_of("attestations"),
            "`attestations`",
            |walk, node| attestation(walk, node, known),
        ),
        None => Some(Vec::new()),
    };
    let provenance = match map.get("provenance") {
        Some(node) => provenance(walk, node, map.span_of("provenance"), known).map(Some),
        None => Some(None),
    };
    let user = match map.get("image") {
        Some(node) => user(walk, node, map.span_of("image")).map(Some),
        None => Some(None),
    };
    let vulnerabilities = match map.get("vulnerabilities") {
        Some(node) => {
            let at = map.span_of("vulnerabilities");
            vulnerabilities::vulnerabilities(walk, node, at, known).map(Some)
        }
        None => Some(None),
    };
    let packages = match map.get("packages") {
        Some(node) => packages::packages(walk, node, map.span_of("packages")).map(Some),
        None => Some(None),
    };
    let licences = match map.get("licences") {
        Some(node) => licences::licences(walk, node, map.span_of("licences")).map(Some),
        None => Some(None),
    };
    // Attestations with faults of their own may well be the SBOM that is missed.
    let demanded = attestations
        .as_ref()
        .is_none_or(|list| list.iter().any(|one| one.value.kind.is_sbom()));
    if !demanded {
        sbom_missed(walk, &map);
    }
    Some(Require {
        reference: reference?,
        signatures: signatures?,
        attestations: attestations?,
        provenance: provenance?,
        user: user?,
        vulnerabilities: vulnerabilities?,
        packages: packages?,
        licences: licences?,
    })
}

/// Reports every key that judges an SBOM which the rule does not demand.
fn sbom_missed(walk: &mut Walk<'_>, map: &Map<'_>) {
    for key in CONTENTS.into_iter().filter(|key| map.has(key)) {
        walk.fault(map.span_of(key), Fault::NoSbom { key });
    }
}

fn reference(walk: &mut Walk<'_>, node: &Node, at: Span) -> Option<ReferenceRule> {
    let map = walk.map(node, at, "`reference`", &["registries", "digestRequired"])?;
    let registries = match map.get("registries") {
        Some(node) => {
            walk.repeated(node, "`registries`");
            let span = map.span_of("registries");
            let list = walk.list(node, span, "`registries`", |walk, node| {
                pattern::registry(walk, node, "a registry")
            });
            list.map(|value| Some(At { span, value }))
        }
        None => Some(None),
    };
    let digest = match map.get("digestRequired") {
        Some(node) => walk.boolean(node, "`digestRequired`"),
        None => Some(false),
    };
    if !map.has("registries") && digest == Some(false) {
        walk.fault(
            at,
            Fault::DemandsNothing {
                place: "`reference`".to_owned(),
            },
        );
    }
    let digest_required = digest?.then(|| At {
        span: map.span_of("digestRequired"),
        value: (),
    });
    Some(ReferenceRule {
        registries: registries?,
        digest_required,
    })
}

fn attestation(walk: &mut Walk<'_>, node: &Node, known: &[String]) -> Option<At<AttestationRule>> {
    let map = walk.map(node, node.span, "an attestation", &["type", "by"])?;
    let kind = map
        .required(walk, "type")
        .and_then(|node| attestation_type(walk, node));
    let by = map
        .required(walk, "by")
        .and_then(|node| who(walk, node, map.span_of("by"), "`by`", known));
    let span = map.get("type").map_or(node.span, |node| node.span);
    Some(At {
        span,
        value: AttestationRule {
            kind: kind?,
            by: by?.value,
        },
    })
}

fn attestation_type(walk: &mut Walk<'_>, node: &Node) -> Option<AttestationType> {
    let text = walk.text(node, "`type`")?;
    if text.value == predicate::IMAGE_SIGNATURE {
        walk.fault(
            text.span,
            Fault::AttestationElsewhere {
                found: text.value,
                instead: "signatures",
            },
        );
        return None;
    }
    let family = match text.value.as_str() {
        "cyclonedx" => Family::Cyclonedx,
        "spdx" | "spdxjson" => Family::Spdx,
        found => {
            match predicate::type_uri(found).filter(|uri| !uri.contains(char::is_whitespace)) {
                Some(uri) => Family::Exact(uri.to_owned()),
                None => {
                    let guess = guess(found, predicate::short_names()).map(str::to_owned);
                    let allowed = predicate::short_names().map(str::to_owned).collect();
                    walk.fault(
                        text.span,
                        Fault::AttestationType {
                            found: found.to_owned(),
                            allowed,
                            guess,
                        },
                    );
                    return None;
                }
            }
        }
    };
    Some(AttestationType {
        written: text.value,
        family,
    })
}

fn provenance(
    walk: &mut Walk<'_>,
    node: &Node,
    at: Span,
    known: &[String],
) -> Option<At<ProvenanceRule>> {
    let map = walk.map(node, at, "`provenance`", PROVENANCE)?;
    let by = map
        .required(walk, "by")
        .and_then(|node| who(walk, node, map.span_of("by"), "`by`", known));
    let builders = match map.get("builders") {
        Some(node) => {
            walk.repeated(node, "`builders`");
            let span = map.span_of("builders");
            let list = walk.list(node, span, "`builders`", |walk, node| {
                pattern::uri(walk, node, "a builder")
            });
            list.map(|list| {
                Some(At {
                    span,
                    value: list.into_iter().map(|glob| glob.value).collect(),
                })
            })
        }
        None => Some(None),
    };
    let (mut repository, mut refs) = (Some(None), Some(None));
    if let Some(node) = map.get("source") {
        let at = map.span_of("source");
        let source = walk.map(node, at, "`source`", &["repository", "refs"]);
        repository = source
            .as_ref()
            .and_then(|map| map.required(walk, "repository"))
            .and_then(|node| pattern::uri(walk, node, "`repository`"))
            .map(Some);
        refs = match source
            .as_ref()
            .map(|map| (map.get("refs"), map.span_of("refs")))
        {
            Some((Some(node), span)) => {
                walk.repeated(node, "`refs`");
                let list = walk.list(node, span, "`refs`", |walk, node| {
                    pattern::git_ref(walk, node, "a ref")
                });
                list.map(|list| {
                    Some(At {
                        span,
                        value: list.into_iter().map(|glob| glob.value).collect(),
                    })
                })
            }
            Some((None, _)) => Some(None),
            None => None,
        };
    }
    let value = ProvenanceRule {
        by: by?.value,
        builders: builders?,
        repository: repository?,
        refs: refs?,
    };
    Some(At { span: at, value })
}

fn user(walk: &mut Walk<'_>, node: &Node, at: Span) -> Option<At<UserRule>> {
    let map = walk.map(node, at, "`image`", &["user"])?;
    let node = map.required(walk, "user")?;
    let value = walk.word(node, "`user`", "user", &[("nonRoot", UserRule::NonRoot)])?;
    Some(At {
        span: node.span,
        value,
    })
}
