//! What was heard or read: words, some with a time.

use serde::{Deserialize, Serialize};

use crate::{CoreError, Seconds};

/// A word of a stimulus. A word without a time is read by the language model but not aligned.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Word {
    /// The word as the language model shall read it.
    pub text: String,
    /// Start on the stimulus clock.
    pub onset: Option<Seconds>,
    /// End on the stimulus clock.
    pub offset: Option<Seconds>,
}

/// The words of one stimulus in the order in which they are read, and how long it lasts.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Stimulus {
    name: String,
    words: Vec<Word>,
}

impl Stimulus {
    /// A stimulus from its words.
    ///
    /// # Errors
    /// - [`CoreError::WordOrder`] if an onset is earlier than the one before it.
    pub fn new(name: impl Into<String>, words: Vec<Word>) -> Result<Self, CoreError> {
        let mut previous = f64::NEG_INFINITY;
        for (index, word) in words.iter().enumerate() {
            let Some(onset) = word.onset.map(Seconds::get) else { continue };
            if onset < previous {
                return Err(CoreError::WordOrder { index, text: word.text.clone(), onset, previous });
            }
            previous = onset;
        }
        Ok(Self { name: name.into(), words })
    }

    /// The name by which the study calls it.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Its words.
    #[must_use]
    pub fn words(&self) -> &[Word] {
        &self.words
    }

    /// The latest offset (or onset) of any word.
    #[must_use]
    pub fn end(&self) -> Seconds {
        let ends = self.words.iter().filter_map(|word| word.offset.or(word.onset));
        ends.fold(Seconds::ZERO, |latest, end| if end > latest { end } else { latest })
    }
}
