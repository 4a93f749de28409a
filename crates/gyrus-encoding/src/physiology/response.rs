//! How slowly blood follows heart rate and breathing: response functions, and delays.

use serde::{Deserialize, Serialize};

use super::Trace;
use crate::align::glover;

/// Seconds between the values of rates, and between the values of a response that a rate is convolved with.
pub const STEP: f64 = 0.1;

/// What a change of rate does to the signal of the brain.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Response {
    /// Of heart rate: CRF(t) = 0.6 t^2.7 e^(−t/1.6) − 16/√(2π·9) e^(−(t−12)²/(2·9)), until 32 s (Chang et al. 2009).
    Cardiac,
    /// Of breathing: RRF(t) = 0.6 t^2.1 e^(−t/1.6) − 0.0023 t^3.54 e^(−t/4.25), until 60 s (Birn et al. 2008).
    Respiratory,
    /// Of what a person does: Glover's response of the brain, until 32 s ([`glover`]).
    Haemodynamic,
}

impl Response {
    /// The formula at a time in seconds; 0 before 0 and after the end.
    #[must_use]
    pub fn at(self, seconds: f64) -> f64 {
        let t = seconds;
        if !(0.0..=self.seconds()).contains(&t) {
            return 0.0;
        }
        let gamma = |size: f64, power: f64, decay: f64| size * libm::pow(t, power) * libm::exp(-t / decay);
        match self {
            Self::Cardiac => {
                let normal = 16.0 / (std::f64::consts::TAU * 9.0).sqrt();
                gamma(0.6, 2.7, 1.6) - normal * libm::exp(-(t - 12.0) * (t - 12.0) / (2.0 * 9.0))
            }
            Self::Respiratory => gamma(0.6, 2.1, 1.6) - gamma(0.0023, 3.54, 4.25),
            Self::Haemodynamic => glover(t),
        }
    }

    /// The formula every [`STEP`] from 0 on, divided by its largest absolute value.
    #[must_use]
    pub fn kernel(self) -> Vec<f64> {
        let count = (self.seconds() / STEP).round() as usize;
        let values: Vec<f64> = (0..=count).map(|step| self.at(step as f64 * STEP)).collect();
        let largest = values.iter().fold(0.0_f64, |largest, value| largest.max(value.abs()));
        values.iter().map(|value| value / largest).collect()
    }

    fn seconds(self) -> f64 {
        match self {
            Self::Cardiac | Self::Haemodynamic => 32.0,
            Self::Respiratory => 60.0,
        }
    }
}

/// A rate at volume times, later by `lag` seconds, after convolution with a response where there is one.
///
/// y(t) = δ Σ_k h(kδ) x(t − lag − kδ), δ = [`STEP`], h the response with largest absolute value 1; without one, y(t) = x(t − lag).
/// A positive lag delays: what x shows at 30 s, y shows at 30 s + lag. Before its first value x is the first one, after
/// its last value the last one.
///
/// # Shapes
/// Returns one value per time.
#[must_use]
pub fn delayed(rate: &Trace, response: Option<Response>, lag: f64, times: &[f64]) -> Vec<f64> {
    let Some(response) = response else { return times.iter().map(|time| rate.at(time - lag)).collect() };
    let kernel = response.kernel();
    let convolved = |time: &f64| {
        let terms =
            kernel.iter().enumerate().map(|(step, weight)| weight * rate.at(time - lag - step as f64 * STEP));
        STEP * terms.sum::<f64>()
    };
    times.iter().map(convolved).collect()
}
