//! Which voxels or vertices are analysed: those inside the masks of all runs of everybody, of the study's mask and atlas.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use gyrus_io::Warning;
use gyrus_io::nifti::{Grid, Mask, Orientation, read_mask, read_mask_above};
use gyrus_io::scan::Layout;
use gyrus_io::{cifti, freesurfer, surface};

use super::voxels::{Voxels, called};
use super::{meshes, parcels};
use crate::Error;
use crate::study::{BidsSection, Files, Noted, Resolved, ResolvedRun};

/// Voxels or vertices that every recording has.
pub(super) fn choose(resolved: &Resolved, section: &BidsSection, noted: &mut Noted) -> Result<Voxels, Error> {
    let used = |participant: &String| !resolved.study.responses.exclude.contains_key(participant);
    let runs: Vec<_> = resolved.runs.iter().filter(|run| used(&run.participant)).collect();
    let Some(first) = runs.first() else {
        let found = "no participant that is not excluded".to_owned();
        return Err(resolved.setting("responses.exclude", found, "at least one left; remove one".to_owned()));
    };
    let layout = first.scan().about()?.layout;
    let mut kept = match &layout {
        Layout::Grid(grid) => in_all_masks((resolved, section), grid, &runs, noted)?,
        Layout::Surface(_) | Layout::Dense(_) => {
            require_same(&layout, &runs)?;
            (0..layout.len()).collect()
        }
    };
    if let Some(mask) = &section.mask {
        let inside = inside_mask((resolved, section), &layout, mask, noted)?;
        let why = format!("outside of {}", shown(mask));
        drop_outside((&layout, &mut kept), |voxel| inside[voxel], &why, noted);
    }
    let meshes = meshes::of_study(resolved, section, &layout, noted)?;
    let brain = kept.clone();
    let voxels = match parcels::of_study(resolved, section, &layout, noted)? {
        Some(parcels) => parcels.voxels(section, (layout, kept), noted),
        None => Voxels::without_parcels(layout, kept),
    };
    if voxels.targets.is_empty() {
        let what = called(&voxels.layout);
        let found = format!("no {what} inside of all masks");
        let expected =
            format!("masks that share {what}; look at the masks of the runs, or exclude a participant");
        return Err(resolved.setting("bids.mask", found, expected));
    }
    Ok(Voxels { brain, meshes, ..voxels })
}

/// Every recording has the vertices of the first; dense files may list them in another order.
fn require_same(first: &Layout, runs: &[&ResolvedRun]) -> Result<(), Error> {
    let mut seen = BTreeSet::new();
    for run in runs.iter().filter(|run| seen.insert(&run.responses)) {
        Voxels::positions(first, &run.scan().about()?.layout, &run.responses)?;
    }
    Ok(())
}

fn in_all_masks(
    (resolved, section): (&Resolved, &BidsSection),
    grid: &Grid,
    runs: &[&ResolvedRun],
    noted: &mut Noted,
) -> Result<Vec<usize>, Error> {
    let zeros = || vec![0; grid.n_voxels()];
    let mut coverage = Coverage { grid: *grid, counts: zeros(), sums: zeros(), masks: Vec::new() };
    let mut seen = BTreeSet::new();
    for run in runs.iter().filter(|run| seen.insert(run.responses.clone())) {
        let Layout::Grid(image) = run.scan().about()?.layout else {
            return Err(Voxels::other_layout(&run.responses));
        };
        if !grid.lattice(&image, &run.responses)?.is_identity() {
            let message = format!(
                "the grid is {} where that of the first image is {}; voxels were found by their place",
                image.describe(),
                grid.describe()
            );
            noted.note(&resolved.named(&run.responses), &message);
        }
        if let Some(mask) = run.volumes.as_ref().and_then(|volumes| volumes.mask.as_ref()) {
            coverage.add((resolved, section), mask, noted)?;
        }
    }
    Ok(coverage.in_all(noted))
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
        if n_masks == 0 {
            noted.note_of_all("no run has a brain mask: voxels are chosen by their regions alone".to_owned());
            return (0..counts.len()).collect();
        }
        let with = |count: usize| (0..counts.len()).filter(move |voxel| counts[*voxel] == count);
        let kept: Vec<usize> = with(n_masks).collect();
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

/// Whether each voxel or vertex lies in the study's own mask.
fn inside_mask(
    (resolved, section): (&Resolved, &BidsSection),
    layout: &Layout,
    mask: &Files,
    noted: &mut Noted,
) -> Result<Vec<bool>, Error> {
    match layout {
        Layout::Grid(grid) => {
            let path = one(resolved, "bids.mask", mask)?;
            let mask = match section.mask_above {
                Some(limit) => read_mask_above(&path, limit)?,
                None => read_mask(&path)?,
            };
            warn_of_header(resolved, (&path, &mask.warnings), noted);
            on_grid((resolved, section), grid, (&path, &mask), noted)
        }
        Layout::Surface(vertices) => {
            let mut inside = Vec::with_capacity(layout.len());
            for (path, vertices) in both(resolved, "bids.mask", mask)?.iter().zip(vertices) {
                inside.extend(vertices_inside((resolved, section), path, *vertices)?);
            }
            Ok(inside)
        }
        Layout::Dense(dense) => {
            let path = one(resolved, "bids.mask", mask)?;
            let file = cifti::DenseFile::open(&path)?;
            let rows = dense.find_all(&file.dense, &path)?;
            let mut is_inside = vec![false; file.dense.len()];
            file.each_row(|row, values| is_inside[row] = is_inside_of(section, values[0] as f32))?;
            Ok(rows.into_iter().map(|row| is_inside[row]).collect())
        }
    }
}

/// Whether a value of a mask means inside: above the limit where there is one, else anything but 0.
fn is_inside_of(section: &BidsSection, value: f32) -> bool {
    value.is_finite() && section.mask_above.map_or(value != 0.0, |limit| value > limit)
}

/// The vertices that a label file lists, or whose value in a map is inside.
fn vertices_inside(
    (resolved, section): (&Resolved, &BidsSection),
    path: &Path,
    vertices: usize,
) -> Result<Vec<bool>, Error> {
    let other = |found: String| {
        let expected = format!("{vertices} vertices, as the recordings have; name the mask of their space");
        resolved.setting("bids.mask", format!("{found} in {}", resolved.named(path)), expected)
    };
    if path.extension().is_some_and(|extension| extension == "label") {
        let mut inside = vec![false; vertices];
        for vertex in freesurfer::read_label(path)? {
            *inside.get_mut(vertex as usize).ok_or_else(|| other(format!("vertex {vertex}")))? = true;
        }
        return Ok(inside);
    }
    let values = surface::read_values(path)?;
    if values.dim() != (1, vertices) {
        return Err(other(format!("{} maps of {} vertices", values.nrows(), values.ncols())));
    }
    Ok(values.iter().map(|value| is_inside_of(section, *value)).collect())
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
    (layout, kept): (&Layout, &mut Vec<usize>),
    is_inside: impl Fn(usize) -> bool,
    why: &str,
    noted: &mut Noted,
) {
    let before = kept.len();
    kept.retain(|voxel| is_inside(*voxel));
    if kept.len() < before {
        let (lost, what) = (before - kept.len(), called(layout));
        noted.note_of_all(format!("{lost} of {before} {what} lie {why}: they were left out"));
    }
}

pub(super) fn warn_of_header(resolved: &Resolved, (path, warnings): (&Path, &[Warning]), noted: &mut Noted) {
    warnings.iter().for_each(|warning| noted.warn(&resolved.named(path), &warning.to_string()));
}

/// The file of a volume or of both hemispheres.
pub(super) fn one(resolved: &Resolved, key: &'static str, files: &Files) -> Result<PathBuf, Error> {
    match files {
        Files::One(path) => Ok(resolved.absolute(path)),
        Files::Both(_) => {
            let expected = "one file, as the recordings are; name it alone".to_owned();
            Err(resolved.setting(key, format!("two files, {}", shown(files)), expected))
        }
    }
}

/// The files of the left and the right hemisphere.
pub(super) fn both(resolved: &Resolved, key: &'static str, files: &Files) -> Result<[PathBuf; 2], Error> {
    match files {
        Files::Both(paths) => Ok(paths.each_ref().map(|path| resolved.absolute(path))),
        Files::One(path) => {
            let expected = "a list of two files, of the left and the right hemisphere".to_owned();
            Err(resolved.setting(key, format!("one file, {}", path.display()), expected))
        }
    }
}

fn shown(files: &Files) -> String {
    match files {
        Files::One(path) => path.display().to_string(),
        Files::Both([left, right]) => format!("{} and {}", left.display(), right.display()),
    }
}
