//! What the two output streams can show: colour, drawing characters, width, and how talkative the user wants the command.
//!
//! It decides; it writes nothing. Order of the colour rules: flag, `NO_COLOR`, `CLICOLOR`, `CLICOLOR_FORCE`, `TERM`, then whether
//! the stream is a terminal.

use std::io::{IsTerminal, Write};

use crate::args::{ColorChoice, GlobalArgs};
use crate::env;
use crate::output::printable;

/// Holds what is known about the terminal for the whole run.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Terminal {
    /// Whether stdout may be coloured.
    pub(crate) stdout_color: bool,
    /// Whether stderr, where people read, may be coloured.
    pub(crate) stderr_color: bool,
    /// Whether the terminal shows more than ASCII.
    pub(crate) unicode: bool,
    /// Whether stderr is a terminal that can redraw lines.
    pub(crate) redraws: bool,
    /// How often `--quiet` was given.
    pub(crate) quiet: u8,
    /// How often `--verbose` was given.
    pub(crate) verbose: u8,
}

impl Terminal {
    /// Looks at the streams and the environment once.
    pub(crate) fn new(global: &GlobalArgs) -> Self {
        let dumb = env::text(env::TERM).as_deref() == Some("dumb");
        let stderr = std::io::stderr().is_terminal();
        let asked = Asked {
            flag: global.color,
            no_color: env::read(env::NO_COLOR).is_some(),
            clicolor: env::text(env::CLICOLOR),
            force: env::text(env::CLICOLOR_FORCE),
            dumb,
        };
        Self {
            stdout_color: asked.color(std::io::stdout().is_terminal()),
            stderr_color: asked.color(stderr),
            unicode: !dumb,
            redraws: stderr && !dumb && env::read(env::CI).is_none(),
            quiet: global.quiet,
            verbose: global.verbose,
        }
    }

    /// Says whether errors and warnings may be printed: not with `-qq`.
    pub(crate) fn prints_errors(&self) -> bool {
        self.quiet < 2
    }

    /// Prints a warning for people, unless errors are silenced too: what weakens a check must be seen.
    pub(crate) fn warn(&self, text: &str) {
        if self.prints_errors() {
            // Nothing is left to tell where stderr itself is closed.
            let _ = writeln!(std::io::stderr().lock(), "warning: {}", printable(text));
        }
    }

    /// Prints a whole report for people, unless errors are silenced too; its text is harmless already.
    pub(crate) fn report(&self, text: &str) {
        if self.prints_errors() {
            // Nothing is left to tell where stderr itself is closed.
            let _ = std::io::stderr().lock().write_all(text.as_bytes());
        }
    }

    /// Prints a note for people, unless quiet was asked for.
    pub(crate) fn note(&self, text: &str) {
        if self.prints_notes() {
            // Nothing is left to tell where stderr itself is closed.
            let _ = writeln!(std::io::stderr().lock(), "{}", printable(text));
        }
    }

    /// Says whether notes, progress and warnings may be printed: not with `-q`.
    pub(crate) fn prints_notes(&self) -> bool {
        self.quiet == 0
    }
}

/// Holds everything that was said about colour.
struct Asked {
    flag: ColorChoice,
    no_color: bool,
    clicolor: Option<String>,
    force: Option<String>,
    dumb: bool,
}

impl Asked {
    fn color(&self, is_terminal: bool) -> bool {
        match self.flag {
            ColorChoice::Always => true,
            ColorChoice::Never => false,
            ColorChoice::Auto => {
                if self.no_color || self.clicolor.as_deref() == Some("0") {
                    false
                } else if self.force.as_deref().is_some_and(|value| value != "0") {
                    true
                } else {
                    is_terminal && !self.dumb
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_rule_that_applies_decides_about_colour() {
        let base = || Asked {
            flag: ColorChoice::Auto,
            no_color: false,
            clicolor: None,
            force: None,
            dumb: false,
        };
        let one = |text: &str| Some(text.to_owned());
        let cases: [(&str, Asked, bool, bool); 9] = [
            ("terminal", base(), true, true),
            ("pipe", base(), false, false),
            (
                "NO_COLOR on a terminal",
                Asked {
                    no_color: true,
                    ..base()
                },
                true,
                false,
            ),
            (
                "NO_COLOR beats CLICOLOR_FORCE",
                Asked {
                    no_color: true,
                    force: one("1"),
                    ..base()
                },
                true,
                false,
            ),
            (
                "CLICOLOR=0",
                Asked {
                    clicolor: one("0"),
                    ..base()
                },
                true,
                false,
            ),
            (
                "CLICOLOR_FORCE into a pipe",
                Asked {
                    force: one("1"),
                    ..base()
                },
                false,
                true,
            ),
            (
                "CLICOLOR_FORCE=0 into a pipe",
                Asked {
                    force: one("0"),
                    ..base()
                },
                false,
                false,
            ),
            (
                "TERM=dumb",
                Asked {
                    dumb: true,
                    ..base()
                },
                true,
                false,
            ),
            (
                "the flag beats NO_COLOR",
                Asked {
                    flag: ColorChoice::Always,
                    no_color: true,
                    ..base()
                },
                false,
                true,
            ),
        ];
        for (name, asked, terminal, expected) in cases {
            assert_eq!(asked.color(terminal), expected, "{name}");
        }
    }
}
