//! Journeys through the lab: a private Sigstore and two registries, one of them without the referrers API; and to publishers of feeds.

mod fetching;
mod judging;
mod promotion;
mod trees;
mod world;
