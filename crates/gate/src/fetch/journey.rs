//! Fetches every wanted feed, a few at once; one that fails does not lose the others.

use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};

use jiff::Timestamp;
use toolkit_oci::registry::Client;

use super::address::Addresses;
use super::discover::{self, Wanted};
use super::error::FetchError;
use super::feeds::{Feed, Places};
use super::file::Courier;
use super::record::Record;
use crate::event::Event;

/// Feeds that are fetched at once: more would only share the same line, and publishers count connections.
const AT_ONCE: usize = 4;

/// Says what to fetch, from where, and into which folder.
pub struct Fetch<'a> {
    /// The folder that a database is built of; made where there is none.
    pub folder: &'a Path,
    /// The feeds, as [`super::feeds()`] finds them.
    pub feeds: &'a [&'static Feed],
    /// A mirror of all publishers, which has their files at `MIRROR/HOST/PATH`.
    pub mirror: Option<&'a str>,
    /// The client; it sends no credentials to publishers.
    pub client: &'a Client,
    /// The time that `fetch.json` takes for what is the newest now.
    pub now: Timestamp,
    /// Takes what happens, from any thread.
    pub events: &'a (dyn Fn(Event) + Sync),
}

/// Says whether a file changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum FileState {
    /// It is new, or changed.
    Fetched,
    /// It is what it was.
    Unchanged,
}

/// Says what was fetched.
#[derive(Debug, Default)]
pub struct Fetched {
    /// The files that are the newest now, by path below the folder: whether they changed, and their bytes.
    pub files: Vec<(String, FileState, u64)>,
    /// What was not fetched, in the order of the table of feeds.
    pub failures: Vec<Failure>,
}

/// Says why something was not fetched.
#[derive(Debug)]
pub struct Failure {
    /// The feed.
    pub feed: &'static str,
    /// Why.
    pub error: FetchError,
}

/// Fetches feeds.
///
/// # Errors
/// [`FetchError`] for the mirror's address and for a folder that cannot be worked in; everything else is a [`Failure`].
pub fn fetch(wanted: &Fetch<'_>) -> Result<Fetched, FetchError> {
    let addresses = Addresses::new(wanted.client, wanted.mirror)?;
    let record = Record::open(wanted.folder, &|text| {
        (wanted.events)(Event::Warning(text));
    })?;
    let courier = Courier {
        folder: wanted.folder,
        addresses: &addresses,
        record: &record,
        // Whole seconds, and never later than now.
        now: Timestamp::from_second(wanted.now.as_second()).unwrap_or(wanted.now),
        events: wanted.events,
    };
    let next = AtomicUsize::new(0);
    let done: Mutex<Vec<(usize, Fetched)>> = Mutex::default();
    std::thread::scope(|scope| {
        for _ in 0..AT_ONCE.min(wanted.feeds.len()) {
            scope.spawn(|| {
                loop {
                    let number = next.fetch_add(1, Ordering::Relaxed);
                    let Some(feed) = wanted.feeds.get(number) else {
                        break;
                    };
                    let one = courier.feed(feed);
                    let mut done = done.lock().unwrap_or_else(PoisonError::into_inner);
                    done.push((number, one));
                }
            });
        }
    });
    let mut done = done.into_inner().unwrap_or_else(PoisonError::into_inner);
    done.sort_by_key(|(number, _)| *number);
    let mut all = Fetched::default();
    for (_, one) in done {
        all.files.extend(one.files);
        all.failures.extend(one.failures);
    }
    all.files.sort_unstable();
    Ok(all)
}

impl Courier<'_> {
    /// Fetches the files of one feed.
    fn feed(&self, feed: &Feed) -> Fetched {
        let mut done = Fetched::default();
        match &feed.places {
            Places::One(place) => {
                let wanted = Wanted {
                    url: place.url.to_owned(),
                    path: format!("{}/{}", feed.name, place.name),
                    format: place.format,
                    limit: place.limit,
                    sha256: None,
                };
                self.named(feed, &wanted, &mut done);
            }
            Places::Alpine {
                index,
                repositories,
            } => match discover::alpine(self.addresses, feed.name, index, repositories) {
                Ok(listed) => {
                    for wanted in listed {
                        self.listed(feed, &wanted, &mut done);
                    }
                    self.anything(feed, index, &mut done);
                }
                Err(error) => done.fail(feed, error),
            },
            Places::Amazon {
                lists,
                extras,
                extra,
                folder,
            } => {
                let own = |(list, folder): &(&str, &str)| {
                    ((*list).to_owned(), format!("{}/{folder}", feed.name), false)
                };
                let mut repositories: Vec<_> = lists.iter().map(own).collect();
                let folder = format!("{}/{folder}", feed.name);
                match discover::extras(self.addresses, extras, extra, &folder) {
                    Ok(found) => repositories
                        .extend(found.into_iter().map(|(list, folder)| (list, folder, true))),
                    Err(error) => done.fail(feed, error),
                }
                for (list, folder, is_extra) in repositories {
                    match discover::repository(self.addresses, &list, &folder) {
                        Ok(Some(wanted)) => self.named(feed, &wanted, &mut done),
                        // Not every extra ever had an advisory, or still is there.
                        Ok(None) if is_extra => {}
                        Err(error) if is_extra && error.is_absence() => {}
                        Ok(None) => done.fail(
                            feed,
                            FetchError::Nothing {
                                list: self.addresses.of(&list),
                            },
                        ),
                        Err(error) => done.fail(feed, error),
                    }
                }
            }
        }
        done
    }

    /// Fetches a file that is looked for in a folder that a list names: not every folder has it. One that was there before is missed, and so is every
    /// file that a list names itself.
    fn listed(&self, feed: &Feed, wanted: &Wanted, done: &mut Fetched) {
        match self.bring(feed.name, wanted) {
            Ok((state, size)) => done.files.push((wanted.path.clone(), state, size)),
            Err(error) if error.is_absence() && self.record.of(&wanted.path).is_none() => {
                let url = &wanted.url;
                (self.events)(Event::Warning(format!(
                    "`{url}` is not there: what it would say is not known"
                )));
            }
            Err(error) => done.fail(feed, error),
        }
    }

    /// Fetches a file that a list names.
    fn named(&self, feed: &Feed, wanted: &Wanted, done: &mut Fetched) {
        match self.bring(feed.name, wanted) {
            Ok((state, size)) => done.files.push((wanted.path.clone(), state, size)),
            Err(error) => done.fail(feed, error),
        }
    }

    fn anything(&self, feed: &Feed, list: &str, done: &mut Fetched) {
        if done.files.is_empty() && done.failures.is_empty() {
            let list = self.addresses.of(list);
            done.fail(feed, FetchError::Nothing { list });
        }
    }
}

impl Fetched {
    fn fail(&mut self, feed: &Feed, error: FetchError) {
        self.failures.push(Failure {
            feed: feed.name,
            error,
        });
    }
}
