//! `toolkit db`: databases that travel, who vouches for them, and what is refused.

mod demo;
mod feeds;
mod fetch;
mod identity;
mod keep;
mod mirrored;
mod place;
mod publisher;
mod refused;
#[cfg(unix)]
mod stopped;
mod travel;
