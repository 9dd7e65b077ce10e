//! Lock files that a push changes: only they can bring a finding that the remote does not have.
//!
//! Submodules and symbolic links are no lock files. Files that a `requirements.txt` includes count as one wherever they are.

use std::collections::{BTreeMap, BTreeSet};

use toolkit_sbom::lockfile::Lockfile;

use super::error::HookError;
use super::git::{Content, Git, Objects, Oid};
use super::side::Comparison;

/// Is a lock file that is not the same on the remote's side.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Change {
    /// Its path in the repository.
    pub(super) path: Vec<u8>,
    /// Its kind.
    pub(super) kind: Lockfile,
    /// What is pushed.
    pub(super) new: Oid,
    /// What it is on the remote's side, for each base; none where it is not there.
    pub(super) old: Vec<Option<Oid>>,
}

/// Lists the changed lock files, by path.
pub(super) fn changes(
    git: &Git,
    objects: &mut Objects,
    comparison: &Comparison,
) -> Result<Vec<Change>, HookError> {
    let mut found: BTreeMap<Vec<u8>, Change> = BTreeMap::new();
    let mut roots = Roots::default();
    let bases = comparison.bases.len();
    if bases == 0 {
        list(git, &comparison.tree, &mut |path, oid| {
            roots.see(path, lockfile(path));
            if let Some(kind) = lockfile(path) {
                found.insert(
                    path.to_vec(),
                    Change {
                        path: path.to_vec(),
                        kind,
                        new: oid,
                        old: Vec::new(),
                    },
                );
            }
        })?;
    }
    for (index, base) in comparison.bases.iter().enumerate() {
        diff(git, base, &comparison.tree, &mut |path, old, new| {
            roots.see(path, lockfile(path));
            let Some(kind) = lockfile(path) else { return };
            let change = found.entry(path.to_vec()).or_insert_with(|| Change {
                path: path.to_vec(),
                kind,
                new: new.clone(),
                // The same until a base says otherwise.
                old: vec![Some(new.clone()); bases],
            });
            if let Some(place) = change.old.get_mut(index) {
                *place = old;
            }
        })?;
    }
    if roots.any() {
        included(git, objects, comparison, &roots, &mut found)?;
    }
    // What one of the bases has in the same form is not new.
    found.retain(|_, change| !change.old.contains(&Some(change.new.clone())));
    Ok(found.into_values().collect())
}

/// Tells which `requirements.txt` files may include something that is not the same on the other side.
#[derive(Debug, Default)]
struct Roots {
    changed: BTreeSet<Vec<u8>>,
    /// A file changed that is none of the kind by its name: any of them may include it.
    all: bool,
}

impl Roots {
    fn see(&mut self, path: &[u8], kind: Option<Lockfile>) {
        match kind {
            Some(Lockfile::Requirements) => {
                self.changed.insert(path.to_vec());
            }
            None if may_be_included(path) => self.all = true,
            _ => {}
        }
    }

    fn any(&self) -> bool {
        self.all || !self.changed.is_empty()
    }
}

/// Tells whether a file has a name as projects give to what a `requirements.txt` includes; pip takes any.
fn may_be_included(path: &[u8]) -> bool {
    let name = path.rsplit(|byte| *byte == b'/').next().unwrap_or(path);
    let extension = name.iter().rposition(|byte| *byte == b'.');
    match extension.and_then(|at| name.get(at + 1..)) {
        Some(extension) => [&b"txt"[..], b"in", b"pip", b"req", b"lock"].contains(&extension),
        None => true,
    }
}

/// Adds what is included on the pushed side, with what the same includes lead to on the others.
fn included(
    git: &Git,
    objects: &mut Objects,
    comparison: &Comparison,
    roots: &Roots,
    found: &mut BTreeMap<Vec<u8>, Change>,
) -> Result<(), HookError> {
    let mut starts = roots.changed.clone();
    if roots.all {
        list(git, &comparison.tree, &mut |path, _| {
            if lockfile(path) == Some(Lockfile::Requirements) {
                starts.insert(path.to_vec());
            }
        })?;
    }
    let new = closure(git, objects, &comparison.tree, &starts)?;
    let mut old = Vec::new();
    for base in &comparison.bases {
        old.push(closure(git, objects, base, &starts)?);
    }
    for (path, oid) in new {
        found.entry(path).or_insert_with_key(|path| Change {
            path: path.clone(),
            kind: Lockfile::Requirements,
            old: old.iter().map(|side| side.get(path).cloned()).collect(),
            new: oid,
        });
    }
    Ok(())
}

/// Follows the includes of files in a tree; what is not there, climbs out of the repository or is a URL leads nowhere.
fn closure(
    git: &Git,
    objects: &mut Objects,
    tree: &Oid,
    starts: &BTreeSet<Vec<u8>>,
) -> Result<BTreeMap<Vec<u8>, Oid>, HookError> {
    let mut found: BTreeMap<Vec<u8>, Oid> = BTreeMap::new();
    let mut todo: Vec<Vec<u8>> = starts.iter().cloned().collect();
    let mut asked: BTreeSet<Vec<u8>> = starts.clone();
    while let Some(path) = todo.pop() {
        let Some(oid) = file(git, tree, &path)? else {
            continue;
        };
        let content = objects.content(&oid, toolkit_sbom::lockfile::MAX_BYTES)?;
        // What cannot be read is told where the file is judged.
        if let Content::Bytes(bytes) = content
            && let Ok(contents) = Lockfile::Requirements.read(&bytes)
        {
            for include in &contents.includes {
                if let Some(target) = resolve(&path, include)
                    && asked.len() < starts.len() + MAX_INCLUDED
                    && asked.insert(target.clone())
                {
                    todo.push(target);
                }
            }
        }
        found.insert(path, oid);
    }
    Ok(found)
}

/// Resolves an include against the directory of its file, as pip does.
fn resolve(path: &[u8], include: &str) -> Option<Vec<u8>> {
    if include.contains("://") || include.starts_with('/') {
        return None;
    }
    let mut parts: Vec<&[u8]> = path.split(|byte| *byte == b'/').collect();
    parts.pop();
    for part in include
        .as_bytes()
        .split(|byte| matches!(byte, b'/' | b'\\'))
    {
        match part {
            b"" | b"." => {}
            b".." => {
                parts.pop()?;
            }
            part => parts.push(part),
        }
    }
    (!parts.is_empty()).then(|| parts.join(&b'/'))
}

/// Finds a regular file of a tree.
fn file(git: &Git, tree: &Oid, path: &[u8]) -> Result<Option<Oid>, HookError> {
    // Arguments are text on some systems; such a name in a lock file is nobody's.
    let Ok(text) = std::str::from_utf8(path) else {
        return Ok(None);
    };
    if text.is_empty() || text.contains('\0') {
        return Ok(None);
    }
    let mut found = None;
    git.pieces(
        &["ls-tree", "-z", "--full-tree", tree.as_str(), "--", text],
        &mut |piece| {
            if let Some((name, oid)) = entry(piece)
                && name == path
            {
                found = Some(oid);
            }
            Ok(())
        },
    )?;
    Ok(found)
}

/// Hands over every regular file of a tree.
fn list(git: &Git, tree: &Oid, each: &mut dyn FnMut(&[u8], Oid)) -> Result<(), HookError> {
    git.pieces(
        &["ls-tree", "-r", "-z", "--full-tree", tree.as_str()],
        &mut |piece| {
            if let Some((path, oid)) = entry(piece) {
                each(path, oid);
            }
            Ok(())
        },
    )
}

/// Reads `MODE SP TYPE SP OID TAB PATH` (git-ls-tree(1), "OUTPUT FORMAT"); `None` for what is no regular file.
fn entry(piece: &[u8]) -> Option<(&[u8], Oid)> {
    let tab = piece.iter().position(|byte| *byte == b'\t')?;
    let (head, path) = piece.split_at_checked(tab)?;
    let head = std::str::from_utf8(head).ok()?;
    let mut words = head.split(' ');
    let (mode, oid) = (words.next()?, words.nth(1)?);
    is_regular(mode).then_some((path.get(1..)?, Oid::parse(oid)?))
}

/// Takes a path and the contents before, where there was one, and after.
type Each<'a> = dyn FnMut(&[u8], Option<Oid>, Oid) + 'a;

/// Hands over every regular file that differs between two trees and is in the second: its path, and its content in both.
fn diff(git: &Git, from: &Oid, to: &Oid, each: &mut Each<'_>) -> Result<(), HookError> {
    let mut header: Option<(Option<Oid>, Option<Oid>)> = None;
    git.pieces(
        &[
            "diff-tree",
            "-r",
            "-z",
            "--no-renames",
            "--no-abbrev",
            from.as_str(),
            to.as_str(),
        ],
        &mut |piece| {
            match header.take() {
                Some((old, Some(new))) => each(piece, old, new),
                Some((_, None)) => {}
                None => {
                    header = Some(raw(piece).ok_or_else(|| HookError::Answer {
                        command: "diff-tree",
                        found: super::git::excerpt(piece),
                    })?);
                }
            }
            Ok(())
        },
    )
}

/// Reads `:OLD-MODE NEW-MODE OLD-OID NEW-OID STATUS` (git-diff-tree(1), "RAW OUTPUT FORMAT"): what is a regular file on each side.
fn raw(piece: &[u8]) -> Option<(Option<Oid>, Option<Oid>)> {
    let text = std::str::from_utf8(piece).ok()?.strip_prefix(':')?;
    let words: Vec<&str> = text.split(' ').collect();
    let [old_mode, new_mode, old, new, _] = words.as_slice() else {
        return None;
    };
    let side = |mode: &str, oid: &str| -> Option<Option<Oid>> {
        let oid = Oid::parse(oid)?;
        Some(is_regular(mode).then_some(oid))
    };
    Some((side(old_mode, old)?, side(new_mode, new)?))
}

fn is_regular(mode: &str) -> bool {
    mode.starts_with("100")
}

fn lockfile(path: &[u8]) -> Option<Lockfile> {
    let name = path.rsplit(|byte| *byte == b'/').next()?;
    Lockfile::of_name(name)
}

/// The most files that are followed in one tree; projects have a handful.
const MAX_INCLUDED: usize = 1_000;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn includes_stay_in_the_repository() {
        for (path, include, expected) in [
            ("requirements.txt", "base.txt", Some("base.txt")),
            ("a/requirements.txt", "./base.txt", Some("a/base.txt")),
            ("a/b/requirements.txt", "../base.txt", Some("a/base.txt")),
            ("a/requirements.txt", "c\\base.txt", Some("a/c/base.txt")),
            ("requirements.txt", "../base.txt", None),
            ("requirements.txt", "/etc/base.txt", None),
            ("requirements.txt", "https://example.com/base.txt", None),
            ("requirements.txt", ".", None),
        ] {
            let found = resolve(path.as_bytes(), include);
            assert_eq!(
                found.as_deref(),
                expected.map(str::as_bytes),
                "{path} {include}"
            );
        }
    }

    #[test]
    fn only_regular_files_are_looked_at() {
        let (one, two) = ("1".repeat(40), "2".repeat(40));
        let oid = |text: &str| Oid::parse(text);
        for (line, expected) in [
            (
                format!(":100644 100755 {one} {two} M"),
                Some((oid(&one), oid(&two))),
            ),
            (
                format!(":000000 100644 {} {two} A", "0".repeat(40)),
                Some((None, oid(&two))),
            ),
            (
                format!(":100644 000000 {one} {} D", "0".repeat(40)),
                Some((oid(&one), None)),
            ),
            (format!(":160000 160000 {one} {two} M"), Some((None, None))),
            (
                format!(":120000 100644 {one} {two} T"),
                Some((None, oid(&two))),
            ),
            (format!("100644 {one}"), None),
        ] {
            assert_eq!(raw(line.as_bytes()), expected, "{line}");
        }
        let name = |line: String| entry(line.as_bytes()).map(|(path, _)| path.to_vec());
        assert_eq!(
            name(format!("100644 blob {one}\ta\tb")),
            Some(b"a\tb".to_vec())
        );
        assert_eq!(name(format!("160000 commit {one}\ta")), None);
        assert_eq!(name(format!("120000 blob {one}\ta")), None);
    }
}
