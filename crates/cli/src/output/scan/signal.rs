//! What is known of a CVE besides its advisories, as documents write it.

use serde::Serialize;
use toolkit_vulndb::db::signals::{Epss, Exploited};

use super::scanned::date;

/// Is an EPSS score.
#[derive(Serialize)]
pub(crate) struct EpssOf {
    probability: f64,
    percentile: f64,
}

impl From<Epss> for EpssOf {
    fn from(epss: Epss) -> Self {
        Self {
            probability: f64::from(epss.probability) / 100_000.0,
            percentile: f64::from(epss.percentile) / 100_000.0,
        }
    }
}

/// Is an entry of the catalogue of exploited vulnerabilities.
#[derive(Serialize)]
pub(crate) struct ExploitedOf {
    added: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    due: Option<String>,
    ransomware: bool,
}

impl From<Exploited> for ExploitedOf {
    fn from(exploited: Exploited) -> Self {
        Self {
            added: date(exploited.added),
            due: exploited.due.map(date),
            ransomware: exploited.ransomware,
        }
    }
}
