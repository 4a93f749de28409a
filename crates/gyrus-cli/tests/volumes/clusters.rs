//! Voxels corrected with their neighbours: a planted block is found, what lies apart is not, and numbers agree.

use gyrus_encoding::statistics::{Connectivity, Enhancement, Neighbours, Tail, one_sample};
use gyrus_io::parquet::{Column, read_parquet};
use ndarray::Array2;

use super::analysed::map;
use super::dataset::{Dataset, PARTICIPANTS, RUNS, SPACE, VOLUMES, VOXELS, words};
use super::program::Says;

/// A block of 2 × 2 × 2 voxels.
fn is_planted(voxel: usize) -> bool {
    voxel % 4 < 2 && voxel / 4 % 3 < 2 && voxel / 12 < 2
}

/// A word that comes now and then moves the planted voxels of everybody four seconds later.
fn planted(settings: &str) -> Dataset {
    let data = Dataset::new();
    for participant in PARTICIPANTS {
        for run in RUNS {
            let onsets = onsets_of("rabbit", run as u64);
            data.change(participant, run, |image| {
                for volume in 0..VOLUMES {
                    // The story begins 3 s into the recording, and a volume is sampled 1 s after its start.
                    let heard = 2.0 * volume as f64 + 1.0 - 3.0 - 4.0;
                    let count =
                        onsets.iter().filter(|onset| (heard - 1.0..heard + 1.0).contains(*onset)).count();
                    for voxel in (0..VOXELS).filter(|voxel| is_planted(*voxel)) {
                        image.values[volume * VOXELS + voxel] += 60 * count as i16;
                    }
                }
            });
        }
    }
    data.set("surrogates = 19", &format!("surrogates = 99\n{settings}"));
    data
}

fn onsets_of(word: &str, run: u64) -> Vec<f64> {
    let text = words(run);
    let rows = text.lines().skip(1).filter_map(|line| line.split_once('\t'));
    rows.filter(|(_, found)| *found == word).map(|(onset, _)| onset.parse().unwrap()).collect()
}

fn group(data: &Dataset, output: &str, statistic: &str) -> Vec<f32> {
    map(data, &format!("{output}/maps/group/space-{SPACE}_stat-{statistic}_desc-modelScore_statmap.nii.gz")).1
}

/// Normal excess of a layer as trained, (participants, voxels).
fn normal_excess(data: &Dataset, layer: i64) -> Array2<f64> {
    let table = read_parquet(&data.path("out/tables/scores.parquet")).unwrap();
    let text = |name: &str| match table.column(name) {
        Some(Column::Utf8(values)) => values.iter().map(|cell| cell.clone().unwrap()).collect::<Vec<_>>(),
        other => panic!("{name}: {other:?}"),
    };
    let (people, targets, training) = (text("participant"), text("target"), text("training"));
    let Some(Column::I64(layers)) = table.column("layer") else { panic!("no layers") };
    let Some(Column::F64(values)) = table.column("normal_excess") else { panic!("no normal excess") };
    let mut scores = Array2::from_elem((PARTICIPANTS.len(), VOXELS), f64::NAN);
    for row in 0..table.n_rows() {
        if training[row] == "trained" && layers[row] == Some(layer) {
            let person = PARTICIPANTS.iter().position(|known| people[row].ends_with(known)).unwrap();
            let axes: Vec<usize> = targets[row].split('-').map(|axis| axis.parse().unwrap()).collect();
            scores[(person, axes[0] + 4 * axes[1] + 12 * axes[2])] = values[row].unwrap();
        }
    }
    scores
}

/// p of every layer and voxel by all eight patterns of signs of three people, corrected by the maximum.
fn by_signs(layers: &[Array2<f64>]) -> Vec<f64> {
    let cell = |voxel: usize| [voxel % 4, voxel / 4 % 3, voxel / 12].map(|axis| axis as i32);
    let neighbours = Neighbours::of_grid(&(0..VOXELS).map(cell).collect::<Vec<_>>(), Connectivity::Faces);
    let enhanced = |pattern: usize| -> Vec<f64> {
        let of_layer = |scores: &Array2<f64>| {
            let signed = |column: ndarray::ArrayView1<'_, f64>| -> Vec<f64> {
                (0..3)
                    .map(|person| column[person] * if pattern >> person & 1 == 1 { -1.0 } else { 1.0 })
                    .collect()
            };
            let t = |column| one_sample(&signed(column), Tail::Greater).t;
            let map: Vec<f64> = scores.columns().into_iter().map(t).collect();
            Enhancement::VOLUME.apply(&map, &neighbours, Tail::Greater)
        };
        layers.iter().flat_map(of_layer).collect()
    };
    let observed = enhanced(0);
    let maxima = (1..8).map(|pattern| enhanced(pattern).into_iter().fold(0.0, f64::max)).collect::<Vec<_>>();
    let reached = |value: &f64| maxima.iter().filter(|maximum| **maximum >= value * (1.0 - 1e-9)).count();
    observed.iter().map(|value| (1 + reached(value)) as f64 / 8.0).collect()
}

#[test]
fn a_planted_block_is_found_by_enhancement_and_nothing_apart_from_it() {
    let data = planted("clusters = \"tfce\"");
    data.analyze("out", &[]).succeeded();
    let stimulus = group(&data, "out", "pclusters");
    let (layers, rows) = (stimulus.len() / VOXELS, data.rows("out/tables/clusters.tsv"));
    assert_eq!(layers, 3);
    for layer in 1..layers {
        let own = &stimulus[layer * VOXELS..(layer + 1) * VOXELS];
        let count = |planted: bool| {
            (0..VOXELS).filter(|voxel| is_planted(*voxel) == planted && own[*voxel] < 0.05).count()
        };
        assert!(count(true) >= 7 && count(false) <= 2, "layer {layer}: {own:?}");
        let row = rows.iter().find(|row| row[1..4] == [layer.to_string(), "score".into(), "stimulus".into()]);
        let row = row.unwrap();
        assert_eq!(row[5], (count(true) + count(false)).to_string(), "{row:?}");
        assert_eq!((row[4].as_str(), row[8].as_str()), ("36", "0.01"), "{row:?}");
        let peak: Vec<usize> = row[9].split('-').map(|axis| axis.parse().unwrap()).collect();
        assert!(is_planted(peak[0] + 4 * peak[1] + 12 * peak[2]), "{row:?}");
    }
    // Three people have eight sign patterns: no p below 1/8, and it is said for each quantity.
    let signs = group(&data, "out", "pclusterssignflip");
    let smallest = signs.iter().copied().fold(1.0, f32::min);
    assert!((0.125..0.5).contains(&smallest), "{signs:?}");
    let by_hand = by_signs(&[0, 1, 2].map(|layer| normal_excess(&data, layer)));
    assert_eq!(signs.len(), by_hand.len());
    assert!(
        signs.iter().zip(&by_hand).all(|(a, b)| (f64::from(*a) - b).abs() < 1e-6),
        "{signs:?} {by_hand:?}"
    );
    assert_eq!(rows.len(), 2 * (3 + 3 + 2));
    let methods = data.read("out/methods.md");
    assert!(methods.contains("threshold-free cluster enhancement (Smith and Nichols, 2009)"), "{methods}");
    assert!(data.read("out/report/index.html").contains("Targets with their neighbours"));
}

#[test]
fn a_cluster_has_one_p_and_what_is_in_none_has_p_1() {
    let data = planted("clusters = \"mass\"\ncluster_p = 0.02");
    data.analyze("out", &["--threads", "1"]).succeeded();
    let p = group(&data, "out", "pclusters");
    let top = &p[2 * VOXELS..];
    let smallest = top.iter().copied().fold(1.0, f32::min);
    let found = (0..VOXELS).filter(|voxel| top[*voxel] == smallest).collect::<Vec<_>>();
    assert!(smallest < 0.05 && found.len() >= 7 && found.iter().all(|voxel| is_planted(*voxel)), "{top:?}");
    assert!(top.iter().filter(|p| **p == 1.0).count() > 20, "{top:?}");
    data.analyze("other", &["--threads", "2"]).succeeded();
    assert_eq!(p, group(&data, "other", "pclusters"));
}

#[test]
fn clusters_of_parcels_and_thresholds_of_what_has_none_are_refused() {
    let data = Dataset::new();
    data.set("surrogates = 19", "surrogates = 19\nclusters = \"tfce\"\ncluster_p = 0.02");
    data.check().refused(&Says {
        file: "/study.toml: ",
        place: "statistics.cluster_p: ",
        found: "found 0.02",
        expected: "expected clusters = \"mass\" beside it",
        remedy: "enhancement without a threshold needs no such key",
    });
    data.set("clusters = \"tfce\"\ncluster_p = 0.02", "clusters = \"tfce\"");
    data.set("folder = \"bids\"", "folder = \"bids\"\natlas = \"atlas.nii\"\ntargets = \"parcels\"");
    data.check().refused(&Says {
        file: "/study.toml: ",
        place: "statistics.clusters: ",
        found: "found clusters of parcels",
        expected: "expected bids.targets = \"voxels\", which have neighbours",
        remedy: "change it or remove this key",
    });
}
