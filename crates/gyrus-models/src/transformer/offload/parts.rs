//! Maps, norms and the network at every token, on a device.

use candle_core::{D, Device, Result, Tensor};

use crate::transformer::{self as cpu, Activation};

/// x Wᵀ + b.
pub(super) struct Linear {
    /// Shape (inputs, outputs).
    weight: Tensor,
    bias: Option<Tensor>,
}

impl Linear {
    pub(super) fn of(linear: &cpu::Linear, device: &Device) -> Result<Self> {
        let (weight, shape) = linear.transposed();
        let bias = linear.bias().map(|bias| vector(bias, device)).transpose()?;
        Ok(Self { weight: Tensor::from_vec(weight, shape, device)?, bias })
    }

    pub(super) fn map(&self, rows: &Tensor) -> Result<Tensor> {
        let mapped = rows.matmul(&self.weight)?;
        self.bias.as_ref().map_or(Ok(mapped.clone()), |bias| mapped.broadcast_add(bias))
    }
}

/// A normalisation of the last axis.
pub(super) struct Norm {
    weight: Tensor,
    /// Of a norm that takes the mean away.
    bias: Option<Tensor>,
    epsilon: f64,
}

impl Norm {
    pub(super) fn of(norm: &cpu::Norm, device: &Device) -> Result<Self> {
        let (weight, bias, epsilon) = match norm {
            cpu::Norm::Layer { weight, bias, epsilon } => (weight, Some(bias), epsilon),
            cpu::Norm::Rms { weight, epsilon } => (weight, None, epsilon),
        };
        let bias = bias.map(|bias| vector(bias, device)).transpose()?;
        Ok(Self { weight: vector(weight, device)?, bias, epsilon: f64::from(*epsilon) })
    }

    pub(super) fn apply(&self, rows: &Tensor) -> Result<Tensor> {
        let centred = match &self.bias {
            Some(_) => rows.broadcast_sub(&rows.mean_keepdim(D::Minus1)?)?,
            None => rows.clone(),
        };
        let squares = centred.sqr()?.mean_keepdim(D::Minus1)?;
        let scaled =
            centred.broadcast_div(&(squares + self.epsilon)?.sqrt()?)?.broadcast_mul(&self.weight)?;
        self.bias.as_ref().map_or(Ok(scaled.clone()), |bias| scaled.broadcast_add(bias))
    }
}

/// The network at every token.
pub(super) struct Mlp {
    up: Linear,
    activation: Activation,
    is_gated: bool,
    down: Linear,
}

impl Mlp {
    pub(super) fn of(mlp: &cpu::Mlp, device: &Device) -> Result<Self> {
        let (up, down) = (Linear::of(&mlp.up, device)?, Linear::of(&mlp.down, device)?);
        Ok(Self { up, activation: mlp.activation, is_gated: mlp.is_gated, down })
    }

    pub(super) fn apply(&self, rows: &Tensor) -> Result<Tensor> {
        let inner = self.up.map(rows)?;
        if !self.is_gated {
            return self.down.map(&bend(self.activation, &inner)?);
        }
        let width = inner.dim(1)? / 2;
        let gate = bend(self.activation, &inner.narrow(1, 0, width)?.contiguous()?)?;
        self.down.map(&(gate * inner.narrow(1, width, width)?.contiguous()?)?)
    }
}

fn bend(activation: Activation, values: &Tensor) -> Result<Tensor> {
    match activation {
        Activation::Gelu => values.gelu_erf(),
        Activation::GeluTanh => values.gelu(),
        Activation::GeluQuick => values / ((values * -1.702)?.exp()? + 1.0)?,
        Activation::Relu => values.relu(),
        Activation::Silu => values.silu(),
        Activation::Tanh => values.tanh(),
    }
}

/// Numbers in a row, on a device.
pub(super) fn vector(values: &[f32], device: &Device) -> Result<Tensor> {
    Tensor::from_slice(values, values.len(), device)
}
