//! The standard output as a writer whose failures are errors: a closed pipe or a full device ends the run with 7, never with silence.

use std::io::{self, BufWriter, StdoutLock, Write};

use crate::error::{Error, Result};

/// Writes data to stdout, buffered; [`Stdout::finish`] must be called so that a failure of the last bytes is seen.
#[derive(Debug)]
#[must_use]
pub(crate) struct Stdout {
    writer: BufWriter<StdoutLock<'static>>,
}

impl Stdout {
    /// Locks stdout for the rest of the command.
    pub(crate) fn lock() -> Self {
        Self {
            writer: BufWriter::new(io::stdout().lock()),
        }
    }

    /// Writes a whole text and finishes.
    ///
    /// # Errors
    /// [`Error::Stdout`] when stdout is closed or full.
    pub(crate) fn print(text: &str) -> Result<()> {
        let mut stdout = Self::lock();
        stdout
            .write_all(text.as_bytes())
            .map_err(|source| Error::Stdout { source })?;
        stdout.finish()
    }

    /// Hands the last bytes to the system.
    ///
    /// # Errors
    /// [`Error::Stdout`] when stdout is closed or full.
    pub(crate) fn finish(mut self) -> Result<()> {
        self.writer
            .flush()
            .map_err(|source| Error::Stdout { source })
    }
}

impl Write for Stdout {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.writer.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.writer.flush()
    }
}
