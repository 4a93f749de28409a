//! Triggers of volumes in a physiological recording against the volumes there are.

use std::path::Path;

use gyrus_io::bids::Physio;

use crate::Error;

/// The column that BIDS has for the start of volumes.
const TRIGGER: &str = "trigger";
/// A recording that starts at exactly 0 and goes on for so many seconds after the run may have begun before it.
const SUSPICIOUS: f64 = 5.0;

/// Whether triggers, where there are any, begin with the first of `volumes` and are as many.
///
/// # Errors
/// - there are as many triggers as volumes, or they go on after the last volume, and the first one is more than half a volume
///   away from the first volume: `StartTime` is wrong.
pub(super) fn check(
    path: &Path,
    physio: &Physio,
    (volumes, interval): (usize, f64),
    warn: &mut dyn FnMut(String),
) -> Result<(), Error> {
    let Some(samples) = physio.column(TRIGGER) else {
        let rows = physio.columns.first().map_or(0, |(_, values)| values.len());
        let after = rows as f64 / physio.rate - volumes as f64 * interval;
        if physio.start == 0.0 && after > SUSPICIOUS {
            warn(format!(
                "`StartTime` is 0 and the recording goes on for {after:.1} s after the last volume, and there are no triggers: if it began before the first volume, `StartTime` has to be negative"
            ));
        }
        return Ok(());
    };
    let times: Vec<f64> =
        edges(samples).into_iter().map(|sample| physio.start + sample as f64 / physio.rate).collect();
    let (Some(first), Some(last)) = (times.first(), times.last()) else {
        warn(format!(
            "there is no trigger in `{TRIGGER}`, expected {volumes}, one per volume; `StartTime` ({} s) was taken at its word",
            physio.start
        ));
        return Ok(());
    };
    let half = interval / 2.0;
    let end = volumes as f64 * interval - half;
    let is_all = times.len() == volumes && first.abs() > half;
    if is_all || (*first > half && *last > end) {
        return Err(Error::Unusable {
            path: path.to_owned(),
            found: format!(
                "the first of {} triggers {first:.3} s after the first volume (`StartTime` {} s)",
                times.len(),
                physio.start
            ),
            expected: format!(
                "it within half a volume ({half} s) of the first of {volumes} volumes; correct `StartTime` in the JSON file: {:.3} s would put it there",
                physio.start - first
            ),
        });
    }
    let inside = times.iter().filter(|time| (-half..end).contains(*time)).count();
    // One per slice is a whole multiple.
    if inside == 0 || !inside.is_multiple_of(volumes) {
        warn(format!(
            "{inside} triggers during the run, expected {volumes}, one per volume; `StartTime` ({} s) was taken at its word",
            physio.start
        ));
    }
    Ok(())
}

/// Samples at which a trigger begins: above the middle of its range, the sample before not.
fn edges(samples: &[f64]) -> Vec<usize> {
    let known = || samples.iter().copied().filter(|value| !value.is_nan());
    let (low, high) = (known().fold(f64::INFINITY, f64::min), known().fold(f64::NEG_INFINITY, f64::max));
    if low >= high {
        return Vec::new();
    }
    let is_on = |sample: usize| samples[sample] > f64::midpoint(low, high);
    (0..samples.len()).filter(|sample| is_on(*sample) && !sample.checked_sub(1).is_some_and(is_on)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `count` triggers 2 s apart at 10 Hz, the first one at the start plus `after`; the recording lasts 120 s.
    fn said(start: f64, after: f64, count: usize) -> Result<Vec<String>, String> {
        let begins: Vec<usize> = (0..count).map(|volume| (10.0 * after) as usize + 20 * volume).collect();
        let samples = (0..1200).map(|sample| if begins.contains(&sample) { 5.0 } else { 0.0 }).collect();
        let physio = Physio { rate: 10.0, start, columns: vec![(TRIGGER.to_owned(), samples)] };
        let mut warnings = Vec::new();
        let checked = check(Path::new("p.tsv.gz"), &physio, (40, 2.0), &mut |text| warnings.push(text));
        checked.map(|()| warnings).map_err(|error| error.to_string())
    }

    #[test]
    fn a_start_that_triggers_contradict_is_refused_with_one_that_fits() {
        assert_eq!(said(-7.5, 7.5, 40), Ok(Vec::new()));
        // Two volumes that were discarded have triggers too.
        assert_eq!(said(-11.5, 7.5, 42), Ok(Vec::new()));
        for (start, fits) in [(0.0, "-7.500 s would"), (-20.0, "-7.500 s would")] {
            let error = said(start, 7.5, 40).unwrap_err();
            assert!(
                error.contains("p.tsv.gz: found the first of 40 triggers") && error.contains(fits),
                "{error}"
            );
        }
        assert!(said(0.0, 7.5, 43).is_err(), "triggers go on after the last volume");
    }

    #[test]
    fn missing_triggers_are_counted() {
        let one = |warnings: Result<Vec<String>, String>| warnings.unwrap().join("");
        assert!(one(said(-7.5, 7.5, 31)).starts_with("31 triggers during the run, expected 40"));
        assert!(one(said(-7.5, 7.5, 0)).starts_with("there is no trigger in `trigger`, expected 40"));
        // The first ten were not recorded.
        assert!(one(said(-7.5, 27.5, 30)).starts_with("30 triggers"));
    }

    #[test]
    fn a_start_of_exactly_zero_is_doubted_where_nothing_shows_it() {
        let said = |start: f64, rows: usize| {
            let physio = Physio { rate: 10.0, start, columns: vec![("cardiac".to_owned(), vec![0.0; rows])] };
            let mut warnings = 0;
            check(Path::new("p"), &physio, (40, 2.0), &mut |_| warnings += 1).unwrap();
            warnings
        };
        assert_eq!([said(0.0, 1000), said(0.0, 840), said(-20.0, 1000)], [1, 0, 0]);
    }
}
