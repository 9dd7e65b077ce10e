//! The database of installed packages of apk-tools 2: one letter, a colon and a value a line.
//!
//! Implements apk-tools' `src/package.c` (`apk_pkg_add_info`) and `src/database.c` (`F` and `R` lines) for reading.

use crate::cataloger::{MOST_PACKAGES, too_many_packages};
use crate::inventory::Fault;

/// Is one installed package.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Stanza {
    /// `P`, the name.
    pub name: String,
    /// `V`, the version with its release.
    pub version: String,
    /// `A`, the architecture.
    pub architecture: Option<String>,
    /// `o`, the source package.
    pub origin: Option<String>,
    /// `m`, the maintainer.
    pub maintainer: Option<String>,
    /// `L`, the licence as declared.
    pub license: Option<String>,
    /// `T`, the description.
    pub summary: Option<String>,
    /// `U`, the web site.
    pub url: Option<String>,
    /// `D`, what it needs: names, `so:`, `cmd:`, `pc:` and paths, without versions and conflicts.
    pub depends: Vec<String>,
    /// `p`, what it provides beside its name, without versions.
    pub provides: Vec<String>,
    /// `F` and `R`, its files without leading slash.
    pub files: Vec<String>,
}

/// Reads a database; an entry without name or version is a fault and the others are kept.
#[must_use]
pub fn parse(bytes: &[u8]) -> (Vec<Stanza>, Vec<Fault>) {
    let text = String::from_utf8_lossy(bytes);
    let mut stanzas = Vec::new();
    let mut faults = Vec::new();
    let mut open: Option<(u64, Stanza)> = None;
    let mut folder = String::new();
    let mut finish = |open: Option<(u64, Stanza)>| {
        let Some((line, stanza)) = open else {
            return;
        };
        let missing = |field| Fault::MissingField { field, line };
        if stanzas.len() + faults.len() >= MOST_PACKAGES {
            if faults.last() != Some(&too_many_packages()) {
                faults.push(too_many_packages());
            }
        } else if stanza.name.is_empty() {
            faults.push(missing("P"));
        } else if stanza.version.is_empty() {
            faults.push(missing("V"));
        } else {
            stanzas.push(stanza);
        }
    };
    for (number, line) in (1_u64..).zip(text.lines()) {
        if line.trim().is_empty() {
            finish(open.take());
            folder.clear();
            continue;
        }
        let Some((key, value)) = line.split_once(':') else {
            continue;
        };
        let (_, stanza) = open.get_or_insert_with(|| (number, Stanza::default()));
        let some = || (!value.is_empty()).then(|| value.to_owned());
        match key {
            "P" => value.clone_into(&mut stanza.name),
            "V" => value.clone_into(&mut stanza.version),
            "A" => stanza.architecture = some(),
            "o" => stanza.origin = some(),
            "m" => stanza.maintainer = some(),
            "L" => stanza.license = some(),
            "T" => stanza.summary = some(),
            "U" => stanza.url = some(),
            "D" => stanza.depends = names(value),
            "p" => stanza.provides = names(value),
            "F" => value.clone_into(&mut folder),
            "R" if folder.is_empty() => stanza.files.push(value.to_owned()),
            "R" => stanza.files.push(format!("{folder}/{value}")),
            _ => {}
        }
    }
    finish(open);
    (stanzas, faults)
}

/// Reads names such as `so:libz.so.1=1.3.1`, `busybox>=1.2`, `name@tag`; `!name` is a conflict.
fn names(value: &str) -> Vec<String> {
    value
        .split_whitespace()
        .filter(|item| !item.starts_with('!'))
        .filter_map(|item| item.split(['=', '<', '>', '~', '@']).next())
        .filter(|name| !name.is_empty())
        .map(str::to_owned)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parse_stops_at_the_bound() {
        let (stanzas, faults) = parse("P:a\nV:1\n\n".repeat(MOST_PACKAGES + 2).as_bytes());
        assert_eq!(
            (stanzas.len(), faults),
            (MOST_PACKAGES, vec![too_many_packages()])
        );
    }

    #[test]
    fn parse_reads_fields_files_and_relations() {
        let text = "C:Q1abc=\nP:busybox\nV:1.36.1-r29\nA:x86_64\nL:GPL-2.0-only\no:busybox\nm:A <a@b.c>\n\
                    D:so:libc.musl-x86_64.so.1 !old foo>=1.2~3 bar@edge /bin/sh\np:/bin/sh cmd:ash=1.36.1-r29\n\
                    F:bin\nR:busybox\na:0:0:755\nF:\nR:top\n\nP:x\n\nV:1\nP:\n";
        let (stanzas, faults) = parse(text.as_bytes());
        assert_eq!(
            faults,
            [
                Fault::MissingField {
                    field: "V",
                    line: 16
                },
                Fault::MissingField {
                    field: "P",
                    line: 18
                }
            ]
        );
        let expected = Stanza {
            name: "busybox".to_owned(),
            version: "1.36.1-r29".to_owned(),
            architecture: Some("x86_64".to_owned()),
            origin: Some("busybox".to_owned()),
            maintainer: Some("A <a@b.c>".to_owned()),
            license: Some("GPL-2.0-only".to_owned()),
            depends: ["so:libc.musl-x86_64.so.1", "foo", "bar", "/bin/sh"]
                .map(str::to_owned)
                .to_vec(),
            provides: ["/bin/sh", "cmd:ash"].map(str::to_owned).to_vec(),
            files: vec!["bin/busybox".to_owned(), "top".to_owned()],
            ..Stanza::default()
        };
        assert_eq!(stanzas, [expected]);
    }
}
