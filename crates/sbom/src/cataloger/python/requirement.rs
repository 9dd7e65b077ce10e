//! One dependency of a Python distribution, with the conditions under which it applies.
//!
//! Implements "Dependency specifiers" (PEP 508) as far as edges need it: name, extras and marker. Versions are not compared,
//! since the edge goes to what is installed. A condition that cannot be known from an image (`platform_release`) counts as
//! true: the edge appears only where the target is installed as well.

/// Is one `Requires-Dist` entry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Requirement {
    /// The name of the project that is needed.
    pub name: String,
    /// The extras of that project that are needed.
    pub extras: Vec<String>,
    marker: Option<Marker>,
}

/// Is where a distribution is installed, as far as an image tells.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Environment {
    /// Major and minor version of Python, from the path.
    pub python: Option<(u64, u64)>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Marker {
    And(Vec<Self>),
    Or(Vec<Self>),
    Compare(Operand, String, Operand),
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Operand {
    Variable(String),
    Literal(String),
}

impl Requirement {
    /// Reads `name[extra,…] (version) ; marker`; `None` where there is no name.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let (spec, marker) = split_marker(text);
        let end = spec
            .find(|c: char| !(c.is_alphanumeric() || "-_.".contains(c)))
            .unwrap_or(spec.len());
        let (name, rest) = spec.split_at_checked(end)?;
        if name.is_empty() {
            return None;
        }
        let extras = rest
            .trim_start()
            .strip_prefix('[')
            .and_then(|r| r.split(']').next())
            .unwrap_or("")
            .split(',')
            .map(|e| e.trim().to_owned())
            .filter(|e| !e.is_empty())
            .collect();
        // A marker that does not parse counts as true, as an unknown condition does.
        let marker = marker.and_then(|m| Parser::parse(&tokens(m)));
        Some(Self {
            name: name.to_owned(),
            extras,
            marker,
        })
    }

    /// Says whether the requirement applies, without extras or with one of the given ones.
    pub fn applies<'a>(
        &self,
        environment: &Environment,
        extras: impl IntoIterator<Item = &'a str>,
    ) -> bool {
        let Some(marker) = &self.marker else {
            return true;
        };
        marker.holds(environment, "") || extras.into_iter().any(|e| marker.holds(environment, e))
    }
}

/// Splits at the semicolon; that of a direct reference (`name @ url ; marker`) has a space before it.
fn split_marker(text: &str) -> (&str, Option<&str>) {
    let text = text.trim();
    let separator = if text.contains('@') { " ;" } else { ";" };
    match text.split_once(separator) {
        Some((spec, marker)) => (spec.trim(), Some(marker)),
        None => (text, None),
    }
}

fn tokens(text: &str) -> Vec<String> {
    let mut out = Vec::new();
    let mut rest = text.trim_start();
    while let Some(first) = rest.chars().next() {
        let length = match first {
            '(' | ')' => 1,
            '\'' | '"' => rest
                .get(1..)
                .and_then(|r| r.find(first))
                .map_or(rest.len(), |end| end + 2),
            '<' | '>' | '=' | '!' | '~' => {
                rest.find(|c| !"<>=!~".contains(c)).unwrap_or(rest.len())
            }
            _ => rest
                .find(|c: char| c.is_whitespace() || "()<>=!~'\"".contains(c))
                .unwrap_or(rest.len()),
        };
        let (token, after) = rest.split_at_checked(length).unwrap_or((rest, ""));
        out.push(token.to_owned());
        rest = after.trim_start();
        if out.len() > MAX_TOKENS {
            return Vec::new();
        }
    }
    out
}

struct Parser<'t> {
    tokens: &'t [String],
    depth: usize,
}

impl Parser<'_> {
    fn parse(tokens: &[String]) -> Option<Marker> {
        let mut parser = Parser { tokens, depth: 0 };
        let marker = parser.or()?;
        parser.tokens.is_empty().then_some(marker)
    }

    fn next(&mut self) -> Option<&str> {
        let (first, rest) = self.tokens.split_first()?;
        self.tokens = rest;
        Some(first)
    }

    fn take(&mut self, word: &str) -> bool {
        let found = self.tokens.first().is_some_and(|t| t == word);
        if found {
            self.next();
        }
        found
    }

    fn or(&mut self) -> Option<Marker> {
        let mut parts = vec![self.and()?];
        while self.take("or") {
            parts.push(self.and()?);
        }
        Some(Marker::Or(parts))
    }

    fn and(&mut self) -> Option<Marker> {
        let mut parts = vec![self.term()?];
        while self.take("and") {
            parts.push(self.term()?);
        }
        Some(Marker::And(parts))
    }

    fn term(&mut self) -> Option<Marker> {
        if self.take("(") {
            self.depth += 1;
            if self.depth > MAX_DEPTH {
                return None;
            }
            let inner = self.or()?;
            self.depth -= 1;
            return self.take(")").then_some(inner);
        }
        let left = operand(self.next()?);
        let mut operator = self.next()?.to_owned();
        if operator == "not" {
            operator = format!("not {}", self.next()?);
        }
        Some(Marker::Compare(left, operator, operand(self.next()?)))
    }
}

fn operand(token: &str) -> Operand {
    let quoted = ['\'', '"'].iter().find_map(|q| {
        token
            .strip_prefix(*q)
            .map(|t| t.strip_suffix(*q).unwrap_or(t))
    });
    match quoted {
        Some(literal) => Operand::Literal(literal.to_owned()),
        None => Operand::Variable(token.to_owned()),
    }
}

impl Marker {
    fn holds(&self, environment: &Environment, extra: &str) -> bool {
        match self {
            Self::And(parts) => parts.iter().all(|p| p.holds(environment, extra)),
            Self::Or(parts) => parts.iter().any(|p| p.holds(environment, extra)),
            Self::Compare(Operand::Variable(name), operator, Operand::Literal(value)) => {
                compare(environment, extra, name, operator, value, false)
            }
            Self::Compare(Operand::Literal(value), operator, Operand::Variable(name)) => {
                compare(environment, extra, name, operator, value, true)
            }
            Self::Compare(..) => true,
        }
    }
}

/// Compares a variable of the environment with a literal; `reversed` where the literal stands on the left.
fn compare(
    environment: &Environment,
    extra: &str,
    name: &str,
    operator: &str,
    value: &str,
    reversed: bool,
) -> bool {
    let actual = match name {
        "extra" => {
            let equal = super::metadata::normalized(extra) == super::metadata::normalized(value);
            return if operator == "!=" { !equal } else { equal };
        }
        "python_version" | "python_full_version" => {
            return environment
                .python
                .is_none_or(|python| compare_python(python, operator, value, reversed));
        }
        "os_name" => "posix",
        "sys_platform" => "linux",
        "platform_system" => "Linux",
        "platform_python_implementation" => "CPython",
        "implementation_name" => "cpython",
        _ => return true,
    };
    let (left, right) = if reversed {
        (value, actual)
    } else {
        (actual, value)
    };
    match operator {
        "==" | "===" => left == right,
        "!=" => left != right,
        "in" => right.contains(left),
        "not in" => !right.contains(left),
        _ => true,
    }
}

fn compare_python(python: (u64, u64), operator: &str, value: &str, reversed: bool) -> bool {
    let versions: Vec<(u64, u64)> = value
        .split([' ', ',', '|'])
        .filter_map(|v| {
            let mut parts = v.trim().trim_end_matches(".*").split('.');
            let major = parts.next()?.parse().ok()?;
            let minor = parts.next().and_then(|p| p.parse().ok()).unwrap_or(0);
            Some((major, minor))
        })
        .collect();
    let Some(&first) = versions.first() else {
        return true;
    };
    let whole_line = value
        .trim()
        .strip_suffix(".*")
        .is_some_and(|v| !v.contains('.'));
    let equal = python == first || (whole_line && python.0 == first.0);
    let operator = match (operator, reversed) {
        ("<", true) => ">",
        (">", true) => "<",
        ("<=", true) => ">=",
        (">=", true) => "<=",
        (operator, _) => operator,
    };
    match operator {
        "==" | "===" => equal,
        "!=" => !equal,
        "<" => python < first,
        // `python_full_version <= "3.8.2"` may hold for some 3.8, so the line counts.
        "<=" => python <= first,
        ">" => python > first || (python == first && value.matches('.').count() > 1),
        ">=" => python >= first,
        "~=" => python.0 == first.0 && python >= first,
        "in" => versions.contains(&python),
        "not in" => !versions.contains(&python),
        _ => true,
    }
}

/// Far beyond any real marker.
const MAX_TOKENS: usize = 1_000;
const MAX_DEPTH: usize = 32;

#[cfg(test)]
mod tests {
    use super::*;

    type Spec<'a> = (&'a str, &'a [&'a str]);

    #[test]
    fn parse_reads_name_and_extras() {
        let table: [(&str, Option<Spec<'_>>); 6] = [
            ("idna (<2.8,>=2.5)", Some(("idna", &[]))),
            (
                "requests[socks, security]>=2; extra == 'x'",
                Some(("requests", &["socks", "security"])),
            ),
            ("a.b-c_d", Some(("a.b-c_d", &[]))),
            (
                "pip @ https://x/y;z ; python_version > '3'",
                Some(("pip", &[])),
            ),
            ("", None),
            (">=1", None),
        ];
        for (text, expected) in table {
            let found = Requirement::parse(text);
            let expected = expected.map(|(name, extras)| {
                (
                    name.to_owned(),
                    extras.iter().map(ToString::to_string).collect(),
                )
            });
            assert_eq!(found.map(|r| (r.name, r.extras)), expected, "{text}");
        }
    }

    #[test]
    fn markers_decide() {
        let table = [
            ("a", true),
            ("a; sys_platform == 'win32'", false),
            ("a; sys_platform != \"win32\" and os_name=='posix'", true),
            ("a; python_version < '3'", false),
            ("a; python_version >= \"3.9\"", true),
            ("a; '3.12' <= python_version", false),
            ("a; python_version == '3.*'", true),
            ("a; python_version in '2.7 3.11'", true),
            ("a; python_version not in '2.7, 3.11'", false),
            ("a; python_full_version <= '3.8.2'", false),
            (
                "a; (python_version < '3' or platform_system == 'Linux') and implementation_name == 'cpython'",
                true,
            ),
            ("a; extra == 'tests'", false),
            ("a; extra == 'Socks_X'", true),
            ("a; extra == 'socks-x' and sys_platform == 'win32'", false),
            ("a; platform_release == 'what'", true),
            ("a; not a marker", true),
        ];
        let environment = Environment {
            python: Some((3, 11)),
        };
        for (text, expected) in table {
            let requirement = Requirement::parse(text).unwrap_or_else(|| panic!("{text}"));
            assert_eq!(
                requirement.applies(&environment, ["socks-x"]),
                expected,
                "{text}"
            );
        }
    }

    #[test]
    fn deep_markers_end() {
        let text = format!("a; {}os_name == 'nt'", "(".repeat(100_000));
        let requirement = Requirement::parse(&text).unwrap_or_else(|| panic!("a requirement"));
        assert!(requirement.applies(&Environment::default(), []));
    }
}
