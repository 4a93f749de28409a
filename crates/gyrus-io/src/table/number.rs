//! Numbers in the cells of a table.

use std::path::Path;

use crate::IoError;
use crate::error::shown;

/// What a numeric cell without a number may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Missing {
    /// Nothing but a number is allowed.
    Refused,
    /// Exactly `n/a`, as BIDS writes it, is not-a-number.
    Allowed,
}

/// How BIDS writes a missing value.
pub(crate) const NOT_AVAILABLE: &str = "n/a";

/// Where a cell is.
#[derive(Clone, Copy)]
pub(crate) struct Cell<'a> {
    pub(crate) path: &'a Path,
    pub(crate) line: u32,
    /// From 0.
    pub(crate) column: usize,
    pub(crate) name: Option<&'a str>,
}

/// The number in a cell; `nan` and `inf` as numeric programs write them are numbers.
pub(crate) fn parse(text: &str, missing: Missing, cell: Cell<'_>) -> Result<f64, IoError> {
    let trimmed = text.trim_matches([' ', '\t']);
    if let Some(number) = number(trimmed) {
        return Ok(number);
    }
    if missing == Missing::Allowed && trimmed == NOT_AVAILABLE {
        return Ok(f64::NAN);
    }
    Err(IoError::NotANumber {
        path: cell.path.to_owned(),
        line: cell.line,
        column: match cell.name {
            Some(name) => format!("{} (`{}`)", cell.column + 1, shown(name)),
            None => (cell.column + 1).to_string(),
        },
        found: shown(text),
        expected: expected(trimmed, missing),
    })
}

/// The number that a text is, if it is one.
pub(crate) fn number(text: &str) -> Option<f64> {
    let is_plain =
        text.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'-' | b'.'));
    if is_plain { text.parse().ok() } else { None }
}

fn expected(text: &str, missing: Missing) -> &'static str {
    let has_comma = text.contains(',') && number(&text.replace(',', ".")).is_some();
    match (has_comma, missing) {
        (true, _) => "a number with a point before its decimals",
        (false, Missing::Allowed) => "a number or n/a",
        (false, Missing::Refused) => "a number",
    }
}
