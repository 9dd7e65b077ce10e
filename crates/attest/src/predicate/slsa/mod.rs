//! SLSA provenance 1.x: written from facts that the caller gathered, read for what a policy asks.
//!
//! It never claims a level: a statement written inside the build job cannot know one, and the reader grants it.
//!
//! Specification: SLSA 1.2 "Build: Provenance" (`https://slsa.dev/provenance/v1`); GitHub's build type
//! `https://actions.github.io/buildtypes/workflow/v1`, used exactly for the events it defines and for no other.

mod facts;
mod read;
mod write;

pub use facts::{BuildFacts, BuildTimes, GitCheckout, GithubActions, Local, git_uri};
pub use read::{Marked, Provenance, Source, Standing, observed};
pub use write::{
    BUILD_TYPE_GITHUB_ACTIONS, BUILD_TYPE_GITHUB_WORKFLOW, BUILD_TYPE_LOCAL, BUILDER_GITHUB_JOB,
    BUILDER_GITHUB_SELF_HOSTED, BUILDER_LOCAL, write,
};
