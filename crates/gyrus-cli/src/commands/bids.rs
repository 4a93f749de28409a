//! `gyrus bids`: the interface of BIDS apps. A study file is written where there is none, then people or the group analysed.

use std::path::{Path, PathBuf};

use super::ExecutionFlags;
use super::analyze::analyze;
use crate::Failure;
use crate::printer::{remarks, say};

/// Arguments of `gyrus bids`.
#[derive(clap::Args)]
pub struct Arguments {
    /// The data set, with events and stimuli
    #[arg(value_name = "BIDS_DIR")]
    folder: PathBuf,
    /// Folder of the results; OUT/study.toml is written with the first run, and yours to change
    #[arg(value_name = "OUT")]
    output: PathBuf,
    /// participant: each by themselves, in OUT/sub-LABEL; group: all together, in OUT
    #[arg(value_enum)]
    level: Level,
    /// Participants, with or without sub- [default: all]
    #[arg(long, value_name = "LABEL", num_args = 1..)]
    participant_label: Vec<String>,
    /// Folder of the language model, in Hugging Face layout; needed while there is no OUT/study.toml
    #[arg(short, long, value_name = "FOLDER")]
    model: Option<PathBuf>,
    /// What fMRIPrep wrote [default: the folder below BIDS_DIR/derivatives that says so]
    #[arg(long, value_name = "FOLDER")]
    derivatives: Option<PathBuf>,
    #[command(flatten)]
    execution: ExecutionFlags,
}

/// What is analysed together.
#[derive(Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Level {
    Participant,
    Group,
}

/// Runs the command.
pub fn run(arguments: Arguments) -> Result<(), Failure> {
    if arguments.level == Level::Group && !arguments.participant_label.is_empty() {
        let message = "--participant-label: found it beside `group`, expected it beside `participant`; to leave people out of the group, set bids.participants or responses.exclude in OUT/study.toml";
        return Err(Failure::Input(message.to_owned()));
    }
    let study = arguments.output.join("study.toml");
    if !study.exists() {
        write_study(&arguments, &study)?;
    }
    match arguments.level {
        Level::Group => analyze(&study, &arguments.output, &arguments.execution.into_execution()),
        Level::Participant => {
            let names = chosen(&study, &arguments.participant_label)?;
            let mut execution = arguments.execution.into_execution();
            // What the language models read is the same for everybody.
            execution.store.get_or_insert_with(|| arguments.output.join("store"));
            for name in names {
                say(format_args!("{name}:"));
                let own = gyrus::study::write_study_of(&study, &name)?;
                analyze(&own, &arguments.output.join(&name), &execution)?;
            }
            Ok(())
        }
    }
}

fn write_study(arguments: &Arguments, study: &Path) -> Result<(), Failure> {
    let Some(model) = &arguments.model else {
        let message = format!(
            "--model: found none, expected the folder of a language model, for there is no {} yet; name it",
            study.display()
        );
        return Err(Failure::Input(message));
    };
    std::fs::create_dir_all(&arguments.output).map_err(|error| {
        Failure::from(gyrus::Error::Write { path: arguments.output.clone(), reason: error.to_string() })
    })?;
    let written = gyrus::init::init(&gyrus::init::Request {
        folder: arguments.folder.clone(),
        derivatives: arguments.derivatives.clone(),
        part: gyrus::init::Part::default(),
        recipe: super::recipe::choose(None, &arguments.folder),
        language_model: model.clone(),
        output: study.to_owned(),
    })?;
    remarks(&written.notes, &[]);
    Ok(())
}

/// The participants that were asked for, as the study calls them.
fn chosen(study: &Path, labels: &[String]) -> Result<Vec<String>, Failure> {
    let known = gyrus::study::participants(study)?;
    if labels.is_empty() {
        return Ok(known);
    }
    let find = |label: &String| {
        let name = format!("sub-{}", label.strip_prefix("sub-").unwrap_or(label));
        if known.contains(&name) {
            return Ok(name);
        }
        let message = format!(
            "--participant-label: found `{label}`, expected some of {}; those that OUT/study.toml excludes are not among them",
            known.join(", ")
        );
        Err(Failure::Input(message))
    };
    labels.iter().map(find).collect()
}
