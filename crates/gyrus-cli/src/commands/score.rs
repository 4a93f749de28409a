//! `gyrus score`: features and responses as matrices, to held-out scores.

use std::fmt::Write;
use std::path::{Path, PathBuf};

use gyrus::Execution;
use gyrus::score::{PartitionTable, ScoreFolds, ScoreRequest, ScoreTable};

use super::ThreadsFlag;
use crate::Failure;
use crate::printer::{Printer, print, remarks, say};

/// Arguments of `gyrus score`.
#[derive(clap::Args)]
pub struct Arguments {
    /// Features, (samples, columns), delays included: .npy, .npz, .safetensors, .h5 or .zarr, FILE:NAME for one array of several.
    /// Several files are bands with a penalty each
    #[arg(required = true, value_name = "FEATURES")]
    features: Vec<String>,
    /// Responses, (samples, targets), in the same formats
    #[arg(long, short, value_name = "RESPONSES")]
    responses: String,
    /// Samples of each run, such as 300,290,310; runs are held out one at a time
    #[arg(long, value_delimiter = ',', value_name = "SAMPLES")]
    runs: Vec<usize>,
    /// Hold out contiguous blocks instead of runs
    #[arg(long, value_name = "COUNT", requires = "gap")]
    blocks: Option<usize>,
    /// Samples left out on each side of a block: the longest delay plus 20 s
    #[arg(long, value_name = "SAMPLES", requires = "blocks")]
    gap: Option<usize>,
    /// Hold out samples in random order, which leaks
    #[arg(long, value_name = "COUNT", conflicts_with_all = ["blocks"])]
    shuffled: Option<usize>,
    /// Penalties: from, to, how many on a logarithmic grid
    #[arg(long, value_delimiter = ',', default_values_t = [0.1, 1e8, 10.0], value_name = "FROM,TO,COUNT")]
    alphas: Vec<f64>,
    /// Random mixtures of the bands to choose from, beside each alone and all equally; each target takes its own
    #[arg(long, default_value_t = 16, value_name = "COUNT")]
    mixtures: usize,
    /// Rounds of up to 16 further mixtures each, down the slope of the error of those that targets chose; at most 10
    #[arg(long, default_value_t = 0, value_name = "ROUNDS", value_parser = clap::value_parser!(u8).range(..=10))]
    refinements: u8,
    /// Phase-randomised features to refit for p values and the normal excess over them, which tests over participants take
    #[arg(long, default_value_t = 0)]
    surrogates: usize,
    /// Fit every set of two or three bands, and print what each explains alone and what they share; p is then of what one band has that the
    /// others do not predict
    #[arg(long)]
    partition: bool,
    /// Draw the partition as SVG
    #[arg(long, value_name = "FILE", requires = "partition")]
    figure: Option<PathBuf>,
    /// Seed of the mixtures and the surrogates
    #[arg(long, default_value_t = 1)]
    seed: u64,
    #[command(flatten)]
    execution: ThreadsFlag,
}

/// Runs the command.
pub fn run(arguments: Arguments) -> Result<(), Failure> {
    let [from, to, count] = arguments.alphas[..] else {
        let found = arguments.alphas.len();
        return Err(Failure::Input(format!("--alphas: found {found} numbers, expected three: 0.1,1e8,10")));
    };
    let request = ScoreRequest {
        folds: folds(&arguments)?,
        features: arguments.features,
        responses: arguments.responses,
        runs: arguments.runs,
        alphas: (from, to, count as usize),
        mixtures: arguments.mixtures,
        refinements: usize::from(arguments.refinements),
        surrogates: arguments.surrogates,
        seed: arguments.seed,
    };
    let execution = arguments.execution.into_execution();
    if arguments.partition {
        return partition(&request, &execution, arguments.figure.as_deref());
    }
    let printer = Printer::new();
    let table = gyrus::score::score(&request, &execution, &printer)?;
    printer.finish();
    remarks(&[], &table.warnings);
    let (two_versus_two, retrieval) = table.patterns;
    say(format_args!("2-versus-2 {two_versus_two:.3}, retrieval rank {retrieval:.3} (chance 0.5)"));
    print(text(&table))
}

fn partition(request: &ScoreRequest, execution: &Execution, figure: Option<&Path>) -> Result<(), Failure> {
    let printer = Printer::new();
    let table = gyrus::score::partition(request, execution, &printer)?;
    printer.finish();
    remarks(&[], &table.warnings);
    if let Some(path) = figure {
        table.write_figure(path)?;
        say(format_args!("{}", path.display()));
    }
    print(parts(&table))
}

fn folds(arguments: &Arguments) -> Result<ScoreFolds, Failure> {
    match (arguments.shuffled, arguments.blocks, arguments.runs.len()) {
        (Some(count), ..) => Ok(ScoreFolds::Shuffled { count }),
        (None, Some(count), _) => Ok(ScoreFolds::Blocks { count, gap: arguments.gap.unwrap_or(0) }),
        (None, None, 3..) => Ok(ScoreFolds::Runs),
        (None, None, runs) => Err(Failure::Input(format!(
            "found {runs} runs and no --blocks, expected at least 3 runs (--runs 300,290,310) or blocks with a gap (--blocks 5 --gap 14)"
        ))),
    }
}

/// Every part of every target; `all` is what the parts add up to.
fn parts(table: &PartitionTable) -> String {
    let mut text = "target\tpart\tscore\tr_squared\tp\treason\n".to_owned();
    for (target, reason) in table.reasons.iter().enumerate() {
        let reason = reason.map_or("", |reason| reason.code());
        for part in &table.parts {
            let (score, r_squared) = (number(part.score[target]), number(part.r_squared[target]));
            let p = part.p.as_ref().filter(|_| reason.is_empty()).map_or(f64::NAN, |p| p[target]);
            let name = table.name(part);
            let _ = writeln!(text, "{target}\t{name}\t{score}\t{r_squared}\t{}\t{reason}", number(p));
        }
        let (score, r_squared) = (number(table.score[target]), number(table.r_squared[target]));
        let _ = writeln!(text, "{target}\tall\t{score}\t{r_squared}\tn/a\t{reason}");
    }
    text
}

fn number(value: f64) -> String {
    if value.is_finite() { value.to_string() } else { "n/a".to_owned() }
}

fn text(table: &ScoreTable) -> String {
    let mut text = "target\tscore\tr_squared\tp\tnormal_excess\treason\n".to_owned();
    for (target, row) in table.rows.iter().enumerate() {
        let [p, normal_excess] = [row.p, row.normal_excess].map(|value| number(value.unwrap_or(f64::NAN)));
        let reason = row.reason.map_or("", |reason| reason.code());
        let (score, r_squared) = (number(row.score), number(row.r_squared));
        let _ = writeln!(text, "{target}\t{score}\t{r_squared}\t{p}\t{normal_excess}\t{reason}");
    }
    text
}
