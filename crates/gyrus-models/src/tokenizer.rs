//! Words to tokens, one word at a time, so that no token depends on a later word.

use std::path::Path;

use gyrus_core::Word;
use tokenizers::Tokenizer;

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
pub(crate) struct Tokens {
    pub ids: Vec<u32>,
    pub words: Vec<std::ops::Range<usize>>,
}

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
        let (alone, twice, spaced) = (encode("so", false)?, encode("so so", false)?, encode(" so", false)?);
        let separator = if twice == [alone.clone(), alone.clone()].concat() { "" } else { " " };
        if twice != [alone.clone(), if separator.is_empty() { alone.clone() } else { spaced }].concat() {
            let reason = "tokens of a word depend on its neighbours, expected a tokenizer that marks the start of words";
            return Err(damaged(reason.to_owned()));
        }
        let special = encode("so", true)?;
        let start = special.windows(alone.len().max(1)).position(|window| window == alone);
        let start = start.ok_or_else(|| damaged("special tokens change the tokens of a text".to_owned()))?;
        let (prefix, suffix) = (special[..start].to_vec(), special[start + alone.len()..].to_vec());
        Ok(Self { tokenizer, separator, prefix, suffix })
    }

    /// Tokens of words that are read one after the other. A word that starts with an apostrophe follows without a space.
    pub(crate) fn encode(&self, words: &[Word]) -> Result<Tokens, ModelError> {
        let mut tokens = Tokens { ids: Vec::new(), words: Vec::with_capacity(words.len()) };
        for (index, word) in words.iter().enumerate() {
            let is_attached = index == 0 || word.text.starts_with(['\'', '’']);
            let piece =
                if is_attached { word.text.clone() } else { format!("{}{}", self.separator, word.text) };
            let wrong = |reason: String| ModelError::Word { index, text: word.text.clone(), reason };
            let encoding = self.tokenizer.encode_char_offsets(piece.as_str(), false);
            let encoding = encoding.map_err(|error| wrong(error.to_string()))?;
            check_recovered(&piece, encoding.get_offsets()).map_err(wrong)?;
            let start = tokens.ids.len();
            tokens.ids.extend(encoding.get_ids());
            tokens.words.push(start..tokens.ids.len());
        }
        Ok(tokens)
    }
}

/// Every character that is not white space or a mark that the tokenizer drops must lie in some token.
fn check_recovered(piece: &str, offsets: &[(usize, usize)]) -> Result<(), String> {
    if offsets.is_empty() {
        return Err("it has no tokens; leave the word out of the words file or give it text".to_owned());
    }
    let covered = |index: usize| offsets.iter().any(|(start, end)| (*start..*end).contains(&index));
    let is_bare = |letter: &char| letter.is_alphanumeric();
    match piece.chars().enumerate().find(|(index, letter)| is_bare(letter) && !covered(*index)) {
        Some((index, letter)) => Err(format!("character {index} (`{letter}`) is in no token")),
        None => Ok(()),
    }
}
