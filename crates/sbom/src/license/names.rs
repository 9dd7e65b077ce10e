//! Names of licences outside SPDX that mean exactly one licence.
//!
//! Names with several meanings are left out on purpose (`BSD`, `GPL`, `LGPL`, `Artistic License`, `Apache Software License`,
//! `Public Domain`). Sources: DEP-5 "Short name"; Fedora's list of licence names before July 2022; trove classifiers of
//! PyPI without those that PEP 639 calls ambiguous.

use std::{collections::HashMap, sync::LazyLock};

use super::Dialect;

/// Returns the SPDX term of a name, an `X with Y exception` included; a valid term stands for itself.
pub(super) fn lookup(name: &str, dialect: Dialect) -> Option<String> {
    if let Some(found) = license(name, dialect) {
        return Some(found);
    }
    let at = name.to_ascii_lowercase().find(" with ")?;
    let (base, rest) = (name.get(..at)?, name.get(at + " with ".len()..)?);
    let base = license(base.trim(), dialect)?;
    Some(format!("{base} WITH {}", exception(rest.trim(), &base)?))
}

fn license(name: &str, dialect: Dialect) -> Option<String> {
    if name.starts_with("LicenseRef-") {
        return Some(name.to_owned());
    }
    let table: &[(&str, &str)] = match dialect {
        Dialect::Spdx | Dialect::Cargo => &[],
        Dialect::Debian => DEBIAN,
        Dialect::Rpm => RPM,
        Dialect::Alpine => ALPINE,
        Dialect::Python => PYTHON,
    };
    if let Some((_, id)) = table
        .iter()
        .find(|(word, _)| word.eq_ignore_ascii_case(name))
    {
        return Some((*id).to_owned());
    }
    let (base, later) = match name.strip_suffix('+') {
        Some(base) => (base, true),
        None => (name, false),
    };
    let lower = base.to_ascii_lowercase();
    let id = IDS.get(&lower).copied().or_else(|| match dialect {
        // `GPL-2`, `Apache-2`: DEP-5 leaves trailing zeroes away. `GFDL-NIV` is GFDL without invariant sections.
        Dialect::Debian => match lower.strip_prefix("gfdl-niv-") {
            Some(version) => IDS
                .get(&format!("gfdl-{version}-no-invariants-only"))
                .copied(),
            None => IDS.get(&format!("{lower}.0")).copied(),
        },
        _ => None,
    })?;
    term(id, later)
}

/// Writes an identifier of the list without the deprecated GNU forms.
fn term(id: &'static str, later: bool) -> Option<String> {
    let stem = id.strip_suffix("-only").unwrap_or(id);
    let known = |id: &str| IDS.contains_key(&id.to_ascii_lowercase());
    let (only, or_later) = (format!("{stem}-only"), format!("{stem}-or-later"));
    match (known(&only), later) {
        (true, true) => Some(or_later),
        (true, false) => Some(only),
        (false, true) if id.ends_with("-or-later") => Some(id.to_owned()),
        (false, true) => Some(format!("{id}+")),
        (false, false) => Some(id.to_owned()),
    }
}

fn exception(name: &str, base: &str) -> Option<&'static str> {
    if let Some(id) = spdx::exception_id(name) {
        return Some(id.name);
    }
    let lower = name.to_ascii_lowercase();
    let lower = lower
        .strip_suffix("exception")?
        .trim_end_matches([' ', '-']);
    Some(match lower {
        "autoconf" if base.starts_with("GPL-2.0") => "Autoconf-exception-2.0",
        "autoconf" if base.starts_with("GPL-3.0") => "Autoconf-exception-3.0",
        "bison" | "bison-2.2" => "Bison-exception-2.2",
        "classpath" => "Classpath-exception-2.0",
        "font" => "Font-exception-2.0",
        "gcc" if base.starts_with("GPL-3.0") => "GCC-exception-3.1",
        "libtool" => "Libtool-exception",
        "linux-syscall-note" => "Linux-syscall-note",
        "texinfo" => "Texinfo-exception",
        _ => return None,
    })
}

/// The licence list by lower-case identifier; the pseudo-identifiers are no licences.
static IDS: LazyLock<HashMap<String, &'static str>> = LazyLock::new(|| {
    let listed = spdx::identifiers::LICENSES
        .iter()
        .map(|license| license.name);
    listed
        .filter(|id| !matches!(*id, "NOASSERTION" | "NONE"))
        .map(|id| (id.to_ascii_lowercase(), id))
        .collect()
});

const DEBIAN: &[(&str, &str)] = &[
    ("Artistic", "Artistic-1.0"),
    ("CC0", "CC0-1.0"),
    ("Expat", "MIT"),
    ("Perl", "(GPL-1.0-or-later OR Artistic-1.0-Perl)"),
];

const RPM: &[(&str, &str)] = &[
    ("AGPLv3", "AGPL-3.0-only"),
    ("AGPLv3+", "AGPL-3.0-or-later"),
    ("ASL 1.1", "Apache-1.1"),
    ("ASL 2.0", "Apache-2.0"),
    ("Artistic 2.0", "Artistic-2.0"),
    ("Boost", "BSL-1.0"),
    ("CC0", "CC0-1.0"),
    ("EPL", "EPL-1.0"),
    ("GPLv1", "GPL-1.0-only"),
    ("GPL+", "GPL-1.0-or-later"),
    ("GPLv1+", "GPL-1.0-or-later"),
    ("GPLv2", "GPL-2.0-only"),
    ("GPLv2+", "GPL-2.0-or-later"),
    ("GPLv3", "GPL-3.0-only"),
    ("GPLv3+", "GPL-3.0-or-later"),
    ("LGPLv2", "LGPL-2.0-only"),
    ("LGPLv2+", "LGPL-2.0-or-later"),
    ("LGPLv2.1", "LGPL-2.1-only"),
    ("LGPLv2.1+", "LGPL-2.1-or-later"),
    ("LGPLv3", "LGPL-3.0-only"),
    ("LGPLv3+", "LGPL-3.0-or-later"),
    ("MPLv1.0", "MPL-1.0"),
    ("MPLv1.1", "MPL-1.1"),
    ("MPLv2.0", "MPL-2.0"),
    ("OpenLDAP", "OLDAP-2.8"),
    ("OpenSSL", "OpenSSL"),
    ("PHP", "PHP-3.01"),
    ("Sleepycat", "Sleepycat"),
    ("TCL", "TCL"),
    ("Vim", "Vim"),
    ("zlib", "Zlib"),
];

const ALPINE: &[(&str, &str)] = &[
    ("GPL2", "GPL-2.0-only"),
    ("GPL2+", "GPL-2.0-or-later"),
    ("GPL3", "GPL-3.0-only"),
    ("GPL3+", "GPL-3.0-or-later"),
    ("LGPL2", "LGPL-2.0-only"),
    ("LGPL2+", "LGPL-2.0-or-later"),
    ("LGPL2.1", "LGPL-2.1-only"),
    ("LGPL2.1+", "LGPL-2.1-or-later"),
    ("LGPL3", "LGPL-3.0-only"),
    ("LGPL3+", "LGPL-3.0-or-later"),
    ("MPL2", "MPL-2.0"),
    ("ASL2.0", "Apache-2.0"),
];

const PYTHON: &[(&str, &str)] = &[
    ("Apache 2", "Apache-2.0"),
    ("Apache 2.0", "Apache-2.0"),
    ("Apache License 2.0", "Apache-2.0"),
    ("Apache License, Version 2.0", "Apache-2.0"),
    ("Apache-2", "Apache-2.0"),
    ("BSD 2-Clause", "BSD-2-Clause"),
    ("BSD 2-Clause License", "BSD-2-Clause"),
    ("BSD 3-Clause", "BSD-3-Clause"),
    ("BSD 3-Clause License", "BSD-3-Clause"),
    ("3-Clause BSD License", "BSD-3-Clause"),
    ("GNU Affero General Public License v3", "AGPL-3.0-only"),
    (
        "GNU Affero General Public License v3 or later (AGPLv3+)",
        "AGPL-3.0-or-later",
    ),
    ("GNU General Public License v2 (GPLv2)", "GPL-2.0-only"),
    (
        "GNU General Public License v2 or later (GPLv2+)",
        "GPL-2.0-or-later",
    ),
    ("GNU General Public License v3 (GPLv3)", "GPL-3.0-only"),
    (
        "GNU General Public License v3 or later (GPLv3+)",
        "GPL-3.0-or-later",
    ),
    (
        "GNU Lesser General Public License v2 (LGPLv2)",
        "LGPL-2.0-only",
    ),
    (
        "GNU Lesser General Public License v2 or later (LGPLv2+)",
        "LGPL-2.0-or-later",
    ),
    (
        "GNU Lesser General Public License v3 (LGPLv3)",
        "LGPL-3.0-only",
    ),
    (
        "GNU Lesser General Public License v3 or later (LGPLv3+)",
        "LGPL-3.0-or-later",
    ),
    ("ISC License (ISCL)", "ISC"),
    ("MIT License", "MIT"),
    ("The MIT License", "MIT"),
    ("The MIT License (MIT)", "MIT"),
    ("MIT No Attribution License (MIT-0)", "MIT-0"),
    ("Mozilla Public License 1.1 (MPL 1.1)", "MPL-1.1"),
    ("Mozilla Public License 2.0 (MPL 2.0)", "MPL-2.0"),
    ("MPL 2.0", "MPL-2.0"),
    ("Python Software Foundation License", "PSF-2.0"),
    ("The Unlicense (Unlicense)", "Unlicense"),
    ("zlib/libpng License", "Zlib"),
];
