//! `vulnerabilities.database`: whether the database may be asked at all, how old it is, and who signed it.

use toolkit_vulndb::db::age;

use super::who::{is_satisfied, named};
use crate::evaluate::Context;
use crate::evidence::{DatabaseEvidence, DatabaseFacts};
use crate::model::{Rule, VulnerabilityRule};
use crate::verdict::{CheckId, CheckResult, Code, Outcome};

/// Judges the database; tells whether what it says counts. What an old one knows is still true, so it still denies.
pub(super) fn judge(
    context: &Context<'_>,
    rule: &Rule,
    demand: &VulnerabilityRule,
    results: &mut Vec<CheckResult>,
) -> bool {
    let database = &demand.database;
    let by = match &database.value.by {
        Some(by) => format!(", signed by {}", named(context, by)),
        None => String::new(),
    };
    let expected = format!(
        "a database of at most {}{by}",
        database.value.max_age.written
    );
    let result = || {
        context.result(
            rule,
            CheckId::VulnerabilitiesDatabase,
            database.span,
            expected.clone(),
        )
    };
    let undecided = |found: &str, next: &str| {
        result().ended(
            Outcome::Undecided,
            Code::VulnerabilitiesDatabase,
            found,
            Some(next),
        )
    };
    let facts = match &context.evidence.database {
        DatabaseEvidence::Asked(facts) => facts.as_ref(),
        DatabaseEvidence::Unusable { reason, next } => {
            results.push(undecided(reason, next));
            return false;
        }
        DatabaseEvidence::NotAsked => {
            results.push(undecided("no database was asked", "name a database"));
            return false;
        }
    };
    if facts.demo {
        results.push(undecided(
            "a database for trials only",
            "build one of the feeds, or take over a published one",
        ));
        return false;
    }
    let signatures: Vec<_> = facts.signatures.iter().collect();
    if let Some(by) = &database.value.by
        && !is_satisfied(context, by, &signatures)
    {
        let signers: Vec<String> = signatures.iter().map(|one| one.signer().name()).collect();
        let found = match signers.is_empty() {
            true => format!("a database that nobody signed: {}", facts.trust),
            false => format!("a database signed by {}", signers.join(", ")),
        };
        results.push(undecided(
            &found,
            "take over the database that they publish, or name its signer in the policy",
        ));
        return false;
    }
    let old = context.now.duration_since(facts.created);
    if old > database.value.max_age.length {
        let found = format!("a database of {}, {} old", facts.created, age(old));
        results.push(undecided(&found, "take over or build a newer one"));
        return true;
    }
    if let Some(lacking) = lacking(demand, facts) {
        let found = format!("a database without {lacking}");
        results.push(undecided(
            &found,
            "take over or build one of all feeds that the policy asks for",
        ));
        return true;
    }
    let found = format!(
        "{} of {}, {} old, {}",
        facts.digest,
        facts.created,
        age(old),
        facts.trust
    );
    let mut result = result().ended(Outcome::Pass, Code::Ok, &found, None);
    result.evidence = signatures
        .iter()
        .map(|signature| signature.bundle().clone())
        .collect();
    results.push(result);
    true
}

/// Says that nothing is known of a list of packages: the database was not asked about it.
pub(super) fn not_asked(
    context: &Context<'_>,
    rule: &Rule,
    demand: &VulnerabilityRule,
    place: &str,
) -> CheckResult {
    let result = context.result(
        rule,
        CheckId::VulnerabilitiesDatabase,
        demand.database.span,
        "a database that is asked about every package".to_owned(),
    );
    result.ended(
        Outcome::Undecided,
        Code::VulnerabilitiesDatabase,
        &format!("the database was not asked about the packages of {place}"),
        Some("judge the image again"),
    )
}

/// Names a signal that an entry asks for and the database does not have: silence about it would prove nothing.
fn lacking(demand: &VulnerabilityRule, facts: &DatabaseFacts) -> Option<&'static str> {
    let entries = || demand.deny.value.iter().map(|entry| &entry.value);
    if !facts.exploited && entries().any(|entry| entry.exploited) {
        Some("the catalogue of exploited vulnerabilities, which `kev` asks for")
    } else if !facts.scores && entries().any(|entry| entry.epss.is_some()) {
        Some("EPSS scores, which `epss` asks for")
    } else {
        None
    }
}
