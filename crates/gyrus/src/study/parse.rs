//! Reads a study file and says in one place what is wrong with it.

use std::path::Path;

use super::explain::explain;
use super::schema::Study;
use super::settings::check_settings;
use crate::Error;

/// Reads and checks a study file by itself; the files that it names are not opened.
///
/// # Errors
/// - [`Error::Read`] if the file cannot be read,
/// - [`Error::StudyFile`] with line and column if it is not TOML, has an unknown key ("did you mean") or a value of
///   the wrong kind,
/// - [`Error::Setting`] if a value contradicts another.
pub fn read(path: &Path) -> Result<Study, Error> {
    let text = std::fs::read_to_string(path)
        .map_err(|source| Error::Read { path: path.to_owned(), reason: source.to_string() })?;
    let understood = |error| explain(path, &text, &error);
    let mut study: Study = toml::from_str(&text).map_err(understood)?;
    if let Some(preset) = study.preset {
        study = preset.below(&text).map_err(understood)?;
    }
    check_settings(path, &study)?;
    Ok(study)
}
