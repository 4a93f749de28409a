//! Cells of the tables of depth.

use super::rows::{ends, number, region, text};
use crate::results::{IndexResults, IndexRow, Interval, LanguageModelResults, Results};

pub(super) fn regions(results: &Results) -> Vec<Vec<String>> {
    let mut rows = Vec::new();
    for model in &results.language_models {
        rows.extend(model.hierarchy.regions.iter().map(|depth| {
            let centre = optional(depth.centre_of_mass);
            let interval = depth.interval.as_ref().map_or(["n/a".to_owned(), "n/a".to_owned()], ends);
            let mut cells = vec![text(&model.name), region(Some(&depth.region)), centre];
            cells.extend(interval);
            cells.push(depth.significant.to_string());
            cells.extend([depth.reference, depth.ceiling].map(optional));
            cells
        }));
    }
    rows
}

pub(super) fn summary(results: &Results) -> Vec<Vec<String>> {
    let row = |model: &LanguageModelResults| {
        let hierarchy = &model.hierarchy;
        let significant = hierarchy.regions.iter().filter(|region| region.significant).count();
        vec![
            text(&model.name),
            hierarchy.regions.len().to_string(),
            significant.to_string(),
            optional(hierarchy.split_half_reliability),
            optional(hierarchy.p),
            text(&hierarchy.note),
        ]
    };
    results.language_models.iter().map(row).collect()
}

pub(super) fn index(results: &Results) -> Vec<Vec<String>> {
    let of_model = |model: &LanguageModelResults| {
        let row = |index: &IndexResults, row: &IndexRow| {
            let mut cells = vec![text(&model.name)];
            cells.push(if row.seed.is_some() { "untrained" } else { "trained" }.to_owned());
            cells.push(row.seed.map_or_else(|| number(f64::NAN), |seed| seed.to_string()));
            cells.extend([text(&index.reference), row.n_regions.to_string(), number(row.rho)]);
            cells.extend([ends(&row.over_participants), ends(&row.over_stimulus)].concat());
            cells.extend([index.has_ceiling.to_string(), index.null.clone()]);
            cells.extend(row.null.as_ref().map_or_else(|| ends(&Interval::NOWHERE), ends));
            cells.extend([optional(row.p), row.reason.clone().unwrap_or_else(|| number(f64::NAN))]);
            let people = row.participants.as_ref();
            cells.push(optional(people.map(|people| people.mean)));
            cells.extend(people.map_or_else(|| ends(&Interval::NOWHERE), |people| ends(&people.interval)));
            cells.push(optional(people.map(|people| people.p)));
            cells.push(people.map_or_else(|| number(f64::NAN), |people| people.n_regions.to_string()));
            cells
        };
        let index = model.hierarchy.index.iter();
        index.flat_map(|index| index.rows.iter().map(move |one| row(index, one))).collect::<Vec<_>>()
    };
    results.language_models.iter().flat_map(of_model).collect()
}

pub(super) fn participants(results: &Results) -> Vec<Vec<String>> {
    let of_model = |model: &LanguageModelResults| {
        let people = model.hierarchy.index.iter().flat_map(|index| &index.participants);
        let row = |one: &crate::results::ParticipantIndex| {
            vec![text(&model.name), text(&one.participant), number(one.rho)]
        };
        people.map(row).collect::<Vec<_>>()
    };
    results.language_models.iter().flat_map(of_model).collect()
}

fn optional(value: Option<f64>) -> String {
    number(value.unwrap_or(f64::NAN))
}
