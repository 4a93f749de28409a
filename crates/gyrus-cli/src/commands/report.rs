//! `gyrus report`: writes page, tables and methods again; computes no statistics.

use std::path::PathBuf;

use crate::Failure;
use crate::printer::print;

/// Arguments of `gyrus report`.
#[derive(clap::Args)]
pub struct Arguments {
    /// Folder of the results
    #[arg(value_name = "OUT")]
    output: PathBuf,
}

/// Runs the command.
pub fn run(arguments: Arguments) -> Result<(), Failure> {
    gyrus::rewrite_report(&arguments.output)?;
    print(format_args!("{}\n", arguments.output.join("report").join("index.html").display()))
}
