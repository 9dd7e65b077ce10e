//! `requirements.txt` (pip documentation, "Requirements File Format"; PEP 508).
//!
//! A file of wishes that is a lock file where it pins: only `NAME==VERSION` and `NAME===VERSION` without a wild card are listed. Markers are not
//! judged, since nothing says where the file will be used: what a marker excludes there is listed all the same. Constraints (`-c`) install
//! nothing and are not followed; neither are editable installs, paths and URLs.

use super::{List, Purpose, UnlistedReason, text};
use crate::cataloger::python::metadata::normalized;
use crate::inventory::Fault;

pub(super) fn read(bytes: &[u8], list: &mut List) -> Result<(), Fault> {
    for line in logical_lines(text(bytes)?) {
        let line = line.trim();
        if line.is_empty() {
            continue;
        }
        if line.starts_with('-') {
            if let Some(path) = argument(line, "-r", "--requirement") {
                list.include(path)?;
            } else if let Some(what) = argument(line, "-e", "--editable") {
                // A path is the project; a URL is somebody's repository.
                if what.contains("://") {
                    list.unlisted(what, UnlistedReason::Source)?;
                }
            }
            continue;
        }
        // Options of one requirement: `--hash`, `--config-settings`.
        let line = line.split(" --").next().unwrap_or(line);
        requirement(line, list)?;
    }
    Ok(())
}

/// Joins lines that end in a backslash and drops comments, as pip does: a comment begins at the start of a line or behind white space.
fn logical_lines(text: &str) -> Vec<String> {
    let mut lines = Vec::new();
    let mut open: Option<String> = None;
    for line in text.lines() {
        let comment = line.trim_start().starts_with('#');
        let (part, continues) = match line.strip_suffix('\\') {
            Some(part) if !comment => (part, true),
            _ => (line, false),
        };
        let joined = match open.take() {
            // pip puts a space before a comment that follows a continued line, so that it is one.
            Some(before) if comment => format!("{before} {part}"),
            Some(before) => before + part,
            None => part.to_owned(),
        };
        if continues {
            open = Some(joined);
        } else {
            lines.push(joined);
        }
    }
    lines.extend(open);
    lines
        .into_iter()
        .map(|line| match comment(&line) {
            Some(at) => line.get(..at).unwrap_or_default().to_owned(),
            None => line,
        })
        .collect()
}

fn comment(line: &str) -> Option<usize> {
    let mut before: Option<char> = None;
    for (at, c) in line.char_indices() {
        if c == '#' && before.is_none_or(char::is_whitespace) {
            return Some(at);
        }
        before = Some(c);
    }
    None
}

/// Returns the argument of an option: `-r x`, `-rx`, `--requirement x`, `--requirement=x`.
fn argument<'a>(line: &'a str, short: &str, long: &str) -> Option<&'a str> {
    let rest = match line.strip_prefix(long) {
        Some(rest) if rest.starts_with(|c: char| c == '=' || c.is_whitespace()) => {
            rest.trim_start_matches(|c: char| c == '=' || c.is_whitespace())
        }
        Some(_) => return None,
        None if line.starts_with("--") => return None,
        None => line.strip_prefix(short)?.trim_start(),
    };
    let rest = rest.trim().trim_matches(['"', '\'']);
    (!rest.is_empty()).then_some(rest)
}

fn requirement(line: &str, list: &mut List) -> Result<(), Fault> {
    let end = line
        .find(|c: char| !(c.is_ascii_alphanumeric() || "-_.".contains(c)))
        .unwrap_or(line.len());
    let (name, rest) = line.split_at_checked(end).unwrap_or((line, ""));
    let rest = rest.trim_start();
    let valid = name.starts_with(|c: char| c.is_ascii_alphanumeric())
        && name.ends_with(|c: char| c.is_ascii_alphanumeric());
    // A path or a URL in place of a name: `https://…`, `git+ssh://…`, `./a.whl`, `a/b.whl`, `C:\a.whl`.
    if !valid || rest.starts_with(['/', ':', '\\', '+']) {
        if line.contains("://") {
            return list.unlisted(line, UnlistedReason::Source);
        }
        let is_path = line.starts_with(['.', '/', '\\']) || rest.starts_with(['/', ':', '\\']);
        return if is_path {
            Ok(())
        } else {
            list.unlisted(line, UnlistedReason::Name)
        };
    }
    let rest = match rest.strip_prefix('[') {
        Some(extras) => extras
            .split_once(']')
            .map_or("", |(_, rest)| rest)
            .trim_start(),
        None => rest,
    };
    if rest.starts_with('@') {
        return list.unlisted(name, UnlistedReason::Source);
    }
    let versions = rest.split(';').next().unwrap_or_default().trim();
    let versions = versions
        .strip_prefix('(')
        .and_then(|inner| inner.strip_suffix(')'))
        .unwrap_or(versions);
    let pinned = versions.split(',').find_map(|one| {
        let version = one.trim().strip_prefix("==")?;
        let version = version.strip_prefix('=').unwrap_or(version).trim();
        let single =
            !version.is_empty() && !version.contains(|c: char| c == '*' || c.is_whitespace());
        single.then_some(version)
    });
    match pinned {
        Some(version) => list.package(&normalized(name), version, Purpose::Unknown),
        None => list.unlisted(name, UnlistedReason::NotPinned),
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Contents, Lockfile};
    use super::*;

    fn read(text: &str) -> Contents {
        Lockfile::Requirements
            .read(text.as_bytes())
            .unwrap_or_else(|e| panic!("{e}"))
    }

    #[test]
    fn lines_are_read_as_pip_reads_them() {
        let pinned = |purl: &str| (Some(purl.to_owned()), None);
        let not = |name: &str, reason| (None, Some((name.to_owned(), reason)));
        for (line, expected) in [
            ("a==1.0", pinned("pkg:pypi/a@1.0")),
            ("A_b.C == 1.0 # why", pinned("pkg:pypi/a-b-c@1.0")),
            (
                "a[x, y]==1.0; python_version < '3'",
                pinned("pkg:pypi/a@1.0"),
            ),
            ("a===1.0+local", pinned("pkg:pypi/a@1.0%2Blocal")),
            ("a (==1.0)", pinned("pkg:pypi/a@1.0")),
            ("a==1.0,>=0.9", pinned("pkg:pypi/a@1.0")),
            (
                "a==1.0 --hash=sha256:00 \\\n  --hash=sha256:11",
                pinned("pkg:pypi/a@1.0"),
            ),
            ("a==1.0 \\\n    --hash=sha256:00", pinned("pkg:pypi/a@1.0")),
            ("a\\\n==1.0", pinned("pkg:pypi/a@1.0")),
            ("\u{feff}a==1.0\r", pinned("pkg:pypi/a@1.0")),
            ("a", not("a", UnlistedReason::NotPinned)),
            ("a>=1.0", not("a", UnlistedReason::NotPinned)),
            ("a==1.*", not("a", UnlistedReason::NotPinned)),
            ("a~=1.0; x == '2'", not("a", UnlistedReason::NotPinned)),
            (
                "a @ https://example.com/a.whl",
                not("a", UnlistedReason::Source),
            ),
            (
                "https://example.com/a-1.whl",
                not("https://example.com/a-1.whl", UnlistedReason::Source),
            ),
            (
                "git+https://example.com/a",
                not("git+https://example.com/a", UnlistedReason::Source),
            ),
            (
                "-e git+https://example.com/a#egg=a",
                not("git+https://example.com/a#egg=a", UnlistedReason::Source),
            ),
            ("<<<<<<< HEAD", not("<<<<<<< HEAD", UnlistedReason::Name)),
            ("-e .", (None, None)),
            ("./vendor/a.whl", (None, None)),
            ("vendor/a.whl", (None, None)),
            ("-c constraints.txt", (None, None)),
            ("--index-url https://example.com/simple", (None, None)),
            ("# a==1.0", (None, None)),
            ("", (None, None)),
        ] {
            let contents = read(line);
            let package = contents
                .packages
                .first()
                .map(|one| one.package.purl.as_str().to_owned());
            let unlisted = contents
                .unlisted
                .first()
                .map(|one| (one.name.clone(), one.reason));
            assert_eq!((package, unlisted), expected, "{line}");
            assert!(
                contents.packages.len() + contents.unlisted.len() < 2,
                "{line}"
            );
        }
    }

    #[test]
    fn included_files_are_named() {
        let contents = read(
            "-r base.txt\n-rdev/other.txt\n--requirement=x.txt\n--requirement y.txt\n--require-hashes\n-c c.txt\n-r 'quoted.txt'\n",
        );
        assert_eq!(
            contents.includes,
            ["base.txt", "dev/other.txt", "x.txt", "y.txt", "quoted.txt"]
        );
    }
}
