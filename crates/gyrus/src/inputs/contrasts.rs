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
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Side {
    /// Index of the language model.
    pub language_model: usize,
    /// A layer, or the one that inner folds choose.
    pub layer: Option<usize>,
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
    Ok(Side { language_model, layer: section.layer })
}
