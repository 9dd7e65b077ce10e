//! Comparisons of two versions written straight from the tools' own descriptions: no key, no tag, a loop over both at once. Slow and plain on purpose, as
//! the other opinion in the property tests.

use std::cmp::Ordering;

/// Debian policy §5.6.12: an epoch, then upstream and revision, each in turns of non-digits and digits.
pub(crate) fn debian(left: &str, right: &str) -> Ordering {
    let split = |text: &str| -> (u64, String, String) {
        let (epoch, rest) = text.split_once(':').unwrap_or(("0", text));
        let (upstream, revision) = rest.rsplit_once('-').unwrap_or((rest, ""));
        (
            epoch.parse().expect("an epoch"),
            upstream.to_owned(),
            revision.to_owned(),
        )
    };
    let (left, right) = (split(left), split(right));
    left.0
        .cmp(&right.0)
        .then_with(|| debian_part(&left.1, &right.1))
        .then_with(|| debian_part(&left.2, &right.2))
}

fn debian_part(left: &str, right: &str) -> Ordering {
    let weight = |byte: Option<&u8>| match byte {
        None => 0,
        Some(b'~') => -1,
        Some(byte) if byte.is_ascii_digit() => 0,
        Some(byte) if byte.is_ascii_alphabetic() => i32::from(*byte),
        Some(byte) => i32::from(*byte) + 256,
    };
    let is_word = |byte: Option<&u8>| byte.is_some_and(|byte| !byte.is_ascii_digit());
    let (left, right) = (left.as_bytes(), right.as_bytes());
    let (mut i, mut j) = (0, 0);
    while i < left.len() || j < right.len() {
        while is_word(left.get(i)) || is_word(right.get(j)) {
            let (a, b) = (weight(left.get(i)), weight(right.get(j)));
            if a != b {
                return a.cmp(&b);
            }
            i += 1;
            j += 1;
        }
        let (a, b) = (number(left, &mut i), number(right, &mut j));
        if a != b {
            return a.cmp(&b);
        }
    }
    Ordering::Equal
}

/// Reads digits; numbers here have at most 15.
fn number(text: &[u8], at: &mut usize) -> u64 {
    let mut value = 0;
    while let Some(digit) = text.get(*at).filter(|byte| byte.is_ascii_digit()) {
        value = value * 10 + u64::from(digit - b'0');
        *at += 1;
    }
    value
}

/// rpm manual, "Version comparison": epoch, version and release; a missing release is not compared by us but orders first.
pub(crate) fn rpm(left: &str, right: &str) -> Ordering {
    let split = |text: &str| -> (u64, String, Option<String>) {
        let (epoch, rest) = text.split_once(':').unwrap_or(("0", text));
        let (version, release) = match rest.split_once('-') {
            Some((version, release)) => (version, Some(release.to_owned())),
            None => (rest, None),
        };
        (
            epoch.parse().expect("an epoch"),
            version.to_owned(),
            release,
        )
    };
    let (left, right) = (split(left), split(right));
    left.0
        .cmp(&right.0)
        .then_with(|| rpm_part(&left.1, &right.1))
        .then_with(|| match (&left.2, &right.2) {
            (Some(left), Some(right)) => rpm_part(left, right),
            (left, right) => left.is_some().cmp(&right.is_some()),
        })
}

fn rpm_part(left: &str, right: &str) -> Ordering {
    let separates = |c: char| !c.is_ascii_alphanumeric() && c != '~' && c != '^';
    let (mut one, mut two) = (left, right);
    while !one.is_empty() || !two.is_empty() {
        one = one.trim_start_matches(separates);
        two = two.trim_start_matches(separates);
        match (one.strip_prefix('~'), two.strip_prefix('~')) {
            (Some(a), Some(b)) => {
                (one, two) = (a, b);
                continue;
            }
            (Some(_), None) => return Ordering::Less,
            (None, Some(_)) => return Ordering::Greater,
            (None, None) => {}
        }
        match (one.strip_prefix('^'), two.strip_prefix('^')) {
            (Some(a), Some(b)) => {
                (one, two) = (a, b);
                continue;
            }
            (Some(_), None) if two.is_empty() => return Ordering::Greater,
            (None, Some(_)) if one.is_empty() => return Ordering::Less,
            (Some(_), None) => return Ordering::Less,
            (None, Some(_)) => return Ordering::Greater,
            (None, None) => {}
        }
        if one.is_empty() || two.is_empty() {
            break;
        }
        let digits = |c: char| c.is_ascii_digit();
        let letters = |c: char| c.is_ascii_alphabetic();
        let numeric = one.starts_with(digits);
        let segment = |text: &str| {
            let end = if numeric {
                text.find(|c| !digits(c))
            } else {
                text.find(|c| !letters(c))
            };
            end.unwrap_or(text.len())
        };
        let (a, rest_a) = one.split_at(segment(one));
        let (b, rest_b) = two.split_at(segment(two));
        if b.is_empty() {
            // A number is newer than a word.
            return if numeric {
                Ordering::Greater
            } else {
                Ordering::Less
            };
        }
        let order = if numeric {
            let value = |text: &str| text.parse::<u64>().expect("a number");
            value(a).cmp(&value(b))
        } else {
            a.cmp(b)
        };
        if order.is_ne() {
            return order;
        }
        (one, two) = (rest_a, rest_b);
    }
    one.len().min(1).cmp(&two.len().min(1))
}

/// `Gem::Version#<=>` of RubyGems 3.3.
pub(crate) fn rubygems(left: &str, right: &str) -> Ordering {
    let (left, right) = (gem_segments(left), gem_segments(right));
    for place in 0..left.len().max(right.len()) {
        let zero = GemSegment::Number(0);
        let order = match (
            left.get(place).unwrap_or(&zero),
            right.get(place).unwrap_or(&zero),
        ) {
            (GemSegment::Number(a), GemSegment::Number(b)) => a.cmp(b),
            (GemSegment::Word(a), GemSegment::Word(b)) => a.cmp(b),
            (GemSegment::Word(_), GemSegment::Number(_)) => Ordering::Less,
            (GemSegment::Number(_), GemSegment::Word(_)) => Ordering::Greater,
        };
        if order.is_ne() {
            return order;
        }
    }
    Ordering::Equal
}

#[derive(PartialEq)]
enum GemSegment {
    Number(u64),
    Word(String),
}

fn gem_segments(version: &str) -> Vec<GemSegment> {
    let version = version.replace('-', ".pre.");
    let mut segments: Vec<GemSegment> = Vec::new();
    let mut word = String::new();
    let mut end = |word: &mut String| {
        if let Ok(number) = word.parse() {
            segments.push(GemSegment::Number(number));
        } else if !word.is_empty() {
            segments.push(GemSegment::Word(word.clone()));
        }
        word.clear();
    };
    for c in version.chars() {
        let changes = word
            .chars()
            .last()
            .is_some_and(|last| last.is_ascii_digit() != c.is_ascii_digit());
        if c == '.' || changes {
            end(&mut word);
        }
        if c != '.' {
            word.push(c);
        }
    }
    end(&mut word);
    let first_word = segments
        .iter()
        .position(|segment| matches!(segment, GemSegment::Word(_)))
        .unwrap_or(segments.len());
    let mut words = segments.split_off(first_word);
    for part in [&mut segments, &mut words] {
        while part.last() == Some(&GemSegment::Number(0)) {
            part.pop();
        }
    }
    segments.extend(words);
    segments
}

/// PHP's `version_compare` (ext/standard/versioning.c).
pub(crate) fn composer(left: &str, right: &str) -> Ordering {
    let (left, right) = (php_parts(left), php_parts(right));
    let number = |part: &String| part.starts_with(|c: char| c.is_ascii_digit());
    let value = |part: &String| part.parse::<u64>().expect("a number");
    let mut place = 0;
    loop {
        let order = match (left.get(place), right.get(place)) {
            (None, None) => return Ordering::Equal,
            (Some(a), Some(b)) => match (number(a), number(b)) {
                (true, true) => value(a).cmp(&value(b)),
                (false, false) => php_form(a).cmp(&php_form(b)),
                (true, false) => PHP_NUMBER.cmp(&php_form(b)),
                (false, true) => php_form(a).cmp(&PHP_NUMBER),
            },
            (Some(a), None) if number(a) => Ordering::Greater,
            (Some(a), None) => php_form(a).cmp(&PHP_NUMBER),
            (None, Some(b)) if number(b) => Ordering::Less,
            (None, Some(b)) => PHP_NUMBER.cmp(&php_form(b)),
        };
        if order.is_ne() {
            return order;
        }
        place += 1;
    }
}

/// The place of `#`, which stands for any number, among the words.
const PHP_NUMBER: i32 = 4;

fn php_form(word: &str) -> i32 {
    let forms = [
        ("dev", 0),
        ("alpha", 1),
        ("a", 1),
        ("beta", 2),
        ("b", 2),
        ("RC", 3),
        ("rc", 3),
        ("pl", 5),
        ("p", 5),
    ];
    let known = forms.iter().find(|(start, _)| word.starts_with(start));
    known.map_or(-1, |(_, rank)| *rank)
}

fn php_parts(version: &str) -> Vec<String> {
    let mut spaced = String::new();
    for c in version.chars() {
        let last = spaced.chars().last();
        if matches!(c, '-' | '_' | '+' | '.') {
            if last.is_some_and(|last| last != '.') {
                spaced.push('.');
            }
            continue;
        }
        if last.is_some_and(|last| last != '.' && last.is_ascii_digit() != c.is_ascii_digit()) {
            spaced.push('.');
        }
        spaced.push(c);
    }
    let parts = spaced.split('.').filter(|part| !part.is_empty());
    parts.map(str::to_owned).collect()
}

/// NuGet.Versioning's `VersionComparer`: four numbers, then labels without case, of which those are numbers that an `int` holds.
pub(crate) fn nuget(left: &str, right: &str) -> Ordering {
    let split = |text: &str| -> (Vec<u64>, Option<Vec<String>>) {
        let text = text.split('+').next().expect("a first part");
        let (core, labels) = match text.split_once('-') {
            Some((core, labels)) => (core, Some(labels)),
            None => (text, None),
        };
        let mut numbers: Vec<u64> = core
            .split('.')
            .map(|part| part.parse().expect("a number"))
            .collect();
        numbers.resize(4, 0);
        let upper = |labels: &str| labels.split('.').map(str::to_ascii_uppercase).collect();
        (numbers, labels.map(upper))
    };
    let (left, right) = (split(left), split(right));
    let labels = || match (&left.1, &right.1) {
        (None, None) => Ordering::Equal,
        (None, Some(_)) => Ordering::Greater,
        (Some(_), None) => Ordering::Less,
        (Some(a), Some(b)) => {
            let each = a.iter().zip(b).map(|(a, b)| {
                let digits = |text: &String| text.bytes().all(|byte| byte.is_ascii_digit());
                let number = |text: &String| text.parse::<i32>().ok().filter(|_| digits(text));
                match (number(a), number(b)) {
                    (Some(a), Some(b)) => a.cmp(&b),
                    (Some(_), None) => Ordering::Less,
                    (None, Some(_)) => Ordering::Greater,
                    (None, None) => a.cmp(b),
                }
            });
            let first = each.into_iter().find(|order| order.is_ne());
            first.unwrap_or_else(|| a.len().cmp(&b.len()))
        }
    };
    left.0.cmp(&right.0).then_with(labels)
}
