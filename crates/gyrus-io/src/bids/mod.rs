//! Data sets laid out by BIDS, and the derivatives that fMRIPrep writes.

mod compcor;
mod events;
mod fmriprep;
mod name;
mod physio;
mod raw;
mod sidecar;
mod timing;
mod version;

pub use compcor::acompcor_columns;
pub use events::{Event, parse_events, read_events};
pub use fmriprep::{Query, Run, find_runs, list_images};
pub use name::{Name, same_label};
pub use physio::{Physio, find_physio, parse_physio, read_physio};
pub use raw::find_raw;
pub use sidecar::{Sidecar, read_sidecar, read_timing_sidecar};
pub use timing::{VolumeTiming, volume_timing};
pub use version::known_problems;
