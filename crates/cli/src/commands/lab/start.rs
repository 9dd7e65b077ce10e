//! Starts the lab and says what it is.

use std::io::Write;

use toolkit_lab::{Lab, NOTICE, Options};

use super::LabError;

/// Starts the lab on its own thread and prints its notice, which `--quiet` does not silence.
///
/// # Errors
/// [`LabError::Start`].
pub(super) fn start() -> Result<Lab, LabError> {
    let lab = Lab::start(Options::default())?;
    // Nothing is left to tell where stderr itself is closed.
    let _ = writeln!(std::io::stderr().lock(), "{NOTICE}");
    Ok(lab)
}
