//! One file per subcommand: arguments, a call of the library, and what is printed.

pub mod analyze;
pub mod bids;
pub mod check;
pub mod compare;
pub mod demo;
pub mod extract;
pub mod fetch;
pub mod figure;
pub mod init;
pub mod merge;
pub mod plan;
pub mod power;
mod recipe;
pub mod report;
pub mod score;
pub mod simulate;
pub mod status;
pub mod submit;
pub mod task;
pub mod view;

use std::path::PathBuf;

use gyrus::Execution;

/// Flags that decide where and how fast, never a number.
#[derive(clap::Args)]
pub struct ExecutionFlags {
    /// Number of threads [default: all cores]
    #[arg(long)]
    threads: Option<usize>,
    /// Memory that may be used, such as "4 GiB"
    #[arg(long)]
    memory: Option<gyrus::ByteSize>,
    /// Folder of intermediate results, shared between studies [default: OUT/store]
    #[arg(long)]
    store: Option<PathBuf>,
    /// A fast disk of this machine on which results are written before they are moved to the store
    #[arg(long, value_name = "FOLDER")]
    scratch: Option<PathBuf>,
}

/// The flag of commands that hold everything in memory and keep nothing.
#[derive(clap::Args)]
pub struct ThreadsFlag {
    /// Number of threads [default: all cores]
    #[arg(long)]
    threads: Option<usize>,
}

impl ThreadsFlag {
    fn into_execution(self) -> Execution {
        Execution { threads: self.threads, ..Execution::default() }
    }
}

impl ExecutionFlags {
    fn into_execution(self) -> Execution {
        Execution { threads: self.threads, memory: self.memory, store: self.store, scratch: self.scratch }
    }
}
