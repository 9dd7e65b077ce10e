//! `toolkit vex create`.

use std::collections::BTreeSet;

use serde::Deserialize;
use toolkit_vulndb::vex::{self, Header, NewStatement, Status};

use super::statement::{self, RESULT_SIZE};
use crate::args::VexCreateArgs;
use crate::error::{Error, Result};
use crate::exit::Exit;
use crate::settings::read_file;
use crate::terminal::Terminal;

/// Writes the document; 5 where a scan suppressed nothing that can be stated.
///
/// # Errors
/// [`Error::VexWrite`] where a rule of the format is broken, and what reading or writing says.
pub(super) fn run(args: &VexCreateArgs, terminal: &Terminal) -> Result<Exit> {
    let statements = match &args.from_scan {
        None => statement::typed(&args.statement)?,
        Some(path) => {
            let earlier: Scan =
                serde_json::from_slice(&read_file(path, RESULT_SIZE)?).map_err(|source| {
                    Error::Baseline {
                        path: path.clone(),
                        source,
                    }
                })?;
            let all = earlier.suppressed.len();
            let stated: Vec<NewStatement> = earlier
                .suppressed
                .into_iter()
                .filter_map(|one| one.statement(args))
                .collect();
            if stated.len() < all {
                terminal.note(&format!(
                    "{} suppressed findings are not stated: their rule says nothing of the product",
                    all - stated.len()
                ));
            }
            if stated.is_empty() {
                terminal
                    .warn("nothing that the scan suppressed can be stated; no document is written");
                return Ok(Exit::Nothing);
            }
            stated
        }
    };
    let header = Header {
        author: args.author.clone(),
        role: args.role.clone(),
        id: args.id.clone(),
        tooling: Some(format!("toolkit {}", env!("CARGO_PKG_VERSION"))),
        time: statement::time()?,
    };
    let document =
        vex::create(&header, &statements).map_err(|source| Error::VexWrite { source })?;
    statement::write(&document, args.output.as_ref())?;
    Ok(Exit::Yes)
}

#[derive(Deserialize)]
struct Scan {
    suppressed: Vec<Suppressed>,
}

#[derive(Deserialize)]
struct Suppressed {
    id: String,
    #[serde(default)]
    aliases: BTreeSet<String>,
    package: Package,
    suppressed: Rule,
}

#[derive(Deserialize)]
struct Package {
    purl: String,
}

#[derive(Deserialize)]
struct Rule {
    rule: String,
    by: Option<String>,
    reason: Option<String>,
}

impl Suppressed {
    /// Makes a statement of a rule that says something of the product; a baseline does not, and VEX is stated elsewhere.
    fn statement(self, args: &VexCreateArgs) -> Option<NewStatement> {
        let Rule { rule, by, reason } = self.suppressed;
        let typed = &args.statement;
        let (products, subcomponents) = match typed.product.is_empty() {
            true => ([self.package.purl].into(), BTreeSet::new()),
            false => (
                typed.product.iter().cloned().collect(),
                [self.package.purl].into(),
            ),
        };
        let mut statement = NewStatement {
            vulnerability: self.id,
            aliases: self.aliases,
            products,
            subcomponents,
            status: Status::UnderInvestigation,
            notes: reason,
            justification: None,
            impact: None,
            action: None,
        };
        let by = by.unwrap_or_default();
        match rule.as_str() {
            // A distribution speaks of its own copy: without the product that has it, the statement would be about every copy.
            "fixed-by-distro" | "not-affected-by-distro" if typed.product.is_empty() => {
                statement.notes = Some(format!("to be stated of a product, according to {by}"));
            }
            "fixed-by-distro" | "fixed-in-channel" => {
                statement.status = Status::Fixed;
                statement.notes = Some(format!("fixed according to {by}"));
            }
            "not-affected-by-distro" => {
                statement.status = Status::NotAffected;
                statement.impact = Some(format!("not affected according to {by}"));
            }
            "ignored" => {
                if let Some(status) = typed.status {
                    statement.status = status.into();
                    statement.justification = typed.justification.map(|one| one.0);
                    statement.impact.clone_from(&typed.impact_statement);
                    statement.action.clone_from(&typed.action_statement);
                }
                if typed.status_note.is_some() {
                    statement.notes.clone_from(&typed.status_note);
                }
            }
            _ => return None,
        }
        Some(statement)
    }
}

#[cfg(test)]
mod tests {
    use toolkit_vulndb::vex::Justification;

    use super::*;
    use crate::args::{JustificationChoice, StatementArgs, StatusChoice};

    fn args(product: &[&str], status: Option<StatusChoice>) -> VexCreateArgs {
        VexCreateArgs {
            statement: StatementArgs {
                product: product.iter().map(|one| (*one).to_owned()).collect(),
                subcomponent: Vec::new(),
                vuln: Vec::new(),
                status,
                justification: status
                    .map(|_| JustificationChoice(Justification::VulnerableCodeNotInExecutePath)),
                impact_statement: None,
                action_statement: None,
                status_note: None,
            },
            from_scan: None,
            author: "us".to_owned(),
            role: None,
            id: None,
            output: None,
        }
    }

    #[test]
    fn a_rule_is_stated_as_what_it_says() {
        use Status::*;
        for (rule, status, expected) in [
            ("fixed-by-distro", None, Some((Fixed, None))),
            ("fixed-in-channel", None, Some((Fixed, None))),
            (
                "not-affected-by-distro",
                None,
                Some((NotAffected, Some("not affected according to DSA-1"))),
            ),
            ("ignored", None, Some((UnderInvestigation, None))),
            (
                "ignored",
                Some(StatusChoice::NotAffected),
                Some((NotAffected, None)),
            ),
            // What the flags say is about what an ignore file hides, not about a distribution's word.
            (
                "fixed-by-distro",
                Some(StatusChoice::NotAffected),
                Some((Fixed, None)),
            ),
            ("baseline", None, None),
            ("vex", None, None),
            ("unimportant", None, None),
            ("reported-by-distro", None, None),
        ] {
            for product in [&[][..], &["pkg:oci/app@sha256%3Aaa"]] {
                let suppressed = Suppressed {
                    id: "CVE-1".to_owned(),
                    aliases: BTreeSet::new(),
                    package: Package {
                        purl: "pkg:npm/x@1".to_owned(),
                    },
                    suppressed: Rule {
                        rule: rule.to_owned(),
                        by: Some("DSA-1".to_owned()),
                        reason: None,
                    },
                };
                let stated = suppressed.statement(&args(product, status));
                let found = stated
                    .as_ref()
                    .map(|one| (one.status, one.impact.as_deref()));
                // Of the package alone a distribution's word would be about every copy.
                let of_copy = product.is_empty() && rule.ends_with("-by-distro");
                let expected = match expected {
                    Some(_) if of_copy => Some((UnderInvestigation, None)),
                    expected => expected,
                };
                assert_eq!(found, expected, "{rule} {product:?}");
                let Some(stated) = stated else {
                    continue;
                };
                let (products, parts) = match product.first() {
                    Some(image) => (*image, Some("pkg:npm/x@1")),
                    None => ("pkg:npm/x@1", None),
                };
                assert_eq!(stated.products, [products.to_owned()].into());
                assert_eq!(stated.subcomponents.first().map(String::as_str), parts);
                assert_eq!(
                    stated.justification.is_some(),
                    rule == "ignored" && status.is_some(),
                    "{rule}"
                );
            }
        }
    }
}
