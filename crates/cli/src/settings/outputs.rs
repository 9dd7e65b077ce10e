//! `-o FORMAT[@VERSION][=FILE]` and the time of documents.

use std::path::PathBuf;

use jiff::Timestamp;
use toolkit_sbom::Format;

use crate::env;
use crate::error::{Error, Result};
use crate::output::shared_place;

/// Is a list of formats that a command writes.
pub(crate) trait NamedFormat: Sized {
    /// Reads `NAME[@VERSION]`.
    ///
    /// # Errors
    /// The known formats or versions.
    fn parse(text: &str) -> Result<Self, toolkit_sbom::Error>;

    /// Returns the format that the end of a file name stands for.
    fn from_file_name(name: &str) -> Option<Self>;
}

impl NamedFormat for Format {
    fn parse(text: &str) -> Result<Self, toolkit_sbom::Error> {
        Self::parse(text)
    }

    fn from_file_name(name: &str) -> Option<Self> {
        Self::from_file_name(name)
    }
}

/// Says what to write and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Output<F = Format> {
    /// The format.
    pub(crate) format: F,
    /// The file; absent for stdout.
    pub(crate) file: Option<PathBuf>,
}

impl<F: NamedFormat> Output<F> {
    /// Reads one `-o`: `FORMAT[@VERSION]`, `FORMAT[@VERSION]=FILE`, or a file name whose suffix names the format.
    ///
    /// # Errors
    /// [`Error::Sbom`] with the known formats or versions.
    fn parse(text: &str) -> Result<Self> {
        if let Some((format, file)) = text.split_once('=') {
            return Ok(Self {
                format: F::parse(format)?,
                file: Some(PathBuf::from(file)),
            });
        }
        match (F::parse(text), F::from_file_name(text)) {
            (Ok(format), _) => Ok(Self { format, file: None }),
            (Err(_), Some(format)) => Ok(Self {
                format,
                file: Some(PathBuf::from(text)),
            }),
            (Err(error), None) => Err(error.into()),
        }
    }

    /// Reads every `-o`.
    ///
    /// # Errors
    /// As for one, and [`Error::SameOutput`] where two would be written to the same place.
    pub(crate) fn parse_all(texts: &[String]) -> Result<Vec<Self>> {
        let outputs = texts
            .iter()
            .map(|text| Self::parse(text))
            .collect::<Result<Vec<_>>>()?;
        if let Some(place) = shared_place(outputs.iter().map(|one| one.file.as_deref())) {
            return Err(Error::SameOutput { place });
        }
        Ok(outputs)
    }
}

/// Reads `SOURCE_DATE_EPOCH`.
///
/// # Errors
/// [`Error::SourceDate`] where it is no number of seconds.
pub(crate) fn source_date_epoch() -> Result<Option<Timestamp>> {
    let Some(text) = env::read(env::SOURCE_DATE_EPOCH) else {
        return Ok(None);
    };
    let time = text
        .to_str()
        .and_then(|text| text.parse::<i64>().ok())
        .and_then(|seconds| Timestamp::from_second(seconds).ok());
    match time {
        Some(time) => Ok(Some(time)),
        None => Err(Error::SourceDate {
            found: text.to_string_lossy().into_owned(),
        }),
    }
}
