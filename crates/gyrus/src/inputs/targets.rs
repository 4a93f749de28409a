//! What the columns of tables are called, and which region each belongs to.

use std::collections::BTreeMap;

use gyrus_io::table;

use super::Recording;
use crate::Error;
use crate::results::Target;
use crate::study::Resolved;

pub(super) fn of_tables(resolved: &Resolved, recordings: &[Recording]) -> Result<Vec<Target>, Error> {
    let Some(first) = recordings.first() else { return Ok(Vec::new()) };
    let names = target_names(resolved, first);
    for recording in recordings {
        let found = recording.n_targets;
        if found != names.len() {
            let expected = format!("{} as responses.targets names them", names.len());
            let found = format!("{found} columns in {}", recording.run.responses.display());
            return Err(resolved.setting("responses.targets", found, expected));
        }
        if resolved.study.responses.targets.is_none() && recording.columns != first.columns {
            let found = format!("other column names in {}", recording.run.responses.display());
            let expected = format!("the same as in {}", first.run.responses.display());
            return Err(resolved.setting("responses.table", found, expected));
        }
    }
    let regions = read_regions(resolved)?;
    names.into_iter().map(|name| with_region(resolved, name, regions.as_ref())).collect()
}

fn target_names(resolved: &Resolved, first: &Recording) -> Vec<String> {
    let numbered = || (1..=first.n_targets).map(|column| format!("target {column}")).collect();
    let stated = resolved.study.responses.targets.clone();
    stated.or_else(|| first.columns.clone()).unwrap_or_else(numbered)
}

fn read_regions(resolved: &Resolved) -> Result<Option<BTreeMap<String, String>>, Error> {
    let Some(path) = &resolved.study.responses.regions else { return Ok(None) };
    let path = resolved.absolute(path);
    let rows = table::read_text_columns(&path, &["target", "region"])?;
    Ok(Some(rows.into_iter().map(|row| (row[0].clone(), row[1].clone())).collect()))
}

fn with_region(
    resolved: &Resolved,
    name: String,
    regions: Option<&BTreeMap<String, String>>,
) -> Result<Target, Error> {
    let Some(regions) = regions else { return Ok(Target { region: name.clone(), name }) };
    match regions.get(&name) {
        Some(region) => Ok(Target { region: region.clone(), name }),
        None => {
            let expected = "a row for every target".to_owned();
            Err(resolved.setting("responses.regions", format!("no row for target `{name}`"), expected))
        }
    }
}
