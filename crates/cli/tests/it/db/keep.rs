//! What is installed: shown, compared, removed.

use serde_json::{Value, json};

use super::place::{Place, digest};

/// Installs three databases, each with a record more.
fn three(place: &Place) -> Vec<String> {
    (1..=3)
        .map(|number| {
            let time = format!("2024-05-0{number}T00:00:00Z");
            place.record(&format!("GHSA-{number}"), "x", "1.2.0", &time);
            digest(&place.run(&["db", "build", "feeds"]))
        })
        .collect()
}

#[test]
fn what_is_not_used_any_more_is_removed() {
    let place = Place::new();
    let all = three(&place);
    let databases = place.path("data/vulndb-v2/databases");
    let names = || {
        let mut names: Vec<String> = fs_err::read_dir(&databases)
            .expect("the databases")
            .map(|entry| {
                entry
                    .expect("an entry")
                    .file_name()
                    .into_string()
                    .expect("text")
            })
            .collect();
        names.sort();
        names
    };
    let folder = |digest: &String| digest.replace(':', "-");
    // What a killed updater leaves, and what nothing records.
    fs_err::create_dir_all(databases.join(".new-x/segments")).expect("a folder");
    fs_err::create_dir_all(databases.join("other")).expect("a folder");
    let run = place.run(&["db", "gc", "--keep", "2"]);
    assert_eq!(run.code, 0, "{run:?}");
    assert_eq!(names().len(), 3, "{:?}", names());
    let run = place.run(&["db", "gc"]);
    assert_eq!(run.code, 0, "{run:?}");
    let mut expected = vec![folder(&all[1]), folder(&all[2])];
    expected.sort();
    assert_eq!(names(), expected);
    assert!(run.stdout.starts_with(&folder(&all[0])), "{}", run.stdout);
    let run = place.run(&["db", "gc", "--keep", "0"]);
    assert_eq!(run.code, 0, "{run:?}");
    assert_eq!(names(), [folder(&all[2])]);
    assert_eq!(place.scan(&[]).code, 1);
    assert_eq!(place.run(&["db", "gc"]).stdout, "");
}

#[test]
fn changes_are_listed_by_feed() {
    let place = Place::new();
    place.record("GHSA-9", "gone", "1", "2024-04-01T00:00:00Z");
    let first = digest(&place.run(&["db", "build", "feeds", "-o", "first"]));
    fs_err::remove_file(place.path("feeds/ghsa/GHSA-9.json")).expect("removed");
    place.record("GHSA-1", "x", "1.3.0", "2024-05-02T00:00:00Z");
    place.record("GHSA-2", "y", "1", "2024-05-01T00:00:00Z");
    let second = digest(&place.run(&["db", "build", "feeds"]));
    let run = place.run(&["db", "diff", "first"]);
    assert_eq!(run.code, 0, "{run:?}");
    assert_eq!(
        run.stdout,
        "FEED           ADDED  REMOVED  CHANGED\n\
         ghsa               1        1        1\n\
         all                1        1        1\n\
         + ghsa GHSA-2\n- ghsa GHSA-9\n~ ghsa GHSA-1\n"
    );
    let run = place.run(&["db", "diff", "first", &second, "-o", "json"]);
    let found: Value = serde_json::from_str(&run.stdout).expect("JSON");
    assert_eq!(found["schema"], "toolkit.db-diff/v1");
    assert_eq!(
        found["feeds"],
        json!({"ghsa": {"added": ["GHSA-2"], "removed": ["GHSA-9"], "changed": ["GHSA-1"]}})
    );
    assert_eq!(
        (&found["first"]["digest"], &found["second"]["digest"]),
        (&json!(first), &json!(second))
    );
    let same = place.run(&["db", "diff", &second]);
    assert!(
        same.stdout
            .ends_with("all                0        0        0\n"),
        "{same:?}"
    );
    assert_eq!(place.run(&["db", "diff", "none"]).code, 4);
}

#[test]
fn the_status_says_all_that_is_known() {
    let place = Place::new();
    let all = three(&place);
    let run = place.run(&["db", "status"]);
    assert_eq!(run.code, 0, "{run:?}");
    for text in [
        "built here",
        "expires    2024-05-17T00:00:00Z (past; this one was not pulled",
        "ghsa",
        &format!("* {}", all[2]),
        &format!("  {}", all[0]),
    ] {
        assert!(run.stdout.contains(text), "{text}: {}", run.stdout);
    }
    let run = place.run(&["db", "status", "-o", "json"]);
    let found: Value = serde_json::from_str(&run.stdout).expect("JSON");
    assert_eq!(found["schema"], "toolkit.db-status/v1");
    assert_eq!(found["digest"], all[2].as_str());
    assert_eq!(found["installed"].as_array().expect("a list").len(), 3);
    assert_eq!(found["refused"], Value::Null);
}
