//! `gyrus init`: a study file for a data set, from what is there.

use std::path::PathBuf;

use gyrus::counted;

use super::recipe::Part;
use crate::Failure;
use crate::printer::{print, remarks, say};

/// Arguments of `gyrus init`.
#[derive(clap::Args)]
pub struct Arguments {
    /// The data set, with events and stimuli
    #[arg(value_name = "BIDS_DIR")]
    folder: PathBuf,
    /// Folder of the language model, in Hugging Face layout
    #[arg(short, long, value_name = "FOLDER")]
    model: PathBuf,
    /// What fMRIPrep wrote [default: the folder below BIDS_DIR/derivatives that says so]
    #[arg(long, value_name = "FOLDER")]
    derivatives: Option<PathBuf>,
    #[command(flatten)]
    part: Part,
    /// The study file to write
    #[arg(short, long, value_name = "FILE", default_value = "study.toml")]
    output: PathBuf,
}

/// Runs the command.
pub fn run(arguments: Arguments) -> Result<(), Failure> {
    let recipe = arguments.part.recipe(&arguments.folder);
    let request = gyrus::init::Request {
        folder: arguments.folder,
        derivatives: arguments.derivatives,
        part: arguments.part.part(),
        recipe,
        language_model: arguments.model,
        output: arguments.output,
    };
    let written = gyrus::init::init(&request)?;
    remarks(&written.notes, &[]);
    let (participants, runs, stimuli) = written.found;
    let path = written.path.display();
    say(format_args!(
        "found {}, {}, {}; read {path}, then: gyrus check {path}",
        counted(participants, "participant", "participants"),
        counted(runs, "run", "runs"),
        counted(stimuli, "stimulus", "stimuli")
    ));
    print(format!("{path}\n"))
}
