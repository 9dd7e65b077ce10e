//! What is in an image, where a rule asks for it: the packages in the layers of every platform, the SBOMs that are judged, and what the database
//! says of each.
//!
//! Reading and matching are `toolkit-sbom`'s and `toolkit-vulndb`'s. The layers are read once for all rules, and not at all where none asks.

use std::cell::RefCell;

use jiff::Timestamp;
use jiff::tz::TimeZone;
use toolkit_oci::{Access, ErrorClass, Image};
use toolkit_policy::{
    Bill, Contents, DatabaseEvidence, DatabaseFacts, Evidence, Layers, Listing, LoadedPolicy, Needs,
};
use toolkit_sbom::{Inventory, catalog};
use toolkit_vulndb::db::signals::Signals;
use toolkit_vulndb::db::vex::Statements;
use toolkit_vulndb::db::{Details, Malformed, Opened};
use toolkit_vulndb::feed::Format;
use toolkit_vulndb::matching::{Matches, Options, Sources, matches};

use crate::collect::Trust;
use crate::{Error, PinnedImage, Result, database};

/// The database of vulnerabilities that whoever asks for a judgement has at hand.
#[derive(Clone)]
pub enum DatabaseAtHand<'a> {
    /// There is none, or it is refused.
    Unusable {
        /// Why.
        reason: String,
        /// What to do about it.
        next: String,
    },
    /// It is open.
    Open {
        /// The database.
        opened: &'a Opened,
        /// How it came to be trusted, in words.
        trust: String,
    },
}

/// Adds to the evidence what is in the image, as far as the rules that match it ask.
///
/// # Errors
/// Layers that are not their digest's, hostile or over a limit, and faults of this machine. What does not answer is told in the evidence.
pub(crate) fn add(
    evidence: &mut Evidence,
    image: &PinnedImage,
    policy: &LoadedPolicy,
    trust: &Trust<'_>,
    at_hand: &DatabaseAtHand<'_>,
    access: &Access<'_>,
) -> Result<()> {
    let needs = Needs::of(policy, evidence, trust.now);
    let asked = if needs.database {
        Asked::open(at_hand, trust)
    } else {
        Asked::not()
    };
    if needs.layers {
        let platforms: Vec<_> = evidence
            .platforms
            .iter()
            .map(|platform| platform.digest.clone())
            .collect();
        for platform in platforms {
            let layers = match layers(image, &platform, access)? {
                Ok(inventory) => Layers::Read(Box::new(Listing {
                    known: asked.about(&inventory),
                    inventory,
                })),
                Err(reason) => Layers::Unavailable { reason },
            };
            let bills = evidence.attestations.iter().filter(|attestation| {
                let wanted = (platform.clone(), attestation.bundle().clone());
                *attestation.artifact() == platform && needs.bills.contains(&wanted)
            });
            let bills = bills.filter_map(Bill::read).map(|bill| {
                let known = bill
                    .inventory()
                    .and_then(|inventory| asked.about(inventory));
                bill.with(known)
            });
            let bills = bills.collect();
            evidence.contents.push(Contents {
                platform,
                layers,
                bills,
            });
        }
    }
    evidence.database = asked.evidence.into_inner();
    Ok(())
}

/// Reads the packages of one platform; the inner error says why its layers are not there.
fn layers(
    image: &PinnedImage,
    platform: &toolkit_oci::Digest,
    access: &Access<'_>,
) -> Result<std::result::Result<Inventory, String>> {
    let read = || -> std::result::Result<Inventory, toolkit_sbom::Error> {
        let manifest = image.repository.manifest_by_digest(platform)?;
        let manifest = manifest.ok_or_else(|| toolkit_oci::Error::NotFound {
            name: platform.to_string(),
            origin: image.repository.to_string(),
        })?;
        let image = Image::in_repository(&image.repository, manifest, access.limits)?;
        catalog(&image, access)
    };
    match read() {
        Ok(inventory) => Ok(Ok(inventory)),
        Err(toolkit_sbom::Error::Image(error)) => match error.class() {
            ErrorClass::NotFound | ErrorClass::Unreachable | ErrorClass::Usage => {
                Ok(Err(error.to_string()))
            }
            _ => Err(error.into()),
        },
        Err(error) => Err(Error::Sbom(error)),
    }
}

/// A database that is asked, and what became of it.
struct Asked<'a> {
    evidence: RefCell<DatabaseEvidence>,
    parts: Option<Parts<'a>>,
}

/// Which signals a database holds.
#[derive(Default)]
struct Held {
    scores: bool,
    exploited: bool,
}

struct Parts<'a> {
    opened: &'a Opened,
    details: Details,
    signals: Option<Signals>,
    statements: Option<Statements>,
    options: Options,
}

impl<'a> Asked<'a> {
    fn not() -> Self {
        Self {
            evidence: RefCell::default(),
            parts: None,
        }
    }

    fn open(at_hand: &DatabaseAtHand<'a>, trust: &Trust<'_>) -> Self {
        let (opened, told) = match at_hand {
            DatabaseAtHand::Unusable { reason, next } => {
                let (reason, next) = (reason.clone(), next.clone());
                return Self {
                    evidence: RefCell::new(DatabaseEvidence::Unusable { reason, next }),
                    parts: None,
                };
            }
            DatabaseAtHand::Open { opened, trust } => (*opened, trust),
        };
        let asked = Parts::open(opened, trust.now).and_then(|parts| {
            let signatures = database::signers(opened, trust).map_err(|error| error.to_string())?;
            let held = parts.held().map_err(|error| error.to_string())?;
            let facts = DatabaseFacts {
                digest: opened.digest.clone(),
                created: opened.manifest.created,
                trust: told.clone(),
                demo: opened.manifest.demo,
                scores: held.scores,
                exploited: held.exploited,
                signatures,
            };
            Ok((DatabaseEvidence::Asked(Box::new(facts)), parts))
        });
        match asked {
            Ok((evidence, parts)) => Self {
                evidence: RefCell::new(evidence),
                parts: Some(parts),
            },
            Err(reason) => Self {
                evidence: RefCell::new(broken(reason)),
                parts: None,
            },
        }
    }

    /// Asks about an inventory. A broken database says nothing, of this and of everything else.
    fn about(&self, inventory: &Inventory) -> Option<Matches> {
        match self.parts.as_ref()?.about(inventory) {
            Ok(matches) => Some(matches),
            Err(reason) => {
                self.evidence.replace(broken(reason));
                None
            }
        }
    }
}

impl<'a> Parts<'a> {
    fn open(opened: &'a Opened, now: Timestamp) -> std::result::Result<Self, String> {
        Ok(Self {
            opened,
            details: opened.details().map_err(|error| error.to_string())?,
            signals: opened.signals().map_err(|error| error.to_string())?,
            statements: opened.statements().map_err(|error| error.to_string())?,
            options: Options::on(TimeZone::UTC.to_datetime(now).date()),
        })
    }

    /// Tells which signals can be asked for. A manifest that counts them proves nothing without the segment that answers.
    fn held(&self) -> std::result::Result<Held, Malformed> {
        let Some(signals) = &self.signals else {
            return Ok(Held::default());
        };
        let counts = |format: Format| {
            let mut feeds = self.opened.manifest.feeds.iter();
            feeds.any(|feed| feed.feed == format.to_string() && feed.records > 0)
        };
        Ok(Held {
            scores: counts(Format::Epss) && signals.has_scores()?,
            exploited: counts(Format::Kev) && signals.meta()?.kev_version.is_some(),
        })
    }

    fn about(&self, inventory: &Inventory) -> std::result::Result<Matches, String> {
        let sources = Sources {
            index: &self.opened.index,
            details: Some(&self.details),
            signals: self.signals.as_ref(),
            statements: self.statements.as_ref(),
        };
        matches(&sources, inventory, &self.options).map_err(|error| error.to_string())
    }
}

fn broken(reason: String) -> DatabaseEvidence {
    DatabaseEvidence::Unusable {
        reason: format!("a database that cannot be read: {reason}"),
        next: "build the database anew, or take it over again".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use toolkit_vulndb::db::{self, Builder, FeedCount, Kind, Manifest};
    use toolkit_vulndb::feed::{epss, kev, osv};

    use super::*;

    fn counted(feed: &str) -> FeedCount {
        FeedCount {
            feed: feed.to_owned(),
            records: 1,
            newest: None,
        }
    }

    #[test]
    fn signals_are_held_where_their_segment_is() {
        let scores = || epss::parse(b"cve,epss,percentile\nCVE-2024-1,0.5,0.5\n").expect("scores");
        let catalogue = || {
            kev::parse(br#"{"catalogVersion":"9","vulnerabilities":[{"cveID":"CVE-2024-2","dateAdded":"2024-04-01"}]}"#)
                .expect("a catalogue")
        };
        let now = Timestamp::UNIX_EPOCH;
        let honest: fn(&mut Manifest) = |_| {};
        let dropped: fn(&mut Manifest) = |manifest| {
            manifest.segments.retain(|one| one.kind != Kind::Signals);
        };
        let boasting: fn(&mut Manifest) = |manifest| {
            manifest.feeds = ["epss", "kev"].map(counted).into();
        };
        for (with_scores, with_catalogue, change, expected) in [
            (true, true, honest, (true, true)),
            (true, false, honest, (true, false)),
            (false, true, honest, (false, true)),
            (false, false, honest, (false, false)),
            (true, true, dropped, (false, false)),
            (true, false, boasting, (true, false)),
            (false, true, boasting, (false, true)),
            (false, false, boasting, (false, false)),
        ] {
            let record = br#"{"id":"GHSA-1","modified":"2024-05-01T00:00:00Z","affected":[{"package":{"ecosystem":"npm","name":"x"}}]}"#;
            let mut builder = Builder::default();
            builder.add(osv::parse(record).expect("a record"));
            if with_scores {
                builder.add_scores(scores());
            }
            if with_catalogue {
                builder.add_exploited(catalogue());
            }
            let built = builder.finish(b"{}").expect("a database");
            let mut manifest = Manifest::of(&built, now);
            change(&mut manifest);
            let folder = tempfile::tempdir().expect("a folder");
            db::write(folder.path(), &manifest, &built).expect("it is written");
            let opened = db::open(folder.path()).expect("it opens");
            let parts = Parts::open(&opened, now).expect("its parts open");
            let held = parts.held().expect("a sound segment");
            assert_eq!(
                (held.scores, held.exploited),
                expected,
                "{with_scores} {with_catalogue} {manifest:?}"
            );
        }
    }
}
