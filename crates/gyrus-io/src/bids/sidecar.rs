//! What the JSON files beside and above a data file say about it, by the inheritance of BIDS.

use std::path::{Path, PathBuf};

use serde_json::{Map, Value};

use super::{Name, find_raw};
use crate::error::{place_number, shown};
use crate::{IoError, Place, Read, Warning, source, text};

/// The merged JSON of a data file.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Sidecar {
    /// Values by key; a file nearer to the data wins.
    pub values: Map<String, Value>,
    /// The files that were merged, from the root down.
    pub sources: Vec<PathBuf>,
}

impl Sidecar {
    /// A number.
    ///
    /// # Errors
    /// - the key is there, but not as a finite number.
    pub fn number(&self, key: &str) -> Result<Option<f64>, IoError> {
        match self.values.get(key) {
            None | Some(Value::Null) => Ok(None),
            Some(value) => match value.as_f64().filter(|number| number.is_finite()) {
                Some(number) => Ok(Some(number)),
                None => {
                    let path = self.sources.last().cloned().unwrap_or_default();
                    let found = format!("`{key}` of {}", shown(&value.to_string()));
                    Err(IoError::malformed(&path, Place::File, found, "a number", "correct the JSON file"))
                }
            },
        }
    }
}

/// Reads the JSON files that apply to a data file: those in its folder and in the folders above it up to `root` that have its
/// suffix and no entity that it does not have with the same label.
///
/// # Errors
/// - such a file cannot be read or is not a JSON object.
pub fn read_sidecar(data_file: &Path, root: &Path) -> Result<Read<Sidecar>, IoError> {
    let mut read = Read { value: Sidecar::default(), warnings: Vec::new() };
    let name = data_file.file_name().and_then(|name| Name::parse(&name.to_string_lossy()));
    let Some(name) = name else { return Ok(read) };
    let mut folders: Vec<&Path> =
        data_file.ancestors().skip(1).take_while(|folder| folder.starts_with(root)).collect();
    folders.reverse();
    for folder in folders {
        for file in applying(folder, &name) {
            merge(&mut read, &file)?;
        }
    }
    Ok(read)
}

/// The JSON files of a preprocessed image below `derivative`, and the repetition time of the raw image below `raw` where they have
/// none.
///
/// # Errors
/// - as [`read_sidecar`] and [`find_raw`],
/// - the repetition time is not a number.
pub fn read_timing_sidecar(
    image: &Path,
    name: &Name,
    (derivative, raw): (&Path, &Path),
) -> Result<Read<Sidecar>, IoError> {
    let mut read = read_sidecar(image, derivative)?;
    if read.value.number(REPETITION_TIME)?.is_some() {
        return Ok(read);
    }
    for extension in [".nii.gz", ".nii"] {
        let Some(file) = find_raw(raw, name, "bold", extension)? else { continue };
        let of_raw = read_sidecar(&file, raw)?;
        // Slice timing of the raw image says nothing of the preprocessed one.
        if let Some(time) = of_raw.value.values.get(REPETITION_TIME) {
            read.value.values.insert(REPETITION_TIME.to_owned(), time.clone());
        }
        read.value.sources.extend(of_raw.value.sources);
        let is_of_time =
            |warning: &Warning| matches!(warning, Warning::Overridden { key, .. } if key == REPETITION_TIME);
        read.warnings.extend(of_raw.warnings.into_iter().filter(is_of_time));
        break;
    }
    Ok(read)
}

const REPETITION_TIME: &str = "RepetitionTime";

/// The JSON files of a folder that apply, the general before the specific.
fn applying(folder: &Path, name: &Name) -> Vec<PathBuf> {
    let applies = |file: &String| {
        let json =
            Name::parse(file).filter(|json| json.extension == ".json" && json.suffix == name.suffix)?;
        let is_shared = json.entities.iter().all(|(key, label)| name.get(key) == Some(label));
        is_shared.then(|| (json.entities.len(), folder.join(file)))
    };
    let mut found: Vec<(usize, PathBuf)> = source::names_in(folder).iter().filter_map(applies).collect();
    found.sort();
    found.into_iter().map(|(_, path)| path).collect()
}

fn merge(read: &mut Read<Sidecar>, file: &Path) -> Result<(), IoError> {
    let json = read_json(file)?;
    let sources = &mut read.value.sources;
    for (key, value) in json {
        let overridden = read.value.values.insert(key.clone(), value.clone());
        if let (Some(before), Some(other)) = (overridden, sources.last())
            && before != value
        {
            let (file, other) = (file.display().to_string(), other.display().to_string());
            read.warnings.push(Warning::Overridden { key, file, other });
        }
    }
    sources.push(file.to_owned());
    Ok(())
}

/// A JSON file that holds an object.
pub(super) fn read_json(path: &Path) -> Result<Map<String, Value>, IoError> {
    let text = text::read(path)?;
    serde_json::from_str(&text).map_err(|error| {
        let place = Place::Line(place_number(error.line()));
        let found = shown(&error.to_string());
        IoError::malformed(path, place, found, "a JSON object", "correct the JSON file")
    })
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn files_near_the_data_win() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path();
        let func = root.join("sub-01/func");
        fs::create_dir_all(&func).unwrap();
        fs::write(root.join("task-a_bold.json"), r#"{"RepetitionTime": 2, "TaskName": "a"}"#).unwrap();
        fs::write(root.join("task-b_bold.json"), r#"{"RepetitionTime": 9}"#).unwrap();
        fs::write(root.join("task-a_events.json"), r#"{"RepetitionTime": 8}"#).unwrap();
        fs::write(func.join("sub-01_task-a_bold.json"), r#"{"RepetitionTime": 1.5, "StartTime": 0.75}"#)
            .unwrap();
        fs::write(func.join("sub-01_task-a_space-T1w_bold.json"), "{}").unwrap();
        let read = read_sidecar(&func.join("sub-01_task-a_run-1_bold.nii.gz"), root).unwrap();
        assert_eq!(read.value.number("RepetitionTime").unwrap(), Some(1.5));
        assert_eq!(read.value.number("StartTime").unwrap(), Some(0.75));
        assert_eq!(read.value.number("Other").unwrap(), None);
        assert_eq!((read.value.sources.len(), read.warnings.len()), (2, 1));
        assert!(read.value.number("TaskName").unwrap_err().to_string().contains("found `TaskName` of \"a\""));
        fs::write(func.join("sub-01_task-a_bold.json"), "[]").unwrap();
        assert!(read_sidecar(&func.join("sub-01_task-a_run-1_bold.nii.gz"), root).is_err());
    }

    /// BIDS forbids two that apply at one level: the one with more entities wins, then the later name, and that is said.
    #[test]
    fn of_two_files_at_a_level_one_wins_and_that_is_said() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path();
        let data = root.join("sub-01_task-a_run-1_bold.nii.gz");
        let said = |files: [(&str, &str); 2]| {
            for (file, time) in files {
                fs::write(root.join(file), format!("{{\"RepetitionTime\": {time}}}")).unwrap();
            }
            let read = read_sidecar(&data, root).unwrap();
            let said: Vec<String> = read.warnings.iter().map(ToString::to_string).collect();
            files.iter().for_each(|(file, _)| fs::remove_file(root.join(file)).unwrap());
            (read.value.number("RepetitionTime").unwrap(), said)
        };
        let here = |name: &str| root.join(name).display().to_string();
        let replaced = |file: &str, other: &str| {
            vec![format!("`RepetitionTime` of {} replaces another value of {}", here(file), here(other))]
        };
        assert_eq!(
            said([("task-a_run-1_bold.json", "2"), ("run-1_bold.json", "1.5")]),
            (Some(2.0), replaced("task-a_run-1_bold.json", "run-1_bold.json"))
        );
        assert_eq!(
            said([("task-a_bold.json", "2"), ("run-1_bold.json", "1.5")]),
            (Some(2.0), replaced("task-a_bold.json", "run-1_bold.json"))
        );
        assert_eq!(said([("task-a_bold.json", "2"), ("run-1_bold.json", "2")]), (Some(2.0), Vec::new()));
    }
}
