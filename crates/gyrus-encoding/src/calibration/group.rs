//! Groups: whether tests over targets × layers keep their level where people share a story that the features do not hold.

use ndarray::{Array1, Array2, ArrayView2, Axis, concatenate, s};
use rand_chacha::ChaCha8Rng;

use super::pipeline::{self, Null};
use super::simulate::{Units, design, mixed, stream, units, without_drift};
use super::{LEVEL, Noise, SimulatedFolds, UNITS, share_of};
use crate::EncodingError;
use crate::backend::Backend;
use crate::statistics::{
    self, Connectivity, Enhancement, Exceedances, Neighbours, NullScale, SignFlips, Statistic, Tail,
};

/// A simulated study of a group.
#[derive(Debug, Clone, PartialEq)]
pub struct Group {
    /// People.
    pub participants: usize,
    /// Targets along each side of a small volume.
    pub sides: [i32; 3],
    /// Share of a response's variance that everybody has alike: evoked by the story, and not by the features.
    pub shared: f64,
    /// Samples of the run.
    pub samples: usize,
    /// How slow features and responses are.
    pub noise: [Noise; 2],
    /// Surrogates.
    pub surrogates: usize,
    /// Seed of everything.
    pub seed: u64,
}

/// What one data set gave: nothing is there to be found.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct GroupOutcome {
    /// Against refitted surrogates, the same for everybody.
    pub stimulus: Found,
    /// Over signs of people: of the normal excess of each over their own surrogates.
    pub signs: Found,
    /// Share of targets × layers with p ≤ .05 by Student's t over people.
    pub student: f64,
    /// The same by signed ranks.
    pub ranks: f64,
    /// Share of layers with p ≤ .05 by Student's t of each person's mean over all targets, as of a region.
    pub region: f64,
    /// The same by Student's t of scores as they are, which takes 0 for the null.
    pub against_zero: f64,
}

/// What a null called significant at .05.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Found {
    /// Share of targets × layers, uncorrected.
    pub uncorrected: f64,
    /// Whether any was, by the maximum over targets × layers.
    pub by_maximum: bool,
    /// The same by mass of clusters of targets with p < .01.
    pub by_mass: bool,
    /// The same by threshold-free enhancement.
    pub by_enhancement: bool,
}

/// Layers of the simulated language model: half of what each holds is its own.
const LAYERS: usize = 2;
/// One-sided p above which targets form clusters.
const FORMING_P: f64 = 0.01;
/// Patterns of signs.
const FLIPS: usize = 1000;

/// One data set: responses of people to a story, features of another story, every layer fitted to everybody.
///
/// # Errors
/// - as [`super::simulate_design`].
pub fn simulate_group(backend: &Backend, group: &Group, index: usize) -> Result<GroupOutcome, EncodingError> {
    let neighbours = Neighbours::of_grid(&cells(group.sides), Connectivity::Faces);
    let series = responses(&mut stream(group.seed, index, 6), group, &neighbours);
    features_of_another_story(backend, group, &series, index)
}

/// The same for responses that were recorded: people one after another, target by target. Of `group`, what is shared and
/// how slow responses are plays no part.
///
/// # Errors
/// - as [`super::simulate_design`], and if there are not as many series as people times targets.
pub fn features_of_another_story(
    backend: &Backend,
    group: &Group,
    series: &[Vec<f64>],
    index: usize,
) -> Result<GroupOutcome, EncodingError> {
    let neighbours = Neighbours::of_grid(&cells(group.sides), Connectivity::Faces);
    let (found, expected) = (series.len(), group.participants * neighbours.len());
    if found != expected {
        return Err(EncodingError::TargetMismatch { found, expected });
    }
    let responses = without_drift(series, group.samples)?;
    let mut random = stream(group.seed, index, 1);
    let common = units(&mut random, &group.noise[0], (UNITS, group.samples));
    let mut layers = Vec::with_capacity(LAYERS);
    for _ in 0..LAYERS {
        let own = units(&mut random, &group.noise[0], (UNITS, group.samples));
        layers.push(Layer::of(backend, (group, index), &half_shared(&common, &own), &responses)?);
    }
    let normal: Vec<ArrayView2<f64>> = layers.iter().map(|layer| layer.normal_excess.view()).collect();
    let scores: Vec<ArrayView2<f64>> = layers.iter().map(|layer| layer.scores.view()).collect();
    let test = |scores: &[ArrayView2<f64>], p: fn(&[f64]) -> f64| {
        let together = concatenate(Axis(1), scores).unwrap_or_default();
        share_of(together.columns().into_iter().map(|column| p(&column.to_vec())), together.ncols())
    };
    let regions: Vec<Array2<f64>> = normal.iter().map(mean_over_targets).collect();
    let regions: Vec<ArrayView2<f64>> = regions.iter().map(|region| region.view()).collect();
    let student = |values: &[f64]| statistics::one_sample(values, Tail::Greater).p;
    Ok(GroupOutcome {
        stimulus: over_surrogates(backend, group, &layers, &neighbours)?,
        signs: over_signs(backend, (group, index), &normal, &neighbours)?,
        student: test(&normal, student),
        ranks: test(&normal, |values| statistics::signed_rank(values, Tail::Greater).p),
        region: test(&regions, student),
        against_zero: test(&scores, student),
    })
}

/// Shape (n_participants, 1).
fn mean_over_targets(normal: &ArrayView2<f64>) -> Array2<f64> {
    normal.mean_axis(Axis(1)).unwrap_or_default().insert_axis(Axis(1))
}

/// Units that share half of their variance with those of other layers.
fn half_shared(common: &Units, own: &Units) -> Units {
    let of_unit = |(common, own): (&Vec<f64>, &Vec<f64>)| {
        common.iter().zip(own).map(|(common, own)| mixed(0.5, *common, *own)).collect()
    };
    common.iter().zip(own).map(of_unit).collect()
}

fn cells(sides: [i32; 3]) -> Vec<[i32; 3]> {
    let [width, depth, height] = sides;
    let row = |z: i32, y: i32| (0..width).map(move |x| [x, y, z]);
    (0..height).flat_map(|z| (0..depth).flat_map(move |y| row(z, y))).collect()
}

/// People one after another, target by target; neighbouring targets are alike.
fn responses(random: &mut ChaCha8Rng, group: &Group, neighbours: &Neighbours) -> Vec<Vec<f64>> {
    let field = |random: &mut ChaCha8Rng| -> Vec<Vec<f64>> {
        let raw: Vec<Vec<f64>> =
            (0..neighbours.len()).map(|_| group.noise[1].series(random, group.samples)).collect();
        let smooth = |target: usize| {
            let around = |row: usize| neighbours.of(target).iter().map(|other| raw[*other][row]).sum::<f64>();
            (0..group.samples).map(|row| raw[target][row] + 0.5 * around(row)).collect()
        };
        (0..raw.len()).map(smooth).collect()
    };
    let story = field(random);
    let person = |_| {
        let own = field(random);
        let both = |(story, own): (&Vec<f64>, Vec<f64>)| -> Vec<f64> {
            story.iter().zip(own).map(|(story, own)| mixed(group.shared, *story, own)).collect()
        };
        story.iter().zip(own).map(both).collect::<Vec<_>>()
    };
    (0..group.participants).flat_map(person).collect()
}

/// One layer: a score per person and target, and group means of surrogates.
struct Layer {
    scores: Array2<f64>,
    /// Normal excess over each person's own surrogates.
    normal_excess: Array2<f64>,
    /// Shape (n_surrogates, n_targets).
    null: Array2<f64>,
}

impl Layer {
    fn of(
        backend: &Backend,
        (group, index): (&Group, usize),
        features: &Units,
        responses: &Array2<f32>,
    ) -> Result<Self, EncodingError> {
        let design = design(&[("layer", features)], group.samples, index)?;
        let folds = pipeline::folds(&design, (SimulatedFolds::Blocks, index))?;
        let fitted = pipeline::fit(backend, (&design, &folds), vec![vec![1.0]], responses)?;
        let targets = responses.ncols() / group.participants;
        let finite = |score: f64| if score.is_finite() { score } else { 0.0 };
        let means: Vec<f64> = fitted.by_fold.mean().into_iter().map(finite).collect();
        let scores = Array2::from_shape_vec((group.participants, targets), means).unwrap_or_default();
        let groups: Vec<Option<usize>> =
            (0..responses.ncols()).map(|target| Some(target % targets)).collect();
        let seed = group.seed ^ index as u64;
        let null =
            Null { bands: &[0], given: &[], groups: &groups, again: false, count: group.surrogates, seed };
        let null = pipeline::refit(backend, (&design, &folds), &fitted, &null)?;
        let normal_excess = Array2::from_shape_vec(scores.raw_dim(), null.normal_excess).unwrap_or_default();
        Ok(Self { normal_excess, scores, null: null.group_sums / group.participants as f64 })
    }

    fn mean(&self) -> Array1<f64> {
        self.scores.mean_axis(Axis(0)).unwrap_or_default()
    }
}

fn over_surrogates(
    backend: &Backend,
    group: &Group,
    layers: &[Layer],
    neighbours: &Neighbours,
) -> Result<Found, EncodingError> {
    let mut of = Vec::with_capacity(3);
    for enhancement in enhancements(forming_z()) {
        let mut all = Exceedances::new(Array1::zeros(0), group.surrogates);
        for layer in layers {
            all.join(&layer.against_surrogates(backend, (enhancement, neighbours))?)?;
        }
        of.push(all);
    }
    Ok(Found::of(&of))
}

impl Layer {
    fn against_surrogates(
        &self,
        backend: &Backend,
        (enhancement, neighbours): (Option<Enhancement>, &Neighbours),
    ) -> Result<Exceedances, EncodingError> {
        let mut maps = concatenate(Axis(0), &[self.mean().insert_axis(Axis(0)).view(), self.null.view()])
            .unwrap_or_default();
        if let Some(enhancement) = enhancement {
            let mut scale = NullScale::default();
            scale.extend(self.mean().view(), self.null.view());
            maps.rows_mut().into_iter().for_each(|mut map| {
                let scaled = scale.apply(map.view());
                map.assign(&scaled);
            });
            let enhanced = statistics::enhance(backend, &maps, (enhancement, neighbours, Tail::Greater))?;
            maps.rows_mut().into_iter().zip(&enhanced).for_each(|(mut map, one)| map.assign(one));
        }
        let mut reached = Exceedances::new(maps.row(0).to_owned(), self.null.nrows());
        maps.slice(s![1.., ..]).rows().into_iter().enumerate().for_each(|(of, map)| reached.record(of, map));
        Ok(reached)
    }
}

fn over_signs(
    backend: &Backend,
    (group, index): (&Group, usize),
    layers: &[ArrayView2<f64>],
    neighbours: &Neighbours,
) -> Result<Found, EncodingError> {
    let flips = SignFlips::new(group.participants, FLIPS, group.seed ^ index as u64);
    let mut of = Vec::with_capacity(3);
    for enhancement in enhancements(forming_t(group.participants)) {
        let mut all = Exceedances::new(Array1::zeros(0), flips.len());
        for scores in layers {
            all.join(&match enhancement {
                None => flips.count(backend, *scores, (Statistic::Mean, Tail::Greater))?,
                Some(enhancement) => {
                    let how = (enhancement, neighbours);
                    flips.count_enhanced(backend, *scores, (Statistic::T, Tail::Greater), how)?
                }
            })?;
        }
        of.push(all);
    }
    Ok(Found::of(&of))
}

/// z above which targets form clusters.
fn forming_z() -> f64 {
    -statistics::normal_quantile(FORMING_P)
}

/// t over people above which they do.
fn forming_t(participants: usize) -> f64 {
    statistics::student_quantile(FORMING_P, participants as f64 - 1.0)
}

fn enhancements(threshold: f64) -> [Option<Enhancement>; 3] {
    [None, Some(Enhancement::ClusterMass { threshold }), Some(Enhancement::VOLUME)]
}

impl Found {
    fn of(reached: &[Exceedances]) -> Self {
        let any = |of: usize| {
            reached.get(of).is_some_and(|one| one.family_wise_p().iter().any(|p| *p <= LEVEL + 1e-12))
        };
        let uncorrected =
            reached.first().map_or(f64::NAN, |one| share_of(one.p().iter().copied(), one.observed.len()));
        Self { uncorrected, by_maximum: any(0), by_mass: any(1), by_enhancement: any(2) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn group(sides: [i32; 3], shared: f64, samples: usize) -> Group {
        let noise = [Noise::Autoregressive(0.5), Noise::Autoregressive(0.0)];
        Group { participants: 2, sides, shared, samples, noise, surrogates: 19, seed: 3 }
    }

    fn correlation(a: &[f64], b: &[f64]) -> f64 {
        statistics::pearson(a, b).unwrap()
    }

    #[test]
    fn cells_fill_the_volume_and_touch_along_faces() {
        let cells = cells([2, 3, 2]);
        assert_eq!(cells.len(), 12);
        assert_eq!((cells[0], cells[1], cells[2], cells[11]), ([0, 0, 0], [1, 0, 0], [0, 1, 0], [1, 2, 1]));
        let neighbours = Neighbours::of_grid(&cells, Connectivity::Faces);
        assert_eq!(neighbours.of(2).len(), 4);
    }

    /// Of two neighbours each holds half of the other: r = (½ + ½) / (1 + ¼).
    #[test]
    fn people_share_what_was_asked_for_and_neighbours_are_alike() {
        for shared in [0.0, 0.4, 1.0] {
            let group = group([2, 1, 1], shared, 20_000);
            let neighbours = Neighbours::of_grid(&cells(group.sides), Connectivity::Faces);
            let found = responses(&mut stream(1, 0, 6), &group, &neighbours);
            assert_eq!((found.len(), found[0].len()), (4, 20_000));
            assert!((correlation(&found[0], &found[2]) - shared).abs() < 0.03);
            assert!((correlation(&found[0], &found[1]) - 0.8).abs() < 0.02);
            assert!((correlation(&found[2], &found[1]) - 0.8 * shared).abs() < 0.03);
        }
    }

    #[test]
    fn layers_share_half_and_maps_are_enhanced_in_two_ways() {
        let found = half_shared(&vec![vec![3.0, 1.0]], &vec![vec![1.0, -1.0]]);
        assert!((found[0][0] - 8.0_f64.sqrt()).abs() < 1e-12 && found[0][1].abs() < 1e-12);
        let [none, mass, enhanced] = enhancements(2.3);
        assert!(none.is_none() && enhanced == Some(Enhancement::VOLUME));
        assert_eq!(mass, Some(Enhancement::ClusterMass { threshold: 2.3 }));
    }

    #[test]
    fn what_reaches_the_level_counts() {
        let reached = |values: &[f64]| {
            let mut all = Exceedances::new(ndarray::array![0.5], 19);
            for (of, value) in values.iter().enumerate() {
                all.record(of, ndarray::array![*value].view());
            }
            all
        };
        // Of nineteen surrogates none reaches the score: p = 1/20. With one it is 2/20.
        let (none, one) = (reached(&[0.0; 19]), reached(&[[0.0; 18].to_vec(), vec![0.6]].concat()));
        let found = Found::of(&[none.clone(), one.clone(), none.clone()]);
        assert_eq!(
            (found.uncorrected, found.by_maximum, found.by_mass, found.by_enhancement),
            (1.0, true, false, true)
        );
        let found = Found::of(&[one.clone(), none, one]);
        assert_eq!(
            (found.uncorrected, found.by_maximum, found.by_mass, found.by_enhancement),
            (0.0, false, true, false)
        );
    }

    /// scipy.stats 1.17: norm.isf(.01), t.isf(.01, 11).
    #[test]
    fn clusters_form_above_the_quantiles_of_one_in_a_hundred() {
        assert!((forming_z() - 2.326_347_874).abs() < 1e-6);
        assert!((forming_t(12) - 2.718_079_184).abs() < 1e-6);
    }

    /// What one person scores is that person's group mean.
    #[test]
    fn people_have_an_excess_over_their_own_surrogates() {
        let backend = crate::backend::on_one_thread();
        let three = Group { participants: 3, ..group([2, 1, 1], 0.0, 200) };
        let mut random = stream(1, 2, 3);
        let features = units(&mut random, &three.noise[0], (UNITS, three.samples));
        let series: Vec<_> = (0..6).map(|_| three.noise[1].series(&mut random, three.samples)).collect();
        let of = |group: &Group, series: &[Vec<f64>]| {
            let responses = without_drift(series, group.samples).unwrap();
            Layer::of(&backend, (group, 2), &features, &responses).unwrap()
        };
        let layer = of(&three, &series);
        assert_eq!(
            (layer.scores.dim(), layer.normal_excess.dim(), layer.null.dim()),
            ((3, 2), (3, 2), (19, 2))
        );
        assert_eq!(layer.mean(), layer.scores.mean_axis(Axis(0)).unwrap());
        let second = of(&Group { participants: 1, ..three.clone() }, &series[2..4]);
        let normal = statistics::NormalExcess::new(19);
        for target in 0..2 {
            let excess = normal.of(second.scores[(0, target)], &second.null.column(target).to_vec());
            assert!(
                (layer.normal_excess[(1, target)] - excess).abs() < 1e-5,
                "{} {excess}",
                layer.normal_excess
            );
            assert!((layer.scores[(1, target)] - second.scores[(0, target)]).abs() < 1e-6);
        }
    }

    #[test]
    fn responses_that_hold_the_features_are_found_by_every_test() {
        let backend = crate::backend::on_one_thread();
        let group = Group { participants: 6, ..group([2, 2, 1], 0.0, 200) };
        // The features of this data set, a volume late, in noise of each person's own.
        let mut random = stream(group.seed, 4, 1);
        let common = units(&mut random, &group.noise[0], (UNITS, group.samples));
        let mut own = stream(9, 9, 9);
        let series: Vec<Vec<f64>> = (0..24)
            .map(|_| {
                let noise = group.noise[1].series(&mut own, group.samples);
                (0..group.samples).map(|row| common[0][row + 3] + 0.5 * noise[row]).collect()
            })
            .collect();
        let found = features_of_another_story(&backend, &group, &series, 4).unwrap();
        for of in [found.stimulus, found.signs] {
            assert!(of.by_maximum && of.by_mass && of.by_enhancement && of.uncorrected > 0.9, "{of:?}");
        }
        assert_eq!((found.student, found.ranks, found.region, found.against_zero), (1.0, 1.0, 1.0, 1.0));
        let few = features_of_another_story(&backend, &group, &series[1..], 4);
        assert_eq!(few.unwrap_err(), EncodingError::TargetMismatch { found: 23, expected: 24 });
    }
}
