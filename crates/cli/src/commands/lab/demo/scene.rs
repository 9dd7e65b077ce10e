//! What all steps share: the lab, its folder, the image and the names under which it goes through the chain.

use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan};
use toolkit_lab::{GithubClaims, Lab, RegistryKind};

use super::super::folder::{Folder, SIGNING_CONFIG, TRUSTED_ROOT};
use super::advisories;
use super::image::DemoImage;
use super::policies::{CONTENTS, EXCEPTED, OTHER, PUSH, RELEASE, REPOSITORY, Setting};
use crate::args::EMAIL;
use crate::env;
use crate::error::Result;
use crate::terminal::Terminal;

/// The tag of the image in both registries.
pub(super) const TAG: &str = "1.0.0";
/// The tag that the refused promotion asks for.
pub(super) const REFUSED_TAG: &str = "2.0.0";
/// The file with a job's variables.
pub(super) const JOB: &str = "job.env";

/// The data directory, which remembers the databases that were built.
const DATA: &str = "data";

/// Is the stage on which the steps play.
#[derive(Debug)]
pub(super) struct Scene {
    /// The lab; the steps look into its registries without asking them.
    pub(super) lab: Lab,
    /// Where the commands run.
    pub(super) folder: Folder,
    /// The image.
    pub(super) image: DemoImage,
    /// The image in the first registry, by its digest.
    pub(super) first: String,
    /// The image in the second registry, by its digest.
    pub(super) second: String,
    /// The variables of a job of GitHub Actions.
    pub(super) job: Vec<(&'static str, String)>,
}

impl Scene {
    /// Writes policies, tokens and, where no other is named, the image inside the program.
    ///
    /// # Errors
    /// What keeps the files from being written.
    pub(super) fn new(lab: Lab, given: Option<DemoImage>, terminal: &Terminal) -> Result<Self> {
        let folder = Folder::new(&lab, EMAIL)?;
        let image = match given {
            Some(image) => image,
            None => DemoImage::own(&folder, terminal)?,
        };
        let registries = [lab.registry(), lab.registry_without_referrers()];
        let [first, second] = &registries;
        let setting = Setting {
            pushed_from: image.registry.as_deref().unwrap_or(first),
            registries: [first, second],
            issuer: &lab.issuer(),
            github_issuer: &lab.github_issuer(),
            non_root: image.own,
        };
        folder.write(PUSH, setting.push().as_bytes())?;
        folder.write(RELEASE, setting.release().as_bytes())?;
        folder.write(OTHER, setting.other().as_bytes())?;
        folder.write(CONTENTS, setting.contents().as_bytes())?;
        let today = TimeZone::UTC.to_datetime(Timestamp::now()).date();
        // A month fits every calendar but the last one's.
        let ends = today.checked_add(1.month()).unwrap_or(today);
        folder.write(EXCEPTED, setting.excepted(ends).as_bytes())?;
        if image.own {
            advisories::write(&folder)?;
        }
        let claims = GithubClaims {
            reference: format!("refs/tags/v{TAG}"),
            ..GithubClaims::new(REPOSITORY)
        };
        let job = job(&lab, &claims);
        lab.set_actions_workflow(claims);
        let lines: String = job
            .iter()
            .map(|(name, value)| format!("{name}={value}\n"))
            .collect();
        folder.write(JOB, lines.as_bytes())?;
        let pinned = |registry: &str| format!("{registry}/{REPOSITORY}@{}", image.digest);
        Ok(Self {
            first: pinned(first),
            second: pinned(second),
            lab,
            folder,
            image,
            job,
        })
    }

    /// Names the image in a registry by a tag.
    pub(super) fn tagged(&self, kind: RegistryKind, tag: &str) -> String {
        let registry = match kind {
            RegistryKind::WithReferrers => self.lab.registry(),
            RegistryKind::WithoutReferrers => self.lab.registry_without_referrers(),
        };
        format!("{registry}/{REPOSITORY}:{tag}")
    }

    /// Lists what the user would set for the whole session.
    pub(super) fn session(&self) -> [(&'static str, &'static str); 3] {
        [
            (env::TRUSTED_ROOT, TRUSTED_ROOT),
            (env::SIGNING_CONFIG, SIGNING_CONFIG),
            (env::DATA, DATA),
        ]
    }

    /// Lists the pairs of SBOM files, CycloneDX and SPDX, with the platform to ask for.
    pub(super) fn documents(&self) -> Vec<(Option<String>, String, String)> {
        let several = self.image.platforms.len() > 1;
        let named = |platform: &Option<toolkit_oci::Platform>| {
            let platform = platform
                .as_ref()
                .filter(|_| several)
                .map(ToString::to_string);
            let stem = match &platform {
                Some(platform) => format!("sbom-{}", platform.replace('/', "-")),
                None => "sbom".to_owned(),
            };
            (
                platform,
                format!("{stem}.cdx.json"),
                format!("{stem}.spdx.json"),
            )
        };
        self.image.platforms.iter().map(named).collect()
    }
}

/// Lists what GitHub sets for every job and for one with the permission `id-token: write`.
fn job(lab: &Lab, claims: &GithubClaims) -> Vec<(&'static str, String)> {
    let text = |value: &str| value.to_owned();
    vec![
        (env::GITHUB_ACTIONS, text("true")),
        (env::GITHUB_SERVER_URL, text("https://github.com")),
        (env::GITHUB_REPOSITORY, text(&claims.repository)),
        (env::GITHUB_REPOSITORY_ID, text(&claims.repository_id)),
        (
            env::GITHUB_REPOSITORY_OWNER_ID,
            text(&claims.repository_owner_id),
        ),
        (env::GITHUB_REF, text(&claims.reference)),
        (env::GITHUB_SHA, text(&claims.sha)),
        (env::GITHUB_EVENT_NAME, text(&claims.event_name)),
        (
            env::GITHUB_WORKFLOW_REF,
            format!(
                "{}/.github/workflows/{}@{}",
                claims.repository, claims.workflow_file, claims.reference
            ),
        ),
        (env::GITHUB_RUN_ID, text(&claims.run_id)),
        (env::GITHUB_RUN_ATTEMPT, text(&claims.run_attempt)),
        (env::RUNNER_ENVIRONMENT, text(&claims.runner_environment)),
        (env::ACTIONS_ID_TOKEN_REQUEST_URL, lab.actions_request_url()),
        (
            env::ACTIONS_ID_TOKEN_REQUEST_TOKEN,
            lab.actions_request_token(),
        ),
    ]
}
