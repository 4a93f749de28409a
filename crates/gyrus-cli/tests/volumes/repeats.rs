//! A stimulus that participants hear twice: its ceiling, shares of it, and what blocks do to it.

use super::dataset::{Dataset, PARTICIPANTS, VOXELS, events_file, image, mask_image};

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

/// The halves of the voxels as regions.
fn with_regions(data: &Dataset) {
    let mut atlas = mask_image(|_| true);
    atlas
        .values
        .iter_mut()
        .enumerate()
        .for_each(|(voxel, value)| *value = 1 + i16::from(voxel >= VOXELS / 2));
    data.write("atlas.nii", &atlas.bytes());
    data.write("atlas.tsv", b"index\tname\n1\treturning\n2\tother\n");
    data.set(
        "folder = \"bids\"",
        "folder = \"bids\"\natlas = \"atlas.nii\"\natlas_labels = \"atlas.tsv\"\ntargets = \"voxels\"",
    );
}

fn numbers<const N: usize>(row: &[String], columns: [usize; N]) -> [f64; N] {
    columns.map(|column| row[column].parse().unwrap_or(f64::NAN))
}

#[test]
fn what_returns_in_a_second_hearing_is_a_ceiling_of_its_own() {
    let data = heard_twice();
    with_regions(&data);
    data.analyze("out", &[]).succeeded();
    let rows = data.rows("out/tables/ceilings.tsv");
    let regions: Vec<&str> = rows.iter().map(|row| row[0].as_str()).collect();
    assert_eq!(regions, ["returning", "other", "mean"]);
    // r of s and (s + n) / 2 is .71, and about 15 regressors of 60 volumes, others in each run, leave .75 of it.
    let [power, ratio, explained] = numbers(&rows[0], [6, 7, 8]);
    assert!((0.45..0.62).contains(&explained), "{explained}");
    assert!((power - explained.sqrt()).abs() < 0.05 && (ratio - explained.sqrt()).abs() < 0.05, "{rows:?}");
    let [explained] = numbers(&rows[1], [8]);
    assert!(explained.abs() < 0.06, "{explained}");
    let shares = data.rows("out/tables/normalised.tsv");
    let of = |region: &str, kind: &str| {
        let row = shares.iter().find(|row| row[1] == region && row[2] == kind);
        row.unwrap_or_else(|| panic!("{region} {kind} in {shares:?}"))
    };
    let returning = of("returning", "signal_power");
    let [score, ceiling, normalised] = numbers(returning, [5, 6, 7]);
    assert!((normalised - score / ceiling).abs() < 1e-12 && (ceiling - power).abs() < 1e-12, "{returning:?}");
    assert_eq!((returning[3].as_str(), returning[8] == "true"), ("upper", normalised > 1.0));
    assert_eq!(returning[9..], ["54", "0", "n/a"]);
    // Where nothing returns, half of the cells have no root, and they are counted.
    let [cells, left_out] = numbers(of("other", "signal_power"), [9, 10]);
    assert!(left_out > 10.0 && cells + left_out == 54.0, "{cells} {left_out}");
    // People share nothing here: what they share is too small to divide by.
    let alone = of("mean", "leave_one_out_isc");
    assert_eq!(
        (alone[3].as_str(), alone[7].as_str(), alone[11].as_str()),
        ("lower", "n/a", "ceiling_too_small")
    );
    let page = data.read("out/report/index.html");
    assert!(page.contains("signal power of repeats"), "the page has no column for it");
    assert!(data.read("out/methods.md").contains("Schoppe et al., 2016"));
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
