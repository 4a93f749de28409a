//! How far the centre of mass of a noisy layer profile is from the planted one, by its signal-to-noise.

use std::error::Error;

use gyrus_encoding::backend::Backend;
use gyrus_encoding::calibration::{DepthOutcome, PlantedProfile, simulate_depth, summarise};

use super::judge::{Judgement, rate, shown};

/// Group profiles: left anterior temporal lobe in the Alice recordings, a hump, and a slope that falls.
const SHAPES: [(&str, [f64; 6]); 3] = [
    ("alice", [0.043, 0.051, 0.058, 0.089, 0.120, 0.130]),
    ("hump", [0.2, 0.5, 1.0, 0.7, 0.4, 0.3]),
    ("falling", [1.0, 0.8, 0.6, 0.4, 0.3, 0.2]),
];
/// The regions of Alice have 1.8 to 4.7.
const ALICE: f64 = 3.7;

pub fn run(_: &Backend, count: usize) -> Result<(), Box<dyn Error>> {
    let mut judgement = Judgement::default();
    println!("profile\tsignal_to_noise\tgroups\tbias\tbias_of_smallest\tcoverage");
    for (name, profile) in &SHAPES {
        for signal_to_noise in [1.0, 2.0, ALICE, 8.0, 16.0] {
            let planted = PlantedProfile { profile, participants: 27, signal_to_noise, likeness: 0.84 };
            let groups: Vec<_> = (0..count).map(|index| simulate_depth(&planted, 100, (3, index))).collect();
            let bias = |of: fn(&DepthOutcome) -> Option<f64>| {
                let error = |one: &DepthOutcome| Some(of(one)? - one.planted?);
                summarise(&groups.iter().filter_map(error).collect::<Vec<_>>(), |error| *error)
            };
            let (crossed, smallest) = (bias(|one| one.crossed), bias(|one| one.smallest));
            let holds = |one: &DepthOutcome| {
                one.planted.is_some_and(|truth| one.interval.low <= truth && truth <= one.interval.high)
            };
            let coverage = rate(groups.iter().map(holds));
            if signal_to_noise >= ALICE {
                let what = format!("bias of the centre of {name} at {signal_to_noise}");
                judgement.within(&what, crossed, [-0.25, 0.25]);
            }
            let (crossed, smallest, coverage) = (shown(crossed), shown(smallest), shown(coverage));
            println!("{name}\t{signal_to_noise}\t{count}\t{crossed}\t{smallest}\t{coverage}");
        }
    }
    judgement.end()
}
