//! A network on a device, and the forward pass through it.

use std::collections::HashMap;
use std::sync::Arc;

use candle_core::{Result, Tensor};

use super::attention::{Attention, Turns, View};
use super::parts::{Linear, Mlp, Norm, vector};
use crate::transformer::{self as cpu, Order, Plan, Sink, Site, Transformer};
use crate::{Device, ModelError};

/// The weights of a transformer's blocks on a device; vectors of tokens and places stay where they are.
pub(crate) struct Offloaded {
    name: Device,
    device: candle_core::Device,
    /// Blocks in order; families that share weights hold one block several times.
    blocks: Vec<Arc<Block>>,
    final_norm: Option<Norm>,
    final_projection: Option<Linear>,
}

struct Block {
    order: Order,
    attention_norm: Norm,
    attention: Attention,
    attended_norm: Option<Norm>,
    mlp_norm: Norm,
    mlp: Mlp,
    mlp_out_norm: Option<Norm>,
}

/// The state behind a block, and what its parts added.
struct Passed {
    state: Tensor,
    attention: Tensor,
    mlp: Tensor,
}

impl Offloaded {
    /// Copies the weights of a network to a device.
    ///
    /// # Errors
    /// - [`ModelError::Device`] if the build or the machine has none, or its memory is too small.
    pub(crate) fn of(network: &Transformer, name: Device) -> std::result::Result<Self, ModelError> {
        let device = open(name)?;
        Self::upload(network, name, device).map_err(failed(name))
    }

    fn upload(network: &Transformer, name: Device, device: candle_core::Device) -> Result<Self> {
        let mut placed: HashMap<*const cpu::Block, Arc<Block>> = HashMap::new();
        let mut blocks = Vec::with_capacity(network.blocks.len());
        for block in &network.blocks {
            let known = placed.get(&Arc::as_ptr(block)).cloned();
            let block_there = known.map_or_else(|| Block::of(block, &device).map(Arc::new), Ok)?;
            placed.insert(Arc::as_ptr(block), Arc::clone(&block_there));
            blocks.push(block_there);
        }
        Ok(Self {
            name,
            blocks,
            final_norm: network.final_norm.as_ref().map(|norm| Norm::of(norm, &device)).transpose()?,
            final_projection: network
                .final_projection
                .as_ref()
                .map(|map| Linear::of(map, &device))
                .transpose()?,
            device,
        })
    }

    /// Hands the activations of windows of tokens to `sink`, as [`Transformer::run`] does; each passes by itself.
    ///
    /// # Errors
    /// - [`ModelError::Device`] if the device fails, or its memory is too small.
    pub(crate) fn run(
        &self,
        network: &Transformer,
        (windows, plan): (&[&[u32]], Plan),
        sink: &mut dyn Sink,
    ) -> std::result::Result<(), ModelError> {
        for (window, ids) in windows.iter().enumerate() {
            if sink.wants(Site::Static) {
                sink.take(Site::Static, window, (&network.embedding.alone(ids), network.embedding.width));
            }
            self.pass(network, (ids, plan), (window, sink)).map_err(failed(self.name))?;
        }
        Ok(())
    }

    fn pass(
        &self,
        network: &Transformer,
        (ids, plan): (&[u32], Plan),
        (window, sink): (usize, &mut dyn Sink),
    ) -> Result<()> {
        let places: Vec<usize> = (0..ids.len()).collect();
        let shape = (ids.len(), network.shape.width);
        let mut state = Tensor::from_vec(network.embedding.of(ids, &places), shape, &self.device)?;
        give((window, &mut *sink), Site::Embed, &state)?;
        let turns: Vec<Turns> = network
            .rotary
            .iter()
            .map(|rotary| self.turns(&rotary.turns(ids.len(), plan.length())))
            .collect::<Result<_>>()?;
        let mut masks: HashMap<View, Option<Tensor>> = HashMap::new();
        for (index, block) in self.blocks.iter().enumerate() {
            let view = block.attention.view;
            if let std::collections::hash_map::Entry::Vacant(entry) = masks.entry(view) {
                entry.insert(view.mask(ids.len(), &self.device)?);
            }
            let turns = block.attention.rotary.map(|rotary| &turns[rotary]);
            let passed = block.pass(&state, turns, masks[&view].as_ref())?;
            give((window, &mut *sink), Site::Attention(index + 1), &passed.attention)?;
            give((window, &mut *sink), Site::Mlp(index + 1), &passed.mlp)?;
            give((window, &mut *sink), Site::Block(index + 1), &passed.state)?;
            state = passed.state;
        }
        if sink.wants(Site::FinalNorm) {
            let normed = self.final_norm.as_ref().map_or(Ok(state.clone()), |norm| norm.apply(&state))?;
            let last = self.final_projection.as_ref().map_or(Ok(normed.clone()), |map| map.map(&normed))?;
            give((window, &mut *sink), Site::FinalNorm, &last)?;
        }
        Ok(())
    }

    fn turns(&self, turns: &cpu::Turns) -> Result<Turns> {
        let (cosines, sines, pairs) = turns.parts();
        let table = |values: &[f32]| vector(values, &self.device)?.reshape((values.len() / pairs, pairs));
        Ok(Turns { cosines: table(cosines)?, sines: table(sines)? })
    }
}

impl Block {
    fn of(block: &cpu::Block, device: &candle_core::Device) -> Result<Self> {
        let optional =
            |norm: &Option<cpu::Norm>| norm.as_ref().map(|norm| Norm::of(norm, device)).transpose();
        Ok(Self {
            order: block.order,
            attention_norm: Norm::of(&block.attention_norm, device)?,
            attention: Attention::of(&block.attention, device)?,
            attended_norm: optional(&block.attended_norm)?,
            mlp_norm: Norm::of(&block.mlp_norm, device)?,
            mlp: Mlp::of(&block.mlp, device)?,
            mlp_out_norm: optional(&block.mlp_out_norm)?,
        })
    }

    fn pass(&self, state: &Tensor, turns: Option<&Turns>, mask: Option<&Tensor>) -> Result<Passed> {
        let rows = match self.order {
            Order::NormLast => state.clone(),
            Order::NormFirst | Order::NormFirstAndKept | Order::Parallel => {
                self.attention_norm.apply(state)?
            }
        };
        let mut attention = self.attention.output.map(&self.attention.attend(&rows, turns, mask)?)?;
        if let Some(norm) = &self.attended_norm {
            attention = norm.apply(&attention)?;
        }
        let (state, mlp) = match self.order {
            Order::NormFirst => {
                let middle = (state + &attention)?;
                let mlp = self.widen(&self.mlp_norm.apply(&middle)?)?;
                ((middle + &mlp)?, mlp)
            }
            Order::NormFirstAndKept => {
                let middle = self.mlp_norm.apply(&(rows + &attention)?)?;
                let mlp = self.widen(&middle)?;
                ((middle + &mlp)?, mlp)
            }
            Order::NormLast => {
                let middle = self.attention_norm.apply(&(state + &attention)?)?;
                let mlp = self.widen(&middle)?;
                (self.mlp_norm.apply(&(middle + &mlp)?)?, mlp)
            }
            Order::Parallel => {
                let mlp = self.widen(&self.mlp_norm.apply(state)?)?;
                (((state + &attention)? + &mlp)?, mlp)
            }
        };
        Ok(Passed { state, attention, mlp })
    }

    fn widen(&self, rows: &Tensor) -> Result<Tensor> {
        let mlp = self.mlp.apply(rows)?;
        self.mlp_out_norm.as_ref().map_or(Ok(mlp.clone()), |norm| norm.apply(&mlp))
    }
}

fn give((window, sink): (usize, &mut dyn Sink), site: Site, values: &Tensor) -> Result<()> {
    if sink.wants(site) {
        sink.take(site, window, (&values.flatten_all()?.to_vec1::<f32>()?, values.dim(1)?));
    }
    Ok(())
}

fn open(name: Device) -> std::result::Result<candle_core::Device, ModelError> {
    match name {
        Device::Cpu | Device::Candle => Ok(candle_core::Device::Cpu),
        #[cfg(feature = "cuda")]
        Device::Cuda(card) => candle_core::Device::new_cuda(card).map_err(failed(name)),
        #[cfg(feature = "metal")]
        Device::Metal => candle_core::Device::new_metal(0).map_err(failed(name)),
        #[allow(unreachable_patterns)]
        Device::Cuda(_) | Device::Metal => Err(super::not_built(name)),
    }
}

fn failed(device: Device) -> impl Fn(candle_core::Error) -> ModelError {
    move |error| ModelError::Device {
        device,
        reason: format!(
            "found `{error}`, expected a device that is free and has memory for weights and one window; leave the device out to use the processor"
        ),
    }
}
