//! Where the libraries' `tracing` events go: to stderr, chosen by `--verbose` or `TOOLKIT_LOG`.
//!
//! Without `--verbose` only warnings are shown. `-v` tells what was resolved, which sources of evidence answered, by which trust root, and
//! how long each stage took (the line `close` of its span; every line begins with the time since the start); `-vv` every request and every bundle; `-vvv` the libraries beneath too, without
//! the frames of their protocols. Log lines are for people; nothing may parse them. No header, query or token is ever in one.

use std::io::stderr;

use tracing_subscriber::EnvFilter;
use tracing_subscriber::fmt::format::FmtSpan;
use tracing_subscriber::fmt::time::uptime;

use crate::env;
use crate::terminal::Terminal;

/// Starts logging for the whole process.
pub(crate) fn start(terminal: &Terminal) {
    let level = if terminal.prints_notes() {
        level(terminal.verbose)
    } else {
        "error"
    };
    let filter = env::text(env::LOG)
        .and_then(|directives| EnvFilter::try_new(directives).ok())
        .unwrap_or_else(|| EnvFilter::new(level));
    tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_span_events(FmtSpan::CLOSE)
        .with_target(terminal.verbose > 2)
        .with_writer(stderr)
        .with_ansi(terminal.stderr_color)
        .with_timer(uptime())
        .init();
}

/// Translates the number of `-v` into directives, by the beginning of a module's path.
fn level(verbose: u8) -> &'static str {
    match verbose {
        0 => "warn",
        1 => "toolkit=info,warn",
        2 => "toolkit=debug,warn",
        _ => "toolkit=trace,debug,h2=warn,hyper=warn,rustls=warn,tower=warn",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_level_is_understood() {
        for verbose in 0..=4 {
            let text = level(verbose);
            let filter = EnvFilter::try_new(text).expect("directives");
            assert_eq!(
                filter.to_string().split(',').count(),
                text.split(',').count()
            );
        }
    }
}
