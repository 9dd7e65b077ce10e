//! Where the network is not to be used, no command uses it: by the flag and by its variable.

use crate::binary::{finish, repository, toolkit};

#[test]
fn nothing_reaches_out_where_the_network_is_not_to_be_used() {
    let folder = tempfile::tempdir().expect("a folder");
    let policy = folder.path().join("policy.yaml");
    fs_err::write(
        &policy,
        "version: 1\nname: copy\nrules: [{id: a, require: {image: {user: nonRoot}}}]\nnoMatch: deny\n",
    )
    .expect("a policy");
    let layout = format!("oci-dir:{}", repository("testdata/images/demo").display());
    let policy = policy.to_str().expect("a path in text");
    // Nothing listens on port 1: whoever asked it would say that there was no answer.
    let remote = "127.0.0.1:1/acme/widget:1";
    let signing =
        "signing asks a log and a time-stamp authority, and the network is not to be used";
    let registry =
        "`127.0.0.1:1/acme/widget:1` is in a registry, and the network is not to be used";
    for (arguments, expected) in [
        (&["sbom", remote][..], registry),
        (&["tree", remote], registry),
        (&["sign", remote], registry),
        (&["attest", "provenance", remote], registry),
        (&["verify", remote, "--policy", policy], registry),
        (&["promote", remote, &layout, "--policy", policy], registry),
        (&["promote", &layout, remote, "--policy", policy], registry),
        (
            &["db", "fetch", "feeds", "--mirror", "http://127.0.0.1:1/"],
            "feeds are fetched from their publishers, and the network is not to be used",
        ),
        (&["sign", &layout], signing),
        (&["attest", "provenance", &layout], signing),
        (
            &[
                "conformance",
                "sign-bundle",
                "--identity-token=ey.a.b",
                "--bundle=bundle.json",
                policy,
            ],
            signing,
        ),
    ] {
        let by_flag = finish(toolkit().args(arguments).arg("--offline"));
        let by_variable = finish(toolkit().args(arguments).env("TOOLKIT_OFFLINE", "true"));
        for run in [by_flag, by_variable] {
            assert_eq!(run.code, 3, "{arguments:?}: {}", run.stderr);
            // The text is wrapped for a terminal of no known width.
            let told: String = run.stderr.split_whitespace().collect::<Vec<_>>().join(" ");
            assert!(
                told.replace("│ ", "").contains(expected),
                "{arguments:?}: {told}"
            );
        }
    }
}
