//! Which voxels of the images are targets, or make up the targets, and their values.

use std::collections::BTreeSet;
use std::ops::Range;
use std::path::Path;

use gyrus_io::Warning;
use gyrus_io::nifti::{Grid, Mask, Orientation, Volumes, read_mask};
use ndarray::Array2;

use crate::Error;
use crate::results::Target;
use crate::store::Digest;
use crate::study::{BidsSection, Noted, Resolved};

use super::parcels;

/// The voxels that are read of every image.
pub struct Voxels {
    /// The grid of the first image; others are read by where their voxels lie.
    pub grid: Grid,
    /// Voxels of that grid, ascending, the first axis fastest.
    pub indices: Vec<usize>,
    /// Voxels of the brain, whether they belong to a target or not.
    pub brain: Vec<usize>,
    /// The target that each voxel belongs to.
    pub target_of: Vec<usize>,
    /// Regions in the order of the atlas's numbers; empty without an atlas.
    pub regions: Vec<String>,
    /// Names and regions.
    pub targets: Vec<Target>,
    /// Whether a target is the mean over several voxels.
    pub has_parcels: bool,
    /// Digest of all of this.
    pub digest: Digest,
}

/// Voxels inside the masks of all runs of everybody, of the study's own mask and of its atlas.
pub(super) fn choose(resolved: &Resolved, section: &BidsSection, noted: &mut Noted) -> Result<Voxels, Error> {
    let used = |participant: &String| !resolved.study.responses.exclude.contains_key(participant);
    let runs: Vec<_> = resolved.runs.iter().filter(|run| used(&run.participant)).collect();
    let Some(first) = runs.first() else {
        let found = "no participant that is not excluded".to_owned();
        return Err(resolved.setting("responses.exclude", found, "at least one left; remove one".to_owned()));
    };
    let grid = Volumes::open(&first.responses)?.header().grid;
    let zeros = || vec![0; grid.n_voxels()];
    let mut coverage = Coverage { grid, counts: zeros(), sums: zeros(), masks: Vec::new() };
    let mut seen = BTreeSet::new();
    for run in runs {
        if !seen.insert(run.responses.clone()) {
            continue;
        }
        let image = Volumes::open(&run.responses)?.header().grid;
        if !grid.lattice(&image, &run.responses)?.is_identity() {
            let message = format!(
                "the grid is {} where that of the first image is {}; voxels were found by their place",
                image.describe(),
                grid.describe()
            );
            noted.note(&resolved.named(&run.responses), &message);
        }
        if let Some(volumes) = &run.volumes {
            coverage.add((resolved, section), &volumes.mask, noted)?;
        }
    }
    let mut kept = coverage.in_all(noted);
    if let Some(mask) = &section.mask {
        let path = resolved.absolute(mask);
        let mask_image = read_mask(&path)?;
        warn_of_header(resolved, (&path, &mask_image.warnings), noted);
        let inside = on_grid((resolved, section), &grid, (&path, &mask_image), noted)?;
        drop_outside(&mut kept, |voxel| inside[voxel], &format!("outside of {}", mask.display()), noted);
    }
    let brain = kept.clone();
    let voxels = match parcels::of_study(resolved, section, &grid, noted)? {
        Some(parcels) => Voxels { brain, ..parcels.voxels(section, (grid, kept), noted) },
        None => without_parcels(grid, kept),
    };
    if voxels.targets.is_empty() {
        let expected =
            "masks that share voxels; look at the masks of the runs, or exclude a participant".to_owned();
        return Err(resolved.setting("bids.mask", "no voxel inside of all masks".to_owned(), expected));
    }
    Ok(voxels)
}

/// How many masks hold each voxel.
struct Coverage {
    grid: Grid,
    counts: Vec<usize>,
    /// Sum of the positions of the masks that hold it: where a single one does not, this tells which.
    sums: Vec<usize>,
    masks: Vec<String>,
}

impl Coverage {
    fn add(
        &mut self,
        (resolved, section): (&Resolved, &BidsSection),
        path: &Path,
        noted: &mut Noted,
    ) -> Result<(), Error> {
        let mask = read_mask(path)?;
        warn_of_header(resolved, (path, &mask.warnings), noted);
        let inside = on_grid((resolved, section), &self.grid, (path, &mask), noted)?;
        for voxel in (0..inside.len()).filter(|voxel| inside[*voxel]) {
            self.counts[voxel] += 1;
            self.sums[voxel] += self.masks.len();
        }
        self.masks.push(resolved.named(path));
        Ok(())
    }

    /// Voxels inside of all masks; says what that costs, and which mask costs most.
    fn in_all(self, noted: &mut Noted) -> Vec<usize> {
        let n_masks = self.masks.len();
        let counts = &self.counts;
        let with = |count: usize| (0..counts.len()).filter(move |voxel| counts[*voxel] == count);
        let kept: Vec<usize> = if n_masks > 0 { with(n_masks).collect() } else { Vec::new() };
        let in_any = counts.iter().filter(|count| **count > 0).count();
        if in_any > kept.len() {
            let mut missed = vec![0_usize; n_masks];
            let all: usize = (0..n_masks).sum();
            with(n_masks - 1).for_each(|voxel| missed[all - self.sums[voxel]] += 1);
            let worst = (0..n_masks).max_by_key(|mask| (missed[*mask], n_masks - mask)).unwrap_or_default();
            let alone = match missed[worst] {
                0 => String::new(),
                count => format!(" ({count} of them for {} alone)", self.masks[worst]),
            };
            noted.warn_of_all(format!(
                "{} of {in_any} voxels lie in some of the {n_masks} masks but not in all: they were left out{alone}",
                in_any - kept.len()
            ));
        }
        kept
    }
}

pub(super) fn warn_of_header(resolved: &Resolved, (path, warnings): (&Path, &[Warning]), noted: &mut Noted) {
    warnings.iter().for_each(|warning| noted.warn(&resolved.named(path), &warning.to_string()));
}

fn on_grid(
    study: (&Resolved, &BidsSection),
    grid: &Grid,
    (path, mask): (&Path, &Mask),
    noted: &mut Noted,
) -> Result<Vec<bool>, Error> {
    let mut inside = vec![false; mask.grid.n_voxels()];
    mask.voxels.iter().for_each(|voxel| inside[*voxel] = true);
    let places = places(study, grid, (path, &mask.grid), noted)?;
    Ok(places.into_iter().map(|place| place.is_some_and(|other| inside[other])).collect())
}

/// Which voxel of a mask or an atlas lies at each voxel of the recordings; the nearest where a study has it resampled.
pub(super) fn places(
    (resolved, section): (&Resolved, &BidsSection),
    grid: &Grid,
    (path, other): (&Path, &Grid),
    noted: &mut Noted,
) -> Result<Vec<Option<usize>>, Error> {
    let voxels = 0..grid.n_voxels();
    let error = match grid.lattice(other, path) {
        Ok(lattice) => return Ok(voxels.map(|voxel| lattice.find(voxel)).collect()),
        Err(error) => error,
    };
    if [grid, other].iter().any(|grid| grid.orientation == Orientation::Unknown) {
        return Err(error.into());
    }
    if !section.resample {
        let remedy = "resample it to the grid of the recordings, or have it done by bids.resample = true";
        return Err(error.with_remedy(remedy).into());
    }
    let nearest = grid.nearest(other, path)?;
    let (from, to) = (other.describe(), grid.describe());
    noted.note(&resolved.named(path), &format!("resampled by nearest voxels: {from} to {to}"));
    Ok(voxels.map(|voxel| nearest.find(voxel)).collect())
}

pub(super) fn drop_outside(
    kept: &mut Vec<usize>,
    is_inside: impl Fn(usize) -> bool,
    why: &str,
    noted: &mut Noted,
) {
    let before = kept.len();
    kept.retain(|voxel| is_inside(*voxel));
    if kept.len() < before {
        noted
            .note_of_all(format!("{} of {before} voxels lie {why}: they were left out", before - kept.len()));
    }
}

fn without_parcels(grid: Grid, indices: Vec<usize>) -> Voxels {
    let target = |voxel: &usize| Target { name: name_of(&grid, *voxel), region: "brain".to_owned() };
    let targets = indices.iter().map(target).collect();
    Voxels::new(grid, indices.clone(), (0..indices.len()).collect(), targets)
}

/// A voxel by its indices on the grid, from 0.
pub(super) fn name_of(grid: &Grid, voxel: usize) -> String {
    let [nx, ny, _] = grid.shape;
    format!("{}-{}-{}", voxel % nx, voxel / nx % ny, voxel / (nx * ny))
}

impl Voxels {
    pub(super) fn new(grid: Grid, indices: Vec<usize>, target_of: Vec<usize>, targets: Vec<Target>) -> Self {
        let known = serde_json::json!([grid.shape, grid.affine.0, &indices, &target_of]);
        let digest = Digest::of(known.to_string().as_bytes());
        Self {
            grid,
            indices,
            brain: Vec::new(),
            target_of,
            regions: Vec::new(),
            targets,
            has_parcels: false,
            digest,
        }
    }

    /// Whether it is known where the voxels lie, so that maps can be made.
    #[must_use]
    pub fn has_place(&self) -> bool {
        self.grid.orientation != Orientation::Unknown
    }

    /// Values of the targets in some volumes of an image, shape (n_volumes, n_targets).
    ///
    /// The mean of a parcel is taken over voxels that are finite and not constant in these volumes; a parcel without one
    /// is NaN.
    pub(crate) fn read(&self, path: &Path, rows: Range<usize>) -> Result<Array2<f32>, Error> {
        let order = self.order(path)?;
        if !self.has_parcels {
            let mut values = Array2::zeros((rows.len(), self.targets.len()));
            self.each_volume(path, &rows, &order, |row, voxel, value| values[(row, voxel)] = value as f32)?;
            return Ok(values);
        }
        let mut seen = Seen::new(self.indices.len());
        let all = vec![true; self.indices.len()];
        let sums = self.parcel_means(path, &rows, (&order, &all), Some(&mut seen))?;
        if seen.is_usable.iter().all(|is_usable| *is_usable) && seen.is_constant.iter().all(|is| !is) {
            return Ok(sums);
        }
        let usable: Vec<bool> = seen
            .is_usable
            .iter()
            .zip(&seen.is_constant)
            .map(|(usable, constant)| *usable && !constant)
            .collect();
        self.parcel_means(path, &rows, (&order, &usable), None)
    }

    fn parcel_means(
        &self,
        path: &Path,
        rows: &Range<usize>,
        (order, usable): (&Order, &[bool]),
        mut seen: Option<&mut Seen>,
    ) -> Result<Array2<f32>, Error> {
        let n_targets = self.targets.len();
        let mut counts = vec![0_u32; n_targets];
        for (voxel, target) in self.target_of.iter().enumerate() {
            counts[*target] += u32::from(usable[voxel]);
        }
        let mut sums = Array2::<f64>::zeros((rows.len(), n_targets));
        self.each_volume(path, rows, order, |row, voxel, value| {
            if let Some(seen) = seen.as_deref_mut() {
                seen.note(row, voxel, value);
            }
            if usable[voxel] {
                sums[(row, self.target_of[voxel])] += value;
            }
        })?;
        Ok(Array2::from_shape_fn(sums.raw_dim(), |(row, target)| {
            (sums[(row, target)] / f64::from(counts[target])) as f32
        }))
    }

    /// Hands on every value with its row and its position among the voxels.
    fn each_volume(
        &self,
        path: &Path,
        rows: &Range<usize>,
        order: &Order,
        mut visit: impl FnMut(usize, usize, f64),
    ) -> Result<(), Error> {
        let mut volumes = Volumes::open(path)?;
        for volume in 0..rows.end {
            if volume < rows.start {
                volumes.next_volume(&[], |_| {})?;
                continue;
            }
            let mut at = 0;
            volumes.next_volume(&order.indices, |value| {
                visit(
                    volume - rows.start,
                    order.positions.as_ref().map_or(at, |positions| positions[at]),
                    value,
                );
                at += 1;
            })?;
        }
        // A damaged end is noticed even where it is not needed.
        while volumes.next_volume(&[], |_| {})? {}
        Ok(())
    }

    /// Where an image has the voxels.
    fn order(&self, path: &Path) -> Result<Order, Error> {
        let lattice = self.grid.lattice(&Volumes::open(path)?.header().grid, path)?;
        if lattice.is_identity() {
            return Ok(Order { indices: self.indices.clone(), positions: None });
        }
        let outside = || Error::Unusable {
            path: path.to_owned(),
            found: "a grid that ends before the mask does".to_owned(),
            expected: "one that holds every voxel of the mask; set bids.mask, or exclude the participant"
                .to_owned(),
        };
        let mut pairs = Vec::with_capacity(self.indices.len());
        for (position, voxel) in self.indices.iter().enumerate() {
            pairs.push((lattice.find(*voxel).ok_or_else(outside)?, position));
        }
        pairs.sort_unstable();
        let (indices, positions) = pairs.into_iter().unzip();
        Ok(Order { indices, positions: Some(positions) })
    }
}

/// Voxels of an image, ascending, and which of ours each is.
struct Order {
    indices: Vec<usize>,
    positions: Option<Vec<usize>>,
}

/// What the volumes of a run show of each voxel.
struct Seen {
    first: Vec<f64>,
    is_usable: Vec<bool>,
    is_constant: Vec<bool>,
}

impl Seen {
    fn new(n_voxels: usize) -> Self {
        Self {
            first: vec![0.0; n_voxels],
            is_usable: vec![true; n_voxels],
            is_constant: vec![true; n_voxels],
        }
    }

    fn note(&mut self, row: usize, voxel: usize, value: f64) {
        if row == 0 {
            self.first[voxel] = value;
        }
        self.is_usable[voxel] &= value.is_finite();
        self.is_constant[voxel] &= value == self.first[voxel];
    }
}
