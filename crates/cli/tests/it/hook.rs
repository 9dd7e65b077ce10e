//! `toolkit hook`: real repositories, real remotes and a small database.

mod install;
mod lockfiles;
mod place;
mod push;
mod refs;
mod undecided;
