//! Contexts and orders of the text in one study: levels as they are alone, and differences where they were planted.

use std::fmt::Write;
use std::path::Path;

use super::numbers::Numbers;
use super::program::{Says, gyrus};
use super::study::{PARTICIPANTS, Study, VOLUMES};

const ONE: &str = "context = 64\nuntrained_seeds = 1";

/// A study whose story has sentences, with further keys of its language model.
pub fn sweep(keys: &str) -> Study {
    let study = Study::new();
    study.set(ONE, &format!("{keys}\nsites = \"attention\"\nuntrained_seeds = 0"));
    study.set("method = \"lanczos\"", "method = \"sum\"");
    study.set("baseline = [\"word_rate\", \"layer_0\"]", "baseline = [\"word_rate\"]");
    study.write("words.tsv", &study.read("words.tsv").replace("\tslowly", "\tslowly."));
    study.edit("model/tokenizer.json", "\"slowly\"", "\"slowly.\"");
    study
}

fn number(cell: &str) -> f64 {
    cell.parse().unwrap()
}

/// Responses to what layer 2 holds of the words as they were read, 4 s later; the third region is noise.
pub fn plant(study: &Study) {
    let (words, model, output) = (study.path("words.tsv"), study.path("model"), study.path("a.npy"));
    let first = [Path::new("extract"), &words, Path::new("--model"), &model, Path::new("-o"), &output];
    let flags = ["--layers", "2", "--history", "exact", "--sites", "attention"].map(Path::new);
    gyrus(&[&first[..], &flags].concat()).succeeded();
    let bytes = std::fs::read(&output).unwrap();
    let size = usize::from(u16::from_le_bytes([bytes[8], bytes[9]]));
    let numbers: Vec<f32> =
        bytes[10 + size..].as_chunks::<4>().0.iter().map(|bytes| f32::from_le_bytes(*bytes)).collect();
    let n_words = numbers.len() / 8;
    let mean = |unit: usize| numbers.iter().skip(unit).step_by(8).sum::<f32>() / n_words as f32;
    let means = [mean(0), mean(1)];
    let mut heard = vec![[0.0_f64; 2]; VOLUMES + 8];
    for (index, line) in study.read("words.tsv").lines().skip(1).enumerate() {
        let onset = number(line.split_once('\t').unwrap().0);
        if let Some(volume) = heard.get_mut((onset / 2.0) as usize + 2) {
            (0..2).for_each(|unit| volume[unit] += f64::from(numbers[8 * index + unit] - means[unit]));
        }
    }
    for (index, participant) in PARTICIPANTS.iter().enumerate() {
        let mut noise = Numbers::new(900 + index as u64);
        let mut text = "one\ttwo\tneither\n".to_owned();
        for volume in &heard[..VOLUMES] {
            let row = [volume[0] + 0.02 * noise.next(), volume[1] + 0.02 * noise.next(), noise.next()];
            writeln!(text, "{:.5}\t{:.5}\t{:.5}", row[0], row[1], row[2]).unwrap();
        }
        study.write(&format!("responses/{participant}.tsv"), &text);
    }
}

#[test]
fn a_brain_that_holds_the_text_as_it_was_loses_it_with_its_order() {
    let study = sweep("context = 64\nscrambles = [\"sentences\", \"words\", { paragraphs = 2 }]");
    plant(&study);
    study.analyze("out", &[]).succeeded();
    let found = study.rows("sweeps.tsv");
    let levels: Vec<&str> = found.iter().step_by(4).map(|row| row[2].as_str()).collect();
    let paragraphs = "paragraphs of 2 sentences scrambled";
    assert_eq!(levels, ["words scrambled", "sentences scrambled", paragraphs, "intact"]);
    let best = study.rows("best_layer.tsv");
    for (place, row) in found.iter().enumerate() {
        let name = format!("model ({})", row[2]);
        let own = best.iter().find(|best| best[0] == name && best[1] == row[3]).unwrap();
        assert_eq!((&row[4], &row[5]), (&own[2], &own[4]), "{row:?}: {own:?}");
        let Some(before) = place.checked_sub(4).map(|place| &found[place]) else {
            assert!(row[15..].iter().all(|cell| cell == "n/a"), "{row:?}");
            continue;
        };
        assert_eq!((&row[15], &row[3]), (&before[2], &before[3]));
        let difference = number(&row[16]);
        assert!((difference - (number(&row[5]) - number(&before[5]))).abs() < 1e-12, "{row:?} {before:?}");
        // Three people have eight patterns of signs.
        assert!((0.25..=1.0).contains(&number(&row[21])), "{row:?}");
    }
    let intact = |region: &str| found.iter().find(|row| row[2] == "intact" && row[3] == region).unwrap();
    for region in ["one", "two"] {
        let [score, difference, low] = [5, 16, 17].map(|column| number(&intact(region)[column]));
        assert!(score > 0.9 && difference > 0.0 && low > 0.0, "{:?}", intact(region));
    }
    assert!(number(&intact("neither")[16]).abs() < 0.15, "{:?}", intact("neither"));
    let page = study.read("out/report/index.html");
    assert!(page.contains("Sweeps, mean over regions") && page.contains("beyond the level before"));
    let resolved = study.read("out/study.resolved.toml");
    assert!(resolved.contains("name = \"model (intact)\"") && !resolved.contains("scrambles"), "{resolved}");
    study.analyze("again", &["--threads", "2"]).succeeded();
    for file in ["tables/sweeps.tsv", "report/sweep.svg", "report/sweep-differences.svg"] {
        assert!(study.read(&format!("out/{file}")) == study.read(&format!("again/{file}")), "{file}");
    }
}

#[test]
fn longer_contexts_are_compared_with_the_next_shorter_one() {
    let study = sweep("contexts = [24, 4, 8]\nhistory = \"exact\"");
    plant(&study);
    study.analyze("out", &[]).succeeded();
    let found = study.rows("sweeps.tsv");
    let levels: Vec<_> =
        found.iter().step_by(4).map(|row| [&row[1], &row[2], &row[15]].map(String::as_str)).collect();
    let expected = [
        ["context", "4 tokens", "n/a"],
        ["context", "8 tokens", "4 tokens"],
        ["context", "24 tokens", "8 tokens"],
    ];
    assert_eq!(levels, expected);
    let row = found.iter().find(|row| row[2] == "24 tokens" && row[3] == "one").unwrap();
    assert!(number(&row[16]) > 0.0, "{row:?}");
}

#[test]
fn sweeps_that_cannot_be_are_refused() {
    let place = "language_model.scrambles: ";
    let refused = |keys: &str, [found, expected, remedy]: [&str; 3]| {
        let says = Says { file: "/study.toml: ", place, found, expected, remedy };
        sweep(keys).check().refused(&says);
    };
    let one = "expected one of the two";
    refused(
        "scramble = \"words\"\nscrambles = [\"words\"]",
        ["found scramble and scrambles", one, "remove the other"],
    );
    refused(
        "contexts = [8]\nscrambles = [\"words\"]",
        ["found contexts and scrambles", one, "a [[language_model]] of its own"],
    );
    refused(
        "scrambles = [\"words\", \"sentences\", \"words\"]",
        ["found number 3 a second time", "expected each order once", "change it"],
    );
    let study = Study::new();
    study.set(ONE, "scrambles = [\"sentences\"]\nuntrained_seeds = 0");
    let error = study.check().error();
    assert!(
        error.contains("found no word that ends a sentence") && error.contains("stimulus.text"),
        "{error}"
    );
}

/// The text gives the words their marks, and with them sentences their ends; other letters are refused.
#[test]
fn a_text_gives_sentences_to_words_without_punctuation() {
    let study = Study::new();
    let words = study.read("words.tsv");
    let spoken: Vec<&str> = words.lines().skip(1).map(|line| line.split_once('\t').unwrap().1).collect();
    let written = spoken.join(" ").replace(" slowly", " slowly.");
    study.write("story.txt", &written);
    study.set("words = \"words.tsv\"", "words = \"words.tsv\"\ntext = \"story.txt\"");
    study.set(ONE, "context = 64\nhistory = { sentences = 2 }\nuntrained_seeds = 0");
    study.edit("model/tokenizer.json", "\"slowly\"", "\"slowly.\"");
    study.check().succeeded();
    study.write("story.txt", &written.replacen("rabbit", "hare", 1));
    let index = spoken.iter().position(|word| *word == "rabbit").unwrap();
    study.check().refused(&Says {
        file: "/study.toml: ",
        place: "stimulus.text: ",
        found: "found `hare ",
        expected: &format!("expected the letters and digits of word {} of words.tsv, `rabbit`", index + 1),
        remedy: "correct the text",
    });
    study.write("story.txt", &format!("{written} and so on"));
    let said = study.check().succeeded().stderr;
    assert!(said.contains("warning: story.txt: the text goes on after the last word"), "{said}");
}
