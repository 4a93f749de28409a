//! Groups: whether tests over targets × layers keep their level where people share a story that the features do not hold.

use ndarray::{Array1, Array2, ArrayView2, Axis, concatenate, s};
use rand_chacha::ChaCha8Rng;

use super::pipeline::{self, Null};
use super::simulate::{design, mixed, stream, units, without_drift};
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
    /// Over signs of people: of scores less the mean of each person's own surrogates.
    pub signs: Found,
    /// Share of targets × layers with p ≤ .05 by Student's t over people.
    pub student: f64,
    /// The same by signed ranks.
    pub ranks: f64,
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
        let mixed = common.iter().zip(own).map(|(common, own)| {
            common.iter().zip(own).map(|(one, other)| (one + other) / std::f64::consts::SQRT_2).collect()
        });
        layers.push(Layer::of(backend, (group, index), &mixed.collect(), &responses)?);
    }
    let scores: Vec<ArrayView2<f64>> = layers.iter().map(|layer| layer.excess.view()).collect();
    let raw: Vec<ArrayView2<f64>> = layers.iter().map(|layer| layer.scores.view()).collect();
    let test = |scores: &[ArrayView2<f64>], p: fn(&[f64]) -> f64| {
        let together = concatenate(Axis(1), scores).unwrap_or_default();
        share_of(together.columns().into_iter().map(|column| p(&column.to_vec())), together.ncols())
    };
    let student = |values: &[f64]| statistics::one_sample(values, Tail::Greater).p;
    Ok(GroupOutcome {
        stimulus: over_surrogates(backend, group, &layers, &neighbours)?,
        signs: over_signs(backend, (group, index), &scores, &neighbours)?,
        student: test(&scores, student),
        ranks: test(&scores, |values| statistics::signed_rank(values, Tail::Greater).p),
        against_zero: test(&raw, student),
    })
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
    /// Scores less the mean of each person's own surrogates.
    excess: Array2<f64>,
    /// Shape (n_surrogates, n_targets).
    null: Array2<f64>,
}

impl Layer {
    fn of(
        backend: &Backend,
        (group, index): (&Group, usize),
        features: &super::simulate::Units,
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
        let null = Null { bands: &[0], groups: &groups, count: group.surrogates, seed };
        let null = pipeline::refit(backend, (&design, &folds), &fitted, &null)?;
        let mean = Array2::from_shape_vec(scores.raw_dim(), null.mean).unwrap_or_default();
        Ok(Self { excess: &scores - &mean, scores, null: null.group_sums / group.participants as f64 })
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
    for enhancement in enhancements(-statistics::normal_quantile(FORMING_P)) {
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
    let threshold = statistics::student_quantile(FORMING_P, group.participants as f64 - 1.0);
    let mut of = Vec::with_capacity(3);
    for enhancement in enhancements(threshold) {
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
