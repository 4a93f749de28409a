//! The order of the brain: a value for every region from a table, or its distance from primary cortex; and where regions lie.

use std::collections::BTreeMap;
use std::path::Path;

use gyrus_encoding::hierarchy::{RegionsNull, distance_to_primary, geodesic_to_primary};
use gyrus_io::surface::{Mesh, read_mesh};
use gyrus_io::table::{read_header, read_text_columns};
use ndarray::Array2;
use serde::Serialize;

use super::Voxels;
use super::places::{Regions, matrix, mean_places, means, places, positions};
use crate::Error;
use crate::study::{HierarchySection, Resolved};

/// A place on the sphere of a hemisphere, and whether that is the right one.
type OnSphere = ([f64; 3], bool);

/// What depth in the network is compared with, region by region in the order of [`Inputs::regions`](super::Inputs::regions).
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Reference {
    /// In words: column of table, or from which regions distances are.
    pub name: String,
    /// None for a region without a value.
    pub values: Vec<Option<f64>>,
    /// Where regions lie, in millimetres; None where it is not known of all of them.
    pub places: Option<Vec<[f64; 3]>>,
    /// Where they lie on the sphere of their hemisphere, and whether that is the right one.
    pub sphere: Option<Vec<OnSphere>>,
}

impl Reference {
    /// Places as the null of this reference wants them: on the sphere, in space, or none.
    #[must_use]
    pub fn positions(&self) -> Option<Array2<f64>> {
        let of_sphere = |sphere: &Vec<OnSphere>| sphere.iter().map(|(place, _)| *place).collect();
        let places: Vec<[f64; 3]> = self.sphere.as_ref().map(of_sphere).or_else(|| self.places.clone())?;
        Some(matrix(&places))
    }

    /// Which maps this reference is compared with.
    #[must_use]
    pub fn null<'a>(&self, positions: Option<&'a Array2<f64>>, is_right: &'a [bool]) -> RegionsNull<'a> {
        match (positions, &self.sphere) {
            (None, _) => RegionsNull::Exchangeable,
            (Some(positions), None) => RegionsNull::Variogram(positions.view()),
            (Some(positions), Some(_)) => RegionsNull::Spins { positions: positions.view(), is_right },
        }
    }

    /// Whether each region lies on the right; empty without a sphere.
    #[must_use]
    pub fn is_right(&self) -> Vec<bool> {
        self.sphere.iter().flatten().map(|(_, is_right)| *is_right).collect()
    }
}

/// The reference of a study; None where it asks for none.
///
/// # Errors
/// - a file cannot be read, lacks a column, or has a region twice,
/// - it knows none of the regions, or a primary region is none of them,
/// - distances are asked for and nobody says where regions lie,
/// - a sphere has other vertices than the recordings.
pub(super) fn open(
    resolved: &Resolved,
    voxels: Option<&Voxels>,
    regions: &Regions,
) -> Result<Option<Reference>, Error> {
    let Some(section) = &resolved.study.hierarchy else { return Ok(None) };
    let work = Work { resolved, section, voxels, regions };
    let table = work.table()?;
    let places = match &table.places {
        Some(places) => Some(places.clone()),
        None => voxels.and_then(|voxels| mean_places(voxels, regions, &places(voxels))),
    };
    let (name, values) = match &section.column {
        Some(column) => {
            let file = section.table.as_deref().and_then(Path::file_name).unwrap_or_default();
            (format!("{column} of {}", file.display()), table.values)
        }
        None => work.distances(table.places.as_deref())?,
    };
    Ok(Some(Reference { name, values, places, sphere: work.sphere()? }))
}

/// Columns with the place of a region.
const AXES: [&str; 3] = ["x", "y", "z"];

/// What a table says of the regions.
struct Table {
    values: Vec<Option<f64>>,
    places: Option<Vec<[f64; 3]>>,
}

struct Work<'a> {
    resolved: &'a Resolved,
    section: &'a HierarchySection,
    voxels: Option<&'a Voxels>,
    regions: &'a Regions,
}

impl Work<'_> {
    fn setting(&self, key: &str, found: String, expected: &str) -> Error {
        self.resolved.setting(key, found, expected.to_owned())
    }

    /// Values and places of the regions; empty without a table.
    fn table(&self) -> Result<Table, Error> {
        let empty = Table { values: vec![None; self.regions.len()], places: None };
        let Some(path) = &self.section.table else { return Ok(empty) };
        let path = self.resolved.absolute(path);
        let header = read_header(&path)?;
        let has_places = AXES.iter().all(|axis| header.iter().any(|name| name == axis));
        let axes = if has_places { &AXES[..] } else { &[] };
        let columns: Vec<&str> = axes.iter().copied().chain(self.section.column.as_deref()).collect();
        if columns.is_empty() {
            return Ok(empty);
        }
        let rows = self.rows(&path, &columns)?;
        let places = match has_places {
            true => Some(self.places(&rows)?),
            false => None,
        };
        let Some(column) = &self.section.column else { return Ok(Table { places, ..empty }) };
        let value = |(name, _): &(String, Vec<usize>)| match rows.get(name).and_then(|cells| cells.last()) {
            Some(cell) => self.number(cell, column, name),
            None => Ok(None),
        };
        let values = self.regions.iter().map(value).collect::<Result<Vec<_>, Error>>()?;
        Ok(Table { values, places })
    }

    /// Cells of some columns by region.
    fn rows(&self, path: &Path, columns: &[&str]) -> Result<BTreeMap<String, Vec<String>>, Error> {
        let names: Vec<&str> =
            std::iter::once(self.section.region_column.as_str()).chain(columns.iter().copied()).collect();
        let mut rows = BTreeMap::new();
        for mut row in read_text_columns(path, &names)? {
            let name = row.remove(0).trim().to_owned();
            if rows.insert(name.clone(), row).is_some() {
                let found = format!("`{name}` twice in {}", path.display());
                return Err(self.setting("hierarchy.table", found, "one row per region"));
            }
        }
        if !self.regions.iter().any(|(name, _)| rows.contains_key(name)) {
            let example = rows.keys().next().map_or("none".to_owned(), |name| format!("`{name}`"));
            let found = format!("no region of the study in {} (its first is {example})", path.display());
            let expected = self.some_regions();
            return Err(self.setting("hierarchy.table", found, &expected));
        }
        Ok(rows)
    }

    fn number(&self, cell: &str, column: &str, region: &str) -> Result<Option<f64>, Error> {
        let cell = cell.trim();
        if cell.is_empty() || cell == "n/a" {
            return Ok(None);
        }
        let value = cell.parse::<f64>().ok().filter(|value| value.is_finite());
        let found = || format!("`{cell}` in column `{column}` for `{region}`");
        let expected = "a number, or n/a where it is not known";
        value.map(Some).ok_or_else(|| self.setting("hierarchy.table", found(), expected))
    }

    /// Places of all regions: one that lies nowhere has no neighbours.
    fn places(&self, rows: &BTreeMap<String, Vec<String>>) -> Result<Vec<[f64; 3]>, Error> {
        let mut places = Vec::with_capacity(self.regions.len());
        for (name, _) in self.regions {
            let mut place = [f64::NAN; 3];
            let cells = rows.get(name).map_or(&[][..], |cells| cells);
            for (axis, (column, cell)) in AXES.into_iter().zip(cells).enumerate() {
                place[axis] = self.number(cell, column, name)?.unwrap_or(f64::NAN);
            }
            if place.iter().any(|along| along.is_nan()) {
                let found = format!("no place of `{name}`");
                let expected = "x, y and z of every region of the study, or none of these columns";
                return Err(self.setting("hierarchy.table", found, expected));
            }
            places.push(place);
        }
        Ok(places)
    }

    fn some_regions(&self) -> String {
        let names: Vec<&str> = self.regions.iter().take(8).map(|(name, _)| name.as_str()).collect();
        let more = if self.regions.len() > names.len() { ", …" } else { "" };
        format!("names of regions of the study: {}{more}", names.join(", "))
    }

    /// Distances from the primary regions, and what they are called.
    fn distances(&self, places: Option<&[[f64; 3]]>) -> Result<(String, Vec<Option<f64>>), Error> {
        let mut primary = Vec::new();
        for name in &self.section.primary {
            let region = self.regions.iter().position(|(known, _)| known == name);
            let unknown = || self.setting("hierarchy.primary", format!("`{name}`"), &self.some_regions());
            primary.push(region.ok_or_else(unknown)?);
        }
        let from = self.section.primary.join(", ");
        if let Some(places) = places {
            let found = distance_to_primary(matrix(places).view(), &primary)?;
            return Ok((format!("distance to {from}"), found.into_iter().map(Some).collect()));
        }
        let targets: Vec<usize> =
            primary.iter().flat_map(|region| self.regions[*region].1.iter().copied()).collect();
        let (along, found) = match self.voxels {
            Some(Voxels { meshes: Some(meshes), .. }) => (" along the cortex", self.along(meshes, &targets)?),
            Some(voxels) if voxels.grid().is_some() && voxels.has_place() => {
                ("", self.through(voxels, &targets)?)
            }
            Some(_) | None => {
                let found = "distances, and no places of the regions".to_owned();
                let expected =
                    "hierarchy.table with the columns x, y and z, or bids.mesh of a study on surfaces";
                return Err(self.setting("hierarchy.primary", found, expected));
            }
        };
        Ok((format!("distance to {from}{along}"), found))
    }

    /// Mean over the voxels of a region of the distance to the nearest primary voxel.
    fn through(&self, voxels: &Voxels, primary: &[usize]) -> Result<Vec<Option<f64>>, Error> {
        let lie = places(voxels);
        let lie: Vec<[f64; 3]> =
            voxels.indices.iter().map(|index| lie[*index].unwrap_or([f64::NAN; 3])).collect();
        let sources: Vec<usize> = positions(voxels, primary).collect();
        let found = distance_to_primary(matrix(&lie).view(), &sources)?;
        Ok(means(voxels, self.regions, &|position| found[position]))
    }

    /// The same along the sides of the meshes; None in a hemisphere without a primary vertex.
    fn along(&self, meshes: &[Mesh; 2], primary: &[usize]) -> Result<Vec<Option<f64>>, Error> {
        let Some(voxels) = self.voxels else { return Ok(Vec::new()) };
        let mut of_place = vec![f64::NAN; voxels.layout.len()];
        let mut is_primary = vec![false; voxels.layout.len()];
        positions(voxels, primary).for_each(|position| is_primary[voxels.indices[position]] = true);
        for (mesh, cortex) in meshes.iter().zip(voxels.cortex()) {
            let vertices = 0..cortex.len();
            let from: Vec<usize> =
                vertices.filter(|vertex| cortex[*vertex].is_some_and(|at| is_primary[at])).collect();
            if from.is_empty() {
                continue;
            }
            let found = geodesic_to_primary(&mesh.coordinates, &mesh.triangles, &from)?;
            for (at, distance) in cortex.iter().zip(found).filter_map(|(at, found)| Some(((*at)?, found))) {
                of_place[at] = distance;
            }
        }
        Ok(means(voxels, self.regions, &|position| of_place[voxels.indices[position]]))
    }

    /// Where regions lie on the spheres of their hemispheres.
    fn sphere(&self) -> Result<Option<Vec<OnSphere>>, Error> {
        let Some(files) = &self.section.sphere else { return Ok(None) };
        let Some(voxels) = self.voxels.filter(|voxels| voxels.grid().is_none()) else {
            let found = "spheres for recordings that are no surfaces".to_owned();
            return Err(self.setting("hierarchy.sphere", found, "no such key; remove it"));
        };
        let mut on = vec![None; voxels.layout.len()];
        let mut is_right = vec![false; voxels.layout.len()];
        for (side, (file, cortex)) in files.iter().zip(voxels.cortex()).enumerate() {
            let mesh = read_mesh(&self.resolved.absolute(file))?;
            if mesh.coordinates.len() != cortex.len() {
                let found = format!("{} vertices in {}", mesh.coordinates.len(), file.display());
                let expected = format!("{}, as the recordings have", cortex.len());
                return Err(self.setting("hierarchy.sphere", found, &expected));
            }
            let centre = centre(&mesh);
            for (at, place) in cortex.iter().zip(&mesh.coordinates) {
                let Some(at) = *at else { continue };
                on[at] = Some([0, 1, 2].map(|axis| f64::from(place[axis]) - centre[axis]));
                is_right[at] = side == 1;
            }
        }
        let without = || {
            let found = "a region without a vertex of the cortex".to_owned();
            let expected = "regions of the cortex only: leave others out by bids.mask or bids.atlas";
            self.setting("hierarchy.sphere", found, expected)
        };
        let places = mean_places(voxels, self.regions, &on).ok_or_else(without)?;
        let of = |(place, (name, members)): ([f64; 3], &(String, Vec<usize>))| {
            let mut sides = positions(voxels, members).map(|position| is_right[voxels.indices[position]]);
            let first = sides.next().unwrap_or(false);
            match sides.all(|side| side == first) {
                true => Ok((place, first)),
                false => {
                    let expected = "regions of one hemisphere each, which alone have a place on a sphere";
                    Err(self.setting("hierarchy.sphere", format!("`{name}` on both sides"), expected))
                }
            }
        };
        let places = places.into_iter().zip(self.regions).map(of);
        Ok(Some(places.collect::<Result<Vec<_>, Error>>()?))
    }
}

/// The centre of a sphere by its vertices, which lie evenly on it.
fn centre(mesh: &Mesh) -> [f64; 3] {
    let count = mesh.coordinates.len().max(1) as f64;
    [0, 1, 2].map(|axis| mesh.coordinates.iter().map(|place| f64::from(place[axis])).sum::<f64>() / count)
}
