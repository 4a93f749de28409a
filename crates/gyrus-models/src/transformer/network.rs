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
/// What they are where short windows go through a product together.
const SHORT_STEP: usize = 8;

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

/// How windows are cut: this, and not the number of their tokens, decides the shapes of products, so that a vector's bits
/// do not depend on what follows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Plan {
    /// Rows that a window is a multiple of.
    rows: usize,
    /// Rows that go through a product together: a multiple of these.
    together: usize,
    /// Most tokens that windows of this text hold.
    length: usize,
}

/// Windows one behind the other, each with rows of padding behind its tokens, and empty rows behind the last.
struct Sheet {
    /// First row, rows and tokens of each window.
    windows: Vec<(usize, usize, usize)>,
    /// Place of the token in every row; 0 in padding.
    places: Vec<usize>,
    /// The window of each block of queries, and its place among those of the window; none behind the last window.
    blocks: Vec<Option<(usize, usize)>>,
}

/// What takes activations as they are computed.
pub(crate) trait Sink: Send {
    /// Whether it wants those of a site.
    fn wants(&self, site: Site) -> bool;
    /// Takes those of a window: shape (tokens, width), row after row.
    fn take(&mut self, site: Site, window: usize, values: (&[f32], usize));
}

impl Plan {
    /// The plan for windows of at most `length` tokens, each by itself.
    pub(crate) fn new(length: usize) -> Self {
        let rows = length.clamp(1, ROWS).next_multiple_of(STEP);
        Self { rows, together: rows, length }
    }

    /// The plan for many of them: short ones go through a product together, so that weights are read once for all.
    pub(crate) fn together(length: usize) -> Self {
        match Self::new(length) {
            plan if plan.rows == ROWS => plan,
            _ => Self { rows: SHORT_STEP, together: ROWS, length },
        }
    }

    /// Most tokens that windows of this text hold.
    #[cfg(feature = "candle")]
    pub(super) fn length(self) -> usize {
        self.length
    }

    /// Rows of a block of queries.
    pub(crate) fn queries(&self) -> usize {
        if self.rows.is_multiple_of(QUERIES) { QUERIES } else { self.rows }
    }

    /// Blocks of queries and heads that a thread takes at once: more where they are small.
    fn pieces(&self) -> usize {
        (STEP / self.queries()).max(1)
    }

    /// Rows of a window of tokens, padding included.
    pub(crate) fn padded(&self, tokens: usize) -> usize {
        tokens.next_multiple_of(self.rows)
    }

    /// Rows of several windows, padding included.
    pub(crate) fn padded_together(&self, windows: usize, tokens: usize) -> usize {
        (windows * self.padded(tokens)).next_multiple_of(self.together)
    }
}

impl Sheet {
    fn of(lengths: impl Iterator<Item = usize>, plan: Plan) -> Self {
        let mut sheet = Self { windows: Vec::new(), places: Vec::new(), blocks: Vec::new() };
        for (window, tokens) in lengths.enumerate() {
            let (first, rows) = (sheet.places.len(), plan.padded(tokens));
            sheet.windows.push((first, rows, tokens));
            sheet.places.extend((0..rows).map(|row| if row < tokens { row } else { 0 }));
            sheet.blocks.extend((0..rows / plan.queries()).map(|block| Some((window, block))));
        }
        sheet.places.resize(sheet.places.len().next_multiple_of(plan.together), 0);
        sheet.blocks.resize(sheet.places.len() / plan.queries(), None);
        sheet
    }

    /// Hands the rows of every window's tokens to a sink.
    fn give(&self, sink: &mut dyn Sink, site: Site, (values, width): (&[f32], usize)) {
        if sink.wants(site) {
            for (window, (first, _, tokens)) in self.windows.iter().enumerate() {
                sink.take(site, window, (&values[first * width..][..tokens * width], width));
            }
        }
    }
}

impl Transformer {
    /// Hands the activations of windows of tokens to `sink`, site by site in the order in which they are computed.
    pub(crate) fn run(&self, windows: &[&[u32]], plan: Plan, pool: &ThreadPool, sink: &mut dyn Sink) {
        pool.install(|| self.run_here(windows, plan, sink));
    }

    fn run_here(&self, windows: &[&[u32]], plan: Plan, sink: &mut dyn Sink) {
        let sheet = Sheet::of(windows.iter().map(|ids| ids.len()), plan);
        let longest = windows.iter().map(|ids| ids.len()).max().unwrap_or(0);
        let turns: Vec<Turns> =
            self.rotary.iter().map(|rotary| rotary.turns(plan.padded(longest), plan.length)).collect();
        if sink.wants(Site::Static) {
            for (window, ids) in windows.iter().enumerate() {
                sink.take(Site::Static, window, (&self.embedding.alone(ids), self.embedding.width));
            }
        }
        let mut state = self.embed(windows, (plan, &sheet));
        let width = self.shape.width;
        sheet.give(sink, Site::Embed, (&state, width));
        let mut projected = Vec::new();
        for (index, block) in self.blocks.iter().enumerate() {
            let turns = block.attention.rotary.map(|rotary| &turns[rotary]);
            self.project(block, &state, (plan, &sheet, turns), &mut projected);
            let attended = attend(block, &projected, (plan, &sheet));
            let names = [Site::Attention(index + 1), Site::Mlp(index + 1)];
            let kept = names.map(|site| sink.wants(site));
            let parts = self.finish(block, &mut state, &attended, (plan, kept));
            for (site, part) in names.into_iter().zip([parts.attention, parts.mlp]) {
                sheet.give(sink, site, (&part, width));
            }
            sheet.give(sink, Site::Block(index + 1), (&state, width));
        }
        if sink.wants(Site::FinalNorm) {
            let (last, width) = self.last(state, plan);
            sheet.give(sink, Site::FinalNorm, (&last, width));
        }
    }

    /// Rows behind tokens hold the vector of a first token: some numbers that are finite.
    fn embed(&self, windows: &[&[u32]], (plan, sheet): (Plan, &Sheet)) -> Vec<f32> {
        let mut padded = Vec::with_capacity(sheet.places.len());
        for (ids, (_, rows, tokens)) in windows.iter().zip(&sheet.windows) {
            padded.extend_from_slice(ids);
            padded.resize(padded.len() + rows - tokens, ids[0]);
        }
        padded.resize(sheet.places.len(), padded[0]);
        let pieces = padded.par_chunks(plan.together).zip(sheet.places.par_chunks(plan.together));
        let blocks: Vec<Vec<f32>> = pieces.map(|(ids, places)| self.embedding.of(ids, places)).collect();
        blocks.concat()
    }

    fn project(
        &self,
        block: &Block,
        state: &[f32],
        (plan, sheet, turns): (Plan, &Sheet, Option<&Turns>),
        projected: &mut Vec<f32>,
    ) {
        let (width, units) = (self.shape.width, block.attention.heads.units());
        projected.resize(state.len() / width * units, 0.0);
        let rows = plan.together;
        let pieces = projected.par_chunks_mut(rows * units).zip(state.par_chunks(rows * width));
        pieces.zip(sheet.places.par_chunks(rows)).for_each(|((to, state), places)| {
            let rows = block.attention_input(state);
            block.attention.project(&rows, to, (places, turns));
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
        let rows = plan.together;
        let pieces = state.par_chunks_mut(rows * self.shape.width).zip(attended.par_chunks(rows * units));
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
            state.par_chunks_mut(plan.together * self.shape.width).for_each(|rows| norm.apply(rows));
        }
        match &self.final_projection {
            None => (state, self.shape.width),
            Some(map) => {
                let rows = state.par_chunks(plan.together * self.shape.width).map(|rows| map.map(rows));
                (rows.collect::<Vec<_>>().concat(), map.outputs())
            }
        }
    }
}

/// What the heads of all blocks of queries attend to, shape (blocks, heads, rows, width of a head); zeros behind the last
/// window.
fn attend(block: &Block, projected: &[f32], (plan, sheet): (Plan, &Sheet)) -> Vec<f32> {
    let heads = block.attention.heads;
    let (rows, units) = (plan.queries(), heads.units());
    let mut attended = vec![0.0; sheet.places.len() * heads.queries * heads.width];
    let pieces = attended.par_chunks_mut(rows * heads.width).with_max_len(plan.pieces()).enumerate();
    pieces.for_each(|(piece, to)| {
        let Some((window, place)) = sheet.blocks[piece / heads.queries] else { return };
        let (first, padded, tokens) = sheet.windows[window];
        let values = &projected[first * units..][..padded * units];
        block.attention.attend(
            &Projected { values, tokens, block: rows },
            (place, piece % heads.queries),
            to,
        );
    });
    attended
}
