//! Surrogates in a whole study: which choices they take, and p beyond what can be counted.

use std::collections::{BTreeMap, BTreeSet};

use gyrus_encoding::statistics::{Tail, normal_quantile, one_sample, signed_rank};
use gyrus_io::parquet::{Column, read_parquet};

use super::people::of_people;
use super::study::Study;
use super::sweeps::{plant, sweep};

const COUNT: usize = 240;

fn analyzed(study: Study, statistics: &str) -> Study {
    study.set("layers = \"all\"", "layers = [0, 2]");
    study.set("surrogates = 19", statistics);
    study.analyze("out", &[]).succeeded();
    study
}

/// Some columns of group.tsv by language model, layer, region and quantity.
fn group<const N: usize>(study: &Study, columns: [&str; N]) -> BTreeMap<Vec<String>, [f64; N]> {
    let rows = study.rows("group.tsv");
    let header: Vec<String> =
        study.read("out/tables/group.tsv").lines().next().unwrap().split('\t').map(str::to_owned).collect();
    let places = columns.map(|name| header.iter().position(|column| column == name).unwrap());
    let cells = |row: &Vec<String>| places.map(|place| row[place].parse().unwrap_or(f64::NAN));
    rows.iter().map(|row| (row[..4].to_vec(), cells(row))).collect()
}

/// The same scores, and other nulls of them; gains beside one baseline and beside two.
#[test]
fn surrogates_choose_again_where_a_study_says_so() {
    let of = |again: bool| analyzed(Study::new(), &format!("surrogates = 9\nchoose_again = {again}"));
    let [kept, chosen] = [false, true].map(of);
    let columns = ["value", "null_mean", "p_stimulus_tail"];
    let (without, with) = (group(&kept, columns), group(&chosen, columns));
    for quantity in ["score", "unique_gain", "contextual_gain"] {
        let of_quantity = |(key, _): &(&Vec<String>, &[f64; 3])| key[3] == quantity;
        let differ = without.iter().filter(of_quantity).filter(|(key, row)| {
            assert_eq!(row[0].to_bits(), with[*key][0].to_bits(), "{key:?}");
            assert!(row[2].is_nan(), "nine surrogates have no tail");
            row[1] != with[*key][1]
        });
        assert!(differ.count() >= 3, "{quantity}");
    }
    let [kept, chosen] = [&kept, &chosen].map(|study| study.read("out/tables/methods.tsv"));
    let said = "phase-randomised features with penalties and shares of their own";
    assert!(chosen.contains(said) && !kept.contains("of their own"), "{chosen}");
}

/// What ten or more surrogates reach is counted; what fewer reach has a p of its own, of the same order.
#[test]
fn tails_continue_what_is_counted() {
    let study = sweep("context = 64");
    plant(&study);
    let study = analyzed(study, &format!("surrogates = {COUNT}"));
    let columns = ["p_stimulus", "p_stimulus_tail", "p_stimulus_corrected", "p_stimulus_corrected_tail"];
    let (mut counted, mut fitted) = (0, 0);
    let counts = |p: f64| (p * (COUNT + 1) as f64).round() as usize - 1;
    for (key, row) in group(&study, columns) {
        for pair in row.chunks(2).filter(|pair| pair[0].is_finite()) {
            if counts(pair[0]) >= 10 {
                counted += 1;
                assert!((pair[0] - pair[1]).abs() < 1e-12, "{key:?}: {row:?}");
            } else {
                fitted += 1;
                assert!(pair[1] > 0.0 && pair[1] < 0.1, "{key:?}: {row:?}");
            }
        }
        assert!(row[1] <= row[3] + 1e-12 || counts(row[2]) < 10, "{key:?}: {row:?}");
    }
    assert!(counted > 10 && fitted > 2, "{counted} {fitted}");
}

fn values(of: &[(String, f64)]) -> Vec<f64> {
    of.iter().map(|(_, value)| *value).collect()
}

/// Every region is a target, and its p says which rank somebody has among their own surrogates.
#[test]
fn tests_over_people_are_of_what_they_have_more_than_their_own_surrogates() {
    let study = analyzed(Study::new(), "surrogates = 39");
    let mut compared = 0;
    let tests = group(&study, ["p_t", "p_wilcoxon"]);
    let regions: BTreeSet<&str> =
        tests.keys().map(|key| key[2].as_str()).filter(|name| *name != "mean").collect();
    for (key, [p_t, p_wilcoxon]) in &tests {
        if key[3] != "score" {
            continue;
        }
        if key[2] == "mean" {
            let of_region =
                |region: &str| of_people(&study, (region, key[1].parse().unwrap()), "normal_excess");
            let regions: Vec<Vec<f64>> = regions.iter().map(|region| values(&of_region(region))).collect();
            let means: Vec<f64> =
                (0..3).map(|person| regions.iter().map(|region| region[person]).sum::<f64>() / 3.0).collect();
            assert!((one_sample(&means, Tail::Greater).p - p_t).abs() < 1e-9, "{key:?}: {means:?} {p_t}");
            continue;
        }
        let at = (key[2].as_str(), key[1].parse().unwrap());
        let (p, excess) = (of_people(&study, at, "p"), of_people(&study, at, "normal_excess"));
        assert_eq!(p.len(), 3, "{key:?}");
        for ((_, p), (_, excess)) in p.iter().zip(&excess) {
            let quantile = -normal_quantile((p * 40.0 - 0.5) / 40.0);
            assert!(excess * quantile > 0.0 && excess.abs() < 1.0, "{key:?}: {p} {excess}");
        }
        let excess = values(&excess);
        assert!((one_sample(&excess, Tail::Greater).p - p_t).abs() < 1e-9, "{key:?}: {excess:?} {p_t}");
        assert!((signed_rank(&excess, Tail::Greater).p - p_wilcoxon).abs() < 1e-9, "{key:?}: {excess:?}");
        compared += 1;
    }
    assert_eq!(compared, 6, "two layers, three regions");
}

#[test]
fn without_surrogates_tests_over_people_are_of_scores_and_it_is_said() {
    let study = analyzed(Study::new(), "surrogates = 0");
    for (key, [p_t, p_stimulus]) in group(&study, ["p_t", "p_stimulus"]) {
        if key[2] == "mean" || key[3] != "score" {
            continue;
        }
        let scores = of_people(&study, (&key[2], key[1].parse().unwrap()), "score");
        let expected = one_sample(&values(&scores), Tail::Greater).p;
        assert!(
            (expected - p_t).abs() < 1e-9 && p_stimulus.is_nan(),
            "{key:?}: {expected} {p_t} {p_stimulus}"
        );
    }
    let table = read_parquet(&study.path("out/tables/scores.parquet")).unwrap();
    let Some(Column::F64(normal_excess)) = table.column("normal_excess") else {
        panic!("{:?}", table.n_rows())
    };
    assert!(normal_excess.iter().all(Option::is_none), "{normal_excess:?}");
    let methods = study.read("out/methods.md");
    assert!(
        methods.contains("No surrogates (0) were fitted")
            && methods.contains("of scores and gains as they are")
    );
}
