//! How a quantity goes with a property over language models: a line over decades, a curve that flattens, correlations.

use gyrus_encoding::statistics::{
    NoSaturation, Scaling, bootstrap_participants_each, pearson, saturation, scaling, spearman,
};
use ndarray::Array2;

use super::against::Property;
use super::differences::by_person;
use super::pair::{NO_COMMON_PARTICIPANTS, OLDER_VERSION, TARGETS_DIFFER, unlike};
use super::studies::Row;
use super::{Comparison, DRAWS, Growth, LEVEL, Quantity, SEED, ScalingRow, over_people};
use crate::results::Interval;

const NOT_POSITIVE: &str = "property_not_positive";
const TOO_FEW_POINTS: &str = "too_few_points";

/// Scores of everybody at every point.
struct Points<'a> {
    properties: &'a [f64],
    /// Shape (n_participants, n_points), none missing.
    people: Array2<f64>,
}

/// Rows and drawing of one property.
pub(super) fn add(rows: &[Row<'_>], property: &Property, found: &mut Comparison) {
    let chosen: Vec<Row<'_>> = property.values.iter().map(|(place, _)| rows[*place]).collect();
    let values: Vec<f64> = property.values.iter().map(|(_, value)| *value).collect();
    let blank = ScalingRow {
        property: property.name.clone(),
        quantity: Quantity::Score,
        region: None,
        statistic: "slope_per_decade",
        value: f64::NAN,
        interval: Interval::NOWHERE,
        n_points: chosen.len(),
        n_participants: 0,
        note: None,
        reason: None,
    };
    if let Some(reason) = refused(&chosen) {
        found.scaling.push(ScalingRow { reason: Some(reason), ..blank });
        return;
    }
    let note = unlike(&chosen);
    for region in chosen[0].regions() {
        for quantity in Quantity::ALL {
            let people = people(&chosen, quantity, region.as_ref());
            let n_participants = people.nrows();
            let blank = ScalingRow {
                quantity,
                region: region.clone(),
                n_participants,
                note: note.clone(),
                ..blank.clone()
            };
            if n_participants == 0 {
                found.scaling.push(ScalingRow { reason: Some(NO_COMMON_PARTICIPANTS), ..blank });
                continue;
            }
            let points = Points { properties: &values, people };
            let numbers = points.numbers();
            if region.is_none() && quantity == Quantity::Score {
                found.growth.push(points.drawn(&property.name, &chosen, &numbers));
            }
            found.scaling.extend(numbers.into_iter().map(|number| ScalingRow {
                statistic: number.name,
                value: number.value,
                interval: number.interval,
                reason: number.reason,
                ..blank.clone()
            }));
        }
    }
}

fn refused(rows: &[Row<'_>]) -> Option<&'static str> {
    let [first, rest @ ..] = rows else { return Some(TOO_FEW_POINTS) };
    if rest.is_empty() {
        return Some(TOO_FEW_POINTS);
    }
    if rows.iter().any(|row| row.side_by_side().is_none()) {
        return Some(OLDER_VERSION);
    }
    let is_alike = |row: &Row<'_>| row.study.results.targets == first.study.results.targets;
    (!rest.iter().all(is_alike)).then_some(TARGETS_DIFFER)
}

/// People, by name, with a score of every row.
fn people(rows: &[Row<'_>], quantity: Quantity, region: Option<&String>) -> Array2<f64> {
    let of_row = |row: &Row<'_>| -> Vec<(String, f64)> {
        let scores = row.scores(region).map(|scores| by_person(scores, quantity)).unwrap_or_default();
        let names = row.side_by_side().map_or(&[][..], |found| &found.people).iter();
        names.map(|person| person.name.clone()).zip(scores).filter(|(_, score)| score.is_finite()).collect()
    };
    let all: Vec<Vec<(String, f64)>> = rows.iter().map(of_row).collect();
    let everywhere = |name: &String| -> Option<Vec<f64>> {
        let at = |of_row: &Vec<(String, f64)>| {
            of_row.iter().find(|(known, _)| known == name).map(|(_, score)| *score)
        };
        all.iter().map(at).collect()
    };
    let kept: Vec<Vec<f64>> = all[0].iter().filter_map(|(name, _)| everywhere(name)).collect();
    Array2::from_shape_fn((kept.len(), rows.len()), |(person, point)| kept[person][point])
}

/// A number with its interval, or the reason why there is none.
struct Found {
    name: &'static str,
    value: f64,
    interval: Interval,
    reason: Option<&'static str>,
}

/// What is made of a property, in the order of [`Points::statistics`]: of the line, of the curve, correlations.
const STATISTICS: [&str; 10] = [
    "slope_per_decade",
    "percent_per_decade",
    "intercept",
    "residual_of_line",
    "saturation_limit",
    "saturation_scale",
    "residual_of_curve",
    "pearson",
    "spearman",
    "pearson_by_person",
];

impl Points<'_> {
    /// Group scores of some people.
    fn group(&self, people: &[usize]) -> Vec<f64> {
        let of_point = |point: usize| super::mean(people.iter().map(|person| self.people[(*person, point)]));
        (0..self.people.ncols()).map(of_point).collect()
    }

    fn everybody(&self) -> Vec<usize> {
        (0..self.people.nrows()).collect()
    }

    fn numbers(&self) -> Vec<Found> {
        let own: Vec<f64> = self
            .people
            .rows()
            .into_iter()
            .map(|row| or_nan(pearson(self.properties, &row.to_vec())))
            .collect();
        let statistics = |people: &[usize]| self.statistics(people, &own);
        let everybody = self.everybody();
        let values = statistics(&everybody);
        let intervals = bootstrap_participants_each(everybody.len(), (DRAWS, SEED, LEVEL), statistics);
        let reasons = self.reasons(&values);
        let number = |place: usize| {
            let interval = intervals[place].into();
            let (value, reason) = (values[place], reasons[place]);
            match reason {
                None => Found { name: STATISTICS[place], value, interval, reason },
                Some(_) => {
                    Found { name: STATISTICS[place], value: f64::NAN, interval: Interval::NOWHERE, reason }
                }
            }
        };
        (0..STATISTICS.len()).map(number).collect()
    }

    fn statistics(&self, people: &[usize], own: &[f64]) -> Vec<f64> {
        let (x, group) = (self.properties, self.group(people));
        let line = scaling(x, &group);
        let of_line = |take: fn(&Scaling) -> f64| line.as_ref().map_or(f64::NAN, take);
        let curve = match saturation(x, &group) {
            Ok(curve) => [curve.limit, curve.scale, curve.residual],
            // Draws that do not bend have no limit, so that the upper end is open where there are many of them.
            Err(NoSaturation::NoLimit) => [f64::INFINITY, f64::INFINITY, f64::NAN],
            Err(NoSaturation::Flat) => [super::mean(group.iter().copied()), 0.0, f64::NAN],
            Err(_) => [f64::NAN; 3],
        };
        vec![
            of_line(|line| line.slope),
            line.as_ref().map_or(f64::NAN, |line| line.percent_of(self.reference(&group))),
            of_line(|line| line.intercept),
            of_line(|line| line.residual),
            curve[0],
            curve[1],
            curve[2],
            or_nan(pearson(x, &group)),
            or_nan(spearman(x, &group)),
            super::mean(people.iter().map(|person| own[*person])),
        ]
    }

    /// Why there is none of the statistics, one by one.
    fn reasons(&self, values: &[f64]) -> [Option<&'static str>; 10] {
        let is_positive = self.properties.iter().all(|property| *property > 0.0);
        let curve = saturation(self.properties, &self.group(&self.everybody())).err();
        std::array::from_fn(|place| match (place, values[place].is_finite()) {
            (0..=6, _) if !is_positive => Some(NOT_POSITIVE),
            // Two points always lie on a line.
            (7..=8, _) if self.properties.len() < 3 => Some(TOO_FEW_POINTS),
            (4..=6, _) => curve.map(NoSaturation::code),
            (_, true) => None,
            (1, false) if values[0].is_finite() => Some("reference_not_positive"),
            (_, false) => Some(TOO_FEW_POINTS),
        })
    }

    /// The score of the smallest property: what percent are percent of.
    fn reference(&self, group: &[f64]) -> f64 {
        let smallest = (0..group.len()).min_by(|a, b| self.properties[*a].total_cmp(&self.properties[*b]));
        smallest.map_or(f64::NAN, |place| group[place])
    }

    fn drawn(&self, property: &str, rows: &[Row<'_>], numbers: &[Found]) -> Growth {
        let of = |name: &str| {
            numbers.iter().find(|number| number.name == name).map_or(f64::NAN, |found| found.value)
        };
        let both =
            |names: [&str; 2]| Some(names.map(of)).filter(|pair| pair.iter().all(|value| value.is_finite()));
        let group = self.group(&self.everybody());
        let point = |place: usize| {
            let own = |people: &[usize]| self.group(people)[place];
            let interval = over_people(self.people.nrows(), own);
            (rows[place].name(), self.properties[place], group[place], interval)
        };
        Growth {
            property: property.to_owned(),
            points: (0..rows.len()).map(point).collect(),
            line: both(["intercept", "slope_per_decade"]),
            curve: both(["saturation_limit", "saturation_scale"]),
        }
    }
}

fn or_nan(value: Option<f64>) -> f64 {
    value.unwrap_or(f64::NAN)
}
