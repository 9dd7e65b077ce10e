//! Reads bodies of answers up to a limit, and makes errors out of refusals.
//!
//! It does not stream blobs; `pull` does.

use std::io::{self, Read};
use std::time::{Duration, Instant};

use reqwest::StatusCode;
use reqwest::blocking::Response;
use reqwest::header::{CONTENT_TYPE, HeaderMap};
use serde::Deserialize;
use url::Url;

use super::error::{Answer, Error, Result};
use super::origin::shown;
use super::retry::retry_after;

/// Characters of an error message that are kept: a line.
const MAX_MESSAGE: usize = 300;

#[derive(Deserialize)]
struct Errors {
    errors: Vec<Item>,
}

#[derive(Deserialize)]
struct Item {
    code: Option<String>,
    message: Option<String>,
}

/// Longest time that a whole body may take: 8 MiB, the largest, at 28 KiB/s. The client's own time-out begins anew with every byte, so that a
/// registry that sends one byte a minute would never be given up.
const LONGEST: Duration = Duration::from_secs(300);

/// A reader that fails when its time is over.
struct Timed<R> {
    reader: R,
    until: Instant,
}

impl<R: Read> Read for Timed<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if Instant::now() > self.until {
            return Err(io::ErrorKind::TimedOut.into());
        }
        self.reader.read(buffer)
    }
}

/// Reads a whole body of at most `limit` bytes.
pub(super) fn read(response: &mut Response, url: &Url, limit: u64) -> Result<Vec<u8>> {
    read_within(response, url, limit, LONGEST)
}

fn read_within(
    response: &mut Response,
    url: &Url,
    limit: u64,
    longest: Duration,
) -> Result<Vec<u8>> {
    let too_much = || Error::TooMuch {
        url: shown(url),
        limit,
        unit: "bytes",
    };
    if response
        .content_length()
        .is_some_and(|length| length > limit)
    {
        return Err(too_much());
    }
    let expected = response.content_length();
    let mut bytes = Vec::new();
    let timed = Timed {
        reader: response.by_ref(),
        until: Instant::now() + longest,
    };
    let read = timed.take(limit.saturating_add(1)).read_to_end(&mut bytes);
    let found = u64::try_from(bytes.len()).unwrap_or(u64::MAX);
    if read.is_err() {
        return Err(Error::Cut {
            url: shown(url),
            expected: expected.unwrap_or(0).max(found),
            found,
        });
    }
    if found > limit {
        return Err(too_much());
    }
    Ok(bytes)
}

/// Media type of an answer, without parameters, in lower case.
pub(super) fn media_type(headers: &HeaderMap) -> Option<String> {
    let value = headers.get(CONTENT_TYPE)?.to_str().ok()?;
    let value = value.split(';').next().unwrap_or(value).trim();
    (!value.is_empty()).then(|| value.to_ascii_lowercase())
}

/// Turns an answer that is no success into the error that it is.
pub(super) fn refusal(mut response: Response, url: &Url, registry: &str, limit: u64) -> Error {
    let status = response.status();
    let wait = retry_after(response.headers());
    let mut bytes = Vec::new();
    // What the registry said is a courtesy: a broken error body is still this error.
    let timed = Timed {
        reader: response.by_ref(),
        until: Instant::now() + LONGEST,
    };
    let _ = timed.take(limit).read_to_end(&mut bytes);
    let answer = answer(&bytes);
    let url = shown(url);
    match status {
        StatusCode::UNAUTHORIZED => Error::Unauthorized {
            registry: registry.to_owned(),
            answer,
        },
        StatusCode::FORBIDDEN => Error::Forbidden { url, answer },
        StatusCode::NOT_FOUND => Error::NotFound { url, answer },
        StatusCode::TOO_MANY_REQUESTS => Error::RateLimited { url, wait, answer },
        _ => Error::Status {
            url,
            status: status.as_u16(),
            answer,
        },
    }
}

/// Reads an error body of distribution-spec, or the beginning of any other text.
pub(super) fn answer(bytes: &[u8]) -> Answer {
    if let Ok(Errors { errors }) = serde_json::from_slice::<Errors>(bytes)
        && let Some(first) = errors.into_iter().next()
    {
        return Answer {
            code: first.code.map(|code| line(&code)),
            message: line(&first.message.unwrap_or_default()),
        };
    }
    Answer {
        code: None,
        message: line(&String::from_utf8_lossy(bytes)),
    }
}

pub(super) fn line(text: &str) -> String {
    let mut line = String::new();
    for c in text.trim().chars().take(MAX_MESSAGE) {
        // A registry's text must not reach the terminal's control functions.
        if c.is_control()
            || matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
        {
            line.extend(c.escape_unicode());
        } else {
            line.push(c);
        }
    }
    line
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_body_that_drips_is_given_up() {
        use std::io::Write;

        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}/", listener.local_addr().unwrap());
        let server = std::thread::spawn(move || {
            let (mut stream, _) = listener.accept().unwrap();
            // An answer before the request is no answer to it: the client would refuse the connection.
            let mut request = [0; 4096];
            assert!(stream.read(&mut request).unwrap() > 0);
            let _ = stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 1000\r\n\r\n");
            // Always sooner than any time-out of the client, and for 20 seconds unless it hangs up.
            for _ in 0..1000 {
                std::thread::sleep(Duration::from_millis(20));
                if stream.write_all(b"x").is_err() {
                    break;
                }
            }
        });
        let client = reqwest::blocking::Client::new();
        let mut response = client.get(&url).send().unwrap();
        let url = Url::parse(&url).unwrap();
        let error =
            read_within(&mut response, &url, 10_000, Duration::from_millis(300)).unwrap_err();
        assert!(
            matches!(&error, Error::Cut { expected: 1000, found, .. } if *found < 1000),
            "{error:?}"
        );
        drop(response);
        server.join().unwrap();
    }

    #[test]
    fn error_bodies_of_all_kinds_become_one_line() {
        let cases: &[(&[u8], Option<&str>, &str)] = &[
            (
                br#"{"errors":[{"code":"DENIED","message":"no","detail":{}}]}"#,
                Some("DENIED"),
                "no",
            ),
            (br#"{"errors":[{"code":"X"}]}"#, Some("X"), ""),
            (br#"{"errors":[]}"#, None, r#"{"errors":[]}"#),
            (b"404 page not found\n", None, "404 page not found"),
            (b"a\x1b[31mb", None, "a\\u{1b}[31mb"),
            (b"a\nb", None, "a\\u{a}b"),
            (b"", None, ""),
        ];
        for (body, code, message) in cases {
            assert_eq!(
                answer(body),
                Answer {
                    code: code.map(str::to_owned),
                    message: (*message).to_owned()
                }
            );
        }
        assert_eq!(answer(&[b'x'; 5000]).message.len(), MAX_MESSAGE);
    }
}
