//! Affine maps of rows in blocks of a planned height: a row's bits depend neither on threads nor on later rows.

use faer::linalg::matmul::matmul;
use faer::{Accum, Mat, MatMut, MatRef, Par};

/// Weights and bias of an affine map as checkpoints store them: outputs × inputs, row after row.
pub(crate) struct Affine {
    /// Inputs of the map.
    pub inputs: usize,
    /// Shape (outputs, inputs).
    pub weight: Vec<f32>,
    /// One per output.
    pub bias: Option<Vec<f32>>,
}

/// x Wᵀ + b, with W laid out as the product reads it.
pub(crate) struct Linear {
    /// Shape (outputs, inputs), outputs next to each other.
    weight: Mat<f32>,
    bias: Option<Vec<f32>>,
}

impl Affine {
    /// One map with the outputs of several, in order. All have a bias or none has.
    pub(crate) fn join(parts: Vec<Self>) -> Self {
        let inputs = parts.first().map_or(0, |part| part.inputs);
        let has_bias = parts.iter().all(|part| part.bias.is_some());
        let mut joined = Self { inputs, weight: Vec::new(), bias: has_bias.then(Vec::new) };
        for part in parts {
            joined.weight.extend(part.weight);
            if let (Some(bias), Some(more)) = (joined.bias.as_mut(), part.bias) {
                bias.extend(more);
            }
        }
        joined
    }

    /// The same outputs in another order: output i becomes what was output `from(i)`.
    pub(crate) fn reordered(&self, from: impl Fn(usize) -> usize) -> Self {
        let outputs = self.weight.len() / self.inputs;
        let row = |output: usize| &self.weight[from(output) * self.inputs..][..self.inputs];
        Self {
            inputs: self.inputs,
            weight: (0..outputs).flat_map(row).copied().collect(),
            bias: self.bias.as_ref().map(|bias| (0..outputs).map(|output| bias[from(output)]).collect()),
        }
    }
}

impl From<Affine> for Linear {
    fn from(affine: Affine) -> Self {
        let (inputs, outputs) = (affine.inputs, affine.weight.len() / affine.inputs.max(1));
        let mut weight = Mat::zeros(outputs, inputs);
        let stored = MatRef::from_row_major_slice(&affine.weight, outputs, inputs);
        // In tiles, because one side of a transposition always jumps.
        const TILE: usize = 64;
        for row in (0..outputs).step_by(TILE) {
            for column in (0..inputs).step_by(TILE) {
                let (rows, columns) = (TILE.min(outputs - row), TILE.min(inputs - column));
                weight
                    .as_mut()
                    .submatrix_mut(row, column, rows, columns)
                    .copy_from(stored.submatrix(row, column, rows, columns));
            }
        }
        Self { weight, bias: affine.bias }
    }
}

impl Linear {
    /// Number of outputs.
    pub(crate) fn outputs(&self) -> usize {
        self.weight.nrows()
    }

    /// Weights of shape (inputs, outputs), row after row.
    #[cfg(feature = "candle")]
    pub(super) fn transposed(&self) -> (Vec<f32>, (usize, usize)) {
        let columns = (0..self.weight.ncols()).flat_map(|input| self.weight.col_as_slice(input));
        (columns.copied().collect(), (self.weight.ncols(), self.weight.nrows()))
    }

    /// One per output.
    #[cfg(feature = "candle")]
    pub(super) fn bias(&self) -> Option<&[f32]> {
        self.bias.as_deref()
    }

    /// Maps a block of rows, `from` (rows, inputs) to `to` (rows, outputs), both row after row.
    pub(crate) fn apply(&self, from: &[f32], to: &mut [f32]) {
        let (outputs, inputs) = (self.weight.nrows(), self.weight.ncols());
        let rows = from.len() / inputs;
        let source = MatRef::from_column_major_slice(from, inputs, rows);
        let target = MatMut::from_column_major_slice_mut(to, outputs, rows);
        matmul(target, Accum::Replace, self.weight.as_ref(), source, 1.0, Par::Seq);
        if let Some(bias) = &self.bias {
            for row in to.chunks_exact_mut(outputs) {
                row.iter_mut().zip(bias).for_each(|(value, bias)| *value += bias);
            }
        }
    }

    /// Maps a block of rows into new memory.
    pub(crate) fn map(&self, from: &[f32]) -> Vec<f32> {
        let mut to = vec![0.0; from.len() / self.weight.ncols() * self.outputs()];
        self.apply(from, &mut to);
        to
    }
}

/// x += y.
pub(super) fn add(sum: &mut [f32], values: &[f32]) {
    sum.iter_mut().zip(values).for_each(|(sum, value)| *sum += value);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_map_multiplies_and_adds() {
        let affine =
            || Affine { inputs: 3, weight: vec![1.0, 2.0, 3.0, 4.0, 5.0, 6.0], bias: Some(vec![10.0, 20.0]) };
        let linear = Linear::from(affine());
        assert_eq!(linear.map(&[1.0, 0.0, -1.0, 0.0, 1.0, 0.0]), [8.0, 18.0, 12.0, 25.0]);
        let turned = Linear::from(affine().reordered(|output| 1 - output));
        assert_eq!(turned.map(&[1.0, 0.0, -1.0]), [18.0, 8.0]);
        let joined = Linear::from(Affine::join(vec![affine(), affine()]));
        assert_eq!(joined.map(&[1.0, 0.0, -1.0]), [8.0, 18.0, 8.0, 18.0]);
    }

    #[test]
    fn tiles_cover_every_weight() {
        let (outputs, inputs) = (130, 67);
        let weight: Vec<f32> = (0..outputs * inputs).map(|index| index as f32).collect();
        let linear = Linear::from(Affine { inputs, weight, bias: None });
        let mut unit = vec![0.0; inputs];
        unit[66] = 1.0;
        let found = linear.map(&unit);
        assert!((0..outputs).all(|output| found[output] == (output * inputs + 66) as f32));
    }
}
