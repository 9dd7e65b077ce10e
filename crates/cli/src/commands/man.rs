//! `toolkit man`: manual pages from the command line's own definition.

use std::io::Write;

use clap_mangen::Man;

use crate::args::{ManArgs, definition};
use crate::error::{Error, Result};
use crate::exit::Exit;
use crate::output::{Stdout, write_file};

/// Prints the first page, or writes a page a command into a directory.
///
/// # Errors
/// [`Error::Stdout`] and [`Error::Write`].
pub(crate) fn run(args: &ManArgs) -> Result<Exit> {
    let mut command = definition();
    // Fills in the full names and the global flags of the commands below.
    command.build();
    let Some(directory) = &args.directory else {
        let mut stdout = Stdout::lock();
        stdout
            .write_all(&page(&command, "toolkit").map_err(|source| Error::Stdout { source })?)
            .map_err(|source| Error::Stdout { source })?;
        stdout.finish()?;
        return Ok(Exit::Yes);
    };
    fs_err::create_dir_all(directory).map_err(|source| Error::Write {
        path: directory.clone(),
        source,
    })?;
    let mut pages = Vec::new();
    collect(&command, "toolkit", &mut pages);
    for (name, command) in pages {
        let path = directory.join(format!("{name}.1"));
        let failed = |source| Error::Write {
            path: path.clone(),
            source,
        };
        let text = page(command, &name).map_err(failed)?;
        write_file(&path, |writer| writer.write_all(&text).map_err(failed))?;
    }
    Ok(Exit::Yes)
}

fn page(command: &clap::Command, name: &str) -> std::io::Result<Vec<u8>> {
    let mut text = Vec::new();
    Man::new(command.clone())
        .title(name.to_uppercase())
        .render(&mut text)?;
    Ok(text)
}

fn collect<'a>(
    command: &'a clap::Command,
    name: &str,
    pages: &mut Vec<(String, &'a clap::Command)>,
) {
    pages.push((name.to_owned(), command));
    for child in command
        .get_subcommands()
        .filter(|child| !child.is_hide_set())
    {
        collect(child, &format!("{name}-{}", child.get_name()), pages);
    }
}
