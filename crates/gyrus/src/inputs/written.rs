//! Words as they are written: a text with the same letters gives the words of a file its marks and capitals.

use std::ops::Range;
use std::path::Path;

use gyrus_core::Word;

use crate::Error;
use crate::study::{Resolved, StimulusSection};

/// The words of a stimulus as its text has them.
///
/// # Errors
/// - the reader's error if the text cannot be read or is no text,
/// - [`Error::Setting`] where its letters and digits are not those of the words.
pub(super) fn words(
    resolved: &Resolved,
    (section, text): (&StimulusSection, &Path),
    words: Vec<Word>,
    warnings: &mut Vec<String>,
) -> Result<Vec<Word>, Error> {
    let path = resolved.absolute(text);
    let written = gyrus_io::text::read(&path)?;
    let found = spans(&words, &written).map_err(|place| {
        let Place { index, at } = place;
        let here: String = written[at..].chars().take(20).collect();
        let found = format!("`{}` at byte {at} of {}", here.replace('\n', " "), text.display());
        let expected = format!(
            "the letters and digits of word {} of {}, `{}`; correct the text",
            index + 1,
            section.words.display(),
            words[index].text
        );
        resolved.setting("stimulus.text", found, expected)
    })?;
    let end = found.last().map_or(0, |span| span.end);
    if written[end..].contains(char::is_alphanumeric) {
        warnings
            .push(format!("{}: the text goes on after the last word; the rest is not read", text.display()));
    }
    let spelled = |(word, span): (Word, Range<usize>)| match span.is_empty() {
        true => word,
        false => Word { text: written[span].to_owned(), ..word },
    };
    Ok(words.into_iter().zip(found).map(spelled).collect())
}

/// Where a word is not found.
#[derive(Debug, PartialEq, Eq)]
struct Place {
    /// The word.
    index: usize,
    /// The byte of the text.
    at: usize,
}

/// The part of the text that belongs to each word; empty for a word without letters and digits.
fn spans(words: &[Word], text: &str) -> Result<Vec<Range<usize>>, Place> {
    let mut letters = text
        .char_indices()
        .filter(|(_, letter)| letter.is_alphanumeric())
        .flat_map(|(at, letter)| letter.to_lowercase().map(move |lower| (at..at + letter.len_utf8(), lower)));
    let mut spans: Vec<Range<usize>> = Vec::with_capacity(words.len());
    for (index, word) in words.iter().enumerate() {
        let mut span: Option<Range<usize>> = None;
        for wanted in word.text.chars().filter(|letter| letter.is_alphanumeric()).flat_map(char::to_lowercase)
        {
            let (place, found) = letters.next().unwrap_or((text.len()..text.len(), ' '));
            if found != wanted {
                return Err(Place { index, at: place.start });
            }
            let start = span.map_or(place.start, |span| span.start);
            span = Some(start..place.end);
        }
        let before = spans.last().map_or(0, |span| span.end);
        spans.push(span.unwrap_or(before..before));
    }
    divide(&mut spans, text);
    Ok(spans)
}

/// Gives the marks between words to those that they touch.
fn divide(spans: &mut [Range<usize>], text: &str) {
    let lettered: Vec<usize> = (0..spans.len()).filter(|index| !spans[*index].is_empty()).collect();
    for pair in lettered.windows(2) {
        let [left, right] = [spans[pair[0]].end, spans[pair[1]].start];
        let (end, start) = parts(&text[left..right]);
        spans[pair[0]].end = left + end;
        spans[pair[1]].start = left + start;
    }
    if let (Some(first), Some(last)) = (lettered.first(), lettered.last()) {
        let before = &text[..spans[*first].start];
        spans[*first].start = before.rfind(char::is_whitespace).map_or(0, |_| parts(before).1);
        spans[*last].end += parts(&text[spans[*last].end..]).0;
    }
}

/// Where the marks of the word before end, and where those of the word behind start. Between words that touch, an apostrophe
/// belongs to the later one ("they|'ll").
fn parts(gap: &str) -> (usize, usize) {
    let is_space = |(_, letter): &(usize, char)| letter.is_whitespace();
    let last = gap.char_indices().rfind(is_space);
    match (gap.find(char::is_whitespace), last) {
        (Some(first), Some((last, space))) => (first, last + space.len_utf8()),
        _ if ["'", "’"].contains(&gap) => (0, 0),
        _ => (gap.len(), gap.len()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn spelled(words: &[&str], text: &str) -> Result<Vec<String>, Place> {
        let word = |text: &&str| Word { text: (*text).to_owned(), onset: None, offset: None };
        let words: Vec<Word> = words.iter().map(word).collect();
        Ok(spans(&words, text)?.into_iter().map(|span| text[span].to_owned()).collect())
    }

    #[test]
    fn words_take_the_marks_that_touch_them() {
        let found = spelled(
            &["well", "said", "alice", "they", "'ll", "go", "daisy", "chain"],
            "\"Well!\" (said\nAlice) — they'll go, daisy-chain.\n",
        );
        assert_eq!(
            found.unwrap(),
            ["\"Well!\"", "(said", "Alice)", "they", "'ll", "go,", "daisy-", "chain."]
        );
        assert_eq!(spelled(&["ÉTÉ", "—", "a"], "«été» a").unwrap(), ["«été»", "", "a"]);
        assert_eq!(spelled(&["would", "n't"], "wouldn't.").unwrap(), ["would", "n't."]);
    }

    #[test]
    fn the_first_word_that_differs_is_named() {
        assert_eq!(spelled(&["down", "the", "hole"], "Down, a hole"), Err(Place { index: 1, at: 6 }));
        assert_eq!(spelled(&["down", "the"], "Down th"), Err(Place { index: 1, at: 7 }));
    }
}
