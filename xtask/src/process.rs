//! Where the project lies, and other programs that chores start.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// The folder of the workspace.
pub fn root() -> PathBuf {
    let manifest = Path::new(env!("CARGO_MANIFEST_DIR"));
    manifest.parent().unwrap_or(manifest).to_owned()
}

/// The cargo that started this program.
pub fn cargo() -> Command {
    let mut command = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command.current_dir(root());
    command
}

/// The folder of recordings: `GYRUS_DATA`, else `../shared` beside the workspace.
pub fn recordings() -> PathBuf {
    std::env::var_os("GYRUS_DATA").map_or_else(|| root().join("../shared"), PathBuf::from)
}

/// Runs a command to its end.
///
/// # Errors
/// - it cannot be started, or it fails.
pub fn require(command: &mut Command) -> Result<(), String> {
    let status = command.status().map_err(|error| format!("{command:?} cannot be started: {error}"))?;
    if status.success() { Ok(()) } else { Err(format!("{command:?} ended with {status}")) }
}

/// What a process used.
pub struct Usage {
    /// Seconds from start to end.
    pub wall: f64,
    /// Seconds of processor time, over all threads.
    pub processor: f64,
    /// Most memory that was resident, in bytes.
    pub memory: u64,
}

/// Runs a command and watches what it uses (Linux: `/proc`).
///
/// # Errors
/// - as [`require`].
pub fn watch(command: &mut Command) -> Result<Usage, String> {
    let start = Instant::now();
    let child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn();
    let mut child = child.map_err(|error| format!("{command:?} cannot be started: {error}"))?;
    let (mut memory, mut processor) = (0, 0.0);
    loop {
        memory = peak_memory(child.id()).unwrap_or(memory).max(memory);
        processor = processor_seconds(child.id()).unwrap_or(processor).max(processor);
        match child.try_wait().map_err(|error| error.to_string())? {
            Some(status) if status.success() => break,
            Some(status) => return Err(format!("{command:?} ended with {status}")),
            None => std::thread::sleep(Duration::from_millis(10)),
        }
    }
    Ok(Usage { wall: start.elapsed().as_secs_f64(), processor, memory })
}

fn peak_memory(process: u32) -> Option<u64> {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).ok()?;
    let line = status.lines().find(|line| line.starts_with("VmHWM:"))?;
    let kibibytes: u64 = line.split_whitespace().nth(1)?.parse().ok()?;
    Some(kibibytes * 1024)
}

/// Clock ticks per second of `/proc/*/stat`; 100 on every Linux that Rust runs on.
const TICKS: f64 = 100.0;

/// Processor time of a process until now, over all threads.
pub fn processor_seconds(process: u32) -> Option<f64> {
    let stat = std::fs::read_to_string(format!("/proc/{process}/stat")).ok()?;
    // The name of the program may hold spaces; fields are counted after its closing bracket.
    let fields: Vec<&str> = stat.rsplit_once(')')?.1.split_whitespace().collect();
    let (user, system): (f64, f64) = (fields.get(11)?.parse().ok()?, fields.get(12)?.parse().ok()?);
    Some((user + system) / TICKS)
}
