//! What the answer says of depth: regions from shallow to deep, and how that goes with an order of the brain.

use serde::{Deserialize, Serialize};

use super::Interval;
use super::undefined::nan_as_null;

/// Depth in the network against the order of regions.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Hierarchy {
    /// Regions from shallow to deep.
    pub regions: Vec<RegionDepth>,
    /// Spearman correlation of the regions' depths between random halves of the participants; None where undefined.
    pub split_half_reliability: Option<f64>,
    /// Why there is no p, or what the p means.
    pub note: String,
    /// p that regions differ in depth, over participants, stretches of the story and targets at once
    /// ([`regions_differ`](gyrus_encoding::hierarchy::regions_differ)); never below 20 regions.
    pub p: Option<f64>,
    /// Depth against the order of the brain that the study names; None where it names none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub index: Option<IndexResults>,
}

/// How deep in the network a region's profile sits.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RegionDepth {
    /// Region.
    pub region: String,
    /// Layer centre of mass of the group profile, in layers; None where no layer stands out.
    pub centre_of_mass: Option<f64>,
    /// 95 % interval over participants.
    pub interval: Option<Interval>,
    /// Whether any layer's score is significant there (corrected).
    pub significant: bool,
    /// Its value in the order of the brain; None without one.
    #[serde(default)]
    pub reference: Option<f64>,
    /// Its leave-one-out ceiling, mean over participants; None without one.
    #[serde(default)]
    pub ceiling: Option<f64>,
}

/// How depth in the network follows an order of the brain.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct IndexResults {
    /// What regions are ranked by, in words.
    pub reference: String,
    /// Which maps the index is compared with: `spins`, `variogram` or `exchangeable`.
    pub null: String,
    /// Whether the ceiling was regressed out of both; it is where every region has one.
    pub has_ceiling: bool,
    /// The trained network, then its untrained copies.
    pub rows: Vec<IndexRow>,
    /// Index of each participant in the trained network.
    pub participants: Vec<ParticipantIndex>,
}

/// The index of one network.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct IndexRow {
    /// Seed of an untrained copy; None for the trained network.
    pub seed: Option<u64>,
    /// Regions with a significant layer in the trained network, a depth, a reference and, where it is regressed out, a ceiling.
    pub n_regions: usize,
    /// Spearman's correlation over regions of the depth of the group profile with the reference, ceilings regressed out.
    #[serde(with = "nan_as_null")]
    pub rho: f64,
    /// 95 % interval over participants.
    pub over_participants: Interval,
    /// 95 % interval over blocks of the stimulus.
    pub over_stimulus: Interval,
    /// Where the middle 95 % of the maps' correlations lie; None without a p.
    pub null: Option<Interval>,
    /// Two-sided, against the maps; None where there is none.
    pub p: Option<f64>,
    /// Why there is no p.
    pub reason: Option<String>,
    /// Mean of the participants' own indices; None for one participant.
    pub participants: Option<ParticipantsIndex>,
}

/// What the participants' own indices have in common.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct ParticipantsIndex {
    /// Mean.
    #[serde(with = "nan_as_null")]
    pub mean: f64,
    /// Its 95 % interval over participants.
    pub interval: Interval,
    /// Two-sided signed ranks, this story taken for given; NaN below 20 regions.
    #[serde(with = "nan_as_null")]
    pub p: f64,
    /// Regions in which every one of them has a depth.
    pub n_regions: usize,
}

/// The index of one participant.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ParticipantIndex {
    /// Who.
    pub participant: String,
    /// Spearman's correlation over regions, ceilings regressed out.
    #[serde(with = "nan_as_null")]
    pub rho: f64,
}
