//! `gyrus analyze`: the main job.

use std::path::PathBuf;

use super::ExecutionFlags;
use crate::{Failure, printer::Printer};

/// Arguments of `gyrus analyze`.
#[derive(clap::Args)]
pub struct Arguments {
    /// The study file
    study: PathBuf,
    /// Folder of the results
    #[arg(short, long, value_name = "OUT")]
    output: PathBuf,
    #[command(flatten)]
    execution: ExecutionFlags,
}

/// Runs the command.
pub fn run(arguments: Arguments) -> Result<(), Failure> {
    let printer = Printer::new();
    let results =
        gyrus::analyze(&arguments.study, &arguments.output, &arguments.execution.into_execution(), &printer)?;
    printer.finish();
    for warning in &results.warnings {
        eprintln!("warning: {warning}");
    }
    println!("{}", results.answer);
    println!("{}", arguments.output.join("report").join("index.html").display());
    Ok(())
}
