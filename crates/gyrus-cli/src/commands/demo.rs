//! `gyrus demo`: the main job on files it wrote, with a planted answer.

use std::path::PathBuf;

use gyrus::demo::{Demo, Gradient};

use super::ExecutionFlags;
use crate::{Failure, printer::Printer};

/// Arguments of `gyrus demo`.
#[derive(clap::Args)]
pub struct Arguments {
    /// Folder of the simulated study and its results
    #[arg(default_value = "gyrus-demo")]
    folder: PathBuf,
    /// Which layer drives which region
    #[arg(long, value_enum, default_value = "ascending")]
    gradient: GradientName,
    /// Seed of the simulation
    #[arg(long, default_value_t = 1)]
    seed: u64,
    #[command(flatten)]
    execution: ExecutionFlags,
}

#[derive(Clone, Copy, clap::ValueEnum)]
enum GradientName {
    /// Deeper layers drive later regions.
    Ascending,
    /// Deeper layers drive earlier regions.
    Reversed,
    /// One layer drives all regions.
    Flat,
    /// No layer drives any region.
    Absent,
}

/// Rank correlation of planted and recovered depth below which the demo has failed.
const LEAST_RECOVERY: f64 = 0.8;

/// Runs the command.
pub fn run(arguments: Arguments) -> Result<(), Failure> {
    let gradient = match arguments.gradient {
        GradientName::Ascending => Gradient::Ascending,
        GradientName::Reversed => Gradient::Reversed,
        GradientName::Flat => Gradient::Flat,
        GradientName::Absent => Gradient::Absent,
    };
    let printer = Printer::new();
    let demo = Demo { folder: arguments.folder, gradient, seed: arguments.seed };
    let outcome = demo.run(&arguments.execution.into_execution(), &printer)?;
    printer.finish();
    println!("{}", outcome.answer);
    println!("report: {}", outcome.report.display());
    match outcome.recovery {
        Some(recovery) => {
            println!("rank correlation of planted and recovered depth: {recovery:.3}");
            if recovery < LEAST_RECOVERY {
                let message = format!("the planted gradient was not recovered: {recovery:.3} < {LEAST_RECOVERY}");
                return Err(Failure::Internal(message));
            }
        }
        None => println!("no gradient was planted; regions with a significant layer: {}", outcome.significant_regions),
    }
    Ok(())
}
