//! GitHub Actions: the build's facts, the id-token endpoint, the job summary and the outputs of a step.
//!
//! Documented by GitHub under "Workflow commands for GitHub Actions" and "OpenID Connect reference". `GITHUB_ENV` and `GITHUB_PATH` are
//! never written.

use std::fmt::Write as _;
use std::io::{Read, Write as _};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use reqwest::blocking::Client;
use reqwest::redirect::Policy;
use toolkit_attest::IdentityToken;
use toolkit_attest::predicate::slsa::GithubActions;
use toolkit_oci::registry::Secret;
use url::{Host, Url};

use super::TokenError;
use super::facts::{agreed, commit, fact, full_ref};
use crate::env;
use crate::error::{Error, Result};

/// Bytes of a job summary that GitHub shows for one step; a longer file is refused there.
const SUMMARY_SIZE: usize = 1 << 20;

/// Bytes of the endpoint's answer that are read: a token is near 2 KiB.
const ANSWER_SIZE: u64 = 128 << 10;

/// How often the endpoint is asked, and the first pause between two tries.
const TRIES: u32 = 4;
const PAUSE: Duration = Duration::from_millis(500);

/// Gathers the facts of the job; only the token says which workflow a called one belongs to.
///
/// # Errors
/// [`Error::BuildFact`] where a variable that GitHub always sets is missing, [`Error::BuildFactForm`] where one has not its form.
pub(super) fn build_facts(token: Option<&IdentityToken>) -> Result<GithubActions> {
    const SYSTEM: &str = "GitHub Actions";
    let fact = |variable| fact(SYSTEM, variable);
    let facts = GithubActions {
        server_url: fact(env::GITHUB_SERVER_URL)?,
        repository: fact(env::GITHUB_REPOSITORY)?,
        repository_id: fact(env::GITHUB_REPOSITORY_ID)?,
        repository_owner_id: fact(env::GITHUB_REPOSITORY_OWNER_ID)?,
        reference: full_ref(SYSTEM, env::GITHUB_REF)?,
        sha: commit(SYSTEM, env::GITHUB_SHA)?,
        event_name: fact(env::GITHUB_EVENT_NAME)?,
        workflow_ref: fact(env::GITHUB_WORKFLOW_REF)?,
        job_workflow_ref: token
            .and_then(|token| token.claim("job_workflow_ref"))
            .map(str::to_owned),
        runner_environment: fact(env::RUNNER_ENVIRONMENT)?,
        run_id: fact(env::GITHUB_RUN_ID)?,
        run_attempt: fact(env::GITHUB_RUN_ATTEMPT)?,
    };
    let claim = |name| token.and_then(|token| token.claim(name));
    for (variable, found, claimed) in [
        (env::GITHUB_REPOSITORY, &facts.repository, "repository"),
        (env::GITHUB_REF, &facts.reference, "ref"),
        (env::GITHUB_SHA, &facts.sha, "sha"),
    ] {
        agreed(SYSTEM, variable, found, claim(claimed))?;
    }
    Ok(facts)
}

/// Asks the id-token endpoint for a token with Sigstore's audience.
pub(super) fn identity_token() -> Result<Secret, TokenError> {
    let (Some(url), Some(password)) = (
        env::text(env::ACTIONS_ID_TOKEN_REQUEST_URL),
        env::text(env::ACTIONS_ID_TOKEN_REQUEST_TOKEN),
    ) else {
        return Err(TokenError::NoPermission);
    };
    request(&url, &Secret::new(password))
}

fn request(address: &str, password: &Secret) -> Result<Secret, TokenError> {
    let shown = address.split('?').next().unwrap_or_default().to_owned();
    let refused = |reason| TokenError::Endpoint {
        url: shown.clone(),
        reason,
    };
    let mut url = Url::parse(address).map_err(|_| refused("it is no URL"))?;
    if url.scheme() != "https" && !is_loopback(&url) {
        return Err(refused("it is neither https nor on loopback"));
    }
    url.query_pairs_mut().append_pair("audience", AUDIENCE);
    // The password must reach nobody but the endpoint, so no redirect is followed.
    let client = Client::builder()
        .redirect(Policy::none())
        .connect_timeout(Duration::from_secs(10))
        .timeout(Duration::from_secs(30))
        .build()
        .map_err(|_| refused("the client cannot be started"))?;
    let mut pause = PAUSE;
    for tries in 1.. {
        let asked = Instant::now();
        let answer = client
            .get(url.clone())
            .bearer_auth(password.expose())
            .header("accept", "application/json")
            .send();
        let ms = asked.elapsed().as_millis();
        let status = answer.as_ref().ok().map(|answer| answer.status().as_u16());
        tracing::debug!(method = "GET", url = %shown, status, ms, "request");
        let failure = match answer {
            Ok(answer) if answer.status().is_success() => return token_of(answer, &shown),
            Ok(answer) if !answer.status().is_server_error() && answer.status().as_u16() != 429 => {
                return Err(TokenError::Status {
                    url: shown,
                    status: answer.status().as_u16(),
                });
            }
            Ok(answer) => format!("status {}", answer.status().as_u16()),
            Err(error) => error.without_url().to_string(),
        };
        if tries == TRIES {
            return Err(TokenError::Unreachable {
                url: shown,
                tries,
                reason: failure,
            });
        }
        std::thread::sleep(pause);
        pause *= 2;
    }
    unreachable!("the loop ends at {TRIES} tries")
}

/// The audience that Fulcio demands (fulcio's `docs/oidc.md`).
const AUDIENCE: &str = "sigstore";

#[derive(serde::Deserialize)]
struct Answer {
    value: String,
}

fn token_of(answer: reqwest::blocking::Response, url: &str) -> Result<Secret, TokenError> {
    let wrong = |reason: String| TokenError::Answer {
        url: url.to_owned(),
        reason,
    };
    let mut body = Vec::new();
    answer
        .take(ANSWER_SIZE)
        .read_to_end(&mut body)
        .map_err(|error| wrong(error.kind().to_string()))?;
    // The parser's words could quote the token.
    let answer: Answer = serde_json::from_slice(&body)
        .map_err(|_| wrong("expected JSON with `value`".to_owned()))?;
    Ok(Secret::new(answer.value))
}

fn is_loopback(url: &Url) -> bool {
    url.scheme() == "http"
        && match url.host() {
            Some(Host::Ipv4(address)) => address.is_loopback(),
            Some(Host::Ipv6(address)) => address.is_loopback(),
            Some(Host::Domain(name)) => name == "localhost",
            None => false,
        }
}

/// Appends Markdown to the job's summary.
#[derive(Debug)]
pub(crate) struct Summary {
    path: PathBuf,
}

impl Summary {
    /// Finds the summary's file; there is none outside of GitHub Actions.
    pub(crate) fn from_environment() -> Option<Self> {
        env::read(env::GITHUB_STEP_SUMMARY).map(|path| Self {
            path: PathBuf::from(path),
        })
    }

    /// Appends a text, cut at GitHub's limit.
    ///
    /// # Errors
    /// [`Error::Write`] where the file refuses.
    pub(crate) fn append(&self, markdown: &str) -> Result<()> {
        const CUT: &str = "\n\n… cut at GitHub's limit\n";
        let mut text = markdown;
        let mut tail = "";
        if markdown.len() > SUMMARY_SIZE {
            let end = markdown.floor_char_boundary(SUMMARY_SIZE - CUT.len());
            (text, tail) = (markdown.get(..end).unwrap_or_default(), CUT);
        }
        append(&self.path, &format!("{text}{tail}"))
    }
}

/// Escapes foreign text for a line of GitHub-flavoured Markdown: nothing in it is markup, a link, a mention or a table border.
pub(crate) fn markdown(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for character in crate::output::printable(text).chars() {
        match character {
            '\n' | '\t' => safe.push(' '),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '&' => safe.push_str("&amp;"),
            '@' => safe.push_str("&#64;"),
            '\\' | '`' | '*' | '_' | '{' | '}' | '[' | ']' | '(' | ')' | '#' | '+' | '-' | '!'
            | '|' | '~' => {
                safe.push('\\');
                safe.push(character);
            }
            other => safe.push(other),
        }
    }
    safe
}

/// Sets outputs of the step.
#[derive(Debug)]
pub(crate) struct Outputs {
    path: PathBuf,
}

impl Outputs {
    /// Finds the outputs' file; there is none outside of GitHub Actions.
    pub(crate) fn from_environment() -> Option<Self> {
        env::read(env::GITHUB_OUTPUT).map(|path| Self {
            path: PathBuf::from(path),
        })
    }

    /// Sets outputs, each in the heredoc form with a delimiter of its own that nobody can guess.
    ///
    /// # Errors
    /// [`Error::OutputDelimiter`] where a value contains the delimiter, [`Error::Write`] where the file refuses.
    pub(crate) fn set(&self, outputs: &[(&str, &str)]) -> Result<()> {
        let mut text = String::new();
        for (name, value) in outputs {
            heredoc(&mut text, name, value, &delimiter())?;
        }
        append(&self.path, &text)
    }
}

fn delimiter() -> String {
    format!("toolkit_{:032x}", fastrand::u128(..))
}

fn heredoc(text: &mut String, name: &str, value: &str, delimiter: &str) -> Result<()> {
    // A value that could end the block early would set outputs of its own.
    if value.contains(delimiter)
        || name.contains(delimiter)
        || name.contains(['\n', '\r', '<', '='])
    {
        return Err(Error::OutputDelimiter {
            name: name.to_owned(),
        });
    }
    // Writing to a String cannot fail.
    let _ = write!(text, "{name}<<{delimiter}\n{value}\n{delimiter}\n");
    Ok(())
}

fn append(path: &Path, text: &str) -> Result<()> {
    let failed = |source| Error::Write {
        path: path.to_path_buf(),
        source,
    };
    let mut file = fs_err::OpenOptions::new()
        .append(true)
        .create(true)
        .open(path)
        .map_err(failed)?;
    file.write_all(text.as_bytes()).map_err(failed)
}

#[cfg(test)]
mod tests {
    use std::io::{BufRead, BufReader};
    use std::net::TcpListener;
    use std::thread::JoinHandle;

    use super::*;

    /// Answers each connection with the next of these raw HTTP answers and returns the heads of the requests.
    fn serve(answers: Vec<String>) -> (String, JoinHandle<Vec<String>>) {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port on loopback");
        let address = listener.local_addr().expect("its address");
        let server = std::thread::spawn(move || {
            answers
                .into_iter()
                .map(|answer| {
                    let (mut stream, _) = listener.accept().expect("a connection");
                    let mut head = String::new();
                    let mut reader = BufReader::new(stream.try_clone().expect("the connection"));
                    while !head.ends_with("\r\n\r\n")
                        && reader.read_line(&mut head).expect("a line") > 0
                    {}
                    stream.write_all(answer.as_bytes()).expect("the answer");
                    head
                })
                .collect()
        });
        (format!("http://{address}/token?api-version=2"), server)
    }

    fn http(status: &str, body: &str) -> String {
        format!(
            "HTTP/1.1 {status}\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{body}",
            body.len()
        )
    }

    #[test]
    fn the_endpoint_is_asked_with_audience_and_password() {
        let (url, server) = serve(vec![
            http("503 busy", ""),
            http("200 OK", r#"{"count":1,"value":"ey.a.b"}"#),
        ]);
        let token = request(&url, &Secret::new("hunter2")).expect("a token");
        assert_eq!(token.expose(), "ey.a.b");
        let heads = server.join().expect("the server");
        assert!(
            heads[1].starts_with("GET /token?api-version=2&audience=sigstore HTTP/1.1"),
            "{}",
            heads[1]
        );
        assert!(
            heads[1]
                .to_lowercase()
                .contains("authorization: bearer hunter2"),
            "{}",
            heads[1]
        );
    }

    #[test]
    fn what_is_no_token_is_refused() {
        let moved = "HTTP/1.1 302 Found\r\nlocation: http://127.0.0.1:1/\r\ncontent-length: 0\r\nconnection: close\r\n\r\n".to_owned();
        for (answer, expected) in [
            (moved, "answered status 302"),
            (http("403 no", ""), "answered status 403"),
            (http("200 OK", "ey.secret"), "expected JSON with `value`"),
        ] {
            let (url, server) = serve(vec![answer]);
            let error = request(&url, &Secret::new("hunter2"))
                .expect_err("a refusal")
                .to_string();
            assert!(
                error.contains(expected)
                    && !error.contains("secret")
                    && !error.contains("api-version"),
                "{error}"
            );
            server.join().expect("the server");
        }
        for url in ["http://tokens.example/", "ftp://127.0.0.1/", "no url"] {
            assert!(
                matches!(
                    request(url, &Secret::new("x")),
                    Err(TokenError::Endpoint { .. })
                ),
                "{url}"
            );
        }
    }

    #[test]
    fn values_cannot_set_outputs_of_their_own() {
        let mut text = String::new();
        heredoc(&mut text, "digest", "a\nverdict=allow\nEOF", "toolkit_1").expect("a block");
        assert_eq!(
            text,
            "digest<<toolkit_1\na\nverdict=allow\nEOF\ntoolkit_1\n"
        );
        for (name, value) in [
            ("digest", "a\ntoolkit_1\nverdict=allow"),
            ("a\nb", ""),
            ("a=b", ""),
            ("a<<x", ""),
        ] {
            let result = heredoc(&mut String::new(), name, value, "toolkit_1");
            assert!(
                matches!(result, Err(Error::OutputDelimiter { .. })),
                "{name}: {result:?}"
            );
        }
        assert_ne!(delimiter(), delimiter());
    }

    #[test]
    fn foreign_text_is_no_markdown() {
        assert_eq!(
            markdown("a|b\n<img src=x> @team [x](y) `c`\u{1b}"),
            "a\\|b &lt;img src=x&gt; &#64;team \\[x\\]\\(y\\) \\`c\\`\\\\u\\{1b\\}"
        );
    }

    #[test]
    fn a_summary_is_cut_at_the_limit() {
        let directory = tempfile::tempdir().expect("a temporary directory");
        let summary = Summary {
            path: directory.path().join("summary.md"),
        };
        summary.append("first\n").expect("the summary");
        summary
            .append(&"ü".repeat(SUMMARY_SIZE))
            .expect("the summary");
        let text = fs_err::read_to_string(&summary.path).expect("the summary");
        assert!(text.starts_with("first\nü") && text.ends_with("… cut at GitHub's limit\n"));
        assert!(
            text.len() <= SUMMARY_SIZE + "first\n".len(),
            "{}",
            text.len()
        );
    }
}
