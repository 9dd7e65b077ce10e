//! What is not taken: lengths that lie, too much, something else, other places. The former file stays.

use toolkit_gate::{FetchError, Fetched};
use toolkit_oci::ErrorClass;
use toolkit_oci::registry::{Error, TargetFault};
use toolkit_vulndb::feed::folder::Reason;

use super::feeds::{
    EPSS, EPSS_FILE, KEV, KEV_FILE, NPM, NPM_FILE, Place, epss, kev, osv, several, three, whole,
};
use super::publisher::{Publisher, Reply, file, having};

/// The feeds with their addresses and files.
const EACH: [(&str, &str, &str); 3] = [
    ("npm", NPM, NPM_FILE),
    ("kev", KEV, KEV_FILE),
    ("epss", EPSS, EPSS_FILE),
];

fn of(address: &str) -> Vec<u8> {
    let mut all = three();
    all.retain(|(one, _)| *one == address);
    all.remove(0).1
}

/// Fetches a good file, then from a server that answers otherwise: the good file must be there still, and nothing else.
#[track_caller]
fn refused(
    (name, address, path): (&str, &'static str, &str),
    answer: impl Fn(&'static str) -> Reply + Send + Sync + 'static,
) -> FetchError {
    let place = Place::impatient();
    let publisher = Publisher::of(three());
    whole(&place.fetch(&publisher, &[name]));
    let record = place.record(path);
    publisher.now(move |_, _| answer(address));
    let error = place.failure(&publisher, name);
    assert!(place.read(path) == of(address), "{name}");
    assert_eq!(place.record(path), record);
    assert_eq!(place.files().len(), 2, "{:?}", place.files());
    error
}

#[test]
fn a_length_that_lies_makes_no_file() {
    for each in EACH {
        // More is promised than comes.
        let error = refused(each, |address| {
            let mut reply = Reply::body(&of(address));
            reply.length = Some(reply.body.len() + 10);
            reply
        });
        let size = u64::try_from(of(each.1).len()).expect("a size");
        assert!(
            matches!(&error, FetchError::Web(Error::Cut { expected, found, .. }) if (*expected, *found) == (size + 10, size)),
            "{error:?}"
        );
        // More comes than is promised: what was promised is no whole document.
        let error = refused(each, |address| {
            let mut reply = Reply::body(&of(address));
            reply.length = Some(reply.body.len() - 10);
            reply
        });
        assert!(
            matches!(&error, FetchError::NotTheFeed { url, .. } if url.ends_with(each.1)),
            "{error:?}"
        );
        assert_eq!(error.class(), ErrorClass::Unreachable);
    }
}

#[test]
fn a_file_over_the_limit_is_refused() {
    const LIMIT: u64 = 64 << 20;
    let too_much = |error: &FetchError| {
        matches!(
            error,
            FetchError::Web(Error::TooMuch {
                limit: LIMIT,
                unit: "bytes",
                ..
            })
        )
    };
    let error = refused(EACH[1], |_| Reply {
        status: 200,
        length: Some((64 << 20) + 1),
        ..Reply::default()
    });
    assert!(too_much(&error), "{error:?}");
    assert_eq!(error.class(), ErrorClass::Hostile);
    // Where nothing was announced, the bytes are counted.
    let error = refused(EACH[1], |_| Reply {
        status: 200,
        endless: Some(80),
        ..Reply::default()
    });
    assert!(too_much(&error), "{error:?}");
}

#[test]
fn something_else_takes_no_place() {
    let page = b"<!DOCTYPE html><html><body>Please log in</body></html>";
    for each in EACH {
        let error = refused(each, move |_| {
            Reply::body(page).with("Content-Type", "text/html")
        });
        assert!(
            matches!(&error, FetchError::NotTheFeed { url, .. } if url.ends_with(each.1)),
            "{error:?}"
        );
        // Nothing at all.
        let error = refused(each, |_| Reply::body(b""));
        assert!(matches!(error, FetchError::NotTheFeed { .. }), "{error:?}");
    }
    // Another feed's file.
    let error = refused(EACH[1], |_| {
        Reply::body(br#"{"id":"GHSA-1","modified":"2024-05-01T00:00:00Z"}"#)
    });
    assert!(
        matches!(
            &error,
            FetchError::NotTheFeed {
                source: Reason::Other { .. },
                ..
            }
        ),
        "{error:?}"
    );
    // A catalogue that announces more than it has.
    let error = refused(EACH[1], |_| {
        let text = String::from_utf8(kev("CVE-2024-1")).expect("text");
        Reply::body(text.replace("\"count\":1", "\"count\":2").as_bytes())
    });
    assert!(
        matches!(
            &error,
            FetchError::NotTheFeed {
                source: Reason::Document(_),
                ..
            }
        ),
        "{error:?}"
    );
    // The zip of something else.
    let error = refused(EACH[0], |_| {
        let mut zip = osv("GHSA-1", 10);
        // Both names of the only member, of the same length.
        for at in 0..zip.len() - 11 {
            if &zip[at..at + 11] == b"GHSA-1.json" {
                zip[at..at + 11].copy_from_slice(b"GHSA-1.html");
            }
        }
        Reply::body(&zip)
    });
    assert!(
        matches!(
            &error,
            FetchError::NotTheFeed {
                source: Reason::Other { found: None, .. },
                ..
            }
        ),
        "{error:?}"
    );
    // A zip with a byte that is another one, in a record that is not the first and far from the end.
    let error = refused(EACH[0], |_| {
        let mut zip = several(&["GHSA-1", "GHSA-2"], 10_000);
        let place = zip.len() * 3 / 4;
        zip[place] ^= 1;
        Reply::body(&zip)
    });
    assert!(matches!(&error, FetchError::NotTheFeed { .. }), "{error:?}");
    let publisher = Publisher::new(move |_, _| Reply::body(page));
    let error = Place::new().failure(&publisher, "alpine");
    assert!(matches!(error, FetchError::NotTheList { .. }), "{error:?}");
}

#[test]
fn redirects_lead_neither_to_plain_http_nor_into_other_networks() {
    let fault = |error: &FetchError| match error {
        FetchError::Web(Error::Target { fault, .. }) => Some(*fault),
        _ => None,
    };
    for (target, expected) in [
        ("http://feeds.example/kev.json", TargetFault::Downgrade),
        ("https://10.0.0.1/kev.json", TargetFault::PrivateAddress),
        ("https://u:p@feeds.example/", TargetFault::Credentials),
        ("file:///etc/passwd", TargetFault::Scheme),
    ] {
        let error = refused(EACH[1], move |_| {
            Reply::status(302).with("Location", target)
        });
        assert_eq!(fault(&error), Some(expected), "{target}: {error:?}");
        assert_eq!(error.class(), ErrorClass::Hostile);
    }
    let error = refused(EACH[1], |_| Reply::status(302).with("Location", "again"));
    assert!(
        matches!(
            error,
            FetchError::Web(Error::TooMuch {
                unit: "redirects",
                ..
            })
        ),
        "{error:?}"
    );
    // One within the same place is followed.
    let publisher = Publisher::new(|asked, before| match asked.path.as_str() {
        KEV => Reply::status(301).with("Location", "moved.json"),
        path if path.ends_with("/moved.json") => file(asked, &kev("CVE-2024-7")),
        _ => having(three())(asked, before),
    });
    let place = Place::new();
    whole(&place.fetch(&publisher, &["kev"]));
    assert!(place.read(KEV_FILE) == kev("CVE-2024-7"));
}

#[test]
fn one_feed_that_is_down_does_not_lose_the_others() {
    let publisher = Publisher::new(|asked, before| match asked.path.as_str() {
        KEV => Reply::status(404),
        _ => having(three())(asked, before),
    });
    let place = Place::new();
    let Fetched { files, failures } = place.fetch(&publisher, &["kev", "npm", "epss"]);
    let paths: Vec<_> = files.iter().map(|(path, ..)| path.as_str()).collect();
    assert_eq!(paths, [EPSS_FILE, NPM_FILE]);
    assert_eq!(failures.len(), 1);
    assert_eq!(failures[0].feed, "kev");
    let error = &failures[0].error;
    assert!(
        matches!(error, FetchError::Web(Error::NotFound { .. })),
        "{error:?}"
    );
    // A publisher that has lost its file says nothing of what is known.
    assert_eq!(error.class(), ErrorClass::Unreachable);
    assert!(place.read(EPSS_FILE) == epss());
    assert!(place.record(KEV_FILE).is_null() && place.record(NPM_FILE).is_object());
}

#[test]
fn a_folder_that_is_none_is_told_before_anything_is_asked() {
    let publisher = Publisher::of(three());
    let place = Place::new();
    let path = place.path("");
    let plain = path.parent().expect("the place").join("feeds");
    fs_err::write(&plain, b"a file").expect("a file");
    let error = place
        .try_fetch(&publisher.mirror(), &["kev"], "2026-01-01T00:00:00Z")
        .expect_err("no folder");
    assert!(matches!(error, FetchError::Folder { .. }), "{error:?}");
    assert_eq!(error.class(), ErrorClass::Local);
    assert!(publisher.asked().is_empty());
}
