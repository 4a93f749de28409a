//! Opens a dense file: what its rows and columns are, and its values row by row.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use super::Dense;
use crate::gifti::Label;
use crate::nifti::matrix::Matrix;
use crate::surface::Parcellation;
use crate::xml::{self, Element};
use crate::{IoError, Place, text};

/// What the columns of a dense file are.
#[derive(Debug, Clone, PartialEq)]
pub enum Columns {
    /// Volumes of a recording.
    Series {
        /// Seconds from volume to volume; None where the unit is not time.
        step: Option<f64>,
    },
    /// Maps, by name.
    Scalars(Vec<String>),
    /// Parcellations: their names, and what their keys stand for.
    Labels(Vec<(String, Vec<Label>)>),
}

/// An open dense file.
pub struct DenseFile {
    path: PathBuf,
    /// What its rows are.
    pub dense: Dense,
    /// What its columns are.
    pub columns: Columns,
    matrix: Matrix,
}

impl DenseFile {
    /// Opens a file and checks it against its size.
    ///
    /// # Errors
    /// - the file is missing, empty, cut short or a git-annex pointer,
    /// - it is no CIFTI-2 file, or its rows are no brain models, or its columns no volumes, maps or labels,
    /// - its brain models are not what its matrix has.
    pub fn open(path: &Path) -> Result<Self, IoError> {
        let mut matrix = Matrix::open(path)?;
        let xml = text::decode(path, std::mem::take(&mut matrix.xml))?;
        let document = xml::parse(path, &xml, ("CIFTI-2 file", "CIFTI"))?;
        let root = Element { path, node: document.root_element() };
        if root.node.tag_name().name() != "CIFTI" || root.optional("Version") != Some("2") {
            return Err(root.wrong("XML of something else", "that of CIFTI-2, <CIFTI Version=\"2\">"));
        }
        let (mut dense, mut columns) = (None, None);
        for map in root.children("Matrix").flat_map(|matrix| matrix.children("MatrixIndicesMap")) {
            for axis in map.attribute("AppliesToMatrixDimension")?.split(',') {
                match axis.trim() {
                    "0" => columns = Some(self::columns(map, matrix.shape[0])?),
                    "1" => dense = Some(rows(map, matrix.shape[1])?),
                    _ => return Err(map.wrong(format!("the dimension {axis}"), "0 and 1")),
                }
            }
        }
        let both = dense.zip(columns);
        let (dense, columns) =
            both.ok_or_else(|| root.wrong("maps of one dimension", "maps of rows and of columns"))?;
        Ok(Self { path: path.to_owned(), dense, columns, matrix })
    }

    /// Columns of the matrix: volumes, maps or parcellations.
    #[must_use]
    pub fn n_columns(&self) -> usize {
        self.matrix.shape[0]
    }

    /// The smallest difference between two values; None where they are floating point.
    #[must_use]
    pub fn step(&self) -> Option<f64> {
        self.matrix.datatype.range().map(|_| self.matrix.scaling.map_or(1.0, |(slope, _)| slope.abs()))
    }

    /// Hands on every row with its index: the values of its columns.
    ///
    /// # Errors
    /// - the file ends early, or its compressed stream is damaged.
    pub fn each_row(mut self, mut visit: impl FnMut(usize, &[f64])) -> Result<(), IoError> {
        let mut values = Vec::new();
        let mut row = 0;
        while self.matrix.next_row(&mut values)? {
            visit(row, &values);
            row += 1;
        }
        Ok(())
    }
}

fn rows(map: Element<'_, '_>, count: usize) -> Result<Dense, IoError> {
    match map.attribute("IndicesMapToDataType")? {
        "CIFTI_INDEX_TYPE_BRAIN_MODELS" => Dense::read(map, count),
        other => {
            Err(map.unexpected("IndicesMapToDataType", other, "rows that are brain models (a dense file)"))
        }
    }
}

fn columns(map: Element<'_, '_>, count: usize) -> Result<Columns, IoError> {
    let wrong_count =
        |found: usize| map.wrong(format!("{found} columns"), format!("{count}, as the matrix has"));
    let named = || map.children("NamedMap");
    let name = |element: Element<'_, '_>| {
        element.children("MapName").next().map(|name| name.text().trim().to_owned()).unwrap_or_default()
    };
    match map.attribute("IndicesMapToDataType")? {
        "CIFTI_INDEX_TYPE_SERIES" => match map.number("NumberOfSeriesPoints")? {
            found if found != count => Err(wrong_count(found)),
            _ => Ok(Columns::Series { step: step(map)? }),
        },
        "CIFTI_INDEX_TYPE_SCALARS" => {
            let names: Vec<String> = named().map(name).collect();
            if names.len() == count { Ok(Columns::Scalars(names)) } else { Err(wrong_count(names.len())) }
        }
        "CIFTI_INDEX_TYPE_LABELS" => {
            let table = |element: Element<'_, '_>| {
                let labels = element.children("LabelTable").flat_map(|table| table.children("Label"));
                Ok((name(element), labels.map(Label::read).collect::<Result<_, IoError>>()?))
            };
            let tables: Vec<(String, Vec<Label>)> = named().map(table).collect::<Result<_, IoError>>()?;
            if tables.len() == count { Ok(Columns::Labels(tables)) } else { Err(wrong_count(tables.len())) }
        }
        other => {
            let expected =
                "columns that are volumes, maps or labels (.dtseries.nii, .dscalar.nii, .dlabel.nii)";
            Err(map.unexpected("IndicesMapToDataType", other, expected))
        }
    }
}

/// Seconds from volume to volume.
fn step(map: Element<'_, '_>) -> Result<Option<f64>, IoError> {
    if map.attribute("SeriesUnit")? != "SECOND" {
        return Ok(None);
    }
    let exponent: i32 = map.number("SeriesExponent")?;
    let text = map.attribute("SeriesStep")?;
    // One decimal number, so that 1490 × 10^-3 is read as 1.49 is.
    let step: Option<f64> = format!("{}e{exponent}", text.trim()).parse().ok();
    let step = step.or_else(|| {
        let plain: f64 = text.trim().parse().ok()?;
        format!("{plain}e{exponent}").parse().ok()
    });
    match step.filter(|step| step.is_finite()) {
        Some(step) => Ok(Some(step).filter(|step| *step > 0.0)),
        None => Err(map.unexpected("SeriesStep", text, "a number")),
    }
}

/// Reads a parcellation, with a key for every row: a file with one map of labels (`.dlabel.nii`).
///
/// # Errors
/// - as [`DenseFile::open`],
/// - there is not one map of labels, or a value is not a whole number, or a key has two names.
pub fn read_labels(path: &Path) -> Result<(Dense, Parcellation), IoError> {
    let file = DenseFile::open(path)?;
    let wrong = |found: String, expected: &str| {
        let remedy = "name a file with one parcellation (.dlabel.nii)";
        IoError::malformed(path, Place::File, found, expected, remedy)
    };
    let table = match &file.columns {
        Columns::Labels(tables) => match &tables[..] {
            [(_, labels)] => labels.clone(),
            several => return Err(wrong(format!("{} maps of labels", several.len()), "one")),
        },
        _ => return Err(wrong("columns that are no labels".to_owned(), "a map of labels")),
    };
    let mut names = BTreeMap::new();
    for label in table {
        let before = names.insert(label.key, label.name.clone());
        if before.is_some_and(|before| before != label.name) {
            return Err(wrong(format!("two names for the key {}", label.key), "one name for each key"));
        }
    }
    let dense = file.dense.clone();
    let mut parcels = Vec::with_capacity(dense.len());
    let mut odd = None;
    file.each_row(|_, values| {
        let value = values[0];
        if value.fract() != 0.0 || !(f64::from(i32::MIN)..=f64::from(i32::MAX)).contains(&value) {
            odd.get_or_insert(value);
        }
        parcels.push(value as i32);
    })?;
    match odd {
        Some(value) => Err(wrong(format!("the label {value}"), "the key of a label")),
        None => Ok((dense, Parcellation { parcels, names })),
    }
}

impl std::fmt::Debug for DenseFile {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("DenseFile")
            .field("path", &self.path)
            .field("rows", &self.dense.len())
            .finish_non_exhaustive()
    }
}
