//! `cargo xtask demo-model`: trains the demo's language model again and records what it learnt.

use std::process::Command;

use crate::environment;
use crate::process::{require, root};

/// Trains in a virtual environment with pinned packages below `target/`, and writes `assets/demo/language-model`, its record and
/// the reference of its hidden states. Arguments: none, or a number of training steps (for a quick look, into
/// `target/demo-model` instead of `assets`).
///
/// # Errors
/// - Python is missing, a package cannot be installed, or training fails; the message names the command.
pub fn run(arguments: &[String]) -> Result<(), String> {
    let root = root();
    let scripts = root.join("xtask").join("demo_model");
    let python = environment::with_packages("demo-model", &scripts.join("requirements.txt"))?;
    let assets = root.join("assets").join("demo");
    let folder = match arguments {
        [] => assets,
        [steps] => {
            let quick = root.join("target").join("demo-model");
            std::fs::create_dir_all(&quick).map_err(|error| format!("{}: {error}", quick.display()))?;
            let story = quick.join("story.txt");
            std::fs::copy(assets.join("story.txt"), &story)
                .map_err(|error| format!("{}: {error}", story.display()))?;
            println!("{steps} steps, into {}", quick.display());
            quick
        }
        _ => return Err("usage: cargo xtask demo-model [STEPS]".to_owned()),
    };
    let mut train = Command::new(&python);
    require(train.arg(scripts.join("train.py")).arg(&folder).args(arguments))
}
