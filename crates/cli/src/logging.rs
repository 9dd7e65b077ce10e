//! Where the libraries' `tracing` events go: to stderr, chosen by `--verbose` or `TOOLKIT_LOG`.
//!
//! Without `--verbose` only warnings are shown. Log lines are for people; nothing may parse them.

use std::io::stderr;

use tracing_subscriber::EnvFilter;

use crate::env;
use crate::terminal::Terminal;

/// Starts logging for the whole process.
pub(crate) fn start(terminal: &Terminal) {
    let level = match (terminal.prints_notes(), terminal.verbose) {
        (false, _) => "error",
        (true, 0) => "warn",
        (true, 1) => "toolkit=info,warn",
        (true, 2) => "toolkit=debug,info",
        (true, _) => "trace",
    };
    let filter = env::text(env::LOG)
        .and_then(|directives| EnvFilter::try_new(directives).ok())
        .unwrap_or_else(|| EnvFilter::new(level));
    tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(stderr)
        .with_ansi(terminal.stderr_color)
        .without_time()
        .init();
}
