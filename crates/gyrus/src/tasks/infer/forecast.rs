//! What words around each word add to a layer: forecast scores, paired, beside those of windows from random places.

use gyrus_encoding::statistics::{self, Tail};
use ndarray::{Array2, Axis, aview1};

use super::super::fit::FitKind;
use super::super::forecast_window::ForecastWindow;
use super::gather::finite_mean;
use super::language_model::Work;
use super::paired::{Side, SideScores, family_wise_p};
use crate::Error;
use crate::results::{Estimate, ForecastRow};

/// By language model, window and region, the mean over regions last; empty unless the study asks.
///
/// # Errors
/// - a fit is not in the store.
pub(super) fn rows(work: &Work<'_>) -> Result<Vec<ForecastRow>, Error> {
    let windows = ForecastWindow::of_study(work.inputs);
    let mut rows = Vec::new();
    for (language_model, layer) in work.inputs.forecast_layers.iter().enumerate() {
        rows.extend(Forecast::of(work, (language_model, *layer), &windows)?.rows()?);
    }
    Ok(rows)
}

/// One language model: its layer alone, and with each window.
struct Forecast<'a> {
    work: &'a Work<'a>,
    language_model: usize,
    layer: usize,
    alone: Side,
    with: Vec<(ForecastWindow, Side)>,
}

impl<'a> Forecast<'a> {
    fn of(
        work: &'a Work<'a>,
        (language_model, layer): (usize, usize),
        windows: &[ForecastWindow],
    ) -> Result<Self, Error> {
        let side = |kind: FitKind, window: Option<ForecastWindow>| {
            Side::of(work, |fit| {
                fit.language_model == language_model
                    && fit.layer == layer
                    && fit.kind == kind
                    && fit.window == window
            })
        };
        let with = windows.iter().map(|window| Ok((*window, side(FitKind::Forecast, Some(*window))?)));
        let with = with.collect::<Result<_, Error>>()?;
        Ok(Self { work, language_model, layer, alone: side(FitKind::Main, None)?, with })
    }

    fn rows(&self) -> Result<Vec<ForecastRow>, Error> {
        let columns = self.work.layout.regions.len() + 1;
        let n_people = self.work.layout.participants.len();
        let n_distances = self.with.iter().filter(|(window, _)| window.distance().is_some()).count();
        let at = |column: usize| (self.alone.at(self.work, column), self.random(column));
        let sides: Vec<(SideScores, Option<SideScores>)> = (0..columns).map(at).collect();
        let mut rows = Vec::with_capacity(self.with.len() * columns);
        let mut gains = Array2::zeros((n_people, n_distances * columns));
        // Distances stand before controls, so that a row and its column of gains have the same place.
        for (window, side) in &self.with {
            let is_distance = window.distance().is_some();
            for (column, (alone, random)) in sides.iter().enumerate() {
                let with = side.at(self.work, column);
                if is_distance {
                    let (values, _) = with.minus(alone);
                    gains.column_mut(rows.len()).assign(&aview1(&values));
                }
                let beyond = random.as_ref().filter(|_| is_distance);
                rows.push(self.row((*window, column), [&with, alone], beyond)?);
            }
        }
        // The maximum runs over distances and regions; the mean over regions is a question of its own.
        for some in [0..columns - 1, columns - 1..columns] {
            let places: Vec<usize> =
                (0..gains.ncols()).filter(|place| some.contains(&(place % columns))).collect();
            let p = family_wise_p(self.work, gains.select(Axis(1), &places).view())?;
            places.iter().zip(p).for_each(|(place, p)| rows[*place].p_sign_flip_corrected = p);
        }
        Ok(rows)
    }

    fn row(
        &self,
        (window, column): (ForecastWindow, usize),
        [with, alone]: [&SideScores; 2],
        random: Option<&SideScores>,
    ) -> Result<ForecastRow, Error> {
        let difference = |of: &SideScores, minus: &SideScores| -> Result<(Vec<f64>, Estimate), Error> {
            let (values, products) = of.minus(minus);
            let estimate = self.work.estimator.of_values(&values, &products)?;
            Ok((values, estimate))
        };
        let (values, forecast) = difference(with, alone)?;
        Ok(ForecastRow {
            language_model: self.work.inputs.language_models[self.language_model].name.clone(),
            layer: self.layer,
            window: window.name(),
            distance: window.distance(),
            region: self.work.layout.region_name(column),
            alone: finite_mean(alone.values.iter().copied()),
            with_window: finite_mean(with.values.iter().copied()),
            forecast,
            beyond_random: random.map(|random| Ok::<_, Error>(difference(with, random)?.1)).transpose()?,
            p_sign_flip_corrected: f64::NAN,
            p_wilcoxon: statistics::signed_rank(&values, Tail::TwoSided).p,
        })
    }

    /// Mean over controls; None without any.
    fn random(&self, column: usize) -> Option<SideScores> {
        let controls = self.with.iter().filter(|(window, _)| window.distance().is_none());
        let controls: Vec<SideScores> = controls.map(|(_, side)| side.at(self.work, column)).collect();
        SideScores::mean(controls)
    }
}
