//! `toolkit db`: databases that travel, who vouches for them, and what is refused.

mod demo;
mod place;
