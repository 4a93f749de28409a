//! Where recording and stimulus do not last equally long: volumes after the last word, and words before the first volume.

use gyrus_core::{Sampling, Seconds, Stimulus};

use super::Recording;
use crate::study::{Noted, Resolved};

/// Volumes this long after the last word, and words this long before the first volume, are said. A haemodynamic response is over
/// by then (Glover 1999: 32 s), so that nothing of the stimulus reaches beyond.
const SLACK: f64 = 32.0;

/// How many samples of a recording are analysed: those up to `after` seconds after the last word.
pub(super) fn end(whole: &Sampling, stimulus: &Stimulus, after: Option<Seconds>) -> usize {
    let (Some(after), Some(last)) = (after, last_word(stimulus)) else { return whole.count };
    let until = last + after.get();
    whole.times().take_while(|time| *time <= until).count()
}

/// What is said of the recordings of a study.
#[derive(Default)]
pub(super) struct Outside {
    after: Longest,
    before: Longest,
}

/// How many recordings something is true of, and of which most.
#[derive(Default)]
struct Longest {
    count: usize,
    seconds: f64,
    file: String,
}

impl Outside {
    /// Looks at a recording. Words before a part of a stimulus were heard in another part.
    pub(super) fn look(&mut self, file: &str, recording: &Recording, stimulus: &Stimulus) {
        let sampling = &recording.sampling;
        if let Some(last) = last_word(stimulus) {
            self.after.add(file, sampling.time(sampling.count) - last);
        }
        let onset = stimulus.words().iter().find_map(|word| word.onset);
        if let Some(onset) = onset.filter(|_| !recording.is_part()) {
            let first = sampling.time(0) - recording.left_out() as f64 * sampling.interval.get();
            self.before.add(file, first - onset.get());
        }
    }

    pub(super) fn report(self, resolved: &Resolved, noted: &mut Noted) {
        if let Some(of) = self.after.of() {
            let key = match resolved.study.responses.after_last_word {
                None => "responses.after_last_word leaves such volumes out".to_owned(),
                Some(after) => format!("responses.after_last_word is {after}"),
            };
            noted.warn_of_all(format!(
                "volumes more than {SLACK} s after the last word are analysed {of}: {key}"
            ));
        }
        if let Some(of) = self.before.of() {
            noted.warn_of_all(format!(
                "words more than {SLACK} s before the first volume are aligned to none {of}: check the times of words, events and \
                 bids.map, and responses.stimulus_time_of_first_volume"
            ));
        }
    }
}

impl Longest {
    fn add(&mut self, file: &str, seconds: f64) {
        if seconds <= SLACK {
            return;
        }
        self.count += 1;
        if seconds > self.seconds {
            (self.seconds, self.file) = (seconds, file.to_owned());
        }
    }

    fn of(self) -> Option<String> {
        let Self { count, seconds, file } = self;
        match count {
            0 => None,
            1 => Some(format!("in {file} (until {seconds:.1} s)")),
            _ => Some(format!("in {count} recordings (most in {file}, {seconds:.1} s)")),
        }
    }
}

/// When the last word ends, or starts where it has no end.
fn last_word(stimulus: &Stimulus) -> Option<f64> {
    let times = stimulus.words().iter().filter_map(|word| word.offset.or(word.onset));
    times.map(Seconds::get).reduce(f64::max)
}
