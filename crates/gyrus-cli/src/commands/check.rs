//! `gyrus check`: opens everything, computes nothing, prints the plan.

use std::path::PathBuf;

use super::ExecutionFlags;
use crate::Failure;
use crate::printer::{Printer, print, remarks};

/// Arguments of `gyrus check`.
#[derive(clap::Args)]
pub struct Arguments {
    /// The study file
    study: PathBuf,
    /// Folder of the results, to see what is already done
    #[arg(short, long, value_name = "OUT")]
    output: Option<PathBuf>,
    #[command(flatten)]
    execution: ExecutionFlags,
}

/// Runs the command.
pub fn run(arguments: Arguments) -> Result<(), Failure> {
    let printer = Printer::new();
    let execution = arguments.execution.into_execution();
    let checked = gyrus::check(&arguments.study, arguments.output.as_deref(), &execution, &printer);
    printer.finish();
    let checked = checked?;
    remarks(&checked.notes, &checked.warnings);
    print(checked.summary)
}
