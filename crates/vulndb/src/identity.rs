//! Which vulnerabilities a record speaks of, by its ids alone.

/// Tells whether an id is a distribution's advisory, which may fix several vulnerabilities at once.
pub(crate) fn is_advisory(id: &str) -> bool {
    const PREFIXES: [&str; 18] = [
        "RHSA-",
        "RHBA-",
        "RHEA-",
        "ALSA-",
        "ALBA-",
        "ALEA-",
        "RLSA-",
        "RLBA-",
        "RLEA-",
        "RXSA-",
        "SUSE-",
        "openSUSE-",
        "ALAS",
        "USN-",
        "LSN-",
        "DSA-",
        "DLA-",
        "DTSA-",
    ];
    PREFIXES.iter().any(|prefix| id.starts_with(prefix))
}

/// Returns the CVEs that a record speaks of, each once: its own, and those that it contains, where it is an advisory or they are its own
/// vulnerability.
pub(crate) fn cves<'r>(id: &'r str, aliases: &'r [String], contains: &'r [String]) -> Vec<&'r str> {
    let advisory = is_advisory(id);
    let joined = contains
        .iter()
        .filter(|one| advisory || is_same(id, contains, one));
    let mut cves: Vec<&str> = std::iter::once(id)
        .chain(aliases.iter().chain(joined).map(String::as_str))
        .filter(|id| id.starts_with("CVE-"))
        .collect();
    cves.sort_unstable();
    cves.dedup();
    cves
}

/// Tells whether an id that a record was made from is the record's own vulnerability: `CVE-2024-1` of `DEBIAN-CVE-2024-1`, or the only one of a
/// record of Chainguard's (OSV schema, "upstream").
pub(crate) fn is_same(id: &str, contains: &[String], one: &str) -> bool {
    id.strip_suffix(one).is_some_and(|rest| rest.ends_with('-'))
        || (id.starts_with("CGA-") && contains.len() == 1)
}
