//! Numbers as the page prints them, and where they stand in tables and maps.

use std::path::Path;

use super::dataset::{Dataset, SPACE, VOXELS};

/// A number with so many decimals, a true minus sign, and `n/a` for none.
pub fn fixed(value: f64, decimals: usize) -> String {
    if !value.is_finite() {
        return "n/a".to_owned();
    }
    let text = format!("{value:.decimals$}");
    let is_zero = text.chars().all(|character| matches!(character, '-' | '0' | '.'));
    if is_zero { text.replace('-', "") } else { text.replace('-', "\u{2212}") }
}

/// A p, which is never 0.
pub fn probability(value: f64) -> String {
    if value < 0.0005 { "<\u{A0}0.001".to_owned() } else { fixed(value, 3) }
}

/// A table of results: rows by the names of their columns.
pub struct Table {
    header: Vec<String>,
    rows: Vec<Vec<String>>,
}

impl Table {
    pub fn read(path: &Path) -> Self {
        let text = std::fs::read_to_string(path).unwrap();
        let mut lines = text.lines().map(|line| line.split('\t').map(str::to_owned).collect());
        Self { header: lines.next().unwrap(), rows: lines.collect() }
    }

    /// The cell of the row that begins with these cells.
    pub fn cell(&self, key: &[&str], column: &str) -> String {
        let row = self.rows.iter().find(|row| row.iter().zip(key).all(|(cell, key)| cell == key));
        let place = self.header.iter().position(|name| name == column).unwrap();
        row.unwrap_or_else(|| panic!("{key:?}"))[place].clone()
    }

    /// The cell of a line of the file, the header being 1.
    pub fn at(&self, line: usize, column: &str) -> &str {
        let place = self.header.iter().position(|name| name == column).unwrap();
        &self.rows[line - 2][place]
    }

    pub fn number(&self, key: &[&str], column: &str) -> f64 {
        self.cell(key, column).parse().unwrap_or(f64::NAN)
    }
}

/// The values of a map of the group: layer by layer, and within a layer voxel by voxel.
pub fn map(data: &Dataset, statistic: &str, quantity: &str) -> Vec<f64> {
    let name = format!("space-{SPACE}_stat-{statistic}_desc-model{quantity}_statmap.nii.gz");
    let file = std::fs::File::open(data.path("out/maps/group").join(name)).unwrap();
    let mut bytes = Vec::new();
    std::io::Read::read_to_end(&mut flate2::read::GzDecoder::new(file), &mut bytes).unwrap();
    let values: Vec<f64> =
        bytes[352..].as_chunks::<4>().0.iter().map(|bytes| f64::from(f32::from_le_bytes(*bytes))).collect();
    assert_eq!(values.len() % VOXELS, 0);
    values
}
