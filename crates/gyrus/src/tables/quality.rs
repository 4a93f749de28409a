//! Rows of data quality: what cleaning took out, lags, penalties at edges, tripwires.

use super::rows::{number, region, text};
use crate::results::{CleaningRow, ParticipantResults, PhysiologyRow, Results};

pub(super) fn lag_scan(results: &Results) -> Vec<Vec<String>> {
    let scan = &results.diagnostics.lag_scan;
    scan.iter().map(|(lag, correlation)| vec![number(*lag), number(*correlation)]).collect()
}

pub(super) fn rate_in_layers(results: &Results) -> Vec<Vec<String>> {
    let row =
        |(name, layer, share): &(String, usize, f64)| vec![text(name), layer.to_string(), number(*share)];
    results.diagnostics.rate_in_layers.iter().map(row).collect()
}

pub(super) fn variance_removed(results: &Results) -> Vec<Vec<String>> {
    let of_person = |person: &ParticipantResults| {
        let row = |(source, share): &(String, f64)| vec![text(&person.name), text(source), number(*share)];
        person.variance_removed.iter().map(row).collect::<Vec<_>>()
    };
    results.participants.iter().flat_map(of_person).collect()
}

pub(super) fn cleaning(results: &Results) -> Vec<Vec<String>> {
    let row = |run: &CleaningRow| {
        let dropped: Vec<String> = run.dropped.iter().map(|name| text(name)).collect();
        let counts = [run.n_samples, run.n_regressors, run.rank, run.degrees_of_freedom]
            .map(|count| count.to_string());
        let mut cells = vec![text(&run.participant), text(&run.run)];
        cells.extend(counts);
        cells.push(number(run.condition));
        cells.push(if dropped.is_empty() { "n/a".to_owned() } else { dropped.join(";") });
        cells
    };
    results.cleaning.iter().map(row).collect()
}

pub(super) fn physiology(results: &Results) -> Vec<Vec<String>> {
    let row = |row: &PhysiologyRow| {
        let mut cells = vec![text(&row.participant), text(&row.run), row.signal.clone()];
        cells.extend([row.sampling_rate, row.start].map(number));
        cells.push(row.peaks.to_string());
        cells.extend([row.per_minute, row.plausible, row.explained].map(number));
        cells
    };
    results.physiology.iter().map(row).collect()
}

pub(super) fn variance_by_region(results: &Results) -> Vec<Vec<String>> {
    let mut rows = Vec::new();
    for run in &results.cleaning {
        for (source, shares) in &run.variance_by_region {
            for (name, share) in results.regions.iter().zip(shares) {
                let share = number(share.unwrap_or(f64::NAN));
                rows.push(vec![
                    text(&run.participant),
                    text(&run.run),
                    text(source),
                    region(Some(name)),
                    share,
                ]);
            }
        }
    }
    rows
}

/// Lowest, median and highest over the participants that were analysed.
pub(super) fn ranges(results: &Results) -> Vec<Vec<String>> {
    let analysed = || results.participants.iter().filter(|person| person.excluded.is_none());
    type Count = fn(&ParticipantResults) -> usize;
    let counts: [(&str, Count); 3] = [
        ("n_samples", |person| person.n_samples),
        ("n_regressors", |person| person.n_regressors),
        ("degrees_of_freedom", |person| person.degrees_of_freedom),
    ];
    let mut rows: Vec<_> = counts
        .iter()
        .filter_map(|(name, count)| range(name, analysed().map(|person| count(person) as f64)))
        .collect();
    for source in sources(results) {
        let shares = analysed().flat_map(|person| &person.variance_removed);
        let shares = shares.filter(|(name, _)| *name == source).map(|(_, share)| *share);
        rows.extend(range(&source, shares));
    }
    rows
}

/// Sources of noise in order of first appearance.
fn sources(results: &Results) -> Vec<String> {
    let mut sources: Vec<String> = Vec::new();
    for (name, _) in results.participants.iter().flat_map(|person| &person.variance_removed) {
        if !sources.contains(name) {
            sources.push(name.clone());
        }
    }
    sources
}

fn range(name: &str, values: impl Iterator<Item = f64>) -> Option<Vec<String>> {
    let mut values: Vec<f64> = values.filter(|value| value.is_finite()).collect();
    values.sort_by(f64::total_cmp);
    let (lowest, highest) = (*values.first()?, *values.last()?);
    let middle = values.len() / 2;
    let median = match values.len() % 2 {
        0 => f64::midpoint(values[middle - 1], values[middle]),
        _ => values[middle],
    };
    Some([text(name)].into_iter().chain([lowest, median, highest].map(number)).collect())
}

pub(super) fn checks(results: &Results) -> Vec<Vec<String>> {
    let diagnostics = &results.diagnostics;
    let (low, high, all) = diagnostics.penalties_at_edges;
    let share = (low + high) as f64 / all as f64;
    let row = |check: &str, value: f64| vec![check.to_owned(), number(value)];
    vec![
        row("autocorrelation_tripwire", diagnostics.autocorrelation_tripwire.unwrap_or(f64::NAN)),
        row("autocorrelation_lowest", diagnostics.autocorrelation_range.map_or(f64::NAN, |range| range.0)),
        row("autocorrelation_highest", diagnostics.autocorrelation_range.map_or(f64::NAN, |range| range.1)),
        row("penalties_low_edge", low as f64),
        row("penalties_high_edge", high as f64),
        row("penalties_chosen", all as f64),
        row("penalties_edge_share", share),
    ]
}

#[cfg(test)]
mod tests {
    use super::range;

    #[test]
    fn the_median_of_an_even_number_is_the_middle_of_two() {
        let cells = range("x", [4.0, 1.0, f64::NAN, 2.0, 8.0].into_iter()).unwrap();
        assert_eq!(cells, ["x", "1", "3", "8"]);
        assert!(range("x", [f64::NAN].into_iter()).is_none());
    }
}
