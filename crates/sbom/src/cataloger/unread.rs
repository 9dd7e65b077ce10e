//! Databases of package managers that no cataloger reads: told, so that nobody takes their packages for absent.
//!
//! Where they lie: opkg's `status` (`libopkg/opkg_conf.h`, OpenWrt and Yocto), pacman's local database (`alpm_db_get_valid`, libalpm),
//! Portage's list of what was asked for (`portage(5)`, "world"), the Nix store's database (`nix/src/libstore/local-store.cc`).

use std::sync::Arc;

use super::{Candidate, Cataloger, Merged, Reading};
use crate::inventory::{Fault, Inventory};

/// Finds them and reads nothing.
pub(crate) struct Unread;

impl Cataloger for Unread {
    fn wants(&self, file: &Candidate<'_>) -> bool {
        format_of(file.path).is_some()
    }

    fn read(&self, file: &Candidate<'_>, _: &Arc<Vec<u8>>) -> Reading {
        match format_of(file.path) {
            Some(format) => Reading::from_result(Err(Fault::Unsupported { format })),
            None => Reading::default(),
        }
    }

    fn join(&self, _: &Merged<'_>, _: &mut Inventory) {}
}

/// Names the kind of a database by one file that each has.
fn format_of(path: &[u8]) -> Option<&'static str> {
    match path {
        b"var/lib/opkg/status" | b"usr/lib/opkg/status" => Some("an opkg database"),
        b"var/lib/pacman/local/ALPM_DB_VERSION" => Some("a pacman database"),
        b"var/lib/portage/world" => Some("a Portage database"),
        b"nix/var/nix/db/db.sqlite" => Some("a Nix database"),
        _ => None,
    }
}
