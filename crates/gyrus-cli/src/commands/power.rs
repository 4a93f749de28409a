//! `gyrus power`: how many participants and hours a study needs.

use std::path::PathBuf;

use gyrus::power::{PowerRequest, Source};

use crate::Failure;
use crate::printer::{print, say};

/// Arguments of `gyrus power`.
#[derive(clap::Args)]
pub struct Arguments {
    /// Output folder of a pilot study; without it, the three standard deviations
    #[arg(value_name = "OUT", required_unless_present_all = ["sd_people", "sd_stimulus", "sd_residual"])]
    study: Option<PathBuf>,
    /// Language model of the pilot [default: its only one]
    #[arg(long, value_name = "NAME", requires = "study")]
    language_model: Option<String>,
    /// What is planned for: score (less each person's mean over surrogates) or unique_gain
    #[arg(long, default_value = "score", value_name = "NAME")]
    quantity: String,
    /// Region of the pilot [default: the mean over regions]
    #[arg(long, value_name = "NAME", requires = "study")]
    region: Option<String>,
    /// Standard deviation of r between people
    #[arg(long, value_name = "R", conflicts_with = "study")]
    sd_people: Option<f64>,
    /// Standard deviation of the group's r between pieces of the stimulus of one hour
    #[arg(long, value_name = "R", conflicts_with = "study")]
    sd_stimulus: Option<f64>,
    /// Standard deviation of what is left, of one person in one hour
    #[arg(long, value_name = "R", conflicts_with = "study")]
    sd_residual: Option<f64>,
    /// Size of the effect that is to be found, in units of r [default: the pilot's mean]
    #[arg(long, value_name = "R")]
    effect: Option<f64>,
    /// Wanted width of the 95 % interval over people and stimulus
    #[arg(long, value_name = "R")]
    width: Option<f64>,
    /// Wanted probability that a two-sided test at .05 finds the effect
    #[arg(long, default_value_t = 0.8)]
    power: f64,
    /// Hours that every participant hears
    #[arg(long, value_delimiter = ',', default_values_t = [0.2, 0.5, 1.0, 2.0])]
    hours: Vec<f64>,
    /// Numbers of participants
    #[arg(long, value_delimiter = ',', default_values_t = [5, 10, 20, 30, 50, 100])]
    participants: Vec<usize>,
    /// Folder of tables and figure [default: OUT/power, or power]
    #[arg(short, long, value_name = "DIR")]
    output: Option<PathBuf>,
}

/// Runs the command.
pub fn run(arguments: Arguments) -> Result<(), Failure> {
    let beside = arguments.study.as_ref().map_or_else(|| PathBuf::from("power"), |study| study.join("power"));
    let folder = arguments.output.unwrap_or(beside);
    let deviations = [arguments.sd_people, arguments.sd_stimulus, arguments.sd_residual];
    let source = match arguments.study {
        Some(output) => Source::Study {
            output,
            language_model: arguments.language_model,
            quantity: arguments.quantity,
            region: arguments.region,
        },
        None => Source::Deviations(deviations.map(|deviation| deviation.unwrap_or(f64::NAN))),
    };
    let request = PowerRequest {
        source,
        effect: arguments.effect,
        width: arguments.width,
        power: arguments.power,
        hours: arguments.hours,
        participants: arguments.participants,
    };
    let plan = gyrus::power::write_power(&request, &folder)?;
    say(format_args!("tables and figure: {}", folder.display()));
    print(plan.summary())
}
