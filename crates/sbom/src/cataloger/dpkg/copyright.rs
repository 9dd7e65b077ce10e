//! The licences that a Debian copyright file declares.
//!
//! Implements the machine-readable format 1.0 (DEP-5): the synopsis of every `License` field of the header and of the `Files`
//! paragraphs. Of free-form files only the references to `/usr/share/common-licenses` are taken, since Debian Policy 12.5
//! makes them the declaration. Licence texts are not recognised here.

use crate::cataloger::deb822::paragraphs;

/// Reads the declared licences, each as written; sorted, without repetition.
#[must_use]
pub fn parse(bytes: &[u8]) -> Vec<String> {
    let text = String::from_utf8_lossy(bytes);
    let mut licenses = if is_machine_readable(&text) {
        machine_readable(&text)
    } else {
        free_form(&text)
    };
    licenses.sort();
    licenses.dedup();
    licenses
}

fn is_machine_readable(text: &str) -> bool {
    let header = text.lines().find(|l| !l.trim().is_empty()).unwrap_or("");
    header.split_once(':').is_some_and(|(name, value)| {
        let name = name.trim_start_matches('\u{feff}');
        // `Format-Specification` was the name before version 1.0.
        (name.eq_ignore_ascii_case("Format") || name.eq_ignore_ascii_case("Format-Specification"))
            && (value.contains("copyright-format") || value.to_lowercase().contains("dep"))
    })
}

fn machine_readable(text: &str) -> Vec<String> {
    let mut out = Vec::new();
    for (index, paragraph) in paragraphs(text).iter().enumerate() {
        let declares = index == 0 || paragraph.lines("Files").is_some();
        if declares && let Some(license) = paragraph.get("License") {
            out.push(license.to_owned());
        }
    }
    out
}

fn free_form(text: &str) -> Vec<String> {
    text.split("/usr/share/common-licenses/")
        .skip(1)
        .filter_map(|rest| {
            let end = rest
                .find(|c: char| !(c.is_ascii_alphanumeric() || "-+._".contains(c)))
                .unwrap_or(rest.len());
            let name = rest.get(..end)?.trim_end_matches(['.', '-', '_']);
            (!name.is_empty()).then(|| name.to_owned())
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parse_tells_forms_apart() {
        let table: [(&str, &[&str]); 5] = [
            (
                "Format: https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/\nLicense: Expat\n\n\
                 Files: *\nCopyright: x\nLicense: GPL-2+ and MIT\n text\n\nFiles: debian/*\nLicense: GPL-2+\n\n\
                 License: GPL-2+\n On Debian see /usr/share/common-licenses/GPL-2\n",
                &["Expat", "GPL-2+", "GPL-2+ and MIT"],
            ),
            (
                "see `/usr/share/common-licenses/GPL-2'. and /usr/share/common-licenses/LGPL-2.1.\n/usr/share/common-licenses/GPL-2\n",
                &["GPL-2", "LGPL-2.1"],
            ),
            ("Format: whatever\nLicense: MIT\n", &[]),
            ("ends at /usr/share/common-licenses/", &[]),
            ("", &[]),
        ];
        for (text, expected) in table {
            assert_eq!(parse(text.as_bytes()), expected, "{text}");
        }
    }
}
