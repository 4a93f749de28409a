//! A signal recorded at a steady rate, on the clock of a run.

use gyrus_core::Seconds;

use crate::EncodingError;

/// Samples at a steady rate; time 0 is the start of the first volume of the run. A missing sample is NaN.
#[derive(Debug, Clone, PartialEq)]
pub struct Trace {
    start: f64,
    rate: f64,
    values: Vec<f64>,
}

impl Trace {
    /// Samples of which the first was taken at `start` and `rate` per second follow.
    ///
    /// # Errors
    /// - [`EncodingError::Recording`] if there is no sample, the rate is not positive, or a sample is infinite.
    pub fn new(start: Seconds, rate: f64, values: Vec<f64>) -> Result<Self, EncodingError> {
        let wrong = |found: String, expected| Err(EncodingError::Recording { found, expected });
        if values.is_empty() {
            return wrong("no sample".to_owned(), "at least one");
        }
        if !(rate > 0.0 && rate.is_finite()) {
            return wrong(format!("{rate} samples per second"), "a positive number");
        }
        match values.iter().position(|value| value.is_infinite()) {
            Some(sample) => {
                wrong(format!("infinity in sample {sample}"), "finite numbers, or NaN where one is missing")
            }
            None => Ok(Self { start: start.get(), rate, values }),
        }
    }

    pub(super) fn made(start: f64, rate: f64, values: Vec<f64>) -> Self {
        Self { start, rate, values }
    }

    /// Samples per second.
    #[must_use]
    pub fn rate(&self) -> f64 {
        self.rate
    }

    /// Time of the first sample in seconds.
    #[must_use]
    pub fn start(&self) -> f64 {
        self.start
    }

    /// Time at which the sample after the last one would be taken, in seconds.
    #[must_use]
    pub fn end(&self) -> f64 {
        self.time(self.values.len())
    }

    /// The samples.
    #[must_use]
    pub fn values(&self) -> &[f64] {
        &self.values
    }

    /// Time of a sample in seconds.
    #[must_use]
    pub fn time(&self, sample: usize) -> f64 {
        self.start + sample as f64 / self.rate
    }

    /// The value at a time: straight between samples, the first one before them and the last one after them.
    #[must_use]
    pub fn at(&self, seconds: f64) -> f64 {
        let last = self.values.len() - 1;
        let place = ((seconds - self.start) * self.rate).clamp(0.0, last as f64);
        let sample = (place as usize).min(last);
        let part = place - sample as f64;
        let next = self.values[(sample + 1).min(last)];
        // Not a weighted sum where it falls on a sample: the next one may be missing.
        if part == 0.0 {
            self.values[sample]
        } else {
            self.values[sample] + part * (next - self.values[sample])
        }
    }

    /// The longest time without a sample between two times, in seconds: before the first, after the last, or missing.
    #[must_use]
    pub fn longest_gap(&self, from: f64, to: f64) -> f64 {
        let times = (0..self.values.len()).filter(|sample| !self.values[*sample].is_nan());
        let inside = times.map(|sample| self.time(sample)).filter(|time| (from..=to).contains(time));
        let mut longest = 0.0_f64;
        let mut before = from;
        for time in inside.chain([to]) {
            longest = longest.max(time - before);
            before = time;
        }
        longest
    }

    /// Missing samples replaced: straight lines between neighbours, the nearest one at both ends.
    ///
    /// # Errors
    /// - [`EncodingError::Recording`] if no two samples differ.
    pub fn filled(&self) -> Result<Self, EncodingError> {
        let known: Vec<usize> =
            (0..self.values.len()).filter(|sample| !self.values[*sample].is_nan()).collect();
        let first = known.first().map(|sample| self.values[*sample]);
        if known.iter().all(|sample| Some(self.values[*sample]) == first) {
            let found = match first {
                None => "no sample that is not missing".to_owned(),
                Some(value) => format!("{value} in every sample"),
            };
            return Err(EncodingError::Recording { found, expected: "values that differ" });
        }
        let mut values = self.values.clone();
        for pair in known.windows(2) {
            let (left, right) = (self.values[pair[0]], self.values[pair[1]]);
            let length = (pair[1] - pair[0]) as f64;
            for (step, value) in values[pair[0]..pair[1]].iter_mut().enumerate().skip(1) {
                *value = left + step as f64 / length * (right - left);
            }
        }
        if let (Some(first), Some(last)) = (known.first(), known.last()) {
            let (start, end) = (values[*first], values[*last]);
            values[..*first].fill(start);
            values[*last..].fill(end);
        }
        Ok(Self { values, ..*self })
    }

    /// Means of as many neighbours as leave at least `least` samples per second; a rest at the end is left out.
    pub(super) fn reduced(&self, least: f64) -> Self {
        let factor = ((self.rate / least) as usize).clamp(1, self.values.len());
        let mean = |samples: &[f64]| samples.iter().sum::<f64>() / factor as f64;
        Self {
            start: self.start + (factor - 1) as f64 / (2.0 * self.rate),
            rate: self.rate / factor as f64,
            values: self.values.chunks_exact(factor).map(mean).collect(),
        }
    }

    /// The same times with other values.
    pub(super) fn with(&self, values: Vec<f64>) -> Self {
        Self { values, ..*self }
    }
}
