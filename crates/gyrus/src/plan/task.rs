//! One task of a plan, whatever its kind: what it needs, and its work.

use super::{Machine, Plan, TaskSummary};
use crate::Error;
use crate::inputs::Inputs;
use crate::store::Store;
use crate::tasks::{Baseline, Extract, Fit, Infer, Prepare};

/// A task of a plan.
#[derive(Debug, Clone, Copy)]
pub enum Task<'a> {
    /// Cleans a recording.
    Prepare(&'a Prepare),
    /// Reads a stimulus with a language model.
    Extract(&'a Extract),
    /// Fits what gains are taken over.
    Baseline(&'a Baseline),
    /// Fits a layer to a part of the targets.
    Fit(&'a Fit, usize),
    /// Answers.
    Infer(&'a Infer),
}

impl Task<'_> {
    /// What it works on and needs.
    #[must_use]
    pub fn summary(&self, inputs: &Inputs, plan: &Plan) -> TaskSummary {
        match self {
            Self::Prepare(task) => task.summary(inputs),
            Self::Extract(task) => task.summary(inputs),
            Self::Baseline(task) => task.summary(inputs, &plan.designs),
            Self::Fit(task, part) => task.summary(inputs, &plan.designs, *part),
            Self::Infer(task) => task.summary(inputs),
        }
    }

    /// Does its work, unless the store has its result.
    ///
    /// # Errors
    /// - a file or setting that cannot be used,
    /// - [`Error::Store`] if a task that comes before has no result,
    /// - [`Error::Write`] if the disk is full.
    pub fn run(
        &self,
        inputs: &Inputs,
        plan: &Plan,
        store: &Store,
        machine: &Machine<'_>,
    ) -> Result<(), Error> {
        match self {
            Self::Prepare(task) => task.run(inputs, store, machine),
            Self::Extract(task) => task.run(inputs, store, machine),
            Self::Baseline(task) => task.run(inputs, &plan.designs, store, machine),
            Self::Fit(task, part) => task.run(*part, (inputs, &plan.designs), store, machine),
            Self::Infer(task) => task.run(inputs, plan, store, machine),
        }
    }
}
