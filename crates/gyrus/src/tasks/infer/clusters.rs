//! Maps of voxels corrected together with their neighbours: cluster mass or threshold-free enhancement, then the maximum
//! over voxels and layers, under the stimulus null and under signs of participants.

use std::ops::Range;

use gyrus_encoding::statistics::{
    self, Connectivity, Enhancement, Exceedances, Neighbours, NullScale, SignFlips, Statistic, Tail,
};
use gyrus_io::cifti::Point;
use gyrus_io::scan::Layout;
use ndarray::{Array1, Array2, s};

use super::super::fit::{Fit, FitKind, Quantity};
use super::gather::{LayerFits, WithNull};
use super::language_model::Work;
use crate::Error;
use crate::inputs::{Inputs, Voxels};
use crate::results::ClusterRow;
use crate::store::Arrays;
use crate::study::ClustersChoice;

/// Maps of surrogates that are held at a time, in bytes.
pub(super) const MAPS_AT_ONCE: u64 = 1 << 28;
/// Where a cluster begins if the study does not say: one-sided p of a voxel.
pub(super) const FORMING_P: f64 = 0.001;
const LEVEL: f64 = 0.05;
const CONNECTIVITY: Connectivity = Connectivity::Faces;

/// One quantity of all layers that have it.
pub(super) struct Family<'a> {
    /// Which language model, by index and name.
    pub language_model: (usize, &'a str),
    /// The quantity, its name in arrays, and in tables.
    pub quantity: (Quantity, &'static str, &'static str),
    /// Layers with what was gathered of each.
    pub layers: Vec<(usize, &'a WithNull)>,
}

/// p of every voxel and layer under both nulls, added to what maps show, and a row per layer and null.
///
/// Arrays, single precision, (n_layers, n_targets): `NAME_clusters_stimulus`, `NAME_clusters_sign_flip`.
///
/// # Errors
/// - fits that cannot be read.
pub(super) fn add(
    work: &Work<'_>,
    mut arrays: Arrays,
    family: &Family<'_>,
    rows: &mut Vec<ClusterRow>,
) -> Result<Arrays, Error> {
    let (Some(voxels), Some(choice)) = (&work.inputs.voxels, work.inputs.resolved.study.statistics.clusters)
    else {
        return Ok(arrays);
    };
    let search = Search { work, choice, family, neighbours: neighbours(voxels) };
    let has_surrogates = family.layers.first().is_some_and(|(_, taken)| taken.null.nrows() > 0);
    let mut found = Vec::new();
    if has_surrogates {
        found.push(("stimulus", search.stimulus()?));
    }
    if work.layout.participants.len() > 1 {
        found.push(("sign_flip", search.sign_flip()?));
    }
    for (null, reached) in found {
        let p = reached.family_wise_p();
        rows.extend(search.rows(null, &reached, &p));
        let values = p.iter().map(|p| *p as f32).collect();
        let values =
            Array2::from_shape_vec((family.layers.len(), work.layout.n_targets), values).unwrap_or_default();
        arrays = arrays.single(format!("{}_clusters_{null}", family.quantity.1), values);
    }
    Ok(arrays)
}

/// What was done, in words; None where the study does not ask for it.
pub(super) fn described(inputs: &Inputs) -> Option<String> {
    let statistics = &inputs.resolved.study.statistics;
    let words = match statistics.clusters? {
        ClustersChoice::Tfce => {
            "threshold-free cluster enhancement (Smith and Nichols, 2009) with exponents 0.5 and 2".to_owned()
        }
        ClustersChoice::Mass => {
            let p = statistics.cluster_p.unwrap_or(FORMING_P);
            format!(
                "the mass of clusters (Bullmore et al., 1999) of voxels with p < {p}, uncorrected and one-sided"
            )
        }
    };
    let joined = match inputs.voxels.as_ref().map(|voxels| &voxels.layout) {
        Some(Layout::Surface(_)) => "vertices that share the side of a triangle",
        Some(Layout::Dense(_)) => "vertices that share the side of a triangle and voxels that share a face",
        _ => "voxels that share a face",
    };
    Some(format!("{words}, of {joined}"))
}

fn neighbours(voxels: &Voxels) -> Neighbours {
    if let Some(grid) = voxels.grid() {
        let axis = |index: usize| i32::try_from(index).unwrap_or(i32::MAX);
        let cell = |voxel: &usize| grid.indices(*voxel).map(axis);
        return Neighbours::of_grid(&voxels.indices.iter().map(cell).collect::<Vec<_>>(), CONNECTIVITY);
    }
    let target = voxels.target_at();
    let joined = sides(voxels).chain(faces(&voxels.layout));
    let pairs = joined.filter_map(|(one, other)| target[one].zip(target[other]));
    Neighbours::of_pairs(voxels.targets.len(), pairs)
}

/// Vertices that share the side of a triangle, by their place in the layout.
fn sides(voxels: &Voxels) -> impl Iterator<Item = (usize, usize)> {
    let meshes = voxels.meshes.iter().flatten();
    meshes.zip(voxels.cortex()).flat_map(|(mesh, places)| {
        let place = move |vertex: u32| places.get(vertex as usize).copied().flatten();
        mesh.triangles.iter().flat_map(move |[a, b, c]| {
            let sides = [(*a, *b), (*b, *c), (*c, *a)];
            sides.map(|(one, other)| place(one).zip(place(other))).into_iter().flatten().collect::<Vec<_>>()
        })
    })
}

/// Voxels of a dense file that share a face, by their place in it.
fn faces(layout: &Layout) -> Vec<(usize, usize)> {
    let Layout::Dense(dense) = layout else { return Vec::new() };
    let voxel = |(row, (_, point)): (usize, (&str, Point))| match point {
        Point::Voxel(voxel) => Some((row, voxel.map(|axis| i32::try_from(axis).unwrap_or(i32::MAX)))),
        Point::Vertex(_) => None,
    };
    let (rows, cells): (Vec<usize>, Vec<[i32; 3]>) = dense.points().enumerate().filter_map(voxel).unzip();
    let found = Neighbours::of_grid(&cells, CONNECTIVITY);
    (0..rows.len())
        .flat_map(|one| found.of(one).iter().map(|other| (rows[one], rows[*other])).collect::<Vec<_>>())
        .collect()
}

struct Search<'a> {
    work: &'a Work<'a>,
    choice: ClustersChoice,
    family: &'a Family<'a>,
    neighbours: Neighbours,
}

impl Search<'_> {
    /// Group means as z against the surrogates, one surrogate at a time the same for everybody.
    fn stimulus(&self) -> Result<Exceedances, Error> {
        let threshold = -statistics::normal_quantile(self.forming_p());
        self.over_layers(|layer, taken| {
            let fits = self.fits(layer)?;
            let quantity = self.family.quantity.0;
            let group = &taken.targets.observed;
            let mut scale = NullScale::default();
            for block in 0..fits.n_blocks() {
                let (targets, null) = fits.null_of(quantity, block, taken)?;
                scale.extend(group.slice(s![targets]), null.view());
            }
            let observed = scale.apply(group.view()).insert_axis(ndarray::Axis(0));
            let observed = self.enhance(&observed, threshold)?.swap_remove(0);
            let n_surrogates = taken.null.nrows();
            let mut reached = Exceedances::new(observed, n_surrogates);
            for some in self.chunks(n_surrogates) {
                let maps = self.surrogates(&fits, (&some, taken), &scale)?;
                for (surrogate, map) in some.zip(self.enhance(&maps, threshold)?) {
                    reached.record(surrogate, map.view());
                }
            }
            Ok(reached)
        })
    }

    /// Student's t over participants, of everybody's normal excess, with its signs flipped.
    fn sign_flip(&self) -> Result<Exceedances, Error> {
        let statistics = &self.work.inputs.resolved.study.statistics;
        let people = self.work.layout.participants.len();
        let flips = SignFlips::new(people, statistics.surrogates.max(1000), statistics.seed);
        let threshold = statistics::student_quantile(self.forming_p(), people as f64 - 1.0);
        let how = (self.enhancement(threshold), &self.neighbours);
        self.over_layers(|_, taken| {
            let test = (Statistic::T, Tail::Greater);
            Ok(flips.count_enhanced(self.work.backend, taken.tested.view(), test, how)?)
        })
    }

    fn over_layers(
        &self,
        of_layer: impl Fn(usize, &WithNull) -> Result<Exceedances, Error>,
    ) -> Result<Exceedances, Error> {
        let mut all: Option<Exceedances> = None;
        for (layer, taken) in &self.family.layers {
            let reached = of_layer(*layer, taken)?;
            match &mut all {
                None => all = Some(reached),
                Some(all) => all.join(&reached)?,
            }
        }
        Ok(all.unwrap_or_else(|| Exceedances::new(Array1::zeros(0), 0)))
    }

    fn fits(&self, layer: usize) -> Result<LayerFits, Error> {
        let is_own = |fit: &&Fit| {
            fit.language_model == self.family.language_model.0
                && fit.kind == FitKind::Main
                && fit.layer == layer
        };
        LayerFits::open(self.work.plan.fits.iter().filter(is_own), self.work.store)
    }

    /// Surrogates whose maps fit into memory together.
    fn chunks(&self, n_surrogates: usize) -> Vec<Range<usize>> {
        let bytes = (self.work.layout.n_targets * 8).max(1) as u64;
        let at_once = usize::try_from(MAPS_AT_ONCE / bytes).unwrap_or(usize::MAX).max(1);
        let end = |start: usize| start.saturating_add(at_once).min(n_surrogates);
        (0..n_surrogates).step_by(at_once).map(|start| start..end(start)).collect()
    }

    /// Maps of some surrogates as z, shape (n_surrogates, n_targets).
    fn surrogates(
        &self,
        fits: &LayerFits,
        (some, taken): (&Range<usize>, &WithNull),
        scale: &NullScale,
    ) -> Result<Array2<f64>, Error> {
        let mut maps = Array2::zeros((some.len(), self.work.layout.n_targets));
        for block in 0..fits.n_blocks() {
            let (targets, null) = fits.null_of(self.family.quantity.0, block, taken)?;
            maps.slice_mut(s![.., targets]).assign(&null.slice(s![some.clone(), ..]));
        }
        for mut map in maps.rows_mut() {
            let scaled = scale.apply(map.view());
            map.assign(&scaled);
        }
        Ok(maps)
    }

    fn enhance(&self, maps: &Array2<f64>, threshold: f64) -> Result<Vec<Array1<f64>>, Error> {
        let how = (self.enhancement(threshold), &self.neighbours, Tail::Greater);
        Ok(statistics::enhance(self.work.backend, maps, how)?)
    }

    fn enhancement(&self, threshold: f64) -> Enhancement {
        match self.choice {
            ClustersChoice::Mass => Enhancement::ClusterMass { threshold },
            ClustersChoice::Tfce => Enhancement::VOLUME,
        }
    }

    fn forming_p(&self) -> f64 {
        self.work.inputs.resolved.study.statistics.cluster_p.unwrap_or(FORMING_P)
    }

    fn rows(&self, null: &str, reached: &Exceedances, p: &Array1<f64>) -> Vec<ClusterRow> {
        let n_targets = self.work.layout.n_targets;
        let row = |(position, (layer, taken)): (usize, &(usize, &WithNull))| {
            let own = position * n_targets..(position + 1) * n_targets;
            let (p, statistic) = (p.slice(s![own.clone()]), reached.observed.slice(s![own]));
            let significant: Vec<bool> = p.iter().map(|p| *p < LEVEL).collect();
            let sets = self.neighbours.connected(&significant);
            let peak = (0..n_targets)
                .filter(|target| statistic[*target].is_finite())
                .reduce(|best, next| if statistic[next] > statistic[best] { next } else { best });
            ClusterRow {
                language_model: self.family.language_model.1.to_owned(),
                layer: *layer,
                quantity: self.family.quantity.2.to_owned(),
                null: null.to_owned(),
                n_targets: p.iter().filter(|p| p.is_finite()).count(),
                n_significant: significant.iter().filter(|is| **is).count(),
                n_clusters: sets.len(),
                largest: sets.iter().map(Vec::len).max().unwrap_or(0),
                smallest_p: p.iter().copied().fold(f64::NAN, f64::min),
                peak: peak.map(|target| self.work.inputs.targets[target].clone()),
                peak_value: peak.map_or(f64::NAN, |target| taken.targets.observed[target]),
            }
        };
        self.family.layers.iter().enumerate().map(row).collect()
    }
}
