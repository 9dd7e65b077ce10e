//! What one record says of one package's installed version: the judgement on which findings and explanations both rest.

use toolkit_sbom::Package;

use crate::advisory::Feed;
use crate::affected::{Claim, FixState};
use crate::db::{Bound, Head, Malformed, Qualifier, Row};
use crate::ecosystem::{Ecosystem, Family};
use crate::version::Scheme;

use super::cluster::{Hit, cves, is_advisory};
use super::matcher::Run;
use super::module::{Stream, is_module_build, stream};
use super::query::Query;
use super::range::{Compared, Installed, Verdict};

/// A row with the name space in which it was found.
#[derive(Clone, Copy)]
pub(super) struct Found<'q> {
    pub(super) row: Row,
    pub(super) ecosystem: &'q Ecosystem,
}

/// Says why a record takes no part.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Void {
    /// Its feed took it back.
    Withdrawn,
    /// It is a copy of what the distribution itself publishes.
    Copied,
    /// It was published after the day that is spoken of.
    Later,
}

/// Says what became of a record for a package.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It holds.
    Affected {
        /// The version that ends the range as the fix.
        fix: Option<String>,
        /// Whether the version is listed rather than within a range.
        listed: bool,
        /// Whether epochs were left out of the comparison.
        epoch_assumed: bool,
    },
    /// The installed version is in none of its ranges and not listed.
    Outside,
    /// It says that the package is not affected.
    NotAffected,
    /// It is about packages of other architectures.
    OtherArchitecture,
    /// It is about another module stream, or about a module where the package is of none.
    OtherModule,
    /// It takes no part.
    Void(Void),
    /// The versions, or the module streams, cannot be compared; the reason is for people.
    Undetermined(String),
}

/// A record that holds, with what findings are made of, or what else became of it.
pub(super) enum Judged {
    Hit(Box<Hit>),
    Not(Outcome),
}

impl Run<'_> {
    /// Says whether a record takes no part, and why.
    pub(super) fn void(&self, head: &Head, ecosystem: &Ecosystem) -> Option<Void> {
        if head.withdrawn {
            return Some(Void::Withdrawn);
        }
        let copied = ecosystem.family == Family::Alpine
            && head.feed == Feed::Debian
            && self
                .listed
                .iter()
                .any(|one| one.ecosystem == *ecosystem && one.feeds.contains(&Feed::Alpine));
        if copied {
            return Some(Void::Copied);
        }
        self.is_later(head).then_some(Void::Later)
    }

    pub(super) fn is_later(&self, head: &Head) -> bool {
        match (head.published, self.last_day) {
            (Some(published), Some(last)) => published > last,
            _ => false,
        }
    }

    /// Judges the row of one record for a package. Comparisons are written to `trace` where there is one; they do not change by that.
    pub(super) fn judge(
        &mut self,
        at: Found<'_>,
        package: &Package,
        query: &Query,
        installed: &Installed,
        trace: Option<&mut Vec<Compared>>,
    ) -> Result<Judged, Malformed> {
        let qualifier = self.index.qualifier(at.row.qualifier)?;
        if !fits(&qualifier.architectures, package.architecture.as_deref()) {
            return Ok(Judged::Not(Outcome::OtherArchitecture));
        }
        if qualifier.claim == Claim::NotAffected {
            return Ok(Judged::Not(Outcome::NotAffected));
        }
        let scheme = query.scheme();
        let verdict = self.ranges.judge(
            scheme,
            installed,
            at.row.program,
            qualifier.unordered,
            trace,
        )?;
        let (fix, listed, epoch_assumed) = match verdict {
            Verdict::Outside if self.is_of_another_module(at, package, query)? => {
                return Ok(Judged::Not(Outcome::OtherModule));
            }
            Verdict::Outside => return Ok(Judged::Not(Outcome::Outside)),
            Verdict::Undetermined(reason) => {
                return Ok(Judged::Not(Outcome::Undetermined(reason)));
            }
            Verdict::Affected {
                fix,
                listed,
                epoch_assumed,
            } => (fix, listed, epoch_assumed),
        };
        let fix = match fix {
            Some(number) => Some(self.ranges.text(scheme, number)?),
            None => None,
        };
        let head = self.head(at.row.advisory)?;
        if let Some(void) = self.void(&head, at.ecosystem) {
            if void == Void::Later {
                self.later.insert(at.row.advisory);
            }
            return Ok(Judged::Not(Outcome::Void(void)));
        }
        match self.stream(at, package, query, fix.as_deref())? {
            Stream::Same => {}
            Stream::Different => return Ok(Judged::Not(Outcome::OtherModule)),
            Stream::Unknown => {
                return Ok(Judged::Not(Outcome::Undetermined(
                    "the module stream is not named".to_owned(),
                )));
            }
        }
        if head.published.is_none() && self.last_day.is_some() {
            self.undated.insert(at.row.advisory);
        }
        Ok(Judged::Hit(Box::new(Hit {
            advisory: at.row.advisory,
            ecosystem: at.ecosystem.clone(),
            label: qualifier.label,
            score: qualifier.score,
            channel: qualifier.channel,
            fix_state: fix_state(qualifier, fix.as_deref(), at.ecosystem.family),
            fix,
            listed,
            epoch_assumed,
            is_advisory: is_advisory(&head.id),
            several: cves(&head).len() > 1,
            head,
        })))
    }

    /// Tells whether a fix of the row is not of the package's stream, or not known to be: that the installed version is past it says nothing.
    fn is_of_another_module(
        &self,
        at: Found<'_>,
        package: &Package,
        query: &Query,
    ) -> Result<bool, Malformed> {
        if query.scheme() != Scheme::Rpm {
            return Ok(false);
        }
        for (_, end) in self.index.program(at.row.program)?.intervals {
            let Bound::Fixed(number) = end else {
                continue;
            };
            let fix = self.index.version(number)?;
            if self.stream(at, package, query, Some(&fix))? != Stream::Same {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Compares module streams, by the title of the advisory, which is read only where a package of a known stream meets a module.
    fn stream(
        &self,
        at: Found<'_>,
        package: &Package,
        query: &Query,
        fix: Option<&str>,
    ) -> Result<Stream, Malformed> {
        let (Some(fix), Some(version)) = (fix, &query.version) else {
            return Ok(Stream::Same);
        };
        let both = is_module_build(version) && is_module_build(fix);
        let label = package.modularity_label.as_deref();
        let title = match self.details {
            Some(details) if both && label.is_some() => Some(details.get(at.row.advisory)?.summary),
            _ => None,
        };
        Ok(stream(version, fix, label, title.as_deref()))
    }
}

/// A record without the fix's version fixes nothing: a distribution's says so, a language's does not.
fn fix_state(qualifier: &Qualifier, fix: Option<&str>, family: Family) -> FixState {
    match (qualifier.fix, fix) {
        (FixState::Fixed, None) if family.is_distribution() => FixState::NotFixed,
        (FixState::Fixed, None) => FixState::Unknown,
        (state, _) => state,
    }
}

/// Says whether a row is for the package's architecture. One without (`noarch`), or a document that names none, is for all.
fn fits(architectures: &[String], architecture: Option<&str>) -> bool {
    let Some(architecture) = architecture.map(common_name) else {
        return true;
    };
    let neutral = |name: &str| matches!(name, "noarch" | "all" | "any");
    architectures.is_empty()
        || neutral(architecture)
        || architectures
            .iter()
            .any(|one| neutral(one) || common_name(one) == architecture)
}

/// The distributions spell some architectures in their own way (`dpkg-architecture -L`, `rpm --showrc`).
fn common_name(architecture: &str) -> &str {
    match architecture {
        "amd64" => "x86_64",
        "arm64" => "aarch64",
        "i386" | "i486" | "i586" | "i686" | "386" | "x86" => "i386",
        "ppc64el" => "ppc64le",
        "armhf" | "armv7" | "armv7l" | "armv7hl" => "armhf",
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_are_for_architectures() {
        let lists: [&[&str]; 4] = [&[], &["x86_64"], &["noarch"], &["aarch64", "i686"]];
        let [all, intel, none, two] =
            lists.map(|list| list.iter().map(|one| (*one).to_owned()).collect::<Vec<_>>());
        for (list, architecture, expected) in [
            (&all, Some("s390x"), true),
            (&intel, Some("amd64"), true),
            (&intel, Some("aarch64"), false),
            (&intel, Some("noarch"), true),
            (&intel, None, true),
            (&none, Some("s390x"), true),
            (&two, Some("arm64"), true),
            (&two, Some("i586"), true),
            (&two, Some("x86_64"), false),
        ] {
            assert_eq!(
                fits(list, architecture),
                expected,
                "{list:?} {architecture:?}"
            );
        }
    }
}
