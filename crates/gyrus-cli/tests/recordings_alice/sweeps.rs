//! The sweeps of the example, with short contexts and one layer: every level stands in the table and on the page.

use super::study::Alice;

#[test]
fn levels_stand_beside_each_other_with_both_intervals() {
    let alice = Alice::new("sweeps.toml");
    alice.edit("contexts = [24, 64, 128, 256, 512]", "contexts = [24, 32]\nlayers = [4]");
    let short = "scrambles = [\"sentences\", \"words\"]\ncontext = 32\nlayers = [4]";
    alice.edit("scrambles = [\"words\", \"sentences\", { paragraphs = 5 }]", short);
    // Neither p nor the gain is what this is about.
    alice.edit("surrogates = 39", "surrogates = 3\nbootstraps = 200");
    alice.edit("[encoding]\n", "[encoding]\nbaseline = [\"word_rate\"]\n");
    let (_, results) = alice.analyzed();
    let mean = results.sweeps.iter().filter(|row| row.region.is_none());
    let levels: Vec<_> = mean.clone().map(|row| (row.level.as_str(), row.finer.as_deref())).collect();
    let expected = [
        ("24 tokens", None),
        ("32 tokens", Some("24 tokens")),
        ("words scrambled", None),
        ("sentences scrambled", Some("words scrambled")),
        ("intact", Some("sentences scrambled")),
    ];
    assert_eq!(levels, expected);
    for row in mean {
        let within =
            |interval: gyrus::results::Interval, value: f64| interval.low < value && value < interval.high;
        let estimates = [Some(row.score), row.difference];
        for estimate in estimates.into_iter().flatten() {
            assert!(within(estimate.over_participants, estimate.value), "{row:?}");
            assert!(estimate.over_stimulus.low < estimate.over_stimulus.high, "{row:?}");
        }
    }
    let score = |level: &str| {
        results.sweeps.iter().find(|row| row.level == level && row.region.is_none()).unwrap().score
    };
    assert_eq!(score("intact"), score("32 tokens"), "the same text, read in the same way");
    assert!(alice.read("out/report/index.html").contains("Sweeps, mean over regions"));
}
