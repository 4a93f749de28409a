//! How a study file says with how much history a language model reads, in which order, and what its layers are.

use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// With how much history a word is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(try_from = "HistoryText", into = "HistoryText")]
pub enum HistorySection {
    /// Windows that advance by half of one.
    #[default]
    Half,
    /// As many tokens as a window holds.
    Exact,
    /// Windows that advance so that every token sees at least so many.
    AtLeast(usize),
    /// So many words, its own included.
    Words(usize),
    /// So many sentences, its own included.
    Sentences(usize),
}

#[derive(Serialize, Deserialize)]
#[serde(
    untagged,
    expecting = "expected \"half\", \"exact\" or a table of one key: { at_least = 256 } tokens, { words = 20 } or { sentences = 3 }"
)]
enum HistoryText {
    Word(String),
    Count(HistoryCount),
}

#[derive(Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct HistoryCount {
    #[serde(skip_serializing_if = "Option::is_none")]
    at_least: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    words: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    sentences: Option<usize>,
}

impl TryFrom<HistoryText> for HistorySection {
    type Error = String;

    fn try_from(text: HistoryText) -> Result<Self, String> {
        let found = match text {
            HistoryText::Word(word) if word == "half" => return Ok(Self::Half),
            HistoryText::Word(word) if word == "exact" => return Ok(Self::Exact),
            HistoryText::Word(word) => format!("\"{word}\""),
            HistoryText::Count(HistoryCount { at_least, words, sentences }) => {
                match (at_least, words, sentences) {
                    (Some(count @ 1..), None, None) => return Ok(Self::AtLeast(count)),
                    (None, Some(count @ 1..), None) => return Ok(Self::Words(count)),
                    (None, None, Some(count @ 1..)) => return Ok(Self::Sentences(count)),
                    (None, None, None) => "an empty table".to_owned(),
                    (Some(0), None, None) | (None, Some(0), None) | (None, None, Some(0)) => "0".to_owned(),
                    _ => "two rules".to_owned(),
                }
            }
        };
        Err(format!(
            "found history = {found}, expected \"half\", \"exact\" or a count of at least 1 such as {{ at_least = 256 }}, {{ words = 20 }} or {{ sentences = 3 }}"
        ))
    }
}

impl FromStr for HistorySection {
    type Err = String;

    /// As in a study file, with `words=20` for `{ words = 20 }`.
    fn from_str(text: &str) -> Result<Self, String> {
        let mut count = HistoryCount::default();
        let place = match text.split_once('=').map(|(rule, number)| (rule.trim(), number.trim().parse())) {
            Some(("at_least", Ok(number))) => (&mut count.at_least, number),
            Some(("words", Ok(number))) => (&mut count.words, number),
            Some(("sentences", Ok(number))) => (&mut count.sentences, number),
            _ => return HistoryText::Word(text.to_owned()).try_into(),
        };
        *place.0 = Some(place.1);
        HistoryText::Count(count).try_into()
    }
}

impl From<HistorySection> for HistoryText {
    fn from(history: HistorySection) -> Self {
        let count = HistoryCount::default();
        match history {
            HistorySection::Half => Self::Word("half".to_owned()),
            HistorySection::Exact => Self::Word("exact".to_owned()),
            HistorySection::AtLeast(least) => Self::Count(HistoryCount { at_least: Some(least), ..count }),
            HistorySection::Words(words) => Self::Count(HistoryCount { words: Some(words), ..count }),
            HistorySection::Sentences(sentences) => {
                Self::Count(HistoryCount { sentences: Some(sentences), ..count })
            }
        }
    }
}

/// What is put in random order in the history of every word.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "ScrambleText", into = "ScrambleText")]
pub enum ScrambleSection {
    /// Words.
    Words,
    /// Sentences.
    Sentences,
    /// Paragraphs of so many sentences.
    Paragraphs(usize),
}

#[derive(Serialize, Deserialize)]
#[serde(untagged, expecting = "expected \"words\", \"sentences\" or { paragraphs = 5 }, sentences each")]
enum ScrambleText {
    Word(String),
    Paragraphs(ParagraphsText),
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct ParagraphsText {
    paragraphs: usize,
}

impl TryFrom<ScrambleText> for ScrambleSection {
    type Error = String;

    fn try_from(text: ScrambleText) -> Result<Self, String> {
        let found = match text {
            ScrambleText::Word(word) if word == "words" => return Ok(Self::Words),
            ScrambleText::Word(word) if word == "sentences" => return Ok(Self::Sentences),
            ScrambleText::Word(word) => format!("\"{word}\""),
            ScrambleText::Paragraphs(ParagraphsText { paragraphs: count @ 1.. }) => {
                return Ok(Self::Paragraphs(count));
            }
            ScrambleText::Paragraphs(_) => "paragraphs of 0 sentences".to_owned(),
        };
        Err(format!(
            "found scramble = {found}, expected \"words\", \"sentences\" or {{ paragraphs = 5 }}, sentences each"
        ))
    }
}

impl FromStr for ScrambleSection {
    type Err = String;

    /// As in a study file, with `paragraphs=5` for `{ paragraphs = 5 }`.
    fn from_str(text: &str) -> Result<Self, String> {
        match text.split_once('=').map(|(unit, number)| (unit.trim(), number.trim().parse())) {
            Some(("paragraphs", Ok(paragraphs))) => {
                ScrambleText::Paragraphs(ParagraphsText { paragraphs }).try_into()
            }
            _ => ScrambleText::Word(text.to_owned()).try_into(),
        }
    }
}

impl From<ScrambleSection> for ScrambleText {
    fn from(scramble: ScrambleSection) -> Self {
        match scramble {
            ScrambleSection::Words => Self::Word("words".to_owned()),
            ScrambleSection::Sentences => Self::Word("sentences".to_owned()),
            ScrambleSection::Paragraphs(paragraphs) => Self::Paragraphs(ParagraphsText { paragraphs }),
        }
    }
}

/// Which sites of a language model are its layers, from layer 1 on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SitesChoice {
    /// `hidden_states` of transformers.
    #[default]
    HiddenStates,
    /// What leaves each block, the last one before the final norm.
    Blocks,
    /// What attention adds in each block.
    Attention,
    /// What the network at every token adds in each block.
    Mlp,
}

/// What layer 0 is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Layer0Choice {
    /// What enters the first block.
    #[default]
    Embed,
    /// The token's own vector.
    Static,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, PartialEq, Serialize, Deserialize)]
    struct Keys {
        history: HistorySection,
        scramble: Option<ScrambleSection>,
    }

    #[test]
    fn what_is_written_is_read_again() {
        for history in [
            HistorySection::Half,
            HistorySection::Exact,
            HistorySection::AtLeast(256),
            HistorySection::Words(20),
            HistorySection::Sentences(3),
        ] {
            for scramble in [
                None,
                Some(ScrambleSection::Words),
                Some(ScrambleSection::Sentences),
                Some(ScrambleSection::Paragraphs(5)),
            ] {
                let keys = Keys { history, scramble };
                let text = toml::to_string(&keys).unwrap();
                assert_eq!(toml::from_str::<Keys>(&text).unwrap(), keys, "{text}");
            }
        }
    }

    #[test]
    fn flags_say_the_same() {
        assert_eq!("exact".parse(), Ok(HistorySection::Exact));
        assert_eq!("at_least=256".parse(), Ok(HistorySection::AtLeast(256)));
        assert_eq!("sentences = 3".parse(), Ok(HistorySection::Sentences(3)));
        assert_eq!("paragraphs=5".parse(), Ok(ScrambleSection::Paragraphs(5)));
        assert_eq!("words".parse(), Ok(ScrambleSection::Words));
        for text in ["words", "words=0", "words=x", "letters=3"] {
            assert!(text.parse::<HistorySection>().unwrap_err().contains("expected \"half\""), "{text}");
        }
        assert!("paragraphs=0".parse::<ScrambleSection>().is_err());
    }

    #[test]
    fn what_makes_no_rule_is_told() {
        let says = |line: &str| toml::from_str::<Keys>(line).unwrap_err().message().to_owned();
        for (line, found) in [
            ("history = \"all\"", "found history = \"all\", expected"),
            ("history = {}", "found history = an empty table"),
            ("history = { words = 0 }", "found history = 0"),
            ("history = { words = 2, sentences = 2 }", "found history = two rules"),
            ("history = { word = 2 }", "expected \"half\", \"exact\""),
            ("history = \"half\"\nscramble = \"letters\"", "found scramble = \"letters\""),
            ("history = \"half\"\nscramble = { paragraphs = 0 }", "paragraphs of 0 sentences"),
        ] {
            assert!(says(line).contains(found), "{line}: {}", says(line));
        }
    }
}
