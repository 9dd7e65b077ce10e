//! What is in an image, and what is known against it: the bills of materials that verify, the packages recomputed from the layers, what a
//! database of vulnerabilities says of each, and what is known of the database itself.
//!
//! Nothing is opened or looked up here. A [`Bill`] is made only of a [`Verified`] attestation, so that no inventory can claim a signature.

use jiff::Timestamp;
use toolkit_attest::Verified;
use toolkit_oci::Digest;
use toolkit_sbom::Inventory;
use toolkit_vulndb::matching::Matches;

/// What is in one platform of the image.
#[derive(Debug, Clone)]
pub struct Contents {
    /// Digest of the platform's manifest.
    pub platform: Digest,
    /// The packages recomputed from its layers.
    pub layers: Layers,
    /// The bills of materials that verify and that a rule may judge.
    pub bills: Vec<Bill>,
}

/// The packages that the layers of a platform hold.
#[derive(Debug, Clone)]
pub enum Layers {
    /// They were read.
    Read(Box<Listing>),
    /// They could not be fetched.
    Unavailable {
        /// Why.
        reason: String,
    },
}

/// Packages, and what is known against them.
#[derive(Debug, Clone)]
pub struct Listing {
    /// The packages.
    pub inventory: Inventory,
    /// What is known against them; `None` where no database could be asked.
    pub known: Option<Matches>,
}

/// The bill of materials in one verified attestation.
#[derive(Debug, Clone)]
pub struct Bill {
    bundle: Digest,
    platform: Digest,
    listing: Result<Listing, String>,
}

impl Bill {
    /// Reads the predicate of an attestation; `None` for one without a statement.
    #[must_use]
    pub fn read(attestation: &Verified) -> Option<Self> {
        let predicate = attestation.statement()?.predicate();
        let listing = serde_json::to_vec(predicate)
            .map_err(|error| error.to_string())
            .and_then(|bytes| toolkit_sbom::read(&bytes).map_err(|error| error.to_string()))
            .map(|inventory| Listing {
                inventory,
                known: None,
            });
        Some(Self {
            bundle: attestation.bundle().clone(),
            platform: attestation.artifact().clone(),
            listing,
        })
    }

    /// Yields the packages that it lists; none where it could not be read.
    #[must_use]
    pub fn inventory(&self) -> Option<&Inventory> {
        self.listing.as_ref().ok().map(|listing| &listing.inventory)
    }

    /// Takes what a database says of its packages.
    #[must_use]
    pub fn with(mut self, known: Option<Matches>) -> Self {
        if let Ok(listing) = &mut self.listing {
            listing.known = known;
        }
        self
    }

    pub(crate) fn bundle(&self) -> &Digest {
        &self.bundle
    }

    pub(crate) fn platform(&self) -> &Digest {
        &self.platform
    }

    pub(crate) fn listing(&self) -> Result<&Listing, &str> {
        self.listing.as_ref().map_err(String::as_str)
    }
}

/// What is known of the database of vulnerabilities.
#[derive(Debug, Clone, Default)]
pub enum DatabaseEvidence {
    /// No rule asks for one.
    #[default]
    NotAsked,
    /// There is none, or it is refused.
    Unusable {
        /// Why.
        reason: String,
        /// What to do about it.
        next: String,
    },
    /// It was asked.
    Asked(Box<DatabaseFacts>),
}

/// Facts about a database that was asked.
#[derive(Debug, Clone)]
pub struct DatabaseFacts {
    /// The digest of its manifest: its identity.
    pub digest: Digest,
    /// The time that its records are of.
    pub created: Timestamp,
    /// How it came to be trusted, for messages.
    pub trust: String,
    /// Whether it is for trials only.
    pub demo: bool,
    /// Whether it holds EPSS scores.
    pub scores: bool,
    /// Whether it holds the catalogue of exploited vulnerabilities.
    pub exploited: bool,
    /// Signatures over it that verify; none for one that was built here.
    pub signatures: Vec<Verified>,
}
