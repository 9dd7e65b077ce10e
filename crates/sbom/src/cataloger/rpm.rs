//! RPM packages.
//!
//! Reads the SQLite database `rpmdb.sqlite` with its write-ahead log, wherever a distribution puts it. The older formats
//! (Berkeley DB `Packages`, NDB `Packages.db`) are reported as unsupported. Public keys (`gpg-pubkey`) are entries of the database
//! and are listed as `rpm -qa` lists them.

pub mod header;
pub mod sqlite;

use std::collections::BTreeSet;
use std::sync::Arc;

use super::merged::{Found, Merged};
use super::relation::Providers;
use super::{Candidate, Cataloger, Parsed, Reading};
use crate::inventory::{Fault, Inventory, Unreadable};
use crate::package::{Ecosystem, Package, Party};
use crate::purl::Purl;
use header::Header;
use sqlite::{Database, Value};

pub(crate) struct Rpm;

impl Cataloger for Rpm {
    fn wants(&self, file: &Candidate<'_>) -> bool {
        role(file.path).is_some()
    }

    /// A database is read page by page, in place.
    fn largest(&self) -> usize {
        usize::MAX
    }

    fn read(&self, file: &Candidate<'_>, bytes: &Arc<Vec<u8>>) -> Reading {
        match role(file.path) {
            Some(Role::Database) => Reading::of(Parsed::RpmDatabase(Arc::clone(bytes))),
            Some(Role::Log) => Reading::of(Parsed::RpmLog(Arc::clone(bytes))),
            Some(Role::Other(format)) if !bytes.is_empty() => {
                Reading::from_result(Err(Fault::Unsupported { format }))
            }
            _ => Reading::default(),
        }
    }

    fn join(&self, merged: &Merged<'_>, inventory: &mut Inventory) {
        for found in merged.visible() {
            if role(found.path) == Some(Role::Database)
                && let Some(database) = database(found)
            {
                join_database(merged, found, database, inventory);
            }
        }
    }
}

/// Reads every package header of a database.
#[must_use]
pub fn parse(database: &[u8], log: Option<&[u8]>) -> (Vec<Header>, Vec<Fault>) {
    let database = match Database::open(database, log) {
        Ok(database) => database,
        Err(fault) => return (Vec::new(), vec![fault]),
    };
    // `CREATE TABLE Packages (hnum INTEGER PRIMARY KEY AUTOINCREMENT, blob BLOB NOT NULL)`, rpm's lib/backend/sqlite.c.
    let (rows, mut faults) = database.rows("Packages", &[0, 1]);
    let mut headers = Vec::with_capacity(rows.len());
    for row in rows {
        let [_, Value::Bytes(blob)] = row.as_slice() else {
            faults.push(Fault::Malformed {
                what: "row of the package table",
                offset: 0,
            });
            continue;
        };
        match header::parse(blob) {
            Ok(header) => headers.push(header),
            Err(fault) => faults.push(fault),
        }
    }
    (headers, faults)
}

fn join_database(
    merged: &Merged<'_>,
    found: &Found<'_>,
    database: &[u8],
    inventory: &mut Inventory,
) {
    let log_path = [found.path, LOG_SUFFIX].concat();
    let log = merged.resolve(&log_path).filter(|f| log(f).is_some());
    let (headers, faults) = parse(database, log.and_then(self::log));
    let top = log.map_or(found.layer, |log| log.layer.max(found.layer));
    inventory
        .unreadable
        .extend(faults.into_iter().map(|fault| Unreadable {
            location: found.location(),
            fault,
        }));
    let history = history(merged, found, &log_path, top);
    let mut packages = Vec::new();
    for header in &headers {
        let Some(mut package) = package(merged, header) else {
            inventory.unreadable.push(Unreadable {
                location: found.location(),
                fault: Fault::Name {
                    name: header.name.clone(),
                },
            });
            continue;
        };
        package.owned_files = merged.owned(header.files.iter().map(String::as_bytes));
        package.files.push(found.location());
        package.introduced_in = Some(introduced(&history, header, top));
        packages.push((header, package));
    }
    let mut providers = Providers::default();
    for (header, package) in &packages {
        let id = package.id();
        let names = header.provides.iter().chain(&header.files);
        for name in names.chain([&header.name]) {
            providers.add(name, &id);
        }
    }
    let edges: Vec<BTreeSet<_>> = packages
        .iter()
        .map(|(header, _)| {
            header
                .requires
                .iter()
                .flat_map(|need| needs(need))
                .flat_map(|need| providers.of(need))
                .cloned()
                .collect()
        })
        .collect();
    for ((_, mut package), edges) in packages.into_iter().zip(edges) {
        package.depends_on = edges;
        inventory.packages.push(package);
    }
}

type Key = (String, String, Option<String>);

/// Returns what the database had below the layer `top`, each version with the log that was current then, the nearest first.
fn history(
    merged: &Merged<'_>,
    found: &Found<'_>,
    log_path: &[u8],
    top: usize,
) -> Vec<(usize, BTreeSet<Key>)> {
    // A change of the log alone is a version of the database as well.
    let mut layers: BTreeSet<usize> = merged.versions(found.path).map(|f| f.layer).collect();
    layers.extend(merged.versions(log_path).map(|f| f.layer));
    let current = |path: &[u8], layer| merged.versions(path).rev().find(|f| f.layer <= layer);
    layers
        .into_iter()
        .rev()
        .filter(|layer| *layer < top)
        .filter_map(|layer| {
            let version = current(found.path, layer)?;
            // A log older than the database was already written into it.
            let log = current(log_path, layer).filter(|l| l.layer >= version.layer);
            let (headers, _) = parse(database(version)?, log.and_then(self::log));
            Some((layer, headers.iter().map(key).collect()))
        })
        .collect()
}

/// Returns the lowest layer from which on every version of the database has the package.
fn introduced(history: &[(usize, BTreeSet<Key>)], header: &Header, top: usize) -> usize {
    let key = key(header);
    let lower = history
        .iter()
        .take_while(|(_, keys)| keys.contains(&key))
        .last();
    lower.map_or(top, |(layer, _)| *layer)
}

fn key(header: &Header) -> Key {
    let epoch = header.epoch.unwrap_or(0);
    (
        header.name.clone(),
        format!("{epoch}:{}", header.version_release()),
        header.architecture.clone(),
    )
}

fn package(merged: &Merged<'_>, header: &Header) -> Option<Package> {
    let distro = merged.distro();
    let release = header.version_release();
    let epoch = header.epoch.filter(|e| *e != 0).map(|e| e.to_string());
    let version = match &epoch {
        Some(epoch) => format!("{epoch}:{release}"),
        None => release.clone(),
    };
    let purl = Purl::builder("rpm", &header.name)
        .namespace(distro.map(|d| d.purl_namespace()))
        .version(Some(&release))
        .qualifier("arch", header.architecture.as_deref())
        .qualifier("distro", distro.map(|d| d.purl_qualifier()).as_deref())
        .qualifier("epoch", epoch.as_deref())
        .qualifier("upstream", header.source_rpm.as_deref())
        .build()
        .ok()?;
    let mut package = Package::new(Ecosystem::Rpm, &header.name, Some(&version), purl);
    package.architecture.clone_from(&header.architecture);
    package.licenses.extend(header.license.clone());
    package.supplier = header.vendor.as_deref().and_then(Party::parse);
    package.summary.clone_from(&header.summary);
    package.homepage.clone_from(&header.url);
    package.source = header.source();
    package
        .modularity_label
        .clone_from(&header.modularity_label);
    Some(package)
}

/// Returns the names in a requirement. Of a boolean one (`(a or b >= 2)`) those joined by `and`, `or` and `with`; what is
/// needed only under a condition (`if`, `unless`) is no statement about this image.
fn needs(need: &str) -> Vec<&str> {
    let Some(rich) = need.strip_prefix('(') else {
        return vec![need];
    };
    let words: Vec<&str> = rich.split_whitespace().collect();
    if words
        .iter()
        .any(|w| matches!(*w, "if" | "unless" | "without"))
    {
        return Vec::new();
    }
    let mut out = Vec::new();
    let mut is_version = false;
    for word in words {
        match word {
            "and" | "or" | "with" => {}
            "<" | "<=" | "=" | ">=" | ">" => is_version = true,
            _ if is_version => is_version = false,
            name => {
                let name = name.trim_start_matches('(');
                // A name may end with a pair of its own: `libz.so.1()(64bit)`.
                let surplus = name
                    .matches(')')
                    .count()
                    .saturating_sub(name.matches('(').count());
                out.extend(name.get(..name.len() - surplus));
            }
        }
    }
    out
}

fn database<'a>(found: &Found<'a>) -> Option<&'a [u8]> {
    found.parsed.iter().find_map(|p| match p {
        Parsed::RpmDatabase(bytes) => Some(bytes.as_slice()),
        _ => None,
    })
}

fn log<'a>(found: &Found<'a>) -> Option<&'a [u8]> {
    found.parsed.iter().find_map(|p| match p {
        Parsed::RpmLog(bytes) if !bytes.is_empty() => Some(bytes.as_slice()),
        _ => None,
    })
}

#[derive(Debug, PartialEq, Eq)]
enum Role {
    Database,
    Log,
    Other(&'static str),
}

fn role(path: &[u8]) -> Option<Role> {
    let at = |folder: &[u8], name: &[u8]| {
        path.strip_suffix(name)
            .and_then(|p| p.strip_suffix(folder))
            .is_some_and(|p| p.is_empty() || p.ends_with(b"/"))
    };
    // Where rpm's `%_dbpath` points in Fedora, RHEL, SUSE, Amazon Linux and CoreOS, now and before.
    let folders: [&[u8]; 3] = [b"var/lib/rpm/", b"usr/lib/sysimage/rpm/", b"usr/share/rpm/"];
    folders.into_iter().find_map(|folder| {
        if at(folder, b"rpmdb.sqlite") {
            Some(Role::Database)
        } else if at(folder, b"rpmdb.sqlite-wal") {
            Some(Role::Log)
        } else if at(folder, b"Packages") {
            Some(Role::Other("an rpm database in Berkeley DB format"))
        } else if at(folder, b"Packages.db") {
            Some(Role::Other("an rpm database in NDB format"))
        } else {
            None
        }
    })
}

const LOG_SUFFIX: &[u8] = b"-wal";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn role_knows_the_database_folders() {
        let table: [(&[u8], Option<Role>); 6] = [
            (b"var/lib/rpm/rpmdb.sqlite", Some(Role::Database)),
            (
                b"srv/usr/lib/sysimage/rpm/rpmdb.sqlite-wal",
                Some(Role::Log),
            ),
            (
                b"usr/share/rpm/Packages",
                Some(Role::Other("an rpm database in Berkeley DB format")),
            ),
            (
                b"usr/lib/sysimage/rpm/Packages.db",
                Some(Role::Other("an rpm database in NDB format")),
            ),
            (b"var/lib/rpm/rpmdb.sqlite-shm", None),
            (b"myvar/lib/rpm/rpmdb.sqlite", None),
        ];
        for (path, expected) in table {
            assert_eq!(role(path), expected, "{}", String::from_utf8_lossy(path));
        }
    }

    #[test]
    fn needs_reads_boolean_requirements() {
        let table: [(&str, &[&str]); 5] = [
            ("libz.so.1()(64bit)", &["libz.so.1()(64bit)"]),
            ("(a or b >= 2.0)", &["a", "b"]),
            (
                "((a >= 1 and b) or libz.so.1()(64bit))",
                &["a", "b", "libz.so.1()(64bit)"],
            ),
            ("(langpack if glibc)", &[]),
            ("(a unless b)", &[]),
        ];
        for (need, expected) in table {
            assert_eq!(needs(need), expected, "{need}");
        }
    }
}
