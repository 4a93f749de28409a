//! The `gyrus` command: arguments in, exit code out.

mod commands;
mod printer;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

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
    /// Open everything that a study names, compute nothing, and print the plan.
    Check(commands::check::Arguments),
    /// Simulate listeners whose regions follow planted layers, analyse them, and say how much of it was found.
    Demo(commands::demo::Arguments),
    /// Write the report again from results that are there.
    Report(commands::report::Arguments),
}

/// What a command reports when it stops early.
enum Failure {
    /// The user's input needs attention.
    Input(String),
    /// A failure of gyrus.
    Internal(String),
}

impl From<gyrus::Error> for Failure {
    fn from(error: gyrus::Error) -> Self {
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
    match run(arguments.command) {
        Ok(()) => ExitCode::SUCCESS,
        Err(Failure::Input(message)) => {
            eprintln!("error: {message}");
            ExitCode::from(1)
        }
        Err(Failure::Internal(message)) => {
            eprintln!("gyrus failed: {message}");
            ExitCode::from(2)
        }
    }
}

fn run(command: Command) -> Result<(), Failure> {
    match command {
        Command::Analyze(arguments) => commands::analyze::run(arguments),
        Command::Check(arguments) => commands::check::run(arguments),
        Command::Demo(arguments) => commands::demo::run(&arguments),
        Command::Report(arguments) => commands::report::run(arguments),
    }
}
