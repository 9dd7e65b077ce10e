//! How much of anything is read before it is refused.
//!
//! Every number can be changed by its name and none can be switched off. Where a number comes from stands beside it.

use crate::error::{Error, Result};

macro_rules! limits {
    ($($(#[$doc:meta])* $field:ident = $value:expr;)*) => {
        /// Holds every size and count limit for foreign input.
        #[derive(Debug, Clone, PartialEq, Eq)]
        #[non_exhaustive]
        pub struct Limits {
            $($(#[$doc])* pub $field: u64,)*
        }

        impl Default for Limits {
            fn default() -> Self {
                Self { $($field: $value,)* }
            }
        }

        impl Limits {
            /// Lists the names that [`Limits::set`] takes, with their present values.
            pub fn entries(&self) -> impl Iterator<Item = (String, u64)> + '_ {
                [$((name(stringify!($field)), self.$field),)*].into_iter()
            }

            fn field(&mut self, wanted: &str) -> Option<&mut u64> {
                match wanted.replace('-', "_").as_str() {
                    $(stringify!($field) => Some(&mut self.$field),)*
                    _ => None,
                }
            }
        }
    };
}

const KIB: u64 = 1 << 10;
const MIB: u64 = 1 << 20;
const GIB: u64 = 1 << 30;

limits! {
    /// Bytes of a manifest, index or configuration that is read (regclient's pull limit).
    manifest_size = 8 * MIB;
    /// Bytes of a manifest that is pushed (distribution-spec: registries take at least 4 MB; distribution refuses more).
    manifest_push_size = 4 * MIB;
    /// Bytes of one page of a referrers list.
    referrers_page_size = 8 * MIB;
    /// Pages of a referrers list.
    referrers_pages = 100;
    /// Entries of a referrers list, all pages together.
    referrers_entries = 10_000;
    /// Bytes of a referrers list, all pages together.
    referrers_size = 64 * MIB;
    /// Bytes of a bundle or SBOM that is read from a registry (attest-sbom#168: others stop at 16 MiB).
    payload_size = 64 * MIB;
    /// Bytes of a token answer (oras-go).
    token_size = 128 * KIB;
    /// Bytes of an error answer that are read (go-containerregistry, containerd).
    error_size = 64 * KIB;
    /// Bytes that each second of waiting for a blob must bring, over a whole `transfer-window` (as curl's `--speed-limit`; a modem brought seven
    /// times as much).
    transfer_speed = KIB;
    /// Seconds of waiting over which `transfer-speed` is measured (as curl's `--speed-time`; twice its 30 s).
    transfer_window = 60;
    /// Redirects that one request follows.
    redirects = 5;
    /// Seconds that a `Retry-After` may ask for.
    retry_after = 120;
    /// Bytes that a credential helper may answer.
    credential_helper_size = 64 * KIB;
    /// Seconds that a credential helper may take.
    credential_helper_time = 30;
    /// Bytes of the `manifest.json` of a docker archive (containers/image stops at 1 MiB, large sets need more).
    archive_manifest_size = 16 * MIB;
    /// Bytes of the `index.json` of a layout.
    layout_index_size = 8 * MIB;
    /// Layers of an image (runtimes stop near 128).
    layers = 1_024;
    /// Levels of nested indexes.
    index_depth = 4;
    /// Manifests that are looked at to resolve one image: a Merkle graph has no loop, but doubling references explode.
    index_manifests = 10_000;
    /// Bytes that a descriptor may promise.
    descriptor_size = 64 * GIB;
    /// Decompressed bytes of one layer.
    layer_size = 64 * GIB;
    /// Decompressed bytes of all layers of an image.
    image_size = 256 * GIB;
    /// Decompressed bytes per compressed byte, looked at beyond 1 GiB: a zero-filled disk image is legitimate, and
    /// gzip cannot exceed 1 032.
    compression_ratio = 5_000;
    /// Bytes of a zstd window (`windowLogMax` 27, the reference decoder's default).
    zstd_window = 128 * MIB;
    /// Entries of one layer.
    layer_entries = 5_000_000;
    /// Entries of all layers of an image.
    image_entries = 10_000_000;
    /// Bytes of a path or link target (Linux `PATH_MAX`).
    path_size = 4_096;
    /// Components of a path.
    path_depth = 512;
    /// Bytes of a PAX or GNU extension record (Go's archive/tar).
    tar_record_size = MIB;
    /// Symbolic links followed in one look-up (Linux `MAXSYMLINKS`).
    symlinks = 40;
    /// Bytes of one file whose content is kept in memory.
    file_size = GIB;
    /// Entries of an archive file's table of contents.
    archive_entries = 1_000_000;
}

impl Limits {
    /// Changes one limit by its name, for example `layer-size`; underscores and hyphens are the same.
    ///
    /// # Errors
    /// [`Error::UnknownLimit`] for a name that does not exist or the value 0, which would forbid everything.
    pub fn set(&mut self, name: &str, value: u64) -> Result<()> {
        let unknown = Error::UnknownLimit {
            name: name.to_owned(),
            value,
        };
        match self.field(name) {
            Some(field) if value > 0 => {
                *field = value;
                Ok(())
            }
            _ => Err(unknown),
        }
    }
}

fn name(field: &str) -> String {
    field.replace('_', "-")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn defaults_are_what_the_documentation_says() {
        let limits = Limits::default();
        assert_eq!(limits.manifest_size, 8_388_608);
        assert_eq!(limits.layer_size, 68_719_476_736);
        assert_eq!(limits.index_depth, 4);
        assert_eq!(limits.layer_entries, 5_000_000);
        assert_eq!(limits.zstd_window, 134_217_728);
    }

    #[test]
    fn limits_change_by_name_only() {
        let mut limits = Limits::default();
        limits.set("layer-entries", 7).unwrap();
        assert_eq!(limits.layer_entries, 7);
        for (name, value) in [("layer-entrys", 7), ("layer-entries", 0), ("", 1)] {
            let error = limits.set(name, value).unwrap_err();
            assert!(
                matches!(error, Error::UnknownLimit { .. }),
                "{name}: {error}"
            );
        }
        assert_eq!(limits.entries().count(), 33);
    }
}
