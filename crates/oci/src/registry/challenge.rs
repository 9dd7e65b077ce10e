//! Parses `WWW-Authenticate` (RFC 9110 §11.6.1): several challenges in one header and in several headers.
//!
//! It does not decide which challenge to answer.

/// Names one way to authenticate: a scheme and its parameters, the names of both in lower case.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Challenge {
    /// Scheme in lower case, such as `bearer`.
    pub scheme: String,
    parameters: Vec<(String, String)>,
}

impl Challenge {
    /// Returns the first parameter called `name`.
    pub fn parameter(&self, name: &str) -> Option<&str> {
        self.parameters
            .iter()
            .find(|(key, _)| key == name)
            .map(|(_, value)| value.as_str())
    }
}

/// Parses one header value; what does not follow the grammar ends the parse, and what was read before it counts.
pub fn parse(header: &str) -> Vec<Challenge> {
    let mut rest = header;
    let mut challenges: Vec<Challenge> = Vec::new();
    loop {
        rest = rest.trim_start_matches([' ', '\t', ',']);
        let (name, after) = token(rest);
        if name.is_empty() {
            return challenges;
        }
        let value = after.trim_start_matches([' ', '\t']).strip_prefix('=');
        match (value, challenges.last_mut()) {
            (Some(value), Some(challenge)) => {
                let Some((value, after)) = parameter_value(value.trim_start_matches([' ', '\t']))
                else {
                    return challenges;
                };
                challenge
                    .parameters
                    .push((name.to_ascii_lowercase(), value));
                rest = after;
            }
            // A parameter before any scheme.
            (Some(_), None) => return challenges,
            (None, _) => {
                challenges.push(Challenge {
                    scheme: name.to_ascii_lowercase(),
                    parameters: Vec::new(),
                });
                rest = after;
            }
        }
    }
}

fn token(text: &str) -> (&str, &str) {
    let is_token = |c: char| c.is_ascii_alphanumeric() || "!#$%&'*+-.^_`|~".contains(c);
    let end = text.find(|c| !is_token(c)).unwrap_or(text.len());
    text.split_at_checked(end).unwrap_or((text, ""))
}

fn parameter_value(text: &str) -> Option<(String, &str)> {
    let Some(quoted) = text.strip_prefix('"') else {
        // Unquoted values with `/` and `:` are not tokens, but some registries send them so.
        let end = text.find([',', ' ', '\t']).unwrap_or(text.len());
        let (value, rest) = text.split_at_checked(end)?;
        return Some((value.to_owned(), rest));
    };
    let mut value = String::new();
    let mut chars = quoted.chars();
    loop {
        match chars.next()? {
            '"' => return Some((value, chars.as_str())),
            '\\' => value.push(chars.next()?),
            other => value.push(other),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_the_forms_that_registries_send() {
        type Found = (&'static str, &'static [(&'static str, &'static str)]);
        let cases: &[(&str, &[Found])] = &[
            (r#"Basic realm="r""#, &[("basic", &[("realm", "r")])]),
            ("Negotiate", &[("negotiate", &[])]),
            (
                r#"Bearer realm="https://a/t?x=1,2",service="s",scope="repository:a/b:pull,push""#,
                &[(
                    "bearer",
                    &[
                        ("realm", "https://a/t?x=1,2"),
                        ("service", "s"),
                        ("scope", "repository:a/b:pull,push"),
                    ],
                )],
            ),
            (
                r#"Bearer realm = "https://a/t" , Service=s, Basic realm="x""#,
                &[
                    ("bearer", &[("realm", "https://a/t"), ("service", "s")]),
                    ("basic", &[("realm", "x")]),
                ],
            ),
            (
                r#"Bearer realm="a\"b""#,
                &[("bearer", &[("realm", "a\"b")])],
            ),
            (r#"Bearer realm="open"#, &[("bearer", &[])]),
            (r#"="x""#, &[]),
            ("", &[]),
            (r#"realm="x""#, &[]),
        ];
        for (header, expected) in cases {
            let found = parse(header);
            let found: Vec<(&str, Vec<(&str, &str)>)> = found
                .iter()
                .map(|c| {
                    (
                        c.scheme.as_str(),
                        c.parameters
                            .iter()
                            .map(|(k, v)| (k.as_str(), v.as_str()))
                            .collect(),
                    )
                })
                .collect();
            let expected: Vec<(&str, Vec<(&str, &str)>)> =
                expected.iter().map(|(s, p)| (*s, p.to_vec())).collect();
            assert_eq!(found, expected, "{header}");
        }
    }
}
