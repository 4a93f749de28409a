//! A study of one participant, made of the study of all of them: what a BIDS app calls its participant level.

use std::path::{Path, PathBuf};

use gyrus_io::atomic;

use super::Resolved;
use crate::Error;

const HEAD: &str =
    "# Made of the study file of the group for one participant: change that one, not this one.\n";

/// Names of the participants of a study of volumes, in natural order, those that it excludes left out.
///
/// # Errors
/// - as [`Resolved::read`].
pub fn participants(study: &Path) -> Result<Vec<String>, Error> {
    let resolved = Resolved::read(study)?;
    let excluded = &resolved.study.responses.exclude;
    Ok(resolved.participants().into_iter().filter(|name| !excluded.contains_key(name)).collect())
}

/// Writes `NAME_study.toml` beside the study file, the same but for its participants; returns its path.
///
/// # Errors
/// - the study file cannot be read, or has no section `[bids]`,
/// - the file cannot be written.
pub fn write_study_of(study: &Path, participant: &str) -> Result<PathBuf, Error> {
    let text = std::fs::read_to_string(study)
        .map_err(|error| Error::Read { path: study.to_owned(), reason: error.to_string() })?;
    let unusable = |found: &str| Error::Unusable {
        path: study.to_owned(),
        found: found.to_owned(),
        expected: "a study with a section [bids]; write one with gyrus init".to_owned(),
    };
    let mut table: toml::Table = toml::from_str(&text).map_err(|_| unusable("no TOML"))?;
    let section = table.get_mut("bids").and_then(toml::Value::as_table_mut);
    let section = section.ok_or_else(|| unusable("no section [bids]"))?;
    let label = participant.strip_prefix("sub-").unwrap_or(participant);
    section.insert("participants".to_owned(), toml::Value::Array(vec![label.into()]));
    // One participant has no slope over participants.
    table.remove("participants");
    // Others that are left out are not of this study.
    let exclude = table.get_mut("responses").and_then(|responses| responses.get_mut("exclude"));
    if let Some(exclude) = exclude.and_then(toml::Value::as_table_mut) {
        exclude.retain(|name, _| name == participant);
    }
    let path = study.with_file_name(format!("sub-{label}_study.toml"));
    atomic::write(&path, format!("{HEAD}{table}").as_bytes())?;
    Ok(path)
}
