//! `toolkit lab demo`: the whole chain on one image, each step the same binary with the command line that a user would type.

use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

use toolkit_lab::{GithubClaims, Lab, NOTICE, Options, RekorVersion};

use super::run::{Files, directory};
use crate::args::LabDemoArgs;
use crate::env;
use crate::error::{Error, Result};
use crate::exit::Exit;
use crate::output::Stdout;
use crate::terminal::Terminal;

/// The image of a clone, as `testdata/images/make_demo.py` makes it.
const IMAGE: &str = "testdata/images/demo";
const REPOSITORY: &str = "acme/widget";

/// Walks the chain and counts what ended as it must.
///
/// # Errors
/// [`Error::Lab`], [`Error::NoDemoImage`], and what keeps a step from starting.
pub(super) fn run(args: &LabDemoArgs, terminal: &Terminal) -> Result<ExitCode> {
    terminal.warn(NOTICE);
    let image = match &args.image {
        Some(image) => image.clone(),
        None => format!("oci-dir:{}", find()?.display()),
    };
    let lab = Lab::start(Options::default()).map_err(|source| Error::Lab { source })?;
    let mut claims = GithubClaims::new(REPOSITORY);
    claims.reference = "refs/tags/v1.0.0".to_owned();
    lab.set_actions_workflow(claims.clone());
    let work = directory()?;
    let files = Files::write(&lab, RekorVersion::V2, work.path())?;
    let mut walk = Walk {
        lab: &lab,
        claims,
        files,
        work: work.path(),
        held: 0,
        steps: 0,
    };
    walk.chain(&image)?;
    Stdout::print(&format!(
        "\n{} of {} steps ended as they must\n",
        walk.held, walk.steps
    ))?;
    Ok(if walk.held == walk.steps {
        Exit::Yes
    } else {
        Exit::No
    }
    .into())
}

/// Looks for the image of the repository, from the working directory upwards.
fn find() -> Result<PathBuf> {
    let here = std::env::current_dir().map_err(|source| Error::Read {
        path: PathBuf::from("."),
        source,
    })?;
    let mut candidates = here.ancestors().map(|directory| directory.join(IMAGE));
    candidates
        .find(|path| path.join("oci-layout").is_file())
        .ok_or(Error::NoDemoImage { expected: IMAGE })
}

struct Walk<'a> {
    lab: &'a Lab,
    claims: GithubClaims,
    files: Files,
    work: &'a Path,
    held: usize,
    steps: usize,
}

impl Walk<'_> {
    fn chain(&mut self, source: &str) -> Result<()> {
        let staging = format!("{}/{REPOSITORY}", self.lab.registry());
        let production = format!("{}/{REPOSITORY}", self.lab.registry_without_referrers());
        let open = self.policy("open.yaml", &open_policy(&self.files.trusted_root))?;
        let release = self.policy(
            "release.yaml",
            &release_policy(&self.files.trusted_root, &self.lab.github_issuer()),
        )?;
        let strict = self.policy(
            "strict.yaml",
            &strict_policy(&self.files.trusted_root, &self.lab.issuer()),
        )?;
        let (cdx, spdx) = ("sbom.cdx.json", "sbom.spdx.json");

        self.say("The image comes from a local directory; it does not run as root, and that is all that the first registry asks.")?;
        self.step(
            &[
                "promote",
                source,
                &format!("{staging}:build"),
                "--policy",
                &open,
            ],
            Exit::Yes,
        )?;
        self.say("What is in it: two documents from one reading.")?;
        let built = format!("{staging}:build");
        self.step(
            &[
                "sbom",
                &built,
                "-o",
                &format!("cyclonedx-json={cdx}"),
                "-o",
                &format!("spdx-json={spdx}"),
            ],
            Exit::Yes,
        )?;
        self.say("Nobody has signed it: the release policy refuses it.")?;
        self.step(&["verify", &built, "--policy", &release], Exit::No)?;
        self.say(
            "The release workflow signs and attests, with the identity that GitHub gives its job.",
        )?;
        self.step(&["sign", &built], Exit::Yes)?;
        self.step(
            &[
                "attest",
                &built,
                "--predicate",
                cdx,
                "--type",
                "cyclonedx",
                "--predicate",
                spdx,
                "--type",
                "spdx",
            ],
            Exit::Yes,
        )?;
        self.step(&["attest", "provenance", &built], Exit::Yes)?;
        self.say("Now the policy allows it, and the image moves to a registry without the referrers API, with all of its evidence.")?;
        self.step(&["verify", &built, "--policy", &release], Exit::Yes)?;
        self.step(
            &[
                "promote",
                &built,
                &format!("{production}:1.0.0"),
                "--policy",
                &release,
            ],
            Exit::Yes,
        )?;
        self.step(&["tree", &format!("{production}:1.0.0")], Exit::Yes)?;
        self.say("A policy that asks for somebody else's signature refuses the same image, and so does a question for another identity.")?;
        self.step(
            &[
                "verify",
                &format!("{production}:1.0.0"),
                "--policy",
                &strict,
            ],
            Exit::No,
        )?;
        let other = [
            "--certificate-identity",
            "mallory@example.com",
            "--certificate-oidc-issuer",
            &self.lab.issuer(),
        ]
        .map(str::to_owned);
        let mut question = vec!["verify".to_owned(), format!("{production}:1.0.0")];
        question.extend(other);
        let question: Vec<&str> = question.iter().map(String::as_str).collect();
        self.step(&question, Exit::NoMatch)
    }

    fn policy(&self, name: &str, text: &str) -> Result<String> {
        let path = self.work.join(name);
        fs_err::write(&path, text).map_err(|source| Error::Write {
            path: path.clone(),
            source,
        })?;
        Ok(name.to_owned())
    }

    fn say(&self, text: &str) -> Result<()> {
        Stdout::print(&format!("\n# {text}\n"))
    }

    fn step(&mut self, arguments: &[&str], expected: Exit) -> Result<()> {
        Stdout::print(&format!("$ toolkit {}\n", arguments.join(" ")))?;
        let program = std::env::current_exe().map_err(|source| Error::Command {
            program: "toolkit".to_owned(),
            source,
        })?;
        let mut command = Command::new(&program);
        command.args(arguments).current_dir(self.work);
        // The environment of the release job; what is set outside must not reach the chain.
        for (name, _) in std::env::vars_os() {
            if name.to_str().is_some_and(|name| {
                ["TOOLKIT_", "SIGSTORE_", "GITHUB_", "ACTIONS_"]
                    .iter()
                    .any(|prefix| name.starts_with(prefix))
            }) {
                command.env_remove(name);
            }
        }
        command
            .env(env::TRUSTED_ROOT, &self.files.trusted_root)
            .env(env::SIGNING_CONFIG, &self.files.signing_config);
        if arguments
            .first()
            .is_some_and(|command| ["sign", "attest"].contains(command))
        {
            command.envs(self.job());
        }
        if arguments.contains(&"--policy") {
            // The policy names the trust root itself.
            command.env_remove(env::TRUSTED_ROOT);
        }
        let status = command.status().map_err(|source| Error::Command {
            program: program.display().to_string(),
            source,
        })?;
        let held = status.code() == Some(i32::from(expected.code()));
        self.steps += 1;
        self.held += usize::from(held);
        let found = status.code().map_or_else(
            || "none, a signal ended it".to_owned(),
            |code| code.to_string(),
        );
        let line = if held {
            format!("→ exit code {found}, as it must\n")
        } else {
            format!("→ exit code {found}, EXPECTED {}\n", expected.code())
        };
        Stdout::print(&line)
    }

    /// What GitHub Actions sets for a job that may ask for a token.
    fn job(&self) -> Vec<(&'static str, String)> {
        let claims = &self.claims;
        let workflow = format!(
            "{}/.github/workflows/{}@{}",
            claims.repository, claims.workflow_file, claims.reference
        );
        vec![
            (env::GITHUB_ACTIONS, "true".to_owned()),
            (
                env::ACTIONS_ID_TOKEN_REQUEST_URL,
                self.lab.actions_request_url(),
            ),
            (
                env::ACTIONS_ID_TOKEN_REQUEST_TOKEN,
                self.lab.actions_request_token(),
            ),
            (env::GITHUB_SERVER_URL, "https://github.com".to_owned()),
            (env::GITHUB_REPOSITORY, claims.repository.clone()),
            (env::GITHUB_REPOSITORY_ID, claims.repository_id.clone()),
            (
                env::GITHUB_REPOSITORY_OWNER_ID,
                claims.repository_owner_id.clone(),
            ),
            (env::GITHUB_REF, claims.reference.clone()),
            (env::GITHUB_SHA, claims.sha.clone()),
            (env::GITHUB_EVENT_NAME, claims.event_name.clone()),
            (env::GITHUB_WORKFLOW_REF, workflow),
            (env::GITHUB_RUN_ID, claims.run_id.clone()),
            (env::GITHUB_RUN_ATTEMPT, claims.run_attempt.clone()),
            (env::RUNNER_ENVIRONMENT, claims.runner_environment.clone()),
        ]
    }
}

fn head(name: &str, trusted_root: &Path) -> String {
    format!(
        "version: 1\nname: {name}\ntrust: {{root: {{file: {}}}}}\n",
        trusted_root.display()
    )
}

fn open_policy(trusted_root: &Path) -> String {
    format!(
        "{}rules:\n- id: not-root\n  require: {{image: {{user: nonRoot}}}}\nnoMatch: deny\n",
        head("build", trusted_root)
    )
}

fn release_policy(trusted_root: &Path, issuer: &str) -> String {
    format!(
        r#"{}identities:
  release: {{kind: github, repository: {REPOSITORY}, workflow: .github/workflows/release.yml, ref: "refs/tags/v*", issuer: "{issuer}"}}
rules:
- id: released
  require:
    signatures: release
    attestations: [{{type: cyclonedx, by: release}}, {{type: spdx, by: release}}]
    provenance: {{by: release, builders: ["https://github.com/{REPOSITORY}/.github/workflows/release.yml@refs/tags/v*"], source: {{repository: "https://github.com/{REPOSITORY}", refs: ["refs/tags/v*"]}}}}
    image: {{user: nonRoot}}
noMatch: deny
"#,
        head("release", trusted_root)
    )
}

fn strict_policy(trusted_root: &Path, issuer: &str) -> String {
    format!(
        "{}identities:\n  auditor: {{kind: email, address: auditor@example.com, issuer: \"{issuer}\"}}\nrules:\n- id: audited\n  require: {{signatures: auditor}}\nnoMatch: deny\n",
        head("audited", trusted_root)
    )
}
