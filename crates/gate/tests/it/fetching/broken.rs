//! Transfers that break off, and servers that ask to wait.

use toolkit_gate::FetchError;
use toolkit_oci::ErrorClass;
use toolkit_oci::registry::Error;

use super::feeds::{KEV, KEV_FILE, NPM, NPM_FILE, Place, kev, osv, three, whole};
use super::publisher::{Publisher, Reply, file, having, tag};

/// Breaks an answer off after so many bytes.
fn cut(mut reply: Reply, bytes: usize) -> Reply {
    reply.cut = Some(bytes);
    reply
}

#[test]
fn a_cut_transfer_is_resumed() {
    let zip = osv("GHSA-1", 300_000);
    let half = zip.len() / 2;
    let served = zip.clone();
    let publisher = Publisher::new(move |asked, before| match before {
        0 => cut(file(asked, &served), half),
        // Again, in the rest.
        1 => cut(file(asked, &served), 1000),
        // The range of all that is missing, and less of it.
        2 => {
            let mut reply = file(asked, &served);
            reply.body.truncate(500);
            reply
        }
        _ => file(asked, &served),
    });
    let place = Place::patient();
    whole(&place.fetch(&publisher, &["npm"]));
    assert!(place.read(NPM_FILE) == zip);
    let asked = publisher.asked();
    let sent: Vec<_> = asked
        .iter()
        .map(|asked| (asked.header("range"), asked.header("if-range")))
        .collect();
    let tag = tag(&zip);
    let ranges = [half, half + 1000, half + 1500].map(|first| format!("bytes={first}-"));
    assert_eq!(
        sent,
        [
            (None, None),
            (Some(ranges[0].as_str()), Some(tag.as_str())),
            (Some(ranges[1].as_str()), Some(tag.as_str())),
            (Some(ranges[2].as_str()), Some(tag.as_str()))
        ]
    );
    assert_eq!(place.files(), ["fetch.json", NPM_FILE]);
}

#[test]
fn the_next_run_asks_for_the_rest() {
    let zip = osv("GHSA-1", 300_000);
    let half = zip.len() / 2;
    let served = zip.clone();
    let publisher = Publisher::new(move |asked, _| cut(file(asked, &served), half));
    let place = Place::impatient();
    let error = place.failure(&publisher, "npm");
    assert!(
        matches!(&error, FetchError::Web(Error::Cut { url, expected, found })
            if url.ends_with(NPM) && usize::try_from(*expected) == Ok(zip.len()) && usize::try_from(*found) == Ok(half)),
        "{error:?}"
    );
    assert_eq!(error.class(), ErrorClass::Unreachable);
    assert_eq!(
        place.files(),
        ["npm/.fetch-all.zip.note", "npm/.fetch-all.zip.part"]
    );

    let served = zip.clone();
    publisher.now(move |asked, _| file(asked, &served));
    whole(&place.fetch(&publisher, &["npm"]));
    assert!(place.read(NPM_FILE) == zip);
    let asked = publisher.asked();
    let range = format!("bytes={half}-");
    assert_eq!(asked[0].header("range"), Some(range.as_str()));
    assert_eq!(asked.len(), 1);
    assert_eq!(place.files(), ["fetch.json", NPM_FILE]);
}

#[test]
fn parts_of_two_states_are_never_joined() {
    let (old, new) = (osv("GHSA-1", 300_000), osv("GHSA-2", 290_000));
    let half = old.len() / 2;
    let begin = |place: &Place| {
        let served = old.clone();
        let publisher = Publisher::new(move |asked, _| cut(file(asked, &served), half));
        place.failure(&publisher, "npm");
        publisher
    };
    // The server sees by the tag that the rest is of another state, and sends all.
    let place = Place::impatient();
    let publisher = begin(&place);
    let served = new.clone();
    publisher.now(move |asked, _| file(asked, &served));
    whole(&place.fetch(&publisher, &["npm"]));
    assert!(place.read(NPM_FILE) == new);
    assert_eq!(publisher.asked().len(), 1);

    // These servers say that they send the rest, and do not: everything is asked for again.
    type Lie = fn(Reply, usize, usize) -> Reply;
    let lies: [Lie; 4] = [
        |reply, half, size| {
            let range = format!("bytes {}-{}/{size}", half + 1, size - 1);
            reply.with("Content-Range", &range)
        },
        |reply, half, size| {
            let range = format!("bytes {half}-{}/{size}", size - 2);
            reply.with("Content-Range", &range)
        },
        |reply, half, size| {
            let range = format!("bytes {half}-{}/{size}", size - 1);
            reply
                .with("Content-Range", &range)
                .with("ETag", "\"other\"")
        },
        |reply, _, _| reply,
    ];
    for lie in lies {
        let place = Place::impatient();
        let publisher = begin(&place);
        let served = new.clone();
        publisher.now(move |asked, before| match before {
            0 => {
                let mut reply = Reply::body(&served[half..]);
                reply.status = 206;
                lie(reply, half, served.len())
            }
            _ => file(asked, &served),
        });
        whole(&place.fetch(&publisher, &["npm"]));
        assert!(place.read(NPM_FILE) == new);
        let asked = publisher.asked();
        assert_eq!(asked.len(), 2);
        assert_eq!(asked[1].header("range"), None);
    }

    // What is left is longer than what there is now.
    let place = Place::impatient();
    let publisher = begin(&place);
    let short = osv("GHSA-3", 10);
    let served = short.clone();
    publisher.now(move |asked, before| match before {
        0 => Reply::status(416),
        _ => file(asked, &served),
    });
    whole(&place.fetch(&publisher, &["npm"]));
    assert!(place.read(NPM_FILE) == short);
}

#[test]
fn without_a_strong_tag_a_cut_transfer_begins_anew() {
    let zip = osv("GHSA-1", 300_000);
    for tag in [None, Some("W/\"a\"")] {
        let served = zip.clone();
        let publisher = Publisher::new(move |_, before| {
            let mut reply =
                Reply::body(&served).with("Last-Modified", "Sun, 06 Nov 1994 08:49:37 GMT");
            if let Some(tag) = tag {
                reply = reply.with("ETag", tag);
            }
            reply.cut = (before == 0).then_some(1000);
            reply
        });
        let place = Place::new();
        whole(&place.fetch(&publisher, &["npm"]));
        assert!(place.read(NPM_FILE) == zip);
        let asked = publisher.asked();
        assert_eq!(asked.len(), 2);
        assert!(asked.iter().all(|asked| asked.header("range").is_none()));
        // Nor is anything left that the next run could not go on with.
        let served = zip.clone();
        let publisher = Publisher::new(move |_, _| cut(Reply::body(&served), 1000));
        let place = Place::impatient();
        place.failure(&publisher, "npm");
        assert!(place.files().is_empty(), "{:?}", place.files());
    }
}

#[test]
fn a_server_that_begins_anew_each_time_is_not_asked_for_ever() {
    let served = osv("GHSA-1", 3_000_000);
    assert!(served.len() > 1_500_000);
    let publisher = Publisher::new(move |_, before| match before {
        0..20 => cut(Reply::body(&served).with("ETag", "\"a\""), 1_500_000),
        _ => Reply::status(404),
    });
    let place = Place::new();
    let error = place.failure(&publisher, "npm");
    assert!(
        matches!(
            &error,
            FetchError::Web(Error::Cut {
                found: 1_500_000,
                ..
            })
        ),
        "{error:?}"
    );
    assert!(publisher.asked().len() < 8, "{}", publisher.asked().len());
}

#[test]
fn who_asks_to_wait_is_waited_for_within_bounds() {
    let publisher = Publisher::new(|asked, before| match before {
        0 => Reply::status(429).with("Retry-After", "0"),
        1 => Reply::status(503).with("Retry-After", "0"),
        _ => having(three())(asked, before),
    });
    let place = Place::new();
    whole(&place.fetch(&publisher, &["kev"]));
    assert_eq!(publisher.asked().len(), 3);

    publisher.now(|_, _| Reply::status(429).with("Retry-After", "86400"));
    let error = place.failure(&publisher, "kev");
    assert!(
        matches!(&error, FetchError::Web(Error::RateLimited { url, wait: Some(wait), .. }) if url.ends_with(KEV) && wait.as_secs() == 86_400),
        "{error:?}"
    );
    assert_eq!(error.class(), ErrorClass::Unreachable);
    assert_eq!(publisher.asked().len(), 1);
    assert!(place.read(KEV_FILE) == kev("CVE-2024-1"));

    publisher.now(|_, _| Reply::status(503));
    let error = place.failure(&publisher, "kev");
    assert!(
        matches!(&error, FetchError::Web(Error::Status { status: 503, .. })),
        "{error:?}"
    );
    assert_eq!(publisher.asked().len(), 3);
}
