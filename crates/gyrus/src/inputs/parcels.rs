//! Parcels of an atlas, or spheres about points: the regions that voxels belong to, or whose means are predicted.

use std::collections::BTreeMap;
use std::path::Path;

use gyrus_io::nifti::{Grid, Orientation, read_atlas, read_labels};
use gyrus_io::table;

use crate::Error;
use crate::results::Target;
use crate::study::{BidsSection, Noted, Resolved, TargetsChoice};

use super::voxels::{Voxels, drop_outside, name_of, places, warn_of_header};

/// Which parcel each voxel of a grid lies in.
pub(super) struct Parcels {
    /// Number of the parcel, 0 for none; the first axis fastest.
    labels: Vec<u32>,
    /// Voxels of each parcel, those outside of the masks too.
    sizes: BTreeMap<u32, usize>,
    names: BTreeMap<u32, String>,
    /// What a voxel outside lies in none of.
    called: &'static str,
}

/// The parcels that a study asks for; None where it asks for none.
pub(super) fn of_study(
    resolved: &Resolved,
    section: &BidsSection,
    grid: &Grid,
    noted: &mut Noted,
) -> Result<Option<Parcels>, Error> {
    match (&section.atlas, &section.spheres) {
        (Some(atlas), _) => of_atlas(resolved, section, (grid, &resolved.absolute(atlas)), noted).map(Some),
        (None, Some(spheres)) => of_spheres(resolved, grid, &resolved.absolute(spheres)).map(Some),
        (None, None) => Ok(None),
    }
}

fn of_atlas(
    resolved: &Resolved,
    section: &BidsSection,
    (grid, path): (&Grid, &Path),
    noted: &mut Noted,
) -> Result<Parcels, Error> {
    let atlas = read_atlas(path)?;
    warn_of_header(resolved, (path, &atlas.warnings), noted);
    let places = places((resolved, section), grid, (path, &atlas.grid), noted)?;
    let labels: Vec<u32> =
        places.into_iter().map(|place| place.map_or(0, |other| atlas.labels[other])).collect();
    let sizes = sizes_of(&atlas.labels, if section.resample { &labels } else { &atlas.labels });
    let names = match &section.atlas_labels {
        Some(labels) => {
            let names = read_labels(&resolved.absolute(labels))?;
            if let Some(label) = sizes.keys().find(|label| !names.contains_key(label)) {
                let found = format!("no name for parcel {label} of {}", path.display());
                let expected = "a row for every parcel; add it".to_owned();
                return Err(resolved.setting("bids.atlas_labels", found, expected));
            }
            names
        }
        None => sizes.keys().map(|label| (*label, format!("parcel {label}"))).collect(),
    };
    Ok(Parcels { labels, sizes, names, called: "parcel of the atlas" })
}

/// Voxels of every parcel that `all` names, counted in `labels`.
fn sizes_of(all: &[u32], labels: &[u32]) -> BTreeMap<u32, usize> {
    let parcels = |labels: &[u32]| labels.iter().copied().filter(|label| *label != 0).collect::<Vec<_>>();
    let mut sizes: BTreeMap<u32, usize> = parcels(all).into_iter().map(|label| (label, 0)).collect();
    parcels(labels).into_iter().for_each(|label| *sizes.entry(label).or_default() += 1);
    sizes
}

/// A sphere about a point, in mm of the space of the images.
struct Sphere {
    name: String,
    centre: [f64; 3],
    radius: f64,
}

/// A voxel belongs to the sphere that holds its centre; of several, to the one whose centre is nearest.
fn of_spheres(resolved: &Resolved, grid: &Grid, path: &Path) -> Result<Parcels, Error> {
    if grid.orientation == Orientation::Unknown {
        let found = "images that do not say where their voxels lie".to_owned();
        let expected = "a position in space (sform); write it, or leave spheres out".to_owned();
        return Err(resolved.setting("bids.spheres", found, expected));
    }
    let spheres = read_spheres(resolved, path)?;
    let squared = |from: &[f64; 3], to: &[f64; 3]| -> f64 {
        from.iter().zip(to).map(|(from, to)| (from - to) * (from - to)).sum()
    };
    let label = |voxel: usize| {
        let place = place_of(grid, voxel);
        let distances = spheres.iter().map(|sphere| squared(&place, &sphere.centre));
        let holding = distances
            .enumerate()
            .filter(|(index, distance)| *distance <= spheres[*index].radius * spheres[*index].radius);
        let nearest = holding.min_by(|(_, left), (_, right)| left.total_cmp(right));
        nearest.map_or(0, |(index, _)| index as u32 + 1)
    };
    let labels: Vec<u32> = (0..grid.n_voxels()).map(label).collect();
    let numbers = 1..=spheres.len() as u32;
    let sizes = sizes_of(&numbers.clone().collect::<Vec<_>>(), &labels);
    let names = numbers.zip(spheres.into_iter().map(|sphere| sphere.name)).collect();
    Ok(Parcels { labels, sizes, names, called: "sphere" })
}

/// Where the centre of a voxel lies, in mm.
fn place_of(grid: &Grid, voxel: usize) -> [f64; 3] {
    let [nx, ny, _] = grid.shape;
    let index = [voxel % nx, voxel / nx % ny, voxel / (nx * ny)].map(|index| index as f64);
    grid.affine.0.map(|[x, y, z, shift]| x * index[0] + y * index[1] + z * index[2] + shift)
}

fn read_spheres(resolved: &Resolved, path: &Path) -> Result<Vec<Sphere>, Error> {
    let rows = table::read_text_columns(path, &["name", "x", "y", "z", "radius"])?;
    let wrong =
        |found: String, expected: &str| Err(resolved.setting("bids.spheres", found, expected.to_owned()));
    if rows.is_empty() {
        return wrong(format!("no sphere in {}", path.display()), "a row for each; add them");
    }
    let mut spheres: Vec<Sphere> = Vec::with_capacity(rows.len());
    for (row, cells) in rows.into_iter().enumerate() {
        let place = format!("row {} of {}", row + 1, path.display());
        let numbers: Vec<f64> = cells[1..].iter().filter_map(|cell| cell.trim().parse().ok()).collect();
        let [x, y, z, radius] = numbers[..] else {
            return wrong(
                format!("{} in {place}", cells.join(" ")),
                "a name and four numbers in mm; correct it",
            );
        };
        if !(radius > 0.0 && [x, y, z, radius].iter().all(|number| number.is_finite())) {
            return wrong(format!("a radius of {radius} mm in {place}"), "one above 0; correct it");
        }
        let name = cells[0].trim().to_owned();
        if spheres.iter().any(|sphere| sphere.name == name) {
            return wrong(
                format!("`{name}` twice in {}", path.display()),
                "a name for each sphere; rename one",
            );
        }
        spheres.push(Sphere { name, centre: [x, y, z], radius });
    }
    Ok(spheres)
}

impl Parcels {
    /// The kept voxels that lie in a parcel, as targets of its name or as its mean.
    pub(super) fn voxels(
        &self,
        section: &BidsSection,
        (grid, mut kept): (Grid, Vec<usize>),
        noted: &mut Noted,
    ) -> Voxels {
        let label = |voxel: usize| self.labels[voxel];
        drop_outside(&mut kept, |voxel| label(voxel) != 0, &format!("in no {}", self.called), noted);
        let mut found: BTreeMap<u32, usize> = self.sizes.keys().map(|label| (*label, 0)).collect();
        kept.iter().for_each(|voxel| *found.entry(label(*voxel)).or_default() += 1);
        self.report(&found, noted);
        let name = |label: u32| self.names.get(&label).cloned().unwrap_or_default();
        let regions: Vec<String> = found.keys().map(|label| name(*label)).collect();
        if section.targets == TargetsChoice::Voxels {
            let target = |voxel: &usize| Target { name: name_of(&grid, *voxel), region: name(label(*voxel)) };
            let targets = kept.iter().map(target).collect();
            let voxels = Voxels::new(grid, kept.clone(), (0..kept.len()).collect(), targets);
            return Voxels { regions, ..voxels };
        }
        let used: Vec<u32> = found.iter().filter(|(_, count)| **count > 0).map(|(label, _)| *label).collect();
        let position = |voxel: &usize| used.binary_search(&label(*voxel)).unwrap_or_default();
        let target_of = kept.iter().map(position).collect();
        let targets = used.iter().map(|label| Target { name: name(*label), region: name(*label) }).collect();
        Voxels { has_parcels: true, regions, ..Voxels::new(grid, kept, target_of, targets) }
    }

    /// Parcels that lost all or most of their voxels to the masks.
    fn report(&self, found: &BTreeMap<u32, usize>, noted: &mut Noted) {
        let counts =
            || self.sizes.iter().map(|(label, size)| (label, *size, found.get(label).copied().unwrap_or(0)));
        let of = |is_listed: fn(usize, usize) -> bool| -> Vec<String> {
            let listed = counts().filter(|(_, size, kept)| is_listed(*size, *kept));
            let name = |label: &u32| self.names.get(label).cloned().unwrap_or_default();
            listed.map(|(label, size, kept)| format!("{} ({kept} of {size})", name(label))).collect()
        };
        for (list, what) in [
            (of(|_, kept| kept == 0), "parcels have no voxel inside of all masks and were left out"),
            (
                of(|size, kept| kept > 0 && 2 * kept < size),
                "parcels have less than half of their voxels inside of all masks",
            ),
        ] {
            if !list.is_empty() {
                let shown: Vec<&str> = list.iter().take(5).map(String::as_str).collect();
                let more =
                    if list.len() > 5 { format!(" and {} more", list.len() - 5) } else { String::new() };
                noted.warn_of_all(format!("{} {what}: {}{more}", list.len(), shown.join(", ")));
            }
        }
    }
}
