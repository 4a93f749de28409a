//! Writes dense files: the same bytes for the same content.

use std::fmt::Write as _;
use std::path::Path;

use super::{BrainModel, Dense, Points};
use crate::gifti::{Label, escaped};
use crate::nifti::{Grid, matrix};
use crate::{IoError, atomic};

/// What the columns of a new file are.
#[derive(Debug, Clone, PartialEq)]
pub enum NewColumns<'a> {
    /// So many volumes, this many seconds apart.
    Series(usize, f64),
    /// Maps, by name.
    Scalars(&'a [String]),
    /// One parcellation: its name, and what its keys stand for.
    Labels(&'a str, &'a [Label]),
}

/// Writes a dense file in single precision. Values come row by row: all columns of a vertex or voxel, then those of the next.
///
/// # Errors
/// - the file cannot be written,
/// - there are more or fewer values than rows × columns, or a name has a character that XML does not allow.
pub fn write(
    path: &Path,
    dense: &Dense,
    columns: &NewColumns<'_>,
    values: impl IntoIterator<Item = f64>,
) -> Result<(), IoError> {
    let (count, intent, name) = match columns {
        NewColumns::Series(count, _) => (*count, 3002, "ConnDenseSeries"),
        NewColumns::Scalars(names) => (names.len(), 3006, "ConnDenseScalar"),
        NewColumns::Labels(..) => (1, 3007, "ConnDenseLabel"),
    };
    let unwritable = |reason: String| IoError::Unwritable { path: path.to_owned(), reason };
    let xml = document(dense, columns).map_err(|error| unwritable(error.to_string()))?;
    atomic::write_with(path, |writer| {
        matrix::write(writer, ([count, dense.len()], intent, name), &xml, values)
    })
}

fn document(dense: &Dense, columns: &NewColumns<'_>) -> std::io::Result<String> {
    let mut xml = String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<CIFTI Version=\"2\"><Matrix>\n");
    let map = |dimension: usize, kind: &str| {
        format!(
            "<MatrixIndicesMap AppliesToMatrixDimension=\"{dimension}\" IndicesMapToDataType=\"CIFTI_INDEX_TYPE_{kind}\""
        )
    };
    match columns {
        NewColumns::Series(count, step) => {
            xml += &map(0, "SERIES");
            xml += &format!(
                " NumberOfSeriesPoints=\"{count}\" SeriesExponent=\"0\" SeriesStart=\"0\" SeriesStep=\"{step}\" SeriesUnit=\"SECOND\"/>\n"
            );
        }
        NewColumns::Scalars(names) => {
            xml += &format!("{}>\n", map(0, "SCALARS"));
            for name in *names {
                xml += &format!("<NamedMap><MapName>{}</MapName></NamedMap>\n", escaped(name)?);
            }
            xml += "</MatrixIndicesMap>\n";
        }
        NewColumns::Labels(name, labels) => {
            xml += &format!(
                "{}>\n<NamedMap><MapName>{}</MapName><LabelTable>\n",
                map(0, "LABELS"),
                escaped(name)?
            );
            for label in *labels {
                let [red, green, blue, alpha] = label.colour.unwrap_or([0.5, 0.5, 0.5, 1.0]);
                xml += &format!(
                    "<Label Key=\"{}\" Red=\"{red}\" Green=\"{green}\" Blue=\"{blue}\" Alpha=\"{alpha}\">{}</Label>\n",
                    label.key,
                    escaped(&label.name)?
                );
            }
            xml += "</LabelTable></NamedMap>\n</MatrixIndicesMap>\n";
        }
    }
    xml += &format!("{}>\n", map(1, "BRAIN_MODELS"));
    if let Some(grid) = &dense.grid {
        xml += &volume(grid);
    }
    let mut first = 0;
    for model in &dense.models {
        brain_model(&mut xml, model, first)?;
        first += model.points.len();
    }
    xml += "</MatrixIndicesMap>\n</Matrix></CIFTI>\n";
    Ok(xml)
}

fn volume(grid: &Grid) -> String {
    let [x, y, z] = grid.shape;
    let rows = grid.affine.0.iter().map(|[a, b, c, d]| format!("{a} {b} {c} {d}\n"));
    format!(
        "<Volume VolumeDimensions=\"{x},{y},{z}\"><TransformationMatrixVoxelIndicesIJKtoXYZ MeterExponent=\"-3\">{}0 0 0 1\
         </TransformationMatrixVoxelIndicesIJKtoXYZ></Volume>\n",
        rows.collect::<String>()
    )
}

fn brain_model(xml: &mut String, model: &BrainModel, first: usize) -> std::io::Result<()> {
    let kind = match &model.points {
        Points::Vertices { of, .. } => format!("SURFACE\" SurfaceNumberOfVertices=\"{of}"),
        Points::Voxels(_) => "VOXELS".to_owned(),
    };
    *xml += &format!(
        "<BrainModel IndexOffset=\"{first}\" IndexCount=\"{}\" BrainStructure=\"{}\" ModelType=\"CIFTI_MODEL_TYPE_{kind}\">",
        model.points.len(),
        escaped(&model.structure)?
    );
    // Nothing fails that writes into a string.
    match &model.points {
        Points::Vertices { vertices, .. } => {
            *xml += "<VertexIndices>";
            vertices.iter().for_each(|vertex| write!(xml, "{vertex} ").unwrap_or_default());
            *xml += "</VertexIndices>";
        }
        Points::Voxels(voxels) => {
            *xml += "<VoxelIndicesIJK>";
            voxels.iter().for_each(|[i, j, k]| writeln!(xml, "{i} {j} {k}").unwrap_or_default());
            *xml += "</VoxelIndicesIJK>";
        }
    }
    *xml += "</BrainModel>\n";
    Ok(())
}
