//! Does depth in the network follow depth in the brain? Layer centre of mass per region, and how far it can be trusted.

use gyrus_encoding::statistics::spearman;
use ndarray::Array2;

use super::gather::{Gathered, finite_mean};
use super::language_model::Work;
use crate::results::{Hierarchy, ProfileRow, RegionDepth};

/// Fewer regions than this have no p: with six, the best possible two-sided p is 2/720 for one pair of orders.
const LEAST_REGIONS: usize = 20;
const SIGNIFICANT: f64 = 0.05;
const HALVES: usize = 200;

/// Regions from shallow to deep, by the centre of mass of their group profile.
pub(super) fn hierarchy(
    work: &Work<'_>,
    layers: &[usize],
    scored: &[&Gathered],
    profile: &[ProfileRow],
) -> Hierarchy {
    let tables: Vec<Array2<f64>> = scored.iter().map(|layer| work.layout.by_region(&layer.values)).collect();
    let everybody: Vec<usize> = (0..work.layout.participants.len()).collect();
    let depth = |region: usize, people: &[usize]| {
        let scores: Vec<f64> =
            tables.iter().map(|table| finite_mean(people.iter().map(|person| table[(*person, region)]))).collect();
        centre_of_mass(layers, &scores)
    };
    let of_region = |region: usize| {
        let name = work.layout.regions[region].clone();
        let is_significant = |row: &ProfileRow| {
            row.region.as_ref() == Some(&name) && row.score_tests.p_stimulus_corrected < SIGNIFICANT
        };
        let centre = depth(region, &everybody);
        RegionDepth {
            significant: profile.iter().any(is_significant),
            interval: centre.map(|_| {
                work.estimator.over_participants(|people| depth(region, people).unwrap_or(f64::NAN))
            }),
            centre_of_mass: centre,
            region: name,
        }
    };
    let mut regions: Vec<RegionDepth> = (0..work.layout.regions.len()).map(of_region).collect();
    let reliability = reliability(work, &regions, depth);
    regions.sort_by(|a, b| {
        let key = |region: &RegionDepth| region.centre_of_mass.unwrap_or(f64::INFINITY);
        key(a).total_cmp(&key(b)).then_with(|| a.region.cmp(&b.region))
    });
    let significant = regions.iter().filter(|region| region.significant).count();
    let note = if significant < LEAST_REGIONS {
        format!(
            "{significant} regions have a significant layer; below {LEAST_REGIONS} the order and its split-half reliability are shown without a p."
        )
    } else {
        "The order of regions needs a reference (distance to primary cortex, or a gradient) to be tested; its split-half reliability says how far it repeats in other listeners.".to_owned()
    };
    Hierarchy { regions, split_half_reliability: reliability, note, p: None }
}

/// Σ k (R_k − m) / Σ (R_k − m), with m the smallest score of the profile; None where the profile is flat or unknown.
///
/// Below the smallest score of all layers nothing counts, so a profile that only rises sits below its deepest layer.
fn centre_of_mass(layers: &[usize], scores: &[f64]) -> Option<f64> {
    if scores.iter().any(|score| !score.is_finite()) {
        return None;
    }
    let least = scores.iter().copied().fold(f64::INFINITY, f64::min);
    let weight: f64 = scores.iter().map(|score| score - least).sum();
    let moment: f64 = layers.iter().zip(scores).map(|(layer, score)| *layer as f64 * (score - least)).sum();
    (weight > 1e-12).then(|| moment / weight)
}

/// Mean rank correlation of significant regions' depths between random halves of the participants.
fn reliability(
    work: &Work<'_>,
    regions: &[RegionDepth],
    depth: impl Fn(usize, &[usize]) -> Option<f64>,
) -> Option<f64> {
    let significant: Vec<usize> = (0..regions.len()).filter(|region| regions[*region].significant).collect();
    let people = work.layout.participants.len();
    if significant.len() < 3 || people < 4 {
        return None;
    }
    let seed = work.inputs.resolved.study.statistics.seed;
    let correlations = (0..HALVES as u64).filter_map(|draw| {
        let (one, other) = gyrus_encoding::statistics::halves(people, seed, draw);
        let of = |half: &[usize]| -> Option<Vec<f64>> { significant.iter().map(|region| depth(*region, half)).collect() };
        spearman(&of(&one)?, &of(&other)?)
    });
    let correlations: Vec<f64> = correlations.collect();
    (!correlations.is_empty()).then(|| correlations.iter().sum::<f64>() / correlations.len() as f64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_centre_of_mass_of_a_peak_is_the_peak() {
        assert_eq!(centre_of_mass(&[0, 1, 2, 3], &[0.1, 0.1, 0.5, 0.1]), Some(2.0));
        assert_eq!(centre_of_mass(&[0, 4, 8], &[0.2, 0.4, 0.2]), Some(4.0));
        assert_eq!(centre_of_mass(&[0, 1], &[0.1, 0.1]), None);
        assert_eq!(centre_of_mass(&[0, 1], &[f64::NAN, 0.1]), None);
    }
}
