//! Content digests, and the reader that checks them while bytes pass.
//!
//! Only the algorithms that image-spec `descriptor.md` registers and that are safe today are known: sha256 and sha512.

use std::fmt;
use std::io::{self, Read};
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use sha2::Digest as _;

use crate::error::{Error, Result};

/// Names a digest algorithm (image-spec `descriptor.md`, "Registered algorithms").
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Algorithm {
    /// SHA-256, 64 hexadecimal digits.
    Sha256,
    /// SHA-512, 128 hexadecimal digits.
    Sha512,
}

impl Algorithm {
    /// Returns the name as it stands before the colon.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Sha256 => "sha256",
            Self::Sha512 => "sha512",
        }
    }

    fn hex_len(self) -> usize {
        match self {
            Self::Sha256 => 64,
            Self::Sha512 => 128,
        }
    }
}

/// Holds a digest such as `sha256:e3b0…`, checked for form.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Digest {
    algorithm: Algorithm,
    hex: Box<str>,
}

impl Digest {
    /// Parses `algorithm:hex`, lower case only as image-spec demands.
    ///
    /// # Errors
    /// [`Error::InvalidDigest`] with the rule that is broken.
    pub fn parse(text: &str) -> Result<Self> {
        let fault = |reason| Error::InvalidDigest {
            found: excerpt(text),
            reason,
        };
        let (algorithm, hex) = text
            .split_once(':')
            .ok_or_else(|| fault("it has no colon"))?;
        let algorithm = match algorithm {
            "sha256" => Algorithm::Sha256,
            "sha512" => Algorithm::Sha512,
            _ => return Err(fault("the algorithm is neither sha256 nor sha512")),
        };
        if hex.len() != algorithm.hex_len() {
            return Err(fault("it has the wrong number of digits"));
        }
        if !hex
            .bytes()
            .all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
        {
            return Err(fault("it has other digits than 0-9 and a-f"));
        }
        Ok(Self {
            algorithm,
            hex: hex.into(),
        })
    }

    /// Computes the sha256 digest of bytes in memory.
    pub fn sha256(bytes: &[u8]) -> Self {
        Self::of(Algorithm::Sha256, bytes)
    }

    /// Computes the digest of bytes in memory by any algorithm.
    pub fn of(algorithm: Algorithm, bytes: &[u8]) -> Self {
        let mut hasher = Hasher::new(algorithm);
        hasher.update(bytes);
        hasher.finish()
    }

    /// Returns the algorithm.
    pub fn algorithm(&self) -> Algorithm {
        self.algorithm
    }

    /// Returns the hexadecimal digits without the algorithm.
    pub fn hex(&self) -> &str {
        &self.hex
    }

    /// Checks bytes in memory against this digest.
    ///
    /// # Errors
    /// [`Error::DigestMismatch`] with both digests.
    pub fn check(&self, bytes: &[u8]) -> Result<()> {
        let found = Self::of(self.algorithm, bytes);
        if found == *self {
            Ok(())
        } else {
            Err(Error::DigestMismatch {
                expected: self.clone(),
                found,
            })
        }
    }
}

impl fmt::Display for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.algorithm.as_str(), self.hex)
    }
}

impl fmt::Debug for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl FromStr for Digest {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        Self::parse(text)
    }
}

impl Serialize for Digest {
    fn serialize<S: Serializer>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Digest {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> std::result::Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Self::parse(&text).map_err(serde::de::Error::custom)
    }
}

/// Computes a digest piece by piece.
#[derive(Debug, Clone)]
pub struct Hasher(State);

#[derive(Debug, Clone)]
enum State {
    Sha256(sha2::Sha256),
    Sha512(sha2::Sha512),
}

impl Hasher {
    /// Starts with no bytes.
    pub fn new(algorithm: Algorithm) -> Self {
        Self(match algorithm {
            Algorithm::Sha256 => State::Sha256(sha2::Sha256::new()),
            Algorithm::Sha512 => State::Sha512(sha2::Sha512::new()),
        })
    }

    /// Adds bytes.
    pub fn update(&mut self, bytes: &[u8]) {
        match &mut self.0 {
            State::Sha256(state) => state.update(bytes),
            State::Sha512(state) => state.update(bytes),
        }
    }

    /// Returns the digest of all bytes added.
    pub fn finish(self) -> Digest {
        match self.0 {
            State::Sha256(state) => Digest {
                algorithm: Algorithm::Sha256,
                hex: hex::encode(state.finalize()).into(),
            },
            State::Sha512(state) => Digest {
                algorithm: Algorithm::Sha512,
                hex: hex::encode(state.finalize()).into(),
            },
        }
    }
}

/// Reads bytes of a promised size and digest and fails where they differ.
///
/// The last bytes are handed out only after size and digest were found right, so whoever has read `size` bytes or the
/// end of the stream has read the right ones. What was read before that is not yet proven. A failure repeats on every
/// further read. The `io::Error` carries [`Error::SizeMismatch`] or [`Error::DigestMismatch`], which
/// `Error::from(io::Error)` takes out again.
#[derive(Debug)]
pub struct Verifying<R> {
    inner: R,
    expected: Digest,
    size: u64,
    read: u64,
    stage: Stage,
}

#[derive(Debug)]
enum Stage {
    Reading(Hasher),
    Verified,
    Refused(Refusal),
}

#[derive(Debug, Clone)]
enum Refusal {
    Size(u64),
    Digest(Digest),
}

impl<R: Read> Verifying<R> {
    /// Wraps a reader of untrusted bytes.
    pub fn new(inner: R, digest: Digest, size: u64) -> Self {
        let hasher = Hasher::new(digest.algorithm());
        Self {
            inner,
            expected: digest,
            size,
            read: 0,
            stage: Stage::Reading(hasher),
        }
    }

    /// Returns the bytes read so far.
    pub fn position(&self) -> u64 {
        self.read
    }

    /// Reads and checks what is left without handing it out.
    ///
    /// # Errors
    /// Size or digest mismatch, or what the inner reader says.
    pub fn finish(mut self) -> Result<()> {
        io::copy(&mut self, &mut io::sink())?;
        Ok(())
    }

    /// Reads everything into memory, once the promised size was found to be at most `max`.
    ///
    /// # Errors
    /// [`Error::LimitExceeded`] named `limit`, size or digest mismatch, or what the inner reader says.
    pub fn into_bytes(mut self, limit: &'static str, max: u64) -> Result<Vec<u8>> {
        if self.size > max {
            return Err(Error::LimitExceeded { limit, max });
        }
        let mut bytes = Vec::new();
        self.read_to_end(&mut bytes)?;
        Ok(bytes)
    }

    fn refusal(&self, refusal: Refusal) -> io::Error {
        io::Error::from(match refusal {
            Refusal::Size(found) => Error::SizeMismatch {
                expected: self.size,
                found,
            },
            Refusal::Digest(found) => Error::DigestMismatch {
                expected: self.expected.clone(),
                found,
            },
        })
    }

    fn refuse<T>(&mut self, refusal: Refusal) -> io::Result<T> {
        self.stage = Stage::Refused(refusal.clone());
        Err(self.refusal(refusal))
    }
}

impl<R: Read> Read for Verifying<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let hasher = match &mut self.stage {
            Stage::Reading(hasher) => hasher,
            Stage::Verified => return Ok(0),
            Stage::Refused(refusal) => {
                let refusal = refusal.clone();
                return Err(self.refusal(refusal));
            }
        };
        let left = usize::try_from(self.size - self.read).unwrap_or(usize::MAX);
        let window = buffer.len().min(left);
        if window == 0 && self.read < self.size {
            return Ok(0);
        }
        let count = match buffer.get_mut(..window) {
            Some(window) if !window.is_empty() => self.inner.read(window)?,
            _ => 0,
        };
        let bytes = buffer.get(..count).unwrap_or_default();
        hasher.update(bytes);
        self.read += u64::try_from(count).unwrap_or(u64::MAX);
        if self.read < self.size {
            if count == 0 {
                return self.refuse(Refusal::Size(self.read));
            }
            return Ok(count);
        }
        let mut extra = [0; 1];
        loop {
            match self.inner.read(&mut extra) {
                Ok(0) => break,
                Ok(_) => return self.refuse(Refusal::Size(self.size.saturating_add(1))),
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        let Stage::Reading(hasher) = std::mem::replace(&mut self.stage, Stage::Verified) else {
            return Ok(0);
        };
        let found = hasher.finish();
        if found != self.expected {
            return self.refuse(Refusal::Digest(found));
        }
        Ok(count)
    }
}

/// Shortens foreign text for a message.
pub(crate) fn excerpt(text: &str) -> String {
    let mut short: String = text
        .chars()
        .take(100)
        .flat_map(char::escape_debug)
        .collect();
    if text.chars().nth(100).is_some() {
        short.push('…');
    }
    short
}

#[cfg(test)]
mod tests {
    use super::*;

    const EMPTY: &str = "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

    #[test]
    fn digests_parse_or_say_why() {
        let sha512 = format!("sha512:{}", "0a".repeat(64));
        for good in [EMPTY, sha512.as_str()] {
            assert_eq!(Digest::parse(good).unwrap().to_string(), good);
        }
        let bad = [
            ("", "it has no colon"),
            ("e3b0", "it has no colon"),
            ("sha384:00", "the algorithm is neither sha256 nor sha512"),
            ("SHA256:00", "the algorithm is neither sha256 nor sha512"),
            ("sha256:e3b0", "it has the wrong number of digits"),
            (
                &format!("sha256:{}", "zz".repeat(32)),
                "it has other digits than 0-9 and a-f",
            ),
            (
                &format!("sha256:{}", "AB".repeat(32)),
                "it has other digits than 0-9 and a-f",
            ),
            (
                &format!("sha512:{}", "00".repeat(32)),
                "it has the wrong number of digits",
            ),
        ];
        for (text, expected) in bad {
            let error = Digest::parse(text).unwrap_err();
            assert!(
                matches!(&error, Error::InvalidDigest { reason, .. } if *reason == expected),
                "{text}: {error}"
            );
        }
    }

    #[test]
    fn known_digests() {
        assert_eq!(Digest::sha256(b"").to_string(), EMPTY);
        let abc = "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a\
                   2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f";
        assert_eq!(Digest::of(Algorithm::Sha512, b"abc").hex(), abc);
    }

    /// Hands out at most `1` byte a call, as a slow network does.
    struct Dribble<'a>(&'a [u8]);

    impl Read for Dribble<'_> {
        fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
            let end = buffer.len().min(1);
            self.0.read(&mut buffer[..end])
        }
    }

    #[test]
    fn verifying_checks_size_and_digest() {
        let digest = Digest::sha256(b"hello");
        let table: [(&[u8], u64, Option<&str>); 6] = [
            (b"hello", 5, None),
            (b"hellO", 5, Some("digest")),
            (b"hell", 5, Some("size 5 4")),
            (b"hello!", 5, Some("size 5 6")),
            (b"hello", 4, Some("size 4 5")),
            (b"", 5, Some("size 5 0")),
        ];
        for (bytes, size, expected) in table {
            let mut reader = Verifying::new(Dribble(bytes), digest.clone(), size);
            let mut out = Vec::new();
            let first = reader.read_to_end(&mut out).err().map(Error::from);
            let again = reader.read(&mut [0; 8]).err().map(Error::from);
            for error in [first, again] {
                let found = error.map(|error| match error {
                    Error::SizeMismatch { expected, found } => format!("size {expected} {found}"),
                    Error::DigestMismatch { expected, found } => {
                        assert_eq!(expected, digest);
                        assert_eq!(found, Digest::sha256(bytes));
                        "digest".to_owned()
                    }
                    other => other.to_string(),
                });
                assert_eq!(found.as_deref(), expected, "{bytes:?} {size}");
            }
        }
    }

    #[test]
    fn the_last_byte_is_only_handed_out_when_verified() {
        let mut reader = Verifying::new(&b"hellO"[..], Digest::sha256(b"hello"), 5);
        assert!(reader.read_exact(&mut [0; 5]).is_err());
        let mut reader = Verifying::new(&b"hello!"[..], Digest::sha256(b"hello"), 5);
        assert!(reader.read_exact(&mut [0; 5]).is_err());
        let mut reader = Verifying::new(&b""[..], Digest::sha256(b""), 0);
        assert_eq!(reader.read(&mut [0; 5]).unwrap(), 0);
        assert!(
            Verifying::new(&b"x"[..], Digest::sha256(b""), 0)
                .finish()
                .is_err()
        );
    }
}
