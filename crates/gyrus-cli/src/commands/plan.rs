//! `gyrus plan`: the tasks of a study, written down for many machines to share.

use std::fmt::Write;
use std::path::PathBuf;

use gyrus::ByteSize;
use gyrus::cluster::{PlannedStage, Record};

use super::ExecutionFlags;
use crate::Failure;
use crate::printer::{Printer, print};

/// Arguments of `gyrus plan`.
#[derive(clap::Args)]
pub struct Arguments {
    /// The study file
    study: PathBuf,
    /// Folder of the results, which all machines see
    #[arg(short, long, value_name = "OUT")]
    output: PathBuf,
    #[command(flatten)]
    execution: ExecutionFlags,
}

/// Runs the command.
pub fn run(arguments: Arguments) -> Result<(), Failure> {
    let printer = Printer::new();
    let execution = arguments.execution.into_execution();
    let record = gyrus::cluster::plan(&arguments.study, &arguments.output, &execution, &printer);
    printer.finish();
    let record = record?;
    print(table(&record) + &format!("{}\n", Record::path(&arguments.output).display()))
}

fn table(record: &Record) -> String {
    let mut text = format!(
        "{:10}{:>8}{:>14}{:>14}{:>16}{:>16}\n",
        "stage", "tasks", "memory", "disk", "longest task", "one thread"
    );
    for stage in &record.stages {
        text.push_str(&row(stage, record.open));
    }
    let _ = writeln!(
        text,
        "\nTimes are rough guesses for this machine ({:.0} billion operations a second and thread, measured now). Every task writes one folder of \
         a few files; a fit has one for each block of targets and three more.",
        record.speed / 1e9
    );
    text
}

fn row(stage: &PlannedStage, open: u64) -> String {
    let tasks = &stage.tasks;
    let memory = tasks.iter().map(|task| task.memory).max().unwrap_or(0) + open;
    let disk = tasks.iter().map(|task| task.disk).sum();
    let longest = tasks.iter().map(|task| task.seconds).fold(0.0, f64::max);
    let all = tasks.iter().map(|task| task.seconds).sum::<f64>();
    let minutes = |seconds: f64| format!("{:.1} min", seconds / 60.0);
    let (memory, disk) = (ByteSize::new(memory).to_string(), ByteSize::new(disk).to_string());
    let (longest, all) = (minutes(longest), minutes(all));
    format!("{:10}{:>8}{memory:>14}{disk:>14}{longest:>16}{all:>16}\n", stage.name, tasks.len())
}
