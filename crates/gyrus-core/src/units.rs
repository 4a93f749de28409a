//! Quantities with a unit: seconds, repetition time, bytes.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::CoreError;

/// A finite time or duration in seconds, on the clock that its owner names.
#[derive(Debug, Clone, Copy, PartialEq, PartialOrd, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Seconds(f64);

impl Seconds {
    /// Zero seconds.
    pub const ZERO: Self = Self(0.0);

    /// A time in seconds.
    ///
    /// # Errors
    /// - [`CoreError::Time`] if `seconds` is not finite.
    pub fn new(seconds: f64) -> Result<Self, CoreError> {
        if seconds.is_finite() {
            Ok(Self(seconds))
        } else {
            Err(CoreError::Time { found: seconds.to_string() })
        }
    }

    /// The number of seconds.
    #[must_use]
    pub fn get(self) -> f64 {
        self.0
    }
}

impl fmt::Display for Seconds {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} s", self.0)
    }
}

impl FromStr for Seconds {
    type Err = CoreError;

    fn from_str(text: &str) -> Result<Self, CoreError> {
        let wrong = || CoreError::Time { found: text.to_owned() };
        let (number, unit) = split_unit(text).ok_or_else(wrong)?;
        let scale = match unit {
            "s" => 1.0,
            "ms" => 1e-3,
            "min" => 60.0,
            _ => return Err(wrong()),
        };
        let seconds = if scale == 1e-3 { number / 1000.0 } else { number * scale };
        Self::new(seconds).map_err(|_| wrong())
    }
}

impl TryFrom<String> for Seconds {
    type Error = CoreError;

    fn try_from(text: String) -> Result<Self, CoreError> {
        text.parse()
    }
}

impl From<Seconds> for String {
    fn from(seconds: Seconds) -> Self {
        seconds.to_string()
    }
}

/// The positive time between two volumes.
#[derive(Debug, Clone, Copy, PartialEq, PartialOrd, Serialize, Deserialize)]
#[serde(try_from = "Seconds", into = "Seconds")]
pub struct RepetitionTime(Seconds);

impl RepetitionTime {
    /// A repetition time.
    ///
    /// # Errors
    /// - [`CoreError::RepetitionTime`] if it is not positive.
    pub fn new(seconds: Seconds) -> Result<Self, CoreError> {
        if seconds.get() > 0.0 {
            Ok(Self(seconds))
        } else {
            Err(CoreError::RepetitionTime { found: seconds.get() })
        }
    }

    /// The number of seconds between two volumes.
    #[must_use]
    pub fn get(self) -> f64 {
        self.0.get()
    }

    /// The smallest number of volumes that lasts at least `duration`.
    #[must_use]
    pub fn volumes_spanning(self, duration: Seconds) -> usize {
        // A duration written as a multiple of the repetition time must not round up by one volume.
        (duration.get() / self.get() - 1e-9).ceil().max(0.0) as usize
    }
}

impl fmt::Display for RepetitionTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl TryFrom<Seconds> for RepetitionTime {
    type Error = CoreError;

    fn try_from(seconds: Seconds) -> Result<Self, CoreError> {
        Self::new(seconds)
    }
}

impl From<RepetitionTime> for Seconds {
    fn from(time: RepetitionTime) -> Self {
        time.0
    }
}

/// A number of bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct ByteSize(u64);

impl ByteSize {
    /// A number of bytes.
    #[must_use]
    pub fn new(bytes: u64) -> Self {
        Self(bytes)
    }

    /// The number of bytes.
    #[must_use]
    pub fn get(self) -> u64 {
        self.0
    }
}

impl fmt::Display for ByteSize {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const UNITS: [(&str, u64); 3] = [("GiB", 1 << 30), ("MiB", 1 << 20), ("KiB", 1 << 10)];
        match UNITS.iter().find(|(_, size)| self.0 >= *size) {
            Some((unit, size)) => {
                let tenths = (self.0 as f64 / *size as f64 * 10.0).round() / 10.0;
                write!(f, "{tenths} {unit}")
            }
            None => write!(f, "{} B", self.0),
        }
    }
}

impl FromStr for ByteSize {
    type Err = CoreError;

    fn from_str(text: &str) -> Result<Self, CoreError> {
        let wrong = || CoreError::ByteSize { found: text.to_owned() };
        let (number, unit) = split_unit(text).ok_or_else(wrong)?;
        let scale: f64 = match unit {
            "B" => 1.0,
            "kB" | "KB" => 1e3,
            "MB" => 1e6,
            "GB" => 1e9,
            "KiB" => 1024.0,
            "MiB" => 1024.0 * 1024.0,
            "GiB" => 1024.0 * 1024.0 * 1024.0,
            _ => return Err(wrong()),
        };
        let bytes = number * scale;
        if (1.0..1e18).contains(&bytes) { Ok(Self(bytes as u64)) } else { Err(wrong()) }
    }
}

impl TryFrom<String> for ByteSize {
    type Error = CoreError;

    fn try_from(text: String) -> Result<Self, CoreError> {
        text.parse()
    }
}

impl From<ByteSize> for String {
    fn from(size: ByteSize) -> Self {
        format!("{} B", size.0)
    }
}

fn split_unit(text: &str) -> Option<(f64, &str)> {
    let text = text.trim();
    let end = text.find(|c: char| c.is_ascii_alphabetic() && !matches!(c, 'e' | 'E'))?;
    let number: f64 = text[..end].trim().parse().ok()?;
    Some((number, text[end..].trim()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn seconds_are_read_with_their_unit() {
        assert_eq!("2 s".parse::<Seconds>().unwrap().get(), 2.0);
        assert_eq!("1500ms".parse::<Seconds>().unwrap().get(), 1.5);
        assert_eq!("2 min".parse::<Seconds>().unwrap().get(), 120.0);
        for wrong in ["2", "s", "two s", "2 h", "inf s", ""] {
            assert!(wrong.parse::<Seconds>().is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_gap_that_is_a_multiple_of_the_repetition_time_is_not_rounded_up() {
        let repetition = RepetitionTime::new(Seconds::new(0.1).unwrap()).unwrap();
        assert_eq!(repetition.volumes_spanning(Seconds::new(0.3).unwrap()), 3);
        assert_eq!(repetition.volumes_spanning(Seconds::new(0.31).unwrap()), 4);
        assert!(RepetitionTime::new(Seconds::ZERO).is_err());
    }

    #[test]
    fn byte_sizes_are_read_and_shown() {
        assert_eq!("4 GiB".parse::<ByteSize>().unwrap().get(), 4 << 30);
        assert_eq!(ByteSize::new(1536).to_string(), "1.5 KiB");
        assert!("4".parse::<ByteSize>().is_err());
        assert!("-1 GiB".parse::<ByteSize>().is_err());
    }
}
