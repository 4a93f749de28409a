//! Recordings of heart, breath and triggers during a run (`_physio.tsv.gz`): columns without a header, described by JSON files.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde_json::Value;

use super::raw::{REMEDY, folders, recording};
use super::{Name, Sidecar, read_sidecar, same_label};
use crate::error::{few, shown};
use crate::table::number::{self, Cell, Missing};
use crate::table::{Delimiter, Records};
use crate::{IoError, Place, Read, source, text};

/// What a device recorded during a run.
#[derive(Debug, Clone, PartialEq)]
pub struct Physio {
    /// Samples per second (`SamplingFrequency`).
    pub rate: f64,
    /// Seconds from the first volume of the run to the first sample (`StartTime`); negative before it.
    pub start: f64,
    /// Names and samples of the columns (`Columns`); NaN where a sample is missing (`n/a`).
    pub columns: Vec<(String, Vec<f64>)>,
}

impl Physio {
    /// The samples of a column.
    #[must_use]
    pub fn column(&self, name: &str) -> Option<&[f64]> {
        self.columns.iter().find(|(known, _)| known == name).map(|(_, values)| &values[..])
    }

    /// The step in which a column is stored and its standard deviation, where rounding to that step makes more than 1 % of its
    /// variance (step² / 12).
    #[must_use]
    pub fn coarse(&self, name: &str) -> Option<(f64, f64)> {
        let mut values: Vec<f64> =
            self.column(name)?.iter().copied().filter(|value| !value.is_nan()).collect();
        values.sort_by(f64::total_cmp);
        let differences =
            values.windows(2).map(|pair| pair[1] - pair[0]).filter(|difference| *difference > 0.0);
        let step = differences.fold(f64::INFINITY, f64::min);
        let n = values.len() as f64;
        let mean = values.iter().sum::<f64>() / n;
        let variance = values.iter().map(|value| (value - mean) * (value - mean)).sum::<f64>() / n;
        let is_coarse = step.is_finite() && step * step / 12.0 > 0.01 * variance;
        is_coarse.then(|| (step, variance.sqrt()))
    }
}

/// The physiological recordings of a run, one for each `recording-` label (and one without): of the files that say nothing
/// else of the run, the one nearest to its folder, then with the most entities.
///
/// # Errors
/// - two files of one folder and one label apply with equally many entities.
pub fn find_physio(root: &Path, name: &Name) -> Result<Vec<PathBuf>, IoError> {
    let applies = |file: &Name| {
        let fits = |(key, label): (&String, &String)| {
            key == "recording" || name.get(key).is_some_and(|own| same_label(own, label))
        };
        file.suffix == "physio" && EXTENSIONS.contains(&&*file.extension) && file.entities.iter().all(fits)
    };
    let mut found: BTreeMap<String, PathBuf> = BTreeMap::new();
    for folder in folders(root, name) {
        let mut here: BTreeMap<String, Vec<(usize, String)>> = BTreeMap::new();
        let named =
            source::names_in(&folder).into_iter().filter_map(|file| Some((Name::parse(&file)?, file)));
        for (parsed, file) in named.filter(|(file, _)| applies(file)) {
            let label = parsed.get("recording").unwrap_or_default().to_owned();
            here.entry(label).or_default().push((parsed.entities.len(), file));
        }
        for (label, mut files) in here {
            files.sort_by_key(|(entities, _)| std::cmp::Reverse(*entities));
            if let [(first, file), (second, other), ..] = &files[..]
                && first == second
            {
                let found = format!("{file} and {other}, which both apply to {}", recording(name));
                let expected = "one such file at a level (BIDS, inheritance principle)";
                return Err(IoError::malformed(&folder, Place::File, found, expected, REMEDY));
            }
            found.insert(label, folder.join(&files[0].1));
        }
    }
    Ok(found.into_values().collect())
}

const EXTENSIONS: [&str; 2] = [".tsv.gz", ".tsv"];

/// Reads a recording with the JSON files beside it and above it up to `root`.
///
/// # Errors
/// - the file is missing, empty, cut short, a git-annex pointer or not text,
/// - its JSON files do not say `SamplingFrequency` (positive), `StartTime` and `Columns` (unique names),
/// - a row has another number of cells than there are names, or a cell is neither a finite number nor `n/a`.
pub fn read_physio(path: &Path, root: &Path) -> Result<Read<Physio>, IoError> {
    let text = text::read(path)?;
    let sidecar = read_sidecar(path, root)?;
    Ok(Read { value: parse_physio(path, &text, &sidecar.value)?, warnings: sidecar.warnings })
}

/// Reads a recording from its text and what JSON files say of it; errors name `path`.
///
/// # Errors
/// - as [`read_physio`].
pub fn parse_physio(path: &Path, text: &str, sidecar: &Sidecar) -> Result<Physio, IoError> {
    let described = Described { path, sidecar };
    let rate = described.number("SamplingFrequency", "a positive number of samples per second")?;
    if rate <= 0.0 {
        return Err(described
            .wrong(format!("`SamplingFrequency` of {rate}"), "a positive number of samples per second"));
    }
    let start = described.number("StartTime", "seconds from the first volume to the first sample")?;
    let names = described.names()?;
    let mut columns: Vec<Vec<f64>> = vec![Vec::new(); names.len()];
    for (index, record) in Records::new(path, text, Delimiter::Tab).enumerate() {
        let record = record?;
        let cells = &record.cells;
        if index == 0 && cells.iter().zip(&names).all(|(cell, name)| cell.trim() == name) {
            let expected = "numbers: BIDS has the names in the JSON file alone";
            return Err(IoError::malformed(
                path,
                Place::Line(record.line),
                "a line of names",
                expected,
                "remove that line",
            ));
        }
        if cells.len() != names.len() {
            let found = format!("{} cells", cells.len());
            let expected = format!("{} as `Columns` names ({})", names.len(), few(&names, 10));
            return Err(IoError::malformed(path, Place::Line(record.line), found, expected, CORRECT));
        }
        for (column, text) in cells.iter().enumerate() {
            let cell = Cell { path, line: record.line, column, name: Some(&names[column]) };
            columns[column].push(finite(number::parse(text, Missing::Allowed, cell)?, text, cell)?);
        }
    }
    if columns[0].is_empty() {
        let remedy = "copy or download the file again";
        return Err(IoError::malformed(path, Place::File, "no row", "one row per sample", remedy));
    }
    Ok(Physio { rate, start, columns: names.into_iter().zip(columns).collect() })
}

const CORRECT: &str = "correct the JSON file or the recording";

fn finite(value: f64, text: &str, cell: Cell<'_>) -> Result<f64, IoError> {
    if !value.is_infinite() {
        return Ok(value);
    }
    Err(IoError::NotANumber {
        path: cell.path.to_owned(),
        line: cell.line,
        column: format!("{} (`{}`)", cell.column + 1, shown(cell.name.unwrap_or_default())),
        found: shown(text),
        expected: "a finite number or n/a",
    })
}

/// A recording with what JSON files say of it.
struct Described<'a> {
    path: &'a Path,
    sidecar: &'a Sidecar,
}

impl Described<'_> {
    fn wrong(&self, found: String, expected: &str) -> IoError {
        let path = self.sidecar.sources.last().map_or(self.path, PathBuf::as_path);
        let remedy = "correct the JSON file; BIDS requires SamplingFrequency, StartTime and Columns";
        IoError::malformed(path, Place::File, found, expected, remedy)
    }

    fn number(&self, key: &str, expected: &str) -> Result<f64, IoError> {
        self.sidecar.number(key)?.ok_or_else(|| self.missing(key, expected))
    }

    fn missing(&self, key: &str, expected: &str) -> IoError {
        let sources: Vec<String> =
            self.sidecar.sources.iter().map(|path| path.display().to_string()).collect();
        let found = match sources.is_empty() {
            true => format!("no `{key}`, for no JSON file applies to it"),
            false => format!("no `{key}` in {}", sources.join(" and ")),
        };
        let remedy = "add it to a JSON file beside the recording or above it; BIDS requires it";
        IoError::malformed(self.path, Place::File, found, expected, remedy)
    }

    fn names(&self) -> Result<Vec<String>, IoError> {
        let expected = "a list of the names of the columns, each once";
        let Some(list) = self.sidecar.values.get("Columns") else {
            return Err(self.missing("Columns", expected));
        };
        let wrong = || self.wrong(format!("`Columns` of {}", shown(&list.to_string())), expected);
        let names: Vec<&str> =
            list.as_array().into_iter().flatten().filter_map(Value::as_str).map(str::trim).collect();
        let is_listed = list.as_array().is_some_and(|list| list.len() == names.len() && !list.is_empty());
        let is_good = |index: usize| !names[index].is_empty() && !names[..index].contains(&names[index]);
        match is_listed && (0..names.len()).all(is_good) {
            true => Ok(names.into_iter().map(str::to_owned).collect()),
            false => Err(wrong()),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    const JSON: &str = r#"{"SamplingFrequency": 50, "StartTime": -7.5, "Columns": ["cardiac", "oxygen saturation", "trigger"]}"#;

    fn parse(json: &str, text: &str) -> Result<Physio, String> {
        let sidecar = Sidecar { values: serde_json::from_str(json).unwrap(), sources: vec!["p.json".into()] };
        parse_physio(Path::new("p.tsv.gz"), text, &sidecar).map_err(|error| error.to_string())
    }

    #[test]
    fn columns_have_the_names_of_the_json_and_missing_samples_are_no_numbers() {
        let physio = parse(JSON, "34\t97.5\t0\n-1e2\tn/a\t1\r\n35\t97\t0").unwrap();
        assert_eq!((physio.rate, physio.start, physio.columns.len()), (50.0, -7.5, 3));
        assert_eq!(physio.column("cardiac"), Some(&[34.0, -100.0, 35.0][..]));
        let oxygen = physio.column("oxygen saturation").unwrap();
        assert!(oxygen[0] == 97.5 && oxygen[1].is_nan() && oxygen[2] == 97.0);
        assert_eq!(physio.column("respiratory"), None);
    }

    #[test]
    fn what_is_wrong_is_said_with_its_place() {
        let check = |json: &str, text: &str, message: &str| {
            let error = parse(json, text).unwrap_err();
            assert!(error.starts_with(message), "{error}");
        };
        check(
            JSON,
            "1\t2\n",
            "p.tsv.gz: line 1: found 2 cells, expected 3 as `Columns` names (cardiac, oxygen saturation, trigger)",
        );
        check(JSON, "1\t2\t0\n1\t2\n", "p.tsv.gz: line 2: found 2 columns, expected 3");
        check(
            JSON,
            "1\t2\tx\n",
            "p.tsv.gz: line 1, column 3 (`trigger`): found `x`, expected a number or n/a",
        );
        check(
            JSON,
            "1\tinf\t0\n",
            "p.tsv.gz: line 1, column 2 (`oxygen saturation`): found `inf`, expected a finite",
        );
        check(
            JSON,
            "cardiac\toxygen saturation\ttrigger\n1\t2\t3\n",
            "p.tsv.gz: line 1: found a line of names, expected numbers",
        );
        check(JSON, "\n", "p.tsv.gz: found no row");
        let without = |key: &str| JSON.replace(key, "Other");
        check(
            &without("StartTime"),
            "1\t2\t0\n",
            "p.tsv.gz: found no `StartTime` in p.json, expected seconds from",
        );
        check(&without("SamplingFrequency"), "1\t2\t0\n", "p.tsv.gz: found no `SamplingFrequency` in p.json");
        check(&without("Columns"), "1\t2\t0\n", "p.tsv.gz: found no `Columns` in p.json, expected a list");
        check(
            &JSON.replace("50", "0"),
            "1\t2\t0\n",
            "p.json: found `SamplingFrequency` of 0, expected a positive",
        );
        check(
            &JSON.replace("50", "\"50 Hz\""),
            "1\t2\t0\n",
            "p.json: found `SamplingFrequency` of \"50 Hz\"",
        );
        check(&JSON.replace("trigger", "cardiac"), "1\t2\t0\n", "p.json: found `Columns` of [\"cardiac\"");
        let nothing = parse_physio(Path::new("p.tsv"), "1\n", &Sidecar::default()).unwrap_err().to_string();
        assert!(nothing.contains("no JSON file applies to it"), "{nothing}");
    }

    /// Four digits of a value of millions: steps of 100 where a breath is a few hundred.
    #[test]
    fn values_that_were_written_with_too_few_digits_are_coarse() {
        let belt = |step: f64| -> String {
            let value = |sample: usize| 2_474_300.0 + 200.0 * (sample as f64 / 7.0).sin();
            (0..400).map(|sample| format!("{}\n", (value(sample) / step).round() * step)).collect()
        };
        let json = r#"{"SamplingFrequency": 50, "StartTime": 0, "Columns": ["respiratory"]}"#;
        let (step, deviation) = parse(json, &belt(100.0)).unwrap().coarse("respiratory").unwrap();
        assert!(step == 100.0 && (deviation / 141.4 - 1.0).abs() < 0.1, "{step} {deviation}");
        assert_eq!(parse(json, &belt(20.0)).unwrap().coarse("respiratory"), None);
        assert_eq!(parse(json, "1\n1\n").unwrap().coarse("respiratory"), None);
    }

    #[test]
    fn every_recording_of_a_run_is_found_with_its_inherited_description() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path();
        let func = root.join("sub-01/func");
        fs::create_dir_all(&func).unwrap();
        let name = Name::parse("sub-01_task-a_run-1_space-T1w_desc-preproc_bold.nii.gz").unwrap();
        assert!(find_physio(root, &name).unwrap().is_empty());
        for (file, text) in [
            (
                "task-a_physio.json",
                r#"{"SamplingFrequency": 40, "StartTime": 0, "Columns": ["respiratory"]}"#,
            ),
            ("sub-01/func/sub-01_task-a_run-01_recording-belt_physio.tsv", "1\n2\n"),
            ("sub-01/func/sub-01_task-a_run-01_recording-belt_physio.json", r#"{"StartTime": -3.25}"#),
            ("sub-01/func/sub-01_task-a_run-01_recording-pulse_physio.tsv", "5\n"),
            ("sub-01/func/sub-01_task-a_run-02_recording-belt_physio.tsv", "5\n"),
            ("sub-01/func/sub-01_task-a_run-01_recording-eye1_physioevents.tsv", "5\n"),
            (
                "sub-01/func/sub-01_task-a_run-01_recording-pulse_physio.json",
                r#"{"SamplingFrequency": 500, "Columns": ["cardiac"]}"#,
            ),
        ] {
            fs::write(root.join(file), text).unwrap();
        }
        let found = find_physio(root, &name).unwrap();
        let read: Vec<Read<Physio>> = found.iter().map(|path| read_physio(path, root).unwrap()).collect();
        let facts: Vec<(f64, f64, &str)> = read
            .iter()
            .map(|read| (read.value.rate, read.value.start, read.value.columns[0].0.as_str()))
            .collect();
        assert_eq!(facts, [(40.0, -3.25, "respiratory"), (500.0, 0.0, "cardiac")]);
        assert_eq!(read[0].warnings.len(), 1, "StartTime is replaced");
        fs::write(func.join("sub-01_run-1_task-a_recording-belt_physio.tsv.gz"), "1\n").unwrap();
        let error = find_physio(root, &name).unwrap_err().to_string();
        assert!(error.contains("which both apply to sub-01 task-a run-1"), "{error}");
    }
}
