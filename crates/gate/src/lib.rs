//! The journeys that join images, evidence and policy.
//!
//! [`PinnedImage::resolve`] asks for a tag once · [`collect()`] gathers everything that is known about the image ·
//! [`verify()`] judges it by a policy, [`judge()`] by one identity · [`promote()`] verifies it, copies it with all its evidence and moves a tag ·
//! [`release()`] finds a vulnerability database that a wanted signer vouches for, and [`Release::install`] pulls it ·
//! [`fetch()`] brings the feeds that one is built of ·
//! [`tree()`] shows what is attached to what · [`sbom_subject()`] says which manifest a new attestation speaks of.
//!
//! Nothing is parsed or verified here: `toolkit-oci` reads and writes, `toolkit-attest` verifies, `toolkit-policy`
//! judges. The clock is an argument, and progress leaves as [`Event`].

#![deny(clippy::indexing_slicing, clippy::as_conversions)]
#![cfg_attr(
    test,
    allow(clippy::indexing_slicing, reason = "tests may stop at a wrong index")
)]

mod collect;
mod contents;
mod database;
mod error;
mod event;
mod fetch;
mod graph;
mod image;
mod promote;
mod subject;
mod tree;
mod verify;
mod wanted;

pub use collect::{Collected, NamedBundle, Trust, collect};
pub use contents::DatabaseAtHand;
pub use database::{
    DatabaseError, Exported, Named, Release, export, import, named, release, signers, vouched,
};
pub use error::{Error, Result};
pub use event::Event;
pub use fetch::{FEEDS, Failure, Feed, Fetch, FetchError, Fetched, FileState, feeds, fetch};
pub use image::PinnedImage;
pub use promote::{Destination, Existing, Promoted, Promotion, TagChange, promote};
pub use subject::{PlatformManifest, SubjectError, platform, platforms, sbom_subject};
pub use tree::{Bundled, Node, Role, Source, SourceAnswer, Tree, Unchecked, tree};
pub use verify::{Criteria, verify};
pub use wanted::{Wanted, judge, judge_file};
