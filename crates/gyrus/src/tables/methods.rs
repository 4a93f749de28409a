//! Rows of the methods paragraph: every number and choice that was used.

use gyrus_encoding::diagnostics::PLAUSIBLE_LAGS;

use super::rows::{number, text};
use crate::results::{PhysiologyRow, Results};

const UNDEFINED: &str = "n/a";

pub(super) fn items(results: &Results) -> Vec<Vec<String>> {
    let mut rows = study(results);
    rows.extend(encoding(results));
    rows.extend(statistics(results));
    rows
}

fn item(name: &str, value: impl ToString, unit: &str) -> Vec<String> {
    vec![name.to_owned(), text(&value.to_string()), unit.to_owned()]
}

fn study(results: &Results) -> Vec<Vec<String>> {
    let methods = &results.methods;
    let words: usize = methods.stimuli.iter().map(|(_, words, _)| words).sum();
    let mut rows = vec![
        item("version", &methods.version, UNDEFINED),
        item("n_participants_found", results.participants.len(), "participants"),
        item("n_participants", methods.n_participants, "participants"),
        item(
            "n_participants_excluded",
            results.participants.iter().filter(|person| person.excluded.is_some()).count(),
            "participants",
        ),
        item("n_targets", results.targets.len(), "targets"),
        item("n_regions", results.regions.len(), "regions"),
        item("n_stimuli", methods.stimuli.len(), "stimuli"),
        item("n_words", words, "words"),
        item("repetition_time_shortest", number(methods.repetition_times.0), "s"),
        item("repetition_time_longest", number(methods.repetition_times.1), "s"),
        item("n_samples_fewest", methods.n_samples.0, "volumes"),
        item("n_samples_most", methods.n_samples.1, "volumes"),
        item("high_pass", number(methods.high_pass.unwrap_or(f64::NAN)), "s"),
        item("drift_by", if methods.drift_by_block { "block" } else { "run" }, UNDEFINED),
        item("n_confounds", methods.confounds.len(), "regressors"),
        item("project_features", methods.project_features, UNDEFINED),
    ];
    if let Some(preset) = &methods.preset {
        rows.push(item("preset", &preset.name, UNDEFINED));
        rows.push(item("preset_reference", &preset.reference, UNDEFINED));
        rows.push(item("preset_sets", preset.set.join(", "), UNDEFINED));
        if !preset.own.is_empty() {
            rows.push(item("preset_own", preset.own.join(", "), UNDEFINED));
        }
    }
    rows.extend(physiology(results));
    rows
}

/// Orders, delays, and what was recorded; nothing where a study uses no recordings of heart and breath.
fn physiology(results: &Results) -> Vec<Vec<String>> {
    let mut rows = Vec::new();
    if let Some((cardiac, respiratory, interaction)) = results.methods.retroicor {
        rows.push(item("retroicor_cardiac", cardiac, "order"));
        rows.push(item("retroicor_respiratory", respiratory, "order"));
        rows.push(item("retroicor_interaction", interaction, "order"));
    }
    if let Some(behaviour) = &results.methods.behaviour {
        rows.push(item("behaviour", behaviour.join(", "), UNDEFINED));
    }
    if let Some((rates, lags)) = &results.methods.rates {
        rows.push(item("rates", rates.join(", "), UNDEFINED));
        let lags = lags.iter().enumerate();
        rows.extend(lags.map(|(index, lag)| item(&format!("rate_lag_{}", index + 1), number(*lag), "s")));
    }
    for (signal, cycles) in [("cardiac", "beats per minute"), ("respiratory", "breaths per minute")] {
        let of: Vec<&PhysiologyRow> = results.physiology.iter().filter(|row| row.signal == signal).collect();
        if of.is_empty() {
            continue;
        }
        let least =
            |value: fn(&PhysiologyRow) -> f64| of.iter().map(|row| value(row)).fold(f64::INFINITY, f64::min);
        let most = |value: fn(&PhysiologyRow) -> f64| {
            of.iter().map(|row| value(row)).fold(f64::NEG_INFINITY, f64::max)
        };
        let named =
            |name: &str, value: f64, unit: &str| item(&format!("{signal}_{name}"), number(value), unit);
        rows.push(item(&format!("{signal}_recordings"), of.len(), "runs"));
        rows.push(named("rate_lowest", least(|row| row.sampling_rate), "Hz"));
        rows.push(named("rate_highest", most(|row| row.sampling_rate), "Hz"));
        rows.push(named("per_minute_lowest", least(|row| row.per_minute), cycles));
        rows.push(named("per_minute_highest", most(|row| row.per_minute), cycles));
        rows.push(named("plausible_lowest", least(|row| row.plausible), "share of intervals"));
        rows.push(named("explained_lowest", least(|row| row.explained), "share of variance"));
    }
    rows
}

fn encoding(results: &Results) -> Vec<Vec<String>> {
    let methods = &results.methods;
    let mut rows = vec![
        item("alignment", &methods.alignment, UNDEFINED),
        item("centred", methods.centred, UNDEFINED),
        item("folds", &methods.folds, UNDEFINED),
        item("inner_folds", methods.inner_folds.0, "folds"),
        item("alpha_smallest", number(methods.alphas.0), "squared singular value of the features"),
        item("alpha_largest", number(methods.alphas.1), "squared singular value of the features"),
        item("n_alphas", methods.alphas.2, "penalties"),
        item("baseline", methods.baseline.join(", "), UNDEFINED),
        item("baseline_note", results.baseline.note.as_deref().unwrap_or(UNDEFINED), UNDEFINED),
    ];
    let (fewest, most) = methods.inner_folds;
    rows.extend((most > fewest).then(|| item("inner_folds_most", most, "folds")));
    rows.extend(methods.components.map(|count| item("components", count, "principal components")));
    let delays = methods.delays.iter().enumerate();
    rows.extend(delays.map(|(index, delay)| item(&format!("delay_{}", index + 1), number(*delay), "s")));
    rows
}

fn statistics(results: &Results) -> Vec<Vec<String>> {
    let methods = &results.methods;
    let clusters = methods.clusters.iter().map(|clusters| item("clusters", clusters, UNDEFINED));
    let mut rows = vec![
        item("surrogates", methods.surrogates.0, "surrogates"),
        item("surrogate_kind", &methods.surrogates.1, UNDEFINED),
        item("lag_earliest", number(*PLAUSIBLE_LAGS.start()), "s"),
        item("lag_latest", number(*PLAUSIBLE_LAGS.end()), "s"),
        item("smallest_p", number(1.0 / (methods.surrogates.0 as f64 + 1.0)), UNDEFINED),
        item("bootstraps", methods.bootstraps, "draws"),
        item("stimulus_block", number(methods.stimulus_block), "s"),
        item("equivalence_margin", number(methods.equivalence_margin), "r"),
        item("seed", methods.seed, UNDEFINED),
        item("population", &methods.population, UNDEFINED),
    ];
    rows.extend(clusters);
    rows.extend(methods.forecast.iter().map(|forecast| item("forecast", forecast, UNDEFINED)));
    rows
}

pub(super) fn language_models(results: &Results) -> Vec<Vec<String>> {
    let row = |model: &crate::results::LanguageModelResults| {
        let methods = results.methods.language_models.iter().find(|methods| methods.name == model.name);
        let or_none = |value: Option<String>| value.unwrap_or_else(|| UNDEFINED.to_owned());
        let layer = |layer: Option<&usize>| or_none(layer.map(ToString::to_string));
        vec![
            text(&model.name),
            or_none(methods.map(|methods| text(&methods.family))),
            model.n_parameters.to_string(),
            model.width.to_string(),
            model.layers.len().to_string(),
            layer(model.layers.first()),
            layer(model.layers.last()),
            model.last_layer.to_string(),
            or_none(methods.map(|methods| methods.context.to_string())),
            or_none(methods.map(|methods| text(&methods.pooling))),
            methods.map(|methods| text(&methods.reading)).unwrap_or_default(),
            or_none(methods.map(|methods| methods.untrained_seeds.to_string())),
        ]
    };
    results.language_models.iter().map(row).collect()
}

pub(super) fn stimuli(results: &Results) -> Vec<Vec<String>> {
    let row =
        |(name, words, seconds): &(String, usize, f64)| vec![text(name), words.to_string(), number(*seconds)];
    results.methods.stimuli.iter().map(row).collect()
}

pub(super) fn numbered(lines: &[String]) -> Vec<Vec<String>> {
    let lines = lines.iter().enumerate();
    lines.map(|(index, line)| vec![(index + 1).to_string(), text(line)]).collect()
}
