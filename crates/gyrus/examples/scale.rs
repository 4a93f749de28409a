//! The cost model of docs/scale.md: operations, bytes, files and tasks of the fits of large studies, and how they would run on clusters.
//!
//! scale [BILLION_OPERATIONS_PER_SECOND_AND_THREAD]: prints the tables of that page.

use gyrus::cluster::{Course, Site, course};
use gyrus_encoding::backend::operations_of_fit;
use gyrus_encoding::nulls::operations_of_refit;

/// People who heard the same runs, and what is fitted to them.
struct Study {
    name: &'static str,
    /// Participants and volumes of each group of people who heard the same.
    designs: Vec<(usize, usize)>,
    targets: usize,
    layers: usize,
    language_models: usize,
    width: usize,
    /// Untrained copies, of which every layer is fitted too.
    copies: usize,
    surrogates: usize,
}

const DELAYS: usize = 4;
const FOLDS: usize = 5;
const INNER_FOLDS: usize = 5;
/// As `gyrus` divides fits: columns of responses at a time, their values, and operations of a task.
const COLUMNS_AT_ONCE: usize = 16_384;
const RESPONSES_AT_ONCE: usize = COLUMNS_AT_ONCE * 4096;
/// Penalties of a fold and mixture that targets take, more or less, and mixtures of layer and baseline.
const PENALTIES: usize = 6;
const MIXTURES: usize = 4;
const OPERATIONS_OF_TASK: f64 = 45.0 * 60.0 * 4e10;

/// What fits of a study cost.
struct Cost {
    operations: f64,
    bytes: f64,
    files: usize,
    /// Operations of each task.
    tasks: Vec<f64>,
    /// Bytes that each thread holds for a surrogate: its features in five forms, and Gram matrices.
    surrogate: f64,
}

fn studies() -> Vec<Study> {
    let language = |name, designs, targets, language_models| Study {
        name,
        designs,
        targets,
        layers: 13,
        language_models,
        width: 768,
        copies: 1,
        surrogates: 1000,
    };
    vec![
        // 27 people, 6 regions, 12 minutes.
        Study { width: 64, layers: 6, copies: 5, ..language("Alice", vec![(27, 361)], 6, 1) },
        // 345 people, in about 18 groups who heard the same; fsaverage6 (Nastase et al. 2021).
        language("Narratives, one story (82 people)", vec![(82, 290)], 81_924, 1),
        language("Narratives, 18 groups", vec![(19, 560); 18], 81_924, 1),
        // One person, 82 stories, their own voxels (LeBel et al. 2023).
        language("LeBel, UTS03", vec![(1, 33_000)], 95_556, 1),
        // Four people, 65 hours of films each, parcels (Courtois NeuroMod).
        language("Courtois NeuroMod", vec![(4, 157_000)], 1000, 1),
        language("300 people, 20 language models", vec![(300, 1000)], 80_000, 20),
    ]
}

fn cost(study: &Study) -> Cost {
    let columns = (study.width + 4) * DELAYS;
    let mut found = Cost { operations: 0.0, bytes: 0.0, files: 0, tasks: Vec::new(), surrogate: 0.0 };
    let everybody: usize = study.designs.iter().map(|(people, _)| people).sum();
    let longest = study.designs.iter().map(|(_, rows)| *rows).max().unwrap_or(1);
    let at_once = COLUMNS_AT_ONCE.min(RESPONSES_AT_ONCE / longest) / everybody;
    let at_once = at_once.max(64).min(study.targets);
    let blocks = study.targets.div_ceil(at_once);
    for &(people, rows) in &study.designs {
        let all = people * study.targets;
        let fit = (FOLDS * (INNER_FOLDS + 1)) as f64 * operations_of_fit(rows, columns, people * at_once);
        // What layer 0 makes of a layer.
        let own_parts = (FOLDS + 1) as f64 * operations_of_fit(rows, columns, columns);
        let both = MIXTURES * PENALTIES;
        let refits = [(columns, PENALTIES), (columns, both), (2 * columns, both)];
        let training = rows - rows / FOLDS;
        // Every quantity has surrogates of its own.
        let of_fit = |fit| operations_of_refit(training, people * at_once, fit);
        let surrogate = FOLDS as f64 * refits.map(of_fit).iter().sum::<f64>();
        let side = rows.min(2 * columns);
        let responses = if side < rows { 6 } else { 2 } * side * people * at_once;
        let memory = 24 * rows * columns + 28 * side * side + responses;
        found.surrogate = found.surrogate.max(memory as f64);
        let scores = (2 * 8 * FOLDS * all + 4 * rows * study.targets) as f64;
        for (quantities, surrogates, fits) in [(3.0, study.surrogates, 1), (2.0, 0, study.copies)] {
            let own_parts = if surrogates > 0 { own_parts } else { 0.0 };
            let operations = blocks as f64 * (quantities * fit + own_parts + surrogates as f64 * surrogate);
            let parts = ((operations / OPERATIONS_OF_TASK).ceil() as usize).clamp(1, blocks);
            let fits = fits * study.layers * study.language_models;
            let bytes = quantities * (scores + (8 * surrogates * study.targets) as f64);
            found.operations += fits as f64 * operations;
            found.bytes += fits as f64 * bytes;
            found.files += fits * (blocks + 3 * parts);
            found.tasks.extend(std::iter::repeat_n(operations / parts as f64, fits * parts));
        }
    }
    found
}

/// Nodes of 32 cores that run eight shares of four threads, fail once in 2,000 hours, and are back after an hour.
const SITE: Site = Site {
    nodes: 1,
    shares_per_node: 8,
    limit: 1000,
    between_failures: 2000.0 * 3600.0,
    repair: 3600.0,
    requeue: 120.0,
    overhead: 30.0,
    seed: 1,
};
const THREADS: f64 = 4.0;
/// No cluster lets a job run longer: a fortnight.
const LONGEST: f64 = 14.0 * 86_400.0;
/// Shares of half an hour, as `gyrus submit` makes them.
const SHARE: f64 = 1800.0;

fn shares(tasks: &[f64], speed: f64) -> Vec<Vec<f64>> {
    let mut shares: Vec<Vec<f64>> = vec![Vec::new()];
    let mut length = 0.0;
    for operations in tasks {
        let seconds = operations / speed / THREADS;
        if length + seconds > SHARE && length > 0.0 {
            shares.push(Vec::new());
            length = 0.0;
        }
        length += seconds;
        if let Some(share) = shares.last_mut() {
            share.push(seconds);
        }
    }
    shares
}

fn hours(seconds: f64) -> String {
    match seconds / 3600.0 {
        hours if hours < 1.0 => format!("{:.0} min", 60.0 * hours),
        hours if hours < 72.0 => format!("{hours:.1} h"),
        hours => format!("{:.0} d", hours / 24.0),
    }
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let speed = std::env::args().nth(1).map_or(Ok(40.0), |text| text.parse::<f64>())? * 1e9;
    println!(
        "| study | operations | results | files | tasks | longest task, one thread | memory of a surrogate |\n|---|---|---|---|---|---|---|"
    );
    for study in studies() {
        let Cost { operations, bytes, files, tasks, surrogate } = cost(&study);
        let longest = hours(tasks.iter().copied().fold(0.0, f64::max) / speed);
        println!(
            "| {} | {operations:.1e} | {:.1} GB | {files} | {} | {longest} | {:.3} GB |",
            study.name,
            bytes / 1e9,
            tasks.len(),
            surrogate / 1e9
        );
    }
    println!(
        "\n| study | 1 node | 10 nodes | 100 nodes | 1,000 nodes | cut off by failures on 100 nodes |\n|---|---|---|---|---|---|"
    );
    for study in studies() {
        let cost = cost(&study);
        let longest = cost.tasks.iter().copied().fold(0.0, f64::max) / speed / THREADS;
        if longest > LONGEST {
            println!(
                "| {} | out of reach: a task of {} on four threads | | | | |",
                study.name,
                hours(longest)
            );
            continue;
        }
        let shares = shares(&cost.tasks, speed);
        let on = |nodes: usize| course(&shares, &Site { nodes, ..SITE });
        let shown = |course: Course| {
            let alone = course.useful / course.makespan;
            format!("{} ({alone:.0} at work)", hours(course.makespan))
        };
        let hundred = on(100);
        println!(
            "| {} | {} | {} | {} | {} | {} shares, {} of work ({:.2} %) |",
            study.name,
            shown(on(1)),
            shown(on(10)),
            shown(hundred),
            shown(on(1000)),
            hundred.failures,
            hours(hundred.lost),
            100.0 * hundred.lost / hundred.useful
        );
    }
    Ok(())
}
