//! RPM modules: packages built for one stream of several that a release offers side by side.
//!
//! A build for a module says `module+el` (Red Hat, Rocky) or `module_el` (AlmaLinux) in its release; only builds of the same stream compare.

/// Tells whether the streams of an installed package and of a fix compare.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Stream {
    /// Both are of no module, or of the same stream.
    Same,
    /// One is of a module and the other is not, or the streams differ.
    Different,
    /// Both are of modules, and nothing says of which streams.
    Unknown,
}

/// Tells whether a build is for a module.
pub(super) fn is_module_build(version: &str) -> bool {
    version.contains("module+el") || version.contains("module_el")
}

/// Compares by the versions, the label of the installed package (`nodejs:18:8080…`) and the title of the advisory (`… nodejs:18 security update`).
pub(super) fn stream(
    installed: &str,
    fix: &str,
    label: Option<&str>,
    title: Option<&str>,
) -> Stream {
    match (is_module_build(installed), is_module_build(fix)) {
        (false, false) => return Stream::Same,
        (true, true) => {}
        _ => return Stream::Different,
    }
    let (Some(label), Some(title)) = (label, title) else {
        return Stream::Unknown;
    };
    let mut parts = label.split(':');
    let (Some(module), Some(stream)) = (parts.next(), parts.next()) else {
        return Stream::Unknown;
    };
    let mut named = title
        .split(|c: char| c.is_whitespace() || c == ',' || c == ';')
        .filter_map(|word| word.split_once(':'))
        .filter(|(name, stream)| *name == module && !stream.is_empty())
        .map(|(_, stream)| stream)
        .peekable();
    if named.peek().is_none() {
        Stream::Unknown
    } else if named.any(|found| found == stream) {
        Stream::Same
    } else {
        Stream::Different
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn builds_compare_within_a_stream() {
        let (plain, module) = ("1:2-3.el8", "1:2-3.module+el8.5.0+1+2");
        let label = Some("nodejs:18:8080020230315:63b34585");
        for (installed, fix, label, title, expected) in [
            (plain, plain, None, None, Stream::Same),
            (module, plain, label, None, Stream::Different),
            (plain, module, None, None, Stream::Different),
            (
                module,
                module,
                label,
                Some("Important: nodejs:18 security update"),
                Stream::Same,
            ),
            (
                module,
                module,
                label,
                Some("Important: nodejs:16 security update"),
                Stream::Different,
            ),
            (
                module,
                module,
                label,
                Some("Important: nodejs:16 and nodejs:18 security update"),
                Stream::Same,
            ),
            (
                module,
                module,
                label,
                Some("Important: nodejs security update"),
                Stream::Unknown,
            ),
            (
                module,
                module,
                None,
                Some("Important: nodejs:18 security update"),
                Stream::Unknown,
            ),
            (
                module,
                "1:2-3.module_el8.5.0+1",
                label,
                None,
                Stream::Unknown,
            ),
        ] {
            assert_eq!(
                stream(installed, fix, label, title),
                expected,
                "{installed} {fix} {title:?}"
            );
        }
    }
}
