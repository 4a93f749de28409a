//! How many participants and hours a study needs, from a pilot study or from numbers.

mod pilot;
mod text;

use std::path::{Path, PathBuf};

use gyrus_encoding::statistics::{MeanSquares, Over, Planned, Variances, fewest_participants};

use crate::Error;

pub use text::{GRID, NEEDED, VARIANCES};

/// More people than this are not looked for.
const MOST_PARTICIPANTS: usize = 100_000;
/// Draws for the uncertainty of every number.
const DRAWS: usize = 400;
const SEED: u64 = 1;
const LEVEL: f64 = 0.95;
const ALPHA: f64 = 0.05;
/// Pieces of the stimulus that count as independent where no pilot says how long they are, in hours: 30 s.
const BLOCK_HOURS: f64 = 30.0 / 3600.0;

/// Where the variances come from.
#[derive(Debug, Clone, PartialEq)]
pub enum Source {
    /// The output folder of a study.
    Study {
        /// The folder.
        output: PathBuf,
        /// Which language model; None where there is one.
        language_model: Option<String>,
        /// `score` (less each person's mean over surrogates) or `unique_gain`.
        quantity: String,
        /// Which region; None is the mean over regions.
        region: Option<String>,
    },
    /// Standard deviations of r: between people, between hours of the stimulus, of one person in one hour.
    Deviations([f64; 3]),
}

/// What is planned.
#[derive(Debug, Clone, PartialEq)]
pub struct PowerRequest {
    /// Where the variances come from.
    pub source: Source,
    /// Size of the effect that is to be found; None is the pilot's mean.
    pub effect: Option<f64>,
    /// Wanted whole width of a 95 % interval over people and stimulus.
    pub width: Option<f64>,
    /// Wanted probability that a two-sided test at .05 finds the effect.
    pub power: f64,
    /// Hours that every participant hears.
    pub hours: Vec<f64>,
    /// Numbers of participants.
    pub participants: Vec<usize>,
}

/// A number and what a pilot as small as this one leaves open; NaN ends where nothing was measured.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Ranged {
    /// The number.
    pub value: f64,
    /// Lower end of the 95 % interval.
    pub low: f64,
    /// Upper end.
    pub high: f64,
}

/// One study that could be made. Widths are whole ones, of 95 % intervals.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct GridRow {
    /// Hours.
    pub hours: f64,
    /// Participants.
    pub participants: usize,
    /// For other people who hear the same stimulus.
    pub over_people: Ranged,
    /// For the same people with another stimulus.
    pub over_stimulus: Ranged,
    /// For other people with another stimulus.
    pub over_both: Ranged,
    /// Probability of finding the effect over people and stimulus; NaN without an effect.
    pub power: Ranged,
}

/// What some hours of stimulus need. Numbers of participants are infinite where no number is enough.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct NeededRow {
    /// Hours.
    pub hours: f64,
    /// Participants for the effect; NaN without one.
    pub for_effect: Ranged,
    /// Participants for the width; NaN without one.
    pub for_width: Ranged,
    /// Width that no number of participants goes below.
    pub floor: Ranged,
}

/// A plan.
#[derive(Debug, Clone, PartialEq)]
pub struct Power {
    /// What it is made from, in words.
    pub from: String,
    /// Standard deviations of r: between people, between hours of the stimulus, of one person in one hour.
    pub deviations: [Ranged; 3],
    /// The effect.
    pub effect: Option<f64>,
    /// Wanted width.
    pub width: Option<f64>,
    /// Wanted power.
    pub power: f64,
    /// Studies that could be made.
    pub grid: Vec<GridRow>,
    /// What is needed.
    pub needed: Vec<NeededRow>,
}

/// Variances and how well they are known.
struct Known {
    variances: Variances,
    measured: Option<MeanSquares>,
    block_hours: f64,
}

impl Known {
    fn ranged(&self, statistic: impl Fn(&Variances) -> f64) -> Ranged {
        let value = statistic(&self.variances);
        let none = Ranged { value, low: f64::NAN, high: f64::NAN };
        self.measured.filter(|_| !value.is_nan()).map_or(none, |measured| {
            let interval = measured.interval(DRAWS, SEED, LEVEL, statistic);
            Ranged { value, low: interval.low, high: interval.high }
        })
    }

    fn planned(&self, participants: f64, hours: f64) -> Planned {
        Planned { participants, hours, block_hours: self.block_hours }
    }

    fn grid_row(&self, (hours, participants): (f64, usize), effect: Option<f64>) -> GridRow {
        let planned = self.planned(participants as f64, hours);
        let width = |over: Over| self.ranged(|found| 2.0 * found.half_width(over, &planned, LEVEL));
        let power = |found: &Variances| {
            effect.map_or(f64::NAN, |effect| found.power(Over::Both, &planned, (effect, ALPHA)))
        };
        GridRow {
            hours,
            participants,
            over_people: width(Over::People),
            over_stimulus: width(Over::Stimulus),
            over_both: width(Over::Both),
            power: self.ranged(power),
        }
    }

    fn needed_row(&self, hours: f64, request: &PowerRequest, effect: Option<f64>) -> NeededRow {
        let fewest = |is_enough: &dyn Fn(f64) -> bool| {
            fewest_participants(MOST_PARTICIPANTS, is_enough).map_or(f64::INFINITY, |count| count as f64)
        };
        let for_effect = |found: &Variances| {
            effect.map_or(f64::NAN, |effect| {
                fewest(&|n| {
                    found.power(Over::Both, &self.planned(n, hours), (effect, ALPHA)) >= request.power
                })
            })
        };
        let for_width = |found: &Variances| {
            request.width.map_or(f64::NAN, |width| {
                fewest(&|n| 2.0 * found.half_width(Over::Both, &self.planned(n, hours), LEVEL) <= width)
            })
        };
        NeededRow {
            hours,
            for_effect: self.ranged(for_effect),
            for_width: self.ranged(for_width),
            floor: self.ranged(|found| 2.0 * found.floor(&self.planned(1.0, hours), LEVEL)),
        }
    }
}

/// Plans a study; writes nothing.
///
/// # Errors
/// - [`Error::Unusable`] if the folder holds no scores to plan from, or too few people, folds or blocks; if it has no such
///   language model, quantity or region,
/// - [`Error::Read`] or [`Error::Store`] if its results cannot be read,
/// - [`Error::Argument`] if a number is not above 0, or hours hold less than two blocks.
pub fn power(request: &PowerRequest) -> Result<Power, Error> {
    require(request)?;
    let (known, from, mean) = match &request.source {
        Source::Deviations(deviations) => {
            let [people, stimulus, residual] = deviations.map(|deviation| deviation * deviation);
            let variances = Variances { people, stimulus, residual };
            (Known { variances, measured: None, block_hours: BLOCK_HOURS }, "numbers".to_owned(), None)
        }
        Source::Study { output, language_model, quantity, region } => {
            let wanted = (language_model.as_deref(), quantity.as_str(), region.as_ref());
            pilot::read(output, wanted)?
        }
    };
    let effect = request.effect.or(mean);
    let root = |of: fn(&Variances) -> f64| known.ranged(move |found| of(found).sqrt());
    let studies = request
        .hours
        .iter()
        .flat_map(|hours| request.participants.iter().map(move |participants| (*hours, *participants)));
    Ok(Power {
        from,
        deviations: [root(|found| found.people), root(|found| found.stimulus), root(|found| found.residual)],
        effect,
        width: request.width,
        power: request.power,
        grid: studies.map(|study| known.grid_row(study, effect)).collect(),
        needed: request.hours.iter().map(|hours| known.needed_row(*hours, request, effect)).collect(),
    })
}

/// Plans a study and writes `needed.tsv`, `grid.tsv`, `variances.tsv` and `power.svg` into a folder.
///
/// # Errors
/// - as [`power`],
/// - [`Error::Write`] if the folder cannot be written.
pub fn write_power(request: &PowerRequest, folder: &Path) -> Result<Power, Error> {
    let found = power(request)?;
    for (name, text) in found.tables() {
        crate::outputs::write_file(folder, name, text.as_bytes())?;
    }
    crate::outputs::write_file(folder, "power.svg", crate::report::power(&found).as_bytes())?;
    Ok(found)
}

fn require(request: &PowerRequest) -> Result<(), Error> {
    let wrong = |argument: &str, found: String, expected: &str| {
        Err(Error::Argument { argument: argument.to_owned(), found, expected: expected.to_owned() })
    };
    let is_size = |size: f64| size.is_finite() && size > 0.0;
    if let Source::Deviations(deviations) = &request.source
        && (deviations.iter().any(|one| !one.is_finite() || *one < 0.0)
            || deviations.iter().sum::<f64>() <= 0.0)
    {
        let found = format!("{deviations:?}");
        return wrong("standard deviations", found, "three numbers from 0 on, one of them above 0");
    }
    if let Some(hours) =
        request.hours.iter().find(|hours| !(**hours >= 2.0 * BLOCK_HOURS && hours.is_finite()))
    {
        return wrong("--hours", hours.to_string(), "at least a minute (0.017): two blocks of 30 s");
    }
    if let Some(few) = request.participants.iter().find(|count| **count < 2) {
        return wrong("--participants", few.to_string(), "two participants or more");
    }
    if let Some(effect) = request.effect.filter(|effect| !is_size(effect.abs())) {
        return wrong("--effect", effect.to_string(), "a difference of r that is not 0");
    }
    if let Some(width) = request.width.filter(|width| !is_size(*width)) {
        return wrong("--width", width.to_string(), "a width above 0, in units of r");
    }
    if !(request.power > ALPHA && request.power < 1.0) {
        return wrong("--power", request.power.to_string(), "a probability between 0.05 and 1, such as 0.8");
    }
    Ok(())
}
