//! Events of a run (`_events.tsv`): the clock of what was heard when.

use std::path::Path;

use gyrus_core::Seconds;

use crate::table::number::{self, Cell, Missing};
use crate::table::{Delimiter, Record, Records};
use crate::{IoError, Place, text};

/// One event, on the clock that starts with the first volume of the file.
#[derive(Debug, Clone, PartialEq)]
pub struct Event {
    /// Start; negative before the first volume.
    pub onset: Seconds,
    /// Duration; None where it is not known.
    pub duration: Option<Seconds>,
    /// `trial_type`, where the file has one.
    pub trial_type: Option<String>,
    /// `stim_file`, where the file has one.
    pub stimulus_file: Option<String>,
}

/// Reads the events of a run.
///
/// # Errors
/// - the file is missing, empty, a git-annex pointer or not text,
/// - it has no column `onset` or `duration`, a row is ragged, or a time is not a number.
pub fn read_events(path: &Path) -> Result<Vec<Event>, IoError> {
    parse_events(path, &text::read(path)?)
}

/// Reads the events of a run from the text of their table; errors name `path`.
///
/// # Errors
/// - as [`read_events`].
pub fn parse_events(path: &Path, text: &str) -> Result<Vec<Event>, IoError> {
    let mut records = Records::new(path, text, Delimiter::Tab);
    let Some(header) = records.next().transpose()? else {
        let remedy = "check that this is the file you mean";
        return Err(IoError::malformed(path, Place::File, "no row", "a header line and events", remedy));
    };
    let column = |name: &str| header.cells.iter().position(|cell| cell.trim() == name);
    let required = |name: &str| {
        column(name).ok_or_else(|| IoError::NoSuch {
            path: path.to_owned(),
            kind: "column",
            asked: name.to_owned(),
            available: crate::error::few(&header.cells, 20),
            remedy: "add the column: BIDS requires it",
        })
    };
    let (onset, duration) = (required("onset")?, required("duration")?);
    let (trial_type, stimulus_file) = (column("trial_type"), column("stim_file"));
    let mut events = Vec::new();
    for record in records {
        let record = record?;
        let label = |column: Option<usize>| {
            let text = record.cells[column?].trim();
            (text != number::NOT_AVAILABLE && !text.is_empty()).then(|| text.to_owned())
        };
        events.push(Event {
            onset: time(path, &record, (onset, "onset"), Missing::Refused)?.unwrap_or(Seconds::ZERO),
            duration: time(path, &record, (duration, "duration"), Missing::Allowed)?,
            trial_type: label(trial_type),
            stimulus_file: label(stimulus_file),
        });
    }
    Ok(events)
}

fn time(
    path: &Path,
    record: &Record<'_>,
    (column, name): (usize, &str),
    missing: Missing,
) -> Result<Option<Seconds>, IoError> {
    let text = &record.cells[column];
    let seconds = number::parse(text, missing, Cell { path, line: record.line, column, name: Some(name) })?;
    if missing == Missing::Allowed && text.trim() == number::NOT_AVAILABLE {
        return Ok(None);
    }
    Seconds::new(seconds).map(Some).map_err(|_| IoError::NotANumber {
        path: path.to_owned(),
        line: record.line,
        column: format!("{} (`{name}`)", column + 1),
        found: crate::error::shown(text),
        expected: "a finite number of seconds",
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Result<Vec<Event>, IoError> {
        parse_events(Path::new("e.tsv"), text)
    }

    #[test]
    fn two_stories_in_one_run() {
        let text = "onset\tduration\ttrial_type\tstim_file\n29.5\t903.0\tstory\tslumlord.wav\n969.5\tn/a\tn/a\treach.wav\n";
        let events = parse(text).unwrap();
        assert_eq!((events.len(), events[1].onset.get(), events[1].duration), (2, 969.5, None));
        assert_eq!(events[0].stimulus_file.as_deref(), Some("slumlord.wav"));
        assert_eq!((events[0].trial_type.as_deref(), &events[1].trial_type), (Some("story"), &None));
    }

    #[test]
    fn errors_name_the_place() {
        let check = |text: &str, message: &str| {
            let error = parse(text).unwrap_err().to_string();
            assert!(error.starts_with(message), "{error}");
        };
        check(
            "onset\ttype\n1\tx\n",
            "e.tsv: found no column `duration`, expected one of: onset, type; add the column",
        );
        check(
            "onset\tduration\nn/a\t1\n",
            "e.tsv: line 2, column 1 (`onset`): found `n/a`, expected a number",
        );
        check(
            "onset\tduration\n1\tinf\n",
            "e.tsv: line 2, column 2 (`duration`): found `inf`, expected a finite",
        );
        check("\n", "e.tsv: found no row");
    }
}
