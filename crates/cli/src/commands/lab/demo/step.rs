//! The steps: what each types, with which code it must end, and what must be true then.

use toolkit_lab::{ReferrersFault, RegistryFault, RegistryKind};

use super::super::folder::{SIGNING_CONFIG_REKOR_V1, TOKEN};
use super::advisories::{ADVISORIES, DATABASE, FINDING, PACKAGE};
use super::command::{Ended, Typed};
use super::policies::{CONTENTS, EXCEPTED, OTHER, OTHER_REPOSITORY, PUSH, RELEASE, REPOSITORY};
use super::report::{Extent, Report};
use super::scene::{REFUSED_TAG, Scene, TAG};
use super::witness::{self, Witness};
use crate::args::EMAIL;
use crate::error::Result;
use crate::exit::Exit;

/// Names a step of the chain.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Step {
    Push,
    Sbom,
    Sign,
    AttestSboms,
    NotYet,
    AttestProvenance,
    VerifySignature,
    VerifyAttestations,
    SomebodyElse,
    VerifyPolicy,
    Promote,
    VerifyCopy,
    Tree,
    Refused,
    Undecided,
    Again,
    Database,
    Scan,
    Vulnerable,
    Excepted,
}

impl Step {
    /// Lists the steps in their order; those about known vulnerabilities only for the image inside the program, whose findings are known.
    pub(super) fn of(own: bool) -> Vec<Self> {
        let known = |step: &Self| own || !step.is_about_vulnerabilities();
        Self::ALL.into_iter().filter(known).collect()
    }

    const fn is_about_vulnerabilities(self) -> bool {
        matches!(
            self,
            Self::Database | Self::Scan | Self::Vulnerable | Self::Excepted
        )
    }

    const ALL: [Self; 20] = [
        Self::Push,
        Self::Sbom,
        Self::Sign,
        Self::AttestSboms,
        Self::NotYet,
        Self::AttestProvenance,
        Self::VerifySignature,
        Self::VerifyAttestations,
        Self::SomebodyElse,
        Self::VerifyPolicy,
        Self::Promote,
        Self::VerifyCopy,
        Self::Tree,
        Self::Refused,
        Self::Undecided,
        Self::Again,
        Self::Database,
        Self::Scan,
        Self::Vulnerable,
        Self::Excepted,
    ];

    const fn title(self) -> &'static str {
        match self {
            Self::Push => "push: promote the built image into the first registry",
            Self::Sbom => "sbom: read it once, write CycloneDX and SPDX",
            Self::Sign => "sign: keyless, as a person, logged in Rekor v2",
            Self::AttestSboms => "attest: both SBOMs under one certificate, logged in Rekor v1",
            Self::NotYet => "verify by a policy: no, provenance is missing",
            Self::AttestProvenance => "attest provenance: as a job of GitHub Actions",
            Self::VerifySignature => "verify by flags: the signature",
            Self::VerifyAttestations => "verify by flags: both SBOM attestations",
            Self::SomebodyElse => "verify by flags: no, somebody else did not sign",
            Self::VerifyPolicy => "verify by the policy: yes",
            Self::Promote => {
                "promote: image and evidence to the second registry, which has no referrers API"
            }
            Self::VerifyCopy => "verify the copy: the same policy, the same yes",
            Self::Tree => "tree: the evidence graph of the copy",
            Self::Refused => "promote refused: a policy that wants another repository's build",
            Self::Undecided => "verify undecided: the list of evidence does not answer",
            Self::Again => "verify again: the registry is well",
            Self::Database => "db build: a database of advisories about a few packages",
            Self::Scan => "scan: what is known against the image",
            Self::Vulnerable => "verify its contents: no, a critical vulnerability is known",
            Self::Excepted => "verify its contents: yes, with a reasoned exception that ends",
        }
    }

    const fn expected(self) -> Exit {
        match self {
            Self::NotYet | Self::Refused | Self::Vulnerable => Exit::No,
            Self::SomebodyElse => Exit::NoMatch,
            Self::Undecided => Exit::Unreachable,
            _ => Exit::Yes,
        }
    }

    /// Returns the file that is shown before the command.
    const fn file(self) -> Option<&'static str> {
        match self {
            Self::Push => Some(PUSH),
            Self::NotYet => Some(RELEASE),
            Self::Vulnerable => Some(CONTENTS),
            Self::Excepted => Some(EXCEPTED),
            _ => None,
        }
    }

    /// Says whether the checks that pass were shown by an earlier step.
    const fn repeats(self) -> bool {
        matches!(
            self,
            Self::Promote | Self::VerifyCopy | Self::Refused | Self::Undecided | Self::Again
        )
    }

    fn commands(self, scene: &Scene) -> Vec<Typed> {
        let (image, copy) = (scene.first.as_str(), scene.second.as_str());
        let issuer = scene.lab.issuer();
        let identity = |address| {
            [
                "--certificate-identity",
                address,
                "--certificate-oidc-issuer",
                &issuer,
            ]
        };
        let verify = |target| Typed::new(["verify", target, "--policy", RELEASE]);
        vec![match self {
            Self::Push => {
                let to = scene.tagged(RegistryKind::WithReferrers, TAG);
                Typed::new(["promote", &scene.image.source, &to, "--policy", PUSH])
            }
            Self::Sbom => {
                return scene
                    .documents()
                    .iter()
                    .map(|one| sbom(image, one))
                    .collect();
            }
            Self::Sign => Typed::new(["sign", image, "--identity-token", TOKEN]),
            Self::AttestSboms => attest(image, &scene.documents()),
            Self::AttestProvenance => Typed::new(["attest", "provenance", image]).in_job(),
            Self::VerifySignature => {
                Typed::new(["verify", image].into_iter().chain(identity(EMAIL)))
            }
            Self::VerifyAttestations => Typed::new(
                ["verify", image, "--type", "cyclonedx", "--type", "spdx"]
                    .into_iter()
                    .chain(identity(EMAIL)),
            ),
            Self::SomebodyElse => {
                Typed::new(["verify", image].into_iter().chain(identity(MALLORY)))
            }
            Self::NotYet | Self::VerifyPolicy | Self::Undecided | Self::Again => verify(image),
            Self::Promote => {
                let to = scene.tagged(RegistryKind::WithoutReferrers, TAG);
                Typed::new(["promote", image, &to, "--policy", RELEASE])
            }
            Self::VerifyCopy => verify(copy),
            Self::Tree => Typed::new(["tree", copy]),
            Self::Database => Typed::new(["db", "build", ADVISORIES, "-o", DATABASE]),
            Self::Scan => Typed::new([
                "scan",
                image,
                "--db",
                DATABASE,
                "--severity",
                "critical,high",
            ]),
            Self::Vulnerable => contents(image, CONTENTS),
            Self::Excepted => contents(image, EXCEPTED),
            Self::Refused => {
                let to = scene.tagged(RegistryKind::WithoutReferrers, REFUSED_TAG);
                Typed::new(["promote", image, &to, "--policy", OTHER])
            }
        }]
    }

    /// Says what must be true beside the code.
    fn witness(self, scene: &Scene, before: usize, text: &str) -> Witness {
        let digest = scene.image.digest.to_string();
        let (first, second) = (RegistryKind::WithReferrers, RegistryKind::WithoutReferrers);
        match self {
            Self::Push => witness::tag(scene, first, TAG, Some(&digest)),
            Self::Sbom => witness::documents(scene),
            Self::Sign => witness::added(scene, before, 1),
            Self::AttestSboms => witness::added(scene, before, 2 * scene.image.platforms.len()),
            Self::AttestProvenance => witness::added(scene, before, scene.image.manifests),
            Self::NotYet => {
                witness::line(text, "FAIL ", &["provenance [attestation.missing]"])?;
                Ok("denied, with what is missing and the line of the policy".to_owned())
            }
            Self::VerifySignature | Self::VerifyAttestations => {
                witness::line(text, "ok ", &[EMAIL])?;
                Ok(format!("signed by {EMAIL}"))
            }
            Self::SomebodyElse => {
                witness::line(text, "expected ", &[MALLORY])?;
                witness::line(text, "found ", &[EMAIL])?;
                Ok("refused, with who was expected and who signed".to_owned())
            }
            Self::VerifyPolicy | Self::VerifyCopy | Self::Again => {
                for check in ["signatures:", "attestations.cyclonedx", "provenance:"] {
                    witness::line(text, "ok ", &[check])?;
                }
                Ok("allowed: signature, SBOMs and provenance hold".to_owned())
            }
            Self::Promote => {
                witness::tag(scene, second, TAG, Some(&digest))?;
                witness::moved(scene)
            }
            Self::Tree => {
                for predicate in [
                    "https://sigstore.dev/cosign/sign/v1",
                    "https://cyclonedx.org/bom",
                    "https://spdx.dev/Document",
                    "https://slsa.dev/provenance/v1",
                ] {
                    witness::line(text, "", &[" evidence ", predicate, "  verified: "])?;
                }
                Ok("the signature and three attestations are there and verify".to_owned())
            }
            Self::Refused => {
                witness::line(text, "expected ", &[OTHER_REPOSITORY])?;
                witness::line(text, "found ", &[REPOSITORY])?;
                witness::tag(scene, second, REFUSED_TAG, None)
            }
            Self::Database => {
                witness::line(text, "sha256:", &[])?;
                Ok("built here, so trusted here".to_owned())
            }
            Self::Scan => {
                witness::line(text, "", &[FINDING, PACKAGE])?;
                Ok(format!("found {FINDING} in {PACKAGE}"))
            }
            Self::Vulnerable => {
                witness::line(text, "FAIL ", &["vulnerabilities.denied"])?;
                witness::line(text, "found ", &[FINDING, PACKAGE])?;
                witness::line(text, "ok ", &["sbom.matchesImage", "all "])?;
                Ok("denied for a finding in the signed SBOM and in the layers".to_owned())
            }
            Self::Excepted => {
                witness::line(
                    text,
                    "ok ",
                    &["vulnerabilities.denied", "excepted by E1", FINDING],
                )?;
                witness::line(text, "exception ", &["E1", "until", "applies"])?;
                Ok(
                    "allowed: whose exception it is, until when and why stands in the report"
                        .to_owned(),
                )
            }
            Self::Undecided => {
                witness::line(text, "undecided ", &["signatures [evidence.unreachable]"])?;
                Ok("neither yes nor no".to_owned())
            }
        }
    }

    /// Runs the step, shows it, and says whether it ended as expected.
    ///
    /// # Errors
    /// What keeps its command from starting or its result from being shown.
    pub(super) fn walk(self, number: usize, scene: &Scene, report: &Report) -> Result<bool> {
        report.title(number, self.title())?;
        if let Some(name) = self.file() {
            let text = fs_err::read_to_string(scene.folder.file(name)).unwrap_or_default();
            report.file(name, &text)?;
        }
        self.prepare(scene, report)?;
        let before = witness::manifests(scene, RegistryKind::WithReferrers);
        let extent = if self.repeats() {
            Extent::WithoutPasses
        } else {
            Extent::Short
        };
        let mut all = String::new();
        for typed in self.commands(scene) {
            report.typed(&typed.shown(scene))?;
            let ended = typed.run(scene)?;
            let Ended { code, text } = &ended;
            if let Err(unexpected) = witness::code(self.expected().code(), *code) {
                report.result(text, Extent::Whole)?;
                report.failed(&unexpected)?;
                return Ok(false);
            }
            report.result(text, extent)?;
            all.push_str(text);
        }
        match self.witness(scene, before, &all) {
            Ok(why) => {
                let code = self.expected().code();
                report.held(&format!("exit code {code}; {why}"))?;
                Ok(true)
            }
            Err(unexpected) => {
                report.failed(&unexpected)?;
                Ok(false)
            }
        }
    }

    /// Sets up what the step is about.
    fn prepare(self, scene: &Scene, report: &Report) -> Result<()> {
        let faults = scene.lab.faults().registry(RegistryKind::WithReferrers);
        match self {
            Self::Refused => report.typed(&format!(
                "sed 's|{REPOSITORY}|{OTHER_REPOSITORY}|g' {RELEASE} > {OTHER}"
            )),
            Self::Undecided => {
                faults.add(RegistryFault::Referrers(ReferrersFault::Status(503)));
                report.aside("the first registry's referrers API now answers 503; the command asks again for a few seconds")
            }
            Self::Again => {
                faults.clear();
                report.aside("it answers again")
            }
            _ => Ok(()),
        }
    }
}

fn contents(image: &str, policy: &str) -> Typed {
    Typed::new(["verify", image, "--policy", policy, "--db", DATABASE])
}

/// Who did not sign.
const MALLORY: &str = "mallory@example.com";

fn sbom(image: &str, (platform, cyclonedx, spdx): &(Option<String>, String, String)) -> Typed {
    let outputs = [
        format!("cyclonedx-json={cyclonedx}"),
        format!("spdx-json={spdx}"),
    ];
    let mut words = vec!["sbom", image];
    words.extend(outputs.iter().flat_map(|output| ["-o", output]));
    if let Some(platform) = platform {
        words.extend(["--platform", platform]);
    }
    Typed::new(words)
}

fn attest(image: &str, documents: &[(Option<String>, String, String)]) -> Typed {
    let mut words = vec!["attest", image];
    for (_, cyclonedx, spdx) in documents {
        words.extend(["--predicate", cyclonedx, "--type", "cyclonedx"]);
        words.extend(["--predicate", spdx, "--type", "spdx"]);
    }
    words.extend([
        "--identity-token",
        TOKEN,
        "--signing-config",
        SIGNING_CONFIG_REKOR_V1,
    ]);
    Typed::new(words)
}
