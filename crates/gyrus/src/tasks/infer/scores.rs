//! One row per participant, copy of a language model, layer and target: what `scores.parquet` holds. Rows are made as they
//! are written; what they are made from is a table of participants × targets for each layer.

use std::collections::BTreeMap;
use std::io::{self, Write};
use std::ops::Range;

use gyrus_core::NoScore;
use gyrus_encoding::ceilings::CeilingKind;
use gyrus_io::parquet::{self, Column, Kind};
use ndarray::Array2;

use super::controls::Copy;
use super::gather::{Layout, WithNull};
use crate::inputs::Inputs;
use crate::plan::Plan;
use crate::results::Exclusion;

/// One layer of one copy of a language model; tables have the shape (n_participants, n_targets).
struct Layer {
    language_model: String,
    training: &'static str,
    seed: Option<i64>,
    layer: i64,
    score: Array2<f64>,
    unique_gain: Array2<f64>,
    contextual_gain: Option<Array2<f64>>,
    baseline: Option<Array2<f64>>,
    /// Surrogates that reach the score, and their number.
    exceedances: Option<(Array2<u32>, usize)>,
    /// Normal excess of the score over them.
    normal_excess: Option<Array2<f64>>,
}

/// The layers of all language models and their copies.
#[derive(Default)]
pub(super) struct Scores(Vec<Layer>);

impl Scores {
    pub(super) fn add_trained(
        &mut self,
        (name, layer): (&str, usize),
        (score, gain, contextual): (&WithNull, &WithNull, Option<&WithNull>),
    ) {
        self.0.push(Layer {
            language_model: name.to_owned(),
            training: "trained",
            seed: None,
            layer: layer as i64,
            score: score.observed.values.clone(),
            unique_gain: gain.observed.values.clone(),
            contextual_gain: contextual.map(|gain| gain.observed.values.clone()),
            baseline: Some(gain.baseline.clone()),
            exceedances: Some((score.exceedances.clone(), score.null.nrows())),
            normal_excess: (score.null.nrows() > 0).then(|| score.tested.clone()),
        });
    }

    /// Scores of a layer as trained, shape (n_participants, n_targets).
    pub(super) fn trained(&self, name: &str, layer: usize) -> Option<&Array2<f64>> {
        let is_it = |row: &&Layer| {
            row.training == "trained" && row.language_model == name && row.layer == layer as i64
        };
        self.0.iter().find(is_it).map(|row| &row.score)
    }

    pub(super) fn add_copy(&mut self, (name, layers): (&str, &[usize]), copy: &Copy) {
        for (position, (gathered, gain)) in copy.layers.iter().zip(&copy.gains).enumerate() {
            let layer = if copy.layers.len() == layers.len() { layers[position] } else { 0 };
            self.0.push(Layer {
                language_model: name.to_owned(),
                training: copy.training.name(),
                seed: copy.training.seed().map(|seed| seed as i64),
                layer: layer as i64,
                score: gathered.values.clone(),
                unique_gain: gain.values.clone(),
                contextual_gain: None,
                baseline: None,
                exceedances: None,
                normal_excess: None,
            });
        }
    }
}

/// What stands in the rows beside the scores.
pub(super) struct Rows<'a> {
    scores: &'a Scores,
    layout: &'a Layout,
    inputs: &'a Inputs,
    ceilings: &'a Array2<f64>,
    /// Samples behind the scores of each participant.
    n_samples: Vec<i64>,
    reasons: Reasons<'a>,
    left_out: Vec<&'a Exclusion>,
}

/// The ceiling of each participant and target that stands in the rows.
const CEILING_KIND: CeilingKind = CeilingKind::LeaveOneOutIsc;
const NOT_AVAILABLE: &str = "n/a";

const FIELDS: [(&str, Kind); 16] = [
    ("participant", Kind::Utf8),
    ("language_model", Kind::Utf8),
    ("training", Kind::Utf8),
    ("seed", Kind::I64),
    ("layer", Kind::I64),
    ("target", Kind::Utf8),
    ("score", Kind::F64),
    ("unique_gain", Kind::F64),
    ("contextual_gain", Kind::F64),
    ("baseline_score", Kind::F64),
    ("ceiling", Kind::F64),
    ("ceiling_kind", Kind::Utf8),
    ("p", Kind::F64),
    ("normal_excess", Kind::F64),
    ("n_samples", Kind::I64),
    ("reason", Kind::Utf8),
];

impl<'a> Rows<'a> {
    pub(super) fn new(
        (inputs, plan): (&'a Inputs, &'a Plan),
        layout: &'a Layout,
        (scores, ceilings): (&'a Scores, &'a Array2<f64>),
        exclusions: &'a [Exclusion],
    ) -> Self {
        let samples = |participant: usize| {
            let design = (0..plan.designs.len()).rev().find(|design| layout.first[*design] <= participant);
            design.map_or(0, |design| plan.designs[design].n_samples()) as i64
        };
        let mut left_out: Vec<&Exclusion> =
            exclusions.iter().filter(|exclusion| exclusion.target.is_none()).collect();
        left_out.retain(|exclusion| !layout.participants.contains(&exclusion.participant));
        left_out.dedup_by(|a, b| a.participant == b.participant);
        let n_samples = (0..layout.participants.len()).map(samples).collect();
        Self { scores, layout, inputs, ceilings, n_samples, reasons: Reasons::of(exclusions), left_out }
    }

    pub(super) fn write(&self, writer: impl Write + Send) -> io::Result<()> {
        let scored = self.scores.0.len() * self.layout.participants.len() * self.layout.n_targets;
        parquet::write_rows(writer, &FIELDS, scored + self.left_out.len(), |column, rows| {
            self.column(FIELDS[column].0, scored, rows)
        })
    }

    fn column(&self, name: &str, scored: usize, rows: Range<usize>) -> Column {
        let cells = rows.map(|row| match row.checked_sub(scored) {
            None => Cell::Scored(self.at(row)),
            Some(left_out) => Cell::LeftOut(self.left_out[left_out]),
        });
        match name {
            "seed" | "layer" | "n_samples" => {
                Column::I64(cells.map(|cell| self.whole(name, &cell)).collect())
            }
            "participant" | "language_model" | "training" | "target" | "ceiling_kind" | "reason" => {
                Column::Utf8(cells.map(|cell| self.text(name, &cell)).collect())
            }
            _ => Column::F64(cells.map(|cell| self.number(name, &cell)).collect()),
        }
    }

    fn at(&self, row: usize) -> At<'_> {
        let (people, targets) = (self.layout.participants.len(), self.layout.n_targets);
        let layer = &self.scores.0[row / (people * targets)];
        At { layer, participant: row / targets % people, target: row % targets }
    }

    fn text(&self, name: &str, cell: &Cell<'_>) -> Option<String> {
        let at = match cell {
            Cell::LeftOut(exclusion) => {
                return Some(match name {
                    "participant" => exclusion.participant.clone(),
                    "reason" => exclusion.reason.clone(),
                    _ => NOT_AVAILABLE.to_owned(),
                });
            }
            Cell::Scored(at) => at,
        };
        let (participant, target) =
            (&self.layout.participants[at.participant], &self.inputs.targets[at.target].name);
        match name {
            "participant" => Some(participant.clone()),
            "language_model" => Some(at.layer.language_model.clone()),
            "training" => Some(at.layer.training.to_owned()),
            "target" => Some(target.clone()),
            "ceiling_kind" => Some(CEILING_KIND.name().to_owned()),
            _ => match finite(at.layer.score[at.place()]) {
                Some(_) => None,
                None => Some(self.reasons.find(participant, target).to_owned()),
            },
        }
    }

    fn whole(&self, name: &str, cell: &Cell<'_>) -> Option<i64> {
        match (cell, name) {
            (Cell::Scored(at), "seed") => at.layer.seed,
            (Cell::Scored(at), "layer") => Some(at.layer.layer),
            (Cell::Scored(at), _) => Some(self.n_samples[at.participant]),
            (Cell::LeftOut(_), "seed") => None,
            (Cell::LeftOut(_), "layer") => Some(-1),
            (Cell::LeftOut(_), _) => Some(0),
        }
    }

    fn number(&self, name: &str, cell: &Cell<'_>) -> Option<f64> {
        let Cell::Scored(at) = cell else { return None };
        let (layer, place) = (at.layer, at.place());
        let of =
            |table: Option<&Array2<f64>>| table.and_then(|table| table.get(place).copied()).and_then(finite);
        match name {
            "score" => of(Some(&layer.score)),
            "unique_gain" => of(Some(&layer.unique_gain)),
            "contextual_gain" => of(layer.contextual_gain.as_ref()),
            "baseline_score" => of(layer.baseline.as_ref()),
            "ceiling" => of(Some(self.ceilings)),
            "normal_excess" => of(layer.normal_excess.as_ref()),
            _ => {
                let (exceedances, surrogates) = layer.exceedances.as_ref()?;
                of(Some(&layer.score)).filter(|_| *surrogates > 0)?;
                Some((1.0 + f64::from(exceedances[place])) / (1.0 + *surrogates as f64))
            }
        }
    }
}

/// A row: one of a score, or one of a participant that was left out.
enum Cell<'a> {
    Scored(At<'a>),
    LeftOut(&'a Exclusion),
}

struct At<'a> {
    layer: &'a Layer,
    participant: usize,
    target: usize,
}

impl At<'_> {
    fn place(&self) -> (usize, usize) {
        (self.participant, self.target)
    }
}

/// The first reason of every participant and target.
struct Reasons<'a> {
    of_target: BTreeMap<(&'a str, &'a str), (usize, &'a str)>,
    of_participant: BTreeMap<&'a str, (usize, &'a str)>,
}

impl<'a> Reasons<'a> {
    fn of(exclusions: &'a [Exclusion]) -> Self {
        let mut reasons = Self { of_target: BTreeMap::new(), of_participant: BTreeMap::new() };
        for (index, exclusion) in exclusions.iter().enumerate() {
            let (participant, reason) = (exclusion.participant.as_str(), (index, exclusion.reason.as_str()));
            match &exclusion.target {
                Some(target) => reasons.of_target.entry((participant, target)).or_insert(reason),
                None => reasons.of_participant.entry(participant).or_insert(reason),
            };
        }
        reasons
    }

    fn find(&self, participant: &str, target: &str) -> &'a str {
        let found = [self.of_target.get(&(participant, target)), self.of_participant.get(participant)];
        let first = found.into_iter().flatten().min_by_key(|(index, _)| *index);
        first.map_or(NoScore::ConstantInFold.code(), |(_, reason)| reason)
    }
}

fn finite(value: f64) -> Option<f64> {
    value.is_finite().then_some(value)
}
