//! Words in the order in which they start.

use gyrus_core::{Seconds, Word};

use crate::{Read, Warning};

/// Sorts words by onset if some start before their predecessor; a word without a time stays behind the word before it.
/// Words that start together keep their order.
pub(super) fn ordered(mut words: Vec<Word>, mut warnings: Vec<Warning>) -> Read<Vec<Word>> {
    let untimed = words.iter().filter(|word| word.onset.is_none()).count();
    if let Some(first) = words.iter().find(|word| word.onset.is_none()) {
        warnings.push(Warning::Untimed { count: untimed, first: first.text.clone() });
    }
    drop_wrong_offsets(&mut words, &mut warnings);
    let mut previous = f64::NEG_INFINITY;
    let mut backwards: Option<(usize, String, f64)> = None;
    let mut keyed = Vec::with_capacity(words.len());
    for word in words.drain(..) {
        let onset = word.onset.map(Seconds::get).unwrap_or(previous);
        if onset < previous {
            let (count, ..) = backwards.get_or_insert_with(|| (0, word.text.clone(), onset));
            *count += 1;
        }
        previous = onset;
        keyed.push((onset, word));
    }
    if let Some((count, first, onset)) = backwards {
        warnings.push(Warning::Backwards { count, first, onset });
        keyed.sort_by(|(left, _), (right, _)| left.total_cmp(right));
    }
    Read { value: keyed.into_iter().map(|(_, word)| word).collect(), warnings }
}

fn drop_wrong_offsets(words: &mut [Word], warnings: &mut Vec<Warning>) {
    let mut dropped: Option<(usize, String)> = None;
    for word in words {
        if matches!((word.onset, word.offset), (Some(onset), Some(offset)) if offset < onset) {
            word.offset = None;
            dropped.get_or_insert_with(|| (0, word.text.clone())).0 += 1;
        }
    }
    if let Some((count, first)) = dropped {
        warnings.push(Warning::EndsBeforeStart { count, first });
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn word(text: &str, onset: Option<f64>) -> Word {
        Word { text: text.to_owned(), onset: onset.map(|onset| Seconds::new(onset).unwrap()), offset: None }
    }

    #[test]
    fn untimed_words_stay_behind_the_word_before_them() {
        let words = vec![
            word("a", Some(1.0)),
            word("c", Some(3.0)),
            word("?", None),
            word("b", Some(2.0)),
            word("b2", Some(2.0)),
        ];
        let read = ordered(words, Vec::new());
        let texts: Vec<&str> = read.value.iter().map(|word| word.text.as_str()).collect();
        assert_eq!(texts, ["a", "b", "b2", "c", "?"]);
        assert_eq!(read.warnings.len(), 2);
        assert!(
            read.warnings[1]
                .to_string()
                .starts_with("1 words start before the word that precedes them (first: `b`")
        );
    }

    #[test]
    fn an_offset_before_the_onset_is_left_out() {
        let wrong = Word { offset: Some(Seconds::ZERO), ..word("a", Some(1.0)) };
        let read = ordered(vec![wrong], Vec::new());
        assert_eq!((read.value, read.warnings.len()), (vec![word("a", Some(1.0))], 1));
    }

    proptest! {
        #[test]
        fn the_result_is_a_stimulus_of_the_same_words(
            onsets in proptest::collection::vec(proptest::option::of(-10.0f64..10.0), 0..20)
        ) {
            let words: Vec<Word> = onsets.iter().enumerate().map(|(i, onset)| word(&i.to_string(), *onset)).collect();
            let read = ordered(words.clone(), Vec::new());
            let mut texts: Vec<usize> = read.value.iter().map(|word| word.text.parse().unwrap()).collect();
            prop_assert!(gyrus_core::Stimulus::new("s", read.value).is_ok());
            texts.sort_unstable();
            prop_assert_eq!(texts, (0..words.len()).collect::<Vec<_>>());
        }
    }
}
