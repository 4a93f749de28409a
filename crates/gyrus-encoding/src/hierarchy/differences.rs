//! Do regions differ in depth, for other listeners, other stretches of the story and other targets of the same regions?

use ndarray::{Array1, Array2, ArrayView2, ArrayView3, Axis};

use crate::statistics::{SignFlips, permutation_p};

/// Layer profiles of the regions that are compared, seen from the units over which a difference has to hold.
#[derive(Debug, Clone, Copy)]
pub struct Profiles<'a> {
    /// Scores of each participant, shape (n_participants, n_regions, n_layers). Whoever lacks one is left out.
    pub participants: ArrayView3<'a, f64>,
    /// Scores of the group in each block of the story, shape (n_blocks, n_regions, n_layers).
    pub story: ArrayView3<'a, f64>,
    /// Scores of the group in each target, shape (n_targets, n_layers).
    pub targets: ArrayView2<'a, f64>,
    /// The region of each target.
    pub region_of_target: &'a [usize],
}

/// How surprising the spread of depth between regions would be if all profiles had one shape.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct RegionsDiffer {
    /// Signs of participants: would other listeners give it?
    pub p_participants: f64,
    /// Signs of blocks of the story: would another stretch give it?
    pub p_story: f64,
    /// Signs of targets: would other targets of the same regions give it? None with one target each.
    pub p_targets: Option<f64>,
    /// All three kinds of unit at once: would other listeners, another stretch and other targets give it?
    pub p: f64,
}

/// p that all regions have layer profiles of one shape, whatever their size.
///
/// If every region's profile is R_rk = a_r f_k, then its moment c_r = Σ_k (d_k − D) R_rk about the common centre of mass
/// D = Σ_rk d_k R_rk / Σ_rk R_rk is 0, however strong its signal and however a unit's scores rise and fall together. Moments
/// are linear in the scores, so noise does not bias them as it biases a centre of mass, and regions of unequal signal need
/// not be made comparable. What a line and a square of size, c_r ≈ B s_r + E s_r² with s_r = Σ_k R_rk, leave over the regions is
/// tested: stronger signals let a ridge learn finer differences between layers, so the ceiling is regressed out. With e the
/// residuals,
///
/// - participants: T = Σ_r (mean_p e_pr)² against the same with random signs of whole participants,
/// - story: T = Σ_r (mean_b e_br)² against random signs of whole blocks,
/// - targets: T = Σ_r n_r (mean_{t∈r} e_t)² against random signs of targets.
///
/// A participant's or a block's sign is the same for all regions and layers, so what units have in common between regions is
/// kept. Signs, not orders, because units of unequal signal have unequal noise. Each of these takes the other two kinds of
/// unit for given, so each alone, and the largest of them too, is too hopeful where several kinds are noisy at once. p adds
/// them: deviations from the mean of each kind, √(n / (n − 1)) (e − mean e), under independent signs of the three kinds, are
/// summed before T is taken, as their variances add in the data. What all three kinds share is counted three times, which
/// errs on the careful side; p is at least the largest of the three. p = (1 + b) / (1 + M).
///
/// None if fewer than two participants or blocks, or fewer than four regions, are complete, and without a centre of mass: where
/// scores add up to 0, as scores of constant responses do.
///
/// # References
/// Winkler et al. (2014), NeuroImage 92:381 (sign flips of exchangeable units).
#[must_use]
pub fn regions_differ(
    depths: &[f64],
    profiles: Profiles<'_>,
    permutations: usize,
    seed: u64,
) -> Option<RegionsDiffer> {
    let participants = Flipped::units(depths, profiles.participants, permutations, seed)?;
    let story = Flipped::units(depths, profiles.story, permutations, seed ^ STORY)?;
    let targets = Flipped::targets(depths, profiles, permutations, seed ^ TARGETS);
    let (p_participants, p_story) = (participants.p(), story.p());
    let p_targets = targets.as_ref().map(Flipped::p);
    let kinds: Vec<&Flipped> = [&participants, &story].into_iter().chain(&targets).collect();
    let together = p_of_all(&kinds, permutations);
    let p = together.max(p_participants).max(p_story).max(p_targets.unwrap_or(0.0));
    Some(RegionsDiffer { p_participants, p_story, p_targets, p })
}

/// Signs of the three kinds of unit are drawn from streams of their own.
const STORY: u64 = 0x53_74_6f_72_79;
const TARGETS: u64 = 0x54_61_72_67_65_74;

/// One kind of unit: its part in every region's deviation, and its signs.
struct Flipped {
    flips: SignFlips,
    /// Region and deviation of every unit, to be added up with the unit's sign.
    parts: Vec<Vec<(usize, f64)>>,
    /// Weight of each region in T.
    weights: Vec<f64>,
}

impl Flipped {
    /// Participants or blocks: every unit has a part in every region.
    fn units(depths: &[f64], units: ArrayView3<'_, f64>, permutations: usize, seed: u64) -> Option<Self> {
        let units = complete(units);
        let (n_units, n_regions, _) = units.dim();
        if n_units < 2 || n_regions < 4 {
            return None;
        }
        let mean = units.mean_axis(Axis(0))?;
        let about = about_centre(depths, mean.view())?;
        let residuals =
            without_size(&moments(&about, units.view()), &mean.sum_axis(Axis(1))) / n_units as f64;
        let parts =
            residuals.rows().into_iter().map(|row| row.iter().copied().enumerate().collect()).collect();
        Some(Self {
            flips: SignFlips::new(n_units, permutations, seed),
            parts,
            weights: vec![1.0; n_regions],
        })
    }

    /// Targets: each has a part in its own region. None if no region has two.
    fn targets(depths: &[f64], profiles: Profiles<'_>, permutations: usize, seed: u64) -> Option<Self> {
        let (targets, regions) = (profiles.targets, profiles.region_of_target);
        let is_whole = |target: &usize| targets.row(*target).iter().all(|score| score.is_finite());
        let kept: Vec<usize> = (0..targets.nrows()).filter(is_whole).collect();
        let labels: Vec<usize> = kept.iter().map(|target| regions[*target]).collect();
        let mut counts = vec![0.0; profiles.participants.len_of(Axis(1))];
        labels.iter().for_each(|label| counts[*label] += 1.0);
        if counts.iter().all(|count| *count < 2.0) {
            return None;
        }
        let targets = targets.select(Axis(0), &kept);
        let about = about_centre(depths, targets.view())?;
        let moments = targets.dot(&Array1::from(about)).insert_axis(Axis(0));
        let residuals = without_size(&moments, &targets.sum_axis(Axis(1))).remove_axis(Axis(0));
        let part = |(label, residual): (&usize, &f64)| vec![(*label, residual / counts[*label])];
        let parts = labels.iter().zip(&residuals).map(part).collect();
        Some(Self { flips: SignFlips::new(labels.len(), permutations, seed), parts, weights: counts })
    }

    /// Deviation of every region with these signs.
    fn deviations(&self, signs: impl Iterator<Item = f64>) -> Vec<f64> {
        let mut deviations = vec![0.0; self.weights.len()];
        for (parts, sign) in self.parts.iter().zip(signs) {
            parts.iter().for_each(|(region, part)| deviations[*region] += sign * part);
        }
        deviations
    }

    /// Parts less their mean over the n units of the region, times √(n / (n − 1)); a single unit says nothing of its kind.
    fn centred(&self) -> Self {
        let mut counts = vec![0.0; self.weights.len()];
        self.parts.iter().flatten().for_each(|(region, _)| counts[*region] += 1.0);
        let sums = self.observed();
        let part = |(region, part): &(usize, f64)| {
            let n: f64 = counts[*region];
            let scale = if n > 1.0 { (n / (n - 1.0)).sqrt() } else { 0.0 };
            (*region, (part - sums[*region] / n) * scale)
        };
        let parts = self.parts.iter().map(|parts| parts.iter().map(part).collect()).collect();
        Self { flips: self.flips.clone(), parts, weights: self.weights.clone() }
    }

    fn observed(&self) -> Vec<f64> {
        self.deviations(std::iter::repeat(1.0))
    }

    fn p(&self) -> f64 {
        let spread = |deviations: Vec<f64>| -> f64 {
            deviations
                .iter()
                .zip(&self.weights)
                .map(|(deviation, weight)| weight * deviation * deviation)
                .sum()
        };
        let observed = spread(self.observed());
        let reaches =
            |signs: &&Vec<f64>| spread(self.deviations(signs.iter().copied())) >= observed * (1.0 - 1e-12);
        let reached = self.flips.patterns().iter().filter(reaches).count();
        permutation_p(reached as u64, self.flips.len() as u64)
    }
}

/// Deviations of all kinds are added before they are squared; each kind is centred first, so that a difference that is
/// there does not make its own null wide. The observed deviations are those over participants.
fn p_of_all(kinds: &[&Flipped], permutations: usize) -> f64 {
    let spread = |deviations: &[f64]| deviations.iter().map(|deviation| deviation * deviation).sum::<f64>();
    let observed = kinds.first().map_or(f64::NAN, |kind| spread(&kind.observed()));
    let centred: Vec<Flipped> = kinds.iter().map(|kind| kind.centred()).collect();
    let reaches = |draw: &usize| {
        let mut sum = vec![0.0; kinds[0].weights.len()];
        for kind in &centred {
            let signs = &kind.flips.patterns()[draw % kind.flips.len()];
            let deviations = kind.deviations(signs.iter().copied());
            sum.iter_mut().zip(deviations).for_each(|(sum, deviation)| *sum += deviation);
        }
        spread(&sum) >= observed * (1.0 - 1e-12)
    };
    permutation_p((0..permutations).filter(reaches).count() as u64, permutations as u64)
}

/// Units without a missing score.
fn complete(units: ArrayView3<'_, f64>) -> ndarray::Array3<f64> {
    let has_all = |unit: &usize| units.index_axis(Axis(0), *unit).iter().all(|score| score.is_finite());
    let kept: Vec<usize> = (0..units.len_of(Axis(0))).filter(has_all).collect();
    units.select(Axis(0), &kept)
}

/// d_k − D, with D the centre of mass of all profiles together; none of profiles that add up to 0.
fn about_centre(depths: &[f64], profiles: ArrayView2<'_, f64>) -> Option<Vec<f64>> {
    let weights = profiles.sum_axis(Axis(0));
    let moment: f64 = depths.iter().zip(&weights).map(|(depth, weight)| depth * weight).sum();
    let centre = moment / weights.sum();
    centre.is_finite().then(|| depths.iter().map(|depth| depth - centre).collect())
}

/// Σ_k d_k R_urk, shape (n_units, n_regions).
fn moments(depths: &[f64], units: ArrayView3<'_, f64>) -> Array2<f64> {
    let (n_units, n_regions, _) = units.dim();
    let mut found = Array2::zeros((n_units, n_regions));
    for ((unit, region, layer), score) in units.indexed_iter() {
        found[(unit, region)] += depths[layer] * score;
    }
    found
}

/// What size and its square leave of every row.
fn without_size(rows: &Array2<f64>, size: &Array1<f64>) -> Array2<f64> {
    let mut basis: Vec<Array1<f64>> = Vec::new();
    for column in [size.clone(), size * size] {
        let left = basis.iter().fold(column.clone(), |left, known| &left - &(known * known.dot(&left)));
        let length = left.dot(&left).sqrt();
        if length > 1e-9 * column.dot(&column).sqrt() {
            basis.push(left / length);
        }
    }
    let mut residuals = rows.clone();
    for mut row in residuals.rows_mut() {
        for known in &basis {
            let share = known.dot(&row);
            row.scaled_add(-share, known);
        }
    }
    residuals
}

#[cfg(test)]
mod tests {
    use ndarray::Array3;
    use rand_chacha::ChaCha8Rng;
    use rand_chacha::rand_core::SeedableRng;

    use super::*;

    const REGIONS: usize = 24;
    const LAYERS: usize = 9;
    const TARGETS: usize = 3;

    /// Profiles with a bump at `peak(region)`, unequal signal, and noise of three origins.
    struct World {
        people: Array3<f64>,
        story: Array3<f64>,
        targets: Array2<f64>,
        labels: Vec<usize>,
    }

    fn normal(random: &mut ChaCha8Rng) -> f64 {
        use rand_chacha::rand_core::Rng;
        let mut uniform = || (random.next_u64() >> 11) as f64 / (1_u64 << 53) as f64;
        (-2.0 * (1.0 - uniform()).ln()).sqrt() * (std::f64::consts::TAU * uniform()).cos()
    }

    fn world(seed: u64, peak: impl Fn(usize) -> f64, noise: (f64, f64, f64)) -> World {
        let mut random = ChaCha8Rng::seed_from_u64(seed);
        let (people, blocks) = (10, 16);
        let table = |scale: f64, rows: usize, random: &mut ChaCha8Rng| {
            Array2::from_shape_simple_fn((rows * REGIONS * TARGETS, LAYERS), || scale * normal(random))
        };
        let of_people = table(noise.0, people, &mut random);
        let of_story = table(noise.1, blocks, &mut random);
        let of_targets = table(noise.2, 1, &mut random);
        let count = REGIONS * TARGETS;
        let truth = Array2::from_shape_fn((count, LAYERS), |(target, layer)| {
            let region = target / TARGETS;
            let signal = 0.05 + 0.35 * (region * 7 % REGIONS) as f64 / REGIONS as f64;
            let away = layer as f64 - peak(region);
            signal * (0.6 + 0.4 * (-away * away / 8.0).exp()) * (1.0 + of_targets[(target, layer)])
        });
        let mean = |table: &Array2<f64>, units: usize, target: usize, layer: usize| {
            (0..units).map(|unit| table[(unit * count + target, layer)]).sum::<f64>() / units as f64
        };
        let by_region = |value: &dyn Fn(usize) -> f64, region: usize| {
            (0..TARGETS).map(|t| value(region * TARGETS + t)).sum::<f64>() / TARGETS as f64
        };
        // Whatever the story does to everybody is the same in every participant, and the other way round.
        let people = Array3::from_shape_fn((people, REGIONS, LAYERS), |(person, region, layer)| {
            let value = |t: usize| {
                truth[(t, layer)] + of_people[(person * count + t, layer)] + mean(&of_story, blocks, t, layer)
            };
            by_region(&value, region)
        });
        let n_people = people.len_of(Axis(0));
        let story = Array3::from_shape_fn((blocks, REGIONS, LAYERS), |(block, region, layer)| {
            let value = |t: usize| {
                truth[(t, layer)]
                    + of_story[(block * count + t, layer)]
                    + mean(&of_people, n_people, t, layer)
            };
            by_region(&value, region)
        });
        let targets = Array2::from_shape_fn((count, LAYERS), |(target, layer)| {
            truth[(target, layer)]
                + mean(&of_story, blocks, target, layer)
                + mean(&of_people, n_people, target, layer)
        });
        World { people, story, targets, labels: (0..count).map(|target| target / TARGETS).collect() }
    }

    fn differ(world: &World, seed: u64) -> RegionsDiffer {
        let depths: Vec<f64> = (0..LAYERS).map(|layer| layer as f64).collect();
        let profiles = Profiles {
            participants: world.people.view(),
            story: world.story.view(),
            targets: world.targets.view(),
            region_of_target: &world.labels,
        };
        regions_differ(&depths, profiles, 199, seed).unwrap()
    }

    #[test]
    fn planted_depth_is_found() {
        for seed in 0..10 {
            let found =
                differ(&world(seed, |region| 1.0 + 6.0 * region as f64 / 23.0, (0.1, 0.2, 0.1)), seed);
            assert!(found.p <= 0.05, "{found:?}");
        }
    }

    /// Rate of p ≤ 0.05 over 200 worlds: at most 0.05 + 2.6 standard errors.
    fn rate(noise: (f64, f64, f64), p: impl Fn(&RegionsDiffer) -> f64) -> f64 {
        let hits = (0..200).filter(|seed| p(&differ(&world(*seed, |_| 3.0, noise), *seed)) <= 0.05).count();
        hits as f64 / 200.0
    }

    #[test]
    fn equal_profiles_with_unequal_signal_are_no_hierarchy() {
        for noise in [(0.1, 0.2, 0.1), (0.3, 0.05, 0.0), (0.02, 0.4, 0.0), (0.02, 0.02, 0.3)] {
            let found = rate(noise, |found| found.p);
            assert!(found <= 0.09, "{noise:?}: {found}");
        }
    }

    #[test]
    fn each_test_has_its_rate_where_its_own_units_are_all_the_noise() {
        let people = rate((0.2, 0.0, 0.0), |found| found.p_participants);
        let story = rate((0.0, 0.2, 0.0), |found| found.p_story);
        let targets = rate((0.0, 0.0, 0.2), |found| found.p_targets.unwrap());
        for (name, found) in [("participants", people), ("story", story), ("targets", targets)] {
            assert!((0.005..=0.09).contains(&found), "{name}: {found}");
        }
    }

    #[test]
    fn one_kind_of_unit_alone_would_be_deceived() {
        let deceived = rate((0.02, 0.4, 0.0), |found| found.p_participants);
        assert!(
            deceived > 0.3,
            "what the story does to everybody looks like depth over participants: {deceived}"
        );
    }

    #[test]
    fn one_target_per_region_leaves_two_tests() {
        let mut world = world(1, |_| 3.0, (0.1, 0.1, 0.1));
        world.targets = world.people.mean_axis(Axis(0)).unwrap();
        world.labels = (0..REGIONS).collect();
        assert_eq!(differ(&world, 1).p_targets, None);
    }
}
