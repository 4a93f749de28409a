//! Words to tokens, one word at a time, so that no token depends on a later word.

mod file;

use std::ops::Range;
use std::path::Path;

use gyrus_core::Word;
use tokenizers::tokenizer::normalizer;
use tokenizers::{NormalizedString, Normalizer, Tokenizer};

use crate::ModelError;
use file::{guarded, parse};

/// A tokenizer and how its language model was trained to see the ends of a text.
pub(crate) struct Words {
    tokenizer: Tokenizer,
    /// What stands before every word but the first: a space, unless the tokenizer adds its own mark.
    separator: &'static str,
    /// Special tokens before a text.
    pub prefix: Vec<u32>,
    /// Special tokens after it.
    pub suffix: Vec<u32>,
}

/// The tokens of a text, and which of them each word has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tokens {
    /// Token numbers, special tokens not included.
    pub ids: Vec<u32>,
    /// Indices into them, one range per word.
    pub words: Vec<Range<usize>>,
}

/// A word whose tokens show how a tokenizer marks the starts of words.
const PROBE: &str = "so";

impl Words {
    pub(crate) fn open(path: &Path) -> Result<Self, ModelError> {
        let bytes = crate::checkpoint::read(path)?;
        let damaged = |reason: String| ModelError::Damaged { path: path.to_owned(), reason };
        let mut tokenizer = parse(&bytes).map_err(damaged)?;
        tokenizer.with_padding(None);
        tokenizer.with_truncation(None).map_err(|error| damaged(error.to_string()))?;
        let encode = |text: &str, special: bool| -> Result<Vec<u32>, ModelError> {
            let encoding = guarded(|| tokenizer.encode(text, special).map_err(|error| error.to_string()));
            Ok(encoding.map_err(damaged)?.get_ids().to_vec())
        };
        let (alone, twice) = (encode(PROBE, false)?, encode("so so", false)?);
        let spaced = encode(" so", false)?;
        let separator = if twice == [alone.clone(), alone.clone()].concat() { "" } else { " " };
        if twice != [alone.clone(), if separator.is_empty() { alone.clone() } else { spaced }].concat() {
            let reason = "tokens of a word depend on its neighbours, expected a tokenizer that marks the start of words";
            return Err(damaged(reason.to_owned()));
        }
        let special = encode(PROBE, true)?;
        let start = special.windows(alone.len().max(1)).position(|window| window == alone);
        let start = start.ok_or_else(|| damaged("special tokens change the tokens of a text".to_owned()))?;
        let (prefix, suffix) = (special[..start].to_vec(), special[start + alone.len()..].to_vec());
        Ok(Self { tokenizer, separator, prefix, suffix })
    }

    /// Tokens of words that are read one after the other. A word that starts with an apostrophe follows without a space.
    pub(crate) fn encode(&self, words: &[Word]) -> Result<Tokens, ModelError> {
        let mut tokens = Tokens { ids: Vec::new(), words: Vec::with_capacity(words.len()) };
        for (index, word) in words.iter().enumerate() {
            let wrong = |reason: String| ModelError::Word { index, text: word.text.clone(), reason };
            let is_attached = index > 0 && word.text.starts_with(['\'', '’']);
            let separator = if index == 0 || is_attached { "" } else { self.separator };
            let attached = if is_attached { self.attached(&word.text).map_err(wrong)? } else { None };
            let ids = match attached {
                Some(ids) => ids,
                None => self.piece(&format!("{separator}{}", word.text), 0).map_err(wrong)?,
            };
            let start = tokens.ids.len();
            tokens.ids.extend(ids);
            tokens.words.push(start..tokens.ids.len());
        }
        Ok(tokens)
    }

    /// Tokens of a word as it reads behind another, where they do not depend on that other.
    fn attached(&self, text: &str) -> Result<Option<Vec<u32>>, String> {
        if !self.separator.is_empty() {
            return Ok(None);
        }
        let probe = self.piece(PROBE, 0)?;
        let ids = self.piece(&format!("{PROBE}{text}"), PROBE.len());
        Ok(ids
            .ok()
            .and_then(|ids| ids.strip_prefix(&probe[..]).map(<[u32]>::to_vec))
            .filter(|ids| !ids.is_empty()))
    }

    /// Tokens of a piece of text, checked to cover what stands from a byte on.
    fn piece(&self, piece: &str, from: usize) -> Result<Vec<u32>, String> {
        let encoding = guarded(|| self.tokenizer.encode(piece, false).map_err(|error| error.to_string()))?;
        let letters = self.letters(piece)?;
        let mut letters = letters.iter().filter(|(_, place)| place.end > from).peekable();
        if letters.peek().is_none() || encoding.is_empty() {
            return Err("it has no tokens; leave the word out of the words file or give it text".to_owned());
        }
        let is_covered = |place: &Range<usize>| {
            encoding.get_offsets().iter().any(|(start, end)| *start < place.end && place.start < *end)
        };
        match letters.find(|(_, place)| !is_covered(place)) {
            Some((letter, place)) => Err(format!("`{letter}` at byte {} is in no token", place.start)),
            None => Ok(encoding.get_ids().to_vec()),
        }
    }

    /// What the language model's own clean-up leaves of a piece, white space and marks for it apart, and the bytes from
    /// which each letter comes.
    fn letters(&self, piece: &str) -> Result<Vec<(char, Range<usize>)>, String> {
        let mut text = NormalizedString::from(piece);
        if let Some(normalizer) = self.tokenizer.get_normalizer() {
            guarded(|| normalizer.normalize(&mut text).map_err(|error| error.to_string()))?;
        }
        let kept = |(start, letter): (usize, char)| {
            let place = start..start + letter.len_utf8();
            let place = text.convert_offsets(normalizer::Range::Normalized(place))?;
            (!letter.is_whitespace() && letter != '▁').then_some((letter, place))
        };
        Ok(text.get().char_indices().filter_map(kept).collect())
    }
}
