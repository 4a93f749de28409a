//! Rows of the methods paragraph: every number and choice that was used.

use gyrus_encoding::diagnostics::PLAUSIBLE_LAGS;

use super::rows::{number, text};
use crate::results::Results;

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
    vec![
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
        item("n_confounds", methods.confounds.len(), "regressors"),
        item("project_features", methods.project_features, UNDEFINED),
    ]
}

fn encoding(results: &Results) -> Vec<Vec<String>> {
    let methods = &results.methods;
    let mut rows = vec![
        item("alignment", &methods.alignment, UNDEFINED),
        item("centred", methods.centred, UNDEFINED),
        item("folds", &methods.folds, UNDEFINED),
        item("inner_folds", methods.inner_folds, "folds"),
        item("alpha_smallest", number(methods.alphas.0), "squared singular value of the features"),
        item("alpha_largest", number(methods.alphas.1), "squared singular value of the features"),
        item("n_alphas", methods.alphas.2, "penalties"),
        item("baseline", methods.baseline.join(", "), UNDEFINED),
        item("baseline_note", results.baseline.note.as_deref().unwrap_or(UNDEFINED), UNDEFINED),
    ];
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
