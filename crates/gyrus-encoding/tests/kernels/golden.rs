//! Golden values that other programs made, from fixtures/align unless another folder is named.

use std::path::Path;

use ndarray::Array2;
use serde_json::Value;

pub fn read(name: &str) -> Value {
    read_from("align", name)
}

pub fn read_from(folder: &str, name: &str) -> Value {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures");
    let path = path.join(folder).join(format!("{name}.json"));
    let text = std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    serde_json::from_str(&text).unwrap()
}

pub fn list(value: &Value) -> Vec<f64> {
    value.as_array().unwrap().iter().map(|number| number.as_f64().unwrap()).collect()
}

pub fn table(value: &Value) -> Array2<f64> {
    let rows: Vec<Vec<f64>> = value.as_array().unwrap().iter().map(list).collect();
    Array2::from_shape_fn((rows.len(), rows[0].len()), |(row, column)| rows[row][column])
}

pub fn number(value: &Value) -> f64 {
    value.as_f64().unwrap()
}
