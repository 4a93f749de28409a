//! `[hierarchy]`: the order of the brain that depth in the network is compared with.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use super::schema::Study;
use super::settings::{Found, repeated, wrong};

/// `[hierarchy]`
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct HierarchySection {
    /// A table with a row per region: a value to rank regions by, their places, or both.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub table: Option<PathBuf>,
    /// The column with the names of the regions.
    pub region_column: String,
    /// The column to rank regions by: a gradient, a timescale of other recordings.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub column: Option<String>,
    /// Instead of a column: regions from which distances are taken.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub primary: Vec<String>,
    /// The spheres of the left and of the right cortex, on which maps are turned.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sphere: Option<[PathBuf; 2]>,
}

impl Default for HierarchySection {
    fn default() -> Self {
        Self {
            table: None,
            region_column: "region".to_owned(),
            column: None,
            primary: Vec::new(),
            sphere: None,
        }
    }
}

pub(super) fn check(study: &Study) -> Found {
    let section = study.hierarchy.as_ref()?;
    let names: Vec<&str> = section.primary.iter().map(String::as_str).collect();
    let either = "hierarchy.column = \"a column of hierarchy.table\", or hierarchy.primary = [\"regions\"] to rank by distance";
    if let Some(name) = repeated(&names) {
        return wrong("hierarchy.primary", format!("`{name}` twice"), "every region once");
    }
    match (&section.column, section.primary.is_empty()) {
        (None, true) => wrong("hierarchy", "nothing to rank regions by", either),
        (Some(_), false) => wrong("hierarchy", "both column and primary", format!("one of them: {either}")),
        (Some(column), true) if section.table.is_none() => {
            wrong("hierarchy.column", format!("`{column}` of no table"), "hierarchy.table with that column")
        }
        (Some(_), true) | (None, false) => None,
    }
}
