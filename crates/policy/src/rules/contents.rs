//! What of an image's contents a rule judges: the SBOMs that it demands and that verify, and the packages recomputed from the layers.

use std::fmt;

use toolkit_attest::Verified;
use toolkit_oci::Digest;
use toolkit_sbom::Package;
use toolkit_vulndb::config::Span;

use super::who::{Wanted, candidates, is_by};
use crate::evaluate::Context;
use crate::evidence::{Bill, Contents, Layers, Listing, PlatformEvidence};
use crate::item::{Item, Items, described};
use crate::model::{Act, Rule};
use crate::verdict::{CheckId, CheckResult, Code, Outcome};

/// How the layers are called where something was seen.
const LAYERS: &str = "layers";

/// One platform, judged by one rule.
#[derive(Clone, Copy)]
pub(super) struct Scene<'a> {
    pub(super) context: &'a Context<'a>,
    pub(super) rule: &'a Rule,
    pub(super) platform: &'a PlatformEvidence,
}

/// One list of packages that is judged.
pub(super) struct Place<'a> {
    /// How it is called where something was seen.
    pub(super) name: String,
    pub(super) listing: &'a Listing,
}

/// Lists the attestations whose SBOM a rule judges for one platform: of the type that it demands, by those whom it names.
pub(crate) fn judged<'a>(
    context: &Context<'a>,
    rule: &Rule,
    platform: &Digest,
) -> Vec<&'a Verified> {
    let mut judged: Vec<&Verified> = Vec::new();
    for demand in rule.require.bills() {
        let all = candidates(context, platform, Wanted::Attestation(&demand.value.kind));
        for verified in all {
            let known = judged.iter().any(|one| one.bundle() == verified.bundle());
            if !known && is_by(context, &demand.value.by, verified) {
                judged.push(verified);
            }
        }
    }
    judged
}

/// Finds the SBOM of an attestation.
pub(super) fn bill<'a>(contents: &'a Contents, attestation: &Verified) -> Option<&'a Bill> {
    contents.bills.iter().find(|bill| {
        bill.bundle() == attestation.bundle() && bill.platform() == attestation.artifact()
    })
}

/// Lists what is judged; what could not be read is [`super::sbom`]'s to tell.
pub(super) fn places(scene: Scene<'_>) -> Vec<Place<'_>> {
    let digest = &scene.platform.digest;
    let Some(contents) = scene.context.contents(digest) else {
        return Vec::new();
    };
    let bills = judged(scene.context, scene.rule, digest)
        .into_iter()
        .filter_map(|attestation| {
            bill(contents, attestation)?
                .listing()
                .ok()
                .map(|listing| (attestation, listing))
        })
        .map(|(attestation, listing)| Place {
            name: format!("SBOM {}", attestation.bundle()),
            listing,
        });
    let layers = match &contents.layers {
        Layers::Read(listing) => Some(Place {
            name: LAYERS.to_owned(),
            listing: listing.as_ref(),
        }),
        Layers::Unavailable { .. } => None,
    };
    bills.chain(layers).collect()
}

/// Yields what makes two packages of different places one.
pub(super) fn key(package: &Package) -> String {
    toolkit_sbom::Identity::of(package).to_string()
}

/// Lists patterns of a policy for messages.
pub(super) fn listed<T: fmt::Display>(patterns: &[T]) -> String {
    let words: Vec<String> = patterns.iter().map(|one| format!("`{one}`")).collect();
    words.join(", ")
}

/// A check of contents, and how its result is worded.
#[derive(Debug, Clone)]
pub(super) struct Check {
    pub(super) span: Span,
    pub(super) id: CheckId,
    pub(super) code: Code,
    /// How it ends where something counts.
    pub(super) act: Act,
    pub(super) expected: String,
    /// What is found where nothing counts.
    pub(super) clean: String,
    pub(super) next: String,
}

impl Check {
    /// Ends the check by what counts in the places that were looked at. Where there is none, nothing is known: that nothing counts is then no pass.
    pub(super) fn judged(
        self,
        scene: Scene<'_>,
        places: &[Place<'_>],
        items: Items,
        noted: Vec<Item>,
    ) -> CheckResult {
        let result = scene
            .context
            .result(scene.rule, self.id, self.span, self.expected)
            .for_platform(scene.context, scene.platform);
        if places.is_empty() {
            return result.ended(
                Outcome::Undecided,
                Code::LayersUnavailable,
                "neither the layers nor an SBOM of the image could be read",
                Some("try again when they can be read; nothing was proved"),
            );
        }
        let words = Words {
            code: self.code,
            clean: self.clean,
            next: self.next,
        };
        result.by_items(items, noted, self.act, words)
    }
}

/// How the result of a check of contents is worded.
pub(super) struct Words {
    pub(super) code: Code,
    /// What is found where nothing counts.
    pub(super) clean: String,
    pub(super) next: String,
}

impl CheckResult {
    /// Ends the result by what counts: nothing passes, and else `act` says how it ends.
    pub(super) fn by_items(self, items: Items, noted: Vec<Item>, act: Act, words: Words) -> Self {
        let outcome = match act {
            Act::Ignore => Outcome::Pass,
            _ if items.is_empty() => Outcome::Pass,
            Act::Deny => Outcome::Fail,
            Act::Undecided => Outcome::Undecided,
        };
        let items = items.into_vec();
        if outcome == Outcome::Pass {
            let mut noted = noted;
            noted.extend(items);
            let result = self.ended(outcome, Code::Ok, &words.clean, None);
            return Self { noted, ..result };
        }
        let found = described(&items);
        let result = self.ended(outcome, words.code, &found, Some(&words.next));
        Self {
            items,
            noted,
            ..result
        }
    }
}
