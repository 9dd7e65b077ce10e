//! The `ignore` key of grype's configuration (grype's documentation, "Specifying matches to ignore", as of 0.116).
//!
//! Names are regular expressions there, anchored at both ends. Aliases are always included here.

use regex::RegexBuilder;

use super::{Condition, Entry, Fault, Read, Walk, entries, id, own, position, refuse};
use crate::affected::FixState;
use crate::config::{Node, Value};

const KEYS: &[&str] = &[
    "vulnerability",
    "include-aliases",
    "reason",
    "fix-state",
    "package",
    "namespace",
    "match-type",
    "vex-status",
    "vex-justification",
];
const PACKAGE: &[&str] = &[
    "name",
    "version",
    "type",
    "language",
    "location",
    "upstream-name",
];
/// Largest compiled expression, in bytes: a list of some hundred names.
const REGEX_SIZE: usize = 1 << 20;

const NAMESPACE: &str = "namespaces are those of grype's database";
const MATCH: &str = "kinds of matches are those of grype's matchers";
const VEX: &str = "statements count from VEX documents only";

const STATES: [(&str, FixState); 4] = [
    ("fixed", FixState::Fixed),
    ("not-fixed", FixState::NotFixed),
    ("wont-fix", FixState::WontFix),
    ("unknown", FixState::Unknown),
];

/// grype's types of packages with those of package URLs.
const TYPES: [(&str, &[&str]); 19] = [
    ("apk", &["apk"]),
    ("cocoapods", &["cocoapods"]),
    ("conan", &["conan"]),
    ("dart-pub", &["pub"]),
    ("deb", &["deb"]),
    ("dotnet", &["nuget"]),
    ("gem", &["gem"]),
    ("github-action", &["githubactions", "github"]),
    ("go-module", &["golang"]),
    ("hackage", &["hackage"]),
    ("hex", &["hex"]),
    ("java-archive", &["maven"]),
    ("jenkins-plugin", &["maven"]),
    ("npm", &["npm"]),
    ("php-composer", &["composer"]),
    ("python", &["pypi"]),
    ("rpm", &["rpm"]),
    ("rust-crate", &["cargo"]),
    ("swift", &["swift"]),
];

/// grype's languages with the types of package URLs.
const LANGUAGES: [(&str, &[&str]); 12] = [
    ("dart", &["pub"]),
    ("dotnet", &["nuget"]),
    ("elixir", &["hex"]),
    ("erlang", &["hex", "otp"]),
    ("go", &["golang"]),
    ("haskell", &["hackage"]),
    ("java", &["maven"]),
    ("javascript", &["npm"]),
    ("php", &["composer"]),
    ("python", &["pypi"]),
    ("ruby", &["gem"]),
    ("rust", &["cargo"]),
];

pub(super) fn file(walk: &mut Walk<'_>, root: &Node) -> Option<Read> {
    let top = walk.open_map(root, root.span, "the configuration")?;
    let others = top.entries().iter().map(|entry| entry.key.clone());
    let unread = others.filter(|key| key != "ignore").collect();
    let entries = match top.get("ignore") {
        Some(list) => entries(walk, list, top.span_of("ignore"), "`ignore`", entry),
        None => Vec::new(),
    };
    Some(Read { entries, unread })
}

fn entry(walk: &mut Walk<'_>, node: &Node) -> Option<Entry> {
    let map = walk.map(node, node.span, "an entry", KEYS)?;
    for (key, why) in [
        ("namespace", NAMESPACE),
        ("match-type", MATCH),
        ("vex-status", VEX),
        ("vex-justification", VEX),
    ] {
        // Empty is as good as absent there.
        if map.get(key).is_some_and(|node| !is_blank(node)) {
            refuse(walk, map.span_of(key), key, why);
        }
    }
    if let Some(node) = map.get("include-aliases") {
        walk.boolean(node, "`include-aliases`");
    }
    let mut conditions = Vec::new();
    let given = |key: &str| map.get(key).filter(|node| !is_blank(node));
    if let Some(node) = given("vulnerability") {
        conditions.extend(id(walk, node, "`vulnerability`").map(Condition::Id));
    }
    if let Some(node) = given("fix-state") {
        let state = walk.word(node, "`fix-state`", "state of a fix", &STATES);
        conditions.extend(state.map(Condition::Fix));
    }
    let mut subject = given("vulnerability").is_some() || given("fix-state").is_some();
    if let Some(node) = map.get("package") {
        subject |= package(walk, node, map.span_of("package"), &mut conditions);
    }
    if !subject {
        let keys = "`vulnerability`, `fix-state` and `package`";
        walk.fault(map.span(), Fault::NoSubject { keys });
    }
    let reason = given("reason").and_then(|node| walk.text(node, "`reason`"));
    Some(Entry {
        position: position(walk, node.span),
        conditions,
        reason: reason.map(|text| text.value),
        last_day: None,
    })
}

/// Adds what is asked of the package; tells whether anything is.
fn package(
    walk: &mut Walk<'_>,
    node: &Node,
    at: crate::config::Span,
    conditions: &mut Vec<Condition>,
) -> bool {
    let Some(map) = walk.map(node, at, "`package`", PACKAGE) else {
        return true;
    };
    let given = |key: &str| map.get(key).filter(|node| !is_blank(node));
    if let Some(node) = given("name") {
        conditions.extend(regex(walk, node, "`name`").map(Condition::Name));
    }
    if let Some(node) = given("upstream-name") {
        conditions.extend(regex(walk, node, "`upstream-name`").map(Condition::Upstream));
    }
    if let Some(node) = given("version") {
        let version = walk.text(node, "`version`");
        conditions.extend(version.map(|text| Condition::Version(text.value)));
    }
    if let Some(node) = given("type") {
        let types = walk.word(node, "`type`", "type of packages", &TYPES);
        conditions.extend(types.map(Condition::Types));
    }
    if let Some(node) = given("language") {
        let types = walk.word(node, "`language`", "language", &LANGUAGES);
        conditions.extend(types.map(Condition::Types));
    }
    if let Some(node) = given("location") {
        let glob = own::path(walk, node, "`location`");
        conditions.extend(glob.map(|glob| Condition::Paths(vec![glob])));
    }
    PACKAGE.iter().any(|key| given(key).is_some())
}

fn regex(walk: &mut Walk<'_>, node: &Node, place: &str) -> Option<regex::Regex> {
    let text = walk.text(node, place)?;
    let compile = |text: &str| RegexBuilder::new(text).size_limit(REGEX_SIZE).build();
    // First alone: a text such as `a)|(?:b` is only valid inside a group, and would lose its anchors there.
    let compiled = compile(&text.value).and_then(|_| compile(&format!("^(?:{})$", text.value)));
    match compiled {
        Ok(regex) => Some(regex),
        Err(error) => {
            let detail = error.to_string();
            let detail = detail.lines().last().unwrap_or_default();
            let detail = detail.trim_start_matches("error: ").to_owned();
            let found = text.value;
            walk.fault(text.span, Fault::Regex { found, detail });
            None
        }
    }
}

fn is_blank(node: &Node) -> bool {
    node.is_null() || matches!(&node.value, Value::Scalar { text, .. } if text.trim().is_empty())
}
