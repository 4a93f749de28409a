//! `gyrus compare`: studies side by side.

use std::path::PathBuf;

use gyrus::compare::CompareRequest;

use crate::Failure;
use crate::printer::{print, say};

/// Arguments of `gyrus compare`.
#[derive(clap::Args)]
pub struct Arguments {
    /// Output folders of finished studies
    #[arg(value_name = "OUT", required = true)]
    studies: Vec<PathBuf>,
    /// Folder of tables, figures and page
    #[arg(short, long, value_name = "DIR", default_value = "compare")]
    output: PathBuf,
    /// Table of properties to hold scores against: columns study, language_model, and any others, such as parameters
    #[arg(long, value_name = "TABLE.tsv")]
    against: Option<PathBuf>,
    /// Differences from the first language model of the first study only, instead of between all of them
    #[arg(long)]
    first: bool,
}

/// Runs the command.
pub fn run(arguments: Arguments) -> Result<(), Failure> {
    let request = CompareRequest {
        studies: arguments.studies,
        only_first: arguments.first,
        against: arguments.against,
    };
    let found = gyrus::compare::write_compare(&request, &arguments.output)?;
    say(format_args!("tables, figures and page: {}", arguments.output.display()));
    print(found.summary())
}
