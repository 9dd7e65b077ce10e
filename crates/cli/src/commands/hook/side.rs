//! The remote's side of a push: the states that its findings are compared with.
//!
//! A ref that exists is compared with what it names there. For a new ref, or where that is not in this clone, it is the nearest that the remote
//! has: the merge base with its tracking refs. They are as old as the last fetch.

use std::collections::BTreeSet;

use super::error::HookError;
use super::git::{Git, Objects, Oid};
use super::update::Update;

/// Is a push of one state, and what it is compared with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Comparison {
    /// The tree that is pushed.
    pub(super) tree: Oid,
    /// The trees that the remote has; none where it has nothing to compare with.
    pub(super) bases: Vec<Oid>,
    /// The refs on the other side.
    pub(super) refs: BTreeSet<String>,
    /// What the bases are, for people.
    pub(super) against: String,
}

/// Finds for each update what it is compared with; updates that bring no other tree than the remote has are left out.
pub(super) fn compare(
    git: &Git,
    objects: &mut Objects,
    updates: &[Update],
    remote: Option<&str>,
) -> Result<Vec<Comparison>, HookError> {
    let mut sides = Sides::default();
    let mut new: Vec<(&Update, Oid, Option<Oid>)> = Vec::new();
    let mut found: Vec<Comparison> = Vec::new();
    for update in updates {
        // A tag may name a file; there is nothing in it to look at.
        let Some(tree) = objects.ours(&update.local, "tree")? else {
            continue;
        };
        let theirs = match &update.remote {
            Some(oid) => objects.theirs(oid, "tree")?,
            None => None,
        };
        match (theirs, &update.remote) {
            (Some(base), Some(oid)) => add(
                &mut found,
                tree,
                vec![base],
                update,
                format!("{} at {}", update.remote_ref, oid.short()),
            ),
            _ => {
                let commit = objects.ours(&update.local, "commit")?;
                new.push((update, tree, commit));
            }
        }
    }
    if new.is_empty() {
        return Ok(found);
    }
    sides.find(git, objects, updates, remote)?;
    let unreached = match new.as_slice() {
        [_] => None,
        _ if sides.commits.is_empty() => None,
        // Many tags at once mostly name what the remote has: one question for all of them.
        several => {
            let commits: Vec<Oid> = several.iter().filter_map(|one| one.2.clone()).collect();
            Some(git.unreached(&commits, &sides.commits)?)
        }
    };
    for (update, tree, commit) in new {
        if let (Some(unreached), Some(commit)) = (&unreached, &commit)
            && !unreached.contains(commit)
        {
            continue;
        }
        let (bases, against) = sides.bases(git, objects, commit.as_ref())?;
        add(&mut found, tree, bases, update, against);
    }
    Ok(found)
}

fn add(found: &mut Vec<Comparison>, tree: Oid, bases: Vec<Oid>, update: &Update, against: String) {
    if bases.contains(&tree) {
        return;
    }
    match found
        .iter_mut()
        .find(|one| one.tree == tree && one.bases == bases)
    {
        Some(same) => {
            same.refs.insert(update.remote_ref.clone());
        }
        None => found.push(Comparison {
            tree,
            bases,
            refs: BTreeSet::from([update.remote_ref.clone()]),
            against,
        }),
    }
}

/// Holds what is known of the remote.
#[derive(Debug, Default)]
struct Sides {
    /// Commits that it has, the best known first.
    commits: Vec<Oid>,
    name: String,
}

impl Sides {
    /// Takes the tracking refs of the remote, of all remotes where it has none (a URL, or a fork that was never fetched), and what the
    /// other refs of this push name there.
    fn find(
        &mut self,
        git: &Git,
        objects: &mut Objects,
        updates: &[Update],
        remote: Option<&str>,
    ) -> Result<(), HookError> {
        let own = match remote {
            Some(name) if !name.is_empty() => refs(git, &format!("refs/remotes/{name}/"))?,
            _ => Vec::new(),
        };
        let (tracked, name) = match (own.is_empty(), remote) {
            (false, Some(name)) => (own, name.to_owned()),
            _ => (refs(git, "refs/remotes/")?, "the remotes".to_owned()),
        };
        self.name = name;
        let mut seen = BTreeSet::new();
        for oid in tracked
            .iter()
            .chain(updates.iter().filter_map(|one| one.remote.as_ref()))
        {
            if let Some(commit) = objects.theirs(oid, "commit")?
                && seen.insert(commit.clone())
            {
                self.commits.push(commit);
            }
        }
        Ok(())
    }

    /// Finds the trees that a new ref is compared with.
    fn bases(
        &self,
        git: &Git,
        objects: &mut Objects,
        commit: Option<&Oid>,
    ) -> Result<(Vec<Oid>, String), HookError> {
        let Some(first) = self.commits.first() else {
            return Ok((
                Vec::new(),
                "nothing, since the remote is not known to have anything".to_owned(),
            ));
        };
        let mut nearest = match commit {
            Some(commit) => merge_bases(git, commit, &self.commits)?,
            None => Vec::new(),
        };
        let against = match nearest.first() {
            Some(base) => format!("{} of {}", base.short(), self.name),
            // Another history, or one that this shallow clone does not hold.
            None => format!(
                "{} of {}, which shares no history",
                first.short(),
                self.name
            ),
        };
        if nearest.is_empty() {
            nearest.push(first.clone());
        }
        let mut trees = Vec::new();
        for base in nearest {
            trees.extend(objects.theirs(&base, "tree")?);
        }
        trees.sort();
        trees.dedup();
        Ok((trees, against))
    }
}

/// Lists what refs name, those of the newest commits first; `HEAD` of a remote before all.
fn refs(git: &Git, prefix: &str) -> Result<Vec<Oid>, HookError> {
    let count = format!("--count={MAX_REFS}");
    let answer = git.answer(&[
        "for-each-ref",
        "--sort=-committerdate",
        &count,
        "--format=%(objectname) %(refname)",
        prefix,
    ])?;
    let text = String::from_utf8_lossy(&answer);
    let mut found: Vec<(bool, Oid)> = text
        .lines()
        .filter_map(|line| {
            let (oid, name) = line.split_once(' ')?;
            Some((!name.ends_with("/HEAD"), Oid::parse(oid)?))
        })
        .collect();
    found.sort_by_key(|(behind, _)| *behind);
    Ok(found.into_iter().map(|(_, oid)| oid).collect())
}

/// Finds the best common ancestors of a commit and of all that the remote has (git-merge-base(1): several commits count as their merge).
fn merge_bases(git: &Git, commit: &Oid, theirs: &[Oid]) -> Result<Vec<Oid>, HookError> {
    let mut arguments = vec!["merge-base", "--all", commit.as_str()];
    arguments.extend(theirs.iter().take(MAX_REFS).map(Oid::as_str));
    match git.ask(&arguments)? {
        (0, answer, _) => Ok(String::from_utf8_lossy(&answer)
            .lines()
            .filter_map(Oid::parse)
            .collect()),
        // There is none.
        (1, ..) => Ok(Vec::new()),
        (code, _, said) => Err(HookError::Failed {
            command: "merge-base".to_owned(),
            said: if said.is_empty() {
                format!("code {code}")
            } else {
                said
            },
        }),
    }
}

/// The most refs that are compared with: with 64 digits each they fit into the 32,767 characters of a command line on Windows. Leaving out older
/// ones can only make the comparison stricter.
const MAX_REFS: usize = 256;
