//! Arguments that fit nothing end with 2 and the known ones; nothing is looked at before they fit.

use toolkit_lab::RegistryKind;
use toolkit_lab::image::Image;

use super::says;
use crate::binary::{repository, run};
use crate::stage::{SIGNER, Stage, image};

/// Is no address: whoever asks it would end with 3.
const NOWHERE: &str = "127.0.0.1:1/acme/widget:1";

#[test]
fn formats_and_versions_that_are_not_known() {
    let demo = format!("oci-dir:{}", repository("testdata/images/demo").display());
    for (output, texts) in [
        (
            "cyclonedx-xml",
            &[
                "`cyclonedx-xml`",
                "cyclonedx-json",
                "spdx-json",
                "purls",
                "table",
            ][..],
        ),
        ("", &["cyclonedx-json", "spdx-json", "purls", "table"]),
        ("cyclonedx-json@1.4", &["1.4", "1.7"]),
        ("cyclonedx-json@", &["1.7"]),
        ("spdx-json@3.0", &["3.0", "2.3"]),
        ("purls@1", &["purls"]),
        ("cyclonedx-json@9=out.json", &["9", "1.7"]),
        ("xml=out.xml", &["`xml`", "cyclonedx-json"]),
    ] {
        let run = run(["sbom", &demo, "-o", output]);
        says(output, &run, 2, texts);
        assert_eq!(run.stdout, "", "{output}");
    }
    let twice = run(["sbom", &demo, "-o", "purls=x", "-o", "table=x"]);
    says("one file", &twice, 2, &["two outputs go to x"]);
    let twice = run(["sbom", &demo, "-o", "purls", "-o", "table"]);
    says("stdout", &twice, 2, &["two outputs go to stdout"]);
    for command in ["verify", "tree", "promote"] {
        says(
            command,
            &run([command, &demo, "-o", "yaml"]),
            2,
            &["'yaml'", "text, json"],
        );
    }
}

#[test]
fn flags_of_verify_that_do_not_fit() {
    let stage = Stage::new();
    stage.write("artifact", "content");
    stage.write("key.pub", super::evidence::P256_PUBLIC);
    stage.write("policy.yaml", "version: 1\nname: open\ntrust: {root: {file: root.json}}\nrules:\n- id: user\n  require: {image: {user: nonRoot}}\nnoMatch: deny\n");
    let (id, id_re) = (
        "--certificate-identity=a",
        "--certificate-identity-regexp=a",
    );
    let (issuer, issuer_re) = (
        "--certificate-oidc-issuer=b",
        "--certificate-oidc-issuer-regexp=b",
    );
    let (key, policy) = ("--key=key.pub", "--policy=policy.yaml");
    let who = "expected a key, or an identity and its issuer";
    let one = "expected one key, or one identity and one issuer";
    let table: [(&[&str], &[&str]); 19] = [
        (&[], &[who, "found neither", "`--key FILE`"]),
        (&[id], &[who, "--certificate-identity"]),
        (&[issuer], &[who, "--certificate-oidc-issuer"]),
        (&[id_re], &[who, "--certificate-identity-regexp"]),
        (&[issuer_re], &[who, "--certificate-oidc-issuer-regexp"]),
        (
            &[id, id_re, issuer],
            &[one, "--certificate-identity-regexp"],
        ),
        (&[id, issuer, issuer_re], &[one]),
        (&[id, issuer, key], &[one, "--key"]),
        (&[id, key], &[one, "--certificate-identity, --key"]),
        (&["--type=spdx"], &[who]),
        (
            &[policy, id, issuer],
            &["found also --certificate-identity, --certificate-oidc-issuer"],
        ),
        (&[policy, key], &["found also --key"]),
        (&[policy, "--type=spdx"], &["found also --type"]),
        (
            &[policy, issuer_re],
            &["found also --certificate-oidc-issuer-regexp"],
        ),
        (
            &[id, issuer, "--type=sbom"],
            &["unknown predicate type `sbom`", "cyclonedx, ", "spdx"],
        ),
        (&["--certificate-identity-regexp=(", issuer], &["("]),
        (&[id, "--certificate-oidc-issuer-regexp=["], &["["]),
        (
            &[key, "--limit=layers"],
            &["`layers` is no limit", "NAME=VALUE"],
        ),
        (
            &[key, "--limit=layer=1"],
            &["`layer=1` is no limit", "did you mean `layers`?"],
        ),
    ];
    for (flags, texts) in table {
        let mut arguments = vec!["verify", NOWHERE];
        arguments.extend(flags);
        let run = stage.run(&arguments);
        says(&format!("{flags:?}"), &run, 2, texts);
        assert!(
            run.stderr.contains("No decision was made. Exit code 2"),
            "{flags:?}: {}",
            run.stderr
        );
    }
    for (arguments, texts) in [
        (
            &["verify", "file:artifact", policy][..],
            &["a policy judges images, and `file:artifact` is a file"][..],
        ),
        (
            &["verify", "file:artifact", id, issuer],
            &["`file:artifact` is a file", "`--bundle FILE`"],
        ),
        (
            &["verify", "dir:.", id, issuer],
            &["can hold neither signatures nor attestations"],
        ),
        (&["verify", "oci-dir:", id, issuer], &["is no target"]),
        (&["verify", "UPPER/case:1", id, issuer], &["`UPPER/case:1`"]),
        (
            &["verify", NOWHERE, id, issuer, "--bundle", "nowhere.json"],
            &["nowhere.json", "No such file"],
        ),
        (
            &["verify", NOWHERE, "--key", "nowhere.pub"],
            &["nowhere.pub", "No such file"],
        ),
        (&["promote", NOWHERE, NOWHERE], &["--policy <FILE>"]),
        (
            &["promote", NOWHERE, "dir:copy", policy],
            &["`dir:copy` cannot hold an image with its evidence"],
        ),
        (
            &["promote", "file:artifact", NOWHERE, policy],
            &["can hold neither signatures nor attestations"],
        ),
    ] {
        says(&format!("{arguments:?}"), &stage.run(arguments), 2, texts);
    }
}

#[test]
fn flags_of_sign_and_attest_that_do_not_fit() {
    let stage = Stage::new();
    stage.write("artifact", "content");
    stage.write("key.pem", super::evidence::P256);
    stage.write("review.json", r#"{"approved": true}"#);
    stage.write("list.json", "[]");
    stage.write("broken.json", "{");
    let review = "--type=https://example.com/review/v1";
    let given = "--predicate=review.json";
    for (arguments, texts) in [
        (
            &["sign", "file:artifact"][..],
            &["`file:artifact` is a file", "`--bundle FILE`"][..],
        ),
        (
            &["sign", "file:artifact", NOWHERE, "--bundle=b.json"],
            &["one bundle file for 2 signatures"],
        ),
        (
            &["sign", "dir:."],
            &["can hold neither signatures nor attestations"],
        ),
        (
            &["sign", "docker-archive:artifact"],
            &["can hold neither signatures nor attestations"],
        ),
        (&["sign"], &["<TARGET>"]),
        (&["attest", NOWHERE, given], &["--type"]),
        (&["attest", NOWHERE, review], &["--predicate"]),
        (
            &["attest", NOWHERE, given, given, review],
            &["found 2 predicates and 1 types"],
        ),
        (
            &["attest", NOWHERE, given, "--type=cyclondx"],
            &["unknown predicate type `cyclondx`", "cyclonedx"],
        ),
        (
            &["attest", NOWHERE, given, review, "--bundle=b.json"],
            &["not in a bundle file", "leave out `--bundle`"],
        ),
        (
            &["attest", "file:artifact", given, review],
            &["`file:artifact` is a file", "`--bundle FILE`"],
        ),
        (
            &[
                "attest",
                "file:artifact",
                "--predicate=list.json",
                review,
                "--bundle=b.json",
            ],
            &["expected a JSON object"],
        ),
        (
            &[
                "attest",
                "file:artifact",
                "--predicate=broken.json",
                review,
                "--bundle=b.json",
            ],
            &["`broken.json` is no predicate", "EOF"],
        ),
        (
            &[
                "attest",
                "file:artifact",
                given,
                "--type=slsaprovenance1",
                "--bundle=b.json",
            ],
            &[
                "`review.json` is no predicate of its type",
                "expected an object at `buildDefinition` of SLSA provenance v1, found nothing",
            ],
        ),
        (
            &[
                "attest",
                "file:artifact",
                given,
                "--type=vuln",
                "--bundle=b.json",
            ],
            &["expected an object at `scanner`"],
        ),
        (
            &[
                "attest",
                "file:artifact",
                given,
                "--type=cyclonedx",
                "--bundle=b.json",
            ],
            &["expected `CycloneDX` at `bomFormat`"],
        ),
        (
            &[
                "attest",
                NOWHERE,
                given,
                "--type=https://sigstore.dev/cosign/sign/v1",
            ],
            &["is the type of image signatures", "`toolkit sign`"],
        ),
        (
            &["attest", NOWHERE, given, review, "--platform=linux"],
            &["`linux` is no platform"],
        ),
    ] {
        says(
            &format!("{arguments:?}"),
            &stage.signed("v1", arguments),
            2,
            texts,
        );
        assert!(!stage.path().join("b.json").exists(), "{arguments:?}");
    }
    let both = stage.run(&[
        "sign",
        "file:artifact",
        "--bundle=b.json",
        "--key=key.pem",
        "--identity-token=eyJh.eyJz.c2ln",
    ]);
    says("two signers", &both, 2, &["found both", "leave out"]);
    let nobody = stage.run(&["sign", "file:artifact", "--bundle=b.json"]);
    says(
        "nobody",
        &nobody,
        2,
        &["no identity token", "`--identity-token`", "`--key`"],
    );
}

#[test]
fn an_image_without_packages_is_described_with_a_warning() {
    let stage = Stage::new();
    let empty = Image::new("linux", "amd64").build().expect("an image");
    let name = stage.push(RegistryKind::WithReferrers, "acme/empty", &empty);
    for (format, text) in [
        ("table", ""),
        ("cyclonedx-json", "\"components\""),
        ("spdx-json", "\"packages\""),
        ("purls", ""),
    ] {
        let run = stage.run(&["sbom", &format!("{name}:1"), "-o", format]);
        says(
            format,
            &run,
            0,
            &[
                &format!("warning: no package was found in `{name}:1`"),
                text,
            ],
        );
    }
    let full = stage.push(RegistryKind::WithReferrers, "acme/full", &image("amd64"));
    let run = stage.run(&["sbom", &format!("{full}:1"), "-o", "purls"]);
    says("full", &run, 0, &["pkg:deb/debian/tool@"]);
    assert!(!run.stderr.contains("warning"), "{}", run.stderr);
}

#[test]
fn a_document_about_another_image_is_not_attested() {
    let stage = Stage::new();
    let one = stage.push(RegistryKind::WithReferrers, "acme/one", &image("amd64"));
    let two = stage.push(RegistryKind::WithReferrers, "acme/two", &image("arm64"));
    for (format, kind) in [("cyclonedx-json", "cyclonedx"), ("spdx-json", "spdx")] {
        crate::stage::expect(
            &stage.run(&[
                "sbom",
                &format!("{one}:1"),
                "-o",
                &format!("{format}=sbom.json"),
            ]),
            0,
        );
        let run = stage.signed(
            "v1",
            &[
                "attest",
                &format!("{two}:1"),
                "--predicate=sbom.json",
                "--type",
                kind,
            ],
        );
        says(
            kind,
            &run,
            17,
            &[image("amd64").digest(), image("arm64").digest()],
        );
    }
    assert_eq!(
        stage
            .verify(&format!("{two}:1"), SIGNER, &["--type=spdx"])
            .code,
        14
    );
}

#[test]
fn a_file_that_is_not_there_is_no_repository() {
    for (target, code, said) in [
        ("nosuch.tar", 2, "there is no such file"),
        ("images/nosuch.tar.gz", 2, "there is no such file"),
        ("nosuch.cdx.json", 2, "there is no such file"),
        ("./nosuch", 11, "`./nosuch` not found in `the file system`"),
        ("/nosuch/image.tgz", 11, "not found in `the file system`"),
        ("dir:nosuch", 11, "`nosuch` not found in `the file system`"),
        ("file:nosuch", 11, "`nosuch` not found in `the file system`"),
        ("oci-dir:nosuch", 11, "`oci-layout` not found in `nosuch`"),
        (
            "oci-archive:nosuch",
            11,
            "`nosuch` not found in `the file system`",
        ),
        (
            "docker-archive:nosuch",
            11,
            "`nosuch` not found in `the file system`",
        ),
    ] {
        let run = crate::binary::run(["sbom", target]);
        says(target, &run, code, &[said]);
        assert!(!run.stderr.contains("docker.io"), "{}", run.stderr);
    }
}

#[test]
fn a_limit_that_is_none_is_guessed() {
    let run = crate::binary::run(["sbom", NOWHERE, "--limit", "layersize=1"]);
    says(
        "a guess",
        &run,
        2,
        &[
            "`layersize=1` is no limit",
            "did you mean `layer-size`? `toolkit explain limits`",
        ],
    );
    assert!(!run.stderr.contains("zstd-window"), "{}", run.stderr);
    let run = crate::binary::run(["explain", "limits"]);
    says("the list", &run, 0, &["  layer-size ", "  zstd-window "]);
}
