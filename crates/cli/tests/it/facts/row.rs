//! A row of the table: the fact that changes, and how the question ends then.

use serde_json::Value;

use super::case::{Asked, Case};

/// Holds one changed fact and its consequence.
pub(super) struct Row {
    pub(super) fact: &'static str,
    pub(super) change: fn(&mut Case<'_>),
    pub(super) ends: Ends,
}

/// Says how a question ends.
pub(super) enum Ends {
    /// With an answer.
    Verdict {
        code: i32,
        open: Vec<Open>,
        exceptions: Vec<(&'static str, &'static str)>,
        unused: Vec<&'static str>,
    },
    /// Before an answer, with a message of these parts.
    Stops {
        code: i32,
        message: Vec<&'static str>,
    },
}

/// A check that does not pass. `expected` and `found` are parts of what is printed.
pub(super) struct Open {
    outcome: &'static str,
    check: &'static str,
    code: &'static str,
    expected: &'static str,
    found: &'static str,
    platform: Option<&'static str>,
}

/// Begins a row that passes in spite of the change.
pub(super) fn row(fact: &'static str, change: fn(&mut Case<'_>)) -> Row {
    Row {
        fact,
        change,
        ends: Ends::Verdict {
            code: 0,
            open: Vec::new(),
            exceptions: Vec::new(),
            unused: Vec::new(),
        },
    }
}

/// Says that a check fails.
pub(super) const fn fail(
    check: &'static str,
    code: &'static str,
    expected: &'static str,
    found: &'static str,
) -> Open {
    Open {
        outcome: "fail",
        check,
        code,
        expected,
        found,
        platform: None,
    }
}

/// Says that a check stays undecided.
pub(super) const fn open(
    check: &'static str,
    code: &'static str,
    expected: &'static str,
    found: &'static str,
) -> Open {
    Open {
        outcome: "undecided",
        ..fail(check, code, expected, found)
    }
}

impl Open {
    /// Says that the check looked at one platform of several.
    pub(super) const fn on(mut self, platform: &'static str) -> Self {
        self.platform = Some(platform);
        self
    }
}

impl Row {
    /// Says that the image is denied for these reasons.
    pub(super) fn denied(self, open: impl IntoIterator<Item = Open>) -> Self {
        self.ends_with(1, open)
    }

    /// Says that nothing is decided for these reasons.
    pub(super) fn undecided(self, open: impl IntoIterator<Item = Open>) -> Self {
        self.ends_with(3, open)
    }

    /// Says the code and the reasons, where no policy makes them a plain no.
    pub(super) fn ends_with(mut self, with: i32, because: impl IntoIterator<Item = Open>) -> Self {
        if let Ends::Verdict { code, open, .. } = &mut self.ends {
            *code = with;
            open.extend(because);
        }
        self
    }

    /// Says that there is no verdict, but this code and a message of these parts.
    pub(super) fn stops(
        mut self,
        code: i32,
        message: impl IntoIterator<Item = &'static str>,
    ) -> Self {
        let message = message.into_iter().collect();
        self.ends = Ends::Stops { code, message };
        self
    }

    /// Says what becomes of the policy's exceptions.
    pub(super) fn exceptions(mut self, all: &[(&'static str, &'static str)]) -> Self {
        if let Ends::Verdict { exceptions, .. } = &mut self.ends {
            exceptions.extend(all);
        }
        self
    }

    /// Says what is listed as evidence that no check used.
    pub(super) fn unused(mut self, parts: &[&'static str]) -> Self {
        if let Ends::Verdict { unused, .. } = &mut self.ends {
            unused.extend(parts);
        }
        self
    }
}

impl Ends {
    /// Compares with what the binary said.
    pub(super) fn check(&self, asked: &Asked) -> Result<(), String> {
        let compared = match self {
            Self::Stops { code, message } => stops(asked, *code, message),
            Self::Verdict {
                code,
                open,
                exceptions,
                unused,
            } => verdict(asked, *code, open).and_then(|()| listed(asked, exceptions, unused)),
        };
        compared.map_err(|reason| {
            format!(
                "{reason}\nstdout: {}\nstderr: {}",
                asked.run.stdout, asked.run.stderr
            )
        })
    }
}

fn stops(asked: &Asked, code: i32, parts: &[&str]) -> Result<(), String> {
    same("code", &code, &asked.run.code)?;
    same("verdict", &&Value::Null, &&asked.answer["verdict"])?;
    same(
        "exitCode",
        &Some(i64::from(code)),
        &asked.answer["exitCode"].as_i64(),
    )?;
    let error = asked.answer["error"].to_string();
    parts
        .iter()
        .map(|part| asked.fill(part))
        .try_for_each(|part| contains("the message", &error, &part))
}

fn verdict(asked: &Asked, code: i32, open: &[Open]) -> Result<(), String> {
    let answer = &asked.answer;
    same("code", &code, &asked.run.code)?;
    same(
        "exitCode",
        &Some(i64::from(code)),
        &answer["exitCode"].as_i64(),
    )?;
    same(
        "schema",
        &Some("toolkit.verify/v1"),
        &answer["schema"].as_str(),
    )?;
    let name = match code {
        0 => "allow",
        3 => "undecided",
        _ => "deny",
    };
    same("verdict", &Some(name), &answer["verdict"].as_str())?;
    let results = answer["results"].as_array().ok_or("no results")?;
    if results.is_empty() {
        return Err("nothing was checked".to_owned());
    }
    let found: Vec<&Value> = results
        .iter()
        .filter(|result| result["outcome"] != "pass" && result["exceptedBy"].is_null())
        .collect();
    let name = |check: &str, outcome: &str, code: &str, platform: Option<&str>| {
        format!("{check} {outcome} {code} {}", platform.unwrap_or_default())
    };
    let wanted: Vec<String> = open
        .iter()
        .map(|open| name(open.check, open.outcome, open.code, open.platform))
        .collect();
    let seen: Vec<String> = found
        .iter()
        .map(|result| {
            let text = |key: &str| result[key].as_str().unwrap_or_default();
            name(
                text("check"),
                text("outcome"),
                text("code"),
                result["platform"].as_str(),
            )
        })
        .collect();
    same("checks", &wanted, &seen)?;
    for (open, result) in open.iter().zip(found) {
        let text = |key: &str| result[key].as_str().unwrap_or_default();
        contains("`expected`", text("expected"), &asked.fill(open.expected))?;
        contains("`found`", text("found"), &asked.fill(open.found))?;
        if text("next").is_empty() {
            return Err(format!("{}: no next step", open.check));
        }
        let has_rule = result["rule"].is_string();
        same(
            "a place in the policy",
            &has_rule,
            &result["at"]["line"].is_u64(),
        )?;
    }
    Ok(())
}

fn listed(asked: &Asked, exceptions: &[(&str, &str)], unused: &[&str]) -> Result<(), String> {
    let states: Vec<(String, String)> = list(&asked.answer["exceptions"])
        .map(|one| {
            let text = |key: &str| one[key].as_str().unwrap_or_default().to_owned();
            (text("id"), text("state"))
        })
        .collect();
    let wanted: Vec<(String, String)> = exceptions
        .iter()
        .map(|(id, state)| ((*id).to_owned(), (*state).to_owned()))
        .collect();
    same("exceptions", &wanted, &states)?;
    let rest = asked.answer["unusedEvidence"].to_string();
    unused
        .iter()
        .map(|part| asked.fill(part))
        .try_for_each(|part| contains("the unused evidence", &rest, &part))
}

fn list(value: &Value) -> impl Iterator<Item = &Value> {
    value.as_array().into_iter().flatten()
}

fn same<T: PartialEq + std::fmt::Debug>(what: &str, wanted: &T, found: &T) -> Result<(), String> {
    if wanted == found {
        return Ok(());
    }
    Err(format!("{what}: expected {wanted:?}, found {found:?}"))
}

fn contains(what: &str, text: &str, part: &str) -> Result<(), String> {
    if text.contains(part) {
        return Ok(());
    }
    Err(format!("{what}: expected a part `{part}`, found `{text}`"))
}
