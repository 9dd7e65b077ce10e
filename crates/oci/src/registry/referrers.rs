//! Reads who refers to a manifest: the referrers API, the fallback tag, cosign's older tags.
//!
//! Specification: distribution-spec "Listing Referrers"; what counts as unsupported and what as unreachable is
//! measured on registries (GHCR, ECR, GitLab) and errs towards "unknown".

use std::sync::Arc;

use reqwest::header::{ACCEPT, HeaderValue, LINK};
use reqwest::{Method, StatusCode};

use super::auth::Scopes;
use super::body;
use super::client::{Redirects, RemoteRepository, Request};
use super::error::{Error, TargetFault};
use super::link;
use super::origin::{same_origin, shown};
use crate::digest::Digest;
use crate::error::Result;
use crate::manifest::{Descriptor, ImageIndex, media_type};
use crate::referrers::{LegacyKind, LegacyTag, Referrers, SourceState, fallback_tag, union};

/// What the API said.
pub(super) enum Api {
    Listed(Vec<Descriptor>),
    Unsupported,
    /// 429: some registries answer that where they have no API.
    RateLimited(crate::Error),
    Unreachable(crate::Error),
}

/// What the fallback tag named.
enum Fallback {
    Index(Vec<Descriptor>),
    Absent,
    /// The registry takes the tag for the digest (GitLab), so it cannot hold a list.
    IsSubject,
}

impl RemoteRepository {
    /// Lists what refers to `subject`: all places, none hiding another.
    ///
    /// # Errors
    /// Limits, and what is wrong on this machine. What a registry fails to say is a state of the result.
    pub fn referrers(&self, subject: &Digest) -> Result<Referrers> {
        let mut entries = Vec::new();
        let api = self.referrers_api(subject)?;
        let mut has_index = false;
        let fallback = match self.fallback(subject) {
            Ok(Fallback::Index(listed)) => {
                has_index = true;
                entries.extend(listed);
                SourceState::Answered
            }
            Ok(Fallback::Absent) => SourceState::Answered,
            Ok(Fallback::IsSubject) => SourceState::Unsupported,
            Err(error) => SourceState::of(error)?,
        };
        let api = match api {
            Api::Listed(listed) => {
                // The registry's own words before those of whoever wrote the tag.
                entries.splice(0..0, listed);
                SourceState::Answered
            }
            Api::Unsupported => SourceState::Unsupported,
            Api::RateLimited(_) if has_index => SourceState::Unsupported,
            Api::RateLimited(error) | Api::Unreachable(error) => SourceState::of(error)?,
        };
        let (legacy, legacy_state) = self.legacy_tags(subject)?;
        Ok(Referrers {
            entries: union(entries),
            api,
            fallback,
            legacy,
            legacy_state,
        })
    }

    pub(super) fn referrers_api(&self, subject: &Digest) -> Result<Api> {
        let limits = &self.core.options.limits;
        let scopes = Scopes::pull(&self.name);
        let first = self.url(&format!("referrers/{subject}"))?;
        let mut url = first.clone();
        let mut entries = Vec::new();
        let mut size = 0_u64;
        for page in 0..limits.referrers_pages {
            let mut request = Request::new(Method::GET, url.clone(), &scopes)
                .header(ACCEPT, HeaderValue::from_static(media_type::OCI_INDEX));
            request.redirects = Redirects::Stay;
            let mut reply = match self.send(&request) {
                Ok(reply) => reply,
                Err(error @ Error::Target { .. }) => return Err(error.into()),
                Err(error) => return Ok(Api::Unreachable(error.into())),
            };
            let status = reply.status();
            if page == 0
                && (matches!(status.as_u16(), 400 | 404 | 405 | 406 | 501)
                    || status.is_redirection())
            {
                return Ok(Api::Unsupported);
            }
            if status != StatusCode::OK {
                let error = self.refusal(reply).into();
                return Ok(if status == StatusCode::TOO_MANY_REQUESTS && page == 0 {
                    Api::RateLimited(error)
                } else {
                    Api::Unreachable(error)
                });
            }
            let content_type = body::media_type(reply.response.headers()).unwrap_or_default();
            let next = reply
                .text(LINK.as_str())
                .and_then(link::next)
                .map(str::to_owned);
            let bytes =
                match body::read(&mut reply.response, &reply.url, limits.referrers_page_size) {
                    Ok(bytes) => bytes,
                    Err(error @ Error::Cut { .. }) => return Ok(Api::Unreachable(error.into())),
                    Err(error) => return Err(error.into()),
                };
            size = size.saturating_add(u64::try_from(bytes.len()).unwrap_or(u64::MAX));
            if size > limits.referrers_size {
                return Err(Error::TooMuch {
                    url: shown(&first),
                    limit: limits.referrers_size,
                    unit: "bytes",
                }
                .into());
            }
            let index = if content_type == media_type::OCI_INDEX {
                ImageIndex::parse(&bytes).ok()
            } else {
                None
            };
            let Some(index) = index else {
                if page == 0 {
                    return Ok(Api::Unsupported);
                }
                return Ok(Api::Unreachable(
                    Error::NotRegistry {
                        url: shown(&reply.url),
                        content_type,
                    }
                    .into(),
                ));
            };
            entries.extend(index.manifests);
            if u64::try_from(entries.len()).unwrap_or(u64::MAX) > limits.referrers_entries {
                return Err(Error::TooMuch {
                    url: shown(&first),
                    limit: limits.referrers_entries,
                    unit: "entries",
                }
                .into());
            }
            let Some(next) = next else {
                return Ok(Api::Listed(entries));
            };
            url = reply.url.join(&next).map_err(|_| Error::Header {
                url: shown(&reply.url),
                header: "Link",
            })?;
            if !same_origin(&reply.url, &url) {
                return Err(Error::Target {
                    from: shown(&reply.url),
                    target: shown(&url),
                    fault: TargetFault::Foreign,
                }
                .into());
            }
        }
        Err(Error::TooMuch {
            url: shown(&first),
            limit: limits.referrers_pages,
            unit: "pages",
        }
        .into())
    }

    fn fallback(&self, subject: &Digest) -> Result<Fallback> {
        let Some(fetched) = self.fetch(&fallback_tag(subject), None)? else {
            return Ok(Fallback::Absent);
        };
        if fetched.descriptor.digest == *subject {
            return Ok(Fallback::IsSubject);
        }
        let index = ImageIndex::parse(&fetched.bytes)?;
        let limit = self.core.options.limits.referrers_entries;
        if u64::try_from(index.manifests.len()).unwrap_or(u64::MAX) > limit {
            return Err(crate::Error::LimitExceeded {
                limit: "referrers-entries",
                max: limit,
            });
        }
        Ok(Fallback::Index(index.manifests))
    }

    fn legacy_tags(&self, subject: &Digest) -> Result<(Vec<LegacyTag>, SourceState)> {
        let mut found = Vec::new();
        let mut state = SourceState::Answered;
        for kind in LegacyKind::ALL {
            let tag = kind.tag(subject);
            match self.fetch(&tag, None) {
                Ok(Some(fetched)) if fetched.descriptor.digest != *subject => {
                    found.push(LegacyTag {
                        kind,
                        tag,
                        descriptor: fetched.descriptor,
                    });
                }
                Ok(_) => {}
                Err(error) => match SourceState::of(error)? {
                    SourceState::Unreachable(error) => {
                        state = SourceState::Unreachable(Arc::clone(&error))
                    }
                    other => state = other,
                },
            }
        }
        Ok((found, state))
    }
}
