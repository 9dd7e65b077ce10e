//! Dates, summaries and XML attributes as feeds write them.

use jiff::Timestamp;
use jiff::civil::{Date, DateTime};
use jiff::tz::TimeZone;
use quick_xml::XmlVersion;
use quick_xml::events::BytesStart;

use super::error::Error;

/// Bytes kept of a summary.
const MAX_SUMMARY: usize = 240;

/// Reads a moment: RFC 3339, or a date with or without a time of day, which without a zone (or with `UTC` behind it) is taken as UTC.
pub(crate) fn moment(text: &str) -> Option<Timestamp> {
    let text = text.trim();
    if let Ok(moment) = text.parse() {
        return Some(moment);
    }
    let text = text.strip_suffix("UTC").unwrap_or(text).trim_end();
    let civil: DateTime = text
        .parse()
        .or_else(|_| text.parse::<Date>().map(|date| date.at(0, 0, 0, 0)))
        .ok()?;
    TimeZone::UTC.to_timestamp(civil).ok()
}

/// Keeps a summary to one line of bounded length.
pub(crate) fn first_line(text: &str) -> String {
    let line = text.trim_start().lines().next().unwrap_or_default().trim();
    let mut end = line.len().min(MAX_SUMMARY);
    while !line.is_char_boundary(end) {
        end -= 1;
    }
    line.get(..end).unwrap_or_default().to_owned()
}

/// Returns an attribute of an element; empty where it has none.
pub(super) fn attribute(tag: &BytesStart<'_>, name: &str, position: u64) -> Result<String, Error> {
    let xml = |source: quick_xml::Error| Error::Xml { position, source };
    let found = tag
        .try_get_attribute(name)
        .map_err(|error| xml(error.into()))?;
    match found {
        Some(attribute) => Ok(attribute
            .normalized_value(XmlVersion::Implicit1_0)
            .map_err(xml)?
            .into_owned()),
        None => Ok(String::new()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_of_all_feeds_are_read() {
        for (text, expected) in [
            (
                "2024-07-09T11:38:00.5+04:00",
                Some("2024-07-09T07:38:00.5Z"),
            ),
            ("2023-04-05 20:15:00 UTC", Some("2023-04-05T20:15:00Z")),
            (
                "2025-03-26 02:44:10.02507",
                Some("2025-03-26T02:44:10.02507Z"),
            ),
            ("2025-02-05", Some("2025-02-05T00:00:00Z")),
            ("2023-13-05", None),
            ("soon", None),
            ("", None),
        ] {
            assert_eq!(
                moment(text).map(|moment| moment.to_string()).as_deref(),
                expected,
                "{text}"
            );
        }
    }

    #[test]
    fn a_summary_is_one_bounded_line() {
        assert_eq!(first_line("\n one \n two"), "one");
        assert_eq!(first_line(&"é".repeat(200)).len(), 240);
    }
}
