//! `cargo xtask demo-model`: trains the demo's language model again and records what it learnt.

use std::path::{Path, PathBuf};
use std::process::Command;

/// Trains in a virtual environment with pinned packages below `target/`, and writes `assets/demo/language-model`, its record and
/// the reference of its hidden states. Arguments: none, or a number of training steps (for a quick look, into
/// `target/demo-model` instead of `assets`).
///
/// # Errors
/// - Python is missing, a package cannot be installed, or training fails; the message names the command.
pub fn run(arguments: &[String]) -> Result<(), String> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap_or(Path::new(".")).to_owned();
    let scripts = root.join("xtask").join("demo_model");
    let python = environment(&root, &scripts.join("requirements.txt"))?;
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
    call(train.arg(scripts.join("train.py")).arg(&folder).args(arguments))
}

/// The interpreter of a virtual environment that holds exactly the pinned packages.
fn environment(root: &Path, requirements: &Path) -> Result<PathBuf, String> {
    let folder = root.join("target").join("demo-model-venv");
    let python = folder.join("bin").join("python");
    if !python.is_file() {
        call(Command::new("python3").args(["-m", "venv"]).arg(&folder))?;
    }
    call(Command::new(&python).args(["-m", "pip", "install", "--quiet", "-r"]).arg(requirements))?;
    Ok(python)
}

fn call(command: &mut Command) -> Result<(), String> {
    let status = command.status().map_err(|error| format!("{command:?} cannot be started: {error}"))?;
    if status.success() { Ok(()) } else { Err(format!("{command:?} ended with {status}")) }
}
