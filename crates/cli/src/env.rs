//! Every environment variable that `toolkit` reads: its own, one for each flag, and those of others that it honours.
//!
//! No other module and no library names one. A flag's variable is `TOOLKIT_` and the flag's name in capitals with `_` for `-`. Flags that
//! share their name and mean something else in each command, such as `--output`, have the command's name between, so that one set for
//! `verify` does not steer `sbom`. A test in `args` holds every flag to it. A variable that is set but empty counts as absent. Repeatable flags take several
//! values from their variable one a line.

use std::ffi::{OsStr, OsString};

/// Names the variable of `--color`.
pub(crate) const COLOR: &str = "TOOLKIT_COLOR";
/// Names the variable of `--quiet`; its value is how often the flag is given.
pub(crate) const QUIET: &str = "TOOLKIT_QUIET";
/// Names the variable of `--verbose`; its value is how often the flag is given.
pub(crate) const VERBOSE: &str = "TOOLKIT_VERBOSE";
/// Names the variable of `sbom --output`.
pub(crate) const SBOM_OUTPUT: &str = "TOOLKIT_SBOM_OUTPUT";
/// Names the variable of `scan --output`.
pub(crate) const SCAN_OUTPUT: &str = "TOOLKIT_SCAN_OUTPUT";
/// Names the variable of `db build --output`.
pub(crate) const DB_BUILD_OUTPUT: &str = "TOOLKIT_DB_BUILD_OUTPUT";
/// Names the variable of `db diff --output`.
pub(crate) const DB_DIFF_OUTPUT: &str = "TOOLKIT_DB_DIFF_OUTPUT";
/// Names the variable of `db status --output`.
pub(crate) const DB_STATUS_OUTPUT: &str = "TOOLKIT_DB_STATUS_OUTPUT";
/// Names the variable of `db search --output`.
pub(crate) const DB_SEARCH_OUTPUT: &str = "TOOLKIT_DB_SEARCH_OUTPUT";
/// Names the variable of `verify --output`.
pub(crate) const VERIFY_OUTPUT: &str = "TOOLKIT_VERIFY_OUTPUT";
/// Names the variable of `promote --output`.
pub(crate) const PROMOTE_OUTPUT: &str = "TOOLKIT_PROMOTE_OUTPUT";
/// Names the variable of `tree --output`.
pub(crate) const TREE_OUTPUT: &str = "TOOLKIT_TREE_OUTPUT";
/// Names the variable of `--platform`.
pub(crate) const PLATFORM: &str = "TOOLKIT_PLATFORM";
/// Names the variable of `--insecure-registry`.
pub(crate) const INSECURE_REGISTRY: &str = "TOOLKIT_INSECURE_REGISTRY";
/// Names the variable of `--ca-file`.
pub(crate) const CA_FILE: &str = "TOOLKIT_CA_FILE";
/// Names the variable of `--limit`.
pub(crate) const LIMIT: &str = "TOOLKIT_LIMIT";
/// Names the variable of `--offline`.
pub(crate) const OFFLINE: &str = "TOOLKIT_OFFLINE";
/// Names the variable of `--trusted-root`.
pub(crate) const TRUSTED_ROOT: &str = "TOOLKIT_TRUSTED_ROOT";
/// Names the variable of `--identity-token`.
pub(crate) const IDENTITY_TOKEN: &str = "TOOLKIT_IDENTITY_TOKEN";
/// Names the variable of `--key`, a private key, of `sign` and `attest`.
pub(crate) const SIGNING_KEY: &str = "TOOLKIT_SIGNING_KEY";
/// Names the variable of `verify --key`.
pub(crate) const VERIFY_KEY: &str = "TOOLKIT_VERIFY_KEY";
/// Names the variable of `tree --key`.
pub(crate) const TREE_KEY: &str = "TOOLKIT_TREE_KEY";
/// Names the variable of `--signing-config`.
pub(crate) const SIGNING_CONFIG: &str = "TOOLKIT_SIGNING_CONFIG";
/// Names the variable of `sign --bundle`.
pub(crate) const SIGN_BUNDLE: &str = "TOOLKIT_SIGN_BUNDLE";
/// Names the variable of `attest --bundle`.
pub(crate) const ATTEST_BUNDLE: &str = "TOOLKIT_ATTEST_BUNDLE";
/// Names the variable of `verify --bundle`.
pub(crate) const VERIFY_BUNDLE: &str = "TOOLKIT_VERIFY_BUNDLE";
/// Names the variable of `--predicate`.
pub(crate) const PREDICATE: &str = "TOOLKIT_PREDICATE";
/// Names the variable of `attest --type`.
pub(crate) const ATTEST_TYPE: &str = "TOOLKIT_ATTEST_TYPE";
/// Names the variable of `verify --type`.
pub(crate) const VERIFY_TYPE: &str = "TOOLKIT_VERIFY_TYPE";
/// Names the variable of `--policy`.
pub(crate) const POLICY: &str = "TOOLKIT_POLICY";
/// Names the variable of `--force`.
pub(crate) const FORCE: &str = "TOOLKIT_FORCE";
/// Names the variable of `--certificate-identity`.
pub(crate) const CERTIFICATE_IDENTITY: &str = "TOOLKIT_CERTIFICATE_IDENTITY";
/// Names the variable of `--certificate-identity-regexp`.
pub(crate) const CERTIFICATE_IDENTITY_REGEXP: &str = "TOOLKIT_CERTIFICATE_IDENTITY_REGEXP";
/// Names the variable of `--certificate-oidc-issuer`.
pub(crate) const CERTIFICATE_OIDC_ISSUER: &str = "TOOLKIT_CERTIFICATE_OIDC_ISSUER";
/// Names the variable of `--certificate-oidc-issuer-regexp`.
pub(crate) const CERTIFICATE_OIDC_ISSUER_REGEXP: &str = "TOOLKIT_CERTIFICATE_OIDC_ISSUER_REGEXP";

/// Names the variable of `lab run --rekor`.
#[cfg(feature = "lab")]
pub(crate) const REKOR: &str = "TOOLKIT_REKOR";
/// Names the variable of `lab run --email`.
#[cfg(feature = "lab")]
pub(crate) const EMAIL: &str = "TOOLKIT_EMAIL";
/// Tells a command below `lab run` the issuer of the lab's identity tokens.
#[cfg(feature = "lab")]
pub(crate) const LAB_ISSUER: &str = "TOOLKIT_LAB_ISSUER";
/// Tells a command below `lab run` the e-mail address in its identity token.
#[cfg(feature = "lab")]
pub(crate) const LAB_EMAIL: &str = "TOOLKIT_LAB_EMAIL";
/// Tells a command below `lab run` the host and port of the registry with the referrers API.
#[cfg(feature = "lab")]
pub(crate) const LAB_REGISTRY: &str = "TOOLKIT_LAB_REGISTRY";
/// Tells a command below `lab run` the host and port of the registry without the referrers API, where evidence goes to the fallback tag.
#[cfg(feature = "lab")]
pub(crate) const LAB_REGISTRY_FALLBACK: &str = "TOOLKIT_LAB_REGISTRY_FALLBACK";
/// Tells a command below `lab run` the issuer of the tokens of the Actions endpoint.
#[cfg(feature = "lab")]
pub(crate) const LAB_GITHUB_ISSUER: &str = "TOOLKIT_LAB_GITHUB_ISSUER";

/// Names the variable of `--db`.
pub(crate) const DB: &str = "TOOLKIT_DB";
/// Names the variable of `--base`.
pub(crate) const BASE: &str = "TOOLKIT_BASE";
/// Names the variable of `--db-identity`.
pub(crate) const DB_IDENTITY: &str = "TOOLKIT_DB_IDENTITY";
/// Names the variable of `--keep`.
pub(crate) const KEEP: &str = "TOOLKIT_KEEP";
/// Names the variable of `--demo`.
pub(crate) const DEMO: &str = "TOOLKIT_DEMO";
/// Names the variable of `--feed`.
pub(crate) const FEED: &str = "TOOLKIT_FEED";
/// Names the variable of `--mirror`.
pub(crate) const MIRROR: &str = "TOOLKIT_MIRROR";
/// Names the variable of `--max-age`.
pub(crate) const MAX_AGE: &str = "TOOLKIT_MAX_AGE";
/// Names the variable of `--fail-on`.
pub(crate) const FAIL_ON: &str = "TOOLKIT_FAIL_ON";
/// Names the variable of `--exit-code`.
pub(crate) const EXIT_CODE: &str = "TOOLKIT_EXIT_CODE";
/// Names the variable of `--exit-on-eol`.
pub(crate) const EXIT_ON_EOL: &str = "TOOLKIT_EXIT_ON_EOL";
/// Names the variable of `--why`.
pub(crate) const WHY: &str = "TOOLKIT_WHY";
/// Names the variable of `--as-of`.
pub(crate) const AS_OF: &str = "TOOLKIT_AS_OF";
/// Names the variable of `--severity`.
pub(crate) const SEVERITY: &str = "TOOLKIT_SEVERITY";
/// Names the variable of `--only-fixed`.
pub(crate) const ONLY_FIXED: &str = "TOOLKIT_ONLY_FIXED";
/// Names the variable of `--only-notfixed`.
pub(crate) const ONLY_NOTFIXED: &str = "TOOLKIT_ONLY_NOTFIXED";
/// Names the variable of `--ignore-status`.
pub(crate) const IGNORE_STATUS: &str = "TOOLKIT_IGNORE_STATUS";
/// Names the variable of `--ignorefile`.
pub(crate) const IGNOREFILE: &str = "TOOLKIT_IGNOREFILE";
/// Names the variable of `--vex`.
pub(crate) const VEX: &str = "TOOLKIT_VEX";
/// Names the variable of `vex create --author`.
pub(crate) const VEX_AUTHOR: &str = "TOOLKIT_VEX_AUTHOR";
/// Names the variable of `vex create|add --product`.
pub(crate) const VEX_PRODUCT: &str = "TOOLKIT_VEX_PRODUCT";
/// Names the variable of `vex create|add --subcomponent`.
pub(crate) const VEX_SUBCOMPONENT: &str = "TOOLKIT_VEX_SUBCOMPONENT";
/// Names the variable of `vex create|add --vuln`.
pub(crate) const VEX_VULN: &str = "TOOLKIT_VEX_VULN";
/// Names the variable of `vex create|add --status`.
pub(crate) const VEX_STATUS: &str = "TOOLKIT_VEX_STATUS";
/// Names the variable of `vex create|add --justification`.
pub(crate) const VEX_JUSTIFICATION: &str = "TOOLKIT_VEX_JUSTIFICATION";
/// Names the variable of `vex create|add --impact-statement`.
pub(crate) const VEX_IMPACT_STATEMENT: &str = "TOOLKIT_VEX_IMPACT_STATEMENT";
/// Names the variable of `vex create|add --action-statement`.
pub(crate) const VEX_ACTION_STATEMENT: &str = "TOOLKIT_VEX_ACTION_STATEMENT";
/// Names the variable of `vex create|add --status-note`.
pub(crate) const VEX_STATUS_NOTE: &str = "TOOLKIT_VEX_STATUS_NOTE";
/// Names the variable of `vex create --from-scan`.
pub(crate) const VEX_FROM_SCAN: &str = "TOOLKIT_VEX_FROM_SCAN";
/// Names the variable of `vex create --role`.
pub(crate) const VEX_ROLE: &str = "TOOLKIT_VEX_ROLE";
/// Names the variable of `vex create --id`.
pub(crate) const VEX_ID: &str = "TOOLKIT_VEX_ID";
/// Names the variable of `vex create -o`.
pub(crate) const VEX_CREATE_OUTPUT: &str = "TOOLKIT_VEX_CREATE_OUTPUT";
/// Names the variable of `vex add -o`.
pub(crate) const VEX_ADD_OUTPUT: &str = "TOOLKIT_VEX_ADD_OUTPUT";
/// Names the variable of `--baseline`.
pub(crate) const BASELINE: &str = "TOOLKIT_BASELINE";
/// Names the variable of `--show-suppressed`.
pub(crate) const SHOW_SUPPRESSED: &str = "TOOLKIT_SHOW_SUPPRESSED";
/// Names the variable of `--by-cve`.
pub(crate) const BY_CVE: &str = "TOOLKIT_BY_CVE";

/// Turns colour off where it is set to anything (<https://no-color.org>).
pub(crate) const NO_COLOR: &str = "NO_COLOR";
/// Turns colour off where it is `0` (<https://bixense.com/clicolors>).
pub(crate) const CLICOLOR: &str = "CLICOLOR";
/// Turns colour on, terminal or not, where it is anything but `0` (<https://bixense.com/clicolors>).
pub(crate) const CLICOLOR_FORCE: &str = "CLICOLOR_FORCE";
/// Names the terminal's kind; `dumb` has neither colour nor cursor movement.
pub(crate) const TERM: &str = "TERM";
/// Names the docker configuration directory; its `config.json` holds registry credentials (docker's documentation).
pub(crate) const DOCKER_CONFIG: &str = "DOCKER_CONFIG";
/// Names the file with registry credentials (containers-auth.json(5)).
pub(crate) const REGISTRY_AUTH_FILE: &str = "REGISTRY_AUTH_FILE";
/// Names the directory of the login session (XDG base directory specification).
pub(crate) const XDG_RUNTIME_DIR: &str = "XDG_RUNTIME_DIR";
/// Names the user's configuration directory (XDG base directory specification).
pub(crate) const XDG_CONFIG_HOME: &str = "XDG_CONFIG_HOME";
/// Names the user's data directory (XDG base directory specification).
pub(crate) const XDG_DATA_HOME: &str = "XDG_DATA_HOME";
/// Names the directory that `toolkit` keeps its data in, instead of the user's.
pub(crate) const DATA: &str = "TOOLKIT_DATA";
/// Names the user's home.
pub(crate) const HOME: &str = "HOME";
/// Names a PEM file with additional roots for TLS (OpenSSL's name).
pub(crate) const SSL_CERT_FILE: &str = "SSL_CERT_FILE";
/// Name the proxy for plain HTTP (curl's names); the capital form is ignored where `REQUEST_METHOD` is set, since a CGI server sets it
/// from a request's `Proxy` header (httpoxy, CVE-2016-5385).
pub(crate) const HTTP_PROXY: [&str; 2] = ["http_proxy", "HTTP_PROXY"];
/// Name the proxy for HTTPS.
pub(crate) const HTTPS_PROXY: [&str; 2] = ["https_proxy", "HTTPS_PROXY"];
/// Name the proxy for everything without one of its own.
pub(crate) const ALL_PROXY: [&str; 2] = ["all_proxy", "ALL_PROXY"];
/// Name the hosts that are reached directly.
pub(crate) const NO_PROXY: [&str; 2] = ["no_proxy", "NO_PROXY"];
/// Is set where a web server runs the program.
pub(crate) const REQUEST_METHOD: &str = "REQUEST_METHOD";
/// Gives the time of documents in seconds since 1970 (<https://reproducible-builds.org/specs/source-date-epoch/>).
pub(crate) const SOURCE_DATE_EPOCH: &str = "SOURCE_DATE_EPOCH";
/// Lists the directories of programs.
pub(crate) const PATH: &str = "PATH";
/// Says that the pre-commit framework runs the command (pre-commit documentation, "Supported git hooks").
pub(crate) const PRE_COMMIT: &str = "PRE_COMMIT";
/// Names the commit that is pushed, from the pre-commit framework.
pub(crate) const PRE_COMMIT_TO_REF: &str = "PRE_COMMIT_TO_REF";
/// Names a commit that the remote has, from the pre-commit framework.
pub(crate) const PRE_COMMIT_FROM_REF: &str = "PRE_COMMIT_FROM_REF";
/// Names the local ref that is pushed, from the pre-commit framework.
pub(crate) const PRE_COMMIT_LOCAL_BRANCH: &str = "PRE_COMMIT_LOCAL_BRANCH";
/// Names the ref on the remote, from the pre-commit framework.
pub(crate) const PRE_COMMIT_REMOTE_BRANCH: &str = "PRE_COMMIT_REMOTE_BRANCH";
/// Names the remote, from the pre-commit framework.
pub(crate) const PRE_COMMIT_REMOTE_NAME: &str = "PRE_COMMIT_REMOTE_NAME";
/// Says that a CI system runs the command: plain progress, no cursor movement, and provenance that does not say a person's machine made it.
pub(crate) const CI: &str = "CI";
/// Holds an OIDC token for signing (GitLab's `id_tokens`, and cosign).
pub(crate) const SIGSTORE_ID_TOKEN: &str = "SIGSTORE_ID_TOKEN";
/// Is `true` in GitHub Actions.
pub(crate) const GITHUB_ACTIONS: &str = "GITHUB_ACTIONS";
/// Names the file of the job's summary in GitHub Actions.
pub(crate) const GITHUB_STEP_SUMMARY: &str = "GITHUB_STEP_SUMMARY";
/// Names the file of the step's outputs in GitHub Actions.
pub(crate) const GITHUB_OUTPUT: &str = "GITHUB_OUTPUT";
/// Names the endpoint for OIDC tokens in GitHub Actions.
pub(crate) const ACTIONS_ID_TOKEN_REQUEST_URL: &str = "ACTIONS_ID_TOKEN_REQUEST_URL";
/// Holds the password for that endpoint.
pub(crate) const ACTIONS_ID_TOKEN_REQUEST_TOKEN: &str = "ACTIONS_ID_TOKEN_REQUEST_TOKEN";
/// Holds GitHub's address, in GitHub Actions.
pub(crate) const GITHUB_SERVER_URL: &str = "GITHUB_SERVER_URL";
/// Holds the repository, as `OWNER/REPO`, in GitHub Actions.
pub(crate) const GITHUB_REPOSITORY: &str = "GITHUB_REPOSITORY";
/// Holds the repository's number, in GitHub Actions.
pub(crate) const GITHUB_REPOSITORY_ID: &str = "GITHUB_REPOSITORY_ID";
/// Holds the owner's number, in GitHub Actions.
pub(crate) const GITHUB_REPOSITORY_OWNER_ID: &str = "GITHUB_REPOSITORY_OWNER_ID";
/// Holds the full ref that the job runs for, in GitHub Actions.
pub(crate) const GITHUB_REF: &str = "GITHUB_REF";
/// Holds the commit, in GitHub Actions.
pub(crate) const GITHUB_SHA: &str = "GITHUB_SHA";
/// Holds the event that started the run, in GitHub Actions.
pub(crate) const GITHUB_EVENT_NAME: &str = "GITHUB_EVENT_NAME";
/// Holds the workflow's file with its ref, in GitHub Actions.
pub(crate) const GITHUB_WORKFLOW_REF: &str = "GITHUB_WORKFLOW_REF";
/// Holds the run's number, in GitHub Actions.
pub(crate) const GITHUB_RUN_ID: &str = "GITHUB_RUN_ID";
/// Holds how often the run was started, in GitHub Actions.
pub(crate) const GITHUB_RUN_ATTEMPT: &str = "GITHUB_RUN_ATTEMPT";
/// Holds whether GitHub or the owner runs the machine, in GitHub Actions.
pub(crate) const RUNNER_ENVIRONMENT: &str = "RUNNER_ENVIRONMENT";
/// Is `true` in GitLab CI.
pub(crate) const GITLAB_CI: &str = "GITLAB_CI";
/// Holds the project's address, in GitLab CI.
pub(crate) const CI_PROJECT_URL: &str = "CI_PROJECT_URL";
/// Holds the project's number, in GitLab CI.
pub(crate) const CI_PROJECT_ID: &str = "CI_PROJECT_ID";
/// Holds the number of the project's namespace, in GitLab CI.
pub(crate) const CI_PROJECT_NAMESPACE_ID: &str = "CI_PROJECT_NAMESPACE_ID";
/// Holds the commit, in GitLab CI.
pub(crate) const CI_COMMIT_SHA: &str = "CI_COMMIT_SHA";
/// Holds the name of the branch or tag, in GitLab CI.
pub(crate) const CI_COMMIT_REF_NAME: &str = "CI_COMMIT_REF_NAME";
/// Holds the tag, in pipelines of GitLab CI for tags.
pub(crate) const CI_COMMIT_TAG: &str = "CI_COMMIT_TAG";
/// Says whether the ref is protected, in GitLab CI.
pub(crate) const CI_COMMIT_REF_PROTECTED: &str = "CI_COMMIT_REF_PROTECTED";
/// Holds the pipeline's definition with its ref, in GitLab CI since 18.11.
pub(crate) const CI_CONFIG_REF_URI: &str = "CI_CONFIG_REF_URI";
/// Holds the job's name, in GitLab CI.
pub(crate) const CI_JOB_NAME: &str = "CI_JOB_NAME";
/// Holds the job's address, in GitLab CI.
pub(crate) const CI_JOB_URL: &str = "CI_JOB_URL";
/// Holds what started the pipeline, in GitLab CI.
pub(crate) const CI_PIPELINE_SOURCE: &str = "CI_PIPELINE_SOURCE";
/// Holds the pipeline's address, in GitLab CI.
pub(crate) const CI_PIPELINE_URL: &str = "CI_PIPELINE_URL";
/// Holds the runner's number, in GitLab CI.
pub(crate) const CI_RUNNER_ID: &str = "CI_RUNNER_ID";
/// Filters log lines by module and level, in the form of `tracing-subscriber`'s directives; wins over `--verbose`.
pub(crate) const LOG: &str = "TOOLKIT_LOG";

/// Holds what a command beside the lab is started with.
#[cfg(feature = "lab")]
pub(crate) mod lab {
    use std::ffi::{OsStr, OsString};

    /// Begins every variable that only the lab sets; it reads none of them back.
    pub(crate) const PREFIX: &str = "TOOLKIT_LAB_";

    /// Lists the variables that keep the lab's addresses away from a proxy, added to what is excepted already.
    pub(crate) fn direct_loopback() -> [(&'static str, OsString); 2] {
        super::NO_PROXY.map(|name| {
            let mut value = super::read(name).unwrap_or_default();
            if !value.is_empty() {
                value.push(",");
            }
            value.push("127.0.0.1");
            (name, value)
        })
    }

    /// Lists the variables that would change a run: ours, and what a CI system or a user sets for signing.
    pub(crate) fn steering() -> Vec<OsString> {
        const PREFIXES: [&str; 7] = [
            "TOOLKIT_",
            "GITHUB_",
            "ACTIONS_",
            "RUNNER_",
            "SIGSTORE_",
            "GITLAB_",
            "CI_",
        ];
        let steers = |name: &OsStr| {
            name == super::SOURCE_DATE_EPOCH
                || PREFIXES
                    .iter()
                    .any(|prefix| name.as_encoded_bytes().starts_with(prefix.as_bytes()))
        };
        std::env::vars_os()
            .map(|(name, _)| name)
            .filter(|name| steers(name))
            .collect()
    }
}

/// Tells whether any variable of ours is set and empty.
pub(crate) fn has_empty() -> bool {
    std::env::vars_os()
        .any(|(name, value)| value.is_empty() && name.as_encoded_bytes().starts_with(b"TOOLKIT_"))
}

/// Tells whether a variable is set and empty.
pub(crate) fn is_empty(name: &OsStr) -> bool {
    std::env::var_os(name).is_some_and(|value| value.is_empty())
}

/// Reads a variable; absent and empty are the same.
pub(crate) fn read(name: &str) -> Option<OsString> {
    std::env::var_os(name).filter(|value| !value.is_empty())
}

/// Reads a variable that must be text; one that is no UTF-8 counts as absent, since no name that we compare with has such bytes.
pub(crate) fn text(name: &str) -> Option<String> {
    read(name).and_then(|value| value.into_string().ok())
}
