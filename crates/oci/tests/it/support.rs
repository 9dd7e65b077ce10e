//! Ways to the shared images, and readers for tests.

use std::path::PathBuf;

use toolkit_oci::registry::{Client, Options};
use toolkit_oci::{
    Access, ContentReader, Entry, Error, Image, Layers, Limits, Platform, Target, read_layers,
};

/// Returns the folder with real images, or says that the test is skipped.
pub(crate) fn corpus() -> Option<PathBuf> {
    match std::env::var_os("TOOLKIT_TEST_DATA") {
        Some(path) => Some(PathBuf::from(path).join("corpus")),
        None => {
            assert!(
                std::env::var_os("CI").is_none(),
                "TOOLKIT_TEST_DATA is not set"
            );
            eprintln!("skipped: TOOLKIT_TEST_DATA is not set");
            None
        }
    }
}

/// Calls with an access of default limits, or of the given ones.
pub(crate) fn with_access<T>(limits: &Limits, call: impl FnOnce(&Access<'_>) -> T) -> T {
    let client = Client::new(Options::default());
    call(&Access::new(limits, &client, &|_| {}))
}

/// Opens an image and reads it with a reader.
pub(crate) fn read<C: ContentReader>(
    target: &str,
    platform: Option<&str>,
    limits: &Limits,
    reader: &C,
) -> Result<(Image, Layers<C::Output>), Error> {
    let platform = platform.map(|platform| Platform::parse(platform).unwrap());
    with_access(limits, |access| {
        let image = Image::open(&Target::parse(target)?, platform.as_ref(), access)?;
        let layers = read_layers(&image, reader, access)?;
        Ok((image, layers))
    })
}

/// Keeps the whole content of every file whose path it is told to like.
pub(crate) struct Keep<F>(pub(crate) F);

impl<F: Fn(&str) -> bool + Sync> ContentReader for Keep<F> {
    type Output = Vec<u8>;

    fn wants(&self, entry: &Entry<'_>, _: &[u8]) -> bool {
        (self.0)(&String::from_utf8_lossy(entry.path))
    }

    fn read(&self, _: &Entry<'_>, bytes: Vec<u8>) -> Vec<u8> {
        bytes
    }
}

/// Keeps nothing.
pub(crate) fn nothing() -> Keep<fn(&str) -> bool> {
    Keep(|_| false)
}

/// Keeps everything.
pub(crate) fn everything() -> Keep<fn(&str) -> bool> {
    Keep(|_| true)
}
