//! Settings that contradict each other, found before any other file is opened.

use std::path::Path;

use super::folds::FoldsSection;
use super::hierarchy;
use super::language_model::LanguageModelSection;
use super::physiology;
use super::schema::{BaselineFeature, ClustersChoice, Study, TargetsChoice};
use crate::Error;

/// What a check returns when it finds something: the key, what is there, what is possible.
pub(super) type Found = Option<(&'static str, String, String)>;

/// Fewer draws than this have no draw beyond either end of a 95 % interval.
const LEAST_BOOTSTRAPS: usize = 40;

/// Refuses values that contradict each other or make no study.
///
/// # Errors
/// - [`Error::Setting`] for the first of them.
pub(super) fn check_settings(path: &Path, study: &Study) -> Result<(), Error> {
    let checks = [
        encoding,
        alignment,
        responses,
        times,
        denoise,
        physiology::check,
        statistics,
        clusters,
        sections,
        language_models,
        names,
        references,
        volumes,
        predictions,
        forecast,
        hierarchy::check,
    ];
    match checks.iter().find_map(|check| check(study)) {
        None => Ok(()),
        Some((key, found, expected)) => {
            Err(Error::Setting { path: path.to_owned(), key: key.to_owned(), found, expected })
        }
    }
}

pub(super) fn wrong(key: &'static str, found: impl Into<String>, expected: impl Into<String>) -> Found {
    Some((key, found.into(), expected.into()))
}

fn encoding(study: &Study) -> Found {
    let encoding = &study.encoding;
    let alphas = &encoding.alphas;
    if !(alphas.from > 0.0 && alphas.to >= alphas.from && alphas.to.is_finite() && alphas.count >= 1) {
        let found = format!("from {} to {}, count {}", alphas.from, alphas.to, alphas.count);
        return wrong("encoding.alphas", found, "0 < from <= to and at least one penalty");
    }
    if encoding.inner_folds < 2 {
        return wrong("encoding.inner_folds", encoding.inner_folds.to_string(), "at least 2");
    }
    if encoding.components == Some(0) {
        return wrong("encoding.components", "0", "at least 1; leave it out to keep every unit");
    }
    let listed = encoding.word_frequencies.is_some();
    if encoding.baseline.contains(&BaselineFeature::WordFrequency) && !listed {
        let expected = "encoding.word_frequencies = \"a list of words and counts\" beside it; add it or leave word_frequency out";
        return wrong("encoding.baseline", "word_frequency without a list", expected);
    }
    if !listed && encoding.baseline.iter().all(|feature| feature.is_of_language_model()) {
        let expected = "at least one feature that knows no language model, such as \"word_rate\"; add one";
        return wrong("encoding.baseline", "no low-level feature", expected);
    }
    match &encoding.folds {
        Some(FoldsSection::Blocks { gap: Some(gap), .. }) if gap.get() < 0.0 => wrong(
            "encoding.folds.gap",
            gap.to_string(),
            "a gap of 0 s or more; leave it out for the longest delay plus 20 s",
        ),
        _ => None,
    }
}

fn alignment(study: &Study) -> Found {
    let delays = &study.alignment.delays;
    if delays.is_empty() {
        return wrong("alignment.delays", "no delay", "at least one, such as [\"2 s\", \"4 s\"]");
    }
    let negative = delays.iter().find(|delay| delay.get() < 0.0)?;
    wrong("alignment.delays", negative.to_string(), "delays of 0 s or more: the brain follows the word")
}

/// Responses come as tables or as volumes.
fn responses(study: &Study) -> Found {
    let responses = &study.responses;
    match (&responses.table, &study.bids) {
        (None, None) => {
            let expected = "responses.table = \"a pattern of files\", or a section [bids]; add one of them";
            wrong("responses.table", "none", expected)
        }
        (Some(table), Some(_)) => {
            let expected = "tables or volumes; remove responses.table or the section [bids]";
            wrong("responses.table", format!("`{table}` beside [bids]"), expected)
        }
        (Some(_), None) if responses.repetition_time.is_none() => {
            let expected = "the time between the rows of the tables, such as \"2 s\"; add it";
            wrong("responses.repetition_time", "none", expected)
        }
        _ => None,
    }
}

/// Keys of tables that mean nothing for volumes.
fn volumes(study: &Study) -> Found {
    let bids = study.bids.as_ref()?;
    let responses = &study.responses;
    let of_tables = [
        ("responses.targets", responses.targets.is_some()),
        ("responses.regions", responses.regions.is_some()),
        ("responses.participants", !responses.participants.is_empty()),
        ("denoise.confounds", study.denoise.confounds.is_some() && bids.images.is_none()),
        ("denoise.confounds_skip_rows", study.denoise.confounds_skip_rows > 0 && bids.images.is_none()),
    ];
    if let Some((key, _)) = of_tables.iter().find(|(_, is_set)| *is_set) {
        return wrong(key, "a key of tables beside [bids]", "no such key; remove it");
    }
    if let Some((key, _)) = [
        ("bids.derivatives", bids.derivatives.is_some()),
        ("bids.space", bids.space.is_some()),
        ("bids.resolution", bids.resolution.is_some()),
        ("bids.echo", bids.echo.is_some()),
    ]
    .into_iter()
    .find(|(_, is_set)| *is_set && bids.images.is_some())
    {
        return wrong(key, "a key of fMRIPrep's names beside bids.images", "no such key; remove it");
    }
    if let Some(limit) = bids.mask_above {
        if bids.mask.is_none() {
            return wrong("bids.mask_above", "a limit without a mask", "bids.mask beside it; add it");
        }
        if !limit.is_finite() {
            return wrong("bids.mask_above", limit.to_string(), "a number, such as 0.2");
        }
    }
    if bids.atlas.is_some() && bids.spheres.is_some() {
        return wrong("bids.spheres", "spheres beside an atlas", "one of the two; remove the other");
    }
    if bids.targets == TargetsChoice::Parcels && bids.atlas.is_none() && bids.spheres.is_none() {
        let expected =
            "bids.atlas = \"an image of parcels\" or bids.spheres beside it; add it, or choose \"voxels\"";
        return wrong("bids.targets", "parcels without an atlas", expected);
    }
    if bids.atlas_labels.is_some() && bids.atlas.is_none() {
        return wrong("bids.atlas_labels", "labels without an atlas", "bids.atlas beside it; add it");
    }
    None
}

fn denoise(study: &Study) -> Found {
    let denoise = &study.denoise;
    if let Some(order) = denoise.polynomials.filter(|order| !(1..=5).contains(order)) {
        let expected = "1 to 5; leave it out for none, and use high_pass for faster drift";
        return wrong("denoise.polynomials", order.to_string(), expected);
    }
    let censor = denoise.censor.unwrap_or_default();
    for (key, limit) in [
        ("denoise.censor.framewise_displacement", censor.framewise_displacement),
        ("denoise.censor.dvars", censor.dvars),
    ] {
        if let Some(limit) = limit.filter(|limit| !(*limit > 0.0 && limit.is_finite())) {
            return wrong(key, limit.to_string(), "a number above 0; leave it out to censor nothing");
        }
    }
    let named = denoise.motion.is_some()
        || denoise.acompcor.is_some()
        || !denoise.tissue.is_empty()
        || denoise.censor.is_some();
    if named && study.bids.is_none() && denoise.confounds.is_none() {
        let expected = "denoise.confounds = \"a pattern of tables\" beside it; add it";
        return wrong("denoise.motion", "confounds by name without a table of them", expected);
    }
    None
}

fn times(study: &Study) -> Found {
    let repetition = study.responses.repetition_time.map_or(0.0, gyrus_core::RepetitionTime::get);
    if let Some(period) = study.denoise.high_pass.filter(|period| period.get() <= 2.0 * repetition) {
        let expected =
            format!("a period longer than two volumes ({} s), such as \"128 s\"", 2.0 * repetition);
        return wrong("denoise.high_pass", period.to_string(), expected);
    }
    let trim = study.responses.trim_start;
    if trim.get() < 0.0 {
        return wrong("responses.trim_start", trim.to_string(), "0 s or more");
    }
    let after = study.responses.after_last_word.filter(|after| after.get() < 0.0)?;
    wrong("responses.after_last_word", after.to_string(), "0 s or more")
}

fn statistics(study: &Study) -> Found {
    let bootstraps = study.statistics.bootstraps;
    if bootstraps < LEAST_BOOTSTRAPS {
        let expected = format!("at least {LEAST_BOOTSTRAPS} for an interval of 95 %; better 2000");
        return wrong("statistics.bootstraps", bootstraps.to_string(), expected);
    }
    if study.execution.threads == Some(0) {
        return wrong("execution.threads", "0", "at least 1; leave it out to use all cores");
    }
    let minutes = study.execution.task_minutes;
    if !(minutes > 0.0 && minutes.is_finite()) {
        return wrong("execution.task_minutes", format!("{minutes}"), "minutes, more than 0");
    }
    let device = study.execution.device;
    if let Some(feature) = device.missing_feature() {
        let expected = format!(
            "a build with the feature `{feature}`; build gyrus with `--features {feature}`, or leave the device out"
        );
        return wrong("execution.device", format!("{device}, which this gyrus was built without"), expected);
    }
    None
}

/// Clusters are of voxels that touch.
fn clusters(study: &Study) -> Found {
    let statistics = &study.statistics;
    if let Some(p) = statistics.cluster_p {
        if statistics.clusters != Some(ClustersChoice::Mass) {
            let expected = "clusters = \"mass\" beside it; enhancement without a threshold needs no such key";
            return wrong("statistics.cluster_p", p.to_string(), expected);
        }
        if !(p > 0.0 && p < 0.5) {
            return wrong("statistics.cluster_p", p.to_string(), "a p between 0 and 0.5, such as 0.001");
        }
    }
    statistics.clusters?;
    match &study.bids {
        None => wrong(
            "statistics.clusters",
            "clusters of the columns of tables",
            "voxels, which have neighbours: a section [bids]; add it or remove this key",
        ),
        Some(bids) if bids.targets == TargetsChoice::Parcels => wrong(
            "statistics.clusters",
            "clusters of parcels",
            "bids.targets = \"voxels\", which have neighbours; change it or remove this key",
        ),
        Some(_) => None,
    }
}

fn sections(study: &Study) -> Found {
    if study.stimulus.is_empty() {
        return wrong("stimulus", "none", "at least one [[stimulus]]");
    }
    if study.language_model.is_empty() {
        return wrong("language_model", "none", "at least one [[language_model]]");
    }
    None
}

fn language_models(study: &Study) -> Found {
    study.language_model.iter().find_map(|section| match (&section.path, &section.activations) {
        (Some(_), None) => sweeps(section),
        (None, Some(pattern)) if !pattern.contains("{stimulus}") && study.stimulus.len() > 1 => wrong(
            "language_model.activations",
            pattern,
            "a path with {stimulus} in it, one file per stimulus",
        ),
        (None, Some(_)) if section.shuffled_seeds > 0 => wrong(
            "language_model.shuffled_seeds",
            section.shuffled_seeds.to_string(),
            "0 where activations are brought; bring those of the copy as a language model of its own",
        ),
        (None, Some(_)) if !section.contexts.is_empty() => wrong(
            "language_model.contexts",
            format!("{:?}", section.contexts),
            "no such key where activations are brought; bring those of each context as a language model of its own",
        ),
        (None, Some(_)) if !section.scrambles.is_empty() => wrong(
            "language_model.scrambles",
            section.scrambles.len().to_string(),
            "no such key where activations are brought; bring those of each order as a language model of its own",
        ),
        (None, Some(_)) => None,
        (Some(_), Some(_)) => {
            wrong("language_model.path", "path and activations", "one of the two; remove the other")
        }
        (None, None) => wrong(
            "language_model.path",
            "no path",
            "a folder or a name of the hub, or activations = \"…/{stimulus}.npz\"; add one of the two",
        ),
    })
}

/// One section is one sweep at most, and every level of it is another.
fn sweeps(section: &LanguageModelSection) -> Found {
    let (contexts, scrambles) = (&section.contexts, &section.scrambles);
    let one_of = "one of the two; remove the other";
    if section.context.is_some() && !contexts.is_empty() {
        return wrong("language_model.contexts", "context and contexts", one_of);
    }
    if section.scramble.is_some() && !scrambles.is_empty() {
        return wrong("language_model.scrambles", "scramble and scrambles", one_of);
    }
    if !contexts.is_empty() && !scrambles.is_empty() {
        let expected = "one of the two in a section; give each a [[language_model]] of its own";
        return wrong("language_model.scrambles", "contexts and scrambles", expected);
    }
    if let Some(again) = (0..contexts.len()).find(|index| contexts[..*index].contains(&contexts[*index])) {
        let found = format!("{} twice", contexts[again]);
        return wrong("language_model.contexts", found, "each number of tokens once");
    }
    let again = (0..scrambles.len()).find(|index| scrambles[..*index].contains(&scrambles[*index]))?;
    wrong("language_model.scrambles", format!("number {} a second time", again + 1), "each order once")
}

fn predictions(study: &Study) -> Found {
    let named = study.encoding.predictions_of.as_ref()?;
    match study.encoding.baseline.iter().any(|feature| feature.is_prediction()) {
        true => None,
        false => wrong(
            "encoding.predictions_of",
            format!("`{named}`"),
            "surprisal or entropy in encoding.baseline; add one or remove this key",
        ),
    }
}

/// Further than any sentence: a slip of the pen.
const FARTHEST: i64 = 1000;

fn forecast(study: &Study) -> Found {
    let section = study.forecast.as_ref()?;
    let distances = &section.distances;
    let again = (0..distances.len()).find(|index| distances[..*index].contains(&distances[*index]));
    match (distances.iter().find(|distance| distance.abs() > FARTHEST), again) {
        (Some(far), _) => {
            let expected = format!("distances of at most {FARTHEST} words");
            wrong("forecast.distances", far.to_string(), expected)
        }
        (None, Some(index)) => {
            wrong("forecast.distances", format!("{} twice", distances[index]), "each distance once")
        }
        (None, None) if distances.is_empty() => {
            wrong("forecast.distances", "none", "at least one distance in words such as 8")
        }
        (None, None) if !(1..=FARTHEST as usize).contains(&section.words) => {
            let expected = format!("1 to {FARTHEST} words of a window");
            wrong("forecast.words", section.words.to_string(), expected)
        }
        (None, None) => None,
    }
}

fn names(study: &Study) -> Found {
    let own = "a name of its own for each";
    let stimuli: Vec<&str> = study.stimulus.iter().map(|stimulus| stimulus.name.as_str()).collect();
    if let Some(name) = repeated(&stimuli) {
        return wrong("stimulus.name", format!("`{name}` twice"), own);
    }
    let targets: Vec<&str> = study.responses.targets.iter().flatten().map(String::as_str).collect();
    repeated(&targets).and_then(|name| wrong("responses.targets", format!("`{name}` twice"), own))
}

/// The first name that occurs a second time.
pub(crate) fn repeated<'a>(names: &[&'a str]) -> Option<&'a str> {
    let again = names.iter().enumerate().find(|(index, name)| names[..*index].contains(name));
    again.map(|(_, name)| *name)
}

fn references(study: &Study) -> Found {
    let names: Vec<&str> = study.stimulus.iter().map(|stimulus| stimulus.name.as_str()).collect();
    let is_strange = |name: &&String| !names.contains(&name.as_str());
    let expected = || format!("one of the stimuli: {}", names.join(", "));
    if let Some(named) = study.responses.stimulus.as_ref().filter(is_strange) {
        return wrong("responses.stimulus", format!("`{named}`"), expected());
    }
    let Some(FoldsSection::Test { test }) = &study.encoding.folds else { return None };
    if let Some(named) = test.iter().find(is_strange) {
        return wrong("encoding.folds.test", format!("`{named}`"), expected());
    }
    let is_test = |name: &&str| test.iter().any(|named| named == name);
    match names.iter().filter(|name| is_test(name)).count() {
        0 => wrong("encoding.folds.test", "no stimulus", "at least one to hold out; name it"),
        held_out if held_out == names.len() => {
            wrong("encoding.folds.test", "every stimulus", "at least one other to train on; name fewer")
        }
        _ => None,
    }
}
