//! A stimulus that participants hear twice: its ceiling, shares of it, and what blocks do to it.

use super::dataset::{Dataset, PARTICIPANTS, VOXELS, events_file, image};

const AGAIN: usize = 4;

/// A fourth run, of the first story again. The first half of the voxels responds as it did then, and half to anything else.
fn heard_twice() -> Dataset {
    let data = Dataset::new();
    for (person, participant) in PARTICIPANTS.iter().enumerate() {
        let (before, mut now) = (image((10 * person + 1) as u64), image((10 * person + AGAIN) as u64));
        for (index, value) in
            now.values.iter_mut().enumerate().filter(|(index, _)| index % VOXELS < VOXELS / 2)
        {
            *value = i16::midpoint(*value, before.values[index]);
        }
        data.write_run(participant, AGAIN, &now);
        data.edit(&events_file(participant, AGAIN), "story-4.wav", "story-1.wav");
    }
    data
}

fn numbers(rows: &[Vec<String>], column: usize) -> Vec<f64> {
    rows.iter().map(|row| row[column].parse().unwrap_or(f64::NAN)).collect()
}

fn mean(values: &[f64]) -> f64 {
    let finite: Vec<f64> = values.iter().copied().filter(|value| value.is_finite()).collect();
    finite.iter().sum::<f64>() / finite.len() as f64
}

#[test]
fn what_returns_in_a_second_hearing_is_a_ceiling_of_its_own() {
    let data = heard_twice();
    data.analyze("out", &[]).succeeded();
    let rows = data.rows("out/tables/ceilings.tsv");
    assert_eq!(rows.len(), VOXELS + 1);
    let (returning, other) = (0..VOXELS / 2, VOXELS / 2..VOXELS);
    let explained = numbers(&rows, 8);
    // r of s and (s + n) / 2 is .71; cleaning takes a little of it, and 54 voxels × participants of 60 volumes leave .02.
    let found = mean(&explained[returning.clone()]);
    assert!((0.6..0.8).contains(&found), "{found}");
    assert!(mean(&explained[other]).abs() < 0.06, "{}", mean(&explained[18..36]));
    assert!(explained[18..36].iter().any(|share| *share < 0.0), "negative shares are kept");
    for column in [6, 7] {
        let ceilings = &numbers(&rows, column)[returning.clone()];
        assert!((mean(ceilings) - found.sqrt()).abs() < 0.05, "{ceilings:?}");
    }
    let shares = data.rows("out/tables/normalised.tsv");
    let power: Vec<_> = shares.iter().filter(|row| row[2] == "signal_power").collect();
    assert_eq!(power.len(), VOXELS + 1);
    for row in &power[returning] {
        let [score, ceiling, normalised] = [5, 6, 7].map(|column| row[column].parse::<f64>().unwrap());
        assert!((normalised - score / ceiling).abs() < 1e-12, "{row:?}");
        assert_eq!((row[3].as_str(), row[8] == "true"), ("upper", normalised > 1.0));
        assert_eq!((row[9].as_str(), row[10].as_str(), row[11].as_str()), ("3", "0", "n/a"));
    }
    // People share nothing here: their ceilings are too small to divide by, or are none.
    let mut alone = shares.iter().filter(|row| row[2] == "leave_one_out_isc");
    assert!(alone.any(|row| row[7] == "n/a" && row[11] == "ceiling_too_small"));
    let page = data.read("out/report/index.html");
    assert!(page.contains("signal power of repeats") && page.contains("Schoppe et al., 2016"));
}

#[test]
fn folds_by_blocks_warn_of_a_stimulus_that_was_heard_before() {
    let data = heard_twice();
    let said = |data: &Dataset| data.check().succeeded().stderr;
    assert!(!said(&data).contains("more than once"), "runs hold both hearings out together");
    data.set("inner_folds = 3", "inner_folds = 3\nfolds = { blocks = 4, gap = \"24 s\" }");
    let said = said(&data);
    assert!(said.contains("01 and 2 more heard story-1 more than once and folds are blocks"), "{said}");
}
