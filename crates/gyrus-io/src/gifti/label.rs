//! Labels of vertices and the table of their names.

use std::path::Path;

use super::{Array, Gifti, intent, read};
use crate::surface::Parcellation;
use crate::xml::Element;
use crate::{IoError, Place};

/// What a key of an array of labels stands for.
#[derive(Debug, Clone, PartialEq)]
pub struct Label {
    /// The number in the array.
    pub key: i32,
    /// The name.
    pub name: String,
    /// Red, green, blue and opacity from 0 to 1, where the file has them.
    pub colour: Option<[f32; 4]>,
}

impl Label {
    pub(crate) fn read(element: Element<'_, '_>) -> Result<Self, IoError> {
        // Files before GIFTI 1.0 call it an index.
        let attribute = if element.optional("Key").is_some() { "Key" } else { "Index" };
        let part = |name| element.optional(name).and_then(|value| value.trim().parse().ok());
        let colour = (part("Red"), part("Green"), part("Blue"));
        let colour = match colour {
            (Some(red), Some(green), Some(blue)) => Some([red, green, blue, part("Alpha").unwrap_or(1.0)]),
            _ => None,
        };
        Ok(Self { key: element.number(attribute)?, name: element.text().trim().to_owned(), colour })
    }
}

/// Reads which parcel every vertex of a hemisphere lies in: a file with one array of labels (`.label.gii`).
///
/// # Errors
/// - as [`read`],
/// - there is not one array of labels, or it is not one whole number per vertex, or a key has two names.
pub fn read_parcellation(path: &Path) -> Result<Parcellation, IoError> {
    parcellation(path, &read(path)?)
}

pub(crate) fn parcellation(path: &Path, gifti: &Gifti) -> Result<Parcellation, IoError> {
    let wrong = |found: String, expected: &str| {
        let remedy = "name a file with one parcellation (.label.gii)";
        Err(IoError::malformed(path, Place::File, found, expected, remedy))
    };
    let arrays: Vec<&Array> = gifti.arrays.iter().filter(|array| array.intent == intent::LABEL).collect();
    let [array] = arrays[..] else {
        return wrong(format!("{} arrays of labels", arrays.len()), "one");
    };
    if array.shape()[1..].iter().any(|axis| *axis != 1) {
        return wrong(format!("labels of shape {:?}", array.shape()), "one label per vertex");
    }
    let mut parcels = Vec::new();
    for value in array.values() {
        if value.fract() != 0.0 || !(f64::from(i32::MIN)..=f64::from(i32::MAX)).contains(&value) {
            return wrong(format!("the label {value}"), "the key of a label");
        }
        parcels.push(value as i32);
    }
    let mut names = std::collections::BTreeMap::new();
    for label in &gifti.labels {
        let before = names.insert(label.key, label.name.clone());
        if before.is_some_and(|before| before != label.name) {
            return wrong(format!("two names for the key {}", label.key), "one name for each key");
        }
    }
    Ok(Parcellation { parcels, names })
}
