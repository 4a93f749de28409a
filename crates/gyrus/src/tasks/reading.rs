//! How a language model of the study reads: its section as the settings of an extraction, and in words.

use gyrus_models::{Extraction, FirstLayer, History, Layers, ModelError, Pooling, Scramble, Stack};

use crate::Error;
use crate::inputs::{OpenLanguageModel, Source};
use crate::study::{
    HistorySection, LanguageModelSection, Layer0Choice, PoolingChoice, Resolved, ScrambleSection, SitesChoice,
};

/// The settings of a section, with windows of `context` tokens.
pub(crate) fn extraction(section: &LanguageModelSection, context: usize) -> Extraction {
    Extraction {
        context,
        pooling: match section.pooling {
            PoolingChoice::Last => Pooling::Last,
            PoolingChoice::Mean => Pooling::Mean,
            PoolingChoice::Sum => Pooling::Sum,
        },
        layers: None,
        sites: Layers {
            first: match section.layer_0 {
                Layer0Choice::Embed => FirstLayer::Embed,
                Layer0Choice::Static => FirstLayer::Static,
            },
            stack: match section.sites {
                SitesChoice::HiddenStates => Stack::HiddenStates,
                SitesChoice::Blocks => Stack::Blocks,
                SitesChoice::Attention => Stack::Attention,
                SitesChoice::Mlp => Stack::Mlp,
            },
        },
        history: match section.history {
            HistorySection::Half => History::Half,
            HistorySection::Exact => History::Exact,
            HistorySection::AtLeast(tokens) => History::AtLeast(tokens),
            HistorySection::Words(words) => History::Words(words),
            HistorySection::Sentences(sentences) => History::Sentences(sentences),
        },
        scramble: section.scramble.map(|unit| scramble(unit, section.scramble_seed)),
    }
}

fn scramble(unit: ScrambleSection, seed: u64) -> Scramble {
    match unit {
        ScrambleSection::Words => Scramble::Words { seed },
        ScrambleSection::Sentences => Scramble::Sentences { seed },
        ScrambleSection::Paragraphs(sentences) => Scramble::Paragraphs { sentences, seed },
    }
}

/// Whether a word's vector may depend on words behind it: an encoder reads a window to its end.
pub(crate) fn sees_later_words(section: &LanguageModelSection, is_causal: bool) -> bool {
    let is_strided = matches!(section.history, HistorySection::Half | HistorySection::AtLeast(_));
    !is_causal && is_strided && section.scramble.is_none()
}

/// What a methods paragraph says beyond the context; empty for what is usual.
pub(super) fn described(section: &LanguageModelSection) -> String {
    let counted = |count: usize, one: &str| format!("{count} {one}{}", if count == 1 { "" } else { "s" });
    let history = match section.history {
        HistorySection::Half => None,
        HistorySection::Exact => {
            Some("the history of each word was as many tokens as the context holds".to_owned())
        }
        HistorySection::AtLeast(tokens) => {
            Some(format!("each token was read with at least {} of history", counted(tokens, "token")))
        }
        HistorySection::Words(words) => {
            Some(format!("each word was read as the last of {}", counted(words, "word")))
        }
        HistorySection::Sentences(sentences) => {
            Some(format!("each word was read as the last of {}", counted(sentences, "sentence")))
        }
    };
    let scramble = section.scramble.map(|unit| match unit {
        ScrambleSection::Words => "the words of its history were in random order".to_owned(),
        ScrambleSection::Sentences => "the sentences of its history were in random order".to_owned(),
        ScrambleSection::Paragraphs(sentences) => {
            format!(
                "the paragraphs of its history, of {} each, were in random order",
                counted(sentences, "sentence")
            )
        }
    });
    let sites = match section.sites {
        SitesChoice::HiddenStates => None,
        SitesChoice::Blocks => Some("layers are what leaves the blocks, the last one before the final norm"),
        SitesChoice::Attention => Some("layers are what attention adds in each block"),
        SitesChoice::Mlp => Some("layers are what the feed-forward network adds in each block"),
    };
    let layer_0 = (section.layer_0 == Layer0Choice::Static)
        .then_some("layer 0 is the vector of each token without its position");
    let sites = [sites, layer_0].into_iter().flatten().map(str::to_owned);
    [history, scramble].into_iter().flatten().chain(sites).collect::<Vec<_>>().join("; ")
}

/// Names the key or file that an error of reading a stimulus is about.
pub(crate) fn explain(resolved: &Resolved, open: &OpenLanguageModel, stimulus: usize, error: Error) -> Error {
    match error {
        Error::LanguageModel(ModelError::Context { found, least, most }) => {
            let expected = format!("from {least} to {most} tokens, two of the longest word included");
            let key = match open.level.as_ref().map(|level| level.sweep) {
                _ if found != open.context() => "language_model.history",
                Some("context") => "language_model.contexts",
                _ => "language_model.context",
            };
            resolved.setting(key, found.to_string(), expected)
        }
        error @ Error::LanguageModel(ModelError::Word { .. } | ModelError::Sentences { .. }) => {
            error.at(resolved.absolute(&resolved.study.stimulus[stimulus].words))
        }
        error @ Error::LanguageModel(ModelError::NonFinite { .. }) => match &open.source {
            Source::Checkpoint(_, folder) => error.at(folder),
            Source::Brought(_) => error,
        },
        error => error,
    }
}

/// Numbers, and the mean of those that there are in place of those that there are not.
pub(super) fn filled(values: impl Iterator<Item = Option<f64>> + Clone) -> Vec<f64> {
    let there = || values.clone().flatten();
    let mean = there().sum::<f64>() / there().count().max(1) as f64;
    values.clone().map(|value| value.unwrap_or(mean)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn section(keys: &str) -> LanguageModelSection {
        toml::from_str(&format!("path = \"model\"\n{keys}")).unwrap()
    }

    #[test]
    fn a_section_that_is_silent_reads_as_usual() {
        assert_eq!(extraction(&section(""), 64), Extraction::new(64));
        assert_eq!(described(&section("")), "");
    }

    #[test]
    fn keys_become_settings_and_words() {
        let section = section(
            "history = { words = 20 }\nscramble = { paragraphs = 3 }\nscramble_seed = 4\nsites = \"mlp\"\nlayer_0 = \"static\"",
        );
        let found = extraction(&section, 64);
        assert_eq!(found.history, History::Words(20));
        assert_eq!(found.scramble, Some(Scramble::Paragraphs { sentences: 3, seed: 4 }));
        assert_eq!((found.sites.stack, found.sites.first), (Stack::Mlp, FirstLayer::Static));
        let words = described(&section);
        for part in ["last of 20 words", "of 3 sentences each", "feed-forward", "without its position"] {
            assert!(words.contains(part), "{words}");
        }
    }

    #[test]
    fn only_encoders_with_windows_that_go_on_see_later_words() {
        assert!(sees_later_words(&section(""), false));
        assert!(sees_later_words(&section("history = { at_least = 8 }"), false));
        for keys in ["history = \"exact\"", "history = { words = 3 }", "scramble = \"words\""] {
            assert!(!sees_later_words(&section(keys), false), "{keys}");
        }
        assert!(!sees_later_words(&section(""), true));
    }

    #[test]
    fn what_is_missing_has_the_mean_of_the_others() {
        assert_eq!(filled([None, Some(2.0), Some(4.0)].into_iter()), [3.0, 2.0, 4.0]);
        assert_eq!(filled([None].into_iter()), [0.0]);
    }
}
