//! When the support of a distribution's release ends: a table of our own. After that day the silence of its feed says nothing.
//!
//! Dates were taken from endoflife.date on 2026-08-22, which gathers them from the publishers' own pages; each row answers with its page there, each table
//! names the publisher's. A release that is not in the table has no known end, which is not the same as being supported.

use jiff::civil::{Date, date};

use crate::ecosystem::{Ecosystem, Family};

/// Tells when a release ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EndOfLife {
    /// The release, as the table names it.
    pub release: &'static str,
    /// The last day on which every system of the release gets fixes.
    pub ends: Date,
    /// The last day for those who pay: Ubuntu Pro, Red Hat's add-ons, SUSE's LTSS.
    pub extended: Option<Date>,
    /// The page that the dates are from.
    pub source: &'static str,
    /// The day on which they were taken from it.
    pub checked: Date,
}

/// The day on which all rows were taken.
const CHECKED: Date = date(2026, 8, 22);

impl EndOfLife {
    /// Tells whether the release has ended for a system without a subscription.
    #[must_use]
    pub fn is_past(&self, today: Date) -> bool {
        today > self.ends
    }
}

/// Release, end, and extended end.
type Row = (&'static str, Date, Option<Date>);

type Day = (i16, i8, i8);

const fn row(release: &'static str, ends: Day, extended: Option<Day>) -> Row {
    let extended = match extended {
        Some((year, month, day)) => Some(date(year, month, day)),
        None => None,
    };
    (release, date(ends.0, ends.1, ends.2), extended)
}

/// Debian, to the end of long term support: its DLA are in the feed and free. Publisher: <https://wiki.debian.org/LTS>.
const DEBIAN: &[Row] = &[
    row("13", (2030, 6, 30), None),
    row("12", (2028, 6, 30), None),
    row("11", (2026, 8, 31), None),
    row("10", (2024, 6, 30), None),
    row("9", (2022, 7, 1), None),
    row("8", (2020, 6, 30), None),
    row("7", (2018, 5, 31), None),
    row("6", (2016, 2, 29), None),
];

/// Ubuntu, standard support; extended is Ubuntu Pro. Publisher: <https://wiki.ubuntu.com/Releases>.
const UBUNTU: &[Row] = &[
    row("26.04", (2031, 4, 30), Some((2036, 4, 30))),
    row("25.10", (2026, 7, 1), None),
    row("25.04", (2026, 1, 17), None),
    row("24.10", (2025, 7, 10), None),
    row("24.04", (2029, 5, 31), Some((2036, 5, 31))),
    row("23.10", (2024, 7, 12), None),
    row("23.04", (2024, 1, 20), None),
    row("22.10", (2023, 7, 20), None),
    row("22.04", (2027, 4, 1), Some((2032, 4, 9))),
    row("21.10", (2022, 7, 14), None),
    row("21.04", (2022, 1, 20), None),
    row("20.10", (2021, 7, 22), None),
    row("20.04", (2025, 5, 31), Some((2030, 4, 2))),
    row("19.10", (2020, 7, 6), None),
    row("19.04", (2020, 1, 23), None),
    row("18.10", (2019, 7, 18), None),
    row("18.04", (2023, 5, 31), Some((2028, 4, 1))),
    row("17.10", (2018, 7, 19), None),
    row("17.04", (2018, 1, 13), None),
    row("16.10", (2017, 7, 20), None),
    row("16.04", (2021, 4, 2), Some((2026, 4, 2))),
    row("15.10", (2016, 7, 28), None),
    row("15.04", (2016, 2, 4), None),
    row("14.10", (2015, 7, 23), None),
    row("14.04", (2019, 4, 2), Some((2024, 4, 2))),
    row("13.10", (2014, 7, 17), None),
    row("13.04", (2014, 1, 27), None),
    row("12.10", (2014, 5, 16), None),
    row("12.04", (2017, 4, 28), Some((2019, 4, 26))),
    row("11.10", (2013, 5, 9), None),
    row("11.04", (2012, 10, 28), None),
    row("10.10", (2012, 4, 10), None),
    row("10.04", (2013, 5, 9), None),
    row("9.10", (2011, 4, 30), None),
    row("9.04", (2010, 10, 23), None),
    row("8.10", (2010, 4, 30), None),
    row("8.04", (2013, 5, 9), None),
    row("7.10", (2009, 4, 18), None),
    row("7.04", (2008, 10, 19), None),
    row("6.10", (2008, 4, 26), None),
    row("6.06", (2011, 6, 1), None),
    row("5.10", (2007, 4, 13), None),
    row("5.04", (2006, 10, 31), None),
    row("4.10", (2006, 4, 30), None),
];

/// Alpine branches. Publisher: <https://alpinelinux.org/releases/>.
const ALPINE: &[Row] = &[
    row("3.24", (2028, 6, 1), None),
    row("3.23", (2027, 11, 1), None),
    row("3.22", (2027, 5, 1), None),
    row("3.21", (2026, 11, 1), None),
    row("3.20", (2026, 4, 1), None),
    row("3.19", (2025, 11, 1), None),
    row("3.18", (2025, 5, 9), None),
    row("3.17", (2024, 11, 22), None),
    row("3.16", (2024, 5, 23), None),
    row("3.15", (2023, 11, 1), None),
    row("3.14", (2023, 5, 1), None),
    row("3.13", (2022, 11, 1), None),
    row("3.12", (2022, 5, 1), None),
    row("3.11", (2021, 11, 1), None),
    row("3.10", (2021, 5, 1), None),
    row("3.9", (2020, 11, 1), None),
    row("3.8", (2020, 5, 1), None),
    row("3.7", (2019, 11, 1), None),
    row("3.6", (2019, 5, 1), None),
    row("3.5", (2018, 11, 1), None),
    row("3.4", (2018, 5, 1), None),
    row("3.3", (2017, 11, 1), None),
    row("3.2", (2017, 5, 1), None),
    row("3.1", (2016, 11, 1), None),
    row("3.0", (2016, 5, 1), None),
    row("2.7", (2015, 11, 1), None),
    row("2.6", (2015, 5, 1), None),
    row("2.5", (2014, 11, 1), None),
    row("2.4", (2014, 5, 1), None),
    row("2.3", (2013, 11, 1), None),
    row("2.2", (2013, 5, 1), None),
    row("2.1", (2012, 11, 1), None),
];

/// Red Hat Enterprise Linux, maintenance support; extended is the last add-on of the life cycle. Publisher: <https://access.redhat.com/support/policy/updates/errata>.
const RED_HAT: &[Row] = &[
    row("10", (2035, 5, 31), Some((2039, 5, 31))),
    row("9", (2032, 5, 31), Some((2036, 5, 31))),
    row("8", (2029, 5, 31), Some((2033, 5, 31))),
    row("7", (2024, 6, 30), Some((2029, 5, 31))),
    row("6", (2020, 11, 30), Some((2024, 6, 30))),
    row("5", (2017, 3, 31), Some((2020, 11, 30))),
    row("4", (2012, 2, 29), Some((2017, 3, 31))),
];

/// AlmaLinux, security support. Publisher: <https://wiki.almalinux.org/release-notes/>.
const ALMA: &[Row] = &[
    row("10", (2035, 5, 31), None),
    row("9", (2032, 5, 31), None),
    row("8", (2029, 5, 31), None),
];

/// Rocky Linux, security support. Publisher: <https://wiki.rockylinux.org/rocky/version/>.
const ROCKY: &[Row] = &[
    row("10", (2035, 5, 31), None),
    row("9", (2032, 5, 31), None),
    row("8", (2029, 5, 31), None),
];

/// Amazon Linux, maintenance support; all of 2010.11 to 2018.03 are release `1` of the advisories. Publisher: <https://docs.aws.amazon.com/AL2/latest/relnotes/relnotes-al2.html>.
const AMAZON: &[Row] = &[
    row("2023", (2029, 6, 30), None),
    row("2", (2026, 6, 30), None),
    row("1", (2023, 12, 31), None),
];

/// SUSE Linux Enterprise Server by service pack, general support; extended is LTSS. Publisher: <https://www.suse.com/lifecycle>.
const SUSE: &[Row] = &[
    row("16.0", (2027, 11, 30), Some((2030, 11, 30))),
    row("15.7", (2031, 7, 31), Some((2034, 7, 31))),
    row("15.6", (2025, 12, 31), Some((2028, 12, 31))),
    row("15.5", (2024, 12, 31), Some((2027, 12, 31))),
    row("15.4", (2023, 12, 31), Some((2026, 12, 31))),
    row("15.3", (2022, 12, 31), Some((2025, 12, 31))),
    row("15.2", (2021, 12, 31), Some((2024, 12, 31))),
    row("12.5", (2024, 10, 31), Some((2027, 10, 31))),
    row("15.1", (2021, 1, 31), Some((2024, 1, 31))),
    row("12.4", (2020, 6, 30), Some((2023, 6, 30))),
    row("15.0", (2019, 12, 31), Some((2022, 12, 31))),
    row("12.3", (2019, 6, 30), Some((2022, 6, 30))),
    row("12.2", (2018, 3, 31), Some((2021, 3, 31))),
    row("12.1", (2017, 5, 31), Some((2020, 5, 31))),
    row("11.4", (2019, 3, 31), Some((2022, 3, 31))),
    row("12.0", (2016, 6, 30), Some((2019, 7, 1))),
    row("11.3", (2016, 1, 31), Some((2019, 1, 30))),
    row("11.2", (2014, 1, 31), Some((2017, 1, 30))),
    row("10.4", (2013, 7, 31), Some((2016, 7, 30))),
    row("11.1", (2012, 8, 31), Some((2015, 8, 30))),
    row("10.3", (2011, 10, 11), Some((2014, 10, 31))),
    row("11.0", (2010, 12, 31), None),
    row("10.2", (2010, 4, 11), Some((2013, 4, 10))),
    row("10.1", (2008, 11, 30), Some((2010, 12, 31))),
    row("10.0", (2007, 12, 31), None),
];

/// openSUSE Leap and what came before it. Publisher: <https://en.opensuse.org/Lifetime>.
const OPENSUSE: &[Row] = &[
    row("16.0", (2027, 10, 31), None),
    row("15.6", (2026, 4, 30), None),
    row("15.5", (2024, 12, 31), None),
    row("15.4", (2023, 12, 7), None),
    row("15.3", (2022, 12, 31), None),
    row("15.2", (2022, 1, 4), None),
    row("15.1", (2021, 2, 2), None),
    row("15.0", (2019, 12, 3), None),
    row("42.3", (2019, 7, 1), None),
    row("42.2", (2018, 1, 26), None),
    row("42.1", (2017, 5, 17), None),
    row("13.2", (2017, 1, 17), None),
    row("13.1", (2016, 2, 3), None),
    row("12.3", (2015, 1, 29), None),
    row("12.2", (2014, 1, 15), None),
    row("12.1", (2013, 5, 15), None),
    row("11.4", (2012, 11, 5), None),
    row("11.3", (2012, 1, 20), None),
    row("11.2", (2011, 5, 12), None),
    row("11.1", (2011, 1, 14), None),
    row("11.0", (2010, 7, 26), None),
];

/// Returns when a release ends; none for one that is not in the table, for a rolling one, and for what is no distribution.
///
/// A release may be written as in the feeds (`enterprise_linux:9::baseos`, `Linux Enterprise Server 15 SP5-LTSS`, `Leap 15.6`) or as in `os-release`
/// (`9.4`, `15.5`, `12`).
#[must_use]
pub fn end_of_life(ecosystem: &Ecosystem) -> Option<EndOfLife> {
    let (table, source) = match ecosystem.family {
        Family::Debian => (DEBIAN, "https://endoflife.date/debian"),
        Family::Ubuntu => (UBUNTU, "https://endoflife.date/ubuntu"),
        Family::Alpine => (ALPINE, "https://endoflife.date/alpine-linux"),
        Family::RedHat => (RED_HAT, "https://endoflife.date/rhel"),
        Family::AlmaLinux => (ALMA, "https://endoflife.date/almalinux"),
        Family::Rocky => (ROCKY, "https://endoflife.date/rocky-linux"),
        Family::Amazon => (AMAZON, "https://endoflife.date/amazon-linux"),
        Family::Suse => (SUSE, "https://endoflife.date/sles"),
        Family::OpenSuse => (OPENSUSE, "https://endoflife.date/opensuse"),
        _ => return None,
    };
    let wanted = release(ecosystem)?;
    let (release, ends, extended) = table.iter().find(|(release, ..)| *release == wanted)?;
    Some(EndOfLife {
        release,
        ends: *ends,
        extended: *extended,
        source,
        checked: CHECKED,
    })
}

/// Returns the release as the tables write it.
fn release(ecosystem: &Ecosystem) -> Option<String> {
    let text = ecosystem.release.as_str();
    let first = |parts: usize| -> String {
        let taken: Vec<&str> = text.split('.').take(parts).collect();
        taken.join(".")
    };
    Some(match ecosystem.family {
        Family::Debian | Family::AlmaLinux | Family::Rocky => first(1),
        Family::Alpine | Family::Ubuntu => first(2),
        Family::RedHat => {
            let version = match text.split_once(':') {
                // `rhel_software_collections:3` is no release of the system.
                Some(("rhel_software_collections", _)) => return None,
                Some((product, rest))
                    if product == "enterprise_linux" || product.starts_with("rhel_") =>
                {
                    rest
                }
                Some(_) => return None,
                None => text,
            };
            version.split([':', '.']).next()?.to_owned()
        }
        // 2010.11 to 2018.03 are one release with one end.
        Family::Amazon if text.starts_with("201") => "1".to_owned(),
        Family::Amazon => first(1),
        Family::Suse => {
            let version = match text.strip_prefix("Linux Enterprise Server ") {
                Some(version) => version,
                None if text.starts_with(|first: char| first.is_ascii_digit()) => text,
                None => return None,
            };
            if version.contains('.') {
                return Some(first(2));
            }
            let mut words = version.split([' ', '-']);
            let major = words.find(|word| word.bytes().all(|byte| byte.is_ascii_digit()))?;
            let pack = words.next().and_then(|word| word.strip_prefix("SP"));
            format!("{major}.{}", pack.unwrap_or("0"))
        }
        Family::OpenSuse => {
            let version = text.strip_prefix("Leap ").unwrap_or(text);
            version.split(' ').next()?.to_owned()
        }
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn releases_are_found_however_they_are_written() {
        for (family, text, expected) in [
            (Family::Debian, "12", Some("12")),
            (Family::Debian, "12.5", Some("12")),
            (Family::Ubuntu, "22.04", Some("22.04")),
            (Family::Alpine, "3.20.3", Some("3.20")),
            (Family::Alpine, "edge", None),
            (Family::RedHat, "enterprise_linux:9::baseos", Some("9")),
            (Family::RedHat, "rhel_eus:9.2::appstream", Some("9")),
            (Family::RedHat, "rhel_software_collections:3::el7", None),
            (
                Family::RedHat,
                "jboss_enterprise_application_platform:6",
                None,
            ),
            (Family::RedHat, "8.10", Some("8")),
            (Family::AlmaLinux, "9", Some("9")),
            (Family::Rocky, "8.9", Some("8")),
            (Family::Amazon, "2018.03", Some("1")),
            (Family::Amazon, "2023", Some("2023")),
            (
                Family::Suse,
                "Linux Enterprise Server 15 SP5-LTSS",
                Some("15.5"),
            ),
            (Family::Suse, "Linux Enterprise Server 15", Some("15.0")),
            (
                Family::Suse,
                "Linux Enterprise Server for SAP Applications 12 SP4",
                Some("12.4"),
            ),
            (Family::Suse, "Linux Enterprise Micro 5.4", None),
            (Family::Suse, "15.5", Some("15.5")),
            (Family::Suse, "15 SP5", Some("15.5")),
            (Family::OpenSuse, "Leap 15.6", Some("15.6")),
            (Family::OpenSuse, "Leap 15.2 NonFree", Some("15.2")),
            (Family::OpenSuse, "Tumbleweed", None),
            (Family::Npm, "", None),
        ] {
            let found = end_of_life(&Ecosystem::release(family, text));
            assert_eq!(
                found.map(|found| found.release),
                expected,
                "{family} {text}"
            );
        }
    }

    #[test]
    fn the_last_day_still_counts() {
        let focal = end_of_life(&Ecosystem::release(Family::Ubuntu, "20.04")).expect("a row");
        assert_eq!(
            (focal.ends, focal.source),
            (date(2025, 5, 31), "https://endoflife.date/ubuntu")
        );
        assert!(!focal.is_past(date(2025, 5, 31)) && focal.is_past(date(2025, 6, 1)));
    }

    #[test]
    fn no_release_comes_twice_and_paying_never_shortens() {
        for table in [
            DEBIAN, UBUNTU, ALPINE, RED_HAT, ALMA, ROCKY, AMAZON, SUSE, OPENSUSE,
        ] {
            for (at, (release, ends, extended)) in table.iter().enumerate() {
                assert!(
                    table[at + 1..].iter().all(|(other, ..)| other != release),
                    "{release}"
                );
                assert!(
                    extended.is_none_or(|extended| extended > *ends),
                    "{release}"
                );
            }
        }
    }
}
