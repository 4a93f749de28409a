//! How a quantity goes with a property over language models: a line over decades, a curve that flattens, correlations.

use gyrus_encoding::statistics::{NoSaturation, pearson, saturation, scaling, spearman};
use ndarray::Array2;

use super::against::Property;
use super::differences::by_person;
use super::pair::{NO_COMMON_PARTICIPANTS, OLDER_VERSION, TARGETS_DIFFER, unlike};
use super::studies::Row;
use super::{Comparison, Growth, Quantity, ScalingRow, over_people};
use crate::results::Interval;

const NOWHERE: Interval = Interval { low: f64::NAN, high: f64::NAN };
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
        interval: NOWHERE,
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

impl Points<'_> {
    /// Group scores of some people.
    fn group(&self, people: &[usize]) -> Vec<f64> {
        let of_point = |point: usize| super::mean(people.iter().map(|person| self.people[(*person, point)]));
        (0..self.people.ncols()).map(of_point).collect()
    }

    fn everybody(&self) -> Vec<usize> {
        (0..self.people.nrows()).collect()
    }

    /// A statistic of the group's scores.
    fn number(&self, name: &'static str, statistic: impl Fn(&[f64]) -> f64) -> Found {
        let of = |people: &[usize]| statistic(&self.group(people));
        let interval = over_people(self.people.nrows(), of);
        Found { name, value: of(&self.everybody()), interval, reason: None }
    }

    /// The score of the smallest property: what percent are percent of.
    fn reference(&self, group: &[f64]) -> f64 {
        let smallest = (0..group.len()).min_by(|a, b| self.properties[*a].total_cmp(&self.properties[*b]));
        smallest.map_or(f64::NAN, |place| group[place])
    }

    fn numbers(&self) -> Vec<Found> {
        let x = self.properties;
        let mut numbers = self.line();
        numbers.extend(self.curve());
        numbers.push(self.number("pearson", |group| pearson(x, group).unwrap_or(f64::NAN)));
        numbers.push(self.number("spearman", |group| spearman(x, group).unwrap_or(f64::NAN)));
        let own: Vec<f64> =
            self.people.rows().into_iter().map(|row| pearson(x, &row.to_vec()).unwrap_or(f64::NAN)).collect();
        let by_person = |people: &[usize]| super::mean(people.iter().map(|person| own[*person]));
        numbers.push(Found {
            name: "pearson_by_person",
            value: by_person(&self.everybody()),
            interval: over_people(own.len(), by_person),
            reason: None,
        });
        for number in &mut numbers {
            if !number.value.is_finite() && number.reason.is_none() {
                number.reason = Some(TOO_FEW_POINTS);
            }
        }
        numbers
    }

    fn line(&self) -> Vec<Found> {
        const NAMES: [&str; 4] = ["slope_per_decade", "percent_per_decade", "intercept", "residual_of_line"];
        if self.properties.iter().any(|property| *property <= 0.0) {
            return NAMES.map(|name| none(name, NOT_POSITIVE)).into();
        }
        let line = |group: &[f64]| scaling(self.properties, group);
        let of = |take: fn(&gyrus_encoding::statistics::Scaling) -> f64| {
            move |group: &[f64]| line(group).as_ref().map_or(f64::NAN, take)
        };
        let percent =
            |group: &[f64]| line(group).map_or(f64::NAN, |line| line.percent_of(self.reference(group)));
        let mut numbers = vec![
            self.number(NAMES[0], of(|line| line.slope)),
            self.number(NAMES[1], percent),
            self.number(NAMES[2], of(|line| line.intercept)),
            self.number(NAMES[3], of(|line| line.residual)),
        ];
        if numbers[0].value.is_finite() && !numbers[1].value.is_finite() {
            numbers[1].reason = Some("reference_not_positive");
        }
        numbers
    }

    fn curve(&self) -> Vec<Found> {
        const NAMES: [&str; 3] = ["saturation_limit", "saturation_scale", "residual_of_curve"];
        if self.properties.iter().any(|property| *property <= 0.0) {
            return NAMES.map(|name| none(name, NOT_POSITIVE)).into();
        }
        let curve = |group: &[f64]| saturation(self.properties, group);
        if let Err(reason) = curve(&self.group(&self.everybody())) {
            return NAMES.map(|name| none(name, reason.code())).into();
        }
        vec![
            self.number(NAMES[0], |group| match curve(group) {
                Ok(curve) => curve.limit,
                // Draws that do not bend have no limit, so that the upper end is open where there are many of them.
                Err(NoSaturation::NoLimit) => f64::INFINITY,
                Err(NoSaturation::Flat) => super::mean(group.iter().copied()),
                Err(_) => f64::NAN,
            }),
            self.number(NAMES[1], |group| match curve(group) {
                Ok(curve) => curve.scale,
                Err(NoSaturation::NoLimit) => f64::INFINITY,
                Err(NoSaturation::Flat) => 0.0,
                Err(_) => f64::NAN,
            }),
            self.number(NAMES[2], |group| curve(group).map_or(f64::NAN, |curve| curve.residual)),
        ]
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

fn none(name: &'static str, reason: &'static str) -> Found {
    Found { name, value: f64::NAN, interval: NOWHERE, reason: Some(reason) }
}
