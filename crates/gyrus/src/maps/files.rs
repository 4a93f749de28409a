//! The files of a map: one image of voxels, one file for each hemisphere, or one dense file.

use gyrus_io::atomic;
use gyrus_io::cifti::{self, Dense, NewColumns};
use gyrus_io::gifti::{self, Array, Encoding, Gifti};
use gyrus_io::nifti::{self, DataType, Grid, NewImage};
use gyrus_io::scan::Layout;
use ndarray::{ArrayView1, ArrayView2};

use super::{Map, Maps, P_VALUE};
use crate::Error;

impl Maps<'_> {
    pub(super) fn write_map(&self, map: &Map<'_>, values: ArrayView2<'_, f32>) -> Result<(), Error> {
        atomic::create_folder(&map.folder)?;
        atomic::remove_unfinished(&map.folder);
        let place = self.voxels.target_at();
        match &self.voxels.layout {
            Layout::Grid(grid) => self.write_image(map, grid, (&place, values)),
            Layout::Surface([left, _]) => {
                self.write_surface(map, ("L", "CortexLeft"), (&place[..*left], values))?;
                self.write_surface(map, ("R", "CortexRight"), (&place[*left..], values))
            }
            Layout::Dense(dense) => self.write_dense(map, dense, (&place, values)),
        }
    }

    fn write_image(
        &self,
        map: &Map<'_>,
        grid: &Grid,
        (place, values): (&[Option<usize>], ArrayView2<'_, f32>),
    ) -> Result<(), Error> {
        let [x, y, z] = grid.shape;
        let shape = [x, y, z, values.nrows()];
        let image = NewImage {
            shape: if values.nrows() == 1 { &shape[..3] } else { &shape },
            affine: grid.affine,
            space_code: self.space_code(),
            datatype: DataType::F32,
            repetition_time: None,
            intent: map.intent,
            description: "gyrus",
        };
        let stem = self.file_stem(map, None);
        let all = values.rows().into_iter().flat_map(|row| spread(place, row).collect::<Vec<_>>());
        nifti::write(&map.folder.join(format!("{stem}.nii.gz")), &image, all)?;
        self.write_sidecar(map, &stem)
    }

    fn write_surface(
        &self,
        map: &Map<'_>,
        (hemisphere, structure): (&str, &str),
        (place, values): (&[Option<usize>], ArrayView2<'_, f32>),
    ) -> Result<(), Error> {
        let intent = if map.intent == P_VALUE { "NIFTI_INTENT_PVAL" } else { "NIFTI_INTENT_ESTIMATE" };
        let structure = ("AnatomicalStructurePrimary".to_owned(), structure.to_owned());
        let mut gifti = Gifti { metadata: vec![structure], ..Gifti::default() };
        for (name, row) in names(map).into_iter().zip(values.rows()) {
            let own: Vec<f64> = spread(place, row).collect();
            gifti.arrays.extend(Array::new(intent, &[own.len()], DataType::F32, &own).map(|mut array| {
                array.metadata.push(("Name".to_owned(), name));
                array
            }));
        }
        let stem = self.file_stem(map, Some(hemisphere));
        gifti::write(&map.folder.join(format!("{stem}.func.gii")), &gifti, Encoding::Compressed)?;
        self.write_sidecar(map, &stem)
    }

    fn write_dense(
        &self,
        map: &Map<'_>,
        dense: &Dense,
        (place, values): (&[Option<usize>], ArrayView2<'_, f32>),
    ) -> Result<(), Error> {
        let stem = self.file_stem(map, None);
        let path = map.folder.join(format!("{stem}.dscalar.nii"));
        let maps = values.nrows();
        let value = |(row, target): (usize, &Option<usize>)| {
            target.map_or(f64::NAN, |target| f64::from(values[(row, target)]))
        };
        let all = place.iter().flat_map(|target| (0..maps).map(move |row| value((row, target))));
        cifti::write(&path, dense, &NewColumns::Scalars(&names(map)), all)?;
        self.write_sidecar(map, &stem)
    }

    fn write_sidecar(&self, map: &Map<'_>, stem: &str) -> Result<(), Error> {
        let mut json = serde_json::to_vec_pretty(&self.sidecar(map)).unwrap_or_default();
        json.push(b'\n');
        Ok(atomic::write(&map.folder.join(format!("{stem}.json")), &json)?)
    }

    /// The name of a file without its ending, its entities in the order of fMRIPrep.
    fn file_stem(&self, map: &Map<'_>, hemisphere: Option<&str>) -> String {
        let section = self.inputs.resolved.study.bids.as_ref();
        let entity = |key: &str, label: Option<&str>| label.map(|label| format!("{key}-{label}"));
        let of_section = |own: fn(&crate::study::BidsSection) -> Option<&String>| {
            section.and_then(own).map(String::as_str)
        };
        let density = if self.voxels.grid().is_some() { "res" } else { "den" };
        let parts = [
            map.stem.participant.clone(),
            entity("hemi", hemisphere),
            entity("space", of_section(|section| section.space.as_ref())),
            entity(density, of_section(|section| section.resolution.as_ref())),
            Some(map.stem.rest.clone()),
        ];
        parts.into_iter().flatten().collect::<Vec<_>>().join("_")
    }

    /// Code of the sform: 4 for MNI152, 1 for the scanner's own space, else 2.
    fn space_code(&self) -> i16 {
        let space = self.inputs.resolved.study.bids.as_ref().and_then(|section| section.space.as_deref());
        match space {
            Some(space) if space.starts_with("MNI152") => 4,
            None => 1,
            Some(_) => 2,
        }
    }
}

/// What each volume of a map is.
fn names(map: &Map<'_>) -> Vec<String> {
    if map.layers.is_empty() {
        return vec![map.stem.rest.clone()];
    }
    map.layers.iter().map(|layer| format!("layer {layer}")).collect()
}

/// The values of one volume: those of targets where they lie, NaN elsewhere.
fn spread<'a>(place: &'a [Option<usize>], row: ArrayView1<'a, f32>) -> impl Iterator<Item = f64> + 'a {
    place.iter().map(move |target| target.map_or(f64::NAN, |target| f64::from(row[target])))
}
