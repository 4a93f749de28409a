//! `gyrus merge`: statistics and report once every share is done.

use std::path::PathBuf;

use super::ExecutionFlags;
use super::analyze::say_results;
use crate::Failure;
use crate::printer::Printer;

/// Arguments of `gyrus merge`.
#[derive(clap::Args)]
pub struct Arguments {
    /// Folder of the results, where `gyrus plan` wrote its plan
    #[arg(value_name = "OUT")]
    output: PathBuf,
    #[command(flatten)]
    execution: ExecutionFlags,
}

/// Runs the command.
pub fn run(arguments: Arguments) -> Result<(), Failure> {
    let printer = Printer::new();
    let execution = arguments.execution.into_execution();
    let results = gyrus::cluster::merge(&arguments.output, &execution, &printer);
    printer.finish();
    say_results(&arguments.output, &results?)
}
