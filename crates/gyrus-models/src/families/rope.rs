//! Rotary positions as configurations describe them, with every published way to stretch them.

use std::f64::consts::{PI, TAU};

use serde_json::{Map, Value};

use super::Configuration;
use crate::ModelError;
use crate::transformer::{Frequencies, Rotary};

/// The description of one set of rotary positions.
pub(super) struct Rope<'a> {
    configuration: &'a Configuration,
    /// Where errors say it stands.
    key: &'static str,
    stated: Map<String, Value>,
    head_width: usize,
}

/// Values that a family has where its configuration says nothing.
#[derive(Clone, Copy)]
pub(super) struct Defaults {
    /// Base of the angles.
    pub theta: f64,
    /// Share of a head's units that turn.
    pub share: f64,
}

/// The defaults of most families.
pub(super) const DEFAULTS: Defaults = Defaults { theta: 10_000.0, share: 1.0 };

/// Where Gemma 3 states the base of blocks that see a window.
const LOCAL: &str = "rope_local_base_freq";

const KNOWN: [&str; 16] = [
    "attention_factor",
    "beta_fast",
    "beta_slow",
    "factor",
    "high_freq_factor",
    "long_factor",
    "low_freq_factor",
    "mscale",
    "mscale_all_dim",
    "original_max_position_embeddings",
    "partial_rotary_factor",
    "rope_theta",
    "rope_type",
    "short_factor",
    "truncate",
    "type",
];

impl<'a> Rope<'a> {
    /// The description under `rope_parameters`, or `rope_scaling` of older configurations.
    pub(super) fn of(configuration: &'a Configuration, head_width: usize) -> Result<Self, ModelError> {
        let key =
            if configuration.value("rope_parameters").is_some() { "rope_parameters" } else { "rope_scaling" };
        Self::within(configuration, (key, None), head_width)
    }

    /// The description under a key, for blocks of one kind where the family has several.
    pub(super) fn within(
        configuration: &'a Configuration,
        (key, kind): (&'static str, Option<&str>),
        head_width: usize,
    ) -> Result<Self, ModelError> {
        let value = configuration.value(key);
        let value = kind.map_or(value, |kind| value.and_then(|value| value.get(kind)));
        let stated = match value {
            None => Map::new(),
            Some(Value::Object(stated)) => stated.clone(),
            Some(_) => return Err(configuration.wrong(key, "a table with rope_type")),
        };
        match stated.keys().find(|inner| !KNOWN.contains(&inner.as_str())) {
            Some(inner) => Err(configuration.wrong(
                key,
                &format!("no key `{inner}` in it: it might change the computation, and is not built in"),
            )),
            None => Ok(Self { configuration, key, stated, head_width }),
        }
    }

    /// A description that leaves everything to the family's defaults.
    pub(super) fn local(configuration: &'a Configuration, head_width: usize) -> Self {
        Self { configuration, key: LOCAL, stated: Map::new(), head_width }
    }

    /// Rotary positions.
    pub(super) fn rotary(&self, defaults: Defaults) -> Result<Rotary, ModelError> {
        let theta = self.base(defaults.theta)?;
        let share = match self.number("partial_rotary_factor")? {
            Some(share) => share,
            None => self.configuration.number_or("partial_rotary_factor", defaults.share)?,
        };
        let units = (self.head_width as f64 * share) as usize / 2 * 2;
        if !(share > 0.0 && share <= 1.0) || units == 0 || theta <= 0.0 {
            return Err(self.wrong("a positive rope_theta and a partial_rotary_factor above 0 and up to 1"));
        }
        let plain = inverse(theta, units);
        let kind = self.stated.get("rope_type").or_else(|| self.stated.get("type"));
        let fixed = |frequencies| Rotary { frequencies: Frequencies::Fixed(frequencies), scale: 1.0 };
        match kind.and_then(Value::as_str).unwrap_or("default") {
            // The dynamic kind changes nothing up to the limit of positions, and no window is longer.
            "default" | "dynamic" => Ok(fixed(plain)),
            "linear" => {
                let factor = self.needed("factor")? as f32;
                Ok(fixed(plain.iter().map(|frequency| frequency / factor).collect()))
            }
            "llama3" => Ok(fixed(self.llama3(&plain)?)),
            "yarn" => self.yarn(theta, units),
            "longrope" | "su" => self.longrope(theta, units),
            _ => Err(self.wrong("rope_type default, linear, dynamic, yarn, longrope or llama3")),
        }
    }

    fn base(&self, default: f64) -> Result<f64, ModelError> {
        match self.number("rope_theta")? {
            Some(theta) => Ok(theta),
            None if self.key == LOCAL => Ok(default),
            None => self.configuration.number_or("rope_theta", default),
        }
    }

    fn number(&self, inner: &str) -> Result<Option<f64>, ModelError> {
        match self.stated.get(inner) {
            None | Some(Value::Null) => Ok(None),
            Some(value) => {
                let number = value.as_f64().filter(|number| number.is_finite());
                number.map(Some).ok_or_else(|| self.wrong(&format!("a number under {inner}")))
            }
        }
    }

    fn needed(&self, inner: &str) -> Result<f64, ModelError> {
        let number = self.number(inner)?.filter(|number| *number > 0.0);
        number.ok_or_else(|| self.wrong(&format!("a positive number under {inner}")))
    }

    fn wrong(&self, expected: &str) -> ModelError {
        self.configuration.wrong(self.key, expected)
    }

    /// Positions of the original training.
    fn original(&self) -> Result<f64, ModelError> {
        let inner = "original_max_position_embeddings";
        if let Some(original) = self.configuration.optional_size(inner)? {
            return Ok(original as f64);
        }
        match self.number(inner)? {
            Some(original) => Ok(original),
            None => Ok(self.configuration.size("max_position_embeddings")? as f64),
        }
    }

    /// Slow pairs slower, fast ones as they were, those between in between (Llama 3.1).
    fn llama3(&self, plain: &[f32]) -> Result<Vec<f32>, ModelError> {
        let (factor, original) = (self.needed("factor")?, self.original()?);
        let (low, high) = (self.needed("low_freq_factor")?, self.needed("high_freq_factor")?);
        let stretched = |frequency: &f32| {
            let frequency = f64::from(*frequency);
            let wavelength = TAU / frequency;
            if wavelength > original / low {
                return (frequency / factor) as f32;
            }
            if wavelength < original / high {
                return frequency as f32;
            }
            let smooth = (original / wavelength - low) / (high - low);
            ((1.0 - smooth) * frequency / factor + smooth * frequency) as f32
        };
        Ok(plain.iter().map(stretched).collect())
    }

    /// Peng et al. 2023.
    fn yarn(&self, theta: f64, units: usize) -> Result<Rotary, ModelError> {
        let original = self.original()?;
        let factor = match self.number("factor")? {
            Some(factor) => factor,
            None => self.configuration.size("max_position_embeddings")? as f64 / original,
        };
        let ratio = |scale: f64| if factor <= 1.0 { 1.0 } else { 0.1 * scale * libm::log(factor) + 1.0 };
        let scale = match (
            self.number("attention_factor")?,
            self.number("mscale")?,
            self.number("mscale_all_dim")?,
        ) {
            (Some(scale), ..) => scale,
            (None, Some(one), Some(all)) if one != 0.0 && all != 0.0 => ratio(one) / ratio(all),
            _ => ratio(1.0),
        };
        let fast = self.number("beta_fast")?.filter(|beta| *beta != 0.0).unwrap_or(32.0);
        let slow = self.number("beta_slow")?.filter(|beta| *beta != 0.0).unwrap_or(1.0);
        let pair =
            |turns: f64| units as f64 * libm::log(original / (turns * 2.0 * PI)) / (2.0 * libm::log(theta));
        let is_whole = self.stated.get("truncate").and_then(Value::as_bool).unwrap_or(true);
        let (low, high) = match is_whole {
            true => (pair(fast).floor(), pair(slow).ceil()),
            false => (pair(fast), pair(slow)),
        };
        let (low, high) = (low.max(0.0), high.min(units as f64 - 1.0));
        let high = if low == high { high + 0.001 } else { high };
        let stretched = inverse(theta, units).into_iter().enumerate().map(|(index, frequency)| {
            let ramp = ((index as f64 - low) / (high - low)).clamp(0.0, 1.0) as f32;
            frequency / factor as f32 * ramp + frequency * (1.0 - ramp)
        });
        Ok(Rotary { frequencies: Frequencies::Fixed(stretched.collect()), scale: scale as f32 })
    }

    /// Ding et al. 2024.
    fn longrope(&self, theta: f64, units: usize) -> Result<Rotary, ModelError> {
        let original = self.original()?;
        let most = self.configuration.size("max_position_embeddings")? as f64;
        let factor = self.number("factor")?.unwrap_or(most / original);
        let scale = match self.number("attention_factor")? {
            Some(scale) => scale,
            None if factor <= 1.0 => 1.0,
            None => (1.0 + libm::log(factor) / libm::log(original)).sqrt(),
        };
        let stretched = |inner: &str| -> Result<Vec<f32>, ModelError> {
            let factors = self.stated.get(inner).and_then(Value::as_array);
            let factors: Option<Vec<f64>> = factors.and_then(|list| list.iter().map(Value::as_f64).collect());
            let expected = || self.wrong(&format!("{} positive numbers under {inner}", units / 2));
            let is_right =
                |list: &Vec<f64>| list.len() == units / 2 && list.iter().all(|factor| *factor > 0.0);
            let factors = factors.filter(is_right).ok_or_else(expected)?;
            let pairs = inverse(theta, units).into_iter().zip(factors);
            Ok(pairs.map(|(frequency, factor)| frequency / factor as f32).collect())
        };
        let (short, long) = (stretched("short_factor")?, stretched("long_factor")?);
        let frequencies = Frequencies::ByLength { limit: original as usize, short, long };
        Ok(Rotary { frequencies, scale: scale as f32 })
    }
}

/// θ^(−2i / units) for every pair i, rounded as language models were trained with.
fn inverse(theta: f64, units: usize) -> Vec<f32> {
    let exponent = |pair: usize| f64::from((2 * pair) as f32 / units as f32);
    (0..units / 2).map(|pair| 1.0 / libm::pow(theta, exponent(pair)) as f32).collect()
}
