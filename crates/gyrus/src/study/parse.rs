//! Reads a study file and says in one place what is wrong with it.

use std::path::Path;

use super::schema::Study;
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
    let study: Study = toml::from_str(&text).map_err(|error| explain(path, &text, &error))?;
    check_settings(path, &study)?;
    Ok(study)
}

fn explain(path: &Path, text: &str, error: &toml::de::Error) -> Error {
    let start = error.span().map_or(0, |span| span.start);
    let (line, column) = position(text, start);
    let message = error.message().trim().replace('\n', " ");
    let suggestion = did_you_mean(&message).map(|key| format!("; did you mean `{key}`?")).unwrap_or_default();
    Error::StudyFile { path: path.to_owned(), line, column, reason: format!("{message}{suggestion}") }
}

fn position(text: &str, offset: usize) -> (usize, usize) {
    let before = &text.as_bytes()[..offset.min(text.len())];
    let line = before.iter().filter(|byte| **byte == b'\n').count() + 1;
    let column = before.iter().rev().take_while(|byte| **byte != b'\n').count() + 1;
    (line, column)
}

/// The expected key nearest to the unknown one, from serde's "unknown field `x`, expected one of `a`, `b`".
fn did_you_mean(message: &str) -> Option<String> {
    let (head, tail) = message.split_once("expected")?;
    if !head.starts_with("unknown") {
        return None;
    }
    let unknown = quoted(head).next()?;
    let nearest = quoted(tail).min_by_key(|key| edit_distance(unknown, key))?;
    let near_enough = edit_distance(unknown, nearest) <= unknown.len().max(nearest.len()) / 2;
    near_enough.then(|| nearest.to_owned())
}

fn quoted(text: &str) -> impl Iterator<Item = &str> {
    text.split('`').skip(1).step_by(2)
}

/// Levenshtein distance in characters.
pub(crate) fn edit_distance(left: &str, right: &str) -> usize {
    let right: Vec<char> = right.chars().collect();
    let mut row: Vec<usize> = (0..=right.len()).collect();
    for (i, from) in left.chars().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, to) in right.iter().enumerate() {
            let substituted = diagonal + usize::from(from != *to);
            diagonal = row[j + 1];
            row[j + 1] = substituted.min(row[j] + 1).min(row[j + 1] + 1);
        }
    }
    row[right.len()]
}

fn check_settings(path: &Path, study: &Study) -> Result<(), Error> {
    let wrong = |key: &str, found: String, expected: &str| {
        let (key, expected) = (key.to_owned(), expected.to_owned());
        Err(Error::Setting { path: path.to_owned(), key, found, expected })
    };
    let alphas = &study.encoding.alphas;
    if !(alphas.from > 0.0 && alphas.to >= alphas.from && alphas.to.is_finite() && alphas.count >= 1) {
        let found = format!("from {} to {}, count {}", alphas.from, alphas.to, alphas.count);
        return wrong("encoding.alphas", found, "0 < from <= to and at least one penalty");
    }
    if study.alignment.delays.is_empty() {
        return wrong("alignment.delays", "no delay".to_owned(), "at least one, such as [\"2 s\", \"4 s\"]");
    }
    if let Some(delay) = study.alignment.delays.iter().find(|delay| delay.get() < 0.0) {
        return wrong(
            "alignment.delays",
            delay.to_string(),
            "delays of 0 s or more: the brain follows the word",
        );
    }
    if study.stimulus.is_empty() {
        return wrong("stimulus", "none".to_owned(), "at least one [[stimulus]]");
    }
    if study.language_model.is_empty() {
        return wrong("language_model", "none".to_owned(), "at least one [[language_model]]");
    }
    if study.encoding.inner_folds < 2 {
        return wrong("encoding.inner_folds", study.encoding.inner_folds.to_string(), "at least 2");
    }
    if study.execution.threads == Some(0) {
        return wrong("execution.threads", "0".to_owned(), "at least 1");
    }
    check_names(path, study)
}

fn check_names(path: &Path, study: &Study) -> Result<(), Error> {
    let names: Vec<&str> = study.stimulus.iter().map(|stimulus| stimulus.name.as_str()).collect();
    let repeated = names.iter().enumerate().find(|(index, name)| names[..*index].contains(name));
    if let Some((_, name)) = repeated {
        let (key, found) = ("stimulus.name".to_owned(), format!("`{name}` twice"));
        return Err(Error::Setting {
            path: path.to_owned(),
            key,
            found,
            expected: "a name of its own for each".to_owned(),
        });
    }
    match &study.responses.stimulus {
        Some(name) if !names.contains(&name.as_str()) => Err(Error::Setting {
            path: path.to_owned(),
            key: "responses.stimulus".to_owned(),
            found: format!("`{name}`"),
            expected: format!("one of the stimuli: {}", names.join(", ")),
        }),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_unknown_key_is_an_error_that_names_the_nearest() {
        let message = "unknown field `delay`, expected one of `method`, `delays`, `centre`, `compare`";
        assert_eq!(did_you_mean(message).as_deref(), Some("delays"));
        assert_eq!(did_you_mean("invalid type: string, expected usize"), None);
        assert_eq!(did_you_mean("unknown field `zzzzzz`, expected `seed` or `null`"), None);
    }

    #[test]
    fn edit_distance_counts_single_characters() {
        assert_eq!(edit_distance("kitten", "sitting"), 3);
        assert_eq!(edit_distance("", "abc"), 3);
    }

    #[test]
    fn position_counts_lines_and_columns_from_one() {
        assert_eq!(position("ab\ncd", 0), (1, 1));
        assert_eq!(position("ab\ncd", 4), (2, 2));
    }
}
