//! Rows of the carpet and of the traces above it.

use super::rows::{number, text};
use crate::results::{Carpet, Results, TraceKind};

pub(super) fn carpet(results: &Results) -> Vec<Vec<String>> {
    let Some(carpet) = &results.carpet else { return Vec::new() };
    let [before, after] = carpet.values();
    let cell = |values: &[Option<f64>], place: usize| number(values[place].unwrap_or(f64::NAN));
    let row = |place: usize| {
        let (target, column) = (place / carpet.n_columns, place % carpet.n_columns);
        let name = text(&carpet.targets[target].name);
        vec![name, time(carpet, column), cell(&before, place), cell(&after, place)]
    };
    (0..before.len()).map(row).collect()
}

pub(super) fn traces(results: &Results) -> Vec<Vec<String>> {
    let Some(carpet) = &results.carpet else { return Vec::new() };
    let mut rows = Vec::new();
    for trace in &carpet.traces {
        let unit = match trace.kind {
            TraceKind::Displacement => "mm",
            TraceKind::Regressors => "sd",
        };
        for (column, value) in trace.values(carpet.n_columns).into_iter().enumerate() {
            let value = number(value.unwrap_or(f64::NAN));
            rows.push(vec![text(&trace.source), time(carpet, column), value, unit.to_owned()]);
        }
    }
    rows
}

/// Thousandths of a second are enough, and hide how binary numbers add up.
fn time(carpet: &Carpet, column: usize) -> String {
    number((1000.0 * carpet.time(column)).round() / 1000.0)
}
