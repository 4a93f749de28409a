//! `contexts` and `scrambles`: one section that stands for several language models, in the order of what they know of the text.

use super::language_model::LanguageModelSection;
use super::reading::{HistorySection, ScrambleSection};

/// The place of a language model in a sweep.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Level {
    /// `context` or `scramble`.
    pub sweep: &'static str,
    /// The name that all levels share.
    pub of: String,
    /// What tables call it.
    pub name: String,
    /// Grows with what the language model knows of the text: tokens, or the size of the units that are left whole.
    pub rank: usize,
}

impl LanguageModelSection {
    /// The levels of its sweep, each a section of its own; empty without one.
    #[must_use]
    pub(crate) fn levels(&self, of: &str) -> Vec<(Self, Level)> {
        let level = |sweep, name: String, rank| Level { sweep, of: of.to_owned(), name, rank };
        let contexts = self.contexts.iter().map(|context| {
            let section = Self { context: Some(*context), ..self.clone() };
            (section, level("context", format!("{context} tokens"), *context))
        });
        let intact = (!self.scrambles.is_empty()).then(|| {
            let section = Self { history: self.history_of_scrambles(), ..self.clone() };
            (section, level("scramble", "intact".to_owned(), usize::MAX))
        });
        let scrambles = self.scrambles.iter().map(|unit| {
            let section = Self { scramble: Some(*unit), ..self.clone() };
            let (name, rank) = unit.level();
            (section, level("scramble", name, rank))
        });
        let named = |(section, level): (Self, Level)| {
            let name = Some(format!("{of} ({})", level.name));
            (Self { name, contexts: Vec::new(), scrambles: Vec::new(), ..section }, level)
        };
        contexts.chain(intact).chain(scrambles).map(named).collect()
    }

    /// The history with which scrambled texts are read: each word is a reading of its own, with as many tokens as there is room for.
    fn history_of_scrambles(&self) -> HistorySection {
        match self.history {
            HistorySection::Half | HistorySection::AtLeast(_) => HistorySection::Exact,
            counted => counted,
        }
    }
}

impl ScrambleSection {
    /// What tables call it, and the size of what is left whole.
    fn level(self) -> (String, usize) {
        match self {
            Self::Words => ("words scrambled".to_owned(), 1),
            Self::Sentences => ("sentences scrambled".to_owned(), 2),
            Self::Paragraphs(sentences) => {
                let of =
                    if sentences == 1 { "1 sentence".to_owned() } else { format!("{sentences} sentences") };
                (format!("paragraphs of {of} scrambled"), sentences.saturating_add(2))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn levels(keys: &str) -> Vec<(LanguageModelSection, Level)> {
        toml::from_str::<LanguageModelSection>(&format!("path = \"m\"\n{keys}")).unwrap().levels("m")
    }

    #[test]
    fn what_knows_more_of_the_text_has_the_higher_rank() {
        let found = levels("scrambles = [\"words\", { paragraphs = 5 }, \"sentences\"]");
        let mut ranked: Vec<&Level> = found.iter().map(|(_, level)| level).collect();
        ranked.sort_by_key(|level| level.rank);
        let names: Vec<&str> = ranked.iter().map(|level| level.name.as_str()).collect();
        assert_eq!(
            names,
            ["words scrambled", "sentences scrambled", "paragraphs of 5 sentences scrambled", "intact"]
        );
        let (intact, _) = &found[0];
        assert_eq!((intact.name.as_deref(), intact.history), (Some("m (intact)"), HistorySection::Exact));
        assert!(found.iter().all(|(section, _)| section.scrambles.is_empty()));
        assert!(levels("context = 8").is_empty());
    }

    #[test]
    fn a_history_that_is_counted_is_that_of_the_intact_text_too() {
        let found = levels("history = { words = 20 }\nscrambles = [\"words\"]");
        assert_eq!(found[0].0.history, HistorySection::Words(20));
    }
}
