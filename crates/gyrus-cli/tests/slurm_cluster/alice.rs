//! The recordings of Alice on the cluster.

use super::alice_study::Alice;
use super::cluster::Slurm;
use super::planned::{plan_of, results_in};

/// All people, regions and layers, without what is only compared.
pub fn alice_is_the_same_on_two_nodes(slurm: &Slurm) {
    let alice = Alice::new("study.toml");
    alice.edit("compare = true ", "compare = false ");
    alice.edit("untrained_seeds = 5", "untrained_seeds = 1");
    alice.edit("distances = [-8, 0, 4, 8, 12, 16, 24]", "distances = [8]");
    alice.analyzed();
    let output = alice.path("shared");
    plan_of(&alice.path("study.toml"), &output).succeeded();
    slurm.submit_with(&output, &["--share-minutes", "0"]);
    slurm.wait_for_queue();
    let mut found = results_in(&output);
    found.retain(|name, _| !name.starts_with("logs") && name != "jobs.json");
    assert_eq!(found, results_in(&alice.path("out")));
    assert!(found.contains_key("report/index.html"));
}
