//! How often 95 % intervals hold what they are intervals of: over the story by its length, over people by their number.

use std::error::Error;

use gyrus_encoding::backend::Backend;
use gyrus_encoding::calibration::{Condition, Stretch, covers_population, simulate_stretch, summarise};

use super::judge::{Judgement, rate, shown};

pub fn run(backend: &Backend, count: usize) -> Result<(), Box<dyn Error>> {
    let mut judgement = Judgement::default();
    println!("interval\tsamples_or_people\tdata_sets\tmean_score\tcoverage\tprinted_as_unreliable");
    for samples in [180, 300, 600, 1200] {
        let condition = Condition { rho: 0.7, samples };
        let stretch = |index: usize| simulate_stretch(backend, (condition, 10, 500), (13, index));
        let stretches = (0..count).map(stretch).collect::<Result<Vec<Stretch>, _>>()?;
        let score = summarise(&stretches, |one| one.score);
        let holds = |one: &Stretch| one.interval.low <= score.mean && score.mean <= one.interval.high;
        let unreliable = rate(stretches.iter().map(|one| one.unreliable));
        let coverage = rate(stretches.iter().map(holds));
        if unreliable.mean == 0.0 {
            judgement.within(&format!("coverage over {samples} samples of story"), coverage, [0.85, 1.0]);
        }
        let coverage = shown(coverage);
        println!("story\t{samples}\t{count}\t{}\t{coverage}\t{:.2}", shown(score), unreliable.mean);
    }
    for (name, is_skewed) in [("people", false), ("people, skewed", true)] {
        for participants in [8, 20, 50] {
            let of = |index| covers_population(participants, is_skewed, (17, index));
            let coverage = rate((0..count).map(of));
            let least = if is_skewed { 0.80 } else { 0.88 };
            judgement.within(&format!("coverage over {participants} {name}"), coverage, [least, 1.0]);
            println!("{name}\t{participants}\t{count}\t0\t{}\t", shown(coverage));
        }
    }
    judgement.end()
}
