//! What the rows of a dense file are: vertices of surfaces and voxels of a grid, structure by structure.

use std::collections::HashMap;
use std::path::Path;

use crate::nifti::{Affine, Grid, Orientation};
use crate::xml::Element;
use crate::{IoError, Place};

/// The rows of a dense file, in their order.
#[derive(Debug, Clone, PartialEq)]
pub struct Dense {
    /// Structure by structure.
    pub models: Vec<BrainModel>,
    /// The grid of the voxels, in millimetres; None where there are none.
    pub grid: Option<Grid>,
}

/// The rows of one structure.
#[derive(Debug, Clone, PartialEq)]
pub struct BrainModel {
    /// As in `CIFTI_STRUCTURE_CORTEX_LEFT`.
    pub structure: String,
    /// What they are.
    pub points: Points,
}

/// Vertices or voxels.
#[derive(Debug, Clone, PartialEq)]
pub enum Points {
    /// Some of the vertices of a surface.
    Vertices {
        /// How many the surface has.
        of: usize,
        /// Which, in the order of the rows.
        vertices: Vec<u32>,
    },
    /// (i, j, k) of voxels, in the order of the rows.
    Voxels(Vec<[u32; 3]>),
}

/// One row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Point {
    /// A vertex of a structure's surface.
    Vertex(u32),
    /// A voxel of the grid.
    Voxel([u32; 3]),
}

/// A row by what it is: the structure and vertex, or where the voxel's centre lies in hundredths of a millimetre.
#[derive(PartialEq, Eq, Hash)]
enum Key<'a> {
    Vertex(&'a str, u32),
    Voxel([i64; 3]),
}

impl Points {
    /// How many rows.
    #[must_use]
    pub fn len(&self) -> usize {
        match self {
            Self::Vertices { vertices, .. } => vertices.len(),
            Self::Voxels(voxels) => voxels.len(),
        }
    }

    /// Whether there is no row.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    fn get(&self, row: usize) -> Point {
        match self {
            Self::Vertices { vertices, .. } => Point::Vertex(vertices[row]),
            Self::Voxels(voxels) => Point::Voxel(voxels[row]),
        }
    }
}

impl Dense {
    /// How many rows.
    #[must_use]
    pub fn len(&self) -> usize {
        self.models.iter().map(|model| model.points.len()).sum()
    }

    /// Whether there is no row.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The cortex of one side (`LEFT`, `RIGHT`): its first row, how many vertices its surface has, and which are rows.
    #[must_use]
    pub fn cortex(&self, side: &str) -> Option<(usize, usize, &[u32])> {
        let wanted = format!("CIFTI_STRUCTURE_CORTEX_{side}");
        let mut first = 0;
        for model in &self.models {
            match &model.points {
                Points::Vertices { of, vertices } if model.structure == wanted => {
                    return Some((first, *of, vertices));
                }
                points => first += points.len(),
            }
        }
        None
    }

    /// Every row with its structure.
    pub fn points(&self) -> impl Iterator<Item = (&str, Point)> {
        self.models.iter().flat_map(|model| {
            (0..model.points.len()).map(|row| (model.structure.as_str(), model.points.get(row)))
        })
    }

    /// The row of another file that is the same vertex or voxel, row by row of this one; None where the other has it not.
    #[must_use]
    pub fn rows_of(&self, other: &Self) -> Vec<Option<usize>> {
        if self == other {
            return (0..self.len()).map(Some).collect();
        }
        let known: HashMap<Key<'_>, usize> = other.keys().enumerate().map(|(row, key)| (key, row)).collect();
        self.keys().map(|key| known.get(&key).copied()).collect()
    }

    fn keys(&self) -> impl Iterator<Item = Key<'_>> {
        self.points().map(|(structure, point)| match point {
            Point::Vertex(vertex) => Key::Vertex(structure, vertex),
            Point::Voxel(voxel) => {
                let place = self.grid.map_or([f64::NAN; 3], |grid| grid.affine.apply(voxel.map(f64::from)));
                Key::Voxel(place.map(|millimetres| (100.0 * millimetres).round() as i64))
            }
        })
    }

    /// Reads a `MatrixIndicesMap` of brain models for a matrix of so many rows.
    pub(super) fn read(map: Element<'_, '_>, rows: usize) -> Result<Self, IoError> {
        let grid = map.children("Volume").next().map(grid).transpose()?;
        let mut models = Vec::new();
        let mut next = 0;
        for element in map.children("BrainModel") {
            let (offset, count): (usize, usize) =
                (element.number("IndexOffset")?, element.number("IndexCount")?);
            let points = points(element, grid.as_ref())?;
            if offset != next || count != points.len() {
                let found = format!("a brain model of {} rows from row {offset}", points.len());
                return Err(element.wrong(found, format!("{count} rows from row {next}, without a gap")));
            }
            next += count;
            models.push(BrainModel { structure: element.attribute("BrainStructure")?.to_owned(), points });
        }
        let dense = Self { models, grid };
        if next != rows {
            return Err(
                map.wrong(format!("brain models of {next} rows"), format!("{rows}, as the matrix has"))
            );
        }
        if dense.keys().collect::<std::collections::HashSet<_>>().len() != next {
            return Err(map.wrong("a vertex or voxel in two rows", "each once"));
        }
        Ok(dense)
    }

    /// Checks that another file has the rows of this one, and says which rows they are.
    ///
    /// # Errors
    /// - a row is missing; the error names `path`, the other file, and its structure.
    pub fn find_all(&self, other: &Self, path: &Path) -> Result<Vec<usize>, IoError> {
        let found = self.rows_of(other);
        let missing = found.iter().filter(|row| row.is_none()).count();
        let Some(first) = found.iter().position(Option::is_none) else {
            return Ok(found.into_iter().flatten().collect());
        };
        let structure = self.points().nth(first).map_or("", |(structure, _)| structure);
        let what = format!("no row for {missing} vertices and voxels, the first of {structure}");
        let remedy = "use files of one space and density";
        Err(IoError::malformed(path, Place::File, what, "every row of the first file", remedy))
    }
}

fn points(element: Element<'_, '_>, grid: Option<&Grid>) -> Result<Points, IoError> {
    const MODELS: [(&str, bool); 2] =
        [("CIFTI_MODEL_TYPE_SURFACE", true), ("CIFTI_MODEL_TYPE_VOXELS", false)];
    if element.choice("ModelType", &MODELS)? {
        let of: usize = element.number("SurfaceNumberOfVertices")?;
        let vertices = numbers(element, "VertexIndices")?;
        match vertices.iter().find(|vertex| **vertex as usize >= of) {
            Some(vertex) => Err(element.wrong(format!("vertex {vertex}"), format!("vertices below {of}"))),
            None => Ok(Points::Vertices { of, vertices }),
        }
    } else {
        let all = numbers(element, "VoxelIndicesIJK")?;
        let (voxels, rest) = all.as_chunks::<3>();
        let grid = grid.ok_or_else(|| element.wrong("voxels without a <Volume>", "the grid they lie on"))?;
        let is_inside = |voxel: &&[u32; 3]| (0..3).all(|axis| (voxel[axis] as usize) < grid.shape[axis]);
        match voxels.iter().find(|voxel| !is_inside(voxel)) {
            _ if !rest.is_empty() => {
                Err(element.wrong(format!("{} indices of voxels", all.len()), "three for each"))
            }
            Some(voxel) => {
                Err(element
                    .wrong(format!("the voxel {voxel:?}"), format!("one of a grid of {:?}", grid.shape)))
            }
            None => Ok(Points::Voxels(voxels.to_vec())),
        }
    }
}

/// Whole numbers between the tags of a child.
fn numbers(parent: Element<'_, '_>, name: &'static str) -> Result<Vec<u32>, IoError> {
    let child = parent.children(name).next();
    let child =
        child.ok_or_else(|| parent.wrong(format!("a brain model without <{name}>"), "its indices"))?;
    let parse = |word: &str| {
        word.parse()
            .map_err(|_| child.wrong(format!("the index `{}`", crate::error::shown(word)), "a whole number"))
    };
    child.text().split_ascii_whitespace().map(parse).collect()
}

/// No axis of a grid has more voxels.
const MOST_VOXELS: usize = 1 << 15;

fn grid(volume: Element<'_, '_>) -> Result<Grid, IoError> {
    let shape: Vec<usize> = volume
        .attribute("VolumeDimensions")?
        .split(',')
        .filter_map(|axis| axis.trim().parse().ok())
        .filter(|axis| (1..=MOST_VOXELS).contains(axis))
        .collect();
    let wrong = |found: &str| volume.wrong(found.to_owned(), "three axes and a matrix of 16 numbers");
    let &[x, y, z] = &shape[..] else { return Err(wrong("a volume of other dimensions")) };
    let matrix = volume.children("TransformationMatrixVoxelIndicesIJKtoXYZ").next();
    let matrix = matrix.ok_or_else(|| wrong("a volume without a matrix"))?;
    let exponent: i32 =
        if matrix.optional("MeterExponent").is_some() { matrix.number("MeterExponent")? } else { -3 };
    if !(-12..=3).contains(&exponent) {
        return Err(matrix.wrong(format!("units of 10^{exponent} m"), "10^-12 m to 10^3 m"));
    }
    let tens = (0..(exponent + 3).abs()).fold(1.0, |product, _| product * 10.0);
    let to_millimetres = if exponent < -3 { 1.0 / tens } else { tens };
    let numbers: Vec<f64> =
        matrix.text().split_ascii_whitespace().filter_map(|word| word.parse().ok()).collect();
    if numbers.len() != 16 || numbers.iter().any(|number| !number.is_finite()) {
        return Err(wrong("a matrix of other numbers"));
    }
    let affine =
        std::array::from_fn(|row| std::array::from_fn(|column| numbers[4 * row + column] * to_millimetres));
    Ok(Grid { shape: [x, y, z], affine: Affine(affine), orientation: Orientation::Sform(4) })
}
