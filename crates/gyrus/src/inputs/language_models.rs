//! The language models of a study: networks that are opened, or activations that are brought as files.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use gyrus_models::LanguageModel;

use super::brought::{self, Brought};
use super::hub::cached;
use super::known::{KnownFiles, require_unchanged};
use super::stimuli::OpenStimulus;
use crate::store::Digest;
use crate::study::{LanguageModelSection, LayersSection, Level, Resolved};
use crate::tasks::{explain, extraction};
use crate::{Error, Progress};

/// A language model of the study file.
pub struct OpenLanguageModel {
    /// Its section.
    pub section: LanguageModelSection,
    /// The name that tables show.
    pub name: String,
    /// Where its activations come from.
    pub source: Source,
    /// Digest of every file that decides its activations.
    pub digest: Digest,
    /// Tokens of each stimulus, special ones of a window included; empty where it is not known how many there are.
    pub tokens: Vec<usize>,
    /// Its place in a sweep of contexts or orders, where it has one.
    pub level: Option<Level>,
}

/// Where activations come from.
pub enum Source {
    /// A network and its tokenizer, which several contexts share, and their folder.
    Checkpoint(Arc<LanguageModel>, PathBuf),
    /// Files of activations.
    Brought(Brought),
}

impl OpenLanguageModel {
    /// The network, where there is one.
    #[must_use]
    pub fn network(&self) -> Option<&LanguageModel> {
        match &self.source {
            Source::Checkpoint(network, _) => Some(network),
            Source::Brought(_) => None,
        }
    }

    /// Numbers of all layers, ascending.
    #[must_use]
    pub fn layers(&self) -> Vec<usize> {
        match &self.source {
            Source::Checkpoint(network, _) => (0..network.n_layers()).collect(),
            Source::Brought(brought) => brought.layers.clone(),
        }
    }

    /// Numbers of the layers that are fitted, ascending.
    #[must_use]
    pub fn fitted_layers(&self) -> Vec<usize> {
        match &self.section.layers {
            LayersSection::All => self.layers(),
            LayersSection::Listed(listed) => listed.clone(),
        }
    }

    /// Whether there is a layer 0, which a contextual gain is taken over.
    #[must_use]
    pub fn has_layer_0(&self) -> bool {
        self.layers().first() == Some(&0)
    }

    /// Units of a layer; of the widest one where layers differ.
    #[must_use]
    pub fn width(&self) -> usize {
        match &self.source {
            Source::Checkpoint(network, _) => network.width(),
            Source::Brought(brought) => brought.width,
        }
    }

    /// Number of parameters; 0 where it is not known.
    #[must_use]
    pub fn n_parameters(&self) -> usize {
        self.network().map_or(0, LanguageModel::n_parameters)
    }

    /// Whether its weights are those of another that is open.
    #[must_use]
    pub(crate) fn shares_weights(&self, other: &Self) -> bool {
        match (&self.source, &other.source) {
            (Source::Checkpoint(one, _), Source::Checkpoint(two, _)) => Arc::ptr_eq(one, two),
            _ => false,
        }
    }

    /// Bytes of the weights.
    #[must_use]
    pub fn weights_memory(&self) -> u64 {
        4 * self.n_parameters() as u64
    }

    /// The family, or that activations were brought.
    #[must_use]
    pub fn family(&self) -> &str {
        self.network().map_or(BROUGHT, LanguageModel::family)
    }

    /// Digest of what decides its activations of one stimulus: the network, or the file that was brought for it.
    pub(crate) fn digest_for(&self, stimulus: usize) -> &Digest {
        match &self.source {
            Source::Checkpoint(..) => &self.digest,
            Source::Brought(brought) => &brought.digests[stimulus],
        }
    }

    /// Refuses a network whose files have changed since they were opened.
    ///
    /// # Errors
    /// - a file has other content, or cannot be read any more.
    pub(crate) fn require_unchanged(&self) -> Result<(), Error> {
        self.network().map_or(Ok(()), |network| require_unchanged(&network.files(), &self.digest))
    }

    /// Bytes that reading a stimulus holds on one thread, weights included, and what every further thread adds.
    pub(crate) fn memory_of_reading(&self, stimulus: usize) -> (u64, u64) {
        let Some(network) = self.network() else { return (0, 0) };
        let tokens = self.tokens.get(stimulus).copied().unwrap_or(usize::MAX);
        let of_thread = network.memory_per_thread(self.context(), tokens);
        (network.memory_needed(self.context(), tokens) + of_thread, of_thread)
    }

    /// Most tokens that are read at a time; 0 where it is not known.
    #[must_use]
    pub fn context(&self) -> usize {
        let limit = self.network().map(LanguageModel::context_limit);
        limit.map_or(0, |limit| self.section.context.unwrap_or(limit))
    }

    /// Number of untrained copies that can be made.
    #[must_use]
    pub fn untrained_seeds(&self) -> u64 {
        if self.network().is_some() { self.section.untrained_seeds as u64 } else { 0 }
    }
}

/// What tables call the family of activations that were brought.
pub(crate) const BROUGHT: &str = "brought";

pub(super) fn open(
    resolved: &Resolved,
    stimuli: &[OpenStimulus],
    (files, progress): (&mut KnownFiles, &dyn Progress),
) -> Result<Vec<OpenLanguageModel>, Error> {
    let mut open = Vec::new();
    for section in &resolved.study.language_model {
        open.extend(in_levels(resolved, open_one(resolved, section, stimuli, (files, progress))?)?);
    }
    check_names(resolved, &open)?;
    check_predictions(resolved, &open)?;
    for open in &mut open {
        open.tokens = tokens(resolved, open, stimuli)?;
    }
    Ok(open)
}

fn open_one(
    resolved: &Resolved,
    section: &LanguageModelSection,
    stimuli: &[OpenStimulus],
    (files, progress): (&mut KnownFiles, &dyn Progress),
) -> Result<OpenLanguageModel, Error> {
    let open = match (&section.path, &section.activations) {
        (Some(path), _) => open_checkpoint(resolved, section, (path, files, progress))?,
        (None, Some(pattern)) => {
            let brought = brought::open(resolved, pattern, (stimuli, files))?;
            let name = section.name.clone().unwrap_or_else(|| BROUGHT.to_owned());
            let (digest, source) = (brought.digest(), Source::Brought(brought));
            let (section, tokens) = (section.clone(), Vec::new());
            OpenLanguageModel { section, name, source, digest, tokens, level: None }
        }
        (None, None) => {
            let expected = "a folder or a name of the hub; add it".to_owned();
            return Err(resolved.setting("language_model.path", "no path".to_owned(), expected));
        }
    };
    check_layers(resolved, &open)?;
    Ok(open)
}

/// A language model once per context or order, where the study names several; its weights are held once.
fn in_levels(resolved: &Resolved, open: OpenLanguageModel) -> Result<Vec<OpenLanguageModel>, Error> {
    let levels = open.section.levels(&open.name);
    let (Source::Checkpoint(network, folder), false) = (&open.source, levels.is_empty()) else {
        return Ok(vec![open]);
    };
    let one = |(section, level): (LanguageModelSection, Level)| {
        if let Some(context) = section.context {
            check_context(resolved, (context, "language_model.contexts"), (network, folder))?;
        }
        Ok(OpenLanguageModel {
            name: section.name.clone().unwrap_or_default(),
            section,
            source: Source::Checkpoint(Arc::clone(network), folder.clone()),
            digest: open.digest.clone(),
            tokens: Vec::new(),
            level: Some(level),
        })
    };
    levels.into_iter().map(one).collect()
}

fn open_checkpoint(
    resolved: &Resolved,
    section: &LanguageModelSection,
    (path, files, progress): (&Path, &mut KnownFiles, &dyn Progress),
) -> Result<OpenLanguageModel, Error> {
    let (folder, called) = folder(resolved, section, (path, progress))?;
    require_files(&folder)?;
    let network = LanguageModel::open(&folder)?;
    if let Some(context) = section.context {
        check_context(resolved, (context, "language_model.context"), (&network, path))?;
    }
    let digest = files.digest_of(&network.files())?;
    let name = section.name.clone().or(called).unwrap_or_else(|| network.name().to_owned());
    let source = Source::Checkpoint(Arc::new(network), folder);
    Ok(OpenLanguageModel { section: section.clone(), name, source, digest, tokens: Vec::new(), level: None })
}

/// The folder of a language model: as it is written, or where the cache keeps the hub's, with its name there.
fn folder(
    resolved: &Resolved,
    section: &LanguageModelSection,
    (path, progress): (&Path, &dyn Progress),
) -> Result<(PathBuf, Option<String>), Error> {
    let folder = resolved.absolute(path);
    let about = |error| resolved.about("language_model.path", Error::LanguageModel(error));
    let found = cached((path, &folder), section.revision.as_deref(), progress).map_err(about)?;
    let Some((folder, called)) = found else {
        if let Some(revision) = &section.revision {
            let expected = "no revision: path is a folder, not a name of the hub; remove the key".to_owned();
            return Err(resolved.setting("language_model.revision", format!("`{revision}`"), expected));
        }
        return Ok((folder, None));
    };
    Ok((folder, Some(called)))
}

pub(crate) fn require_files(folder: &Path) -> Result<(), Error> {
    let is_missing = |name: &&&str| match **name {
        // A large checkpoint has its weights in parts, listed by an index.
        "model.safetensors" => {
            !folder.join(name).is_file() && !folder.join("model.safetensors.index.json").is_file()
        }
        _ => !folder.join(name).is_file(),
    };
    match ["config.json", "tokenizer.json", "model.safetensors"].iter().find(is_missing) {
        Some(name) => Err(Error::LanguageModelFile { path: folder.join(name) }),
        None => Ok(()),
    }
}

fn check_layers(resolved: &Resolved, open: &OpenLanguageModel) -> Result<(), Error> {
    let layers = open.layers();
    let strange = open.fitted_layers().into_iter().find(|layer| !layers.contains(layer));
    let Some(layer) = strange else { return Ok(()) };
    let is_without_gaps = layers.iter().enumerate().all(|(index, layer)| index == *layer);
    let named = match is_without_gaps {
        true => format!("layers from 0 to {}", layers.len() - 1),
        false => format!("some of {}", layers.iter().map(usize::to_string).collect::<Vec<_>>().join(", ")),
    };
    let expected = format!("{named} in {}", open.section.shown());
    Err(resolved.setting("language_model.layers", layer.to_string(), expected))
}

fn check_context(
    resolved: &Resolved,
    (context, key): (usize, &'static str),
    (network, path): (&LanguageModel, &Path),
) -> Result<(), Error> {
    if context <= network.context_limit() {
        return Ok(());
    }
    let expected = format!("at most {} tokens in {}", network.context_limit(), path.display());
    Err(resolved.setting(key, context.to_string(), expected))
}

/// Tokens of each stimulus. A window that does not hold a word's tokens or its history is found before anything is computed.
fn tokens(
    resolved: &Resolved,
    open: &OpenLanguageModel,
    stimuli: &[OpenStimulus],
) -> Result<Vec<usize>, Error> {
    let Some(network) = open.network() else { return Ok(Vec::new()) };
    let extraction = extraction(&open.section, open.context());
    let count = |(index, stimulus): (usize, &OpenStimulus)| {
        gyrus_models::readable(network, &stimulus.stimulus, &extraction)
            .map_err(|error| explain(resolved, open, index, error.into()))
    };
    stimuli.iter().enumerate().map(count).collect()
}

/// Tables show language models by name.
fn check_names(resolved: &Resolved, language_models: &[OpenLanguageModel]) -> Result<(), Error> {
    let names: Vec<&str> = language_models.iter().map(|open| open.name.as_str()).collect();
    match crate::study::repeated(&names) {
        None => Ok(()),
        Some(name) => {
            let expected = "a name of its own for each; add the key name = \"…\" to one of them".to_owned();
            Err(resolved.setting("language_model.name", format!("`{name}` twice"), expected))
        }
    }
}

/// Surprisal and entropy need a language model that does not see the word itself.
fn check_predictions(resolved: &Resolved, language_models: &[OpenLanguageModel]) -> Result<(), Error> {
    let Some(index) = predicting(resolved, language_models)? else { return Ok(()) };
    let open = &language_models[index];
    let reason = match open.network() {
        Some(network) if network.is_causal() => return Ok(()),
        Some(network) => format!("an encoder ({}), which sees the word itself", network.family()),
        None => "activations without a network".to_owned(),
    };
    let expected = "the name of a causal language model of this study; set encoding.predictions_of or leave surprisal and entropy out";
    Err(resolved.setting(
        "encoding.predictions_of",
        format!("`{}`, {reason}", open.name),
        expected.to_owned(),
    ))
}

/// The language model whose surprisal and entropy stand in the baseline.
fn predicting(resolved: &Resolved, language_models: &[OpenLanguageModel]) -> Result<Option<usize>, Error> {
    let encoding = &resolved.study.encoding;
    if !encoding.baseline.iter().any(|feature| feature.is_prediction()) {
        return Ok(None);
    }
    let Some(named) = &encoding.predictions_of else { return Ok(Some(0)) };
    let found = language_models.iter().position(|open| open.name == *named);
    found.map(Some).ok_or_else(|| {
        let names: Vec<&str> = language_models.iter().map(|open| open.name.as_str()).collect();
        let expected = format!("one of the language models: {}", names.join(", "));
        resolved.setting("encoding.predictions_of", format!("`{named}`"), expected)
    })
}

impl super::Inputs {
    /// The language model whose surprisal and entropy stand in the baseline, where they do.
    #[must_use]
    pub fn predicting(&self) -> Option<usize> {
        predicting(&self.resolved, &self.language_models).ok().flatten()
    }
}
