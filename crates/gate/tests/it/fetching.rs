//! Feeds from publishers on loopback, honest and other ones.

mod broken;
mod feeds;
mod publisher;
mod refused;
mod whole;
