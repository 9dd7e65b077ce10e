//! Every environment variable that `toolkit` reads: its own, one for each flag, and those of others that it honours.
//!
//! No other module and no library names one. A flag's variable is `TOOLKIT_` and the flag's name in capitals with `_` for `-`; a test in
//! `args` holds every flag to it. A variable that is set but empty counts as absent for the ones read here. Repeatable flags take several
//! values from their variable one a line.

use std::ffi::OsString;

/// Names the variable of `--color`.
pub(crate) const COLOR: &str = "TOOLKIT_COLOR";
/// Names the variable of `--quiet`; its value is how often the flag is given.
pub(crate) const QUIET: &str = "TOOLKIT_QUIET";
/// Names the variable of `--verbose`; its value is how often the flag is given.
pub(crate) const VERBOSE: &str = "TOOLKIT_VERBOSE";

/// Turns colour off where it is set to anything (<https://no-color.org>).
pub(crate) const NO_COLOR: &str = "NO_COLOR";
/// Turns colour off where it is `0` (<https://bixense.com/clicolors>).
pub(crate) const CLICOLOR: &str = "CLICOLOR";
/// Turns colour on, terminal or not, where it is anything but `0` (<https://bixense.com/clicolors>).
pub(crate) const CLICOLOR_FORCE: &str = "CLICOLOR_FORCE";
/// Names the terminal's kind; `dumb` has neither colour nor cursor movement.
pub(crate) const TERM: &str = "TERM";
/// Filters log lines by module and level, in the form of `tracing-subscriber`'s directives; wins over `--verbose`.
pub(crate) const LOG: &str = "TOOLKIT_LOG";

/// Reads a variable; absent and empty are the same.
pub(crate) fn read(name: &str) -> Option<OsString> {
    std::env::var_os(name).filter(|value| !value.is_empty())
}

/// Reads a variable that must be text; one that is no UTF-8 counts as absent, since no name that we compare with has such bytes.
pub(crate) fn text(name: &str) -> Option<String> {
    read(name).and_then(|value| value.into_string().ok())
}
