//! A comparison as tables and as words for the terminal.

use std::fmt::Write;

use super::schema::SCHEMA;
use super::{Comparison, DifferenceRow, ModelRow, Quantity, ScalingRow};
use crate::results::Interval;
use crate::tables::{self, estimate, number, region, words};

/// What all lines have in common.
pub(crate) const INTRODUCTION: &str = "mean over regions, each language model at the layer that inner folds choose; 95 % intervals over people, then over the story";

impl Comparison {
    /// Tables by file name.
    #[must_use]
    pub fn tables(&self) -> Vec<(&'static str, String)> {
        let rows: [Vec<Vec<String>>; 3] = [
            self.models.iter().map(|row| self.model(row)).collect(),
            self.differences.iter().map(difference).collect(),
            self.scaling.iter().map(scaling).collect(),
        ];
        SCHEMA.iter().zip(rows).map(|(table, rows)| (table.file, tables::text(table, &rows))).collect()
    }

    fn model(&self, row: &ModelRow) -> Vec<String> {
        let mut cells = vec![words(&row.study), words(&row.language_model), region(row.region.as_ref())];
        cells.extend([row.n_parameters.to_string(), row.layer.0.to_string(), number(row.layer.1)]);
        cells.push(row.n_participants.to_string());
        cells.extend(estimate(Some(&row.score)));
        cells.push(row.score.stimulus_interval_reliable.to_string());
        cells.extend([row.excess.0, row.excess.1.low, row.excess.1.high].map(number));
        cells.extend(estimate(Some(&row.unique_gain)));
        cells.extend(estimate(row.beyond_untrained.as_ref()));
        match &row.ceiling {
            None => cells.extend(["n/a"; 3].map(str::to_owned)),
            Some((kind, ceiling, normalised)) => {
                cells.extend([kind.clone(), number(*ceiling), number(*normalised)]);
            }
        }
        cells.extend([words(&row.folds), or_none(row.baseline.join(", "))]);
        cells
    }

    /// What the command prints.
    #[must_use]
    pub fn summary(&self) -> String {
        let mut text = format!("{INTRODUCTION}\n");
        for (_, lines) in self.said() {
            lines.iter().for_each(|line| text.push_str(&format!("{line}\n")));
        }
        self.notes.iter().for_each(|note| text.push_str(&format!("note: {note}\n")));
        text
    }

    /// The same under headings.
    pub(crate) fn said(&self) -> [(&'static str, Vec<String>); 3] {
        let models = self.models.iter().filter(|row| row.region.is_none());
        let is_said = |row: &&DifferenceRow| {
            let is_gain = row.quantity == Quantity::UniqueGain && row.difference.value.is_finite();
            row.region.is_none() && (row.quantity == Quantity::Score || is_gain)
        };
        let differences = self.differences.iter().filter(is_said);
        let is_score = |row: &&ScalingRow| row.region.is_none() && row.quantity == Quantity::Score;
        let scaling = self.scaling.iter().filter(is_score);
        [
            ("Language models", models.map(|row| self.said_model(row)).collect()),
            ("Paired differences", differences.map(|row| self.said_difference(row)).collect()),
            ("Over properties", scaling.filter_map(said_scaling).collect()),
        ]
    }

    /// The shortest name that no other language model has: its own, that of its study, or both.
    pub(crate) fn named(&self, (study, model): (&str, &str)) -> String {
        let rows = || self.models.iter().filter(|row| row.region.is_none());
        let is_told = |of: fn(&ModelRow) -> &String| {
            let names: std::collections::BTreeSet<&String> = rows().map(of).collect();
            names.len() == rows().count()
        };
        match (is_told(|row| &row.language_model), is_told(|row| &row.study)) {
            (true, _) => model.to_owned(),
            (false, true) => study.to_owned(),
            (false, false) => format!("{study} · {model}"),
        }
    }

    fn said_model(&self, row: &ModelRow) -> String {
        let mut said = format!(
            "{}: score {}{} at layer {}, unique gain {}{}, {} participants",
            self.named((&row.study, &row.language_model)),
            rounded(row.score.value),
            both(&row.score),
            row.layer.0,
            rounded(row.unique_gain.value),
            both(&row.unique_gain),
            row.n_participants
        );
        if row.excess.0.is_finite() {
            let _ = write!(said, "; {} above its surrogates", rounded(row.excess.0));
        }
        if let Some((_, _, share)) = row.ceiling.as_ref().filter(|(_, _, share)| share.is_finite()) {
            let _ = write!(said, "; {:.0} % of the leave-one-out ceiling", 100.0 * share);
        }
        said
    }

    fn said_difference(&self, row: &DifferenceRow) -> String {
        let names = [&row.of, &row.minus].map(|(study, model)| self.named((study, model)));
        let pair = format!("{} minus {}", names[0], names[1]);
        if let Some(reason) = row.reason.filter(|_| !row.difference.value.is_finite()) {
            return format!("{pair}: not compared, {}", in_words(reason));
        }
        let what = if row.quantity == Quantity::Score { "score" } else { "unique gain" };
        let mut said = format!(
            "{pair}: {what} {}{}, p = {} (signed ranks), {} participants: {}",
            signed(row.difference.value),
            both(&row.difference),
            if row.p[0].is_finite() { format!("{:.3}", row.p[0].max(0.001)) } else { "n/a".to_owned() },
            row.n_participants,
            verdict(row)
        );
        if let Some(settings) = &row.note {
            let _ = write!(said, "; beside the language model they differ in {settings}");
        }
        said
    }
}

/// What both intervals say together.
fn verdict(row: &DifferenceRow) -> &'static str {
    let excludes_0 = |interval: &Interval| interval.low > 0.0 || interval.high < 0.0;
    let is_known = |interval: &Interval| interval.low.is_finite() && interval.high.is_finite();
    let (people, story) = (&row.difference.over_participants, &row.difference.over_stimulus);
    // Both must agree: percentiles of few people are short, and ranks of few people are never rare.
    let is_told = excludes_0(people) && row.p[0] < 0.05;
    match (is_told, is_known(story), excludes_0(story)) {
        _ if !is_known(people) => "one participant cannot tell",
        (true, true, true) => "a difference for other people and for another story",
        (true, true, false) => {
            "a difference for other people who hear this story; another story may show none"
        }
        (true, false, _) => {
            "a difference for other people who hear this story; of another story nothing is known"
        }
        (false, ..) => "no difference can be told from none",
    }
}

fn said_scaling(row: &ScalingRow) -> Option<String> {
    let of = format!("score over {}", row.property);
    if let Some(reason) = row.reason {
        let is_first = matches!(row.statistic, "slope_per_decade" | "saturation_limit");
        let what =
            if row.statistic == "slope_per_decade" { "line over decades" } else { "curve that flattens" };
        return is_first.then(|| format!("{of}: no {what}, {}", in_words(reason)));
    }
    let interval = ends(&row.interval, 4);
    let differ =
        row.note.as_ref().map_or_else(String::new, |note| format!(" (the studies differ in {note})"));
    let said = match row.statistic {
        "slope_per_decade" => format!(
            "{of}: {}{interval} per decade, {} language models, {} participants{differ}",
            signed(row.value),
            row.n_points,
            row.n_participants
        ),
        "percent_per_decade" => format!(
            "{of}: {:.1} %{} of the score at the smallest, per decade",
            row.value,
            ends(&row.interval, 1)
        ),
        "saturation_limit" => format!("{of}: flattens at {}{interval}", rounded(row.value)),
        "pearson" => format!("{of}: r = {:.2}{}", row.value, ends(&row.interval, 2)),
        _ => return None,
    };
    Some(said)
}

/// A reason code as a sentence goes on.
pub(crate) fn in_words(reason: &str) -> String {
    match reason {
        "targets_differ" => "because their targets or regions differ",
        "no_common_participants" => "because nobody is in both",
        "recordings_differ" => "because people of the same name have other recordings",
        "folds_differ" => "because their folds hold out other samples",
        "baselines_differ" => "because their baselines have other bands",
        "older_version" => {
            "because a version made one of them that kept no scores by person; run gyrus analyze again"
        }
        "no_scores" => "because nobody has both scores",
        "property_not_positive" => "because 0 and what is below it have no logarithm",
        "too_few_points" => "because there are too few language models with different values",
        "does_not_grow" => "because scores do not grow with it",
        "does_not_bend" => "because scores grow without an end in sight",
        "limit_not_positive" => "because scores are not above 0",
        "reference_not_positive" => "because the score at the smallest is not above 0",
        other => return other.replace('_', " "),
    }
    .to_owned()
}

fn difference(row: &DifferenceRow) -> Vec<String> {
    let mut cells: Vec<String> =
        [&row.of.0, &row.of.1, &row.minus.0, &row.minus.1].map(|name| words(name)).into();
    cells.extend([region(row.region.as_ref()), row.quantity.name().to_owned()]);
    cells.extend([row.n_participants, row.n_left_out].map(|count| count.to_string()));
    cells.extend(estimate(Some(&row.difference)));
    cells.extend(row.p.map(number));
    let note = row.note.clone().unwrap_or_default();
    let reasons = [row.story_reason, row.reason].map(|reason| reason.unwrap_or_default().to_owned());
    cells.extend([note].into_iter().chain(reasons).map(or_none));
    cells
}

fn scaling(row: &ScalingRow) -> Vec<String> {
    let mut cells = vec![words(&row.property), row.quantity.name().to_owned(), region(row.region.as_ref())];
    cells.push(row.statistic.to_owned());
    cells.extend([row.value, row.interval.low, row.interval.high].map(number));
    cells.extend([row.n_points, row.n_participants].map(|count| count.to_string()));
    cells.extend(
        [row.note.clone().unwrap_or_default(), row.reason.unwrap_or_default().to_owned()].map(or_none),
    );
    cells
}

fn or_none(cell: String) -> String {
    if cell.is_empty() { "n/a".to_owned() } else { words(&cell) }
}

fn rounded(value: f64) -> String {
    if value.is_finite() { format!("{value:.4}") } else { "n/a".to_owned() }
}

fn signed(value: f64) -> String {
    if value.is_finite() { format!("{value:+.4}") } else { "n/a".to_owned() }
}

/// Ends of an interval in brackets, after a space; an open end is one that no number closes.
fn ends(interval: &Interval, decimals: usize) -> String {
    let end = |value: f64| if value.is_finite() { format!("{value:.decimals$}") } else { "n/a".to_owned() };
    match interval.low.is_finite() || interval.high.is_finite() {
        true => format!(" [{}, {}]", end(interval.low), end(interval.high)),
        false => String::new(),
    }
}

fn both(found: &crate::results::Estimate) -> String {
    ends(&found.over_participants, 4) + &ends(&found.over_stimulus, 4)
}
