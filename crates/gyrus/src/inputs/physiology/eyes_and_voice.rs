//! Regressors of what a person does in the scanner: looks somewhere, moves the eyes, blinks, coughs or speaks.

use std::path::PathBuf;

use gyrus_core::Seconds;
use gyrus_encoding::physiology::{Response, Trace, blinks, gaze_speed, loudness, means_around, shut};
use gyrus_io::bids::Physio;
use ndarray::{Array1, Array2};

use super::{Recorded, unusable};
use crate::Error;
use crate::inputs::confounds::Confounds;
use crate::results::PhysiologyRow;
use crate::study::{PhysiologyChoice, PhysiologySection};

/// Where one eye looked.
pub(super) struct Gaze {
    x: Trace,
    y: Trace,
    /// Across, missing where either is.
    found: Trace,
}

/// Less than this share of the samples is no record of an eye.
const LEAST_SEEN: f64 = 0.5;

impl Recorded<'_> {
    /// Positions of the eye, of the first file that has them, with a row for the tables.
    pub(super) fn gaze(&mut self, section: &PhysiologySection) -> Result<Gaze, Error> {
        let [x, y] = &section.gaze_columns;
        let having: Vec<usize> =
            (0..self.files.len()).filter(|file| self.files[*file].1.column(x).is_some()).collect();
        let (path, physio) = match &having[..] {
            [] => self.with_column(x, "gaze_columns")?,
            [only] => self.files[*only].clone(),
            // Both eyes look at the same.
            [first, second, ..] => {
                let (first, second) = (self.files[*first].clone(), &self.files[*second].0);
                let (one, other) = (self.resolved.named(&first.0), self.resolved.named(second));
                self.noted.note(&one, &format!("gaze is taken from here; {other} has the other eye"));
                first
            }
        };
        let (x, y) = (self.samples((&path, &physio), x)?, self.samples((&path, &physio), y)?);
        let either = x.values().iter().zip(y.values()).map(|(x, y)| if y.is_nan() { f64::NAN } else { *x });
        let found = Trace::new(Seconds::new(physio.start)?, physio.rate, either.collect())?;
        let missing = found.values().iter().filter(|value| value.is_nan()).count();
        let seen = 1.0 - missing as f64 / found.values().len() as f64;
        let gaze = Gaze { x, y, found };
        let name = self.resolved.named(&path);
        if seen < LEAST_SEEN {
            self.noted.warn(&name, &format!("the eye was found in {:.0} % of the samples only; look at the trace, or leave its regressors out", 100.0 * seen));
        }
        if is_coded(&gaze) {
            self.noted.warn(&name, "more than 1 % of the gaze is exactly (0, 0): trackers write that where they find no eye; write n/a there, or a blink looks like a glance");
        }
        let count = blinks(&gaze.found);
        let minutes = (gaze.x.end() - gaze.x.start()) / 60.0;
        self.rows.push(PhysiologyRow {
            participant: self.run.participant.clone(),
            run: self.stimulus.to_owned(),
            signal: "eye".to_owned(),
            sampling_rate: physio.rate,
            start: physio.start,
            peaks: count,
            per_minute: count as f64 / minutes,
            plausible: seen,
            explained: f64::NAN,
        });
        Ok(gaze)
    }

    /// Regressors of the eyes.
    pub(super) fn of_eyes(
        &self,
        section: &PhysiologySection,
        choice: PhysiologyChoice,
        gaze: &Gaze,
    ) -> Confounds {
        match choice {
            PhysiologyChoice::Gaze => {
                let mut values = Array2::zeros((self.times.len(), 2));
                for (trace, mut column) in [&gaze.x, &gaze.y].into_iter().zip(values.columns_mut()) {
                    column.assign(&Array1::from(means_around(trace, self.interval, &self.times)));
                }
                let names = section.gaze_columns.to_vec();
                Confounds { source: "gaze".to_owned(), names, values }
            }
            PhysiologyChoice::Saccades => {
                self.rate(section, ("saccades", Response::Haemodynamic), Some(&gaze_speed(&gaze.x, &gaze.y)))
            }
            _ => self.at_once_and_later(section, "blinks", &shut(&gaze.found)),
        }
    }

    /// How loud it was.
    pub(super) fn of_voice(&self, section: &PhysiologySection) -> Result<Confounds, Error> {
        let column = &section.sound_column;
        let (path, physio) = self.with_column(column, "sound_column")?;
        let filled = self.samples((&path, &physio), column)?.filled();
        let audio = filled.map_err(|error| unusable(&path, column, error))?;
        Ok(self.at_once_and_later(section, "sound level", &loudness(&audio)))
    }

    /// The mean in every volume, which moves the head, and what the brain answers.
    fn at_once_and_later(&self, section: &PhysiologySection, source: &str, trace: &Trace) -> Confounds {
        let later = self.rate(section, (source, Response::Haemodynamic), Some(trace));
        let now = means_around(trace, self.interval, &self.times);
        let mut values = Array2::zeros((self.times.len(), 1 + later.values.ncols()));
        values.column_mut(0).assign(&Array1::from(now));
        values.slice_mut(ndarray::s![.., 1..]).assign(&later.values);
        let names = std::iter::once(format!("{source}, in the volume")).chain(later.names).collect();
        Confounds { source: later.source, names, values }
    }

    /// A column that reaches over all volumes, with its missing samples.
    fn samples(&self, (path, physio): (&PathBuf, &Physio), column: &str) -> Result<Trace, Error> {
        let Some(samples) = physio.column(column) else {
            return Err(self.without(column, "gaze_columns"));
        };
        let wrong = |error| unusable(path, column, error);
        let trace = Trace::new(Seconds::new(physio.start)?, physio.rate, samples.to_vec()).map_err(wrong)?;
        self.require_reach(path, column, &trace)?;
        trace.filled().map_err(wrong)?;
        Ok(trace)
    }
}

fn is_coded(gaze: &Gaze) -> bool {
    let zeros = gaze.x.values().iter().zip(gaze.y.values()).filter(|(x, y)| **x == 0.0 && **y == 0.0);
    zeros.count() as f64 > 0.01 * gaze.x.values().len() as f64
}
