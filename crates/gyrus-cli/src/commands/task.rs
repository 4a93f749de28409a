//! `gyrus task`: a share of a plan, on any machine.

use std::path::PathBuf;

use gyrus::cluster::Share;

use super::ExecutionFlags;
use crate::Failure;
use crate::printer::{Printer, print};

/// Arguments of `gyrus task`.
#[derive(clap::Args)]
pub struct Arguments {
    /// Folder of the results, where `gyrus plan` wrote its plan
    #[arg(value_name = "OUT")]
    output: PathBuf,
    /// prepare, extract, baseline or fit; each needs those before it, but extract does not need prepare
    #[arg(long)]
    stage: String,
    /// Which share, from 0
    #[arg(long)]
    index: usize,
    /// Of how many
    #[arg(long, value_name = "COUNT")]
    of: usize,
    #[command(flatten)]
    execution: ExecutionFlags,
}

/// Runs the command.
pub fn run(arguments: Arguments) -> Result<(), Failure> {
    let printer = Printer::new();
    let share = Share { stage: arguments.stage, index: arguments.index, of: arguments.of };
    let execution = arguments.execution.into_execution();
    let done = gyrus::cluster::task(&arguments.output, &share, &execution, &printer);
    printer.finish();
    print(match done? {
        0 => "nothing was left to do\n".to_owned(),
        1 => "1 task done\n".to_owned(),
        tasks => format!("{tasks} tasks done\n"),
    })
}
