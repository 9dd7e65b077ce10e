//! What a step made or found, as a table in the job's summary and as outputs of the step. A verdict has a summary of its own.

use super::github::{Outputs, Summary, markdown};
use crate::error::Result;

/// Collects what is told when the step is done. Where no CI system asks for it, nothing is written.
#[derive(Debug)]
pub(crate) struct Step {
    title: String,
    columns: &'static [&'static str],
    rows: Vec<Vec<String>>,
    outputs: Vec<(&'static str, String)>,
}

impl Step {
    /// Starts with a title and the names of the columns.
    pub(crate) fn new(title: impl Into<String>, columns: &'static [&'static str]) -> Self {
        Self {
            title: title.into(),
            columns,
            rows: Vec::new(),
            outputs: Vec::new(),
        }
    }

    /// Adds a row, a cell for each column.
    pub(crate) fn row(&mut self, cells: impl IntoIterator<Item = String>) {
        self.rows.push(cells.into_iter().collect());
    }

    /// Adds a value to an output; several values of one output stand on lines of their own, each once.
    pub(crate) fn output(&mut self, name: &'static str, value: &str) {
        match self.outputs.iter_mut().find(|(known, _)| *known == name) {
            None => self.outputs.push((name, value.to_owned())),
            Some((_, values)) if values.lines().any(|known| known == value) => {}
            Some((_, values)) => {
                values.push('\n');
                values.push_str(value);
            }
        }
    }

    /// Writes the summary and the outputs.
    ///
    /// # Errors
    /// As [`Summary::append`] and [`Outputs::set`].
    pub(crate) fn tell(&self) -> Result<()> {
        if let Some(summary) = Summary::from_environment() {
            summary.append(&self.markdown())?;
        }
        if let Some(outputs) = Outputs::from_environment() {
            let pairs: Vec<(&str, &str)> = self
                .outputs
                .iter()
                .map(|(name, value)| (*name, value.as_str()))
                .collect();
            outputs.set(&pairs)?;
        }
        Ok(())
    }

    fn markdown(&self) -> String {
        let mut text = format!("## {}\n\n", markdown(&self.title));
        if !self.rows.is_empty() {
            text.push_str(&format!("| {} |\n", self.columns.join(" | ")));
            text.push_str(&format!("|{}\n", "---|".repeat(self.columns.len())));
        }
        for row in &self.rows {
            let cells: Vec<String> = row.iter().map(|cell| markdown(cell)).collect();
            text.push_str(&format!("| {} |\n", cells.join(" | ")));
        }
        text.push('\n');
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_step_is_a_table_and_lines() {
        let mut step = Step::new("Signed <x>", &["image", "signer"]);
        step.row(["a|b\n| c | d |".to_owned(), "me".to_owned()]);
        for value in ["sha256:a", "sha256:b", "sha256:a"] {
            step.output("digest", value);
        }
        step.output("bundle-path", "x");
        assert_eq!(
            step.markdown(),
            "## Signed &lt;x&gt;\n\n| image | signer |\n|---|---|\n| a\\|b \\| c \\| d \\| | me |\n\n"
        );
        assert_eq!(
            step.outputs,
            [
                ("digest", "sha256:a\nsha256:b".to_owned()),
                ("bundle-path", "x".to_owned())
            ]
        );
    }
}
