//! The cells of every table.

use super::{carpet, depth, methods, quality};
use crate::results::{Estimate, GroupTests, Interval, LanguageModelResults, Outcome, ProfileRow, Results};

pub(super) fn of(file: &str, results: &Results) -> Option<Vec<Vec<String>>> {
    let rows = match file {
        "layers.tsv" => profile(results, layer_row),
        "group.tsv" => group(results),
        "best_layer.tsv" => best_layer(results),
        "untrained.tsv" => controls(results),
        "baseline.tsv" => baseline(results),
        "ceilings.tsv" => ceilings(results),
        "normalised.tsv" => normalised(results),
        "hierarchy.tsv" => depth::regions(results),
        "alignments.tsv" => alignments(results),
        "participants.tsv" => participants(results),
        "excluded.tsv" => excluded(results),
        "verdicts.tsv" => verdicts(results),
        "untrained_range.tsv" => untrained_range(results),
        "hierarchy_summary.tsv" => depth::summary(results),
        "language_models.tsv" => methods::language_models(results),
        "stimuli.tsv" => methods::stimuli(results),
        "methods.tsv" => methods::items(results),
        "warnings.tsv" => methods::numbered(&results.warnings),
        "notes.tsv" => methods::numbered(&results.notes),
        "hierarchy_index.tsv" => depth::index(results),
        "hierarchy_participants.tsv" => depth::participants(results),
        "lag_scan.tsv" => quality::lag_scan(results),
        "rate_in_layers.tsv" => quality::rate_in_layers(results),
        "variance_removed.tsv" => quality::variance_removed(results),
        "cleaning.tsv" => quality::cleaning(results),
        "carpet.tsv" => carpet::carpet(results),
        "carpet_traces.tsv" => carpet::traces(results),
        "physiology.tsv" => quality::physiology(results),
        "noise.tsv" => noise(results),
        "forecast.tsv" => forecast(results),
        "variance_by_region.tsv" => quality::variance_by_region(results),
        "data_quality.tsv" => quality::ranges(results),
        "clusters.tsv" => clusters(results),
        "contrasts.tsv" => contrasts(results),
        "sweeps.tsv" => sweeps(results),
        "covariates.tsv" => covariates(results),
        "people_and_stories.tsv" => people_and_stories(results),
        "checks.tsv" => quality::checks(results),
        _ => return None,
    };
    Some(rows)
}

/// The shortest decimal that reads back as the same number; `n/a` for none.
pub(crate) fn number(value: f64) -> String {
    if value.is_finite() { format!("{value}") } else { "n/a".to_owned() }
}

/// Words as they stand in a cell.
pub(crate) fn text(value: &str) -> String {
    value.replace(['\t', '\n', '\r'], " ")
}

/// A region as it stands in a cell; None is the mean over regions.
pub(crate) fn region(region: Option<&String>) -> String {
    match region.map(|name| text(name)) {
        None => "mean".to_owned(),
        Some(name) if name == "mean" => "region mean".to_owned(),
        Some(name) => name,
    }
}

pub(super) fn ends(interval: &Interval) -> [String; 2] {
    [number(interval.low), number(interval.high)]
}

/// Value, interval over participants, interval over the stimulus.
pub(crate) fn estimate(found: Option<&Estimate>) -> Vec<String> {
    match found {
        None => vec!["n/a".to_owned(); 5],
        Some(found) => {
            let value = [number(found.value)];
            value
                .into_iter()
                .chain(ends(&found.over_participants))
                .chain(ends(&found.over_stimulus))
                .collect()
        }
    }
}

fn profile(results: &Results, row: fn(&str, &ProfileRow) -> Vec<String>) -> Vec<Vec<String>> {
    let of_model = |model: &crate::results::LanguageModelResults| {
        let name = text(&model.name);
        model.profile.iter().map(|found| row(&name, found)).collect::<Vec<_>>()
    };
    results.language_models.iter().flat_map(of_model).collect()
}

fn layer_row(name: &str, row: &ProfileRow) -> Vec<String> {
    let mut cells = vec![
        name.to_owned(),
        row.layer.to_string(),
        region(row.region.as_ref()),
        row.n_participants.to_string(),
    ];
    cells.extend(estimate(Some(&row.score)));
    cells.push(row.score.stimulus_interval_reliable.to_string());
    cells.push(number(row.baseline_score));
    cells.extend(estimate(Some(&row.unique_gain)));
    cells.extend(estimate(row.contextual_gain.as_ref()));
    cells
}

fn group(results: &Results) -> Vec<Vec<String>> {
    let mut rows = Vec::new();
    for model in &results.language_models {
        for row in &model.profile {
            let mut add = |quantity: &str, value: f64, tests: &GroupTests| {
                let mut cells = vec![text(&model.name), row.layer.to_string(), region(row.region.as_ref())];
                cells.push(quantity.to_owned());
                let numbers = [
                    value,
                    tests.null_mean,
                    tests.null_95,
                    value - tests.null_mean,
                    tests.p_stimulus,
                    tests.p_stimulus_corrected,
                    tests.p_sign_flip_corrected,
                    tests.p_wilcoxon,
                    tests.p_t,
                    tests.q_stimulus,
                    tests.q_stimulus_any,
                    tests.p_stimulus_tail,
                    tests.p_stimulus_corrected_tail,
                ];
                cells.extend(numbers.map(number));
                rows.push(cells);
            };
            add("score", row.score.value, &row.score_tests);
            add("unique_gain", row.unique_gain.value, &row.unique_gain_tests);
            if let (Some(gain), Some(tests)) = (&row.contextual_gain, &row.contextual_gain_tests) {
                add("contextual_gain", gain.value, tests);
            }
        }
    }
    rows
}

fn best_layer(results: &Results) -> Vec<Vec<String>> {
    let mut rows = Vec::new();
    for model in &results.language_models {
        for best in &model.best_layer {
            let mut cells = vec![
                text(&model.name),
                region(best.region.as_ref()),
                best.layer.to_string(),
                number(best.share),
            ];
            cells.extend(estimate(Some(&best.score)));
            cells.extend(estimate(Some(&best.unique_gain)));
            cells.extend(estimate(best.beyond_untrained.as_ref()));
            rows.push(cells);
        }
    }
    rows
}

fn controls(results: &Results) -> Vec<Vec<String>> {
    let mut rows = Vec::new();
    for model in &results.language_models {
        for (training, controls) in [
            ("untrained", &model.untrained),
            ("random_embedding", &model.random_embeddings),
            ("shuffled", &model.shuffled),
        ] {
            rows.extend(controls.iter().map(|row| {
                vec![
                    text(&model.name),
                    training.to_owned(),
                    row.seed.to_string(),
                    row.layer.to_string(),
                    region(row.region.as_ref()),
                    number(row.score),
                ]
            }));
        }
    }
    rows
}

fn baseline(results: &Results) -> Vec<Vec<String>> {
    let row = |row: &crate::results::BaselineRow| {
        let mut cells = vec![text(&row.band), region(row.region.as_ref())];
        cells.extend(estimate(Some(&row.score)));
        cells
    };
    results.baseline.rows.iter().map(row).collect()
}

fn ceilings(results: &Results) -> Vec<Vec<String>> {
    let row = |row: &crate::results::CeilingRow| {
        let numbers = [
            row.leave_one_out_isc,
            row.root_pairwise_isc,
            row.shared_response,
            row.split_half,
            row.extrapolated_isc,
            row.signal_power,
            row.signal_to_noise,
            row.explainable_variance,
        ];
        [region(row.region.as_ref())].into_iter().chain(numbers.map(number)).collect()
    };
    results.ceilings.iter().map(row).collect()
}

fn normalised(results: &Results) -> Vec<Vec<String>> {
    let row = |row: &crate::results::NormalisedRow| {
        let is_above = row.normalised > 1.0;
        vec![
            text(&row.language_model),
            region(row.region.as_ref()),
            row.kind.clone(),
            row.bound.clone(),
            row.layer.to_string(),
            number(row.score),
            number(row.ceiling),
            number(row.normalised),
            if row.normalised.is_finite() { is_above.to_string() } else { "n/a".to_owned() },
            row.cells.to_string(),
            row.left_out.to_string(),
            row.reason.clone().unwrap_or_else(|| "n/a".to_owned()),
        ]
    };
    results.normalised.iter().map(row).collect()
}

fn contrasts(results: &Results) -> Vec<Vec<String>> {
    let side = |side: &crate::results::ContrastSide| {
        let name = side.language_model.as_ref().map_or_else(|| number(f64::NAN), |name| text(name));
        let layer = side.layer.map_or_else(|| number(f64::NAN), |layer| layer.to_string());
        [name, layer, number(side.share)]
    };
    let row = |row: &crate::results::ContrastRow| {
        let mut cells = vec![text(&row.contrast), region(row.region.as_ref())];
        cells.extend(side(&row.of).into_iter().chain(side(&row.minus)));
        cells.extend(estimate(Some(&row.difference)));
        cells.extend([row.p_sign_flip_corrected, row.p_wilcoxon, row.p_t].map(number));
        cells.extend([&row.of, &row.minus].map(|side| text(&side.features)));
        cells
    };
    results.contrasts.iter().map(row).collect()
}

fn covariates(results: &Results) -> Vec<Vec<String>> {
    let row = |row: &crate::results::CovariateRow| {
        let mut cells =
            [&row.language_model, &row.quantity, &row.covariate].map(|words| text(words)).to_vec();
        cells.push(row.compared.as_ref().map_or_else(|| number(f64::NAN), |compared| text(compared)));
        cells.extend([region(row.region.as_ref()), row.n_participants.to_string(), number(row.slope)]);
        cells.extend(ends(&row.interval));
        cells.extend([row.t, row.p_t, row.p_permutation_corrected].map(number));
        cells
    };
    results.covariates.iter().map(row).collect()
}

fn people_and_stories(results: &Results) -> Vec<Vec<String>> {
    let mut rows = Vec::new();
    for model in &results.language_models {
        for row in &model.profile {
            let quantities = [
                ("score", Some(&row.score_tests)),
                ("unique_gain", Some(&row.unique_gain_tests)),
                ("contextual_gain", row.contextual_gain_tests.as_ref()),
            ];
            for (quantity, tests) in quantities {
                let Some(of) = tests.and_then(|tests| tests.people_and_stories) else { continue };
                let mut cells = vec![text(&model.name), row.layer.to_string(), region(row.region.as_ref())];
                cells.extend([quantity.to_owned(), number(of.value)]);
                cells.extend(ends(&of.interval));
                cells.extend([of.p, of.sd_people, of.sd_stories].map(number));
                cells.push(of.n_stories.to_string());
                rows.push(cells);
            }
        }
    }
    rows
}

fn alignments(results: &Results) -> Vec<Vec<String>> {
    let row = |row: &crate::results::AlignmentRow| {
        let mut cells = vec![text(&row.language_model), text(&row.alignment), row.layer.to_string()];
        cells.extend(estimate(Some(&row.score)));
        cells
    };
    results.alignments.iter().map(row).collect()
}

fn noise(results: &Results) -> Vec<Vec<String>> {
    let row = |row: &crate::results::NoiseRow| {
        let mut cells = vec![text(&row.language_model), text(&row.source), region(row.region.as_ref())];
        cells.extend([row.variance_removed, row.cleaned, row.left_in].map(number));
        cells.extend(estimate(Some(&row.difference)));
        cells
    };
    results.noise.iter().map(row).collect()
}

fn forecast(results: &Results) -> Vec<Vec<String>> {
    let row = |row: &crate::results::ForecastRow| {
        let mut cells = vec![text(&row.language_model), text(&row.window), region(row.region.as_ref())];
        cells.push(row.layer.to_string());
        cells.push(row.distance.map_or_else(|| number(f64::NAN), |distance| distance.to_string()));
        cells.extend([row.alone, row.with_window].map(number));
        cells.extend(estimate(Some(&row.forecast)));
        cells.extend(estimate(row.beyond_random.as_ref()));
        cells.extend([row.p_sign_flip_corrected, row.p_wilcoxon].map(number));
        cells
    };
    results.forecast.iter().map(row).collect()
}

fn sweeps(results: &Results) -> Vec<Vec<String>> {
    let row = |row: &crate::results::SweepRow| {
        let mut cells = [&row.language_model, &row.sweep, &row.level].map(|name| text(name)).to_vec();
        cells.extend([region(row.region.as_ref()), row.layer.to_string()]);
        cells.extend(estimate(Some(&row.score)));
        cells.extend(estimate(Some(&row.unique_gain)));
        cells.push(row.finer.as_deref().map_or_else(|| "n/a".to_owned(), text));
        cells.extend(estimate(row.difference.as_ref()));
        cells.extend([row.p_sign_flip_corrected, row.p_wilcoxon].map(number));
        cells
    };
    results.sweeps.iter().map(row).collect()
}

fn participants(results: &Results) -> Vec<Vec<String>> {
    let row = |row: &crate::results::ParticipantResults| {
        let removed: Vec<String> = row
            .variance_removed
            .iter()
            .map(|(name, share)| format!("{}={}", text(name), number(*share)))
            .collect();
        vec![
            text(&row.name),
            row.n_samples.to_string(),
            row.n_regressors.to_string(),
            row.degrees_of_freedom.to_string(),
            if removed.is_empty() { "n/a".to_owned() } else { removed.join(";") },
            row.excluded.as_deref().map_or_else(|| "n/a".to_owned(), text),
        ]
    };
    results.participants.iter().map(row).collect()
}

fn excluded(results: &Results) -> Vec<Vec<String>> {
    let or_none = |value: &Option<String>| value.as_deref().map_or_else(|| "n/a".to_owned(), text);
    let row = |row: &crate::results::Exclusion| {
        vec![text(&row.participant), or_none(&row.run), or_none(&row.target), text(&row.reason)]
    };
    results.exclusions.iter().map(row).collect()
}

fn clusters(results: &Results) -> Vec<Vec<String>> {
    let row = |row: &crate::results::ClusterRow| {
        let peak = |part: fn(&crate::results::Target) -> &String| {
            row.peak.as_ref().map_or_else(|| "n/a".to_owned(), |peak| text(part(peak)))
        };
        vec![
            text(&row.language_model),
            row.layer.to_string(),
            text(&row.quantity),
            text(&row.null),
            row.n_targets.to_string(),
            row.n_significant.to_string(),
            row.n_clusters.to_string(),
            row.largest.to_string(),
            number(row.smallest_p),
            peak(|peak| &peak.name),
            peak(|peak| &peak.region),
            number(row.peak_value),
        ]
    };
    results.clusters.iter().map(row).collect()
}

fn verdicts(results: &Results) -> Vec<Vec<String>> {
    let row = |row: &crate::results::Verdict| {
        let outcome = match row.outcome {
            Outcome::Beyond => "beyond",
            Outcome::NotBeyond => "not_beyond",
            Outcome::CannotTell => "cannot_tell",
        };
        let mut cells = vec![text(&row.language_model), text(&row.question), outcome.to_owned()];
        cells.extend(estimate(row.difference.as_ref()));
        let reliable = row.difference.map(|difference| difference.stimulus_interval_reliable.to_string());
        cells.push(reliable.unwrap_or_else(|| "n/a".to_owned()));
        cells.extend([row.p, row.lag].map(|value| number(value.unwrap_or(f64::NAN))));
        cells.push(text(&row.sentence));
        cells
    };
    results.verdicts.iter().map(row).collect()
}

/// Lowest, mean and highest over untrained copies; rows in the order of the profile.
fn untrained_range(results: &Results) -> Vec<Vec<String>> {
    let of_model = |model: &LanguageModelResults| {
        let mut rows = Vec::new();
        for at in &model.profile {
            let is_here =
                |row: &&crate::results::ControlRow| row.layer == at.layer && row.region == at.region;
            let scores = model.untrained.iter().filter(is_here).map(|row| row.score);
            let scores: Vec<f64> = scores.filter(|score| score.is_finite()).collect();
            if scores.is_empty() {
                continue;
            }
            let lowest = scores.iter().copied().fold(f64::INFINITY, f64::min);
            let highest = scores.iter().copied().fold(f64::NEG_INFINITY, f64::max);
            let mean = scores.iter().sum::<f64>() / scores.len() as f64;
            let mut cells = vec![text(&model.name), at.layer.to_string(), region(at.region.as_ref())];
            cells.push(scores.len().to_string());
            cells.extend([lowest, mean, highest].map(number));
            rows.push(cells);
        }
        rows
    };
    results.language_models.iter().flat_map(of_model).collect()
}
