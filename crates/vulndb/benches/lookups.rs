//! What opening, a first query and 5,000 packages cost on a database, as whole processes and inside of one.
//!
//! `cargo bench -p toolkit-vulndb --bench lookups -- DATA/vulndb-v2` with the data directory to which `toolkit db build FEEDS` installed. The figures are printed, not
//! judged: a machine that is busy would fail a test for no reason. Packages are drawn with a fixed seed, evenly over (name space, name).

#![expect(
    clippy::print_stdout,
    clippy::indexing_slicing,
    reason = "a bench prints and reads its own data"
)]

use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use jiff::civil::date;
use toolkit_sbom::{Ecosystem as Kind, Inventory, Package, Purl};
use toolkit_vulndb::db::{self, Bound, Index, Opened};
use toolkit_vulndb::ecosystem::{Ecosystem, Family};
use toolkit_vulndb::matching::{Options, Query, Sources, matches};

const SEED: u64 = 20_250_218;
const KNOWN: usize = 3_000;
const UNKNOWN: usize = 2_000;
const RUNS: usize = 15;

/// PCG's multiplier and Knuth's increment: the same draw in every run.
struct Draw(u64);

impl Draw {
    fn below(&mut self, limit: usize) -> usize {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap_or(0) % limit
    }
}

fn main() {
    let arguments: Vec<String> = std::env::args()
        .skip(1)
        .filter(|argument| argument != "--bench")
        .collect();
    let Some(folder) = arguments.first() else {
        println!("skipped: no folder of a database is named");
        return;
    };
    let folder = Path::new(folder);
    match arguments.get(1).map(String::as_str) {
        None => all(folder),
        Some("draw") => draw(folder, Path::new(&arguments[2])),
        Some("first") => first(folder),
        Some("many") => many(folder, Path::new(&arguments[2])),
        Some(other) => println!("unknown part `{other}`"),
    }
}

fn all(folder: &Path) {
    let list = tempfile::NamedTempFile::new().expect("a file");
    let path = list.path().to_str().expect("a path");
    print!("{}", part(folder, &["draw", path]).1);
    let opened: Vec<Duration> = (0..RUNS)
        .map(|_| {
            let start = Instant::now();
            let opened = open(folder);
            let took = start.elapsed();
            drop(opened);
            took
        })
        .collect();
    report("open", opened);
    report(
        "first query, whole process",
        (0..RUNS).map(|_| part(folder, &["first"]).0).collect(),
    );
    let mut processes = Vec::new();
    let mut last = String::new();
    let mut inside = Vec::new();
    for _ in 0..RUNS {
        let (took, text) = part(folder, &["many", path]);
        processes.push(took);
        let micros = text
            .split_whitespace()
            .next()
            .and_then(|word| word.parse().ok());
        inside.push(Duration::from_micros(micros.unwrap_or_default()));
        last = text;
    }
    report("5,000 packages, matching, cold", inside);
    report("5,000 packages, whole process", processes);
    println!("5,000 packages: {}", last.trim());
}

/// An installed database was hashed when it was written, and is not again.
fn open(folder: &Path) -> Opened {
    let current = db::open_current(folder).expect("a database");
    current.expect("an installed database").0
}

fn part(folder: &Path, arguments: &[&str]) -> (Duration, String) {
    let program = std::env::current_exe().expect("this program");
    let start = Instant::now();
    let output = Command::new(program)
        .arg(folder)
        .args(arguments)
        .output()
        .expect("this program starts");
    let took = start.elapsed();
    (took, String::from_utf8_lossy(&output.stdout).into_owned())
}

fn report(what: &str, mut took: Vec<Duration>) {
    took.sort_unstable();
    println!(
        "{what:<32} best {:>9.3?}  median {:>9.3?}",
        took[0],
        took[took.len() / 2]
    );
}

fn first(folder: &Path) {
    let opened = open(folder);
    let purl = Purl::parse("pkg:pypi/django@3.2").expect("a package URL");
    let inventory = Inventory {
        packages: vec![Package::new(Kind::Python, "django", Some("3.2"), purl)],
        ..Inventory::default()
    };
    println!("{} findings", run(&opened, &inventory));
}

fn run(opened: &Opened, inventory: &Inventory) -> usize {
    let details = opened.details().expect("details");
    let signals = opened.signals().expect("signals");
    let statements = opened.statements().expect("VEX");
    let sources = Sources {
        index: &opened.index,
        details: Some(&details),
        signals: signals.as_ref(),
        statements: statements.as_ref(),
    };
    let found = matches(&sources, inventory, &Options::on(date(2025, 2, 18))).expect("a database");
    found.findings.len()
}

fn many(folder: &Path, list: &Path) {
    let text = fs_err::read_to_string(list).expect("the list");
    let packages = text
        .lines()
        .map(|line| {
            let (purl, name) = line.split_once('\t').expect("two columns");
            let purl = Purl::parse(purl).expect("a package URL");
            let version = purl.version().map(str::to_owned);
            Package::new(
                Kind::of_purl_type(purl.ty()),
                name,
                version.as_deref(),
                purl,
            )
        })
        .collect();
    let mut inventory = Inventory {
        packages,
        ..Inventory::default()
    };
    inventory.normalize();
    let start = Instant::now();
    let opened = open(folder);
    let findings = run(&opened, &inventory);
    let took = start.elapsed();
    let peak = fs_err::read_to_string("/proc/self/status").unwrap_or_default();
    let peak = peak
        .lines()
        .find_map(|line| line.strip_prefix("VmHWM:"))
        .unwrap_or("unknown")
        .trim()
        .to_owned();
    println!(
        "{} µs, {findings} findings in {} packages, peak {peak}",
        took.as_micros(),
        inventory.packages.len()
    );
}

/// Draws the packages and says how many pairs there are to draw from.
fn draw(folder: &Path, list: &Path) {
    let opened = open(folder);
    let index = &opened.index;
    let listed = index.ecosystems().expect("a list");
    let every = (0..index.advisories().expect("a count")).collect();
    let names = index.named_by(&every).expect("names");
    let mut draw = Draw(SEED);
    let mut lines = Vec::new();
    let mut refused = 0;
    while lines.len() < KNOWN {
        let (space, name) = &names[draw.below(names.len())];
        let version = version(index, space, name, &mut draw);
        match package(space, name, &version) {
            Some(package)
                if Query::of(&package, None, listed)
                    .is_ok_and(|query| query.ecosystems.contains(space)) =>
            {
                lines.push(format!("{}\t{}", package.purl, package.name));
            }
            _ => refused += 1,
        }
    }
    while lines.len() < KNOWN + UNKNOWN {
        let (space, name) = &names[draw.below(names.len())];
        let name = format!("{name}-of-nobody");
        if let Some(package) = package(space, &name, "1.0.0") {
            lines.push(format!("{}\t{}", package.purl, package.name));
        }
    }
    lines.sort();
    lines.dedup();
    fs_err::write(list, lines.join("\n")).expect("the list");
    println!(
        "drawn: {} packages of {} pairs; {refused} pairs are of products that no package URL names\n",
        lines.len(),
        names.len()
    );
}

/// Chooses one of the versions that the records of the package name.
fn version(index: &Index, space: &Ecosystem, name: &str, draw: &mut Draw) -> String {
    let rows = index.rows(space, name).expect("rows");
    let mut numbers = Vec::new();
    for row in &rows {
        let program = index.program(row.program).expect("a program");
        for (start, end) in program.intervals {
            numbers.extend(start);
            if let Bound::Fixed(number) | Bound::Limit(number) | Bound::LastAffected(number) = end {
                numbers.push(number);
            }
        }
        numbers.extend(program.listed);
    }
    match numbers.len() {
        0 => "1.0.0".to_owned(),
        count => index
            .version(numbers[draw.below(count)])
            .expect("a version"),
    }
}

fn package(space: &Ecosystem, name: &str, version: &str) -> Option<Package> {
    let release = space.release.as_str();
    let (ty, namespace, distro): (_, Option<&str>, Option<String>) = match space.family {
        Family::Npm => ("npm", None, None),
        Family::PyPi => ("pypi", None, None),
        Family::Cargo => ("cargo", None, None),
        Family::Go => ("golang", None, None),
        Family::Maven => ("maven", None, None),
        Family::NuGet => ("nuget", None, None),
        Family::RubyGems => ("gem", None, None),
        Family::Packagist => ("composer", None, None),
        Family::Hex => ("hex", None, None),
        Family::Pub => ("pub", None, None),
        Family::Swift => ("swift", None, None),
        Family::Bitnami => ("bitnami", None, None),
        Family::GitHubActions => ("githubactions", None, None),
        Family::Debian => ("deb", Some("debian"), Some(format!("debian-{release}"))),
        Family::Ubuntu => ("deb", Some("ubuntu"), Some(format!("ubuntu-{release}"))),
        Family::Alpine => ("apk", Some("alpine"), Some(format!("alpine-{release}"))),
        Family::Wolfi => ("apk", Some("wolfi"), None),
        Family::Chainguard => ("apk", Some("chainguard"), None),
        Family::RedHat => {
            let version = release.split(':').nth(1)?;
            ("rpm", Some("redhat"), Some(format!("redhat-{version}")))
        }
        Family::AlmaLinux => (
            "rpm",
            Some("almalinux"),
            Some(format!("almalinux-{release}")),
        ),
        Family::Rocky => ("rpm", Some("rocky"), Some(format!("rocky-{release}"))),
        Family::Amazon => ("rpm", Some("amazon"), Some(format!("amzn-{release}"))),
        Family::Suse => {
            let (_, version) = release.split_once(" 1")?;
            let version = format!("1{}", version.trim_end_matches("-LTSS").replace(" SP", "."));
            ("rpm", Some("suse"), Some(format!("sles-{version}")))
        }
        Family::OpenSuse => {
            let version = release.strip_prefix("Leap ")?;
            (
                "rpm",
                Some("opensuse"),
                Some(format!("opensuse-leap-{version}")),
            )
        }
    };
    let (inner, last) = match name.rsplit_once(if ty == "maven" { ':' } else { '/' }) {
        Some((inner, last)) => (Some(inner), last),
        None => (None, name),
    };
    let purl = Purl::builder(ty, last)
        .namespace(namespace.or(inner))
        .version(Some(version))
        .qualifier("distro", distro.as_deref())
        .build()
        .ok()?;
    Some(Package::new(
        Kind::of_purl_type(ty),
        name,
        Some(version),
        purl,
    ))
}
