//! Turns the text of a policy file into a [`Policy`], or into all of its faults.
//!
//! The grammar is walked by hand over the nodes of [`toolkit_vulndb::config`]: an unknown key, a missing one, a value of another
//! kind are reported where they stand, and the walk goes on, so that one run shows every fault. No file that the
//! policy names is read.

mod exception;
mod identity;
mod licences;
mod line;
mod packages;
mod pattern;
mod rule;
mod vulnerabilities;

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::Timestamp;
use jiff::tz::TimeZone;
use miette::NamedSource;

use toolkit_vulndb::config::{self, Node, Span};

use crate::error::{Diagnostic, Fault};
use crate::model::{NoMatch, Policy, Trust};

pub use line::IdentityLine;

/// Walks a policy file.
type Walk<'t> = config::Walk<'t, Fault>;

const TOP: &[&str] = &[
    "version",
    "name",
    "trust",
    "identities",
    "rules",
    "exceptions",
    "noMatch",
];

/// Checks a policy file of the given name and text; `now` bounds how long an exception may last.
///
/// # Errors
/// All faults of the file, in the order of their places.
pub fn check(name: &str, text: &str, now: Timestamp) -> Result<Policy, Vec<Diagnostic>> {
    let source = Arc::new(NamedSource::new(name, Arc::<str>::from(text)));
    let (root, faults) = config::yaml::parse(text);
    let mut walk = Walk::new(text, TimeZone::UTC.to_datetime(now).date(), faults);
    let policy = root.and_then(|root| policy(&mut walk, &root, &source));
    match (policy, walk.into_faults()) {
        (Some(policy), faults) if faults.is_empty() => Ok(policy),
        (_, mut faults) => {
            faults.sort_by_key(|(span, _)| *span);
            Err(faults
                .into_iter()
                .map(|(span, fault)| Diagnostic::new(Arc::clone(&source), span, fault))
                .collect())
        }
    }
}

fn policy(walk: &mut Walk<'_>, root: &Node, source: &Arc<NamedSource<Arc<str>>>) -> Option<Policy> {
    let top = walk.map(root, root.span, "the policy", TOP)?;
    if let Some(version) = top.required(walk, "version")
        && let Some(version) = walk.text(version, "`version`")
        && version.value != "1"
    {
        walk.fault(
            version.span,
            Fault::UnknownVersion {
                found: version.value,
            },
        );
    }
    let name = top
        .required(walk, "name")
        .and_then(|node| walk.name(node, "a policy"));
    let trust = match top.get("trust") {
        Some(node) => trust(walk, node, top.span_of("trust")),
        None => Some(Trust::Public),
    };
    let identities = match top.get("identities") {
        Some(node) => identity::identities(walk, node, top.span_of("identities")),
        None => Some(BTreeMap::new()),
    };
    let known: Vec<String> = match top.get("identities") {
        Some(node) => config::keys(node),
        None => Vec::new(),
    };
    let rules = top
        .required(walk, "rules")
        .and_then(|node| rule::rules(walk, node, &known));
    let exceptions = match top.get("exceptions") {
        Some(node) => exception::exceptions(walk, node),
        None => Some(Vec::new()),
    };
    let no_match = match top.get("noMatch") {
        Some(node) => walk.word(
            node,
            "`noMatch`",
            "answer",
            &[("deny", NoMatch::Deny), ("allow", NoMatch::Allow)],
        ),
        None => Some(NoMatch::Deny),
    };
    Some(Policy {
        source: Arc::clone(source),
        name: name?,
        trust: trust?,
        identities: identities?,
        rules: rules?,
        exceptions: exceptions?,
        no_match: no_match?,
    })
}

fn trust(walk: &mut Walk<'_>, node: &Node, at: Span) -> Option<Trust> {
    let trust = walk.map(node, at, "`trust`", &["root"])?;
    let root = trust.required(walk, "root")?;
    if root.is_mapping() {
        let file = walk.map(root, trust.span_of("root"), "`root`", &["file"])?;
        let file = file.required(walk, "file")?;
        return Some(Trust::File(walk.text(file, "`file`")?.value));
    }
    walk.word(root, "`root`", "trust root", &[("public", ())])
        .map(|()| Trust::Public)
}
