//! Scaled dot-product attention on a device, all heads of a window at once.

use candle_core::{D, DType, Device, Result, Tensor};

use super::parts::{Linear, Norm, vector};
use crate::transformer::{self as cpu, Heads};

/// softmax(c(s Q Kᵀ) + m j) V, as [`cpu::Attention`].
pub(super) struct Attention {
    heads: Heads,
    inputs: Linear,
    pub(super) output: Linear,
    head_norms: Option<(Norm, Norm)>,
    scale: f64,
    soft_cap: Option<f64>,
    /// m of each head, shape (heads, 1, 1).
    slopes: Option<Tensor>,
    /// Which of the network's rotary positions turn queries and keys.
    pub(super) rotary: Option<usize>,
    /// How many tokens a token sees, and whether only those before it.
    pub(super) view: View,
}

/// What the tokens of a block see.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct View {
    window: Option<usize>,
    is_causal: bool,
}

/// Cosines and sines per place and pair of units, shape (tokens, pairs).
pub(super) struct Turns {
    pub(super) cosines: Tensor,
    pub(super) sines: Tensor,
}

impl Attention {
    pub(super) fn of(attention: &cpu::Attention, device: &Device) -> Result<Self> {
        let norms = attention.head_norms.as_ref();
        let norms = norms.map(|(query, key)| {
            Ok::<_, candle_core::Error>((Norm::of(query, device)?, Norm::of(key, device)?))
        });
        let slopes = attention.slopes.as_ref();
        let slopes = slopes.map(|slopes| vector(slopes, device)?.reshape((slopes.len(), 1, 1)));
        Ok(Self {
            heads: attention.heads,
            inputs: Linear::of(&attention.inputs, device)?,
            output: Linear::of(&attention.output, device)?,
            head_norms: norms.transpose()?,
            scale: f64::from(attention.scale),
            soft_cap: attention.soft_cap.map(f64::from),
            slopes: slopes.transpose()?,
            rotary: attention.rotary,
            view: View { window: attention.window, is_causal: attention.is_causal },
        })
    }

    /// What all heads attend to, shape (tokens, heads · width of a head).
    pub(super) fn attend(
        &self,
        rows: &Tensor,
        turns: Option<&Turns>,
        mask: Option<&Tensor>,
    ) -> Result<Tensor> {
        let Heads { queries, keys, width } = self.heads;
        let projected = self.inputs.map(rows)?;
        let tokens = projected.dim(0)?;
        let of = |from: usize, heads: usize| {
            projected.narrow(1, from * width, heads * width)?.reshape((tokens, heads, width))
        };
        let turned = |values: Tensor, norm: Option<&Norm>| {
            let values = norm.map_or(Ok(values.clone()), |norm| norm.apply(&values))?;
            let values = values.transpose(0, 1)?.contiguous()?;
            turns.map_or(Ok(values.clone()), |turns| turns.turn(&values))
        };
        let norms = self.head_norms.as_ref();
        let query = turned(of(0, queries)?, norms.map(|norms| &norms.0))?;
        let key = self.shared(&turned(of(queries, keys)?, norms.map(|norms| &norms.1))?)?;
        let value = self.shared(&of(queries + keys, keys)?.transpose(0, 1)?.contiguous()?)?;
        let scores = (query.matmul(&key.transpose(1, 2)?.contiguous()?)? * self.scale)?;
        let attended = self.weigh(scores, mask)?.matmul(&value)?;
        attended.transpose(0, 1)?.contiguous()?.reshape((tokens, queries * width))
    }

    /// Keys or values once per head of queries.
    fn shared(&self, values: &Tensor) -> Result<Tensor> {
        let Heads { queries, keys, width } = self.heads;
        if queries == keys {
            return Ok(values.clone());
        }
        let tokens = values.dim(1)?;
        let each = values.unsqueeze(1)?.expand((keys, queries / keys, tokens, width))?;
        each.contiguous()?.reshape((queries, tokens, width))
    }

    /// Scores, shape (heads, tokens, tokens), to weights that sum to 1.
    fn weigh(&self, mut scores: Tensor, mask: Option<&Tensor>) -> Result<Tensor> {
        if let Some(cap) = self.soft_cap {
            scores = ((scores / cap)?.tanh()? * cap)?;
        }
        if let Some(slopes) = &self.slopes {
            let tokens = scores.dim(2)?;
            let places = Tensor::arange(0_u32, tokens as u32, scores.device())?.to_dtype(DType::F32)?;
            scores = scores.broadcast_add(&slopes.broadcast_mul(&places.reshape((1, 1, tokens))?)?)?;
        }
        if let Some(mask) = mask {
            scores = scores.broadcast_add(mask)?;
        }
        let weights = scores.broadcast_sub(&scores.max_keepdim(D::Minus1)?)?.exp()?;
        weights.broadcast_div(&weights.sum_keepdim(D::Minus1)?)
    }
}

impl View {
    /// 0 where a token sees another, −∞ where it does not: shape (tokens, tokens). None where everybody sees all.
    pub(super) fn mask(self, tokens: usize, device: &Device) -> Result<Option<Tensor>> {
        if !self.is_causal {
            return Ok(None);
        }
        let places = Tensor::arange(0_u32, tokens as u32, device)?;
        let (queries, keys) = (places.reshape((tokens, 1))?, places.reshape((1, tokens))?);
        let mut hidden = keys.broadcast_gt(&queries)?;
        if let Some(window) = self.window.filter(|window| *window < tokens) {
            // Places are not negative, so the bound is moved to the keys' side.
            let reached = (keys.to_dtype(DType::F32)? + window as f64)?;
            let gone = reached.broadcast_le(&queries.to_dtype(DType::F32)?)?;
            hidden = hidden.maximum(&gone)?;
        }
        let never = Tensor::full(f32::NEG_INFINITY, (tokens, tokens), device)?;
        hidden.where_cond(&never, &never.zeros_like()?).map(Some)
    }
}

impl Turns {
    /// Turns heads, shape (heads, tokens, width); unit i pairs with unit i + pairs.
    fn turn(&self, heads: &Tensor) -> Result<Tensor> {
        let (width, pairs) = (heads.dim(2)?, self.cosines.dim(1)?);
        let (first, second) = (heads.narrow(2, 0, pairs)?, heads.narrow(2, pairs, pairs)?);
        let (cosines, sines) = (&self.cosines, &self.sines);
        let one = (first.broadcast_mul(cosines)? - second.broadcast_mul(sines)?)?;
        let other = (second.broadcast_mul(cosines)? + first.broadcast_mul(sines)?)?;
        if width == 2 * pairs {
            return Tensor::cat(&[one, other], 2);
        }
        Tensor::cat(&[one, other, heads.narrow(2, 2 * pairs, width - 2 * pairs)?], 2)
    }
}
