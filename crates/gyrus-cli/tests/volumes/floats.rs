//! Images in single precision with values that are no numbers.

use super::analysed::map;
use super::dataset::{Dataset, SPACE, VOXELS, bold, image, mask_image};

/// Voxel 7 has one NaN, voxel 8 an infinite volume, voxel 9 NaN throughout, as outside of a field of view.
fn with_gaps(index: usize) -> Option<f32> {
    match (index % VOXELS, index / VOXELS) {
        (7, 40) | (9, _) => Some(f32::NAN),
        (8, 33) => Some(f32::NEG_INFINITY),
        _ => None,
    }
}

fn group_map(data: &Dataset, output: &str) -> Vec<f32> {
    map(data, &format!("{output}/maps/group/space-{SPACE}_stat-mean_desc-modelScore_statmap.nii.gz")).1
}

#[test]
fn voxels_with_a_value_that_is_no_number_have_a_reason_and_disturb_nobody() {
    let data = Dataset::new();
    data.write(&bold("01", 2), &image(2).float_bytes(|_| None));
    data.analyze("whole", &[]).succeeded();
    data.write(&bold("01", 2), &image(2).float_bytes(with_gaps));
    let said = data.analyze("out", &[]).succeeded();
    assert!(said.stderr.contains("non_finite"), "{}", said.stderr);
    let excluded = data.rows("out/tables/excluded.tsv");
    let listed: Vec<&str> = excluded
        .iter()
        .filter(|row| row[0] == "sub-01" && row.contains(&"non_finite".to_owned()))
        .filter_map(|row| row.iter().find(|cell| cell.contains("-2-0") || cell.contains("-1-0")))
        .map(String::as_str)
        .collect();
    assert_eq!(listed, ["3-1-0", "0-2-0", "1-2-0"]);
    let own = format!("maps/sub-01/func/sub-01_space-{SPACE}_stat-r_desc-modelScore_statmap.nii.gz");
    let (whole, gaps) = (map(&data, &format!("whole/{own}")).1, map(&data, &format!("out/{own}")).1);
    for (index, (whole, gap)) in whole.iter().zip(&gaps).enumerate() {
        match index % VOXELS {
            7..=9 => assert!(gap.is_nan(), "{index}: {gap}"),
            _ => assert_eq!(whole, gap, "{index}"),
        }
    }
}

#[test]
fn parcels_are_means_over_the_voxels_that_are_finite() {
    let data = Dataset::new();
    // Voxels 7, 8 and 9 belong to the first parcel of the first study and to none in the second; voxels 24 to 35 are a parcel that
    // loses all of its voxels.
    let parcels = |left_out: bool| {
        let parcel =
            |voxel: usize| if left_out && (7..10).contains(&voxel) { 0 } else { 1 + (voxel / 12) as i16 };
        let values = (0..VOXELS).map(parcel).collect();
        super::image::Image { values, ..mask_image(|_| true) }.bytes()
    };
    data.write("atlas.nii", &parcels(false));
    data.set("folder = \"bids\"", "folder = \"bids\"\natlas = \"atlas.nii\"\ntargets = \"parcels\"");
    let gaps = |index: usize| if index % VOXELS >= 24 { Some(f32::NAN) } else { with_gaps(index) };
    for (person, participant) in super::dataset::PARTICIPANTS.iter().enumerate() {
        for run in super::dataset::RUNS {
            data.write(&bold(participant, run), &image((10 * person + run) as u64).float_bytes(gaps));
        }
    }
    data.analyze("gaps", &[]).succeeded();
    data.write("atlas.nii", &parcels(true));
    data.analyze("cut", &[]).succeeded();
    let (gaps, cut) = (group_map(&data, "gaps"), group_map(&data, "cut"));
    assert!(gaps[0].is_finite() && gaps[0] == cut[0], "{} {}", gaps[0], cut[0]);
    assert!(gaps[24..36].iter().all(|value| value.is_nan()));
    let excluded = data.rows("gaps/tables/excluded.tsv");
    assert!(
        excluded
            .iter()
            .any(|row| row.contains(&"parcel 3".to_owned()) && row.contains(&"non_finite".to_owned())),
        "{excluded:?}"
    );
}
