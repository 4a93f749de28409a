//! What is known of the participants: columns of their table as numbers, labels as one column per further level.

use std::collections::BTreeMap;
use std::path::Path;

use gyrus_encoding::statistics::{self, levels};
use gyrus_io::table::read_text_columns;
use ndarray::Array2;
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
/// - a column has one value only, numbers beside labels, a group of one, or too many groups,
/// - a column says what others say.
pub(super) fn open(resolved: &Resolved, analysed: &[String]) -> Result<Vec<Covariate>, Error> {
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
    require_slopes(resolved, &covariates, analysed)?;
    Ok(covariates)
}

/// The cells of each participant, in their order; None where there is no value.
fn rows(
    path: &Path,
    section: &ParticipantsSection,
    names: &[&str],
    analysed: &[String],
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
    let of_one = |name: &String| {
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
    (analysed, cells): (&[String], &[Option<String>]),
) -> Result<Vec<Covariate>, Error> {
    let wrong = |found: String, expected: String| {
        let found = format!("column `{name}` of {} with {found}", path.display());
        Err(resolved.setting("participants.covariates", found, expected))
    };
    let mut counts = BTreeMap::<&str, usize>::new();
    cells.iter().flatten().for_each(|cell| *counts.entry(cell).or_default() += 1);
    if counts.len() < 2 {
        let found =
            counts.keys().next().map_or("no value".to_owned(), |one| format!("`{one}` for everybody"));
        return wrong(found, "values that differ between participants; take the column out".to_owned());
    }
    let number = |cell: &str| cell.parse::<f64>().ok().filter(|number| number.is_finite());
    let texts: Vec<&str> = counts.keys().copied().filter(|cell| number(cell).is_none()).collect();
    if texts.is_empty() {
        let known = analysed.iter().zip(cells);
        let value = |(name, cell): (&String, &Option<String>)| Some((name.clone(), number(cell.as_ref()?)?));
        let values = known.filter_map(value).collect();
        return Ok(vec![Covariate { name: name.to_owned(), compared: None, values }]);
    }
    if texts.len() < counts.len() {
        let found = format!("numbers and `{}`", texts[0]);
        return wrong(found, "numbers or labels, and n/a or nothing where a value is not known".to_owned());
    }
    if let Some((label, _)) = counts.iter().find(|(_, count)| **count < 2) {
        let found = format!("`{label}` for one participant only");
        return wrong(found, "numbers, or groups of two participants or more".to_owned());
    }
    if counts.len() > MOST_LEVELS {
        let found = format!("{} different texts, such as `{}`", counts.len(), texts[0]);
        return wrong(found, format!("numbers, or at most {MOST_LEVELS} groups"));
    }
    Ok(groups(name, (analysed, cells)))
}

/// Every level but the first, each compared with it.
fn groups(name: &str, (analysed, cells): (&[String], &[Option<String>])) -> Vec<Covariate> {
    let (names, table) = levels(cells);
    let level = |(column, level): (usize, &String)| {
        let of = analysed.iter().zip(table.column(column));
        let known = of.filter(|(_, value)| value.is_finite());
        Covariate {
            name: name.to_owned(),
            compared: Some((level.clone(), names[0].clone())),
            values: known.map(|(name, value)| (name.clone(), *value)).collect(),
        }
    };
    names[1..].iter().enumerate().map(level).collect()
}

/// A slope needs values that the others and the constant do not say already.
fn require_slopes(resolved: &Resolved, covariates: &[Covariate], analysed: &[String]) -> Result<(), Error> {
    let complete: Vec<&String> = analysed
        .iter()
        .filter(|name| covariates.iter().all(|covariate| covariate.values.contains_key(*name)))
        .collect();
    let table = Array2::from_shape_fn((complete.len(), covariates.len()), |(row, column)| {
        covariates[column].values.get(complete[row]).copied().unwrap_or(f64::NAN)
    });
    let scores = Array2::zeros((complete.len(), 1));
    for (which, covariate) in covariates.iter().enumerate() {
        let slope = statistics::slopes(scores.view(), table.view(), which)?;
        if slope.first().is_none_or(|slope| slope.slope.is_nan()) {
            let found = format!(
                "`{}`, which cannot be told from the others over the {} participants with a value of each",
                covariate.name,
                complete.len()
            );
            let expected = "columns that do not say the same, and more participants than columns".to_owned();
            return Err(resolved.setting("participants.covariates", found, expected));
        }
    }
    Ok(())
}
