//! What of an image's contents a rule judges: the SBOMs that it demands and that verify, and the packages recomputed from the layers.

use toolkit_attest::Verified;
use toolkit_oci::Digest;
use toolkit_sbom::Package;

use super::who::{Wanted, candidates, is_by};
use crate::evaluate::Context;
use crate::evidence::{Bill, Contents, Layers, Listing, PlatformEvidence};
use crate::item::{Item, Items, described};
use crate::model::{Act, Rule};
use crate::verdict::{CheckResult, Code, Outcome};

/// How the layers are called where something was seen.
const LAYERS: &str = "layers";

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

/// Lists what is judged for one platform; what could not be read is [`super::sbom`]'s to tell.
pub(super) fn places<'a>(
    context: &Context<'a>,
    rule: &Rule,
    platform: &PlatformEvidence,
) -> Vec<Place<'a>> {
    let Some(contents) = context.contents(&platform.digest) else {
        return Vec::new();
    };
    let bills = judged(context, rule, &platform.digest)
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
