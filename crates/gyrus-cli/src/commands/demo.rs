//! `gyrus demo`: the main job on simulated listeners with a known truth.

use std::path::PathBuf;

use gyrus::Execution;
use gyrus::demo::{Demo, Gradient, LEAST_CORRELATION, Settings};

use crate::Failure;
use crate::printer::{Printer, remarks};

/// Arguments of `gyrus demo`.
#[derive(clap::Args)]
pub struct Arguments {
    /// Folder of study and results
    #[arg(value_name = "DIR", default_value = "gyrus-demo")]
    folder: PathBuf,
    /// How planted depth runs over the regions: planted, reversed, flat (the middle layer everywhere) or absent (no region follows
    /// any layer); the last two show what no hierarchy looks like
    #[arg(long, default_value = "planted")]
    gradient: Gradient,
    /// Seed of the simulated listeners and of the analysis
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Number of threads [default: all cores]
    #[arg(long)]
    threads: Option<usize>,
}

/// Runs the command.
pub fn run(arguments: &Arguments) -> Result<(), Failure> {
    let printer = Printer::new();
    let settings = Settings { gradient: arguments.gradient, seed: arguments.seed, ..Settings::default() };
    let execution = Execution { threads: arguments.threads, ..Execution::default() };
    let demo = gyrus::demo::demo(&arguments.folder, &settings, &execution, &printer)?;
    printer.finish();
    remarks(&demo.results.notes, &demo.results.warnings);
    println!("{}", demo.results.answer);
    println!("{}", demo.page.display());
    conclude(&demo)
}

/// The closing lines: what is not there, and the one number.
fn conclude(demo: &Demo) -> Result<(), Failure> {
    for model in &demo.results.language_models {
        println!("{}", model.hierarchy.note);
    }
    let regions = demo.recovered.regions.len();
    let found = demo.recovered.regions.iter().filter(|(.., depth)| depth.is_some()).count();
    match demo.recovered.correlation {
        Some(correlation) => {
            println!(
                "rank correlation of planted and recovered depth over {found} of {regions} regions: {correlation:.3}"
            );
            if correlation < LEAST_CORRELATION {
                let message = format!(
                    "the planted order was recovered with {correlation:.3}, expected at least {LEAST_CORRELATION}"
                );
                return Err(Failure::Internal(message));
            }
            Ok(())
        }
        None => {
            println!("rank correlation of planted and recovered depth: none, for no order was planted");
            Ok(())
        }
    }
}
