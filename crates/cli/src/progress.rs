//! Shows what the libraries are doing, for anything that takes over a second: bars on a terminal, a plain line a layer elsewhere.
//!
//! It draws on stderr only and nothing depends on it. Work that is done within a second shows nothing at all.

use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet};
use std::io::Write;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use indicatif::{HumanBytes, MultiProgress, ProgressBar, ProgressDrawTarget, ProgressStyle};
use toolkit_oci::Event;
use toolkit_oci::event::Direction;

use crate::terminal::Terminal;

/// Is the time after which work is worth showing.
const PATIENCE: Duration = Duration::from_secs(1);

/// Is how many different warnings of libraries are shown: a screen. Their number is the choice of whoever made the image or runs the registry.
const MOST_WARNINGS: usize = 20;

/// Draws the events of one command.
#[derive(Debug)]
pub(crate) struct Progress {
    terminal: Terminal,
    started: Instant,
    bars: MultiProgress,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    shown: bool,
    tasks: BTreeMap<Task, Work>,
    warnings: Warnings,
}

/// Chooses which warnings are shown: each text once, and a bounded number.
#[derive(Debug, Default)]
struct Warnings {
    shown: BTreeSet<String>,
    more: u64,
}

impl Warnings {
    /// Says whether this one is shown, and counts it where it is one too many.
    fn admit(&mut self, text: &str) -> bool {
        if self.shown.contains(text) {
            return false;
        }
        if self.shown.len() < MOST_WARNINGS {
            return self.shown.insert(text.to_owned());
        }
        self.more = self.more.saturating_add(1);
        false
    }

    /// Says how many were not shown since the last call. Texts beyond those shown are not kept, so that one repeated counts again.
    fn rest(&mut self) -> Option<String> {
        match std::mem::take(&mut self.more) {
            0 => None,
            1 => Some("and 1 more warning".to_owned()),
            more => Some(format!("and {more} more warnings")),
        }
    }
}

/// Names one thing that goes on.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Task {
    Layer(usize),
    Pull(String),
    Push(String),
    Copy,
    Feed(String),
}

#[derive(Debug)]
struct Work {
    label: String,
    size: u64,
    bar: ProgressBar,
}

impl Progress {
    /// Starts the clock.
    pub(crate) fn new(terminal: &Terminal) -> Self {
        Self {
            terminal: *terminal,
            started: Instant::now(),
            // Hidden until patience has run out.
            bars: MultiProgress::with_draw_target(ProgressDrawTarget::hidden()),
            state: Mutex::default(),
        }
    }

    /// Takes one event, from any thread.
    pub(crate) fn event(&self, event: Event) {
        match event {
            Event::LayerStarted {
                index,
                digest,
                size,
            } => {
                self.begin(
                    Task::Layer(index),
                    format!("layer {index} {}", short(&digest.to_string())),
                    size,
                );
            }
            Event::LayerProgress { index, read } => self.advance(&Task::Layer(index), read),
            Event::LayerDone { index } => self.end(&Task::Layer(index), "read"),
            Event::Transfer {
                direction,
                digest,
                done,
                total,
            } => {
                let text = digest.to_string();
                let (task, label, verb) = match direction {
                    Direction::Pull => (
                        Task::Pull(text.clone()),
                        format!("pull {}", short(&text)),
                        "pulled",
                    ),
                    Direction::Push => (
                        Task::Push(text.clone()),
                        format!("push {}", short(&text)),
                        "pushed",
                    ),
                };
                self.begin(task.clone(), label, total);
                if done < total {
                    self.advance(&task, done)
                } else {
                    self.end(&task, verb)
                }
            }
            Event::Warning(text) => self.warn(&text),
            _ => {}
        }
    }

    /// Takes one event of a verification or promotion.
    pub(crate) fn journey(&self, event: toolkit_gate::Event) {
        use toolkit_gate::Event as Journey;
        match event {
            Journey::Planned {
                manifests,
                blobs,
                bytes,
            } => {
                self.begin(
                    Task::Copy,
                    format!("copy {manifests} manifests and {blobs} blobs"),
                    bytes,
                );
            }
            Journey::BlobCopied { size, .. } => {
                let mut state = self.state();
                self.show(&mut state);
                if let Some(work) = state.tasks.get(&Task::Copy) {
                    work.bar.inc(size);
                }
            }
            Journey::Download { path, done, total } => {
                let task = Task::Feed(path.clone());
                self.begin(task.clone(), path, total.unwrap_or_default());
                self.advance(&task, done);
            }
            Journey::DownloadEnded { path, is_whole } => {
                let verb = if is_whole { "fetched" } else { "not fetched" };
                self.end(&Task::Feed(path), verb);
            }
            Journey::Complete => self.end(&Task::Copy, "copied and read back"),
            Journey::Warning(text) => self.warn(&text),
            _ => {}
        }
    }

    /// Takes the bars away, so that what follows is printed on clean lines.
    pub(crate) fn finish(&self) {
        // A terminal that is gone needs no cleaning.
        let _ = self.bars.clear();
        if let Some(rest) = self.state().warnings.rest() {
            self.terminal.warn(&rest);
        }
    }

    fn warn(&self, text: &str) {
        if self.state().warnings.admit(text) {
            self.bars.suspend(|| self.terminal.warn(text));
        }
    }

    fn begin(&self, task: Task, label: String, size: u64) {
        let mut state = self.state();
        if let Entry::Vacant(entry) = state.tasks.entry(task) {
            let bar = self.bars.add(
                ProgressBar::new(size)
                    .with_style(style())
                    .with_message(label.clone()),
            );
            entry.insert(Work { label, size, bar });
        }
    }

    fn advance(&self, task: &Task, done: u64) {
        let mut state = self.state();
        self.show(&mut state);
        if let Some(work) = state.tasks.get(task) {
            work.bar.set_position(done);
        }
    }

    fn end(&self, task: &Task, verb: &str) {
        let mut state = self.state();
        self.show(&mut state);
        let Some(work) = state.tasks.remove(task) else {
            return;
        };
        work.bar.finish_and_clear();
        self.bars.remove(&work.bar);
        if state.shown && !self.terminal.redraws {
            // Nothing is left to tell where stderr itself is closed.
            let _ = writeln!(
                std::io::stderr().lock(),
                "{}: {} {verb}",
                work.label,
                HumanBytes(work.size)
            );
        }
    }

    fn show(&self, state: &mut State) {
        if !state.shown && self.terminal.prints_notes() && self.started.elapsed() >= PATIENCE {
            state.shown = true;
            if self.terminal.redraws {
                self.bars.set_draw_target(ProgressDrawTarget::stderr());
            }
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // What is counted here is only drawn; a panic elsewhere does not spoil it.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Progress {
    /// What an error cut short is cleaned up too.
    fn drop(&mut self) {
        self.finish();
    }
}

fn style() -> ProgressStyle {
    // The template is a constant that indicatif accepts; a test draws it.
    ProgressStyle::with_template(TEMPLATE).unwrap_or_else(|_| ProgressStyle::default_bar())
}

const TEMPLATE: &str = "{msg} {wide_bar} {bytes}/{total_bytes} {bytes_per_sec}";

/// Cuts a digest to the twelve characters that people compare.
fn short(digest: &str) -> &str {
    digest
        .split_once(':')
        .and_then(|(_, hex)| hex.get(..12))
        .unwrap_or(digest)
}

#[cfg(test)]
mod tests {
    use toolkit_oci::Digest;

    use super::*;

    #[test]
    fn the_template_is_accepted() {
        ProgressStyle::with_template(TEMPLATE).expect("indicatif's own syntax");
    }

    #[test]
    fn warnings_end() {
        let mut warnings = Warnings::default();
        let admitted = (0..5000)
            .filter(|number| warnings.admit(&format!("warning {number}")))
            .count();
        assert_eq!(admitted, MOST_WARNINGS);
        assert!(!warnings.admit("warning 0"), "it was shown");
        assert_eq!(warnings.rest().as_deref(), Some("and 4980 more warnings"));
        assert_eq!(warnings.rest(), None);
        warnings.admit("one more");
        assert_eq!(warnings.rest().as_deref(), Some("and 1 more warning"));
    }

    #[test]
    fn digests_are_cut_for_people() {
        assert_eq!(short("sha256:0123456789abcdef"), "0123456789ab");
        assert_eq!(short("odd"), "odd");
    }

    #[test]
    fn every_task_that_began_ends() {
        let terminal = Terminal {
            stdout_color: false,
            stderr_color: false,
            unicode: true,
            redraws: false,
            quiet: 1,
            verbose: 0,
        };
        let progress = Progress::new(&terminal);
        let digest = Digest::sha256(b"layer");
        progress.event(Event::LayerStarted {
            index: 0,
            digest: digest.clone(),
            size: 10,
        });
        progress.event(Event::Transfer {
            direction: Direction::Push,
            digest: digest.clone(),
            done: 0,
            total: 10,
        });
        assert_eq!(progress.state().tasks.len(), 2);
        let download = |done, total| toolkit_gate::Event::Download {
            path: "npm/all.zip".to_owned(),
            done,
            total,
        };
        progress.journey(download(0, Some(10)));
        progress.journey(download(5, Some(10)));
        assert_eq!(progress.state().tasks.len(), 3);
        progress.journey(toolkit_gate::Event::DownloadEnded {
            path: "npm/all.zip".to_owned(),
            is_whole: false,
        });
        assert_eq!(progress.state().tasks.len(), 2);
        progress.event(Event::LayerProgress { index: 0, read: 5 });
        progress.event(Event::LayerDone { index: 0 });
        progress.event(Event::LayerDone { index: 0 });
        progress.event(Event::Transfer {
            direction: Direction::Push,
            digest,
            done: 10,
            total: 10,
        });
        assert_eq!(progress.state().tasks.len(), 0);
        progress.finish();
    }
}
