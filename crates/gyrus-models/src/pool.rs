//! Vectors of tokens to one vector per word, as they are read.

use ndarray::{Array2, ArrayView2};

use crate::extract::Pooling;
use crate::tokenizer::Tokens;
use crate::windows::Span;

/// Word vectors of several layers that fill up reading by reading: token vectors of a whole text are never held.
pub(crate) struct Pool<'a> {
    tokens: &'a Tokens,
    pooling: Pooling,
    layers: Vec<Array2<f32>>,
}

impl<'a> Pool<'a> {
    pub(crate) fn new(tokens: &'a Tokens, pooling: Pooling, layers: usize) -> Self {
        Self { tokens, pooling, layers: vec![Array2::zeros((0, 0)); layers] }
    }

    /// Takes the vectors of the tokens that a reading keeps, one matrix per layer.
    pub(crate) fn take(&mut self, span: &Span, states: &[Array2<f32>]) {
        for (layer, state) in self.layers.iter_mut().zip(states) {
            if layer.is_empty() {
                *layer = Array2::zeros((self.tokens.words.len(), state.ncols()));
            }
            add(layer, state.view(), (span, self.tokens, self.pooling));
        }
    }

    /// Word vectors per layer.
    pub(crate) fn finish(mut self) -> Vec<Array2<f32>> {
        if self.pooling == Pooling::Mean {
            for layer in &mut self.layers {
                for (word, mut row) in self.tokens.words.iter().zip(layer.rows_mut()) {
                    row /= word.len() as f32;
                }
            }
        }
        self.layers
    }
}

fn add(
    layer: &mut Array2<f32>,
    state: ArrayView2<'_, f32>,
    (span, tokens, pooling): (&Span, &Tokens, Pooling),
) {
    let mut word = tokens.words.partition_point(|word| word.end <= span.kept.start);
    for (token, vector) in span.kept.clone().zip(state.rows()) {
        while tokens.words[word].end <= token {
            word += 1;
        }
        let mut row = layer.row_mut(word);
        match pooling {
            Pooling::Last if token + 1 == tokens.words[word].end => row.assign(&vector),
            Pooling::Last => {}
            Pooling::Mean | Pooling::Sum => row += &vector,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::array;

    #[test]
    fn words_may_be_cut_by_readings() {
        let tokens = Tokens { ids: vec![0; 6], words: vec![0..1, 1..4, 4..6] };
        let all = array![[1.0_f32], [2.0], [4.0], [6.0], [10.0], [20.0]];
        let pooled = |pooling: Pooling, cut: usize| {
            let mut pool = Pool::new(&tokens, pooling, 1);
            for kept in [0..cut, cut..6] {
                let state = all.slice(ndarray::s![kept.clone(), ..]).to_owned();
                pool.take(&Span { seen: 0..6, kept }, &[state]);
            }
            pool.finish().remove(0)
        };
        for cut in 1..6 {
            assert_eq!(pooled(Pooling::Last, cut), array![[1.0], [6.0], [20.0]]);
            assert_eq!(pooled(Pooling::Sum, cut), array![[1.0], [12.0], [30.0]]);
            assert_eq!(pooled(Pooling::Mean, cut), array![[1.0], [4.0], [15.0]]);
        }
    }
}
