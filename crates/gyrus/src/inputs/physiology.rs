//! Regressors of the body of a run: its recordings found, checked against its volumes, and turned into columns.

mod eyes_and_voice;

use std::ops::Range;
use std::path::{Path, PathBuf};

use gyrus_core::Seconds;
use gyrus_encoding::EncodingError;
use gyrus_encoding::physiology::{
    Peaks, Response, Rhythm, Trace, cardiac_phase, delayed, find_peaks, heart_rate, prepared,
    respiratory_phase, respiratory_variation, respiratory_volume_per_time, retroicor,
};
use gyrus_io::bids::{self, Physio};
use ndarray::Array2;

use super::confounds::Confounds;
use super::triggers;
use crate::Error;
use crate::results::PhysiologyRow;
use crate::study::{Noted, PhysiologyChoice, PhysiologySection, Resolved, ResolvedRun, VolumeRun};

/// What heart and breath give a recording.
#[derive(Debug, Clone, Default)]
pub(super) struct OfBody {
    /// Regressors, by source.
    pub(super) confounds: Vec<Confounds>,
    /// What was recorded and how good it is, one row per trace that was used.
    pub(super) rows: Vec<PhysiologyRow>,
}

/// What was recorded of heart or breath, and where its beats or breaths are.
type Marked = (Trace, Peaks);

/// Phases go on by the nearest cycles over this many seconds without a sample, and no further.
const MOST_EXTRAPOLATED: f64 = 2.0;

/// Reads recordings of heart and breath of the `rows` of a run of `n_volumes`; nothing if the study asks for nothing.
///
/// # Errors
/// - there is none, none or several have the column, or a reader's error,
/// - it does not reach over the volumes that are analysed, or triggers contradict its start,
/// - it holds no rhythm at all.
pub(super) fn open(
    resolved: &Resolved,
    (run, stimulus): (&ResolvedRun, &str),
    (volumes, n_volumes, rows): (&VolumeRun, usize, Range<usize>),
    noted: &mut Noted,
) -> Result<OfBody, Error> {
    let (Some(section), Some(bids)) = (&resolved.study.denoise.physiology, &resolved.study.bids) else {
        return Ok(OfBody::default());
    };
    let root = resolved.absolute(&bids.folder);
    let mut files = Vec::new();
    for path in &volumes.physio {
        let read = bids::read_physio(path, &root)?;
        // Descriptions of physiology are usually divided: what all runs share stands above what each has.
        read.warnings.iter().for_each(|warning| noted.note(&resolved.named(path), &warning.to_string()));
        triggers::check(path, &read.value, (n_volumes, volumes.repetition_time.get()), &mut |text| {
            noted.warn(&resolved.named(path), &text);
        })?;
        files.push((path.clone(), read.value));
    }
    let (reference, interval) = (volumes.reference.get(), volumes.repetition_time.get());
    let times = rows.map(|volume| reference + volume as f64 * interval).collect();
    let mut recorded = Recorded { resolved, run, stimulus, files, times, interval, noted, rows: Vec::new() };
    let confounds = recorded.regressors(section)?;
    Ok(OfBody { confounds, rows: recorded.rows })
}

/// The recordings of one run.
struct Recorded<'a> {
    resolved: &'a Resolved,
    run: &'a ResolvedRun,
    stimulus: &'a str,
    files: Vec<(PathBuf, Physio)>,
    /// Moments that the analysed volumes stand for, in seconds from the first volume.
    times: Vec<f64>,
    /// Seconds between them.
    interval: f64,
    noted: &'a mut Noted,
    rows: Vec<PhysiologyRow>,
}

impl Recorded<'_> {
    fn regressors(&mut self, section: &PhysiologySection) -> Result<Vec<Confounds>, Error> {
        let heart = match section.needs_heart() {
            true => Some(self.traced(&section.cardiac_column, Rhythm::Heart)?),
            false => None,
        };
        let breath = match section.needs_breath() {
            true => Some(self.traced(&section.respiratory_column, Rhythm::Breath)?),
            false => None,
        };
        let eyes = match section.needs_eyes() {
            true => Some(self.gaze(section)?),
            false => None,
        };
        let mut groups = Vec::new();
        for choice in &section.regressors {
            groups.push(match choice {
                PhysiologyChoice::Retroicor => self.retroicor(section, (heart.as_ref(), breath.as_ref()))?,
                PhysiologyChoice::HeartRate => {
                    let rate = heart
                        .as_ref()
                        .map(|(trace, peaks)| heart_rate(&peaks.times, (trace.start(), trace.end())));
                    self.rate(section, ("heart rate", Response::Cardiac), rate.as_ref())
                }
                PhysiologyChoice::Rvt => {
                    let rate =
                        breath.as_ref().map(|(belt, peaks)| respiratory_volume_per_time(belt, &peaks.times));
                    self.rate(section, ("RVT", Response::Respiratory), rate.as_ref())
                }
                PhysiologyChoice::Rv => {
                    let rate = breath.as_ref().map(|(belt, _)| respiratory_variation(belt));
                    self.rate(section, ("RV", Response::Respiratory), rate.as_ref())
                }
                PhysiologyChoice::SoundLevel => self.of_voice(section)?,
                choice => match &eyes {
                    Some(gaze) => self.of_eyes(section, *choice, gaze),
                    None => continue,
                },
            });
        }
        Ok(groups)
    }

    fn retroicor(
        &self,
        section: &PhysiologySection,
        (heart, breath): (Option<&Marked>, Option<&Marked>),
    ) -> Result<Confounds, Error> {
        let cardiac = heart.map(|(_, peaks)| cardiac_phase(&peaks.times, &self.times)).unwrap_or_default();
        let respiratory = breath.map(|(belt, _)| respiratory_phase(belt, &self.times)).unwrap_or_default();
        let made = retroicor(self.times.len(), (&cardiac, &respiratory), section.orders())?;
        Ok(Confounds { source: made.name, names: made.columns, values: made.values })
    }

    fn rate(
        &self,
        section: &PhysiologySection,
        (source, response): (&str, Response),
        rate: Option<&Trace>,
    ) -> Confounds {
        let mut values = Array2::zeros((self.times.len(), section.lags.len()));
        for (lag, mut column) in section.lags.iter().zip(values.columns_mut()) {
            if let Some(rate) = rate {
                column.assign(&ndarray::Array1::from(delayed(rate, Some(response), lag.get(), &self.times)));
            }
        }
        let names = section.lags.iter().map(|lag| format!("{source}, {lag} later")).collect();
        Confounds { source: source.to_owned(), names, values }
    }

    /// A column that reaches over all volumes, ready for phases, with its peaks.
    fn traced(&mut self, column: &str, rhythm: Rhythm) -> Result<Marked, Error> {
        let key = match rhythm {
            Rhythm::Heart => "cardiac_column",
            Rhythm::Breath => "respiratory_column",
        };
        let (path, physio) = self.with_column(column, key)?;
        let wrong = |error: EncodingError| unusable(&path, column, error);
        let (rate, start) = (physio.rate, physio.start);
        let coarse = physio.coarse(column);
        let samples = physio.column(column).unwrap_or_default().to_vec();
        let trace = Trace::new(Seconds::new(start)?, rate, samples).map_err(wrong)?;
        self.check_reach(&path, column, &trace)?;
        let peaks = find_peaks(&trace, rhythm).map_err(wrong)?;
        let name = self.resolved.named(&path);
        if let Some((step, deviation)) = coarse {
            self.noted.warn(&name, &format!("`{column}` is stored in steps of {step:.4} at a standard deviation of {deviation:.4}, so that rounding makes more than 1 % of its variance; convert it again with all digits"));
        }
        let quality = peaks.quality;
        if quality.is_low() {
            self.noted.warn(&name, &format!(
                "peaks of `{column}` are doubtful: {:.0} % of the intervals between them are plausible, and a mean cycle explains {:.0} % of the variance; look at the trace, or leave its regressors out",
                100.0 * quality.plausible, 100.0 * quality.explained
            ));
        }
        let cycles = (peaks.times.len() - 1) as f64;
        let seconds = peaks.times.last().unwrap_or(&0.0) - peaks.times.first().unwrap_or(&0.0);
        self.rows.push(PhysiologyRow {
            participant: self.run.participant.clone(),
            run: self.stimulus.to_owned(),
            signal: match rhythm {
                Rhythm::Heart => "cardiac",
                Rhythm::Breath => "respiratory",
            }
            .to_owned(),
            sampling_rate: rate,
            start,
            peaks: peaks.times.len(),
            per_minute: 60.0 * cycles / seconds,
            plausible: quality.plausible,
            explained: quality.explained,
        });
        Ok((prepared(&trace, rhythm).map_err(wrong)?, peaks))
    }

    fn with_column(&self, column: &str, key: &str) -> Result<(PathBuf, Physio), Error> {
        let having: Vec<&(PathBuf, Physio)> =
            self.files.iter().filter(|(_, physio)| physio.column(column).is_some()).collect();
        match &having[..] {
            [one] => Ok((*one).clone()),
            [] => Err(self.without(column, key)),
            [first, second, ..] => Err(Error::Unusable {
                path: second.0.clone(),
                found: format!("a column `{column}`, which {} has too", self.resolved.named(&first.0)),
                expected: "one of each name for a run; rename one in its JSON file".to_owned(),
            }),
        }
    }

    /// Nobody recorded the column.
    fn without(&self, column: &str, key: &str) -> Error {
        let run = self.resolved.named(&self.run.responses);
        if self.files.is_empty() {
            let found = format!("no recording of the body of {run}");
            let expected = "a file that ends in _physio.tsv.gz in the folder func of the data set (bids.folder); add it, leave \
                            the participant out with responses.exclude, or remove denoise.physiology";
            return self.resolved.setting("denoise.physiology", found, expected.to_owned());
        }
        let listed = |(path, physio): &(PathBuf, Physio)| {
            let names: Vec<&str> = physio.columns.iter().map(|(name, _)| name.as_str()).collect();
            format!("{} has {}", self.resolved.named(path), names.join(", "))
        };
        let listed: Vec<String> = self.files.iter().map(listed).collect();
        let found = format!("no column `{column}` for {run}: {}", listed.join("; "));
        let expected = format!(
            "such a column; name another with {key}, leave the participant out with responses.exclude, or ask for no regressor that needs it"
        );
        self.resolved.setting("denoise.physiology", found, expected)
    }

    /// Nothing is guessed further than a moment before the first sample or after the last.
    fn check_reach(&mut self, path: &Path, column: &str, trace: &Trace) -> Result<(), Error> {
        let Some((first, last)) = self.require_reach(path, column, trace)? else { return Ok(()) };
        let gap = trace.longest_gap(first.max(trace.start()), last.min(trace.end()));
        if gap > MOST_EXTRAPOLATED {
            let name = self.resolved.named(path);
            self.noted.warn(&name, &format!("`{column}` has no sample for {gap:.1} s: phases and rates there are straight lines between what is around"));
        }
        Ok(())
    }

    /// The first and the last moment, which the trace reaches.
    fn require_reach(&self, path: &Path, column: &str, trace: &Trace) -> Result<Option<(f64, f64)>, Error> {
        let (Some(first), Some(last)) = (self.times.first(), self.times.last()) else { return Ok(None) };
        if trace.start() - first > MOST_EXTRAPOLATED || last - trace.end() > MOST_EXTRAPOLATED {
            return Err(Error::Unusable {
                path: path.to_owned(),
                found: format!(
                    "`{column}` from {:.2} s to {:.2} s after the first volume ({} samples at {} Hz)",
                    trace.start(),
                    trace.end(),
                    trace.values().len(),
                    trace.rate()
                ),
                expected: format!(
                    "{first:.2} s to {last:.2} s, the analysed volumes, with at most {MOST_EXTRAPOLATED} s missing at either end; correct `StartTime` or `SamplingFrequency`, copy the whole recording, or leave the participant out with responses.exclude"
                ),
            });
        }
        Ok(Some((*first, *last)))
    }
}

fn unusable(path: &Path, column: &str, error: EncodingError) -> Error {
    let EncodingError::Recording { found, expected } = error else { return Error::from(error).at(path) };
    Error::Unusable {
        path: path.to_owned(),
        found: format!("{found} of `{column}`"),
        expected: format!(
            "{expected}; the sensor was off: leave the participant out with responses.exclude, or ask for no regressor that needs it"
        ),
    }
}
