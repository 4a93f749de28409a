//! The control without a language model: a random vector per word, the same wherever the word stands.

use gyrus_core::Stimulus;
use ndarray::Array2;

use crate::checkpoint::{normal, stream};

/// A standard normal vector per word type (lower case, without punctuation around it), from a seed.
///
/// # Shapes
/// Returns (n_words, width).
#[must_use]
pub fn random_embeddings(stimulus: &Stimulus, width: usize, seed: u64) -> Array2<f32> {
    let mut vectors = Array2::zeros((stimulus.words().len(), width));
    for (word, mut vector) in stimulus.words().iter().zip(vectors.rows_mut()) {
        let kind = word.text.trim_matches(|letter: char| !letter.is_alphanumeric()).to_lowercase();
        let mut random = stream(seed, "random embedding", &kind);
        vector.iter_mut().for_each(|value| *value = normal(&mut random) as f32);
    }
    vectors
}

#[cfg(test)]
mod tests {
    use super::*;
    use gyrus_core::Word;

    #[test]
    fn a_word_has_one_vector_wherever_it_stands() {
        let word = |text: &str| Word { text: text.to_owned(), onset: None, offset: None };
        let stimulus = Stimulus::new("s", vec![word("The"), word("cat"), word("the,")]).unwrap();
        let vectors = random_embeddings(&stimulus, 8, 1);
        assert_eq!(vectors.row(0), vectors.row(2));
        assert_ne!(vectors.row(0), vectors.row(1));
        assert_ne!(vectors, random_embeddings(&stimulus, 8, 2));
    }
}
