//! What is known of the participants: columns of their table as numbers, labels as one column per further level.

use std::collections::BTreeMap;
use std::path::Path;

use gyrus_encoding::statistics::levels;
use gyrus_io::table::read_text_columns;
use serde::Serialize;

use crate::Error;
use crate::study::{ParticipantsSection, Resolved, repeated};

/// One column of covariates.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Covariate {
    /// Name of the column of the table.
    pub name: String,
    /// Of labels: the level, and the one that it is compared with.
    pub compared: Option<(String, String)>,
    /// By participant; whoever lacks a value is not here.
    pub values: BTreeMap<String, f64>,
}

/// More groups than this are no groups: a column of names, say.
const MOST_LEVELS: usize = 8;

/// The covariates of a study; none where it asks for none.
///
/// # Errors
/// - the table cannot be read, lacks a column, or has a participant twice or not at all,
/// - a column has one value only, or too many labels.
pub(super) fn open(resolved: &Resolved, analysed: &[&str]) -> Result<Vec<Covariate>, Error> {
    let Some(section) = &resolved.study.participants else { return Ok(Vec::new()) };
    let names: Vec<&str> = section.covariates.iter().map(String::as_str).collect();
    let wrong = |found: String, expected: &str| {
        Err(resolved.setting("participants.covariates", found, expected.to_owned()))
    };
    if names.is_empty() {
        return wrong("no column".to_owned(), "names of columns of the table");
    }
    if let Some(name) = repeated(&names) {
        return wrong(format!("`{name}` twice"), "every column once");
    }
    let path = resolved.absolute(&section.table);
    let rows = rows(&path, section, &names, analysed)?;
    let mut covariates = Vec::new();
    for (column, name) in names.iter().enumerate() {
        let cells: Vec<Option<String>> = rows.iter().map(|row| row[column].clone()).collect();
        covariates.extend(covariate(resolved, &path, name, (analysed, &cells))?);
    }
    Ok(covariates)
}

/// The cells of each participant, in their order; None where there is no value.
fn rows(
    path: &Path,
    section: &ParticipantsSection,
    names: &[&str],
    analysed: &[&str],
) -> Result<Vec<Vec<Option<String>>>, Error> {
    let columns: Vec<&str> =
        std::iter::once(section.id_column.as_str()).chain(names.iter().copied()).collect();
    let mut of: BTreeMap<String, Vec<Option<String>>> = BTreeMap::new();
    for row in read_text_columns(path, &columns)? {
        let value = |cell: &String| {
            let cell = cell.trim();
            (!cell.is_empty() && cell != "n/a").then(|| cell.to_owned())
        };
        let name = plain(&row[0]).to_owned();
        if of.insert(name.clone(), row[1..].iter().map(value).collect()).is_some() {
            let found = format!("`{name}` twice in column `{}`", section.id_column);
            return Err(Error::Participants {
                path: path.to_owned(),
                found,
                expected: "one row per participant".to_owned(),
            });
        }
    }
    let of_one = |name: &&str| {
        of.get(plain(name)).cloned().ok_or_else(|| Error::Participants {
            path: path.to_owned(),
            found: format!("no row of `{name}`"),
            expected: format!(
                "a row for everybody who is analysed, with this name in column `{}` (n/a where a value is not known)",
                section.id_column
            ),
        })
    };
    analysed.iter().map(of_one).collect()
}

fn plain(name: &str) -> &str {
    let name = name.trim();
    name.strip_prefix("sub-").unwrap_or(name)
}

fn covariate(
    resolved: &Resolved,
    path: &Path,
    name: &str,
    (analysed, cells): (&[&str], &[Option<String>]),
) -> Result<Vec<Covariate>, Error> {
    let number = |cell: &Option<String>| cell.as_deref().map(str::parse::<f64>);
    let numbers: Vec<Option<f64>> = cells.iter().map(|cell| number(cell)?.ok()).collect();
    let are_numbers = cells.iter().zip(&numbers).all(|(cell, number)| cell.is_none() || number.is_some());
    let wrong = |found: String, expected: String| {
        let found = format!("column `{name}` of {} with {found}", path.display());
        Err(resolved.setting("participants.covariates", found, expected))
    };
    let mut distinct: Vec<&String> = cells.iter().flatten().collect();
    distinct.sort_unstable();
    distinct.dedup();
    if distinct.len() < 2 {
        let found = distinct.first().map_or("no value".to_owned(), |one| format!("`{one}` for everybody"));
        return wrong(found, "values that differ between participants; take the column out".to_owned());
    }
    if are_numbers {
        let known = analysed.iter().zip(&numbers);
        let values = known.filter_map(|(name, number)| Some(((*name).to_owned(), (*number)?))).collect();
        return Ok(vec![Covariate { name: name.to_owned(), compared: None, values }]);
    }
    let known = cells.iter().flatten().count();
    if distinct.len() > MOST_LEVELS || 2 * distinct.len() > known {
        let found = format!("{} different texts, such as `{}`", distinct.len(), distinct[0]);
        return wrong(found, format!("numbers, or at most {MOST_LEVELS} groups of two participants or more"));
    }
    let (names, table) = levels(cells);
    let level = |(column, level): (usize, &String)| {
        let of = analysed.iter().zip(table.column(column));
        let known = of.filter(|(_, value)| value.is_finite());
        Covariate {
            name: name.to_owned(),
            compared: Some((level.clone(), names[0].clone())),
            values: known.map(|(name, value)| ((*name).to_owned(), *value)).collect(),
        }
    };
    Ok(names[1..].iter().enumerate().map(level).collect())
}
