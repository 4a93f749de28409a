//! Parcels of an atlas, or spheres about points: the regions that voxels belong to, or whose means are predicted.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use gyrus_io::nifti::{Grid, Orientation, read_atlas, read_labels};
use gyrus_io::scan::Layout;
use gyrus_io::surface::{Parcellation, read_parcellation};
use gyrus_io::{cifti, table};

use crate::Error;
use crate::results::Target;
use crate::study::{BidsSection, Files, Noted, Resolved, TargetsChoice};

use super::brain_mask::{both, drop_outside, one, places, warn_of_header};
use super::voxels::{Voxels, called, named};

/// Which parcel each voxel or vertex lies in.
pub(super) struct Parcels {
    /// Number of the parcel, 0 for none, in the order of the layout.
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
    layout: &Layout,
    noted: &mut Noted,
) -> Result<Option<Parcels>, Error> {
    match (&section.atlas, &section.spheres, layout) {
        (Some(atlas), _, Layout::Grid(grid)) => {
            let path = one(resolved, "bids.atlas", atlas)?;
            of_atlas(resolved, section, (grid, &path), noted).map(Some)
        }
        (Some(atlas), _, layout) => of_surfaces((resolved, section), layout, atlas, noted).map(Some),
        (None, Some(spheres), Layout::Grid(grid)) => {
            of_spheres(resolved, grid, &resolved.absolute(spheres)).map(Some)
        }
        (None, Some(_), _) => {
            let (found, expected) = ("spheres on surfaces", "an atlas of parcels; set bids.atlas");
            Err(resolved.setting("bids.spheres", found.to_owned(), expected.to_owned()))
        }
        (None, None, _) => Ok(None),
    }
}

/// What files call vertices that lie in no parcel; compared without case.
const NO_PARCEL: [&str; 6] = [
    "unknown",
    "???",
    "medial_wall",
    "medialwall",
    "corpuscallosum",
    "background+freesurfer_defined_medial_wall",
];

/// Parcels of surfaces and dense files, whose names are in the files; those of the left before those of the right.
fn of_surfaces(
    (resolved, section): (&Resolved, &BidsSection),
    layout: &Layout,
    atlas: &Files,
    noted: &mut Noted,
) -> Result<Parcels, Error> {
    if section.atlas_labels.is_some() {
        let found = "labels beside an atlas that has its own names".to_owned();
        return Err(resolved.setting("bids.atlas_labels", found, "no such key; remove it".to_owned()));
    }
    let parcellations = match layout {
        Layout::Dense(dense) => {
            let path = one(resolved, "bids.atlas", atlas)?;
            let (other, found) = cifti::read_labels(&path)?;
            let rows = dense.rows_of(&other);
            let missing = rows.iter().filter(|row| row.is_none()).count();
            if missing > 0 {
                noted.note(
                    &resolved.named(&path),
                    &format!("{missing} vertices and voxels of the recordings are not in it"),
                );
            }
            let parcels = rows.into_iter().map(|row| row.map_or(-1, |row| found.parcels[row])).collect();
            vec![Parcellation { parcels, names: found.names }]
        }
        Layout::Surface(vertices) => {
            let mut both_sides = Vec::with_capacity(2);
            for (path, vertices) in both(resolved, "bids.atlas", atlas)?.iter().zip(vertices) {
                let found = read_parcellation(path)?;
                if found.parcels.len() != *vertices {
                    let expected =
                        format!("{vertices}, as the recordings have; name the atlas of their space");
                    let found = format!("{} vertices in {}", found.parcels.len(), resolved.named(path));
                    return Err(resolved.setting("bids.atlas", found, expected));
                }
                both_sides.push(found);
            }
            both_sides
        }
        Layout::Grid(_) => Vec::new(),
    };
    let parcels = numbered(&parcellations);
    if parcels.sizes.is_empty() {
        let expected = "parcels with a name and a key above 0".to_owned();
        return Err(resolved.setting("bids.atlas", "no parcel in the atlas".to_owned(), expected));
    }
    Ok(parcels)
}

/// Numbers parcels from 1, file by file in the order of their keys; names that both hemispheres have get an `L` or `R`.
fn numbered(parcellations: &[Parcellation]) -> Parcels {
    let is_parcel = |key: i32, name: &str| key > 0 && !NO_PARCEL.contains(&name.to_lowercase().as_str());
    let used = |parcellation: &Parcellation| -> BTreeSet<String> {
        parcellation.parcels.iter().filter_map(|key| parcellation.names.get(key)).cloned().collect()
    };
    let used: Vec<BTreeSet<String>> = parcellations.iter().map(used).collect();
    let is_shared = |name: &String| used.len() > 1 && used.iter().all(|names| names.contains(name));
    let mut found = Parcels {
        labels: Vec::new(),
        sizes: BTreeMap::new(),
        names: BTreeMap::new(),
        called: "parcel of the atlas",
    };
    for (parcellation, side) in parcellations.iter().zip(["L", "R"]) {
        let unnamed = |key: &i32| (*key, format!("parcel {key}"));
        let mut names: BTreeMap<i32, String> = parcellation.parcels.iter().map(unnamed).collect();
        for (key, name) in &mut names {
            if let Some(known) = parcellation.names.get(key) {
                name.clone_from(known);
            }
        }
        let mut number = BTreeMap::new();
        for (key, name) in names.iter().filter(|(key, name)| is_parcel(**key, name)) {
            let own = found.names.len() as u32 + 1;
            number.insert(*key, own);
            found.names.insert(own, if is_shared(name) { format!("{side} {name}") } else { name.clone() });
        }
        found.labels.extend(parcellation.parcels.iter().map(|key| number.get(key).copied().unwrap_or(0)));
    }
    let all: Vec<u32> = found.labels.iter().copied().filter(|label| *label > 0).collect();
    found.sizes = sizes_of(&all, &all);
    found
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
    let mut sizes: BTreeMap<u32, usize> = all.iter().map(|label| (*label, 0)).collect();
    labels.iter().for_each(|label| *sizes.entry(*label).or_default() += 1);
    sizes.remove(&0);
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
        let place = grid.centre(voxel);
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
        (layout, mut kept): (Layout, Vec<usize>),
        noted: &mut Noted,
    ) -> Voxels {
        let label = |voxel: usize| self.labels[voxel];
        let why = format!("in no {}", self.called);
        drop_outside((&layout, &mut kept), |voxel| label(voxel) != 0, &why, noted);
        let mut found: BTreeMap<u32, usize> = self.sizes.keys().map(|label| (*label, 0)).collect();
        kept.iter().for_each(|voxel| *found.entry(label(*voxel)).or_default() += 1);
        self.report(&layout, &found, noted);
        let name = |label: u32| self.names.get(&label).cloned().unwrap_or_default();
        let regions: Vec<String> = found.keys().map(|label| name(*label)).collect();
        if section.targets == TargetsChoice::Voxels {
            let own = named(&layout, &kept).into_iter().zip(&kept);
            let targets =
                own.map(|(target, voxel)| Target { region: name(label(*voxel)), ..target }).collect();
            let voxels = Voxels::new(layout, kept.clone(), (0..kept.len()).collect(), targets);
            return Voxels { regions, ..voxels };
        }
        let used: Vec<u32> = found.iter().filter(|(_, count)| **count > 0).map(|(label, _)| *label).collect();
        let position = |voxel: &usize| used.binary_search(&label(*voxel)).unwrap_or_default();
        let target_of = kept.iter().map(position).collect();
        let targets = used.iter().map(|label| Target { name: name(*label), region: name(*label) }).collect();
        Voxels { has_parcels: true, regions, ..Voxels::new(layout, kept, target_of, targets) }
    }

    /// Parcels that lost all or most of their voxels to the masks.
    fn report(&self, layout: &Layout, found: &BTreeMap<u32, usize>, noted: &mut Noted) {
        let counts =
            || self.sizes.iter().map(|(label, size)| (label, *size, found.get(label).copied().unwrap_or(0)));
        let of = |is_listed: fn(usize, usize) -> bool| -> Vec<String> {
            let listed = counts().filter(|(_, size, kept)| is_listed(*size, *kept));
            let name = |label: &u32| self.names.get(label).cloned().unwrap_or_default();
            listed.map(|(label, size, kept)| format!("{} ({kept} of {size})", name(label))).collect()
        };
        let voxels = called(layout);
        for (list, what) in [
            (
                of(|_, kept| kept == 0),
                format!("parcels have no {voxels} inside of all masks and were left out"),
            ),
            (
                of(|size, kept| kept > 0 && 2 * kept < size),
                format!("parcels have less than half of their {voxels} inside of all masks"),
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
