//! What heart, breath, eyes and voice do to responses: peaks of recorded traces, phases, rates, and regressors made of them.

mod beats;
mod eyes;
mod limits;
mod peaks;
mod phase;
mod quality;
mod rates;
mod response;
mod retroicor;
mod smooth;
mod sound;
mod trace;

pub use eyes::{blinks, gaze_speed, means_around, shut};
pub use limits::Rhythm;
pub use peaks::{Peaks, find_peaks, prepared};
pub use phase::{cardiac_phase, respiratory_phase};
pub use quality::Quality;
pub use rates::{heart_rate, respiratory_variation, respiratory_volume_per_time};
pub use response::{Response, STEP, delayed};
pub use retroicor::{Orders, retroicor};
pub use sound::loudness;
pub use trace::Trace;
