//! What a rate has to be.

use gyrus_encoding::calibration::Estimate;

/// A share of data sets with its standard error.
pub fn rate(outcomes: impl IntoIterator<Item = bool>) -> Estimate {
    let outcomes: Vec<f64> = outcomes.into_iter().map(|is| f64::from(u8::from(is))).collect();
    gyrus_encoding::calibration::summarise(&outcomes, |value| *value)
}

/// Every rate that is outside what is asked for.
#[derive(Default)]
pub struct Judgement(Vec<String>);

impl Judgement {
    /// An estimate that has to lie in a range.
    pub fn within(&mut self, what: &str, estimate: Estimate, [low, high]: [f64; 2]) {
        if !(low..=high).contains(&estimate.mean) {
            self.0.push(format!("{what} is {}, expected {low} to {high}", shown(estimate)));
        }
    }

    /// An estimate that has to exceed another number.
    pub fn above(&mut self, what: &str, estimate: Estimate, low: f64) {
        if estimate.mean.is_nan() || estimate.mean <= low {
            self.0.push(format!("{what} is {}, expected above {low}", shown(estimate)));
        }
    }

    /// An estimate that must not differ from 0 by more than 2.5 standard errors.
    pub fn centred(&mut self, what: &str, estimate: Estimate) {
        let far = estimate.mean.abs() > 2.5 * estimate.standard_error;
        if far || estimate.mean.is_nan() {
            self.0.push(format!("{what} is {}, expected 0 within 2.5 standard errors", shown(estimate)));
        }
    }

    /// An error that lists them.
    pub fn end(self) -> Result<(), Box<dyn std::error::Error>> {
        if self.0.is_empty() { Ok(()) } else { Err(self.0.join("; ").into()) }
    }
}

/// Mean ± standard error.
pub fn shown(estimate: Estimate) -> String {
    format!("{:.4} ± {:.4}", estimate.mean, estimate.standard_error)
}
