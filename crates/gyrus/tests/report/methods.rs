//! The methods paragraph holds every number that was used, and what is cited was used.

use std::collections::HashMap;

use gyrus::report::{self, PageContext};
use gyrus::tables;

use crate::study::{self, Shape};

#[test]
fn every_number_that_was_used_is_in_the_paragraph() {
    let methods = report::methods(&study::results(&Shape::small()));
    let planted = [
        "2 participants",
        "2077 words",
        "735 s",
        "1033 words",
        "402.3 s",
        "361 to 363 volumes",
        "time of 1.9 to 2.04 s",
        "3 targets of 3 regions",
        "cut-off of 127 s",
        "6 confound regressors",
        "260\u{202F}032 parameters",
        "64 units",
        "511 tokens",
        "4 layers (0 to 3",
        "3 copies",
        "2.2, 4.4 and 6.6 s",
        "9 contiguous blocks",
        "28 s",
        "one of 11 values",
        "from 0.3 to 10⁷",
        "4 inner folds",
        "999 surrogates",
        "2001 draws",
        "blocks of 31 s",
        "below 0.021",
        "seed 17",
        "makes 0.001",
        "these 2 stories",
        "Of 3 recorded, 1 participant was",
    ];
    for number in planted {
        assert!(methods.contains(number), "{number} is not in: {methods}");
    }
}

#[test]
fn no_item_of_the_table_is_left_out() {
    let results = study::results(&Shape::small());
    let page = report::page(&results, &PageContext::default());
    let cells = tables::cells("methods.tsv", &results).unwrap();
    let unsaid: HashMap<&str, &str> = HashMap::from([
        ("n_words", "in the facts above the answer"),
        ("centred", "said in words"),
        ("drift_by", "said in words"),
        ("project_features", "said in words"),
        ("baseline", "said in words"),
        ("baseline_note", "under layers"),
    ]);
    let methods = report::methods(&results);
    for row in cells {
        let is_said = page.contains(&format!("data-cell=\"methods.tsv {} ", line(&results, &row[0])));
        assert!(is_said || unsaid.contains_key(row[0].as_str()), "{} is nowhere", row[0]);
        assert!(!methods.contains(&format!("{} = ", row[0])));
    }
}

fn line(results: &gyrus::results::Results, item: &str) -> usize {
    let rows = tables::cells("methods.tsv", results).unwrap();
    rows.iter().position(|row| row[0] == item).unwrap() + 2
}

#[test]
fn choices_change_the_paragraph() {
    let of = |change: fn(&mut gyrus::results::Results)| {
        let mut results = study::results(&Shape::small());
        change(&mut results);
        report::methods(&results)
    };
    let before = of(|_| ());
    let changes: [fn(&mut gyrus::results::Results); 8] = [
        |results| results.methods.centred = false,
        |results| results.methods.project_features = false,
        |results| results.methods.high_pass = None,
        |results| results.methods.confounds.clear(),
        |results| results.baseline.with_layer_0 = false,
        |results| results.methods.surrogates.0 = 0,
        |results| results.methods.surrogates.1 = "circularly shifted features".to_owned(),
        |results| results.methods.language_models[0].pooling = "mean".to_owned(),
    ];
    for (index, change) in changes.into_iter().enumerate() {
        assert_ne!(before, of(change), "change {index}");
    }
    let without = of(|results| results.methods.surrogates.0 = 0);
    assert!(
        without.contains("No surrogates (0)") && without.contains("of scores and gains as they are"),
        "{without}"
    );
}

#[test]
fn only_what_was_used_is_cited() {
    let mut results = study::results(&Shape::small());
    let all = report::citation(&results);
    for key in [
        "@software{gyrus",
        "hoerl1970ridge",
        "theiler1992testing",
        "nastase2019",
        "nunezelizalde2019",
        "vanderwaerden1952",
    ] {
        assert!(all.contains(key), "{key}");
    }
    assert_eq!(all.matches('{').count(), all.matches('}').count());
    results.methods.surrogates.1 = "circularly shifted features".to_owned();
    results.ceilings.clear();
    results.baseline.bands.clear();
    results.methods.surrogates.0 = 0;
    let few = report::citation(&results);
    for key in ["theiler1992testing", "nastase2019", "nunezelizalde2019", "vanderwaerden1952"] {
        assert!(!few.contains(key), "{key}");
    }
}
