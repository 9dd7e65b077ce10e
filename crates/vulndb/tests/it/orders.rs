//! Properties of every version order: total, told by bytes, and the same as another implementation's.

use std::cmp::Ordering;
use std::str::FromStr;

use proptest::prelude::*;
use proptest::string::string_regex;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use regex::Regex;
use toolkit_vulndb::version::{Scheme, Version};

use crate::plain;

/// Another implementation of an order.
type Other = fn(&str, &str) -> Ordering;

fn semver(left: &str, right: &str) -> Ordering {
    let read = |text: &str| semver::Version::parse(text).expect("a semantic version");
    read(left).cmp_precedence(&read(right))
}

/// Pub orders build metadata too, and so does the crate's whole order.
fn with_build(left: &str, right: &str) -> Ordering {
    let read = |text: &str| semver::Version::parse(text).expect("a semantic version");
    read(left).cmp(&read(right))
}

fn pep440(left: &str, right: &str) -> Ordering {
    let read = |text: &str| pep440_rs::Version::from_str(text).expect("a Python version");
    read(left).cmp(&read(right))
}

/// The schemes of which another implementation is at hand, with the grammar of versions to try. Maven's, apk's and Go's orders are tried on the tables of
/// their own tools alone.
const OTHERS: [(Scheme, &str, Other); 10] = [
    (Scheme::SemVer, SEMVER, semver),
    (Scheme::Hex, SEMVER, semver),
    (Scheme::Go, SEMVER, semver),
    (Scheme::Pub, BUILD, with_build),
    (
        Scheme::Pep440,
        "([0-2]!)?[0-9]{1,2}(\\.[0-9]{1,2}){0,3}((a|b|rc)[0-9])?(\\.post[0-9])?(\\.dev[0-9])?(\\+[a-c0-2]{1,3}(\\.[a-c0-2]{1,2})?)?",
        pep440,
    ),
    (
        Scheme::Debian,
        "([0-2]:)?[0-9][a-b0-2.+~]{0,6}(-[a-b0-2.+~]{1,5}){0,2}",
        plain::debian,
    ),
    (
        Scheme::Rpm,
        "([0-2]:)?[a-c0-2][a-b0-2._+~^]{0,7}(-[a-b0-2._~^]{1,5})?",
        plain::rpm,
    ),
    (
        Scheme::RubyGems,
        "[0-3]{1,2}((\\.|-)?([0-2]{1,2}|[a-c]{1,2}|rc)){0,5}",
        plain::rubygems,
    ),
    (
        Scheme::NuGet,
        "[0-3]{1,2}(\\.[0-3]{1,2}){0,3}(-([0-9a-cA-C]{1,3}|[0-9]{10,12})(\\.[0-9a-cA-C-]{1,3}){0,2})?(\\+[a-c]{1,2})?",
        plain::nuget,
    ),
    (Scheme::Composer, COMPOSER, plain::composer),
];
const COMPOSER: &str =
    "[0-3]{1,2}([.+_-]?([0-3]{1,2}|dev|alpha|a|beta|b|RC|rc|pl|p|patch|foo)){0,5}";
const SEMVER: &str = "(0|[1-3][0-9]?)\\.(0|[1-3][0-9]?)\\.(0|[1-3][0-9]?)(-(0|[1-3][0-9]?|[a-c-][a-c0-2-]{0,2})(\\.(0|[1-3]|[a-c-][a-c0-2]{0,2})){0,3})?(\\+[a-c]{1,2})?";
/// The crate holds `00` in build metadata to be a number of its own, which the specification does not order.
const BUILD: &str = "(0|[1-3])\\.(0|[1-3])\\.(0|[1-3])(-(0|[1-3]|[a-c]{1,2})(\\.(0|[1-3]|[a-c]{1,2})){0,2})?(\\+(0|[1-9]|[a-c]{1,2})(\\.(0|[1-9]|[a-c]{1,2})){0,2})?";

/// Text that no grammar made: digits, letters and everything that separates.
const ANYTHING: &str = "[v0-3]{0,2}[0-3a-cA-C.+~^:_ é*!#-]{0,12}";

/// The same versions at every run: a failing one belongs in a table, not in a file beside the tests.
fn runner() -> TestRunner {
    let config = Config {
        cases: 5_000,
        failure_persistence: None,
        ..Config::default()
    };
    TestRunner::new_with_rng(config, TestRng::deterministic_rng(RngAlgorithm::ChaCha))
}

fn written(grammar: &str) -> impl Strategy<Value = String> + use<> {
    string_regex(grammar).expect("a grammar")
}

#[test]
fn keys_order_as_another_implementation_does() {
    for (scheme, grammar, other) in OTHERS {
        let is_version = Regex::new(&format!("^(?:{grammar})$")).expect("a grammar");
        runner()
            .run(&(written(grammar), written(grammar)), |(left, right)| {
                let order = scheme.compare(&left, &right);
                prop_assert_eq!(
                    order,
                    Ok(other(&left, &right)),
                    "{} {} {}",
                    scheme,
                    left,
                    right
                );
                Ok(())
            })
            .unwrap_or_else(|error| panic!("{scheme}: {error}"));
        // Versions that differ in little are tried too: from one, by another end.
        runner()
            .run(
                &(
                    written(grammar),
                    any::<prop::sample::Index>(),
                    written("[0-2a-b.]{0,2}"),
                ),
                |(left, place, end)| {
                    let cut = place.index(left.len() + 1);
                    let right = format!("{}{end}", left.get(..cut).expect("ASCII"));
                    if !is_version.is_match(&right) {
                        return Ok(());
                    }
                    let order = other(&left, &right);
                    prop_assert_eq!(
                        scheme.compare(&left, &right),
                        Ok(order),
                        "{} {} {}",
                        scheme,
                        left,
                        right
                    );
                    Ok(())
                },
            )
            .unwrap_or_else(|error| panic!("{scheme}: {error}"));
    }
}

#[test]
fn every_text_has_one_place_or_none() {
    for scheme in Scheme::ALL {
        let texts = (written(ANYTHING), written(ANYTHING), written(ANYTHING));
        runner()
            .run(&texts, |(a, b, c)| {
                let [Ok(a), Ok(b), Ok(c)] = [&a, &b, &c].map(|text| Version::parse(scheme, text))
                else {
                    return Ok(());
                };
                prop_assert_eq!(a.cmp(&b), b.cmp(&a).reverse());
                prop_assert_eq!(a == b, a.key().as_bytes() == b.key().as_bytes());
                prop_assert_eq!(a.cmp(&b), a.key().as_bytes().cmp(b.key().as_bytes()));
                if a <= b && b <= c {
                    prop_assert!(a <= c, "{} {} {}", a, b, c);
                }
                // What is shown is what was given, and reads as itself.
                let again = Version::parse(scheme, &a.to_string());
                prop_assert_eq!(again.as_ref(), Ok(&a));
                Ok(())
            })
            .unwrap_or_else(|error| panic!("{scheme}: {error}"));
    }
}
