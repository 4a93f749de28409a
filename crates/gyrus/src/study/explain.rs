//! What is wrong with a study file, in the words of people who write one.

use std::path::Path;

use crate::Error;

/// The parser's complaint with line, column and key, what was found, what was expected, and what to do.
pub(super) fn explain(path: &Path, text: &str, error: &toml::de::Error) -> Error {
    let start = error.span().map_or(0, |span| span.start);
    let (line, column) = position(text, start);
    let message = error.message().trim().replace('\n', " ");
    let key = key_in(text.lines().nth(line - 1).unwrap_or_default());
    let key = key.filter(|_| !message.starts_with("missing field")).map(|key| format!("{key}: "));
    let reason = format!("{}{}", key.unwrap_or_default(), reason(&message));
    Error::StudyFile { path: path.to_owned(), line, column, reason }
}

fn reason(message: &str) -> String {
    let (found, expected) = message.split_once(", expected ").unwrap_or((message, ""));
    if let Some(unknown) = found.strip_prefix("unknown field ").or(found.strip_prefix("unknown variant ")) {
        return format!(
            "found {unknown}, which nothing is called, expected {expected}; {}",
            suggestion(message)
        );
    }
    if let Some(name) = found.strip_prefix("missing field ") {
        return format!("found no {name}, expected one; add it");
    }
    if found.starts_with("duplicate key") {
        return "found the same key a second time, expected it once; remove one of the two".to_owned();
    }
    if let Some(value) = found.strip_prefix("invalid type: ").or(found.strip_prefix("invalid value: ")) {
        return format!("found {}, expected {}", in_words(value), kind_in_words(expected));
    }
    if found.starts_with("found ") || message.starts_with("found ") {
        return format!("{message}; correct the value");
    }
    if let Some(expected) = message.strip_prefix("expected ") {
        return format!("found something else, expected {expected}; correct the value");
    }
    format!(
        "found text that is not TOML ({message}), expected lines such as `name = \"alice\"`; correct this line"
    )
}

fn in_words(value: &str) -> String {
    let value = value.replace('`', "");
    if let Some(text) = value.strip_prefix("string ") {
        return format!("the text {text}");
    }
    match value.split_once(' ') {
        Some(("integer" | "floating", number)) => {
            format!("the number {}", number.trim_start_matches("point "))
        }
        Some(("boolean", word)) => word.to_owned(),
        _ if value == "map" => "a section".to_owned(),
        _ if value == "sequence" => "a list".to_owned(),
        _ => value,
    }
}

fn kind_in_words(expected: &str) -> String {
    match expected {
        "usize" | "u64" | "u32" => "a whole number, not negative; write it without quotes".to_owned(),
        "f64" => "a number; write it without quotes".to_owned(),
        "a string" => {
            "text in quotes; a time needs its unit, such as \"2 s\", and memory too, such as \"4 GiB\""
                .to_owned()
        }
        "a boolean" => "true or false; write it without quotes".to_owned(),
        "a sequence" => "a list; write values in brackets, and sections as [[stimulus]]".to_owned(),
        _ => format!("{expected}; correct the value"),
    }
}

fn suggestion(message: &str) -> String {
    match did_you_mean(message) {
        Some(key) => format!("did you mean `{key}`?"),
        None => "correct or remove it".to_owned(),
    }
}

/// The key of a line `key = value`.
fn key_in(line: &str) -> Option<&str> {
    let (key, _) = line.split_once('=')?;
    let key = key.trim();
    let is_name = |character: char| character.is_alphanumeric() || "_-.".contains(character);
    (!key.is_empty() && key.chars().all(is_name)).then_some(key)
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
fn edit_distance(left: &str, right: &str) -> usize {
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
    fn values_of_another_kind_are_told_in_words() {
        let reason = reason("invalid type: string \"many\", expected usize");
        assert_eq!(
            reason,
            "found the text \"many\", expected a whole number, not negative; write it without quotes"
        );
        assert!(
            super::reason("invalid type: integer `2`, expected a string")
                .starts_with("found the number 2, expected text in quotes;")
        );
        assert!(
            super::reason("unclosed table, expected `]`")
                .starts_with("found text that is not TOML (unclosed table, expected `]`)")
        );
    }

    #[test]
    fn the_key_of_a_line_is_its_name() {
        assert_eq!(key_in("  seed = 3"), Some("seed"));
        assert_eq!(key_in("[study]"), None);
        assert_eq!(key_in("folds = { blocks = 5 }"), Some("folds"));
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
