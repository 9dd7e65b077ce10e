//! NuGet: Semantic Versioning with a fourth number and case-insensitive prereleases (NuGet documentation, "Package versioning").
//!
//! A label is a number as far as `int.TryParse` of NuGet.Versioning reads it; a longer one, such as a time stamp, orders as a word.

use super::key::{Builder, Key, is_number};

/// Returns the key, or what the grammar wants.
pub(super) fn key(version: &str) -> Result<Key, &'static str> {
    let text = version.trim_start_matches(['v', 'V']);
    let text = text.split_once('+').map_or(text, |(front, _)| front);
    let (core, prerelease) = match text.split_once('-') {
        Some((core, prerelease)) => (core, Some(prerelease)),
        None => (text, None),
    };
    let mut key = Builder::default();
    let mut parts = core.split('.');
    for position in 0..4 {
        match parts.next() {
            Some(part) if is_number(part) => key.number(part),
            None if position > 0 => key.number("0"),
            _ => return Err("up to four numbers separated by dots"),
        };
    }
    if parts.next().is_some() {
        return Err("up to four numbers separated by dots");
    }
    match prerelease {
        Some(prerelease) => {
            key.tag(1);
            for label in prerelease.to_ascii_lowercase().split('.') {
                match label.parse::<i32>() {
                    Ok(_) if is_number(label) => key.tag(1).number(label),
                    _ => key.tag(2).text(label),
                };
            }
            key.tag(0);
        }
        None => {
            key.tag(2);
        }
    }
    Ok(key.finish())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn four_parts_and_no_case() {
        let rising = [
            "1.0.0-alpha",
            "1.0.0-BETA",
            "1.0.0-beta.2",
            "1.0.0-beta.10",
            "1.0.0-beta.20210101123456",
            "1.0.0-beta.3000000000",
            "1.0",
            "1.0.0.1-rc",
            "1.0.0.1",
            "1.0.1",
        ];
        for pair in rising.windows(2) {
            assert!(key(pair[0]) < key(pair[1]), "{pair:?}");
        }
        assert_eq!(key("1.0.0-RC.1+a"), key("1.0.0.0-rc.1+b"));
        assert!(key("1.0.0.0.1").is_err() && key("a").is_err());
    }
}
