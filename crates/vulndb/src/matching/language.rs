//! Language packages: the name that advisories use there.
//!
//! Name rules are those of the OSV schema ("affected[].package field").

use toolkit_sbom::Package;

use crate::ecosystem::Family;

/// Returns the name of a package as advisories of its family write it.
pub(super) fn name(family: Family, package: &Package) -> String {
    let purl = &package.purl;
    let joined = |separator: &str| match purl.namespace() {
        Some(namespace) => format!("{namespace}{separator}{}", purl.name()),
        None => purl.name().to_owned(),
    };
    match family {
        Family::Maven => joined(":"),
        Family::PyPi | Family::NuGet | Family::RubyGems | Family::Cargo => purl.name().to_owned(),
        _ => joined("/"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use toolkit_sbom::{Ecosystem, Purl};

    #[test]
    fn names_are_those_of_the_advisories() {
        for (purl, given, expected) in [
            (
                "pkg:npm/%40angular/core@1",
                "@angular/core",
                "@angular/core",
            ),
            (
                "pkg:maven/org.apache.logging.log4j/log4j-core@2.14.1",
                "log4j-core",
                "org.apache.logging.log4j:log4j-core",
            ),
            (
                "pkg:golang/github.com/azure/sdk@v1",
                "github.com/Azure/sdk",
                "github.com/azure/sdk",
            ),
            ("pkg:golang/stdlib@1.21.0", "stdlib", "stdlib"),
            (
                "pkg:composer/symfony/http-kernel@5",
                "http-kernel",
                "symfony/http-kernel",
            ),
            ("pkg:pypi/django@3.2", "Django", "django"),
            (
                "pkg:swift/github.com/apple/swift-nio@2",
                "swift-nio",
                "github.com/apple/swift-nio",
            ),
            ("pkg:gem/rails@5", "rails", "rails"),
        ] {
            let purl = Purl::parse(purl).expect("a package URL");
            let family = Family::of_purl_type(purl.ty()).expect("a family");
            let package = Package::new(Ecosystem::Npm, given, None, purl);
            assert_eq!(name(family, &package), expected);
        }
        assert_eq!(Family::of_purl_type("deb"), None);
        assert_eq!(Family::of_purl_type("generic"), None);
    }
}
