//! The feature matrices of a design: word vectors of its runs, aligned and stacked.

use gyrus_core::Word;
use gyrus_encoding::align::{self, Aligned, Alignment, FrequencyTable, Method};
use gyrus_encoding::ridge::{Band, Components, Design as Bands, Scaling};
use ndarray::{Array2, ArrayView2, s};
use serde::{Deserialize, Serialize};

use crate::Error;
use crate::inputs::Inputs;
use crate::plan::Design;
use crate::study::{BaselineFeature, BinMethod};

/// A way to bring words onto volumes: the study's, or one of those that are shown beside it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Binning {
    /// How word vectors become one vector per volume.
    pub method: BinMethod,
    /// Whether they are centred on the training words first.
    pub centre: bool,
}

impl Binning {
    /// What the study file says.
    #[must_use]
    pub fn of_study(inputs: &Inputs) -> Self {
        let section = &inputs.resolved.study.alignment;
        Self { method: section.method, centre: section.centre }
    }

    /// The side-by-side comparison: sum, centred sum and mean, without the one that the study uses anyway.
    #[must_use]
    pub fn compared(inputs: &Inputs) -> Vec<Self> {
        if !inputs.resolved.study.alignment.compare {
            return Vec::new();
        }
        let shown = [(BinMethod::Sum, false), (BinMethod::Sum, true), (BinMethod::Mean, true)];
        let shown = shown.map(|(method, centre)| Self { method, centre });
        shown.into_iter().filter(|binning| *binning != Self::of_study(inputs)).collect()
    }

    /// How the report calls it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match (self.method, self.centre) {
            (BinMethod::Sum, false) => "sum",
            (BinMethod::Sum, true) => "centred sum",
            (BinMethod::Mean, false) => "uncentred mean",
            (BinMethod::Mean, true) => "mean",
            (BinMethod::Last, false) => "uncentred last word",
            (BinMethod::Last, true) => "last word",
            (BinMethod::Lanczos, false) => "uncentred Lanczos",
            (BinMethod::Lanczos, true) => "centred Lanczos",
            (BinMethod::Hrf, false) => "uncentred haemodynamic response",
            (BinMethod::Hrf, true) => "haemodynamic response",
        }
    }

    fn method(self) -> Method {
        match self.method {
            BinMethod::Sum => Method::Sum,
            BinMethod::Mean => Method::Mean,
            BinMethod::Last => Method::Last,
            BinMethod::Lanczos => Method::Lanczos { lobes: 3 },
            BinMethod::Hrf => Method::Hrf,
        }
    }
}

/// A band of the units of a layer, reduced to components where the study says so.
pub(super) fn layer_band(
    inputs: &Inputs,
    design: &Design,
    binning: Binning,
    name: &str,
    vectors: impl FnMut(usize) -> Result<Array2<f32>, Error>,
) -> Result<Band, Error> {
    let study = &inputs.resolved.study;
    let copies = study.alignment.delays.len();
    let components = study.encoding.components.map(|count| Components { count, copies });
    Ok(Band { components, ..band(inputs, design, binning, name, vectors)? })
}

/// One band of word vectors: `vectors` gives those of a stimulus.
pub(super) fn band(
    inputs: &Inputs,
    design: &Design,
    binning: Binning,
    name: &str,
    mut vectors: impl FnMut(usize) -> Result<Array2<f32>, Error>,
) -> Result<Band, Error> {
    let delays = inputs.resolved.study.alignment.delays.clone();
    let alignment = Alignment { method: binning.method(), delays, centre: binning.centre };
    let mut runs = Vec::with_capacity(design.runs.len());
    for run in &design.runs {
        let words = inputs.stimuli[run.stimulus].stimulus.words();
        let of_run = vectors(run.stimulus)?;
        runs.push(align::features(of_run.view(), words, &run.sampling, &alignment)?);
    }
    let Aligned { values, ones } = Aligned::stack(&runs)?;
    let ones = binning.centre.then_some(ones);
    Ok(Band { name: name.to_owned(), features: values, ones, components: None })
}

/// The low-level bands of the study, one per feature; `predicted` gives surprisal and entropy of a stimulus.
pub(super) fn low_level(
    inputs: &Inputs,
    design: &Design,
    predicted: &dyn Fn(usize) -> Result<Array2<f32>, Error>,
) -> Result<Vec<Band>, Error> {
    let band = |feature| low_level_band(inputs, design, feature, predicted);
    inputs.resolved.study.encoding.low_level().into_iter().map(band).collect()
}

/// The band of the words per volume, where the study has one.
pub(super) fn word_rate(inputs: &Inputs, design: &Design) -> Result<Option<Band>, Error> {
    let has_rate = inputs.resolved.study.encoding.low_level().contains(&BaselineFeature::WordRate);
    let none = |_| Ok(Array2::zeros((0, 2)));
    has_rate.then(|| low_level_band(inputs, design, BaselineFeature::WordRate, &none)).transpose()
}

fn low_level_band(
    inputs: &Inputs,
    design: &Design,
    feature: BaselineFeature,
    predicted: &dyn Fn(usize) -> Result<Array2<f32>, Error>,
) -> Result<Band, Error> {
    if feature == BaselineFeature::SpeechOn {
        return speech_on(inputs, design);
    }
    let study = Binning::of_study(inputs);
    // Word rate is what centring takes away: it stays as it is, and is counted per volume whatever the method.
    let binning = match feature {
        BaselineFeature::WordRate => Binning { centre: false, method: counted(study.method) },
        _ => study,
    };
    let column = |values: Array2<f32>, column: usize| values.slice_move(s![.., column..=column]);
    let vectors = |stimulus: usize| match feature {
        BaselineFeature::Surprisal => Ok(column(predicted(stimulus)?, 0)),
        BaselineFeature::Entropy => Ok(column(predicted(stimulus)?, 1)),
        _ => word_feature(inputs, feature, stimulus),
    };
    band(inputs, design, binning, feature.name(), vectors)
}

/// A mean or last word of ones is only "some word": rate needs a count.
fn counted(method: BinMethod) -> BinMethod {
    if matches!(method, BinMethod::Mean | BinMethod::Last) { BinMethod::Sum } else { method }
}

fn word_feature(inputs: &Inputs, feature: BaselineFeature, stimulus: usize) -> Result<Array2<f32>, Error> {
    let words: &[Word] = inputs.stimuli[stimulus].stimulus.words();
    match feature {
        BaselineFeature::WordLength => Ok(align::word_length(words)),
        BaselineFeature::WordFrequency => {
            let Some((counts, _)) = &inputs.word_counts else {
                let expected = "encoding.word_frequencies = a list of words and counts".to_owned();
                return Err(inputs.resolved.setting(
                    "encoding.baseline",
                    "word_frequency without a list".to_owned(),
                    expected,
                ));
            };
            let table =
                FrequencyTable::new(counts.iter().map(|(word, count)| (word.as_str(), *count as f64)));
            Ok(align::log_frequency(words, &table).values)
        }
        _ => Ok(align::word_rate(words)),
    }
}

fn speech_on(inputs: &Inputs, design: &Design) -> Result<Band, Error> {
    let delays = &inputs.resolved.study.alignment.delays;
    let of_run = |run: &crate::plan::DesignRun| {
        align::speech_on(inputs.stimuli[run.stimulus].stimulus.words(), &run.sampling, delays)
    };
    let runs: Vec<Array2<f32>> = design.runs.iter().map(of_run).collect();
    let views: Vec<ArrayView2<'_, f32>> = runs.iter().map(|table| table.view()).collect();
    let features = ndarray::concatenate(ndarray::Axis(0), &views).unwrap_or_default();
    Ok(Band::new(BaselineFeature::SpeechOn.name(), features))
}

/// Bands with the drift of each run, which is projected out of them where the study says so.
pub(super) fn with_drift(inputs: &Inputs, design: &Design, bands: Vec<Band>) -> Result<Bands, Error> {
    let denoise = &inputs.resolved.study.denoise;
    let drift = |(index, run): (usize, &crate::plan::DesignRun)| {
        let stretches = design.stretches(index, denoise.drift_by);
        super::prepare::drift_basis(&run.sampling, denoise, &stretches)
    };
    let runs = if denoise.project_features { design.runs.as_slice() } else { &[] };
    let drift = runs.iter().enumerate().map(drift).collect::<Result<_, _>>()?;
    Ok(Bands { bands, timeline: design.timeline.clone(), drift, scaling: Scaling::ZScore })
}
