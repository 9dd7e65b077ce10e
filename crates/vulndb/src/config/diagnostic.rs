//! A fault with the file and the place where it stands, as a [`miette::Diagnostic`] without a renderer: whoever prints chooses how it looks.

use std::fmt;
use std::sync::Arc;

use miette::{LabeledSpan, NamedSource, SourceCode};

use super::fault::Explain;
use super::node::{Position, Span};

/// One fault of one file: its place, message, code and help.
#[derive(Clone)]
pub struct Diagnostic<F> {
    source: Arc<NamedSource<Arc<str>>>,
    span: Span,
    fault: F,
}

impl<F> Diagnostic<F> {
    /// Makes a diagnostic of a fault of a file.
    pub fn new(source: Arc<NamedSource<Arc<str>>>, span: Span, fault: F) -> Self {
        Self {
            source,
            span,
            fault,
        }
    }

    /// Yields what is wrong.
    #[must_use]
    pub fn fault(&self) -> &F {
        &self.fault
    }

    /// Yields the place, in bytes.
    #[must_use]
    pub fn span(&self) -> Span {
        self.span
    }

    /// Yields the name of the file, as it was handed over.
    #[must_use]
    pub fn file(&self) -> &str {
        self.source.name()
    }

    /// Yields line and column, both from 1, the column in characters.
    #[must_use]
    pub fn position(&self) -> Position {
        Position::of(self.source.inner(), self.span)
    }
}

impl<F: PartialEq> PartialEq for Diagnostic<F> {
    fn eq(&self, other: &Self) -> bool {
        self.span == other.span && self.fault == other.fault && self.file() == other.file()
    }
}

impl<F: fmt::Debug> fmt::Debug for Diagnostic<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Diagnostic")
            .field("file", &self.file())
            .field("span", &self.span)
            .field("fault", &self.fault)
            .finish()
    }
}

impl<F: fmt::Display> fmt::Display for Diagnostic<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.fault.fmt(f)
    }
}

impl<F: Explain> std::error::Error for Diagnostic<F> {}

impl<F: Explain> miette::Diagnostic for Diagnostic<F> {
    fn code<'a>(&'a self) -> Option<Box<dyn fmt::Display + 'a>> {
        let code: Box<dyn fmt::Display> = Box::new(self.fault.code()?);
        Some(code)
    }

    fn help<'a>(&'a self) -> Option<Box<dyn fmt::Display + 'a>> {
        let text: Box<dyn fmt::Display> = Box::new(self.fault.help()?);
        Some(text)
    }

    fn source_code(&self) -> Option<&dyn SourceCode> {
        Some(self.source.as_ref())
    }

    fn labels(&self) -> Option<Box<dyn Iterator<Item = LabeledSpan> + '_>> {
        Some(Box::new(std::iter::once(LabeledSpan::underline(self.span))))
    }
}
