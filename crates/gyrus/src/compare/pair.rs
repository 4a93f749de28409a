//! Whether two language models can be compared at all: the same targets, recordings and folds.

use super::studies::Row;
use crate::results::{ComparedPerson, Methods, SideBySide};

/// Two rows that can be compared.
pub(super) struct Pair {
    /// Places of the people of both, in the lists of each.
    pub people: Vec<(usize, usize)>,
    /// People of either who are not among them.
    pub n_left_out: usize,
    /// Why there is no interval over the story; None where there is one.
    pub story: Option<&'static str>,
    /// Settings that differ.
    pub note: Option<String>,
}

pub(super) const OLDER_VERSION: &str = "older_version";
pub(super) const TARGETS_DIFFER: &str = "targets_differ";
pub(super) const BASELINES_DIFFER: &str = "baselines_differ";
pub(super) const NO_COMMON_PARTICIPANTS: &str = "no_common_participants";
const RECORDINGS_DIFFER: &str = "recordings_differ";
const FOLDS_DIFFER: &str = "folds_differ";
const PARTICIPANTS_DIFFER: &str = "participants_differ";

/// Pairs the people of two rows.
///
/// # Errors
/// - the reason why they cannot be compared.
pub(super) fn pair(of: &Row<'_>, minus: &Row<'_>) -> Result<Pair, &'static str> {
    let (Some(one), Some(other)) = (of.side_by_side(), minus.side_by_side()) else {
        return Err(OLDER_VERSION);
    };
    if of.study.results.targets != minus.study.results.targets {
        return Err(TARGETS_DIFFER);
    }
    let people = people(one, other)?;
    let is_same_group = people.len() == one.people.len()
        && people.len() == other.people.len()
        && people.iter().all(|(of, minus)| of == minus)
        && one.blocks == other.blocks;
    let mut differ = settings(of.methods(), minus.methods());
    let is_cleaned_alike =
        |(of, minus): &(usize, usize)| one.people[*of].responses == other.people[*minus].responses;
    if !people.iter().all(is_cleaned_alike) {
        differ.insert(0, "cleaning");
    }
    Ok(Pair {
        n_left_out: one.people.len() + other.people.len() - 2 * people.len(),
        people,
        story: (!is_same_group).then_some(PARTICIPANTS_DIFFER),
        note: (!differ.is_empty()).then(|| differ.join(", ")),
    })
}

fn people(one: &SideBySide, other: &SideBySide) -> Result<Vec<(usize, usize)>, &'static str> {
    let named = |person: &ComparedPerson| other.people.iter().position(|known| known.name == person.name);
    let both: Vec<(usize, usize)> =
        one.people.iter().enumerate().filter_map(|(place, person)| Some((place, named(person)?))).collect();
    if both.is_empty() {
        return Err(NO_COMMON_PARTICIPANTS);
    }
    let at = |(of, minus): &(usize, usize)| (&one.people[*of], &other.people[*minus]);
    let recorded: Vec<(usize, usize)> =
        both.into_iter().filter(|places| at(places).0.recordings == at(places).1.recordings).collect();
    if recorded.is_empty() {
        return Err(RECORDINGS_DIFFER);
    }
    let paired: Vec<(usize, usize)> =
        recorded.into_iter().filter(|places| at(places).0.folds == at(places).1.folds).collect();
    if paired.is_empty() { Err(FOLDS_DIFFER) } else { Ok(paired) }
}

/// Settings, the language model apart, that make scores differ.
pub(super) fn settings(of: &Methods, minus: &Methods) -> Vec<&'static str> {
    let differ = [
        ("alignment", (&of.alignment, of.centred) != (&minus.alignment, minus.centred)),
        ("delays", of.delays != minus.delays),
        ("drift by block", of.drift_by_block != minus.drift_by_block),
        ("projection of features", of.project_features != minus.project_features),
        ("components", of.components != minus.components),
        ("inner folds", of.inner_folds != minus.inner_folds),
        ("penalties", of.alphas != minus.alphas),
        ("words heard", of.stimuli != minus.stimuli),
    ];
    differ.into_iter().filter(|(_, differs)| *differs).map(|(name, _)| name).collect()
}

/// In what studies of a scaling differ: what a pair is refused for is stated here, because hours differ by their runs.
pub(super) fn unlike(rows: &[Row<'_>]) -> Option<String> {
    let [first, rest @ ..] = rows else { return None };
    let people = |row: &Row<'_>| row.side_by_side().map_or_else(Vec::new, |found| found.people.clone());
    let known = people(first);
    let of = |row: &Row<'_>, part: fn(&ComparedPerson) -> &String| {
        people(row)
            .iter()
            .any(|person| known.iter().any(|one| one.name == person.name && part(one) != part(person)))
    };
    let of_any = |part: fn(&ComparedPerson) -> &String| rest.iter().any(|row| of(row, part));
    let has_settings = rest.iter().any(|row| !settings(first.methods(), row.methods()).is_empty());
    let differ = [
        ("recordings", of_any(|person| &person.recordings)),
        ("cleaning", of_any(|person| &person.responses)),
        ("folds", of_any(|person| &person.folds)),
        ("settings", has_settings),
    ];
    let names: Vec<&str> = differ.into_iter().filter(|(_, differs)| *differs).map(|(name, _)| name).collect();
    (!names.is_empty()).then(|| names.join(", "))
}
