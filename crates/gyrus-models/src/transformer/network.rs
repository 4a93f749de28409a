//! A transformer: what families describe, and the one forward pass through it.

use std::sync::Arc;

use rayon::ThreadPool;
use rayon::prelude::*;

use super::attention::Projected;
use super::block::Parts;
use super::rotary::Turns;
use super::{Block, Embedding, Linear, Norm, Rotary, Site};

/// The largest number of rows that are worked on at a time.
const ROWS: usize = 256;
/// Rows per block of queries: keys behind such a block are skipped.
const QUERIES: usize = 128;
/// What numbers of rows are multiples of.
const STEP: usize = 32;

/// Sizes of a network.
#[derive(Debug, Clone)]
pub(crate) struct Shape {
    /// The family, such as "llama".
    pub family: &'static str,
    /// Units of a hidden state.
    pub width: usize,
    /// Hidden states: the embedding and one per block.
    pub n_layers: usize,
    /// Most tokens of a window.
    pub context_limit: usize,
    /// Number of tokens that it knows.
    pub vocabulary: usize,
    /// Whether a token sees only those before it.
    pub is_causal: bool,
    /// Numbers that were trained (tied ones counted once, a head apart not at all).
    pub n_parameters: usize,
}

/// A transformer.
pub(crate) struct Transformer {
    /// Sizes.
    pub shape: Shape,
    /// What enters the first block.
    pub embedding: Embedding,
    /// Rotary positions; attention names one by its index.
    pub rotary: Vec<Rotary>,
    /// Blocks in order; families that share weights hold one block several times.
    pub blocks: Vec<Arc<Block>>,
    /// A norm behind the last block.
    pub final_norm: Option<Norm>,
    /// A map behind that.
    pub final_projection: Option<Linear>,
}

/// How a window is cut: this, and not the number of its tokens, decides the shapes of products, so that a vector's bits
/// do not depend on what follows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Plan {
    /// Rows that are worked on at a time.
    rows: usize,
    /// Most tokens that windows of this text hold.
    length: usize,
}

/// What takes activations as they are computed.
pub(crate) trait Sink: Send {
    /// Whether it wants those of a site.
    fn wants(&self, site: Site) -> bool;
    /// Takes them: shape (tokens, width), row after row.
    fn take(&mut self, site: Site, values: &[f32], width: usize);
}

impl Plan {
    /// The plan for windows of at most `length` tokens.
    pub(crate) fn new(length: usize) -> Self {
        Self { rows: length.clamp(1, ROWS).next_multiple_of(STEP), length }
    }

    /// Most tokens that windows of this text hold.
    #[cfg(feature = "candle")]
    pub(super) fn length(self) -> usize {
        self.length
    }

    fn queries(&self) -> usize {
        if self.rows.is_multiple_of(QUERIES) { QUERIES } else { self.rows }
    }

    /// Rows of a window of tokens, padding included.
    pub(crate) fn padded(&self, tokens: usize) -> usize {
        tokens.next_multiple_of(self.rows)
    }
}

impl Transformer {
    /// Hands the activations of one window of tokens to `sink`, site by site in the order in which they are computed.
    pub(crate) fn run(&self, ids: &[u32], plan: Plan, pool: &ThreadPool, sink: &mut dyn Sink) {
        pool.install(|| self.run_here(ids, plan, sink));
    }

    fn run_here(&self, ids: &[u32], plan: Plan, sink: &mut dyn Sink) {
        let tokens = ids.len();
        let turns: Vec<Turns> =
            self.rotary.iter().map(|rotary| rotary.turns(plan.padded(tokens), plan.length)).collect();
        if sink.wants(Site::Static) {
            sink.take(Site::Static, &self.embedding.alone(ids), self.embedding.width);
        }
        let mut state = self.embed(ids, plan);
        let width = self.shape.width;
        give(sink, Site::Embed, &state, (tokens, width));
        let mut projected = Vec::new();
        for (index, block) in self.blocks.iter().enumerate() {
            let turns = block.attention.rotary.map(|rotary| &turns[rotary]);
            self.project(block, &state, (plan, turns), &mut projected);
            let attended = attend(block, &Projected { values: &projected, tokens, block: plan.queries() });
            let names = [Site::Attention(index + 1), Site::Mlp(index + 1)];
            let kept = names.map(|site| sink.wants(site));
            let parts = self.finish(block, &mut state, &attended, (plan, kept));
            for (site, part) in names.into_iter().zip([parts.attention, parts.mlp]) {
                give(sink, site, &part, (tokens, width));
            }
            give(sink, Site::Block(index + 1), &state, (tokens, width));
        }
        if sink.wants(Site::FinalNorm) {
            let (last, width) = self.last(state, plan);
            give(sink, Site::FinalNorm, &last, (tokens, width));
        }
    }

    /// Rows behind the tokens hold the first token's vector: some numbers that are finite.
    fn embed(&self, ids: &[u32], plan: Plan) -> Vec<f32> {
        let mut padded = ids.to_vec();
        padded.resize(plan.padded(ids.len()), ids[0]);
        let places: Vec<usize> = (0..padded.len()).map(|row| if row < ids.len() { row } else { 0 }).collect();
        let pieces = padded.par_chunks(plan.rows).zip(places.par_chunks(plan.rows));
        let blocks: Vec<Vec<f32>> = pieces.map(|(ids, places)| self.embedding.of(ids, places)).collect();
        blocks.concat()
    }

    fn project(
        &self,
        block: &Block,
        state: &[f32],
        (plan, turns): (Plan, Option<&Turns>),
        projected: &mut Vec<f32>,
    ) {
        let (width, units) = (self.shape.width, block.attention.heads.units());
        projected.resize(state.len() / width * units, 0.0);
        let pieces = projected.par_chunks_mut(plan.rows * units).zip(state.par_chunks(plan.rows * width));
        pieces.enumerate().for_each(|(piece, (to, state))| {
            let rows = block.attention_input(state);
            block.attention.project(&rows, to, (piece * plan.rows, turns));
        });
    }

    fn finish(
        &self,
        block: &Block,
        state: &mut [f32],
        attended: &[f32],
        (plan, [keeps_attention, keeps_mlp]): (Plan, [bool; 2]),
    ) -> Parts {
        let heads = block.attention.heads;
        let units = heads.queries * heads.width;
        let pieces =
            state.par_chunks_mut(plan.rows * self.shape.width).zip(attended.par_chunks(plan.rows * units));
        let parts: Vec<Parts> = pieces
            .map(|(state, attended)| {
                let parts = block.finish(state, attended, plan.queries());
                let keep = |is_kept: bool, part: Vec<f32>| if is_kept { part } else { Vec::new() };
                Parts { attention: keep(keeps_attention, parts.attention), mlp: keep(keeps_mlp, parts.mlp) }
            })
            .collect();
        let (attention, mlp): (Vec<_>, Vec<_>) =
            parts.into_iter().map(|parts| (parts.attention, parts.mlp)).unzip();
        Parts { attention: attention.concat(), mlp: mlp.concat() }
    }

    fn last(&self, mut state: Vec<f32>, plan: Plan) -> (Vec<f32>, usize) {
        if let Some(norm) = &self.final_norm {
            state.par_chunks_mut(plan.rows * self.shape.width).for_each(|rows| norm.apply(rows));
        }
        match &self.final_projection {
            None => (state, self.shape.width),
            Some(map) => {
                let rows = state.par_chunks(plan.rows * self.shape.width).map(|rows| map.map(rows));
                (rows.collect::<Vec<_>>().concat(), map.outputs())
            }
        }
    }
}

/// What the heads of all blocks of queries attend to, shape (blocks, heads, rows, width of a head).
fn attend(block: &Block, projected: &Projected<'_>) -> Vec<f32> {
    let heads = block.attention.heads;
    let rows = projected.values.len() / heads.units();
    let mut attended = vec![0.0; rows * heads.queries * heads.width];
    let pieces = attended.par_chunks_mut(projected.block * heads.width).with_max_len(1).enumerate();
    pieces.for_each(|(piece, to)| {
        block.attention.attend(projected, (piece / heads.queries, piece % heads.queries), to);
    });
    attended
}

fn give(sink: &mut dyn Sink, site: Site, values: &[f32], (tokens, width): (usize, usize)) {
    if sink.wants(site) {
        sink.take(site, &values[..tokens * width], width);
    }
}
