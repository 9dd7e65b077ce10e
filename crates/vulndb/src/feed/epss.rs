//! EPSS scores as FIRST publishes them daily (`epss_scores-YYYY-MM-DD.csv`): the probability that a vulnerability is exploited in the next 30 days.
//!
//! An optional first line names model and date (`#model_version:v2025.03.14,score_date:2026-08-15T12:55:00Z`), the next the columns
//! `cve,epss,percentile`. Numbers are kept in hundred-thousandths, the five decimals that are published; further decimals are rounded.

use super::error::{Error, start, within};

/// A table of this size is read; that of August 2026 has 11 MB.
pub const MAX_TABLE: usize = 256 << 20;

/// The score of one vulnerability.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Score {
    /// The CVE id.
    pub cve: String,
    /// The probability, in hundred-thousandths: 0 to 100,000.
    pub probability: u32,
    /// The share of all scored vulnerabilities with this or a lower probability, in hundred-thousandths.
    pub percentile: u32,
}

/// The scores of one day.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Table {
    /// The model, as the table names it.
    pub model: Option<String>,
    /// When it was scored, as the table says.
    pub date: Option<String>,
    /// One for each CVE, in the order of the table.
    pub scores: Vec<Score>,
}

/// Reads a table.
///
/// # Errors
///
/// [`Error`] where it is too large, not text, or a line is not one of the table.
pub fn parse(bytes: &[u8]) -> Result<Table, Error> {
    within(bytes, MAX_TABLE)?;
    let text = std::str::from_utf8(bytes)?;
    let mut table = Table::default();
    let mut lines = text.lines().zip(1..).peekable();
    if let Some((comment, _)) = lines.next_if(|(line, _)| line.starts_with('#')) {
        for field in comment.trim_start_matches('#').split(',') {
            match field.split_once(':') {
                Some(("model_version", value)) => table.model = Some(start(value.trim())),
                Some(("score_date", value)) => table.date = Some(start(value.trim())),
                _ => {}
            }
        }
    }
    match lines.next() {
        Some(("cve,epss,percentile", _)) => {}
        other => {
            let (found, line) = other.unwrap_or(("", 1));
            return Err(Error::Line {
                line,
                expected: "heading `cve,epss,percentile`",
                found: start(found),
            });
        }
    }
    for (line, number) in lines.filter(|(line, _)| !line.is_empty()) {
        let score = score(line).ok_or_else(|| Error::Line {
            line: number,
            expected: "CVE id, probability and percentile",
            found: start(line),
        })?;
        table.scores.push(score);
    }
    Ok(table)
}

fn score(line: &str) -> Option<Score> {
    let mut fields = line.split(',');
    let (cve, probability, percentile) = (fields.next()?, fields.next()?, fields.next()?);
    let whole = fields.next().is_none() && cve.starts_with("CVE-");
    whole.then_some(())?;
    Some(Score {
        cve: cve.to_owned(),
        probability: share(probability)?,
        percentile: share(percentile)?,
    })
}

/// Reads a number from 0 to 1, also as `9.0e-05`, in hundred-thousandths.
fn share(text: &str) -> Option<u32> {
    let number: f64 = text.parse().ok()?;
    if !(0.0..=1.0).contains(&number) {
        return None;
    }
    #[expect(
        clippy::as_conversions,
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "the number lies between 0 and 100,000"
    )]
    let share = (number * 100_000.0).round() as u32;
    Some(share)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_is_read() {
        let table = parse(b"#model_version:v2025.03.14,score_date:2026-08-15T12:55:00Z\ncve,epss,percentile\nCVE-2021-44228,0.94358,0.99957\nCVE-1999-1,9.0e-05,1\n").expect("a table");
        assert_eq!(
            (table.model.as_deref(), table.date.as_deref()),
            (Some("v2025.03.14"), Some("2026-08-15T12:55:00Z"))
        );
        let numbers: Vec<_> = table
            .scores
            .iter()
            .map(|score| (score.probability, score.percentile))
            .collect();
        assert_eq!(numbers, [(94_358, 99_957), (9, 100_000)]);
    }

    #[test]
    fn a_line_that_is_none_is_refused() {
        for (text, at) in [
            ("", 1),
            ("cve,epss\n", 1),
            ("#x\n#y\n", 2),
            ("cve,epss,percentile\nCVE-2021-1,0.1\n", 2),
            ("cve,epss,percentile\nCVE-2021-1,0.1,0.2,0.3\n", 2),
            ("cve,epss,percentile\n\nCVE-2021-1,1.1,0.2\n", 3),
            ("cve,epss,percentile\nCVE-2021-1,NaN,0.2\n", 2),
            ("cve,epss,percentile\nGHSA-1,0.1,0.2\n", 2),
        ] {
            assert!(
                matches!(parse(text.as_bytes()), Err(Error::Line { line, .. }) if line == at),
                "{text}"
            );
        }
    }
}
