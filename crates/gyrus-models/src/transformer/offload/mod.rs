//! The forward pass on another device, by candle: the same networks, the same sites.

#[cfg(not(feature = "candle"))]
mod absent;
#[cfg(feature = "candle")]
mod attention;
#[cfg(feature = "candle")]
mod network;
#[cfg(feature = "candle")]
mod parts;

#[cfg(not(feature = "candle"))]
pub(crate) use absent::Offloaded;
#[cfg(feature = "candle")]
pub(crate) use network::Offloaded;

use crate::{Device, ModelError};

/// A device that this build does not have.
fn not_built(device: Device) -> ModelError {
    let feature = device.missing_feature().unwrap_or("candle");
    ModelError::Device {
        device,
        reason: format!(
            "found a build without it, expected one with the feature `{feature}`; build gyrus with `--features {feature}`, or leave the device out"
        ),
    }
}
