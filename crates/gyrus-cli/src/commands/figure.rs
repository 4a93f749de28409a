//! `gyrus figure`: draws one figure of a study again, as SVG.

use std::path::PathBuf;

use crate::Failure;
use crate::printer::print;

/// Arguments of `gyrus figure`.
#[derive(clap::Args)]
pub struct Arguments {
    /// Which figure, such as `answer`; without a name, the names of all are listed
    #[arg(value_name = "NAME")]
    name: Option<String>,
    /// Folder of the results
    #[arg(long, value_name = "OUT")]
    study: PathBuf,
    /// Where to write it [default: OUT/report/NAME.svg]
    #[arg(short, long, value_name = "FILE", requires = "name")]
    output: Option<PathBuf>,
}

/// Runs the command.
pub fn run(arguments: &Arguments) -> Result<(), Failure> {
    let Some(name) = &arguments.name else {
        for (name, _) in gyrus::figures(&arguments.study)? {
            print(format_args!("{name}\n"))?;
        }
        return Ok(());
    };
    let path = gyrus::rewrite_figure(&arguments.study, name, arguments.output.as_deref())?;
    print(format_args!("{}\n", path.display()))
}
