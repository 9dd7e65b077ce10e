//! `toolkit`: one binary that carries a container image from build to promotion with nothing taken on trust.
//!
//! This crate is the user's side of it: it reads arguments, environment, clock and files, hands values down to the libraries, and turns
//! what they return into text, files and an exit code. It holds no domain logic.

mod args;
mod ci;
mod codes;
mod commands;
mod dirs;
mod env;
mod error;
mod exit;
mod logging;
mod output;
mod progress;
mod report;
mod settings;
mod terminal;

use std::process::ExitCode;

use crate::terminal::Terminal;

fn main() -> ExitCode {
    report::install_panic_report();
    let arguments: Vec<_> = std::env::args_os().collect();
    let cli = match args::parse(&arguments) {
        Ok(cli) => cli,
        Err(refused) => return report::arguments(&refused, &arguments).into(),
    };
    let terminal = Terminal::new(&cli.global);
    logging::start(&terminal);
    let decides = cli.command.decides();
    match commands::run(cli.command, &terminal) {
        Ok(code) => code,
        Err(error) => report::error(&error, decides, &terminal).into(),
    }
}
