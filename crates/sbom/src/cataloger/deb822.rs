//! Paragraphs of `Field: value` lines, as Debian control files and Python metadata have them.
//!
//! Implements deb822(5) for reading: paragraphs end at an empty line, a line that starts with white space continues the field
//! above it, a line that starts with `#` is a comment. What a field means is its reader's work.

/// Is one paragraph; field names compare without regard to case.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Paragraph<'a> {
    /// The first line of the paragraph, from 1.
    pub(crate) line: u64,
    fields: Vec<(&'a str, Vec<&'a str>)>,
}

impl<'a> Paragraph<'a> {
    /// Returns the first line of the first field with this name, trimmed; an empty one counts as none.
    pub(crate) fn get(&self, name: &str) -> Option<&'a str> {
        let value = self.lines(name)?.first()?;
        (!value.is_empty()).then_some(*value)
    }

    /// Returns the lines of the first field with this name, each trimmed.
    pub(crate) fn lines(&self, name: &str) -> Option<&[&'a str]> {
        self.fields
            .iter()
            .find(|(field, _)| field.eq_ignore_ascii_case(name))
            .map(|(_, lines)| lines.as_slice())
    }

    /// Returns the first line of every field with this name.
    pub(crate) fn all<'s>(&'s self, name: &'s str) -> impl Iterator<Item = &'a str> + 's {
        self.fields
            .iter()
            .filter(move |(field, _)| field.eq_ignore_ascii_case(name))
            .filter_map(|(_, lines)| lines.first().copied())
    }
}

/// Splits a text into its paragraphs; lines that are neither field, continuation nor comment are skipped.
pub(crate) fn paragraphs(text: &str) -> Vec<Paragraph<'_>> {
    let mut out = Vec::new();
    let mut open: Option<Paragraph<'_>> = None;
    for (number, line) in (1_u64..).zip(text.lines()) {
        if line.trim_end().is_empty() {
            out.extend(open.take());
        } else if line.starts_with('#') {
        } else if line.starts_with([' ', '\t']) {
            if let Some((_, lines)) = open.as_mut().and_then(|p| p.fields.last_mut()) {
                lines.push(line.trim());
            }
        } else if let Some((name, value)) = line.split_once(':') {
            open.get_or_insert_with(|| Paragraph {
                line: number,
                fields: Vec::new(),
            })
            .fields
            .push((name.trim_end(), vec![value.trim()]));
        }
    }
    out.extend(open);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paragraphs_keep_lines_and_continuations() {
        let text = "\nPackage: a\n# c\nDepends: b,\n c\nX-Empty:\n\n \nrubbish\n cont\nPackage: d\r\npackage: e\n";
        let found = paragraphs(text);
        let lines: Vec<_> = found.iter().map(|p| p.line).collect();
        assert_eq!(lines, [2, 11]);
        assert_eq!(found[0].lines("depends"), Some(&["b,", "c"][..]));
        assert_eq!(found[0].get("X-Empty"), None);
        assert_eq!(found[1].get("Package"), Some("d"));
        assert_eq!(found[1].all("Package").collect::<Vec<_>>(), ["d", "e"]);
    }
}
