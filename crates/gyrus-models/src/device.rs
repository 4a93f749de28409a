//! Where forward passes run.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// Where forward passes run. All but the first need a build with the feature that is named here.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum Device {
    /// Our own path on this processor; its bits depend on no number of threads.
    #[default]
    Cpu,
    /// candle on this processor (feature `candle`): the path of the graphics cards, where there is none.
    Candle,
    /// A graphics card of NVIDIA, counted from 0 (feature `cuda`).
    Cuda(usize),
    /// The graphics card of an Apple computer (feature `metal`).
    Metal,
}

impl Device {
    /// Whether it is this processor, on our own path.
    #[must_use]
    pub fn is_cpu(&self) -> bool {
        *self == Self::Cpu
    }

    /// What rounds alike: its name without the number of the card; none for this processor.
    #[must_use]
    pub fn kind(self) -> Option<&'static str> {
        match self {
            Self::Cpu => None,
            Self::Candle => Some("candle"),
            Self::Cuda(_) => Some("cuda"),
            Self::Metal => Some("metal"),
        }
    }

    /// The feature that this build lacks for it; none where it has the device. Whether the machine has it, is known when
    /// it is used.
    #[must_use]
    pub fn missing_feature(self) -> Option<&'static str> {
        let (feature, is_built) = match self {
            Self::Cpu => return None,
            Self::Candle => ("candle", cfg!(feature = "candle")),
            Self::Cuda(_) => ("cuda", cfg!(feature = "cuda")),
            Self::Metal => ("metal", cfg!(feature = "metal")),
        };
        (!is_built).then_some(feature)
    }
}

impl fmt::Display for Device {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Cpu => f.write_str("cpu"),
            Self::Candle => f.write_str("candle"),
            Self::Cuda(0) => f.write_str("cuda"),
            Self::Cuda(card) => write!(f, "cuda:{card}"),
            Self::Metal => f.write_str("metal"),
        }
    }
}

impl FromStr for Device {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "cpu" => return Ok(Self::Cpu),
            "candle" => return Ok(Self::Candle),
            "cuda" => return Ok(Self::Cuda(0)),
            "metal" => return Ok(Self::Metal),
            _ => {}
        }
        let card = text.strip_prefix("cuda:").and_then(|card| card.parse().ok());
        card.map(Self::Cuda).ok_or_else(|| {
            format!("found device `{text}`, expected cpu, cuda, cuda:N with N from 0, metal or candle")
        })
    }
}

impl TryFrom<String> for Device {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        text.parse()
    }
}

impl From<Device> for String {
    fn from(device: Device) -> Self {
        device.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_read_as_they_are_written() {
        for device in [Device::Cpu, Device::Candle, Device::Cuda(0), Device::Cuda(3), Device::Metal] {
            assert_eq!(device.to_string().parse(), Ok(device));
        }
        for text in ["gpu", "cuda:", "cuda:-1", "cuda:x", ""] {
            assert!(text.parse::<Device>().unwrap_err().contains("expected cpu, cuda"), "{text}");
        }
    }
}
