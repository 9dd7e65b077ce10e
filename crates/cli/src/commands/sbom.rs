//! `toolkit sbom`: the packages of an image, directory or file as a document.
//!
//! An image without packages is no failure here: the document says so, a warning too.

use std::io::Write;
use std::path::Path;

use toolkit_oci::{Image, Platform, Target};
use toolkit_sbom::{Document, Format, Inventory, Subject, catalog, write};

use crate::args::SbomArgs;
use crate::ci::Step;
use crate::error::{Error, Result};
use crate::exit::Exit;
use crate::output::{Paint, Stdout, write_file};
use crate::progress::Progress;
use crate::settings::{Access, Output, source_date_epoch};
use crate::terminal::Terminal;

/// Reads the target once and writes every document that was asked for.
///
/// # Errors
/// What refused the arguments, the image or an output.
pub(crate) fn run(args: &SbomArgs, terminal: &Terminal) -> Result<Exit> {
    let outputs = Output::parse_all(&args.output)?;
    let time = source_date_epoch()?;
    let access = Access::new(&args.access, terminal)?;
    let target = access.target(&args.target)?;
    let platform = args.platform.as_deref().map(Platform::parse).transpose()?;

    let progress = Progress::new(terminal);
    let events = |event| progress.event(event);
    let reach = access.reach(&events);
    let read = Image::open(&target, platform.as_ref(), &reach)
        .map_err(Error::from)
        .and_then(|image| {
            let inventory = catalog(&image, &reach)?;
            let digest = image.manifest_digest().map(ToString::to_string);
            Ok((subject(&target, &image), digest, inventory))
        });
    progress.finish();
    let (subject, digest, inventory) = read?;

    warn_about(&inventory, &args.target, terminal);
    let packages = inventory.packages.len();
    let document = Document::new(subject, inventory, time);
    for output in &outputs {
        write_one(output, &document, terminal)?;
    }
    step(&args.target, digest.as_deref(), packages, &outputs).tell()?;
    Ok(Exit::Yes)
}

/// Sums up for the CI system what was written.
fn step(target: &str, digest: Option<&str>, packages: usize, outputs: &[Output]) -> Step {
    let mut step = Step::new(
        format!("SBOM of {target}: {packages} packages"),
        &["document", "file"],
    );
    if let Some(digest) = digest {
        step.output("digest", digest);
    }
    step.output("packages", &packages.to_string());
    for output in outputs {
        let file = output.file.as_ref().map(|file| file.display().to_string());
        if let Some(file) = &file {
            step.output("sbom-path", file);
        }
        let place = file.unwrap_or_else(|| "standard output".to_owned());
        step.row([output.format.to_string(), place]);
    }
    step
}

/// Describes what was read; a directory given as `.` or `..` gets the name that it has.
fn subject(target: &Target, image: &Image) -> Subject {
    let mut subject = Subject::of(target, image);
    let named = |path: &Path| {
        fs_err::canonicalize(path)
            .ok()?
            .file_name()
            .map(|name| name.to_string_lossy().into_owned())
    };
    if let Some(path) = target.path().filter(|path| path.file_name().is_none())
        && let Some(name) = named(path)
    {
        subject.name = name;
    }
    subject
}

fn write_one(output: &Output, document: &Document, terminal: &Terminal) -> Result<()> {
    let Some(path) = &output.file else {
        if output.format == Format::Table && terminal.stdout_color {
            let mut table = Vec::new();
            render(output.format, document, &mut table, |source| {
                Error::Stdout { source }
            })?;
            let table = String::from_utf8_lossy(&table);
            return Stdout::print(&Paint::new(true).heading(&table));
        }
        let mut stdout = Stdout::lock();
        render(output.format, document, &mut stdout, |source| {
            Error::Stdout { source }
        })?;
        return stdout.finish();
    };
    write_file(path, |writer| {
        render(output.format, document, writer, |source| Error::Write {
            path: path.clone(),
            source,
        })
    })
}

fn render(
    format: Format,
    document: &Document,
    writer: &mut dyn Write,
    failed: impl FnOnce(std::io::Error) -> Error,
) -> Result<()> {
    match write(format, document, writer) {
        Err(toolkit_sbom::Error::Write { source }) => Err(failed(source)),
        other => Ok(other?),
    }
}

/// Tells what is missing from the document: a document that is silently smaller would be a lie.
fn warn_about(inventory: &Inventory, target: &str, terminal: &Terminal) {
    for unreadable in &inventory.unreadable {
        terminal.warn(&format!(
            "not read: {}: {}",
            unreadable.location.path, unreadable.fault
        ));
    }
    if inventory.packages.is_empty() {
        terminal.warn(&format!(
            "no package was found in `{target}`; the document says so"
        ));
    }
}
