//! Finds the next page in a `Link` header (RFC 8288 §3).
//!
//! It does not resolve the address or judge where it leads.

/// Returns the target of the first link with `rel=next`.
pub fn next(header: &str) -> Option<&str> {
    let mut rest = header;
    loop {
        let (_, after) = rest.split_once('<')?;
        let (target, after) = after.split_once('>')?;
        let (parameters, following) = until_comma(after);
        let is_next = parameters.split(';').any(|parameter| {
            parameter.split_once('=').is_some_and(|(name, value)| {
                name.trim().eq_ignore_ascii_case("rel")
                    && value
                        .trim()
                        .trim_matches('"')
                        .split_ascii_whitespace()
                        .any(|rel| rel.eq_ignore_ascii_case("next"))
            })
        });
        if is_next {
            return Some(target);
        }
        rest = following;
    }
}

fn until_comma(text: &str) -> (&str, &str) {
    let mut quoted = false;
    let end = text.find(|c| {
        quoted ^= c == '"';
        c == ',' && !quoted
    });
    end.and_then(|at| text.split_at_checked(at))
        .unwrap_or((text, ""))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_only_the_next_page() {
        let cases = [
            (
                r#"</v2/a/referrers/x?n=1>; rel="next""#,
                Some("/v2/a/referrers/x?n=1"),
            ),
            ("</a>; rel=next", Some("/a")),
            (
                r#"</a>; rel="prev", </b,c>; rel="first next""#,
                Some("/b,c"),
            ),
            (r#"</a>; title="x,y"; REL="NEXT""#, Some("/a")),
            (r#"</a>; rel="prev""#, None),
            ("/a; rel=next", None),
            ("</a", None),
            ("", None),
        ];
        for (header, expected) in cases {
            assert_eq!(next(header), expected, "{header}");
        }
    }
}
