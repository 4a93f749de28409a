//! `denoise.physiology`: which regressors are made of recordings of heart, breath, eyes and voice, and how.

use gyrus_core::Seconds;
use gyrus_encoding::physiology::Orders;
use serde::{Deserialize, Serialize};

use super::schema::Study;
use super::settings::{Found, wrong};

/// `denoise.physiology`
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PhysiologySection {
    /// Which regressors.
    pub regressors: Vec<PhysiologyChoice>,
    /// Order of the cardiac Fourier series of RETROICOR.
    #[serde(default = "cardiac")]
    pub cardiac: usize,
    /// Order of the respiratory one.
    #[serde(default = "respiratory")]
    pub respiratory: usize,
    /// Order of those of the sum and the difference of both phases.
    #[serde(default = "interaction")]
    pub interaction: usize,
    /// Seconds by which rates are delayed beside their response functions, one regressor each.
    #[serde(default = "lags")]
    pub lags: Vec<Seconds>,
    /// Name of the column with the pulse or the electrocardiogram.
    #[serde(default = "cardiac_column")]
    pub cardiac_column: String,
    /// Name of the column with the breathing trace.
    #[serde(default = "respiratory_column")]
    pub respiratory_column: String,
    /// Names of the columns with where the eye looks, across and up or down.
    #[serde(default = "gaze_columns")]
    pub gaze_columns: [String; 2],
    /// Name of the column with the sound of the scanner's microphone.
    #[serde(default = "sound_column")]
    pub sound_column: String,
}

/// A kind of regressors of the body.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PhysiologyChoice {
    /// Fourier series of the phases of heart and breath.
    Retroicor,
    /// Respiratory volume per time.
    Rvt,
    /// Respiratory variation.
    Rv,
    /// Heart rate.
    HeartRate,
    /// Where the eye looks.
    Gaze,
    /// How fast it moves.
    Saccades,
    /// How much of the time it is shut.
    Blinks,
    /// How loud the person in the scanner is.
    SoundLevel,
}

fn cardiac() -> usize {
    Orders::default().cardiac
}

fn respiratory() -> usize {
    Orders::default().respiratory
}

fn interaction() -> usize {
    Orders::default().interaction
}

fn lags() -> Vec<Seconds> {
    vec![Seconds::ZERO]
}

fn cardiac_column() -> String {
    "cardiac".to_owned()
}

fn respiratory_column() -> String {
    "respiratory".to_owned()
}

fn gaze_columns() -> [String; 2] {
    ["x_coordinate", "y_coordinate"].map(str::to_owned)
}

fn sound_column() -> String {
    "audio".to_owned()
}

impl PhysiologySection {
    /// Orders of RETROICOR.
    #[must_use]
    pub fn orders(&self) -> Orders {
        Orders { cardiac: self.cardiac, respiratory: self.respiratory, interaction: self.interaction }
    }

    /// Whether a kind of regressors is asked for.
    #[must_use]
    pub fn asks_for(&self, choice: PhysiologyChoice) -> bool {
        self.regressors.contains(&choice)
    }

    /// Whether the heart is needed.
    #[must_use]
    pub fn needs_heart(&self) -> bool {
        let of_phase = self.asks_for(PhysiologyChoice::Retroicor) && self.cardiac + self.interaction > 0;
        of_phase || self.asks_for(PhysiologyChoice::HeartRate)
    }

    /// Whether the eyes are needed.
    #[must_use]
    pub fn needs_eyes(&self) -> bool {
        [PhysiologyChoice::Gaze, PhysiologyChoice::Saccades, PhysiologyChoice::Blinks]
            .into_iter()
            .any(|choice| self.asks_for(choice))
    }

    /// Whether the breath is needed.
    #[must_use]
    pub fn needs_breath(&self) -> bool {
        let of_phase = self.asks_for(PhysiologyChoice::Retroicor) && self.respiratory + self.interaction > 0;
        of_phase || self.asks_for(PhysiologyChoice::Rvt) || self.asks_for(PhysiologyChoice::Rv)
    }
}

/// Longer delays are no response of the body to itself.
const LONGEST_LAG: f64 = 60.0;
/// Higher orders than this fit noise.
const HIGHEST_ORDER: usize = 10;

/// Settings of physiology that contradict each other.
pub(super) fn check(study: &Study) -> Found {
    let section = study.denoise.physiology.as_ref()?;
    let key = "denoise.physiology";
    if study.bids.is_none() {
        let expected = "a section [bids], whose folder has physio files; leave the key out for tables";
        return wrong(key, "recordings of heart and breath without [bids]", expected);
    }
    let is_repeated = |index: usize| section.regressors[..index].contains(&section.regressors[index]);
    if section.regressors.is_empty() || (0..section.regressors.len()).any(is_repeated) {
        let expected = "\"retroicor\", \"rvt\", \"rv\", \"heart_rate\", \"gaze\", \"saccades\", \"blinks\" or \"sound_level\", each at most once; leave the key out for none";
        return wrong("denoise.physiology.regressors", format!("{:?}", section.regressors), expected);
    }
    let orders = section.orders();
    let highest = orders.cardiac.max(orders.respiratory).max(orders.interaction);
    if highest > HIGHEST_ORDER || (orders.columns() == 0 && section.asks_for(PhysiologyChoice::Retroicor)) {
        let found = format!("orders {}, {}, {}", orders.cardiac, orders.respiratory, orders.interaction);
        let expected = format!("orders of 0 to {HIGHEST_ORDER}, not all 0; 3, 4 and 1 are usual");
        return wrong(key, found, expected);
    }
    let lags: Vec<f64> = section.lags.iter().map(|lag| lag.get()).collect();
    let is_wrong = |index: usize| lags[index].abs() > LONGEST_LAG || lags[..index].contains(&lags[index]);
    match lags.is_empty() || (0..lags.len()).any(is_wrong) {
        true => {
            let found = format!("{lags:?} s");
            let expected =
                format!("lags of −{LONGEST_LAG} s to {LONGEST_LAG} s, each once, such as [\"0 s\"]");
            wrong("denoise.physiology.lags", found, expected)
        }
        false => None,
    }
}
