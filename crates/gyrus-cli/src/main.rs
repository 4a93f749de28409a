//! The `gyrus` command: arguments in, exit code out.

mod commands;
mod printer;

use std::panic;
use std::process::ExitCode;

use clap::{Parser, Subcommand};
use printer::{INTERRUPTED_CODE, say};

/// Which layer of a language model carries what each piece of cortex carries, and how sure can we be?
#[derive(Parser)]
#[command(name = "gyrus", version, about, max_term_width = 110)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// From a study file to a report. Interrupt it and run it again: it continues.
    Analyze(commands::analyze::Arguments),
    /// As a BIDS app: write a study file for a data set, then analyse each participant or the group.
    Bids(commands::bids::Arguments),
    /// Open everything that a study names, compute nothing, and print the plan.
    Check(commands::check::Arguments),
    /// Put finished studies side by side: a table of language models, paired differences, scores over properties.
    Compare(commands::compare::Arguments),
    /// Simulate listeners whose regions follow planted layers, analyse them, and say how much of it was found.
    Demo(commands::demo::Arguments),
    /// Write a study file for a BIDS data set that fMRIPrep has preprocessed.
    Init(commands::init::Arguments),
    /// Read words with a language model: activations of its layers to a file.
    Extract(commands::extract::Arguments),
    /// What a study needs of a public data set and is not here: how to bring it, or bring it.
    Fetch(commands::fetch::Arguments),
    /// Draw one figure of a study again, as SVG, or list their names.
    Figure(commands::figure::Arguments),
    /// Statistics and report of a study whose tasks other machines have done; refuses an incomplete one.
    Merge(commands::merge::Arguments),
    /// Write down the tasks of a study, for many machines to share.
    Plan(commands::plan::Arguments),
    /// How many participants and hours a study needs, from a pilot study or from numbers.
    Power(commands::power::Arguments),
    /// Write the report again from results that are there.
    Report(commands::report::Arguments),
    /// Score responses by features that are brought as matrices.
    Score(commands::score::Arguments),
    /// Write a BIDS data set of simulated listeners with fMRIPrep derivatives and a known truth.
    Simulate(commands::simulate::Arguments),
    /// What of a plan is done, waiting, running or failed.
    Status(commands::status::Arguments),
    /// Hand what a plan still needs to Slurm.
    Submit(commands::submit::Arguments),
    /// Do a share of a plan: what jobs of any cluster or workflow run.
    Task(commands::task::Arguments),
    /// Show a finished study to browsers on this machine, until Ctrl-C.
    View(commands::view::Arguments),
}

/// What a command reports when it stops early.
enum Failure {
    /// The user's input needs attention.
    Input(String),
    /// The user asked to stop; what becomes of the work.
    Interrupted(String),
    /// A failure of gyrus.
    Internal(String),
}

impl From<gyrus::Error> for Failure {
    fn from(error: gyrus::Error) -> Self {
        if matches!(error, gyrus::Error::Interrupted) {
            return Self::Interrupted(error.to_string());
        }
        if error.is_users() { Self::Input(error.to_string()) } else { Self::Internal(error.to_string()) }
    }
}

fn main() -> ExitCode {
    let arguments = match Arguments::try_parse() {
        Ok(arguments) => arguments,
        Err(error) => {
            let wanted = !error.use_stderr();
            // Nothing is left to do if even the usage cannot be printed.
            let _ = error.print();
            return ExitCode::from(u8::from(!wanted));
        }
    };
    panic::set_hook(Box::new(|panic| say(format_args!("gyrus failed: {panic}; please report it"))));
    // The hook has said what happened.
    let ended = panic::catch_unwind(|| run(arguments.command));
    match ended.unwrap_or(Err(Failure::Internal("it stopped in the middle of its work".to_owned()))) {
        Ok(()) => ExitCode::SUCCESS,
        Err(Failure::Input(message)) => {
            say(format_args!("error: {message}"));
            ExitCode::from(1)
        }
        Err(Failure::Interrupted(message)) => {
            say(message);
            ExitCode::from(INTERRUPTED_CODE)
        }
        Err(Failure::Internal(message)) => {
            say(format_args!("gyrus failed: {message}"));
            ExitCode::from(2)
        }
    }
}

fn run(command: Command) -> Result<(), Failure> {
    match command {
        Command::Analyze(arguments) => commands::analyze::run(arguments),
        Command::Bids(arguments) => commands::bids::run(arguments),
        Command::Check(arguments) => commands::check::run(arguments),
        Command::Compare(arguments) => commands::compare::run(arguments),
        Command::Demo(arguments) => commands::demo::run(&arguments),
        Command::Init(arguments) => commands::init::run(arguments),
        Command::Extract(arguments) => commands::extract::run(arguments),
        Command::Fetch(arguments) => commands::fetch::run(arguments),
        Command::Figure(arguments) => commands::figure::run(&arguments),
        Command::Merge(arguments) => commands::merge::run(arguments),
        Command::Plan(arguments) => commands::plan::run(arguments),
        Command::Power(arguments) => commands::power::run(arguments),
        Command::Report(arguments) => commands::report::run(arguments),
        Command::Score(arguments) => commands::score::run(arguments),
        Command::Simulate(arguments) => commands::simulate::run(&arguments),
        Command::Status(arguments) => commands::status::run(&arguments),
        Command::Submit(arguments) => commands::submit::run(arguments),
        Command::Task(arguments) => commands::task::run(arguments),
        Command::View(arguments) => commands::view::run(&arguments),
    }
}
