//! One prepare task by itself, for the bench: prepare FOLDER, with a study.toml of one recording in it. Prints one line of JSON:
//! wall and processor seconds of the task, and the peak memory of the process in bytes.

use std::error::Error;
use std::path::PathBuf;
use std::time::Instant;

use gyrus::plan::{Machine, Plan};
use gyrus::store::Store;
use gyrus::{Execution, Silent, inputs};

fn main() -> Result<(), Box<dyn Error>> {
    let folder = PathBuf::from(std::env::args().nth(1).ok_or("usage: prepare FOLDER")?);
    let inputs = inputs::open(&folder.join("study.toml"), &Silent)?;
    let plan = Plan::of(&inputs)?;
    let machine = Machine::new(&Execution { threads: Some(2), ..Execution::default() }, &Silent)?;
    let path = folder.join("store");
    if path.exists() {
        std::fs::remove_dir_all(&path)?;
    }
    let store = Store::open(&path)?;
    let (wall, before) = (Instant::now(), processor()?);
    let tasks = plan.tasks();
    tasks.first().ok_or("no task")?.run(&inputs, &plan, &store, &machine)?;
    let (wall, used) = (wall.elapsed().as_secs_f64(), processor()? - before);
    println!("{{\"wall\": {wall}, \"processor\": {used}, \"peak\": {}}}", peak()?);
    Ok(())
}

/// Seconds of processor time so far, over all threads (Linux).
fn processor() -> Result<f64, Box<dyn Error>> {
    let stat = std::fs::read_to_string("/proc/self/stat")?;
    let fields: Vec<&str> = stat.rsplit_once(')').ok_or("no stat")?.1.split_whitespace().collect();
    let ticks: f64 = fields[11].parse::<f64>()? + fields[12].parse::<f64>()?;
    Ok(ticks / 100.0)
}

/// Most memory that was resident, in bytes (Linux).
fn peak() -> Result<u64, Box<dyn Error>> {
    let text = std::fs::read_to_string("/proc/self/status")?;
    let line = text.lines().find_map(|line| line.strip_prefix("VmHWM:")).ok_or("no VmHWM")?;
    Ok(1024 * line.split_whitespace().next().ok_or("no number")?.parse::<u64>()?)
}
