//! Vectors of tokens to one vector per word, as they are read.

use std::ops::Range;

use ndarray::{Array1, Array2, ArrayView2, s};

use crate::extract::Pooling;
use crate::tokenizer::Tokens;

/// Word vectors of several layers that are finished reading by reading: those of a whole text are never held.
pub(crate) struct Pool<'a> {
    tokens: &'a Tokens,
    pooling: Pooling,
    /// The first word that is not finished.
    word: usize,
    /// What it has so far, per layer; empty where nothing of it was read.
    begun: Vec<Array1<f32>>,
}

impl<'a> Pool<'a> {
    pub(crate) fn new(tokens: &'a Tokens, pooling: Pooling, layers: usize) -> Self {
        Self { tokens, pooling, word: 0, begun: vec![Array1::zeros(0); layers] }
    }

    /// Takes the vectors of the tokens that a reading keeps, one matrix per layer; returns the words that are finished
    /// by it and their vectors per layer. Readings follow one another without a gap.
    pub(crate) fn take(
        &mut self,
        kept: &Range<usize>,
        states: &[Array2<f32>],
    ) -> (Range<usize>, Vec<Array2<f32>>) {
        let words = &self.tokens.words;
        let end = words.partition_point(|word| word.end <= kept.end);
        let finished = self.word..end;
        let is_cut = words.get(end).is_some_and(|word| word.start < kept.end);
        let vectors = self.begun.iter_mut().zip(states).map(|(begun, state)| {
            let mut rows = Array2::zeros((finished.len() + usize::from(is_cut), state.ncols()));
            if !begun.is_empty() {
                rows.row_mut(0).assign(begun);
            }
            add(&mut rows, state.view(), (kept, &words[finished.start..], self.pooling));
            *begun = if is_cut { rows.row(finished.len()).to_owned() } else { Array1::zeros(0) };
            let mut rows = rows.slice_move(s![..finished.len(), ..]);
            if self.pooling == Pooling::Mean {
                for (word, mut row) in words[finished.clone()].iter().zip(rows.rows_mut()) {
                    row /= word.len() as f32;
                }
            }
            rows
        });
        let vectors = vectors.collect();
        self.word = end;
        (finished, vectors)
    }
}

/// Adds vectors of tokens to those of words, of which the first stands for `words[0]`.
fn add(
    rows: &mut Array2<f32>,
    state: ArrayView2<'_, f32>,
    (kept, words, pooling): (&Range<usize>, &[Range<usize>], Pooling),
) {
    let mut word = 0;
    for (token, vector) in kept.clone().zip(state.rows()) {
        while words[word].end <= token {
            word += 1;
        }
        let mut row = rows.row_mut(word);
        match pooling {
            Pooling::Last if token + 1 == words[word].end => row.assign(&vector),
            Pooling::Last => {}
            Pooling::Mean | Pooling::Sum => row += &vector,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::{Axis, array};

    #[test]
    fn words_may_be_cut_by_readings() {
        let tokens = Tokens { ids: vec![0; 6], words: vec![0..1, 1..4, 4..6] };
        let all = array![[1.0_f32], [2.0], [4.0], [6.0], [10.0], [20.0]];
        let pooled = |pooling: Pooling, cut: usize| {
            let mut pool = Pool::new(&tokens, pooling, 1);
            let mut found = Array2::zeros((0, 1));
            for kept in [0..cut, cut..6] {
                let state = all.slice(s![kept.clone(), ..]).to_owned();
                let (words, vectors) = pool.take(&kept, &[state]);
                assert_eq!((words.start, words.len()), (found.nrows(), vectors[0].nrows()));
                found.append(Axis(0), vectors[0].view()).unwrap();
            }
            found
        };
        for cut in 1..6 {
            assert_eq!(pooled(Pooling::Last, cut), array![[1.0], [6.0], [20.0]]);
            assert_eq!(pooled(Pooling::Sum, cut), array![[1.0], [12.0], [30.0]]);
            assert_eq!(pooled(Pooling::Mean, cut), array![[1.0], [4.0], [15.0]]);
        }
    }
}
