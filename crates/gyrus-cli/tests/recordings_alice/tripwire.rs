//! What features without language score on real recordings, by how samples are held out; and the figure that shows it.

use std::fmt::Write;
use std::fs;

use super::study::{Alice, root};

/// Lowest region, mean, highest region.
type Scores = [f64; 3];

/// The tripwire of the Alice study with other folds and as little as possible beside it.
fn tripwire(folds: &str, drift_by: &str) -> Option<Scores> {
    let alice = Alice::new("study.toml");
    alice.edit("folds = { blocks = 5, gap = \"28 s\" }", folds);
    alice.edit("high_pass = \"128 s\"", &format!("high_pass = \"128 s\"\ndrift_by = \"{drift_by}\""));
    alice.edit("layers = \"all\"", "layers = [0, 4]");
    alice.edit("untrained_seeds = 5", "untrained_seeds = 0");
    alice.edit("surrogates = 39", "surrogates = 1");
    alice.analyzed();
    let table = alice.read("out/tables/checks.tsv");
    let value = |check: &str| {
        let row = table.lines().find(|line| line.starts_with(&format!("{check}\t"))).unwrap();
        row.split('\t').nth(1).unwrap().parse::<f64>().ok()
    };
    Some([
        value("autocorrelation_lowest")?,
        value("autocorrelation_tripwire")?,
        value("autocorrelation_highest")?,
    ])
}

#[test]
fn without_language_nothing_is_predicted_unless_folds_leak() {
    let blocked = tripwire("folds = { blocks = 5, gap = \"28 s\" }", "block");
    if let Some([lowest, mean, highest]) = blocked {
        assert!(mean.abs() < 0.05 && lowest > -0.05 && highest < 0.05, "{blocked:?}");
    }
    let [without_gap, whole_run] =
        ["block", "run"].map(|by| tripwire("folds = { blocks = 5, gap = \"0 s\" }", by).unwrap());
    assert!(without_gap[0] > 0.0 && whole_run[1] > 0.05, "{without_gap:?} {whole_run:?}");
    let shuffled = tripwire("folds = { shuffled = 5 }", "run").unwrap();
    assert!(shuffled[0] > 0.3, "{shuffled:?}");
    let rows = [
        ("blocks with a gap of 28 s", blocked),
        ("blocks without a gap", Some(without_gap)),
        ("and with the drift of the run", Some(whole_run)),
        ("shuffled samples", Some(shuffled)),
    ];
    let path = root().join("docs/methods/tripwire.svg");
    if std::env::var_os("GYRUS_UPDATE_REFERENCE").is_some() {
        fs::write(&path, figure(&rows)).unwrap();
    }
    assert_eq!(fs::read_to_string(path).unwrap(), figure(&rows), "GYRUS_UPDATE_REFERENCE=1 draws it again");
}

/// A line from the lowest to the highest region and a dot at the mean for each way to hold out.
fn figure(rows: &[(&str, Option<Scores>)]) -> String {
    let at = |score: f64| 190.0 + (score + 0.1) * 480.0;
    let mut svg =
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 640 208\" width=\"640\" height=\"208\" \
                   font-family=\"system-ui,sans-serif\" font-size=\"12\">\n\
                   <title>r of features that know no language, Alice recordings, 27 people</title>\n\
                   <rect width=\"640\" height=\"208\" fill=\"#fff\"/>\n"
            .to_owned();
    for tick in 0..5 {
        let score = 0.2 * f64::from(tick);
        let x = at(score);
        writeln!(svg, "<path d=\"M{x:.1} 14V166\" stroke=\"#e3e3de\"/>").unwrap();
        writeln!(svg, "<text x=\"{x:.1}\" y=\"184\" text-anchor=\"middle\">{score:.1}</text>").unwrap();
    }
    for (index, (name, scores)) in rows.iter().enumerate() {
        let y = 32.0 + 38.0 * index as f64;
        writeln!(svg, "<text x=\"178\" y=\"{:.1}\" text-anchor=\"end\">{name}</text>", y + 4.0).unwrap();
        let Some([lowest, mean, highest]) = scores else {
            writeln!(svg, "<text x=\"{:.1}\" y=\"{:.1}\">undefined</text>", at(0.0) + 8.0, y + 4.0).unwrap();
            continue;
        };
        let (from, to) = (at(*lowest), at(*highest));
        writeln!(svg, "<path d=\"M{from:.1} {y:.1}H{to:.1}\" stroke=\"#0a5fa5\" stroke-width=\"3\"/>")
            .unwrap();
        writeln!(svg, "<circle cx=\"{:.1}\" cy=\"{y:.1}\" r=\"5\" fill=\"#0a5fa5\"/>", at(*mean)).unwrap();
        writeln!(
            svg,
            "<text x=\"{:.1}\" y=\"{:.1}\" font-size=\"11\">{lowest:.2} to {highest:.2}</text>",
            to + 10.0,
            y + 4.0
        )
        .unwrap();
    }
    svg.push_str("<text x=\"430\" y=\"202\" text-anchor=\"middle\">held-out r (line: over regions; dot: mean)</text>\n</svg>\n");
    svg
}
