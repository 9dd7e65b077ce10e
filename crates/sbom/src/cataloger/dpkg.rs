//! Debian packages, of installed systems and of distroless images.
//!
//! Reads `lib/dpkg/status` and `lib/dpkg/status.d/*` for packages, `info/*.list` and `*.md5sums` for the files they installed, and
//! `usr/share/doc/*/copyright` for declared licences.

pub mod copyright;
pub mod status;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::merged::{Found, Merged, join_path, split};
use super::{Candidate, Cataloger, Parsed, Reading};
use crate::inventory::{Fault, Inventory, Unreadable};
use crate::package::{Ecosystem, Location, Package, PackageId, Party};
use crate::purl::Purl;
use status::Stanza;

pub(crate) struct Dpkg;

impl Cataloger for Dpkg {
    fn wants(&self, file: &Candidate<'_>) -> bool {
        role(file.path).is_some()
    }

    fn read(&self, file: &Candidate<'_>, bytes: &Arc<Vec<u8>>) -> Reading {
        match role(file.path) {
            Some(Role::Status { .. }) => {
                let (stanzas, faults) = status::parse(bytes);
                Reading::with_faults(Parsed::DpkgStatus(stanzas), faults)
            }
            Some(Role::Files) => Reading::of(Parsed::DpkgFiles(paths(bytes))),
            Some(Role::Digests) => Reading::of(Parsed::DpkgFiles(digest_paths(bytes))),
            Some(Role::Copyright) => Reading::of(Parsed::DpkgCopyright(copyright::parse(bytes))),
            None => Reading::default(),
        }
    }

    fn join(&self, merged: &Merged<'_>, inventory: &mut Inventory) {
        let mut installed = Vec::new();
        for found in merged.visible() {
            let Some(Role::Status { folder, root }) = role(found.path) else {
                continue;
            };
            let history = merged.history(found, |f| {
                stanzas(f).iter().map(key).collect::<BTreeSet<_>>()
            });
            for stanza in stanzas(found) {
                let Some(mut package) = package(merged, stanza) else {
                    inventory.unreadable.push(Unreadable {
                        location: found.location(),
                        fault: Fault::Name {
                            name: stanza.name.clone(),
                        },
                    });
                    continue;
                };
                package.licenses = licenses(merged, root, stanza);
                package.owned_files = owned(merged, folder, root, stanza);
                package.files.push(found.location());
                package.introduced_in = Some(history.introduced(&key(stanza)));
                installed.push(Installed {
                    folder,
                    id: package.id(),
                    stanza,
                    package,
                });
            }
        }
        let index = Index::new(&installed);
        let edges: Vec<_> = installed.iter().map(|i| index.edges(i)).collect();
        for (installed, edges) in installed.into_iter().zip(edges) {
            let mut package = installed.package;
            package.depends_on = edges;
            inventory.packages.push(package);
        }
    }
}

/// Is a package on its way into the inventory.
struct Installed<'a> {
    folder: &'a [u8],
    id: PackageId,
    stanza: &'a Stanza,
    package: Package,
}

/// Finds packages by what they provide, within one database directory.
struct Index<'i> {
    names: BTreeMap<(&'i [u8], &'i str), Vec<&'i Installed<'i>>>,
}

impl<'i> Index<'i> {
    fn new(installed: &'i [Installed<'i>]) -> Self {
        let mut names: BTreeMap<(&[u8], &str), Vec<&Installed<'_>>> = BTreeMap::new();
        for item in installed {
            let provided = item.stanza.provides.iter().map(String::as_str);
            for name in provided.chain([item.stanza.name.as_str()]) {
                names.entry((item.folder, name)).or_default().push(item);
            }
        }
        Self { names }
    }

    /// Returns every installed package that satisfies a dependency; of several architectures those that fit.
    fn edges(&self, from: &Installed<'_>) -> BTreeSet<PackageId> {
        let mut out = BTreeSet::new();
        for name in &from.stanza.depends {
            let found = self.names.get(&(from.folder, name.as_str()));
            let candidates = found.map(Vec::as_slice).unwrap_or_default();
            let fits = |to: &&&Installed<'_>| {
                let all = Some("all");
                let (a, b) = (
                    from.stanza.architecture.as_deref(),
                    to.stanza.architecture.as_deref(),
                );
                a == b || a == all || b == all
            };
            let fitting: BTreeSet<_> = candidates
                .iter()
                .filter(fits)
                .map(|i| i.id.clone())
                .collect();
            if fitting.is_empty() {
                out.extend(candidates.iter().map(|i| i.id.clone()));
            } else {
                out.extend(fitting);
            }
        }
        out
    }
}

fn package(merged: &Merged<'_>, stanza: &Stanza) -> Option<Package> {
    let distro = merged.distro();
    let source = &stanza.source;
    let same_version = source.version.as_deref() == Some(stanza.version.as_str());
    let upstream = match &source.version {
        Some(version) if !same_version => Some(format!("{}@{version}", source.name)),
        _ => (source.name != stanza.name).then(|| source.name.clone()),
    };
    let purl = Purl::builder("deb", &stanza.name)
        .namespace(Some(distro.map_or("debian", |d| d.purl_namespace())))
        .version(Some(&stanza.version))
        .qualifier("arch", stanza.architecture.as_deref())
        .qualifier("distro", distro.map(|d| d.purl_qualifier()).as_deref())
        .qualifier("upstream", upstream.as_deref())
        .build()
        .ok()?;
    let mut package = Package::new(Ecosystem::Deb, &stanza.name, Some(&stanza.version), purl);
    package.architecture.clone_from(&stanza.architecture);
    package.supplier = stanza.maintainer.as_deref().and_then(Party::parse);
    package.summary.clone_from(&stanza.summary);
    package.homepage.clone_from(&stanza.homepage);
    package.source = Some(source.clone());
    Some(package)
}

fn licenses(merged: &Merged<'_>, root: &[u8], stanza: &Stanza) -> Vec<String> {
    let path = [
        root,
        b"usr/share/doc/",
        stanza.name.as_bytes(),
        b"/copyright",
    ]
    .concat();
    let parsed = merged.resolve(&path).map(|f| f.parsed).unwrap_or_default();
    parsed
        .iter()
        .find_map(|p| match p {
            Parsed::DpkgCopyright(licenses) => Some(licenses.clone()),
            _ => None,
        })
        .unwrap_or_default()
}

/// Finds the list of a package's files: `.list` has all, `.md5sums` all but configuration files.
fn owned(merged: &Merged<'_>, folder: &[u8], root: &[u8], stanza: &Stanza) -> Vec<Location> {
    let name = &stanza.name;
    let qualified = match &stanza.architecture {
        Some(architecture) => format!("{name}:{architecture}"),
        None => name.clone(),
    };
    let lists = [
        format!("info/{qualified}.list"),
        format!("info/{name}.list"),
        format!("info/{qualified}.md5sums"),
        format!("info/{name}.md5sums"),
        format!("status.d/{name}.md5sums"),
    ];
    let files = lists.iter().find_map(|list| {
        let found = merged.resolve(&join_path(folder, list.as_bytes()))?;
        found.parsed.iter().find_map(|p| match p {
            Parsed::DpkgFiles(files) => Some(files),
            _ => None,
        })
    });
    let paths: Vec<_> = files
        .into_iter()
        .flatten()
        .map(|path| [root, path.trim_start_matches('/').as_bytes()].concat())
        .collect();
    merged.owned(paths.iter().map(Vec::as_slice))
}

fn stanzas<'a>(found: &Found<'a>) -> &'a [Stanza] {
    found
        .parsed
        .iter()
        .find_map(|p| match p {
            Parsed::DpkgStatus(stanzas) => Some(stanzas.as_slice()),
            _ => None,
        })
        .unwrap_or_default()
}

fn key(stanza: &Stanza) -> (String, String, Option<String>) {
    (
        stanza.name.clone(),
        stanza.version.clone(),
        stanza.architecture.clone(),
    )
}

/// Reads a `.list`: one absolute path a line.
fn paths(bytes: &[u8]) -> Vec<String> {
    let text = String::from_utf8_lossy(bytes);
    text.lines()
        .filter(|l| !l.is_empty() && *l != "/.")
        .map(str::to_owned)
        .collect()
}

/// Reads a `.md5sums`: digest, white space, a path relative to the root.
fn digest_paths(bytes: &[u8]) -> Vec<String> {
    let text = String::from_utf8_lossy(bytes);
    text.lines()
        .filter_map(|line| line.split_once(char::is_whitespace))
        .map(|(_, path)| path.trim_start().trim_start_matches("./").to_owned())
        .filter(|path| !path.is_empty())
        .collect()
}

#[derive(Debug, PartialEq, Eq)]
enum Role<'a> {
    /// Packages: the directory of the database, and the root (with its slash) of its system.
    Status {
        folder: &'a [u8],
        root: &'a [u8],
    },
    Files,
    Digests,
    Copyright,
}

fn role(path: &[u8]) -> Option<Role<'_>> {
    let (parent, name) = split(path);
    if name == b"copyright" {
        let (doc, _) = split(parent);
        return is_or_ends(doc, b"usr/share/doc").then_some(Role::Copyright);
    }
    if name == b"status" {
        return status(parent);
    }
    let (folder, last) = split(parent);
    if !is_or_ends(folder, b"lib/dpkg") {
        return None;
    }
    match last {
        b"info" if name.ends_with(b".list") => Some(Role::Files),
        b"info" if name.ends_with(b".md5sums") => Some(Role::Digests),
        b"status.d" if name.ends_with(b".md5sums") => Some(Role::Digests),
        b"status.d" => status(folder),
        _ => None,
    }
}

fn status(folder: &[u8]) -> Option<Role<'_>> {
    if !is_or_ends(folder, b"lib/dpkg") {
        return None;
    }
    let prefix = folder.strip_suffix(b"lib/dpkg")?;
    let root = prefix.strip_suffix(b"var/").unwrap_or(prefix);
    Some(Role::Status { folder, root })
}

/// Says whether a path is, or ends with, whole components.
fn is_or_ends(path: &[u8], tail: &[u8]) -> bool {
    path.strip_suffix(tail)
        .is_some_and(|p| p.is_empty() || p.ends_with(b"/"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn role_goes_by_whole_components() {
        let status = |folder, root| Some(Role::Status { folder, root });
        let table: [(&[u8], Option<Role<'_>>); 11] = [
            (b"var/lib/dpkg/status", status(b"var/lib/dpkg", b"")),
            (
                b"srv/x/var/lib/dpkg/status.d/python3.11",
                status(b"srv/x/var/lib/dpkg", b"srv/x/"),
            ),
            (b"var/lib/dpkg/status.d/libc6.md5sums", Some(Role::Digests)),
            (b"var/lib/dpkg/info/libc6:amd64.list", Some(Role::Files)),
            (
                b"var/lib/dpkg/info/libc6:amd64.md5sums",
                Some(Role::Digests),
            ),
            (b"var/lib/dpkg/info/libc6:amd64.postinst", None),
            (b"usr/share/doc/libc6/copyright", Some(Role::Copyright)),
            (b"usr/share/doc/copyright", None),
            (b"var/mylib/dpkg/status", None),
            (b"var/lib/dpkg/status-old", None),
            (b"status", None),
        ];
        for (path, expected) in table {
            assert_eq!(role(path), expected, "{}", String::from_utf8_lossy(path));
        }
    }

    #[test]
    fn file_lists() {
        assert_eq!(paths(b"/.\n/bin\n/bin/a b\n"), ["/bin", "/bin/a b"]);
        assert_eq!(
            digest_paths(b"d41d8cd98f00b204e9800998ecf8427e  usr/bin/a b\nrubbish\n"),
            ["usr/bin/a b"]
        );
    }
}
