//! `gyrus analyze`: the main job.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use gyrus::results::{Exclusion, Results};

use super::ExecutionFlags;
use crate::Failure;
use crate::printer::{Printer, print, remarks, say};

/// Arguments of `gyrus analyze`.
#[derive(clap::Args)]
pub struct Arguments {
    /// The study file
    study: PathBuf,
    /// Folder of the results
    #[arg(short, long, value_name = "OUT")]
    output: PathBuf,
    #[command(flatten)]
    execution: ExecutionFlags,
}

/// Runs the command.
pub fn run(arguments: Arguments) -> Result<(), Failure> {
    analyze(&arguments.study, &arguments.output, &arguments.execution.into_execution())
}

/// Analyses a study and says what was noticed, who was left out, the answer, and where the page is.
pub fn analyze(study: &Path, output: &Path, execution: &gyrus::Execution) -> Result<(), Failure> {
    let printer = Printer::new();
    let results = gyrus::analyze(study, output, execution, &printer);
    printer.finish();
    say_results(output, &results?)
}

/// What was noticed, who was left out, the answer, and where the page is.
pub fn say_results(output: &Path, results: &Results) -> Result<(), Failure> {
    remarks(&results.notes, &results.warnings);
    let table = output.join("tables").join("excluded.tsv");
    for line in excluded(&results.exclusions) {
        say(format_args!("excluded: {line} (see {})", table.display()));
    }
    let page = output.join("report").join("index.html");
    print(format_args!("{}\n{}\n", results.answer, page.display()))
}

/// One line per recording, or per participant and reason where only targets are left out.
fn excluded(exclusions: &[Exclusion]) -> Vec<String> {
    let mut targets: BTreeMap<(&str, &str), Vec<&str>> = BTreeMap::new();
    let mut lines = Vec::new();
    for exclusion in exclusions {
        let (participant, reason) = (exclusion.participant.as_str(), exclusion.reason.as_str());
        match &exclusion.target {
            None => lines.push(format!("{participant}, {reason}")),
            Some(target) => targets.entry((participant, reason)).or_default().push(target),
        }
    }
    for ((participant, reason), targets) in targets {
        let which = match targets.as_slice() {
            [target] => format!("target {target}"),
            targets => format!("{} targets", targets.len()),
        };
        lines.push(format!("{which} of {participant}, {reason}"));
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn targets_of_one_participant_and_reason_share_a_line() {
        let exclusion = |participant: &str, target: Option<&str>, reason: &str| Exclusion {
            participant: participant.to_owned(),
            run: None,
            target: target.map(str::to_owned),
            reason: reason.to_owned(),
        };
        let lines = excluded(&[
            exclusion("ann", Some("front"), "constant"),
            exclusion("ben", None, "all_zero"),
            exclusion("ann", Some("back"), "constant"),
            exclusion("ann", Some("middle"), "non_finite"),
        ]);
        assert_eq!(
            lines,
            ["ben, all_zero", "2 targets of ann, constant", "target middle of ann, non_finite"]
        );
    }
}
