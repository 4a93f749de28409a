//! Every number that the methods paragraph needs, from the resolved study.

use gyrus_core::{FoldRule, Seconds};

use super::super::features::Binning;
use super::super::forecast_window::ForecastWindow;
use super::super::reading;
use super::clusters;
use super::estimate::STIMULUS_BLOCK;
use super::gather::Layout;
use super::verdicts::EQUIVALENCE_MARGIN;
use crate::inputs::{Inputs, OpenLanguageModel};
use crate::plan::{Design, Plan};
use crate::results::{LanguageModelMethods, Methods, PresetMethods};
use crate::study::{
    BaselineFeature, BinMethod, DenoiseSection, NullKind, PhysiologyChoice, PoolingChoice, StatisticsSection,
    Study,
};

pub(super) fn methods(inputs: &Inputs, plan: &Plan, layout: &Layout) -> Methods {
    let study = &inputs.resolved.study;
    let stimulus = |open: &crate::inputs::OpenStimulus| {
        (open.stimulus.name().to_owned(), open.stimulus.words().len(), open.stimulus.end().get())
    };
    let samples = || plan.designs.iter().map(crate::plan::Design::n_samples);
    let first = inputs.recordings.iter().find(|recording| !recording.confounds.is_empty());
    let mut baseline: Vec<String> = inputs
        .resolved
        .study
        .encoding
        .low_level()
        .into_iter()
        .map(|feature| feature.name().to_owned())
        .collect();
    if study.encoding.baseline.contains(&BaselineFeature::Layer0) {
        baseline.push(BaselineFeature::Layer0.name().to_owned());
    }
    Methods {
        version: env!("CARGO_PKG_VERSION").to_owned(),
        preset: preset(study),
        n_participants: layout.participants.len(),
        stimuli: inputs.stimuli.iter().map(stimulus).collect(),
        repetition_times: repetition_times(inputs),
        n_samples: (samples().min().unwrap_or(0), samples().max().unwrap_or(0)),
        high_pass: study.denoise.high_pass.map(Seconds::get),
        drift_by_block: plan.designs.iter().any(|design| {
            (0..design.runs.len()).any(|run| design.stretches(run, study.denoise.drift_by).len() > 1)
        }),
        confounds: first.map(|recording| confounds(&recording.confounds)).unwrap_or_default(),
        retroicor: retroicor(&study.denoise),
        rates: rates(&study.denoise),
        behaviour: behaviour(&study.denoise),
        project_features: study.denoise.project_features,
        alignment: alignment(study.alignment.method),
        centred: Binning::of_study(inputs).centre,
        delays: study.alignment.delays.iter().map(|delay| delay.get()).collect(),
        folds: folds(inputs, plan),
        shuffled: plan.designs.iter().any(|design| design.folds.rule().leaks()),
        components: study.encoding.components,
        inner_folds: inner_folds(inputs, plan),
        alphas: (study.encoding.alphas.from, study.encoding.alphas.to, study.encoding.alphas.count),
        language_models: inputs.language_models.iter().map(language_model).collect(),
        baseline,
        surrogates: (study.statistics.surrogates, surrogates(&study.statistics)),
        bootstraps: study.statistics.bootstraps,
        stimulus_block: STIMULUS_BLOCK,
        equivalence_margin: EQUIVALENCE_MARGIN,
        seed: study.statistics.seed,
        clusters: clusters::described(inputs),
        forecast: ForecastWindow::described(inputs),
        population: population(inputs),
    }
}

/// Fewest and most of all outer folds: runs that are held out leave the others, and short recordings have room for fewer blocks.
fn inner_folds(inputs: &Inputs, plan: &Plan) -> (usize, usize) {
    let asked = inputs.resolved.study.encoding.inner_folds;
    let of_design = |design: &Design| {
        let of_fold = |fold| design.folds.inner(fold, asked).map_or(0, |inner| inner.len());
        (0..design.folds.len()).map(of_fold).collect::<Vec<_>>()
    };
    let counts: Vec<usize> = plan.designs.iter().flat_map(of_design).collect();
    let least = counts.iter().min().zip(counts.iter().max());
    least.map_or((asked, asked), |(least, most)| (*least, *most))
}

fn preset(study: &Study) -> Option<PresetMethods> {
    let preset = study.preset?;
    let (reference, entry) = preset.reference();
    Some(PresetMethods {
        name: preset.name().to_owned(),
        reference: reference.to_owned(),
        entry: entry.to_owned(),
        set: study.from_preset.set.clone(),
        own: study.from_preset.own.clone(),
    })
}

/// Names of the regressors; censored volumes differ between runs.
fn confounds(groups: &[crate::inputs::Confounds]) -> Vec<String> {
    let names = |group: &crate::inputs::Confounds| match group.source.as_str() {
        "censored volumes" => vec![group.source.clone()],
        _ => group.names.clone(),
    };
    groups.iter().flat_map(names).collect()
}

fn retroicor(denoise: &DenoiseSection) -> Option<(usize, usize, usize)> {
    let section =
        denoise.physiology.as_ref().filter(|section| section.asks_for(PhysiologyChoice::Retroicor))?;
    Some((section.cardiac, section.respiratory, section.interaction))
}

fn rates(denoise: &DenoiseSection) -> Option<(Vec<String>, Vec<f64>)> {
    let section = denoise.physiology.as_ref()?;
    let known = [
        (PhysiologyChoice::Rvt, "respiratory volume per time"),
        (PhysiologyChoice::Rv, "respiratory variation"),
        (PhysiologyChoice::HeartRate, "heart rate"),
    ];
    let named = known.into_iter().filter(|(choice, _)| section.asks_for(*choice));
    let names: Vec<String> = named.map(|(_, name)| name.to_owned()).collect();
    (!names.is_empty()).then(|| (names, section.lags.iter().map(|lag| lag.get()).collect()))
}

fn behaviour(denoise: &DenoiseSection) -> Option<Vec<String>> {
    let section = denoise.physiology.as_ref()?;
    let known = [
        (PhysiologyChoice::Gaze, "where the eye looked in each volume"),
        (PhysiologyChoice::Saccades, "the speed of eye movements"),
        (PhysiologyChoice::Blinks, "the time for which it was shut"),
        (PhysiologyChoice::SoundLevel, "the loudness of the recorded sound"),
    ];
    let named = known.into_iter().filter(|(choice, _)| section.asks_for(*choice));
    Some(named.map(|(_, name)| name.to_owned()).collect::<Vec<_>>()).filter(|names| !names.is_empty())
}

fn alignment(method: BinMethod) -> String {
    match method {
        BinMethod::Sum => "the sum over the words that start within a volume",
        BinMethod::Mean => "the mean over the words that start within a volume",
        BinMethod::Last => "the last word that starts within a volume",
        BinMethod::Lanczos => "Lanczos interpolation with three lobes",
        BinMethod::Hrf => "convolution with the Glover haemodynamic response",
    }
    .to_owned()
}

fn surrogates(statistics: &StatisticsSection) -> String {
    let kind = match statistics.null {
        NullKind::Phase => "phase-randomised features",
        NullKind::Shift => "circularly shifted features",
    };
    let choices = if statistics.choose_again { " with penalties and shares of their own" } else { "" };
    format!("{kind}{choices}")
}

/// Shortest and longest over the usable recordings; NaN without one.
fn repetition_times(inputs: &Inputs) -> (f64, f64) {
    let usable = inputs.recordings.iter().filter(|recording| recording.exclusion.is_none());
    let times = usable.map(|recording| recording.sampling.interval.get());
    times.fold((f64::NAN, f64::NAN), |(shortest, longest), time| (time.min(shortest), time.max(longest)))
}

fn folds(inputs: &Inputs, plan: &Plan) -> String {
    let Some(design) = plan.designs.first() else { return String::new() };
    let Some(repetition) = inputs.repetition_time() else { return String::new() };
    match design.folds.rule() {
        FoldRule::Blocks { count, gap } => {
            let seconds = *gap as f64 * repetition.get();
            format!("{count} contiguous blocks with a gap of {seconds} s on each side, never shuffled")
        }
        FoldRule::Named { test, .. } => format!("one: {} held out of everything else", test.join(", ")),
        FoldRule::Shuffled { count, .. } => {
            format!("{count}, of samples in random order, whose neighbours in time leak between them")
        }
        _ => format!("leaving one run out ({} folds), never shuffled", design.folds.len()),
    }
}

fn language_model(open: &OpenLanguageModel) -> LanguageModelMethods {
    let pooling = match open.section.pooling {
        PoolingChoice::Last => "last",
        PoolingChoice::Mean => "mean",
        PoolingChoice::Sum => "sum",
    };
    LanguageModelMethods {
        name: open.name.clone(),
        family: open.family().to_owned(),
        n_parameters: open.n_parameters() as u64,
        n_layers: open.fitted_layers().len(),
        context: open.context(),
        pooling: pooling.to_owned(),
        reading: reading::described(&open.section),
        untrained_seeds: open.untrained_seeds() as usize,
    }
}

fn population(inputs: &Inputs) -> String {
    let stories = inputs.stimuli.len();
    let story = if stories == 1 { "this story".to_owned() } else { format!("these {stories} stories") };
    format!(
        "The stimulus null treats the words of {story} as a sample: it asks whether other words with the same rhythm would do as well in these listeners. The tests over participants reach listeners like these, for {story} only."
    )
}
