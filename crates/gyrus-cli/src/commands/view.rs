//! `gyrus view`: shows a finished study to browsers on this machine.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use crate::Failure;
use crate::printer::{print, say};

/// Arguments of `gyrus view`.
#[derive(clap::Args)]
pub struct Arguments {
    /// Folder of the results
    #[arg(value_name = "OUT")]
    output: PathBuf,
    /// Port of 127.0.0.1 [default: one that is free]
    #[arg(long, value_parser = clap::value_parser!(u16).range(1..))]
    port: Option<u16>,
}

/// Runs the command.
pub fn run(arguments: &Arguments) -> Result<(), Failure> {
    let server = gyrus::Server::open(&arguments.output, arguments.port)?;
    let is_over = Arc::new(AtomicBool::new(false));
    let asked = Arc::clone(&is_over);
    ctrlc::set_handler(move || asked.store(true, Ordering::SeqCst))
        .map_err(|error| Failure::Internal(format!("Ctrl-C cannot be heard: {error}")))?;
    print(format_args!("{}\n", server.address()))?;
    say("Ctrl-C ends it");
    Ok(server.serve(|| is_over.load(Ordering::SeqCst))?)
}
