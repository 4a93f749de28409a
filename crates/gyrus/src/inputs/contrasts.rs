//! The contrasts of a study, their names found among its language models and layers.

use super::OpenLanguageModel;
use crate::Error;
use crate::study::{Resolved, SideSection, repeated};

/// A difference that is estimated and tested.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Contrast {
    /// Its name.
    pub name: String,
    /// What is expected to be larger.
    pub of: Side,
    /// What is taken away.
    pub minus: Side,
}

/// One side of a contrast.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Side {
    /// A language model.
    Layer {
        /// Its index.
        language_model: usize,
        /// A layer, or the one that inner folds choose.
        layer: Option<usize>,
    },
    /// Copies of a language model, averaged over seeds.
    Copies {
        /// Its index.
        language_model: usize,
        /// A layer, or the one that inner folds choose in each copy.
        layer: Option<usize>,
        /// `untrained`, `random_embedding` or `shuffled`.
        kind: &'static str,
    },
    /// The low-level baseline (`None`) or one of its features.
    Baseline(Option<String>),
}

pub(super) fn open(resolved: &Resolved, models: &[OpenLanguageModel]) -> Result<Vec<Contrast>, Error> {
    let sections = &resolved.study.contrast;
    let names: Vec<&str> = sections.iter().map(|section| section.name.as_str()).collect();
    if let Some(name) = repeated(&names) {
        let expected = "a name of its own for each".to_owned();
        return Err(resolved.setting("contrast.name", format!("`{name}` twice"), expected));
    }
    let contrast = |section: &crate::study::ContrastSection| {
        let (of, minus) = (
            side(resolved, models, "contrast.of", &section.of)?,
            side(resolved, models, "contrast.minus", &section.minus)?,
        );
        if of == minus {
            let found = format!("the same on both sides of `{}`", section.name);
            return Err(resolved.setting(
                "contrast.minus",
                found,
                "another layer or language model".to_owned(),
            ));
        }
        Ok(Contrast { name: section.name.clone(), of, minus })
    };
    sections.iter().map(contrast).collect()
}

fn side(
    resolved: &Resolved,
    models: &[OpenLanguageModel],
    key: &'static str,
    section: &SideSection,
) -> Result<Side, Error> {
    let wrong = |found: String, expected: String| Err(resolved.setting(key, found, expected));
    let kind = match &section.features {
        None => None,
        Some(name) => match copies(name) {
            Some(kind) => Some(kind),
            None => return baseline(resolved, key, section, name),
        },
    };
    let known = || models.iter().map(|open| open.name.as_str()).collect::<Vec<_>>().join(", ");
    let language_model = match &section.language_model {
        Some(name) => models.iter().position(|open| open.name == *name),
        None if models.len() == 1 => Some(0),
        None => return wrong("no language_model".to_owned(), format!("one of {}; add it", known())),
    };
    let Some(language_model) = language_model else {
        let found = format!("`{}`", section.language_model.as_deref().unwrap_or_default());
        return wrong(found, format!("one of the language models: {}", known()));
    };
    let layers = models[language_model].fitted_layers();
    if let Some(layer) = section.layer.filter(|layer| !layers.contains(layer)) {
        let layers = layers.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
        return wrong(format!("layer {layer}"), format!("one that is fitted: {layers}"));
    }
    let Some(kind) = kind else { return Ok(Side::Layer { language_model, layer: section.layer }) };
    let has = &models[language_model];
    let is_missing = match kind {
        "shuffled" => has.section.shuffled_seeds == 0 || has.network().is_none(),
        "untrained" => has.untrained_seeds() == 0,
        _ => false,
    };
    if is_missing {
        let found = format!("`{kind}` of `{}`, which has none", has.name);
        return wrong(
            found,
            "a language model with such copies (untrained_seeds, shuffled_seeds)".to_owned(),
        );
    }
    if kind == "random_embedding" && section.layer.is_some() {
        return wrong("a layer of random vectors".to_owned(), "no layer there; they have one".to_owned());
    }
    Ok(Side::Copies { language_model, layer: section.layer, kind })
}

/// Kinds of copies.
const COPIES: [&str; 3] = ["untrained", "random_embedding", "shuffled"];

/// The kind of copies that a name stands for.
fn copies(name: &str) -> Option<&'static str> {
    COPIES.into_iter().find(|kind| *kind == name)
}

fn baseline(
    resolved: &Resolved,
    key: &'static str,
    section: &SideSection,
    name: &str,
) -> Result<Side, Error> {
    let features = resolved.study.encoding.low_level();
    if name != "baseline" && !features.iter().any(|feature| feature.name() == name) {
        let known =
            COPIES.into_iter().chain(["baseline"]).chain(features.iter().map(|feature| feature.name()));
        let expected = format!("one of {}", known.collect::<Vec<_>>().join(", "));
        return Err(resolved.setting(key, format!("the features `{name}`"), expected));
    }
    if section.layer.is_some() || section.language_model.is_some() {
        let found = format!("a language model or a layer beside the features `{name}`");
        return Err(resolved.setting(key, found, "the features alone".to_owned()));
    }
    Ok(Side::Baseline((name != "baseline").then(|| name.to_owned())))
}
