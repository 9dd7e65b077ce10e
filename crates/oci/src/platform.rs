//! Operating system and processor an image is for, and which of several fits.
//!
//! Names are Go's `GOOS` and `GOARCH` as image-spec `image-index.md` says; spellings of other worlds are normalised
//! as containerd does. Whether an image really runs is not decided here.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::digest::excerpt;
use crate::error::{Error, Result};

/// Names a platform (image-spec `image-index.md`, `platform`).
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Platform {
    /// Operating system, for example `linux`.
    #[serde(default)]
    pub os: String,
    /// Processor, for example `arm64`.
    #[serde(default)]
    pub architecture: String,
    /// Processor variant, for example `v8`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub variant: Option<String>,
    /// Operating system version, which Windows images need.
    #[serde(
        rename = "os.version",
        default,
        skip_serializing_if = "Option::is_none"
    )]
    pub os_version: Option<String>,
    /// Operating system features, for example `win32k`.
    #[serde(
        rename = "os.features",
        default,
        skip_serializing_if = "Option::is_none"
    )]
    pub os_features: Option<Vec<String>>,
}

impl Platform {
    /// Makes a platform of its two necessary parts, normalised.
    pub fn new(os: &str, architecture: &str) -> Self {
        Self {
            os: os.to_owned(),
            architecture: architecture.to_owned(),
            variant: None,
            os_version: None,
            os_features: None,
        }
        .normalised()
    }

    /// Parses `os/architecture[/variant]`; spellings such as `x86_64` or `aarch64` are normalised.
    ///
    /// # Errors
    /// [`Error::InvalidPlatform`] with the rule that is broken.
    pub fn parse(text: &str) -> Result<Self> {
        let fault = |reason| Error::InvalidPlatform {
            found: excerpt(text),
            reason,
        };
        let parts: Vec<&str> = text.split('/').collect();
        let word = |part: &str| {
            !part.is_empty()
                && part
                    .bytes()
                    .all(|byte| byte.is_ascii_alphanumeric() || b"_.-".contains(&byte))
        };
        if !parts.iter().all(|part| word(part)) {
            return Err(fault(
                "a part is empty or has other characters than letters, digits, `_`, `.` and `-`",
            ));
        }
        let (os, architecture, variant) = match parts.as_slice() {
            [os, architecture] => (os, architecture, None),
            [os, architecture, variant] => (os, architecture, Some((*variant).to_owned())),
            _ => {
                return Err(fault(
                    "it is not `os/architecture` or `os/architecture/variant`",
                ));
            }
        };
        let named = Self::new(os, architecture);
        Ok(Self {
            variant: variant.or_else(|| named.variant.clone()),
            ..named
        }
        .normalised())
    }

    /// Returns the platform whose images run here: the processor this was compiled for, under Linux except on Windows,
    /// since container engines elsewhere run Linux images.
    pub fn host() -> Self {
        let os = if cfg!(windows) { "windows" } else { "linux" };
        Self::new(os, std::env::consts::ARCH)
    }

    /// Tells whether an image for `self` fits who wants `wanted`: same system and processor, variant not newer.
    pub fn matches(&self, wanted: &Self) -> bool {
        self.rank(wanted).is_some()
    }

    /// Tells how well an image for `self` fits `wanted`: higher is better, `None` not at all.
    ///
    /// An older variant of the same processor fits less well (containerd's `platforms.Only`), an absent one is the
    /// architecture's usual (`arm64` v8, `arm` v7, `amd64` v1).
    pub fn rank(&self, wanted: &Self) -> Option<u32> {
        let (image, wanted) = (self.clone().normalised(), wanted.clone().normalised());
        if image.os != wanted.os || image.architecture != wanted.architecture {
            return None;
        }
        if let Some(version) = &wanted.os_version {
            let found = image.os_version.as_deref().unwrap_or_default();
            let same = found == version
                || found
                    .strip_prefix(version.as_str())
                    .is_some_and(|rest| rest.starts_with('.'));
            if !same {
                return None;
            }
        }
        if image.variant == wanted.variant {
            return Some(u32::MAX);
        }
        let level = |platform: &Self| match &platform.variant {
            None => usual_level(&platform.architecture),
            Some(variant) => variant.strip_prefix('v')?.parse::<u32>().ok(),
        };
        match (level(&image), level(&wanted)) {
            (Some(image), Some(wanted)) if image <= wanted => Some(image),
            _ => None,
        }
    }

    /// Tells whether this is `unknown/unknown`, the mark of evidence beside images in an index.
    pub fn is_unknown(&self) -> bool {
        self.os == "unknown" && self.architecture == "unknown"
    }

    /// Returns the platform in the spelling that image indexes use.
    pub fn normalised(mut self) -> Self {
        let lower = |text: &str| text.to_ascii_lowercase();
        self.os = match lower(&self.os).as_str() {
            "macos" => "darwin".to_owned(),
            other => other.to_owned(),
        };
        let (architecture, implied) = match lower(&self.architecture).as_str() {
            "x86_64" | "x86-64" => ("amd64".to_owned(), None),
            "i386" | "i686" | "x86" => ("386".to_owned(), None),
            "aarch64" => ("arm64".to_owned(), None),
            "armhf" => ("arm".to_owned(), Some("v7")),
            "armel" => ("arm".to_owned(), Some("v6")),
            "powerpc64le" => ("ppc64le".to_owned(), None),
            other => (other.to_owned(), None),
        };
        self.architecture = architecture;
        let variant = self.variant.take().filter(|variant| !variant.is_empty());
        self.variant = variant
            .map(|variant| lower(&variant))
            .or_else(|| implied.map(str::to_owned))
            .map(|variant| match variant.as_str() {
                "5" | "6" | "7" | "8" if self.architecture.starts_with("arm") => {
                    format!("v{variant}")
                }
                _ => variant,
            });
        let usual = usual_level(&self.architecture).map(|level| format!("v{level}"));
        // `arm` keeps its variant: `arm` and `arm/v7` are both written, `arm64/v8` and `amd64/v1` say nothing more.
        if self.architecture != "arm" && self.variant.is_some() && self.variant == usual {
            self.variant = None;
        }
        self
    }
}

fn usual_level(architecture: &str) -> Option<u32> {
    match architecture {
        "arm64" => Some(8),
        "arm" => Some(7),
        "amd64" => Some(1),
        _ => None,
    }
}

impl fmt::Display for Platform {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", excerpt(&self.os), excerpt(&self.architecture))?;
        if let Some(variant) = &self.variant {
            write!(f, "/{}", excerpt(variant))?;
        }
        Ok(())
    }
}

impl FromStr for Platform {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        Self::parse(text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn platforms_parse_to_one_spelling() {
        let table = [
            ("linux/amd64", "linux/amd64"),
            ("linux/x86_64", "linux/amd64"),
            ("Linux/AArch64", "linux/arm64"),
            ("linux/arm64/v8", "linux/arm64"),
            ("linux/arm64/v9", "linux/arm64/v9"),
            ("linux/armhf", "linux/arm/v7"),
            ("linux/arm/6", "linux/arm/v6"),
            ("windows/amd64", "windows/amd64"),
        ];
        for (text, expected) in table {
            assert_eq!(Platform::parse(text).unwrap().to_string(), expected);
        }
        for bad in [
            "",
            "linux",
            "linux/",
            "/amd64",
            "a/b/c/d",
            "li nux/amd64",
            "linux/amd64\n",
        ] {
            assert!(
                matches!(Platform::parse(bad), Err(Error::InvalidPlatform { .. })),
                "{bad:?}"
            );
        }
    }

    #[test]
    fn an_image_fits_or_not() {
        let table = [
            ("linux/amd64", "linux/amd64", true),
            ("linux/arm64/v8", "linux/arm64", true),
            ("linux/arm64", "linux/arm64/v8", true),
            ("linux/arm/v6", "linux/arm/v7", true),
            ("linux/arm/v7", "linux/arm/v6", false),
            ("linux/arm", "linux/arm/v7", true),
            ("linux/amd64/v3", "linux/amd64", false),
            ("linux/amd64", "linux/amd64/v3", true),
            ("windows/amd64", "linux/amd64", false),
            ("linux/386", "linux/amd64", false),
            ("unknown/unknown", "linux/amd64", false),
        ];
        for (image, wanted, expected) in table {
            let found = Platform::parse(image)
                .unwrap()
                .matches(&Platform::parse(wanted).unwrap());
            assert_eq!(found, expected, "{image} for {wanted}");
        }
    }

    #[test]
    fn nearer_variants_rank_higher() {
        let wanted = Platform::parse("linux/arm/v7").unwrap();
        let rank = |text| Platform::parse(text).unwrap().rank(&wanted).unwrap();
        assert!(rank("linux/arm/v7") > rank("linux/arm/v6"));
        assert!(rank("linux/arm/v6") > rank("linux/arm/v5"));
    }

    #[test]
    fn os_version_and_features_survive() {
        let text = r#"{"os":"windows","architecture":"amd64","os.version":"10.0.17763.1","os.features":["win32k"]}"#;
        let platform: Platform = serde_json::from_str(text).unwrap();
        let back: Platform =
            serde_json::from_str(&serde_json::to_string(&platform).unwrap()).unwrap();
        assert_eq!(platform, back);
        let mut wanted = Platform::new("windows", "amd64");
        wanted.os_version = Some("10.0.17763".to_owned());
        assert!(platform.matches(&wanted));
        wanted.os_version = Some("10.0.1776".to_owned());
        assert!(!platform.matches(&wanted));
    }
}
