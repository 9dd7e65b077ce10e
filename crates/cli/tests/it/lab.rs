//! `toolkit lab`: the demonstration from its first to its last line, what makes it fail, and commands that run beside the lab.

use std::path::Path;
use std::process::Command;

use toolkit_lab::NOTICE;
use toolkit_lab::image::{Compression, Image, Index, Layer};

use crate::binary::{Run, finish, repository, run, toolkit};

fn last_line(run: &Run) -> &str {
    run.stdout.lines().last().unwrap_or_default()
}

fn demo(image: &str) -> Command {
    let mut command = toolkit();
    command.args(["lab", "demo", image]);
    command
}

#[test]
fn the_demonstration_holds_from_push_to_promotion() {
    let run = run(["lab", "demo"]);
    assert_eq!(
        (run.code, last_line(&run)),
        (0, "20 of 20 steps ended as expected"),
        "{}{}",
        run.stdout,
        run.stderr
    );
    assert_eq!(run.stderr, format!("{NOTICE}\n"));
    let codes: Vec<&str> = run
        .stdout
        .lines()
        .filter_map(|line| line.strip_prefix("  as expected: exit code "))
        .filter_map(|rest| rest.split(';').next())
        .collect();
    assert_eq!(
        codes,
        [
            "0", "0", "0", "0", "1", "0", "0", "0", "12", "0", "0", "0", "0", "1", "3", "0", "0",
            "0", "1", "0"
        ]
    );
    let packages = fs_err::read_to_string(repository("testdata/images/demo.packages"))
        .expect("the list of packages");
    // Debian's Python packages are seen twice: what dpkg says, and what Python's metadata says.
    let packages: usize = packages
        .lines()
        .map(|line| if line.starts_with("python3-") { 2 } else { 1 })
        .sum();
    assert!(
        run.stdout
            .contains(&format!("SPDX 2.3 with the same {packages} packages")),
        "{}",
        run.stdout
    );
    assert!(!run.stdout.contains('\u{1b}'), "coloured, but no terminal");
    let folder = run
        .stdout
        .lines()
        .find_map(|line| line.strip_prefix("  $ cd "))
        .expect("the folder");
    assert!(!Path::new(folder).exists(), "{folder} is left behind");
}

#[test]
fn the_demonstration_takes_an_index_and_nothing_around_it_steers_it() {
    let image = |architecture: &str| {
        let layer = Layer::new(Compression::Gzip).file("etc/name", architecture);
        Image::new("linux", architecture)
            .layer(layer)
            .build()
            .expect("an image")
    };
    let directory = tempfile::tempdir().expect("a temporary directory");
    let layout = directory.path().join("two platforms");
    Index::new()
        .image(image("amd64"))
        .image(image("arm64"))
        .build()
        .write_layout(&layout, Some("1"))
        .expect("the layout");
    let mut command = toolkit();
    // Named as a user in that directory would.
    command
        .args(["lab", "demo", "oci-dir:two platforms:1"])
        .current_dir(directory.path())
        .env("TOOLKIT_OFFLINE", "true")
        .env("TOOLKIT_SIGNING_KEY", "missing.pem")
        .env("TOOLKIT_VERIFY_OUTPUT", "json")
        .env("GITHUB_ACTIONS", "true")
        .env("SIGSTORE_ID_TOKEN", "x")
        .env("http_proxy", "http://127.0.0.1:9");
    let run = finish(&mut command);
    assert_eq!(
        (run.code, last_line(&run)),
        (0, "16 of 16 steps ended as expected"),
        "{}{}",
        run.stdout,
        run.stderr
    );
    assert!(
        run.stdout.contains("the registry has 4 new manifests"),
        "two SBOMs a platform\n{}",
        run.stdout
    );
    assert!(
        run.stdout.contains("the registry has 3 new manifests"),
        "provenance beside the index and each platform\n{}",
        run.stdout
    );
}

#[test]
fn the_demonstration_fails_on_a_damaged_image() {
    let directory = tempfile::tempdir().expect("a temporary directory");
    let layout = directory.path().join("image");
    let layer = Layer::new(Compression::Gzip).file("etc/name", "whole");
    let image = Image::new("linux", "amd64")
        .layer(layer)
        .build()
        .expect("an image");
    image.write_layout(&layout, Some("1")).expect("the layout");
    let (digest, bytes) = image.blobs().iter().next_back().expect("a blob");
    let mut damaged = bytes.clone();
    *damaged.last_mut().expect("a byte") ^= 1;
    fs_err::write(
        layout.join("blobs").join(digest.replacen(':', "/", 1)),
        damaged,
    )
    .expect("the damaged blob");
    let run = finish(&mut demo(&format!("oci-dir:{}", layout.display())));
    assert_eq!(
        (run.code, last_line(&run)),
        (1, "0 of 16 steps ended as expected"),
        "{}{}",
        run.stdout,
        run.stderr
    );
    assert!(
        run.stdout
            .contains("NOT as expected: expected exit code 0, found exit code 17"),
        "{}",
        run.stdout
    );
}

#[test]
fn the_demonstration_of_no_image_starts_no_lab() {
    let directory = tempfile::tempdir().expect("a temporary directory");
    let run = finish(&mut demo(&format!(
        "oci-dir:{}",
        directory.path().join("none").display()
    )));
    assert_eq!((run.code, run.stdout.as_str()), (11, ""), "{}", run.stderr);
    assert!(!run.stderr.contains(NOTICE), "{}", run.stderr);
}

#[test]
fn the_lab_is_not_shown() {
    let help = run(["--help"]);
    assert!(help.stdout.contains("policy"), "{}", help.stdout);
    assert!(
        !help
            .stdout
            .lines()
            .any(|line| line.trim_start().starts_with("lab")),
        "{}",
        help.stdout
    );
    assert_eq!(run(["lab", "--help"]).code, 0);
    assert_eq!(run(["lab"]).code, 2);
    assert_eq!(run(["lab", "run"]).code, 2);
}

#[cfg(unix)]
mod beside {
    use super::*;

    /// Runs a shell's script beside the lab; `$0` is the binary, `$1` a folder.
    fn shell(flags: &[&str], script: &str, folder: &Path) -> Run {
        let mut command = toolkit();
        command
            .env("PATH", "/usr/local/bin:/usr/bin:/bin")
            .args(["lab", "run"])
            .args(flags)
            .args(["--", "sh", "-c", script])
            .arg(env!("CARGO_BIN_EXE_toolkit"))
            .arg(folder);
        finish(&mut command)
    }

    #[test]
    fn codes_are_passed_on() {
        let folder = tempfile::tempdir().expect("a temporary directory");
        for (script, expected) in [
            ("exit 0", 0),
            ("exit 7", 7),
            ("exit 255", 255),
            ("kill -TERM $$", 143),
            ("exec \"$0\" explain 13", 0),
            ("exec \"$0\" explain 9", 2),
        ] {
            let run = shell(&[], script, folder.path());
            assert_eq!(run.code, expected, "{script}\n{}", run.stderr);
            assert!(run.stderr.starts_with(NOTICE), "{}", run.stderr);
        }
        let mut quiet = toolkit();
        quiet.args([
            "-qq",
            "lab",
            "run",
            env!("CARGO_BIN_EXE_toolkit"),
            "version",
        ]);
        let run = finish(&mut quiet);
        assert_eq!((run.code, run.stderr), (0, format!("{NOTICE}\n")));
        let missing = crate::binary::run(["lab", "run", "--", "/no/such/program"]);
        assert_eq!(missing.code, 2, "{}", missing.stderr);
        assert!(
            missing
                .stderr
                .contains("`/no/such/program` could not be started"),
            "{}",
            missing.stderr
        );
    }

    #[test]
    fn the_variables_lead_to_the_lab() {
        const SIGN: &str = r#"cd "$1" && echo content > file
            "$0" sign file:file --bundle person.json &&
            env -u TOOLKIT_IDENTITY_TOKEN "$0" sign file:file --bundle other-tools.json &&
            env -u TOOLKIT_IDENTITY_TOKEN -u SIGSTORE_ID_TOKEN GITHUB_ACTIONS=true "$0" sign file:file --bundle workflow.json || exit 50
            for bundle in person.json other-tools.json; do
              "$0" verify file:file --bundle $bundle --certificate-identity "$TOOLKIT_LAB_EMAIL" \
                --certificate-oidc-issuer "$TOOLKIT_LAB_ISSUER" || exit 51
            done
            "$0" verify file:file --bundle workflow.json --certificate-oidc-issuer "$TOOLKIT_LAB_GITHUB_ISSUER" \
              --certificate-identity https://github.com/acme/widget/.github/workflows/release.yml@refs/heads/main || exit 52
            for registry in "$TOOLKIT_LAB_REGISTRY" "$TOOLKIT_LAB_REGISTRY_FALLBACK"; do
              "$0" tree "$registry/none:1"; [ $? = 11 ] || exit 53
            done
            # Its log is not the public one: nothing of the lab is believed outside of it.
            env -u TOOLKIT_TRUSTED_ROOT "$0" verify file:file --bundle person.json \
              --certificate-identity "$TOOLKIT_LAB_EMAIL" --certificate-oidc-issuer "$TOOLKIT_LAB_ISSUER"
            [ $? = 16 ] || exit 54
            printf %s "$TOOLKIT_TRUSTED_ROOT" > root"#;
        let folder = tempfile::tempdir().expect("a temporary directory");
        let run = shell(&[], SIGN, folder.path());
        assert_eq!(run.code, 0, "{}{}", run.stdout, run.stderr);
        let root = fs_err::read_to_string(folder.path().join("root")).expect("the root's path");
        assert!(root.ends_with("trusted_root.json"), "{root}");
        assert!(!Path::new(&root).exists(), "{root} is left behind");
    }

    #[test]
    fn the_log_and_the_address_can_be_chosen() {
        let folder = tempfile::tempdir().expect("a temporary directory");
        const SIGN: &str = r#"cd "$1" && echo content > file && "$0" sign file:file --bundle $TOOLKIT_LAB_EMAIL.json &&
            "$0" verify file:file --bundle $TOOLKIT_LAB_EMAIL.json --certificate-identity me@example.com \
              --certificate-oidc-issuer "$TOOLKIT_LAB_ISSUER""#;
        // Only Rekor v1 promises an entry; Rekor v2 proves it and leaves the time to the authority.
        for (version, promised) in [("v1", true), ("v2", false)] {
            let run = shell(
                &["--rekor", version, "--email", "me@example.com"],
                SIGN,
                folder.path(),
            );
            assert_eq!(run.code, 0, "{}{}", run.stdout, run.stderr);
            let bundle = fs_err::read_to_string(folder.path().join("me@example.com.json"))
                .expect("the bundle");
            assert_eq!(bundle.contains("inclusionPromise"), promised, "{version}");
        }
    }
}
