//! `vulnerabilities`: the database, what is denied, and what happens where something cannot be told.

use jiff::SignedDuration;
use toolkit_vulndb::config::{self, At, Map, Node, Span, Value};
use toolkit_vulndb::severity::Severity;

use super::Walk;
use super::identity::who;
use super::packages::purl_globs;
use crate::error::Fault;
use crate::model::{
    Act, DatabaseRule, DenyEntry, Duration, FixRule, Probability, VulnerabilityRule,
};

const VULNERABILITIES: &[&str] = &[
    "database",
    "deny",
    "unknownSeverity",
    "undetermined",
    "uncovered",
    "endOfLife",
    "vex",
];
const ENTRY: &[&str] = &["severity", "epss", "kev", "fix", "grace", "packages"];
/// The severities that a policy may name; nobody's word is none of them.
const SEVERITIES: [(&str, Severity); 5] = [
    ("negligible", Severity::Negligible),
    ("low", Severity::Low),
    ("medium", Severity::Medium),
    ("high", Severity::High),
    ("critical", Severity::Critical),
];
/// EPSS publishes five decimals.
const DECIMALS: usize = 5;

pub(super) fn vulnerabilities(
    walk: &mut Walk<'_>,
    node: &Node,
    at: Span,
    known: &[String],
) -> Option<At<VulnerabilityRule>> {
    let map = walk.map(node, at, "`vulnerabilities`", VULNERABILITIES)?;
    let database = map
        .required(walk, "database")
        .and_then(|node| database(walk, node, map.span_of("database"), known));
    let deny = map.required(walk, "deny").and_then(|node| {
        let span = map.span_of("deny");
        let entries = walk.list(node, span, "`deny`", entry);
        entries.map(|value| At { span, value })
    });
    let unknown_severity = act(walk, &map, "unknownSeverity", Act::Undecided);
    let undetermined = act(walk, &map, "undetermined", Act::Undecided);
    let uncovered = act(walk, &map, "uncovered", Act::Undecided);
    let end_of_life = act(walk, &map, "endOfLife", Act::Deny);
    let vex = match map.get("vex") {
        Some(node) => vex(walk, node, map.span_of("vex"), known).map(Some),
        None => Some(None),
    };
    let value = VulnerabilityRule {
        database: database?,
        deny: deny?,
        unknown_severity: unknown_severity?,
        undetermined: undetermined?,
        uncovered: uncovered?,
        end_of_life: end_of_life?,
        vex: vex?,
    };
    Some(At { span: at, value })
}

/// Reads what happens where something cannot be told; absent, it is `default`.
pub(super) fn act(
    walk: &mut Walk<'_>,
    map: &Map<'_>,
    key: &'static str,
    default: Act,
) -> Option<At<Act>> {
    let span = map.span_of(key);
    let Some(node) = map.get(key) else {
        return Some(At {
            span,
            value: default,
        });
    };
    let words = [
        ("deny", Act::Deny),
        ("undecided", Act::Undecided),
        ("ignore", Act::Ignore),
    ];
    let value = walk.word(node, &format!("`{key}`"), "answer", &words)?;
    Some(At { span, value })
}

fn database(
    walk: &mut Walk<'_>,
    node: &Node,
    at: Span,
    known: &[String],
) -> Option<At<DatabaseRule>> {
    let map = walk.map(node, at, "`database`", &["maxAge", "by"])?;
    let max_age = map
        .required(walk, "maxAge")
        .and_then(|node| duration(walk, node, "`maxAge`"));
    let by = match map.get("by") {
        Some(node) => who(walk, node, map.span_of("by"), "`by`", known).map(Some),
        None => Some(None),
    };
    let value = DatabaseRule {
        max_age: max_age?,
        by: by?.map(|by| by.value),
    };
    Some(At { span: at, value })
}

fn vex(walk: &mut Walk<'_>, node: &Node, at: Span, known: &[String]) -> Option<crate::model::Who> {
    let map = walk.map(node, at, "`vex`", &["by"])?;
    let by = map.required(walk, "by")?;
    Some(who(walk, by, map.span_of("by"), "`by`", known)?.value)
}

/// Takes a length of time: 1 to 9999 hours or days.
fn duration(walk: &mut Walk<'_>, node: &Node, place: &str) -> Option<Duration> {
    let text = walk.text(node, place)?;
    let parsed = match (text.value.strip_suffix('h'), text.value.strip_suffix('d')) {
        (Some(number), _) => length(number, 1),
        (None, Some(number)) => length(number, 24),
        (None, None) => None,
    };
    let Some(length) = parsed else {
        walk.fault(text.span, Fault::Duration { found: text.value });
        return None;
    };
    Some(Duration {
        written: text.value,
        length,
    })
}

fn length(number: &str, hours: i64) -> Option<SignedDuration> {
    let digits = number.bytes().all(|byte| byte.is_ascii_digit());
    let number: i64 = number.parse().ok()?;
    (digits && (1..=9999).contains(&number)).then(|| SignedDuration::from_hours(number * hours))
}

fn entry(walk: &mut Walk<'_>, node: &Node) -> Option<At<DenyEntry>> {
    let map = walk.map(node, node.span, "an entry of `deny`", ENTRY)?;
    let severity = optional(&map, "severity", |node| {
        walk.word(node, "`severity`", "severity", &SEVERITIES)
    });
    let epss = optional(&map, "epss", |node| probability(walk, node));
    let exploited = match map.get("kev") {
        Some(node) => exploited(walk, node),
        None => Some(false),
    };
    let fix = optional(&map, "fix", |node| {
        let words = [("available", FixRule::Available), ("none", FixRule::None)];
        walk.word(node, "`fix`", "state of a fix", &words)
    });
    let grace = optional(&map, "grace", |node| duration(walk, node, "`grace`"));
    let packages = match map.get("packages") {
        Some(node) => purl_globs(walk, node, map.span_of("packages")),
        None => Some(Vec::new()),
    };
    if !["severity", "epss", "kev"].iter().any(|key| map.has(key)) {
        walk.fault(map.span(), Fault::NoCriterion);
    }
    if map.has("grace") && !matches!(fix, Some(Some(FixRule::Available)) | None) {
        walk.fault(map.span_of("grace"), Fault::GraceWithoutFix);
    }
    let value = DenyEntry {
        severity: severity?,
        epss: epss?,
        exploited: exploited?,
        fix: fix?,
        grace: grace?,
        packages: packages?,
    };
    Some(At {
        span: node.span,
        value,
    })
}

/// Reads a key that may be absent: `None` is a fault, `Some(None)` an absent key.
fn optional<T>(
    map: &Map<'_>,
    key: &str,
    read: impl FnOnce(&Node) -> Option<T>,
) -> Option<Option<T>> {
    match map.get(key) {
        Some(node) => read(node).map(Some),
        None => Some(None),
    }
}

/// Takes `true`; `false` would say nothing.
fn exploited(walk: &mut Walk<'_>, node: &Node) -> Option<bool> {
    if walk.boolean(node, "`kev`")? {
        return Some(true);
    }
    let fault = config::Fault::UnknownValue {
        what: "value of `kev`",
        found: "false".to_owned(),
        allowed: vec!["true".to_owned()],
        guess: None,
    };
    walk.fault(node.span, fault);
    None
}

/// Takes a number from 0 to 1.
fn probability(walk: &mut Walk<'_>, node: &Node) -> Option<Probability> {
    let parsed = match &node.value {
        Value::Scalar { text, plain: true } => hundred_thousandths(text).map(|value| Probability {
            written: text.clone(),
            value,
        }),
        _ => None,
    };
    if parsed.is_none() {
        walk.wrong_kind(node, node.span, "`epss`", "a number from 0 to 1");
    }
    parsed
}

fn hundred_thousandths(text: &str) -> Option<u32> {
    let (whole, decimals) = text.split_once('.').unwrap_or((text, "0"));
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    if !digits(whole) || !digits(decimals) || decimals.len() > DECIMALS {
        return None;
    }
    let decimals: u32 = format!("{decimals:0<DECIMALS$}").parse().ok()?;
    let value = whole
        .parse::<u32>()
        .ok()?
        .checked_mul(100_000)?
        .checked_add(decimals)?;
    (value <= 100_000).then_some(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn probabilities_have_five_decimals() {
        for (text, expected) in [
            ("0", Some(0)),
            ("1", Some(100_000)),
            ("1.0", Some(100_000)),
            ("0.5", Some(50_000)),
            ("0.00001", Some(1)),
            ("0.000001", None),
            ("1.00001", None),
            ("2", None),
            (".5", None),
            ("0.", None),
            ("-0.5", None),
            ("1e-1", None),
            ("50%", None),
            ("99999999999", None),
        ] {
            assert_eq!(hundred_thousandths(text), expected, "{text}");
        }
    }

    #[test]
    fn lengths_are_whole_hours_or_days() {
        for (text, hours, expected) in [
            ("1", 1, Some(1)),
            ("9999", 24, Some(239_976)),
            ("0", 1, None),
            ("10000", 1, None),
            ("+1", 1, None),
            ("", 1, None),
            ("1.5", 1, None),
        ] {
            assert_eq!(
                length(text, hours),
                expected.map(SignedDuration::from_hours),
                "{text}"
            );
        }
    }
}
