//! SLSA provenance 1.x: written from facts that the caller gathered, read for what a policy asks.
//!
//! It never claims a level: a statement written inside the build job cannot know one, and the reader grants it.
//!
//! Specification: SLSA 1.2 "Build: Provenance" (`https://slsa.dev/provenance/v1`); GitHub's build type
//! `https://actions.github.io/buildtypes/workflow/v1`, used exactly for the events it defines and for no other. GitLab's own types are
//! written by its runner and control plane about what they did themselves, so a job there gets a type of ours.

mod facts;
mod read;
mod write;

pub use facts::{BuildFacts, BuildTimes, GitCheckout, GithubActions, GitlabCi, Local, git_uri};
pub use read::{Marked, Provenance, Source, Standing, observed};
pub use write::{
    BUILD_TYPE_GITHUB_ACTIONS, BUILD_TYPE_GITHUB_WORKFLOW, BUILD_TYPE_GITLAB_CI, BUILD_TYPE_LOCAL,
    BUILD_TYPE_UNKNOWN_CI, BUILDER_GITHUB_JOB, BUILDER_GITHUB_SELF_HOSTED, BUILDER_GITLAB_HOSTED,
    BUILDER_GITLAB_JOB, BUILDER_GITLAB_SELF_HOSTED, BUILDER_LOCAL, BUILDER_UNKNOWN_CI, write,
};
