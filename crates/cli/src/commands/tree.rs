//! `toolkit tree`: the evidence graph of an image.

use jiff::Timestamp;
use toolkit_gate::{PinnedImage, Tree, Trust};

use crate::args::{TreeArgs, VerdictFormat};
use crate::error::Result;
use crate::exit::Exit;
use crate::output::{Paint, Schema, Stdout, is_incomplete, json, tree};
use crate::progress::Progress;
use crate::settings::{Access, public_key, trust_root};
use crate::terminal::Terminal;

/// Prints the graph; where a list of evidence did not answer, it is printed with that gap and the code is 3.
///
/// # Errors
/// What kept the image from being read; with `-o json` that is told on stdout too.
pub(crate) fn run(args: &TreeArgs, terminal: &Terminal) -> Result<Exit> {
    let found = match read(args, terminal) {
        Ok(found) => found,
        Err(error) => {
            if args.output == VerdictFormat::Json {
                json::print_failure(Schema::Tree, &args.target, &error)?;
            }
            return Err(error);
        }
    };
    match args.output {
        VerdictFormat::Json => json::print(Schema::Tree, &found)?,
        VerdictFormat::Text => Stdout::print(&tree(
            &found,
            terminal.unicode,
            Paint::new(terminal.stdout_color),
        ))?,
    }
    Ok(if is_incomplete(&found.root) {
        Exit::Unreachable
    } else {
        Exit::Yes
    })
}

fn read(args: &TreeArgs, terminal: &Terminal) -> Result<Tree> {
    let access = Access::new(&args.access, terminal)?;
    let target = access.target(&args.target)?;
    let root = trust_root(args.trust.trusted_root.as_deref())?;
    let keys = args
        .key
        .iter()
        .map(|path| public_key(path))
        .collect::<Result<Vec<_>>>()?;
    let progress = Progress::new(terminal);
    let events = |event| progress.event(event);
    let reach = access.reach(&events);
    let image = PinnedImage::resolve(&target, &reach)?;
    let trust = Trust {
        root: &root,
        keys: &keys,
        now: Timestamp::now(),
    };
    let found = toolkit_gate::tree(&image, &trust, &reach);
    progress.finish();
    Ok(found?)
}
