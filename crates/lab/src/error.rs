//! Why the lab could not start or serve.

use std::io;

/// Says why a lab could not be started or an image not be built.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A listener on the loopback address could not be opened.
    #[error("cannot listen on `127.0.0.1`")]
    Listen(#[source] io::Error),
    /// The runtime or its thread could not be started.
    #[error("cannot start the lab's thread")]
    Thread(#[source] io::Error),
    /// The operating system gave no random bytes for a key.
    #[error("the operating system gave no random bytes: {0}")]
    Random(getrandom::Error),
    /// No RSA key for identity tokens could be made.
    #[error("cannot make an RSA key")]
    Rsa(#[source] rsa::Error),
    /// A file of an image layout could not be written, or a layer not be built.
    #[error("cannot write the image")]
    Image(#[source] io::Error),
}

/// The result of the lab's own operations.
pub type Result<T> = std::result::Result<T, Error>;

/// What is wrong with bytes that a client sent; ends up in the answer's message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Malformed(pub(crate) &'static str);
