//! How each run was cleaned, and who and what was left out.

use super::super::prepare::{COARSE, PrepareReport};
use super::super::projected::Projected;
use crate::Error;
use crate::inputs::{Inputs, Recording};
use crate::plan::Plan;
use crate::results::{Carpet, CleaningRow, Exclusion, ParticipantResults};
use crate::store::Store;
use crate::study::Noted;

/// Every run that was cleaned, with its report.
pub(super) struct Runs<'a> {
    inputs: &'a Inputs,
    cleaned: Vec<(&'a Recording, PrepareReport)>,
    carpet: Option<Carpet>,
}

impl<'a> Runs<'a> {
    pub(super) fn read(inputs: &'a Inputs, plan: &Plan, store: &Store) -> Result<Self, Error> {
        let run = |task: &super::Prepare| Ok((&inputs.recordings[task.recording], task.report(store)?));
        let whole: Vec<_> =
            plan.prepare.iter().filter(|task| task.projected == Projected::Everything).collect();
        let cleaned: Vec<_> = whole.iter().copied().map(run).collect::<Result<_, Error>>()?;
        let taken =
            |place: &usize| cleaned[*place].1.variance_removed.iter().map(|(_, share)| share).sum::<f64>();
        // The first of those that are alike.
        let most = (0..cleaned.len()).rev().max_by(|a, b| taken(a).total_cmp(&taken(b)));
        let carpet = most.map(|place| whole[place].carpet(inputs, store)).transpose()?;
        Ok(Self { inputs, cleaned, carpet })
    }

    /// Of the recording from which cleaning took the largest share of variance.
    pub(super) fn carpet(&self) -> Option<Carpet> {
        self.carpet.clone()
    }

    fn name_of(&self, recording: &Recording) -> String {
        self.inputs.stimuli[recording.run.stimulus].stimulus.name().to_owned()
    }

    /// Participants, those that are left out too, and everything that was left out.
    pub(super) fn participants(&self) -> (Vec<ParticipantResults>, Vec<Exclusion>) {
        let mut exclusions = Vec::new();
        let names = self.inputs.resolved.participants().into_iter();
        (names.map(|name| self.participant(name, &mut exclusions)).collect(), exclusions)
    }

    fn participant(&self, name: String, exclusions: &mut Vec<Exclusion>) -> ParticipantResults {
        let of = |recording: &&Recording| recording.run.participant == name;
        let excluded: Vec<(&Recording, &String)> = self
            .inputs
            .recordings
            .iter()
            .filter(of)
            .filter_map(|recording| Some((recording, recording.exclusion.as_ref()?)))
            .collect();
        exclusions.extend(excluded.iter().map(|(recording, reason)| Exclusion {
            participant: name.clone(),
            run: Some(self.name_of(recording)),
            target: None,
            reason: (*reason).clone(),
        }));
        let cleaned: Vec<&(&Recording, PrepareReport)> =
            self.cleaned.iter().filter(|(recording, _)| of(recording)).collect();
        cleaned.iter().for_each(|(recording, report)| self.exclude_targets(recording, report, exclusions));
        let nobody = || excluded.first().map(|(_, reason)| (*reason).clone());
        ParticipantResults {
            excluded: if cleaned.is_empty() { nobody() } else { None },
            n_samples: cleaned.iter().map(|(recording, _)| recording.sampling.count).sum(),
            n_regressors: cleaned.iter().map(|(_, report)| report.n_regressors).sum(),
            degrees_of_freedom: cleaned.iter().map(|(_, report)| report.degrees_of_freedom).sum(),
            variance_removed: mean_shares(cleaned.iter().map(|(_, report)| report)),
            name,
        }
    }

    fn exclude_targets(
        &self,
        recording: &Recording,
        report: &PrepareReport,
        exclusions: &mut Vec<Exclusion>,
    ) {
        let run = self.name_of(recording);
        for (target, reason) in self.inputs.targets.iter().zip(&report.reasons) {
            if let Some(reason) = reason {
                exclusions.push(Exclusion {
                    participant: recording.run.participant.clone(),
                    run: Some(run.clone()),
                    target: Some(target.name.clone()),
                    reason: reason.code().to_owned(),
                });
            }
        }
    }

    /// Runs in which more than one target in a hundred varies by little more than the steps in which it is stored.
    pub(super) fn coarse(&self) -> Vec<String> {
        let mut noted = Noted::default();
        let percent = 100.0 * COARSE;
        for (recording, report) in &self.cleaned {
            if 100 * report.coarse > recording.n_targets {
                let file = self.inputs.resolved.named(&recording.run.responses);
                noted.warn(&file, &format!(
                    "voxels are stored in steps so coarse that in more than 1 % of targets rounding makes more than {percent:.0} % of the variance; write the images as floating point (fMRIPrep keeps the type of the raw images)"
                ));
            }
        }
        noted.warnings().collect()
    }

    /// A row for every run.
    pub(super) fn cleaning(self) -> Vec<CleaningRow> {
        let inputs = self.inputs;
        let row = |(recording, report): (&Recording, PrepareReport)| CleaningRow {
            participant: recording.run.participant.clone(),
            run: inputs.stimuli[recording.run.stimulus].stimulus.name().to_owned(),
            n_samples: recording.sampling.count,
            n_regressors: report.n_regressors,
            rank: report.rank,
            degrees_of_freedom: report.degrees_of_freedom,
            condition: report.condition,
            dropped: report.dropped,
            variance_by_region: report.variance_by_region,
        };
        self.cleaned.into_iter().map(row).collect()
    }
}

/// Mean over the runs in which a source could take something out.
fn mean_shares<'a>(reports: impl Iterator<Item = &'a PrepareReport>) -> Vec<(String, f64)> {
    let mut sums: Vec<(String, f64, u32)> = Vec::new();
    for (name, share) in reports.flat_map(|report| &report.variance_removed) {
        match sums.iter_mut().find(|(known, ..)| known == name) {
            Some((_, sum, count)) => (*sum, *count) = (*sum + share, *count + 1),
            None => sums.push((name.clone(), *share, 1)),
        }
    }
    sums.into_iter().map(|(name, sum, count)| (name, sum / f64::from(count))).collect()
}
