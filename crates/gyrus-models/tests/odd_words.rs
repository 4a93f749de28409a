//! Words that nobody expects, through a tokenizer of every style: each is recovered from its tokens, or named in an error.

#![allow(clippy::unwrap_used)]

use std::path::PathBuf;

use gyrus_core::{Stimulus, Word};
use gyrus_models::{LanguageModel, ModelError};
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};
use tokenizers::Tokenizer;

const WORDS: usize = 10_000;

/// One checkpoint for each style; the first ones lose nothing of a text.
const LOSSLESS: [&str; 5] = ["gpt2", "llama+llama3", "qwen2", "llama", "gemma2"];
const LOSSY: [&str; 3] = ["bert", "albert", "xlm-roberta"];

fn folder(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/models").join(name)
}

fn word(text: &str) -> Word {
    Word { text: text.to_owned(), onset: None, offset: None }
}

/// Pieces of which odd words are made.
const PIECES: [&str; 48] = [
    "a",
    "otter",
    "river",
    "the",
    "B",
    "7",
    "1984",
    "'s",
    "’s",
    "n't",
    "'",
    "-",
    "...",
    ",",
    "\"",
    "(",
    "😀",
    "👩‍👩‍👧",
    "🇫🇮",
    "👍🏽",
    "e\u{301}",
    "n\u{303}",
    "\u{300}",
    "ß",
    "İ",
    "ǅ",
    "مرحبا",
    "שלום",
    "नमस्ते",
    "漢字",
    "かな",
    "한글",
    "ไทย",
    "\t",
    "\u{a0}",
    "\u{200b}",
    "\u{200d}",
    "\u{feff}",
    "\u{7f}",
    "\u{1}",
    "ﬁ",
    "½",
    "Ω",
    "𝔊",
    "₂",
    "~",
    "<s>",
    "\n",
];

/// The same odd words for everybody.
fn odd_words() -> Vec<String> {
    let mut random = ChaCha8Rng::seed_from_u64(4);
    let mut below = |most: usize| (random.next_u64() % most as u64) as usize;
    let mut words: Vec<String> = (0..WORDS - 3)
        .map(|_| {
            let length = 1 + below(5);
            (0..length).map(|_| PIECES[below(PIECES.len())]).collect()
        })
        .collect();
    words.push("supercalifragilistic".repeat(40));
    words.push("ā".repeat(300));
    words.push("😀".repeat(100));
    words
}

fn without_space(text: &str) -> String {
    text.chars().filter(|letter| *letter != ' ').collect()
}

#[test]
fn lossless_tokenizers_give_every_word_back() {
    let mut words = odd_words();
    words.retain(|text| !text.trim().is_empty());
    let n_words = words.len();
    assert!(n_words > WORDS * 9 / 10);
    for name in LOSSLESS {
        let language_model = LanguageModel::open(&folder(name)).unwrap();
        let tokenizer = Tokenizer::from_file(folder(name).join("tokenizer.json")).unwrap();
        let stimulus = Stimulus::new("odd", words.iter().map(|text| word(text)).collect()).unwrap();
        let tokens = language_model.tokenize(&stimulus).unwrap();
        assert_eq!(tokens.words.len(), n_words);
        assert!(tokens.words.windows(2).all(|pair| pair[0].end == pair[1].start));
        assert_eq!(tokens.words[n_words - 1].end, tokens.ids.len());
        for (text, range) in words.iter().zip(&tokens.words) {
            let pieces = tokens.ids[range.clone()].iter().map(|id| tokenizer.id_to_token(*id).unwrap());
            let found = read_back(&pieces.collect::<Vec<_>>());
            assert_eq!(without_space(&found), without_space(text), "{name}: {text:?}");
        }
    }
}

/// Text of tokens, by the tables of byte-level tokenizers (Radford et al. 2019) and of single bytes `<0x..>`.
fn read_back(pieces: &[String]) -> String {
    let is_fallback = |piece: &str| piece.len() == 6 && piece.starts_with("<0x");
    let is_marked = pieces.iter().any(|piece| piece.contains('▁') || is_fallback(piece));
    let mut bytes = Vec::new();
    for piece in pieces {
        if is_fallback(piece) {
            bytes.push(u8::from_str_radix(&piece[3..5], 16).unwrap());
        } else if is_marked {
            bytes.extend(piece.replace('▁', " ").bytes());
        } else {
            piece.chars().for_each(|letter| bytes.extend(byte_of(letter)));
        }
    }
    String::from_utf8(bytes).unwrap()
}

/// Bytes that print stand for themselves, all others in order for the letters from U+0100 on.
fn byte_of(letter: char) -> Vec<u8> {
    let prints =
        |byte: &u32| (33..=126).contains(byte) || (161..=172).contains(byte) || (174..=255).contains(byte);
    let code = u32::from(letter);
    if prints(&code) {
        return vec![u8::try_from(code).unwrap()];
    }
    let hidden = (0..256_u32).filter(|byte| !prints(byte)).nth((code - 256) as usize);
    vec![u8::try_from(hidden.unwrap()).unwrap()]
}

#[test]
fn words_of_which_nothing_is_left_are_named_and_no_others() {
    for name in LOSSY {
        let language_model = LanguageModel::open(&folder(name)).unwrap();
        let tokenizer = Tokenizer::from_file(folder(name).join("tokenizer.json")).unwrap();
        let mut refused = 0;
        for text in odd_words().iter() {
            let pair = Stimulus::new("odd", vec![word("otter"), word(text)]).unwrap();
            // Tokenizers that make a mark of nothing, and those that were trained without accents.
            let encoded = tokenizer.encode(text.as_str(), false).unwrap();
            let is_mark = |letter: char| name != "xlm-roberta" && ('\u{300}'..='\u{36f}').contains(&letter);
            let is_empty = text.chars().all(|letter| letter.is_whitespace() || is_mark(letter))
                || encoded.get_tokens().iter().all(|token| token == "▁");
            match language_model.tokenize(&pair) {
                Ok(tokens) => assert!(!is_empty && !tokens.words[1].is_empty(), "{name}: {text:?}"),
                Err(ModelError::Word { index: 1, text: named, .. }) => {
                    assert!(is_empty && named == *text, "{name}: {text:?}");
                    refused += 1;
                }
                Err(error) => panic!("{name}: {text:?}: {error}"),
            }
        }
        assert!(refused < WORDS / 5, "{name}: {refused}");
    }
}

#[test]
fn clitics_read_as_in_running_text() {
    for name in LOSSLESS.iter().chain(&LOSSY) {
        let language_model = LanguageModel::open(&folder(name)).unwrap();
        let ids = |words: &[&str]| {
            let words = words.iter().map(|text| word(text)).collect();
            language_model.tokenize(&Stimulus::new("clitic", words).unwrap()).unwrap().ids
        };
        assert_eq!(ids(&["the", "otter", "'s", "river"]), ids(&["the", "otter's", "river"]), "{name}");
    }
}

#[test]
fn an_empty_word_is_named() {
    for name in LOSSLESS.iter().chain(&LOSSY) {
        let language_model = LanguageModel::open(&folder(name)).unwrap();
        for text in ["", " ", "\t", "\u{a0}\n"] {
            let words = Stimulus::new("empty", vec![word("otter"), word(text), word("river")]).unwrap();
            let error = language_model.tokenize(&words).unwrap_err().to_string();
            assert!(error.contains("word 1") && error.contains("has no tokens"), "{name}: {error}");
        }
    }
}
