//! What honest publishers have.

use serde_json::json;
use toolkit_gate::FetchError;
use toolkit_gate::FileState::{Fetched as New, Unchanged};
use toolkit_oci::registry::Error;
use toolkit_oci::{Digest, ErrorClass};

use super::feeds::{
    EPSS, EPSS_FILE, KEV, KEV_FILE, NPM, NPM_FILE, Place, epss, gzip, kev, osv, three, whole,
};
use super::publisher::{Publisher, Reply, file, having, tag};

#[test]
fn what_changed_is_fetched_and_nothing_else() {
    let publisher = Publisher::of(three());
    let place = Place::new();
    let fetched = place.fetch(&publisher, &["kev", "npm", "epss"]);
    whole(&fetched);
    let size = |bytes: &[u8]| u64::try_from(bytes.len()).expect("a size");
    let (zip, table, catalogue) = (osv("GHSA-1", 1000), epss(), kev("CVE-2024-1"));
    assert_eq!(
        fetched.files,
        [
            (EPSS_FILE.to_owned(), New, size(&table)),
            (KEV_FILE.to_owned(), New, size(&catalogue)),
            (NPM_FILE.to_owned(), New, size(&zip)),
        ]
    );
    for (name, bytes) in [
        (NPM_FILE, &zip),
        (EPSS_FILE, &table),
        (KEV_FILE, &catalogue),
    ] {
        assert!(place.read(name) == *bytes, "{name}");
    }
    assert_eq!(place.files(), [EPSS_FILE, "fetch.json", KEV_FILE, NPM_FILE]);
    assert_eq!(
        place.record(NPM_FILE),
        json!({
            "feed": "npm",
            "url": format!("{}/{NPM}", publisher.mirror()),
            "time": "2026-01-02T03:04:05Z",
            "etag": tag(&zip),
            "lastModified": "Sun, 06 Nov 1994 08:49:37 GMT",
            "sha256": Digest::sha256(&zip).hex(),
            "size": zip.len(),
        })
    );
    for asked in publisher.asked() {
        assert_eq!(asked.header("accept-encoding"), Some("identity"));
        assert_eq!(
            (
                asked.header("authorization"),
                asked.header("if-none-match"),
                asked.header("range")
            ),
            (None, None, None)
        );
    }

    // The same record comes again from the same content.
    let other = Place::new();
    whole(&other.fetch(&publisher, &["epss", "npm", "kev"]));
    assert!(other.read("fetch.json") == place.read("fetch.json"));

    publisher.now(having(three()));
    let fetched = place
        .try_fetch(
            &publisher.mirror(),
            &["kev", "npm", "epss"],
            "2026-02-01T00:00:00Z",
        )
        .expect("a folder");
    whole(&fetched);
    assert!(
        fetched
            .files
            .iter()
            .all(|(_, state, _)| *state == Unchanged),
        "{fetched:?}"
    );
    let asked = publisher.asked();
    assert_eq!(asked.len(), 3);
    for asked in asked {
        assert!(asked.header("if-none-match").is_some(), "{asked:?}");
        assert_eq!(
            asked.header("if-modified-since"),
            Some("Sun, 06 Nov 1994 08:49:37 GMT")
        );
    }
    let record = place.record(NPM_FILE);
    assert_eq!(
        (&record["time"], &record["etag"]),
        (&json!("2026-02-01T00:00:00Z"), &json!(tag(&zip)))
    );

    let changed = kev("CVE-2024-2");
    publisher.now(having(vec![
        (NPM, zip.clone()),
        (EPSS, table),
        (KEV, changed.clone()),
    ]));
    let fetched = place.fetch(&publisher, &["kev", "npm"]);
    whole(&fetched);
    let states: Vec<_> = fetched.files.iter().map(|(_, state, _)| *state).collect();
    assert_eq!(states, [New, Unchanged]);
    assert!(place.read(KEV_FILE) == changed && place.read(NPM_FILE) == zip);
}

#[test]
fn nothing_is_asked_under_conditions_of_what_is_not_there() {
    let publisher = Publisher::of(three());
    let place = Place::new();
    whole(&place.fetch(&publisher, &["kev"]));
    let condition = |publisher: &Publisher| {
        let asked = publisher.asked();
        assert_eq!(asked.len(), 1, "{asked:?}");
        asked[0].header("if-none-match").is_some()
    };
    // Altered, of the same length.
    let mut altered = kev("CVE-2024-1");
    altered[25] = b'9';
    fs_err::write(place.path(KEV_FILE), &altered).expect("the file");
    publisher.now(having(three()));
    whole(&place.fetch(&publisher, &["kev"]));
    assert!(!condition(&publisher));
    assert!(place.read(KEV_FILE) == kev("CVE-2024-1"));

    fs_err::remove_file(place.path(KEV_FILE)).expect("the file");
    publisher.now(having(three()));
    whole(&place.fetch(&publisher, &["kev"]));
    assert!(!condition(&publisher));

    // Tags of one server are nothing to another.
    let other = Publisher::of(three());
    whole(&place.fetch(&other, &["kev"]));
    assert!(!condition(&other));

    fs_err::write(place.path("fetch.json"), "{").expect("the record");
    other.now(having(three()));
    whole(&place.fetch(&other, &["kev"]));
    assert!(!condition(&other));
    let warnings = place.warnings.lock().expect("the warnings");
    assert!(
        matches!(&warnings[..], [text] if text.contains("fetch.json") && text.contains("everything is fetched again")),
        "{warnings:?}"
    );
}

#[test]
fn a_date_is_a_condition_too_and_the_same_bytes_are_no_change() {
    const DATE: &str = "Sun, 06 Nov 1994 08:49:37 GMT";
    let publisher = Publisher::new(|asked, _| match asked.header("if-modified-since") {
        Some(DATE) => Reply::status(304),
        _ => Reply::body(&kev("CVE-2024-1")).with("Last-Modified", DATE),
    });
    let place = Place::new();
    whole(&place.fetch(&publisher, &["kev"]));
    let fetched = place.fetch(&publisher, &["kev"]);
    whole(&fetched);
    assert_eq!(fetched.files[0].1, Unchanged);
    let asked = publisher.asked();
    assert_eq!(
        (
            asked[1].header("if-none-match"),
            asked[1].header("if-modified-since")
        ),
        (None, Some(DATE))
    );
    assert_eq!(place.record(KEV_FILE)["lastModified"], DATE);

    publisher.now(|_, _| Reply::body(&kev("CVE-2024-1")));
    let fetched = place.fetch(&publisher, &["kev"]);
    whole(&fetched);
    assert_eq!(fetched.files[0].1, Unchanged);
    assert!(place.record(KEV_FILE)["lastModified"].is_null());
}

#[test]
fn two_runs_into_one_folder_wait_for_each_other() {
    let publisher = Publisher::of(three());
    let place = Place::new();
    whole(&place.fetch(&publisher, &["kev"]));
    publisher.now(having(three()));
    let lock = fs_err::File::open(place.path(".fetch-lock"))
        .expect("the lock")
        .into_file();
    lock.lock().expect("the right to change the folder");
    std::thread::scope(|scope| {
        let other = scope.spawn(|| place.fetch(&publisher, &["kev"]));
        // Ten seconds, and far less where it is told.
        for _ in 0..2000 {
            if !place.warnings.lock().expect("the warnings").is_empty() {
                break;
            }
            std::thread::sleep(std::time::Duration::from_millis(5));
        }
        let told = place.warnings.lock().expect("the warnings").clone();
        assert_eq!(told, ["waiting for another download into this folder"]);
        assert!(publisher.asked().is_empty());
        lock.unlock().expect("the lock");
        whole(&other.join().expect("the other run"));
    });
    assert_eq!(publisher.asked().len(), 1);
}

const SECDB: &str = "secdb.alpinelinux.org/";

fn secdb(branch: &str, repository: &str) -> Vec<u8> {
    format!(
        r#"{{"distroversion":"{branch}","reponame":"{repository}","urlprefix":"https://dl-cdn.example/alpine","packages":[{{"pkg":{{"name":"x","secfixes":{{"1.0-r0":["CVE-2024-1"]}}}}}}]}}"#
    )
    .into_bytes()
}

#[test]
fn every_branch_that_alpine_lists_is_fetched() {
    let listing = br#"<a href="../">../</a><a href="v3.2/">v3.2/</a><a href="v3.20/">v3.20/</a><a href="last-update">x</a>"#;
    let files = || {
        vec![
            (SECDB, listing.to_vec()),
            (
                "secdb.alpinelinux.org/v3.2/main.json",
                secdb("v3.2", "main"),
            ),
            (
                "secdb.alpinelinux.org/v3.20/main.json",
                secdb("v3.20", "main"),
            ),
            (
                "secdb.alpinelinux.org/v3.20/community.json",
                secdb("v3.20", "community"),
            ),
        ]
    };
    let publisher = Publisher::of(files());
    let place = Place::new();
    let fetched = place.fetch(&publisher, &["alpine"]);
    whole(&fetched);
    let paths: Vec<_> = fetched
        .files
        .iter()
        .map(|(path, ..)| path.as_str())
        .collect();
    // The first branch has no second repository, and nothing says whether it should.
    let warnings = place.warnings.lock().expect("the warnings").clone();
    assert!(
        matches!(&warnings[..], [one] if one.contains("/v3.2/community.json` is not there")),
        "{warnings:?}"
    );
    assert_eq!(
        paths,
        [
            "alpine/v3.2/main.json",
            "alpine/v3.20/community.json",
            "alpine/v3.20/main.json"
        ]
    );
    assert!(place.read("alpine/v3.20/main.json") == secdb("v3.20", "main"));

    // What was there before is missed: without it every package of its repository would seem to have no known flaw.
    publisher.now(move |asked, before| match asked.path.as_str() {
        "secdb.alpinelinux.org/v3.20/community.json" => Reply::status(404),
        _ => having(files())(asked, before),
    });
    let fetched = place.fetch(&publisher, &["alpine"]);
    assert!(
        matches!(&fetched.failures[..], [one] if matches!(one.error, FetchError::Web(Error::NotFound { .. }))),
        "{:?}",
        fetched.failures
    );
    assert!(place.read("alpine/v3.20/community.json") == secdb("v3.20", "community"));

    // A branch that fails does not lose the others.
    publisher.now(move |asked, before| match asked.path.as_str() {
        "secdb.alpinelinux.org/v3.20/main.json" => Reply::status(500),
        _ => having(files())(asked, before),
    });
    let fetched = place.fetch(&publisher, &["alpine"]);
    assert_eq!((fetched.files.len(), fetched.failures.len()), (2, 1));
    assert!(place.read("alpine/v3.20/main.json") == secdb("v3.20", "main"));

    publisher.now(|asked, _| match asked.path.as_str() {
        SECDB => file(asked, listing),
        _ => Reply::status(404),
    });
    let error = Place::new().failure(&publisher, "alpine");
    assert!(
        matches!(&error, FetchError::Nothing { list } if list.ends_with(SECDB)),
        "{error:?}"
    );
}

fn updateinfo(id: &str) -> Vec<u8> {
    gzip(format!(
        r#"<?xml version="1.0"?><updates><update><id>{id}</id><title>t</title><issued date="2024-05-01"/><severity>low</severity>
        <references><reference href="" id="CVE-2024-1" type="cve"/></references>
        <pkglist><collection short="amazon-linux-2---core"><name>x</name><package arch="x86_64" name="x" release="1.amzn2" version="1.0" epoch="0"/></collection></pkglist></update></updates>"#
    ).as_bytes())
}

fn repomd(file: &[u8]) -> Vec<u8> {
    format!(
        r#"<repomd><data type="updateinfo"><checksum type="sha256">{}</checksum><location href="repodata/updateinfo.xml.gz"/></data></repomd>"#,
        Digest::sha256(file).hex()
    )
    .into_bytes()
}

fn amazon(host: &str) -> Vec<(&'static str, Vec<u8>)> {
    let (core, second, extra) = (
        updateinfo("ALAS-1"),
        updateinfo("ALAS-2"),
        updateinfo("ALAS-3"),
    );
    let mirror = |path: &str| format!("https://{host}/{path}/\n").into_bytes();
    vec![
        (
            "cdn.amazonlinux.com/2/core/latest/x86_64/mirror.list",
            mirror("2/core/2.0/x86_64/d1"),
        ),
        (
            "cdn.amazonlinux.com/2/core/2.0/x86_64/d1/repodata/repomd.xml",
            repomd(&core),
        ),
        (
            "cdn.amazonlinux.com/2/core/2.0/x86_64/d1/repodata/updateinfo.xml.gz",
            core,
        ),
        (
            "cdn.amazonlinux.com/al2023/core/mirrors/latest/x86_64/mirror.list",
            mirror("al2023/core/g1"),
        ),
        (
            "cdn.amazonlinux.com/al2023/core/g1/repodata/repomd.xml",
            repomd(&second),
        ),
        (
            "cdn.amazonlinux.com/al2023/core/g1/repodata/updateinfo.xml.gz",
            second.clone(),
        ),
        (
            "cdn.amazonlinux.com/al2023/kernel-livepatch/mirrors/latest/x86_64/mirror.list",
            mirror("al2023/live"),
        ),
        (
            "cdn.amazonlinux.com/al2023/live/repodata/repomd.xml",
            repomd(&second),
        ),
        (
            "cdn.amazonlinux.com/al2023/live/repodata/updateinfo.xml.gz",
            second,
        ),
        (
            "cdn.amazonlinux.com/2/extras-catalog.json",
            br#"{"topics":[{"n":"php8.0"},{"n":"gone"},{"n":"bare"}]}"#.to_vec(),
        ),
        (
            "cdn.amazonlinux.com/2/extras/php8.0/latest/x86_64/mirror.list",
            mirror("2/extras/php8.0/d2"),
        ),
        (
            "cdn.amazonlinux.com/2/extras/php8.0/d2/repodata/repomd.xml",
            repomd(&extra),
        ),
        (
            "cdn.amazonlinux.com/2/extras/php8.0/d2/repodata/updateinfo.xml.gz",
            extra,
        ),
        (
            "cdn.amazonlinux.com/2/extras/bare/latest/x86_64/mirror.list",
            mirror("2/extras/bare/d3"),
        ),
        (
            "cdn.amazonlinux.com/2/extras/bare/d3/repodata/repomd.xml",
            b"<repomd></repomd>".to_vec(),
        ),
    ]
}

#[test]
fn amazons_repositories_are_found_through_their_lists() {
    let publisher = Publisher::of(amazon("cdn.amazonlinux.com"));
    let place = Place::new();
    let fetched = place.fetch(&publisher, &["amazon"]);
    whole(&fetched);
    let paths: Vec<_> = fetched
        .files
        .iter()
        .map(|(path, ..)| path.as_str())
        .collect();
    assert_eq!(
        paths,
        [
            "amazon/2/core/updateinfo.xml.gz",
            "amazon/2/extras/php8.0/updateinfo.xml.gz",
            "amazon/2023/core/updateinfo.xml.gz",
            "amazon/2023/kernel-livepatch/updateinfo.xml.gz"
        ]
    );
    assert!(place.read("amazon/2/core/updateinfo.xml.gz") == updateinfo("ALAS-1"));
    // The list's digest says that nothing changed: the file is not even asked for.
    publisher.now(having(amazon("cdn.amazonlinux.com")));
    let fetched = place.fetch(&publisher, &["amazon"]);
    assert!(
        fetched
            .files
            .iter()
            .all(|(_, state, _)| *state == Unchanged)
    );
    assert!(
        publisher
            .asked()
            .iter()
            .all(|asked| !asked.path.ends_with("updateinfo.xml.gz"))
    );
}

#[test]
fn amazons_lists_lead_to_amazon_and_to_the_bytes_that_they_name() {
    let publisher = Publisher::of(amazon("feeds.example"));
    let place = Place::new();
    let fetched = place.fetch(&publisher, &["amazon"]);
    assert!(fetched.files.is_empty());
    for failure in &fetched.failures {
        assert!(
            matches!(&failure.error, FetchError::Elsewhere { found, expected: "cdn.amazonlinux.com", .. } if found.starts_with("https://feeds.example/")),
            "{failure:?}"
        );
        assert_eq!(failure.error.class(), ErrorClass::Hostile);
    }
    assert_eq!(fetched.failures.len(), 5);
    assert!(
        publisher
            .asked()
            .iter()
            .all(|asked| !asked.path.starts_with("feeds.example"))
    );

    const FILE: &str = "cdn.amazonlinux.com/2/core/2.0/x86_64/d1/repodata/updateinfo.xml.gz";
    let other = updateinfo("ALAS-9");
    publisher.now(move |asked, before| match asked.path.as_str() {
        FILE => file(asked, &other),
        _ => having(amazon("cdn.amazonlinux.com"))(asked, before),
    });
    let fetched = place.fetch(&publisher, &["amazon"]);
    assert_eq!((fetched.files.len(), fetched.failures.len()), (3, 1));
    let error = &fetched.failures[0].error;
    let (right, wrong) = (updateinfo("ALAS-1"), updateinfo("ALAS-9"));
    assert!(
        matches!(error, FetchError::OtherBytes { url, expected, found }
            if url.ends_with(FILE) && expected == Digest::sha256(&right).hex() && found == Digest::sha256(&wrong).hex()),
        "{error:?}"
    );
    assert_eq!(error.class(), ErrorClass::Mismatch);
    assert!(!place.path("amazon/2/core/updateinfo.xml.gz").exists());
}
