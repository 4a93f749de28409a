//! Which tokens are read together, and from which reading each token's vector is kept.

use std::ops::Range;

use gyrus_core::Word;
use serde::{Deserialize, Serialize};

use crate::checkpoint::{shuffle, stream};
use crate::tokenizer::Tokens;
use crate::{Extraction, LanguageModel, ModelError};

/// With how much history a word is read.
///
/// All of them end at the limits of a window, and none of them lets a causal language model see a later word.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum History {
    /// Windows advance by half of one: at least half a window, or all there is.
    #[default]
    Half,
    /// Windows advance so that a token sees at least this many tokens of the text, itself included, or all there is.
    AtLeast(usize),
    /// Exactly as many tokens as a window holds, or all there is: one reading per word behind the first window.
    Exact,
    /// This many words, the word itself included, or all there are.
    Words(usize),
    /// This many sentences up to the word, its own included; of longer ones the last tokens that fit.
    Sentences(usize),
}

/// What is put in another order in the history of each word; the word itself stays behind it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Scramble {
    /// Words.
    Words {
        /// Of the random orders.
        seed: u64,
    },
    /// Sentences that have ended; words of the unfinished one stay.
    Sentences {
        /// Of the random orders.
        seed: u64,
    },
    /// Paragraphs that have ended; sentences of the unfinished one stay. Files of words do not mark paragraphs: one is
    /// this many sentences, counted from the start of the text.
    Paragraphs {
        /// Sentences of a paragraph.
        sentences: usize,
        /// Of the random orders.
        seed: u64,
    },
}

/// One reading: indices into the tokens of a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Span {
    /// Tokens that are read.
    pub seen: Range<usize>,
    /// Tokens whose vectors are kept.
    pub kept: Range<usize>,
}

/// The readings of a text.
pub(crate) fn spans(
    language_model: &LanguageModel,
    extraction: &Extraction,
    tokens: &Tokens,
    words: &[Word],
) -> Result<Vec<Span>, ModelError> {
    let special = language_model.words.prefix.len() + language_model.words.suffix.len();
    let longest = tokens.words.iter().map(Range::len).max().unwrap_or(1);
    let (least, most) = (special + (2 * longest).max(2), language_model.context_limit());
    let wrong = |found| ModelError::Context { found, least, most };
    if !(least..=most).contains(&extraction.context) {
        return Err(wrong(extraction.context));
    }
    let room = extraction.context - special;
    let is_causal = language_model.is_causal();
    let shares = is_causal && extraction.scramble.is_none();
    match extraction.history {
        History::Half if extraction.scramble.is_none() => {
            Ok(strided(tokens.ids.len(), room, (room / 2, is_causal)))
        }
        History::AtLeast(seen) if extraction.scramble.is_none() => match seen {
            1.. if seen <= room => Ok(strided(tokens.ids.len(), room, (room - seen + 1, is_causal))),
            _ => Err(wrong(seen + special)),
        },
        History::Half | History::AtLeast(_) | History::Exact => {
            Ok(by_word(tokens, shares, |word| tokens.words[word].end.saturating_sub(room)))
        }
        History::Words(count) => {
            let first = |word: usize| tokens.words[(word + 1).saturating_sub(count.max(1))].start;
            let longest = (0..tokens.words.len()).map(|word| tokens.words[word].end - first(word)).max();
            match longest.unwrap_or(0) {
                longest if longest <= room => Ok(by_word(tokens, shares, first)),
                longest => Err(wrong(longest + special)),
            }
        }
        History::Sentences(count) => {
            let starts = sentences(words)?;
            let first = |word: usize| {
                let own = starts.partition_point(|start| *start <= word);
                tokens.words[starts[own.saturating_sub(count.max(1))]].start
            };
            Ok(by_word(tokens, shares, |word| first(word).max(tokens.words[word].end.saturating_sub(room))))
        }
    }
}

/// The tokens of a reading in the order in which they are read.
pub(crate) fn order(
    span: &Span,
    tokens: &Tokens,
    (words, scramble): (&[Word], Option<Scramble>),
) -> Result<Vec<usize>, ModelError> {
    let Some(scramble) = scramble else { return Ok(span.seen.clone().collect()) };
    let of = |token: usize| tokens.words.partition_point(|word| word.end <= token);
    let (first, word) = (of(span.seen.start), of(span.kept.start));
    let (seed, units) = match scramble {
        Scramble::Words { seed } => (seed, (first..word).map(|word| word..word + 1).collect()),
        Scramble::Sentences { seed } => (seed, ended(&sentences(words)?, first..word)),
        Scramble::Paragraphs { sentences: count, seed } => {
            let starts: Vec<usize> = sentences(words)?.into_iter().step_by(count.max(1)).collect();
            (seed, ended(&starts, first..word))
        }
    };
    let behind = units.last().map_or(first, |unit: &Range<usize>| unit.end);
    let mut shuffled: Vec<Range<usize>> = units;
    shuffle(&mut shuffled, &mut stream(seed, "scrambled history", &word.to_string()));
    shuffled.push(behind..word);
    let read = shuffled.into_iter().flatten().flat_map(|word| tokens.words[word].clone());
    // The first word of a window may have lost tokens to its limit.
    Ok(read.filter(|token| span.seen.contains(token)).chain(span.kept.clone()).collect())
}

/// The parts of a range of words that belong to sentences or paragraphs that end within it, by the words where they start.
fn ended(starts: &[usize], words: Range<usize>) -> Vec<Range<usize>> {
    let inside = starts.iter().copied().filter(|start| words.start < *start && *start <= words.end);
    let edges: Vec<usize> = std::iter::once(words.start).chain(inside).collect();
    edges.windows(2).map(|edge| edge[0]..edge[1]).collect()
}

/// The first word of every sentence: what follows a word that ends with a full stop, a question or an exclamation mark.
fn sentences(words: &[Word]) -> Result<Vec<usize>, ModelError> {
    let ends = |word: &Word| {
        let text = word.text.trim_end_matches(['"', '\'', '”', '’', ')', ']', '»']);
        text.ends_with(['.', '?', '!', '…', '。', '？', '！'])
    };
    let starts: Vec<usize> =
        words.iter().enumerate().filter(|(_, word)| ends(word)).map(|(index, _)| index + 1).collect();
    if starts.is_empty() && !words.is_empty() {
        return Err(ModelError::Sentences { words: words.len() });
    }
    Ok(std::iter::once(0).chain(starts.into_iter().filter(|start| *start < words.len())).collect())
}

/// One reading per word from `first` on, or per run of words that start at the same token where they may share one.
fn by_word(tokens: &Tokens, shares: bool, first: impl Fn(usize) -> usize) -> Vec<Span> {
    let mut spans: Vec<Span> = Vec::new();
    for (index, word) in tokens.words.iter().enumerate() {
        let start = first(index);
        match spans.last_mut() {
            Some(span) if shares && span.seen.start == start => {
                span.seen.end = word.end;
                span.kept.end = word.end;
            }
            _ => spans.push(Span { seen: start..word.end, kept: word.clone() }),
        }
    }
    spans
}

/// Windows of `room` tokens that advance by some.
fn strided(tokens: usize, room: usize, (advance, is_causal): (usize, bool)) -> Vec<Span> {
    // Tokens at the start of a later window that keep their vectors from the window before.
    let stale = if is_causal { room - advance } else { (room - advance) / 2 };
    let mut spans = Vec::new();
    let mut start = 0;
    while start < tokens {
        let end = (start + room).min(tokens);
        let fresh = if start == 0 { 0 } else { start + stale };
        // What the next window keeps is not kept here.
        let last = if end == tokens { end } else { start + advance + stale };
        spans.push(Span { seen: start..end, kept: fresh..last });
        if end == tokens {
            break;
        }
        start += advance;
    }
    spans
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_token_is_kept_once_and_sees_enough() {
        for room in [2, 3, 7, 8, 64] {
            for tokens in [1, 2, 5, 8, 9, 63, 64, 65, 300] {
                for (advance, is_causal) in [(room / 2, true), (room / 2, false), (1, true), (room, true)] {
                    let spans = strided(tokens, room, (advance, is_causal));
                    let kept: Vec<usize> = spans.iter().flat_map(|span| span.kept.clone()).collect();
                    assert_eq!(kept, (0..tokens).collect::<Vec<_>>(), "{room} {tokens}");
                    for span in &spans {
                        assert!(span.seen.len() <= room && span.seen.end <= tokens);
                        for token in span.kept.clone() {
                            assert!(span.seen.contains(&token));
                            let before = token + 1 - span.seen.start;
                            assert!(!is_causal || before > token.min(room - advance), "{span:?} {token}");
                        }
                    }
                }
            }
        }
    }

    fn text() -> (Vec<Word>, Tokens) {
        let words = ["One", "two.", "Three", "four", "five?", "Six", "seven"];
        let word = |text: &&str| Word { text: (*text).to_owned(), onset: None, offset: None };
        // Every word has two tokens.
        let tokens =
            Tokens { ids: (0..14).collect(), words: (0..7).map(|word| 2 * word..2 * word + 2).collect() };
        (words.iter().map(word).collect(), tokens)
    }

    #[test]
    fn sentences_start_behind_marks_that_end_them() {
        let (words, _) = text();
        assert_eq!(sentences(&words).unwrap(), [0, 2, 5]);
        assert_eq!(ended(&[0, 2, 5], 1..6), [1..2, 2..5]);
        assert!(
            sentences(&words[5..]).unwrap_err().to_string().contains("found no word that ends a sentence")
        );
    }

    #[test]
    fn words_with_the_same_first_token_share_a_reading() {
        let (_, tokens) = text();
        let spans = by_word(&tokens, true, |word| tokens.words[word].end.saturating_sub(6));
        assert_eq!(spans[0], Span { seen: 0..6, kept: 0..6 });
        assert_eq!(spans[1], Span { seen: 2..8, kept: 6..8 });
        assert_eq!(spans.len(), 5);
        assert_eq!(by_word(&tokens, false, |_| 0).len(), 7);
    }

    #[test]
    fn scrambling_moves_whole_units_before_the_word() {
        let (words, tokens) = text();
        let span = Span { seen: 0..14, kept: 12..14 };
        let by = |scramble| order(&span, &tokens, (&words, Some(scramble))).unwrap();
        let by_words = by(Scramble::Words { seed: 1 });
        assert_ne!(by_words, (0..14).collect::<Vec<_>>());
        assert!(by_words.chunks(2).all(|pair| pair[1] == pair[0] + 1 && pair[0] % 2 == 0));
        assert_eq!(by_words[12..], [12, 13]);
        let mut sorted = by_words.clone();
        sorted.sort_unstable();
        assert_eq!(sorted, (0..14).collect::<Vec<_>>());
        assert_ne!(by_words, by(Scramble::Words { seed: 2 }));
        let by_sentences: Vec<Vec<usize>> = (1..9).map(|seed| by(Scramble::Sentences { seed })).collect();
        // Two sentences have ended: either order, and the unfinished one stays.
        let turned = [4, 5, 6, 7, 8, 9, 0, 1, 2, 3, 10, 11, 12, 13];
        assert!(by_sentences.iter().all(|order| *order == turned || *order == (0..14).collect::<Vec<_>>()));
        assert!(by_sentences.iter().any(|order| *order == turned));
    }

    #[test]
    fn paragraphs_are_so_many_sentences_from_the_start_of_the_text() {
        let text = "a. b c. d. e f. g. h. i";
        let words: Vec<Word> =
            text.split(' ').map(|text| Word { text: text.to_owned(), onset: None, offset: None }).collect();
        let tokens = Tokens { ids: (0..9).collect(), words: (0..9).map(|word| word..word + 1).collect() };
        let span = Span { seen: 0..9, kept: 8..9 };
        let by = |seed| {
            let scramble = Some(Scramble::Paragraphs { sentences: 2, seed });
            order(&span, &tokens, (&words, scramble)).unwrap()
        };
        let orders: Vec<Vec<usize>> = (1..20).map(by).collect();
        // Paragraphs 0-2, 3-5 and 6-7 keep their inner order.
        for order in &orders {
            let place = |token: usize| order.iter().position(|found| *found == token).unwrap();
            for inside in [0..3, 3..6, 6..8] {
                assert!(
                    inside.clone().all(|token| place(token) == place(inside.start) + token - inside.start)
                );
            }
            assert_eq!(order[8], 8);
        }
        assert!(orders.iter().any(|order| order[..3] == [6, 7, 0] || order[..3] == [3, 4, 5]));
    }
}
