//! Licences against the whole licence list.

use toolkit_sbom::license::{Dialect, License};

#[test]
fn every_identifier_of_the_list_is_exact_and_stays_itself_or_loses_its_deprecation() {
    for listed in spdx::identifiers::LICENSES {
        if listed.name == "NOASSERTION" {
            continue;
        }
        for dialect in [
            Dialect::Spdx,
            Dialect::Cargo,
            Dialect::Debian,
            Dialect::Rpm,
            Dialect::Alpine,
            Dialect::Python,
        ] {
            let license =
                License::parse(listed.name, dialect).unwrap_or_else(|| panic!("{}", listed.name));
            assert!(license.is_exact(), "{}", listed.name);
            let expression = license
                .expression()
                .unwrap_or_else(|| panic!("{} in {dialect:?}", listed.name));
            let known = spdx::Expression::parse_mode(
                expression,
                spdx::ParseMode {
                    allow_deprecated: true,
                    ..spdx::ParseMode::STRICT
                },
            );
            assert!(known.is_ok(), "{} became {expression}", listed.name);
            if !expression.starts_with(listed.name.trim_end_matches('+')) {
                panic!("{} became {expression} in {dialect:?}", listed.name);
            }
        }
    }
}

#[test]
fn gnu_identifiers_never_stay_ambiguous() {
    for (text, expected) in [
        ("GPL-3.0", "GPL-3.0-only"),
        ("LGPL-2.1+", "LGPL-2.1-or-later"),
        ("GFDL-1.3", "GFDL-1.3-only"),
        ("AGPL-3.0", "AGPL-3.0-only"),
    ] {
        let license = License::parse(text, Dialect::Spdx);
        assert_eq!(
            license.as_ref().and_then(License::expression),
            Some(expected)
        );
    }
}
