//! Databases for trials: used only where they are named, and every output says so.

use serde_json::Value;

use super::place::{Place, digest, read_json};

const SAID: &str = "for trials only";

#[test]
fn it_is_written_to_a_folder_and_used_by_name() {
    let place = Place::new();
    let installed = place.run(&["db", "build", "feeds", "--demo"]);
    assert_eq!(installed.code, 2, "it would be used unnamed: {installed:?}");
    let run = place.run(&["db", "build", "feeds", "--demo", "-o", "demo"]);
    let digest = digest(&run);
    assert!(run.stderr.contains(SAID), "{}", run.stderr);
    assert_eq!(
        read_json(&place.path("demo/manifest.json"))["demo"],
        Value::Bool(true)
    );
    assert_eq!(place.scan(&[]).code, 4, "nobody named it");
    let named = format!("demo@{digest}");
    for output in ["table", "json"] {
        let run = place.scan(&["--db", &named, "-o", output]);
        assert_eq!(run.code, 1, "{run:?}");
        assert!(run.stderr.contains(SAID), "{}", run.stderr);
        assert!(
            run.stdout.contains(SAID) || run.stdout.contains("\"demo\": true"),
            "{}",
            run.stdout
        );
    }
    let status = place.run(&["db", "status", "--db", &named]);
    assert!(status.stdout.contains(SAID), "{status:?}");
    for output in ["text", "json"] {
        let run = place.run(&["db", "search", "GHSA-1", "--db", &named, "-o", output]);
        assert_eq!(run.code, 0, "{run:?}");
        assert!(run.stderr.contains(SAID), "{}", run.stderr);
        assert!(
            output == "text" || run.stdout.contains("\"demo\": true"),
            "{}",
            run.stdout
        );
    }
}

#[test]
fn it_is_refused_where_nobody_named_it() {
    let place = Place::new();
    let digest = digest(&place.run(&["db", "build", "feeds"]));
    let data = place.path("data/vulndb-v2");
    let folder = data.join("databases").join(digest.replace(':', "-"));
    let mut manifest = read_json(&folder.join("manifest.json"));
    manifest["demo"] = Value::Bool(true);
    let bytes = manifest.to_string();
    let other = crate::layout::digest(bytes.as_bytes());
    fs_err::write(folder.join("manifest.json"), bytes).expect("the manifest");
    let state = fs_err::read_to_string(data.join("state.json")).expect("the state");
    fs_err::write(data.join("state.json"), state.replace(&digest, &other)).expect("the state");
    fs_err::rename(&folder, folder.with_file_name(other.replace(':', "-"))).expect("the folder");
    let run = place.scan(&[]);
    assert_eq!(run.code, 4, "{run:?}");
    assert!(run.stderr.contains("only where it is named"), "{run:?}");
}
