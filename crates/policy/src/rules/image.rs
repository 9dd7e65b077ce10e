//! `image`: what the configuration of every platform says (image-spec `config.md`, `User`).

use crate::evaluate::Context;
use crate::evidence::ConfigEvidence;
use crate::model::{Rule, UserRule};
use crate::verdict::{CheckId, CheckResult, Code, Outcome};

/// The largest user id that runtimes take: runc and containerd refuse more, and older ones wrapped it around to 0
/// (CVE-2024-40635).
const LARGEST_UID: i128 = (1 << 31) - 1;

pub(crate) fn judge(context: &Context<'_>, rule: &Rule, results: &mut Vec<CheckResult>) {
    let Some(demand) = &rule.require.user else {
        return;
    };
    let UserRule::NonRoot = demand.value;
    let result = || {
        context.result(
            rule,
            CheckId::ImageUser,
            demand.span,
            "a user with a number above 0".to_owned(),
        )
    };
    if context.evidence.platforms.is_empty() {
        results.push(result().ended(
            Outcome::Fail,
            Code::NoPlatform,
            "no platform",
            Some("the image has nothing to run"),
        ));
    }
    for platform in &context.evidence.platforms {
        let result = result().for_platform(context, platform);
        results.push(match &platform.config {
            ConfigEvidence::Unavailable { reason } => {
                let found = format!("the configuration could not be read: {reason}");
                result.ended(
                    Outcome::Undecided,
                    Code::ConfigUnavailable,
                    &found,
                    Some("try again when it can be read; nothing was proved"),
                )
            }
            ConfigEvidence::Read { user } => {
                let (outcome, code, next) = non_root(user.as_deref());
                let found = user
                    .as_ref()
                    .map_or_else(|| "no user".to_owned(), |user| format!("user `{user}`"));
                result.ended(outcome, code, &found, next)
            }
        });
    }
}

/// Judges `User`: `user[:group]`, where a number is what the runtimes' `Atoi` reads, with any sign and leading zeros.
fn non_root(user: Option<&str>) -> (Outcome, Code, Option<&'static str>) {
    let set_user = Some("set `USER` to a number above 0 in the image");
    let name = user
        .unwrap_or_default()
        .split(':')
        .next()
        .unwrap_or_default();
    if name.is_empty() {
        return (Outcome::Fail, Code::UserAbsent, set_user);
    }
    if name == "root" {
        return (Outcome::Fail, Code::UserRoot, set_user);
    }
    let digits = name.strip_prefix(['+', '-']).unwrap_or(name);
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return (
            Outcome::Undecided,
            Code::UserNamed,
            Some("use the user's number: what a name means is decided inside the image"),
        );
    }
    match name.parse::<i128>() {
        Ok(0) => (Outcome::Fail, Code::UserRoot, set_user),
        Ok(1..=LARGEST_UID) => (Outcome::Pass, Code::Ok, None),
        Ok(_) | Err(_) => (Outcome::Fail, Code::UserOutOfRange, set_user),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_number_above_zero_is_not_root() {
        for (user, outcome, code) in [
            (None, Outcome::Fail, Code::UserAbsent),
            (Some(""), Outcome::Fail, Code::UserAbsent),
            (Some(":1000"), Outcome::Fail, Code::UserAbsent),
            (Some("root"), Outcome::Fail, Code::UserRoot),
            (Some("root:1000"), Outcome::Fail, Code::UserRoot),
            (Some("0"), Outcome::Fail, Code::UserRoot),
            (Some("00"), Outcome::Fail, Code::UserRoot),
            (Some("0:0"), Outcome::Fail, Code::UserRoot),
            (Some("0:1000"), Outcome::Fail, Code::UserRoot),
            (Some("+0"), Outcome::Fail, Code::UserRoot),
            (Some("-0"), Outcome::Fail, Code::UserRoot),
            (Some("1"), Outcome::Pass, Code::Ok),
            (Some("1000"), Outcome::Pass, Code::Ok),
            (Some("01000"), Outcome::Pass, Code::Ok),
            (Some("+1000"), Outcome::Pass, Code::Ok),
            (Some("1000:0"), Outcome::Pass, Code::Ok),
            (Some("1000:root"), Outcome::Pass, Code::Ok),
            (Some("2147483647"), Outcome::Pass, Code::Ok),
            (Some("2147483648"), Outcome::Fail, Code::UserOutOfRange),
            (Some("4294967296"), Outcome::Fail, Code::UserOutOfRange),
            (
                Some("18446744073709551616"),
                Outcome::Fail,
                Code::UserOutOfRange,
            ),
            (
                Some("99999999999999999999999999999999999999999999"),
                Outcome::Fail,
                Code::UserOutOfRange,
            ),
            (Some("-1"), Outcome::Fail, Code::UserOutOfRange),
            (Some("nginx"), Outcome::Undecided, Code::UserNamed),
            (Some("ROOT"), Outcome::Undecided, Code::UserNamed),
            (Some("0x0"), Outcome::Undecided, Code::UserNamed),
            (Some(" 0"), Outcome::Undecided, Code::UserNamed),
            (Some("+"), Outcome::Undecided, Code::UserNamed),
            (Some("٠"), Outcome::Undecided, Code::UserNamed),
            (Some("nginx:1000"), Outcome::Undecided, Code::UserNamed),
        ] {
            let (found, found_code, next) = non_root(user);
            assert_eq!((found, found_code), (outcome, code), "{user:?}");
            assert_eq!(next.is_none(), outcome == Outcome::Pass, "{user:?}");
        }
    }
}
