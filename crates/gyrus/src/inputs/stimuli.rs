//! What was heard, read from the word file of each stimulus.

use std::path::Path;

use gyrus_core::Stimulus;
use gyrus_io::words::{self, WordColumns};

use super::{read_bytes, written};
use crate::Error;
use crate::store::Digest;
use crate::study::{Resolved, StimulusSection};

/// A stimulus and the digest of the file it was read from.
pub struct OpenStimulus {
    /// The words.
    pub stimulus: Stimulus,
    /// Digest of the words as read: their text and times.
    pub digest: Digest,
}

pub(super) fn open(resolved: &Resolved, warnings: &mut Vec<String>) -> Result<Vec<OpenStimulus>, Error> {
    resolved.study.stimulus.iter().map(|section| open_one(resolved, section, warnings)).collect()
}

fn open_one(
    resolved: &Resolved,
    section: &StimulusSection,
    warnings: &mut Vec<String>,
) -> Result<OpenStimulus, Error> {
    let path = resolved.absolute(&section.words);
    let read = read_words(&path, section)?;
    warnings.extend(read.warnings.iter().map(|warning| format!("{}: {warning}", section.words.display())));
    let words = match &section.text {
        Some(text) => written::words(resolved, (section, text), read.value, warnings)?,
        None => read.value,
    };
    let stimulus =
        Stimulus::new(section.name.clone(), words).map_err(|error| Error::from(error).at(&path))?;
    if !stimulus.words().iter().any(|word| word.onset.is_some()) {
        let expected = "at least one; check the columns of the words file".to_owned();
        return Err(resolved.setting(
            "stimulus.words",
            format!("no word with a time in {}", path.display()),
            expected,
        ));
    }
    let canonical =
        serde_json::to_vec(stimulus.words()).unwrap_or_else(|_| read_bytes(&path).unwrap_or_default());
    Ok(OpenStimulus { stimulus, digest: Digest::of(&canonical) })
}

pub(crate) fn read_words(
    path: &Path,
    section: &StimulusSection,
) -> Result<gyrus_io::Read<Vec<gyrus_core::Word>>, Error> {
    let extension = path.extension().and_then(|extension| extension.to_str()).unwrap_or_default();
    let read = match extension.to_ascii_lowercase().as_str() {
        "textgrid" => words::from_textgrid(path, &section.tier, &section.silence, section.join_clitics)?,
        "json" => words::from_json(path)?,
        _ => {
            let columns = WordColumns {
                word: section.word_column.clone(),
                onset: section.onset_column.clone(),
                offset: section.offset_column.clone(),
                rows: section.rows.clone().into_iter().collect(),
                skip_lines: section.skip_lines.clone(),
            };
            words::from_table(path, &columns)?
        }
    };
    Ok(read)
}
