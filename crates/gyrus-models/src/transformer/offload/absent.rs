//! What stands for other devices in a build that has none.

use crate::transformer::{Plan, Sink, Transformer};
use crate::{Device, ModelError};

/// Nothing: this build has no other device.
pub(crate) enum Offloaded {}

impl Offloaded {
    pub(crate) fn of(_: &Transformer, device: Device) -> Result<Self, ModelError> {
        Err(super::not_built(device))
    }

    pub(crate) fn run(
        &self,
        _: &Transformer,
        _: (&[&[u32]], Plan),
        _: &mut dyn Sink,
    ) -> Result<(), ModelError> {
        match *self {}
    }
}
