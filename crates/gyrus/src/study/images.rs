//! Recordings that other programs than fMRIPrep preprocessed: images by a pattern, with their confounds.

use std::collections::BTreeMap;

use gyrus_io::bids::{Name, Query, Run, same_label};
use gyrus_io::pattern::{self, Match};
use gyrus_io::scan::Scan;

use super::bids::ENTITIES;
use super::resolve::Resolved;
use crate::Error;

/// The images that fit a pattern and a query, each with the table of confounds that has the same fields.
///
/// # Errors
/// - the pattern has no `{participant}`, or no file fits,
/// - the content of an image that is asked for is not here,
/// - the study has a pattern of confounds, and an image has no table, or several.
pub(super) fn find(resolved: &Resolved, pattern: &str, query: &Query) -> Result<Vec<Run>, Error> {
    const KEY: &str = "bids.images";
    if !pattern.contains("{participant}") {
        let expected =
            "a path with {participant} in it, and with {session}, {task} and {run} as names have them";
        return Err(resolved.setting(KEY, format!("`{pattern}`"), expected.to_owned()));
    }
    let named = resolved.list(KEY, pattern)?.into_iter().map(|found| (name(&found), found));
    let chosen: Vec<(Name, Match)> = named.filter(|(name, _)| is_wanted(name, query)).collect();
    let files: Vec<Match> = chosen.iter().map(|(_, found)| found.clone()).collect();
    pattern::require_content(&files).map_err(|error| resolved.about(KEY, error.into()))?;
    let confounds = match &resolved.study.denoise.confounds {
        Some(tables) => resolved.list("denoise.confounds", tables)?,
        None => Vec::new(),
    };
    chosen.into_iter().map(|(name, found)| run(resolved, (name, found), &confounds)).collect()
}

fn name(found: &Match) -> Name {
    let entity = |(field, key): &(&str, &str)| {
        let text = found.fields.get(*field)?;
        let label = text.strip_prefix(key).and_then(|rest| rest.strip_prefix('-')).unwrap_or(text);
        Some(((*key).to_owned(), label.to_owned()))
    };
    let entities: BTreeMap<String, String> = ENTITIES.iter().filter_map(entity).collect();
    // Only the entities of a recording are looked at: its files are named by the study.
    Name { entities, suffix: "bold".to_owned(), extension: String::new() }
}

fn is_wanted(name: &Name, query: &Query) -> bool {
    let one_of = |key: &str, labels: &[String]| {
        let own = name.get(key).unwrap_or_default();
        labels.is_empty() || name.get(key).is_none() || labels.iter().any(|label| same_label(label, own))
    };
    one_of("sub", &query.participants) && one_of("task", &query.tasks)
}

fn run(resolved: &Resolved, (name, found): (Name, Match), confounds: &[Match]) -> Result<Run, Error> {
    let shares = |table: &&Match| {
        table.fields.iter().all(|(field, label)| found.fields.get(field).is_none_or(|own| own == label))
    };
    let fitting: Vec<&Match> = confounds.iter().filter(shares).collect();
    let wrong = |what: String| {
        let expected = "one table of confounds for each image; correct the pattern";
        let image = resolved.named(&found.path);
        Err(resolved.setting("denoise.confounds", format!("{what} for {image}"), expected.to_owned()))
    };
    let table = match (fitting.as_slice(), resolved.study.denoise.confounds.is_some()) {
        ([], false) => None,
        ([one], _) => Some(one.path.clone()),
        ([], true) => return wrong("no table".to_owned()),
        (several, _) => return wrong(format!("{} tables", several.len())),
    };
    Ok(Run { name, scan: Scan::of(&found.path), mask: None, confounds: table })
}
