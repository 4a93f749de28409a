//! When each word of a read text starts and ends: a reading model with pauses.

use gyrus_core::{Seconds, Word};

use super::random::{lognormal, normal};
use crate::EncodingError;
use crate::statistics::{Purpose, stream};

/// How a text is read aloud.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Pace {
    /// Seconds that a word takes however short.
    pub word: f64,
    /// Seconds per letter.
    pub letter: f64,
    /// Pause after a comma or another mark inside a sentence.
    pub comma: f64,
    /// Pause after a sentence.
    pub sentence: f64,
    /// Pause after a paragraph.
    pub paragraph: f64,
    /// Deviation of the logarithm of each of these times from word to word.
    pub spread: f64,
}

impl Default for Pace {
    fn default() -> Self {
        Self { word: 0.13, letter: 0.05, comma: 0.25, sentence: 0.65, paragraph: 1.1, spread: 0.15 }
    }
}

/// Words of a text with their times: each lasts (word + letter · n_letters) · e^(spread · z) and is followed by the pause
/// that its mark asks for, times e^(spread · z) of its own. Over a sentence of twelve words the pace slows by a tenth:
/// e^(−0.05 + 0.1 i / 12), as speech does before a boundary. Paragraphs are divided by empty lines.
///
/// Words come as they are heard: lower case, without marks but apostrophes.
///
/// # Errors
/// - [`EncodingError::Value`] if a pace is not finite.
pub fn word_times(text: &str, pace: &Pace, start: Seconds, seed: u64) -> Result<Vec<Word>, EncodingError> {
    let mut random = stream(seed, Purpose::SimulatedSpeech, 0, 0);
    let (mut time, mut in_sentence) = (start.get(), 0_u32);
    let mut words = Vec::new();
    for paragraph in text.split("\n\n") {
        for token in paragraph.split_whitespace() {
            let heard = heard(token);
            if heard.is_empty() {
                continue;
            }
            let letters = heard.chars().filter(|letter| letter.is_alphabetic()).count() as f64;
            let slowing = libm::exp(-0.05 + 0.1 * f64::from(in_sentence.min(12)) / 12.0);
            let length = (pace.word + pace.letter * letters) * slowing * lognormal(&mut random, pace.spread);
            let (onset, offset) = (Seconds::new(rounded(time))?, Seconds::new(rounded(time + length))?);
            words.push(Word { text: heard, onset: Some(onset), offset: Some(offset) });
            let pause = pause_after(token, pace) * libm::exp(pace.spread * normal(&mut random));
            in_sentence = if token.ends_with(['.', '?', '!']) { 0 } else { in_sentence + 1 };
            time += length + pause;
        }
        time += pace.paragraph * lognormal(&mut random, pace.spread);
    }
    Ok(words)
}

/// To whole milliseconds, as annotators write them.
fn rounded(seconds: f64) -> f64 {
    libm::round(seconds * 1000.0) / 1000.0
}

fn heard(token: &str) -> String {
    let kept = token.chars().filter(|letter| letter.is_alphanumeric() || *letter == '\'');
    kept.collect::<String>().to_lowercase()
}

fn pause_after(token: &str, pace: &Pace) -> f64 {
    match token.chars().last() {
        Some('.' | '?' | '!') => pace.sentence,
        Some(',' | ';' | ':') => pace.comma,
        _ => 0.0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_follow_each_other_and_pauses_stand_where_marks_are() {
        let text = "One, two three. Father's\nfour?\n\nFive";
        let words = word_times(text, &Pace { spread: 0.0, ..Pace::default() }, Seconds::ZERO, 1).unwrap();
        let texts: Vec<&str> = words.iter().map(|word| word.text.as_str()).collect();
        assert_eq!(texts, ["one", "two", "three", "father's", "four", "five"]);
        let onset = |index: usize| words[index].onset.unwrap().get();
        let offset = |index: usize| words[index].offset.unwrap().get();
        let gaps: Vec<f64> = (1..6).map(|index| onset(index) - offset(index - 1)).collect();
        for (gap, expected) in gaps.iter().zip([0.25, 0.0, 0.65, 0.0, 0.65 + 1.1]) {
            assert!((gap - expected).abs() < 2e-3, "{gaps:?}");
        }
        assert!((offset(0) - (0.13 + 3.0 * 0.05) * (-0.05_f64).exp()).abs() < 1e-3);
    }

    #[test]
    fn a_sentence_slows_by_a_tenth_over_twelve_words() {
        // Words of 13 s + 2 · 5 s, so that rounding to milliseconds is small.
        let pace = Pace { word: 13.0, letter: 5.0, spread: 0.0, ..Pace::default() };
        let text = format!("{}ab. {}ab.", "ab ".repeat(15), "ab ".repeat(3));
        let words = word_times(&text, &pace, Seconds::new(7.0).unwrap(), 1).unwrap();
        assert_eq!((words.len(), words[0].onset.unwrap().get()), (20, 7.0));
        for (index, word) in words.iter().enumerate() {
            let since = if index < 16 { index.min(12) } else { index - 16 } as f64;
            let length = word.offset.unwrap().get() - word.onset.unwrap().get();
            assert!((length - 23.0 * libm::exp(-0.05 + since / 120.0)).abs() < 1.1e-3, "{index}: {length}");
        }
    }

    #[test]
    fn words_and_pauses_vary_as_much_as_is_asked_for() {
        let pace =
            Pace { word: 50.0, comma: 30.0, paragraph: 40.0, letter: 0.0, spread: 0.15, ..Pace::default() };
        let words = word_times(&"a,\n\n".repeat(2000), &pace, Seconds::ZERO, 3).unwrap();
        let (onset, offset) =
            (|word: &Word| word.onset.unwrap().get(), |word: &Word| word.offset.unwrap().get());
        let spread = |values: Vec<f64>, middle: f64, expected: f64| {
            let mean = values.iter().sum::<f64>() / values.len() as f64;
            let squares: f64 = values.iter().map(|value| (value - mean) * (value - mean)).sum();
            let found = libm::sqrt(squares / values.len() as f64);
            assert!(
                (mean / middle - 1.0).abs() < 0.02 && (found / expected - 1.0).abs() < 0.06,
                "{mean} {found}"
            );
        };
        // A log-normal has the mean e^(σ²/2), and a deviation of √(e^σ² − 1) times its mean.
        let (up, wide) = (libm::exp(0.01125), libm::sqrt(libm::exp(0.0225) - 1.0));
        let slow = libm::exp(0.05);
        let lengths = words.iter().skip(13).map(|word| offset(word) - onset(word)).collect();
        spread(lengths, 50.0 * slow * up, 50.0 * slow * up * wide);
        let gaps = words.windows(2).map(|pair| onset(&pair[1]) - offset(&pair[0])).collect();
        spread(gaps, 70.0 * up, 50.0 * up * wide);
    }
}
