//! What enters the first block: a vector per token, and where the language model learned one, a vector per place.

use super::linear::add;
use super::{Linear, Norm};

/// Vectors of tokens and places.
pub(crate) struct Embedding {
    /// Shape (vocabulary, width), row after row.
    pub words: Vec<f32>,
    /// Units of a token's vector.
    pub width: usize,
    /// What tokens' vectors are multiplied with.
    pub scale: f32,
    /// Vectors of places.
    pub places: Option<Places>,
    /// The vector of the first kind of text, added to every token.
    pub kind: Option<Vec<f32>>,
    /// A norm on the sum.
    pub norm: Option<Norm>,
    /// To the width of the blocks.
    pub projection: Projection,
}

/// Vectors of places.
pub(crate) struct Places {
    /// Shape (rows, width of the blocks, or of tokens' vectors), row after row.
    pub rows: Vec<f32>,
    /// The row of the first token.
    pub offset: usize,
}

/// A map from tokens' vectors to the width of the blocks.
pub(crate) enum Projection {
    /// None.
    None,
    /// Before places are added.
    OfTokens(Linear),
    /// After the norm.
    OfSum(Linear),
}

impl Embedding {
    /// The vectors of tokens, wherever they stand.
    pub(super) fn alone(&self, ids: &[u32]) -> Vec<f32> {
        let mut rows: Vec<f32> = Vec::with_capacity(ids.len() * self.width);
        for id in ids {
            let row = &self.words[*id as usize * self.width..][..self.width];
            rows.extend(row.iter().map(|value| value * self.scale));
        }
        rows
    }

    /// What enters the first block for tokens at some places.
    pub(super) fn of(&self, ids: &[u32], places: &[usize]) -> Vec<f32> {
        let mut rows = self.alone(ids);
        let mut width = self.width;
        if let Projection::OfTokens(map) = &self.projection {
            rows = map.map(&rows);
            width = map.outputs();
        }
        for (row, place) in rows.chunks_exact_mut(width).zip(places) {
            if let Some(kind) = &self.kind {
                add(row, kind);
            }
            if let Some(table) = &self.places {
                add(row, &table.rows[(place + table.offset) * width..][..width]);
            }
        }
        if let Some(norm) = &self.norm {
            norm.apply(&mut rows);
        }
        match &self.projection {
            Projection::OfSum(map) => map.map(&rows),
            Projection::None | Projection::OfTokens(_) => rows,
        }
    }
}
