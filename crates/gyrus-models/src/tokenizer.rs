//! Words to tokens, one word at a time, so that no token depends on a later word.

use std::ops::Range;
use std::path::Path;

use gyrus_core::Word;
use tokenizers::{NormalizedString, Normalizer, Tokenizer};

use crate::ModelError;

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
        let mut tokenizer = Tokenizer::from_bytes(&bytes).map_err(|error| damaged(error.to_string()))?;
        tokenizer.with_padding(None);
        tokenizer.with_truncation(None).map_err(|error| damaged(error.to_string()))?;
        let encode = |text: &str, special: bool| -> Result<Vec<u32>, ModelError> {
            let encoding = tokenizer.encode(text, special).map_err(|error| damaged(error.to_string()))?;
            Ok(encoding.get_ids().to_vec())
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
        let ids = self.piece(&format!("{PROBE}{text}"), PROBE.chars().count());
        Ok(ids
            .ok()
            .and_then(|ids| ids.strip_prefix(&probe[..]).map(<[u32]>::to_vec))
            .filter(|ids| !ids.is_empty()))
    }

    /// Tokens of a piece of text, checked to cover what stands from a character on.
    fn piece(&self, piece: &str, from: usize) -> Result<Vec<u32>, String> {
        let encoding = self.tokenizer.encode_char_offsets(piece, false).map_err(|error| error.to_string())?;
        let offsets = encoding.get_offsets();
        if !piece.chars().skip(from).any(|letter| self.keeps(letter)) {
            return Err("it has no tokens; leave the word out of the words file or give it text".to_owned());
        }
        let is_lost = |(index, letter): &(usize, char)| {
            let is_covered = || offsets.iter().any(|(start, end)| (*start..*end).contains(index));
            *index >= from && !is_covered() && self.keeps(*letter)
        };
        match piece.chars().enumerate().find(is_lost) {
            Some((index, letter)) => Err(format!("character {index} (`{letter}`) is in no token")),
            None => Ok(encoding.get_ids().to_vec()),
        }
    }

    /// Whether the language model was trained on texts from which this character was not taken away.
    fn keeps(&self, letter: char) -> bool {
        let mut text = NormalizedString::from(letter.to_string());
        if let Some(normalizer) = self.tokenizer.get_normalizer()
            && normalizer.normalize(&mut text).is_err()
        {
            return true;
        }
        text.get().chars().any(|letter| !letter.is_whitespace() && letter != '▁')
    }
}
