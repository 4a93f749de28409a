//! The file as a whole: its metadata, its labels and its arrays.

use std::path::Path;

use super::array::Stored;
use super::encoding::{Content, Decoder};
use super::{Array, Label};
use crate::error::shown;
use crate::nifti::DataType;
use crate::xml::{self, Element};
use crate::{IoError, source, text};

/// What a GIFTI file holds.
#[derive(Debug, Clone, Default)]
pub struct Gifti {
    /// Names and values that go with the file.
    pub metadata: Vec<(String, String)>,
    /// What the keys of arrays of labels stand for.
    pub labels: Vec<Label>,
    /// The arrays.
    pub arrays: Vec<Array>,
}

/// Reads a GIFTI file, compressed as a whole or not.
///
/// # Errors
/// - the file is missing, empty, a git-annex pointer, cut short or not text,
/// - it is not XML, or not a GIFTI file, or defines entities (as no GIFTI file does),
/// - an array is not what its attributes say: type, encoding, byte order, number of values, the external file,
/// - arrays would take far more memory than the file's size explains.
pub fn read(path: &Path) -> Result<Gifti, IoError> {
    of_bytes(path, source::inflated_bytes(path)?)
}

/// Reads a GIFTI file from its inflated bytes.
pub(crate) fn of_bytes(path: &Path, bytes: Vec<u8>) -> Result<Gifti, IoError> {
    let len = source::open(path)?.len;
    within(path, &text::decode(path, bytes)?, len)
}

/// Reads a GIFTI file from its text; external files are looked for beside `path`, which errors name.
///
/// # Errors
/// - as [`read`].
pub fn parse(path: &Path, text: &str) -> Result<Gifti, IoError> {
    within(path, text, text.len() as u64)
}

fn within(path: &Path, text: &str, len: u64) -> Result<Gifti, IoError> {
    let document = xml::parse(path, text, ("GIFTI file", "GIFTI"))?;
    gifti(Element { path, node: document.root_element() }, &mut Decoder::new(path, len))
}

fn gifti(root: Element<'_, '_>, decoder: &mut Decoder<'_>) -> Result<Gifti, IoError> {
    let tag = root.node.tag_name().name();
    if tag != "GIFTI" {
        return Err(root.wrong(format!("an XML file of <{}>", shown(tag)), "a GIFTI file"));
    }
    let mut found = Gifti { metadata: metadata(root), ..Gifti::default() };
    for table in root.children("LabelTable") {
        for label in table.children("Label") {
            found.labels.push(Label::read(label)?);
        }
    }
    for element in root.children("DataArray") {
        found.arrays.push(array(element, decoder)?);
    }
    if root.optional("NumberOfDataArrays").is_some() {
        let announced: usize = root.number("NumberOfDataArrays")?;
        if announced != found.arrays.len() {
            return Err(root.wrong(
                format!("{} arrays", found.arrays.len()),
                format!("the {announced} that NumberOfDataArrays announces"),
            ));
        }
    }
    Ok(found)
}

fn metadata(parent: Element<'_, '_>) -> Vec<(String, String)> {
    let text = |entry: Element<'_, '_>, name| {
        entry.children(name).next().map(|child| child.text().trim().to_owned()).unwrap_or_default()
    };
    let entries = parent.children("MetaData").flat_map(|all| all.children("MD"));
    entries.map(|entry| (text(entry, "Name"), text(entry, "Value"))).collect()
}

fn array(element: Element<'_, '_>, decoder: &mut Decoder<'_>) -> Result<Array, IoError> {
    let datatype = element.choice("DataType", &TYPES)?;
    let shape = shape(element)?;
    let is_column_major = match element.optional("ArrayIndexingOrder") {
        None => false,
        Some(_) => element.choice("ArrayIndexingOrder", &ORDERS)?,
    };
    let count = shape.iter().try_fold(1usize, |count, axis| count.checked_mul(*axis));
    let count = count.filter(|count| count.checked_mul(datatype.size()).is_some());
    let count = count
        .ok_or_else(|| element.wrong(format!("an array of shape {shape:?}"), "one that memory can hold"))?;
    let Content { bytes, is_big_endian } = decoder.decode(element, datatype, count)?;
    Ok(Array {
        intent: element.optional("Intent").unwrap_or(super::intent::NONE).to_owned(),
        metadata: metadata(element),
        shape,
        stored: Stored { datatype, bytes, is_big_endian, is_column_major },
    })
}

/// Names of types (nifti1.h); the first three are those of the GIFTI specification.
pub(super) const TYPES: [(&str, DataType); 10] = [
    ("NIFTI_TYPE_FLOAT32", DataType::F32),
    ("NIFTI_TYPE_INT32", DataType::I32),
    ("NIFTI_TYPE_UINT8", DataType::U8),
    ("NIFTI_TYPE_FLOAT64", DataType::F64),
    ("NIFTI_TYPE_INT8", DataType::I8),
    ("NIFTI_TYPE_INT16", DataType::I16),
    ("NIFTI_TYPE_UINT16", DataType::U16),
    ("NIFTI_TYPE_UINT32", DataType::U32),
    ("NIFTI_TYPE_INT64", DataType::I64),
    ("NIFTI_TYPE_UINT64", DataType::U64),
];

const ORDERS: [(&str, bool); 2] = [("RowMajorOrder", false), ("ColumnMajorOrder", true)];

/// The specification allows six axes.
const MOST_AXES: usize = 6;

fn shape(element: Element<'_, '_>) -> Result<Vec<usize>, IoError> {
    let axes: usize = element.number("Dimensionality")?;
    if !(1..=MOST_AXES).contains(&axes) {
        return Err(element.wrong(format!("{axes} axes"), format!("1 to {MOST_AXES}")));
    }
    let shape: Vec<usize> =
        (0..axes).map(|axis| element.number(&format!("Dim{axis}"))).collect::<Result<_, _>>()?;
    match shape.contains(&0) {
        true => Err(element.wrong(format!("an array of shape {shape:?}"), "at least 1 along every axis")),
        false => Ok(shape),
    }
}
