//! Words from JSON: a list, or the output of gentle, Whisper and aligners of their kind.

use std::path::Path;

use gyrus_core::{Seconds, Word};
use serde_json::{Map, Value};

use super::order::ordered;
use super::table::checked;
use crate::error::{place_number, shown};
use crate::{IoError, Place, Read, text};

/// Reads words from a JSON list, from an object's `words`, or from the `words` of its `segments`, one after another.
///
/// A word is a string, or an object with `word` (or `text`), `onset` (or `start`) and `offset` (or `end`), in seconds;
/// a time that is absent or null is no time.
///
/// # Errors
/// - the file is missing, empty, a git-annex pointer or not text,
/// - it is not JSON, holds no list of words, or a word is blank or has a time that is not a number.
pub fn from_json(path: &Path) -> Result<Read<Vec<Word>>, IoError> {
    parse_json(path, &text::read(path)?)
}

/// Reads words from JSON text; errors name `path`.
///
/// # Errors
/// - as [`from_json`].
pub fn parse_json(path: &Path, text: &str) -> Result<Read<Vec<Word>>, IoError> {
    let value: Value = serde_json::from_str(text).map_err(|error| {
        let found = format!("something that is not JSON ({})", shown(&error.to_string()));
        IoError::malformed(
            path,
            Place::Line(place_number(error.line())),
            found,
            "a JSON list of words",
            REMEDY,
        )
    })?;
    let items = items(&value).ok_or_else(|| {
        let found = format!("{} without a list of words", kind(&value));
        IoError::malformed(
            path,
            Place::File,
            found,
            "a list, or an object with `words` or `segments`",
            REMEDY,
        )
    })?;
    let words: Result<Vec<Word>, IoError> =
        items.iter().enumerate().map(|(index, item)| word(path, index, item)).collect();
    Ok(ordered(words?, Vec::new()))
}

const REMEDY: &str = "write each word as {\"word\": …, \"onset\": …, \"offset\": …}";

fn items(value: &Value) -> Option<Vec<&Value>> {
    match value {
        Value::Array(items) => Some(items.iter().collect()),
        Value::Object(object) => match (object.get("words"), object.get("segments")) {
            (Some(Value::Array(words)), _) => Some(words.iter().collect()),
            (_, Some(Value::Array(segments))) => {
                let words = segments.iter().map(|segment| segment.get("words").and_then(Value::as_array));
                let words: Vec<&Vec<Value>> = words.collect::<Option<_>>()?;
                Some(words.into_iter().flatten().collect())
            }
            _ => None,
        },
        _ => None,
    }
}

fn word(path: &Path, index: usize, item: &Value) -> Result<Word, IoError> {
    let place = Place::Item(place_number(index));
    let wrong =
        |found: String| IoError::malformed(path, place, found, "a word with its times in seconds", REMEDY);
    let text = match item {
        Value::String(text) => Some(text),
        Value::Object(object) => {
            object.get("word").or_else(|| object.get("text")).and_then(|text| match text {
                Value::String(text) => Some(text),
                _ => None,
            })
        }
        _ => None,
    };
    let text = text.ok_or_else(|| wrong(format!("{} without a `word`", kind(item))))?;
    let times = match item {
        Value::Object(object) => (time(object, ["onset", "start"]), time(object, ["offset", "end"])),
        _ => (Ok(None), Ok(None)),
    };
    let times = (times.0.map_err(wrong)?, times.1.map_err(wrong)?);
    checked(path, 0, text, times).map_err(|error| match error {
        IoError::Malformed { found, .. } => wrong(found),
        other => other,
    })
}

fn time(object: &Map<String, Value>, keys: [&str; 2]) -> Result<Option<Seconds>, String> {
    match keys.iter().find_map(|key| object.get(*key)) {
        None | Some(Value::Null) => Ok(None),
        Some(value) => match value.as_f64().map(Seconds::new) {
            Some(Ok(seconds)) => Ok(Some(seconds)),
            _ => Err(format!("`{}` as `{}`", shown(&value.to_string()), keys[0])),
        },
    }
}

fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "a truth value",
        Value::Number(_) => "a number",
        Value::String(_) => "a text",
        Value::Array(_) => "a list",
        Value::Object(_) => "an object",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: &[(&str, Option<f64>, Option<f64>)]) {
        let read = parse_json(Path::new("a.json"), text).unwrap();
        let found: Vec<(&str, Option<f64>, Option<f64>)> = read
            .value
            .iter()
            .map(|word| (word.text.as_str(), word.onset.map(Seconds::get), word.offset.map(Seconds::get)))
            .collect();
        assert_eq!(found, expected);
    }

    #[test]
    fn lists_gentle_and_segments() {
        check(
            r#"["a", {"word": "b", "onset": 1, "offset": 1.5}]"#,
            &[("a", None, None), ("b", Some(1.0), Some(1.5))],
        );
        let gentle = r#"{"transcript": "x y", "words": [{"case": "success", "word": "x", "start": 0.1, "end": 0.2},
            {"case": "not-found-in-audio", "word": "y"}]}"#;
        check(gentle, &[("x", Some(0.1), Some(0.2)), ("y", None, None)]);
        let segments = r#"{"segments": [{"words": [{"word": " a", "start": 0, "end": 1}]}, {"words": []}]}"#;
        check(segments, &[("a", Some(0.0), Some(1.0))]);
    }

    #[test]
    fn errors_name_line_or_element() {
        let check = |text: &str, message: &str| {
            let error = parse_json(Path::new("a.json"), text).unwrap_err().to_string();
            assert!(error.starts_with(&format!("a.json: {message}")), "{error}");
        };
        check("[\n1", "line 2: found something that is not JSON");
        check("{}", "found an object without a list of words");
        check("[\"a\", 1]", "element 1: found a number without a `word`");
        check(r#"[{"word": "a", "onset": "1"}]"#, "element 0: found");
        check(r#"[{"word": " "}]"#, "element 0: found an empty word");
        check(&"[".repeat(100_000), "line 1: found something that is not JSON");
    }
}
