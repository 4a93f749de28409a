//! One row per participant, copy of a language model, layer and target: what `scores.parquet` holds.

use serde::{Deserialize, Serialize};

use super::ceilings::Ceilings;
use super::controls::Copy;
use super::gather::{Layout, WithNull};
use super::language_model::Work;
use crate::results::Exclusion;

/// Columns of the table of scores; all have the same length.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct ScoreRows {
    /// Who.
    pub participant: Vec<String>,
    /// Which language model.
    pub language_model: Vec<String>,
    /// "trained", "untrained" or "random_embedding".
    pub training: Vec<String>,
    /// Seed of an untrained copy.
    pub seed: Vec<Option<i64>>,
    /// Layer, 0 = embedding.
    pub layer: Vec<i64>,
    /// Which target.
    pub target: Vec<String>,
    /// Held-out correlation.
    pub score: Vec<Option<f64>>,
    /// Banded gain over the low-level baseline.
    pub unique_gain: Vec<Option<f64>>,
    /// Banded gain over the baseline with layer 0.
    pub contextual_gain: Vec<Option<f64>>,
    /// Score of the low-level baseline.
    pub baseline_score: Vec<Option<f64>>,
    /// Noise ceiling.
    pub ceiling: Vec<Option<f64>>,
    /// Which noise ceiling.
    pub ceiling_kind: Vec<String>,
    /// p of the score against this participant's surrogates.
    pub p: Vec<Option<f64>>,
    /// Samples behind the score.
    pub n_samples: Vec<i64>,
    /// Why there is no score.
    pub reason: Vec<Option<String>>,
}

/// The ceiling of each participant and target that stands in the rows.
const CEILING_KIND: &str = "leave_one_out_isc";

impl ScoreRows {
    pub(super) fn add_trained(
        &mut self,
        work: &Work<'_>,
        (name, layer): (&str, usize),
        ceilings: &Ceilings,
        (score, gain, contextual): (&WithNull, &WithNull, Option<&WithNull>),
    ) {
        let surrogates = score.null.nrows();
        for participant in 0..work.layout.participants.len() {
            for target in 0..work.layout.n_targets {
                let at = (participant, target);
                let scored = finite(score.observed.values[at]);
                self.begin(work, (name, "trained", None, layer), at, ceilings);
                self.score.push(scored);
                self.unique_gain.push(finite(gain.observed.values[at]));
                self.contextual_gain.push(contextual.and_then(|gain| finite(gain.observed.values[at])));
                self.baseline_score.push(finite(gain.baseline[at]));
                let p = (1.0 + f64::from(score.exceedances[at])) / (1.0 + surrogates as f64);
                self.p.push(scored.filter(|_| surrogates > 0).map(|_| p));
            }
        }
    }

    pub(super) fn add_copy(
        &mut self,
        work: &Work<'_>,
        (name, layers): (&str, &[usize]),
        copy: &Copy,
        ceilings: &Ceilings,
    ) {
        for (position, gathered) in copy.layers.iter().enumerate() {
            let layer = if copy.layers.len() == layers.len() { layers[position] } else { 0 };
            for participant in 0..work.layout.participants.len() {
                for target in 0..work.layout.n_targets {
                    let at = (participant, target);
                    let seed = copy.training.seed().map(|seed| seed as i64);
                    self.begin(work, (name, copy.training.name(), seed, layer), at, ceilings);
                    self.score.push(finite(gathered.values[at]));
                    self.unique_gain.push(copy.gains[position].values.get(at).copied().and_then(finite));
                    self.contextual_gain.push(None);
                    self.baseline_score.push(None);
                    self.p.push(None);
                }
            }
        }
    }

    fn begin(
        &mut self,
        work: &Work<'_>,
        (name, training, seed, layer): (&str, &str, Option<i64>, usize),
        (participant, target): (usize, usize),
        ceilings: &Ceilings,
    ) {
        let design =
            (0..work.plan.designs.len()).rev().find(|design| work.layout.first[*design] <= participant);
        self.participant.push(work.layout.participants[participant].clone());
        self.language_model.push(name.to_owned());
        self.training.push(training.to_owned());
        self.seed.push(seed);
        self.layer.push(layer as i64);
        self.target.push(work.inputs.targets[target].name.clone());
        self.ceiling.push(finite(ceilings.leave_one_out[(participant, target)]));
        self.ceiling_kind.push(CEILING_KIND.to_owned());
        self.n_samples.push(design.map_or(0, |design| work.plan.designs[design].n_samples()) as i64);
        self.reason.push(None);
    }

    /// Says why a score is missing, and adds a row for every participant that was left out.
    pub(super) fn explain(&mut self, layout: &Layout, exclusions: &[Exclusion]) {
        for row in 0..self.score.len() {
            if self.score[row].is_some() {
                continue;
            }
            let of_row = |exclusion: &&Exclusion| {
                exclusion.participant == self.participant[row]
                    && exclusion.target.as_ref().is_none_or(|target| *target == self.target[row])
            };
            let reason = exclusions.iter().find(of_row).map(|exclusion| exclusion.reason.clone());
            self.reason[row] =
                Some(reason.unwrap_or_else(|| gyrus_core::NoScore::ConstantInFold.code().to_owned()));
        }
        let mut left_out: Vec<&Exclusion> =
            exclusions.iter().filter(|exclusion| exclusion.target.is_none()).collect();
        left_out.retain(|exclusion| !layout.participants.contains(&exclusion.participant));
        left_out.dedup_by(|a, b| a.participant == b.participant);
        for exclusion in left_out {
            self.participant.push(exclusion.participant.clone());
            self.reason.push(Some(exclusion.reason.clone()));
            for text in
                [&mut self.language_model, &mut self.training, &mut self.target, &mut self.ceiling_kind]
            {
                text.push("n/a".to_owned());
            }
            for number in [
                &mut self.score,
                &mut self.unique_gain,
                &mut self.contextual_gain,
                &mut self.baseline_score,
                &mut self.ceiling,
                &mut self.p,
            ] {
                number.push(None);
            }
            self.seed.push(None);
            self.layer.push(-1);
            self.n_samples.push(0);
        }
    }
}

fn finite(value: f64) -> Option<f64> {
    value.is_finite().then_some(value)
}
