//! Peak memory is computed before a task starts, and kept: measured against predicted for every kind of task.

#![allow(clippy::unwrap_used)]

#[path = "../program/checkpoint.rs"]
mod checkpoint;
mod counting;
mod large;
#[path = "../program/numbers.rs"]
mod numbers;

use std::collections::BTreeMap;

use gyrus::plan::{Machine, Plan};
use gyrus::store::Store;
use gyrus::{Execution, Silent, inputs};

#[global_allocator]
static MEMORY: counting::Counting = counting::Counting::new();

/// Smaller tasks hold mostly what every task holds.
const WORTH_MEASURING: u64 = 64 << 20;

const THREADS: usize = 2;

#[test]
fn every_kind_of_task_keeps_its_promise() {
    let folder = tempfile::tempdir().unwrap();
    let size = checkpoint::Size { width: 256, vocabulary: 70_000 };
    let study = large::write(folder.path(), 24_000, size);
    let inputs = inputs::open(&study, &Silent).unwrap();
    let plan = Plan::of(&inputs).unwrap();
    let execution = Execution { threads: Some(THREADS), ..Execution::default() };
    let machine = Machine::new(&execution, &Silent).unwrap();
    let store = Store::open(&folder.path().join("store")).unwrap();
    let mut measured: BTreeMap<&str, usize> = BTreeMap::new();
    let mut broken = Vec::new();
    for task in plan.tasks() {
        let promise = task.summary(&inputs, &plan);
        let before = MEMORY.restart();
        task.run(&inputs, &plan, &store, &machine).unwrap();
        let held = MEMORY.peak() - before;
        let predicted = promise.memory_on(THREADS);
        let ratio = held as f64 / predicted as f64;
        let line = format!(
            "{} {}: predicted {predicted}, measured {held} ({ratio:.2})",
            promise.kind, promise.label
        );
        println!("{line}");
        if held >= WORTH_MEASURING {
            *measured.entry(promise.kind).or_default() += 1;
        }
        if ratio > 1.1 || (ratio < 0.5 && predicted >= WORTH_MEASURING) {
            broken.push(line);
        }
    }
    assert!(broken.is_empty(), "measured must lie between 0.5 and 1.1 of predicted:\n{}", broken.join("\n"));
    for kind in ["prepare", "extract", "baseline", "fit", "infer"] {
        assert!(measured.contains_key(kind), "no {kind} task was large enough to be measured");
    }
}
