//! `toolkit lab demo`: the whole chain on one image, each step a real command of this binary, each result checked.
//!
//! A step holds when its command ends with the expected code, says what it must, and the registries are then what they must be. One that
//! does not hold ends the demonstration with 1, since the later ones build on it.

mod advisories;
mod command;
mod image;
mod policies;
mod report;
mod scene;
mod step;
mod witness;

use std::io::IsTerminal;

use crate::args::LabDemoArgs;
use crate::error::Result;
use crate::exit::Exit;
use crate::terminal::Terminal;

use image::DemoImage;
use report::Report;
use scene::Scene;
use step::Step;

/// Walks the chain and prints it on stdout.
///
/// # Errors
/// What kept the lab from starting or the image from being found; a step that fails is no error but code 1.
pub(super) fn run(args: &LabDemoArgs, terminal: &Terminal) -> Result<Exit> {
    // Looked up first: an image that is not there needs no lab.
    let image = args
        .image
        .as_deref()
        .map(|text| DemoImage::given(text, terminal))
        .transpose()?;
    let scene = Scene::new(super::start::start()?, image, terminal)?;
    let color = terminal.stderr_color && std::io::stdout().is_terminal();
    let steps = Step::of(scene.image.own);
    let report = Report::new(color, steps.len());
    report.opening(&scene)?;
    let mut held = 0;
    for (index, step) in steps.iter().enumerate() {
        if !step.walk(index + 1, &scene, &report)? {
            break;
        }
        held += 1;
    }
    report.closing(held)?;
    Ok(if held == steps.len() {
        Exit::Yes
    } else {
        Exit::No
    })
}
