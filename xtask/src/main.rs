//! The project's own chores: `cargo xtask test`, `bench`, `calibrate`, `fuzz`, `mutants`, `goldens`, `web`, `demo-model`.

mod bench;
mod calibrate;
mod demo_model;
mod environment;
mod fetch;
mod fuzz;
mod goldens;
mod mutants;
mod process;
mod test;
mod web;

use std::process::ExitCode;

const USAGE: &str = "\
cargo xtask test [NAME]   runs every test (or the suites whose name holds NAME) and says how long each took
cargo xtask bench         runs the Alice study and prints its time and memory
cargo xtask bench peers   the same work by gyrus, himalaya, NumPy and SciPy, in turns
cargo xtask bench page [STUDY]  the page of a study of 100,000 voxels: time, memory and size
cargo xtask bench models  the same windows and texts by gyrus and PyTorch, in turns
cargo xtask fuzz [SECONDS] [TARGET]   readers against damaged files, with lines for fuzz/log.tsv
cargo xtask bench python  a fit from Python and by the engine, in turns; import and wheel
cargo xtask calibrate     [PART [COUNT]] false positives, gains and coverage of the whole pipeline over simulated data sets
cargo xtask mutants PACKAGE [PART[,PART…] [WITHOUT…]]   every change of cargo-mutants, compiled once and tried one by one
cargo xtask goldens       makes the files under fixtures/ again with the programs that made them
cargo xtask web           makes the page's viewer in three dimensions from npm, for the next build to take in
cargo xtask demo-model    trains the demo's language model again";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let rest = arguments.get(1..).unwrap_or_default();
    let outcome = match arguments.first().map(String::as_str) {
        Some("test") => test::run(rest),
        Some("bench") => bench::run(rest),
        Some("calibrate") => calibrate::run(rest),
        Some("fuzz") => fuzz::run(rest),
        Some("mutants") => mutants::run(rest),
        Some("goldens") => goldens::run(rest),
        Some("web") => web::run(),
        Some("demo-model") => demo_model::run(rest),
        _ => Err(USAGE.to_owned()),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            eprintln!("{message}");
            ExitCode::FAILURE
        }
    }
}
