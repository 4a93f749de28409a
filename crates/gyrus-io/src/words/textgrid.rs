//! Words from a tier of a Praat TextGrid.

use std::path::Path;

use gyrus_core::{Seconds, Word};

use super::order::ordered;
use crate::error::few;
use crate::textgrid::{self, Marks, TextGrid};
use crate::{IoError, Read, Warning};

/// Reads the words of one tier. Empty labels and those in `silence` are left out; with `join_clitics`, labels such as
/// `'s` and `n't` are joined to the word before, whose offset they extend. Points have an onset and no offset.
///
/// # Errors
/// - as [`textgrid::read`],
/// - the file has no tier of this name.
pub fn from_textgrid(
    path: &Path,
    tier: &str,
    silence: &[String],
    join_clitics: bool,
) -> Result<Read<Vec<Word>>, IoError> {
    let Read { value: grid, warnings } = textgrid::read(path)?;
    let is_silence = |label: &str| silence.iter().any(|known| known == label);
    let mut read = words_of_tier(path, &grid, tier, is_silence, join_clitics)?;
    read.warnings.splice(0..0, warnings);
    Ok(read)
}

/// The words of one tier of a TextGrid that was read from `path`.
///
/// # Errors
/// - there is no tier of this name, or a time is not finite.
pub fn words_of_tier(
    path: &Path,
    grid: &TextGrid,
    tier: &str,
    is_silence: impl Fn(&str) -> bool,
    join_clitics: bool,
) -> Result<Read<Vec<Word>>, IoError> {
    let names: Vec<&str> = grid.tiers.iter().map(|tier| tier.name.as_str()).collect();
    let found = grid.tiers.iter().find(|known| known.name.trim() == tier.trim());
    let found = found.ok_or_else(|| IoError::NoSuch {
        path: path.to_owned(),
        kind: "tier",
        asked: tier.to_owned(),
        available: few(&names, 20),
        remedy: "set the stimulus's key `tier` to one of these",
    })?;
    let mut words = Vec::new();
    let mut warnings = Vec::new();
    for (label, onset, offset) in labels(&found.marks) {
        let text = label.split_whitespace().collect::<Vec<_>>().join(" ");
        if text.is_empty() || is_silence(&text) {
            continue;
        }
        if join_clitics && is_clitic(&text) {
            match words.last_mut() {
                Some(word) => join(word, &text, offset),
                None => warnings.push(Warning::LooseClitic { text: text.clone(), onset }),
            }
            if !words.is_empty() {
                continue;
            }
        }
        words.push(Word {
            text,
            onset: Seconds::new(onset).ok(),
            offset: offset.and_then(|end| Seconds::new(end).ok()),
        });
    }
    Ok(ordered(words, warnings))
}

fn labels(marks: &Marks) -> Vec<(&str, f64, Option<f64>)> {
    match marks {
        Marks::Intervals(all) => {
            all.iter().map(|mark| (mark.label.as_str(), mark.start, Some(mark.end))).collect()
        }
        Marks::Points(all) => all.iter().map(|mark| (mark.label.as_str(), mark.time, None)).collect(),
    }
}

/// The contracted forms that English aligners split off.
fn is_clitic(text: &str) -> bool {
    let plain = text.to_lowercase().replace('\u{2019}', "'");
    matches!(plain.as_str(), "'s" | "'d" | "'m" | "'t" | "'ll" | "'re" | "'ve" | "n't" | "'")
}

fn join(word: &mut Word, clitic: &str, offset: Option<f64>) {
    word.text.push_str(clitic);
    if let Some(offset) = offset.and_then(|offset| Seconds::new(offset).ok()) {
        word.offset = Some(offset);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::textgrid::{Interval, Point, Tier};

    fn grid(marks: Marks) -> TextGrid {
        TextGrid { start: 0.0, end: 9.0, tiers: vec![Tier { name: "word".to_owned(), marks }] }
    }

    fn intervals(labels: &[&str]) -> TextGrid {
        let interval = |(index, label): (usize, &&str)| {
            let start = index as f64;
            Interval { start, end: start + 1.0, label: (*label).to_owned() }
        };
        grid(Marks::Intervals(labels.iter().enumerate().map(interval).collect()))
    }

    fn check(grid: &TextGrid, join: bool, expected: &[(&str, f64, Option<f64>)]) {
        let read = words_of_tier(Path::new("a"), grid, "word", |label| label == "sp", join).unwrap();
        let found: Vec<(&str, f64, Option<f64>)> = read
            .value
            .iter()
            .map(|word| (word.text.as_str(), word.onset.unwrap().get(), word.offset.map(Seconds::get)))
            .collect();
        assert_eq!(found, expected);
    }

    #[test]
    fn silence_is_left_out_and_clitics_are_joined() {
        let grid = intervals(&["sp", "did", "n't", "", "he", "\u{2019}s", "a\nb"]);
        let joined = [("didn't", 1.0, Some(3.0)), ("he\u{2019}s", 4.0, Some(6.0)), ("a b", 6.0, Some(7.0))];
        check(&grid, true, &joined);
        let split = [
            ("did", 1.0, Some(2.0)),
            ("n't", 2.0, Some(3.0)),
            ("he", 4.0, Some(5.0)),
            ("\u{2019}s", 5.0, Some(6.0)),
            ("a b", 6.0, Some(7.0)),
        ];
        check(&grid, false, &split);
        check(&intervals(&["'s", "x"]), true, &[("'s", 0.0, Some(1.0)), ("x", 1.0, Some(2.0))]);
    }

    #[test]
    fn points_have_an_onset_only() {
        let points =
            vec![Point { time: 2.0, label: "b".to_owned() }, Point { time: 1.0, label: "a".to_owned() }];
        check(&grid(Marks::Points(points)), true, &[("a", 1.0, None), ("b", 2.0, None)]);
    }

    #[test]
    fn a_missing_tier_is_an_error_that_lists_the_tiers() {
        let error = words_of_tier(Path::new("a"), &intervals(&["x"]), "phones", |_| false, true).unwrap_err();
        assert_eq!(
            error.to_string(),
            "a: found no tier `phones`, expected one of: word; set the stimulus's key `tier` to one of these"
        );
    }
}
