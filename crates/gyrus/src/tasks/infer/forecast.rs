//! What words around each word add to a layer: forecast scores, paired, beside those of windows from random places.

use gyrus_encoding::statistics::{self, SignFlips, Statistic, Tail};
use ndarray::Array2;

use super::super::fit::FitKind;
use super::super::windows::Window;
use super::gather::finite_mean;
use super::language_model::Work;
use super::paired::{Side, SideScores};
use crate::Error;
use crate::results::{Estimate, ForecastRow};

/// Patterns of signs, where there are more than that.
const FLIPS: usize = 10_000;

/// By language model, window and region, the mean over regions last; empty unless the study asks.
///
/// # Errors
/// - a fit is not in the store.
pub(super) fn rows(work: &Work<'_>) -> Result<Vec<ForecastRow>, Error> {
    let windows = Window::of_study(work.inputs);
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
    with: Vec<(Window, Side)>,
}

impl<'a> Forecast<'a> {
    fn of(
        work: &'a Work<'a>,
        (language_model, layer): (usize, usize),
        windows: &[Window],
    ) -> Result<Self, Error> {
        let side = |kind: FitKind, window: Option<Window>| {
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
        let n_regions = self.work.layout.regions.len();
        let n_people = self.work.layout.participants.len();
        let n_distances = self.with.iter().filter(|(window, _)| window.distance().is_some()).count();
        let mut rows = Vec::with_capacity(self.with.len() * (n_regions + 1));
        let mut gains = Array2::zeros((n_people, n_distances * (n_regions + 1)));
        for column in 0..=n_regions {
            let alone = self.alone.at(self.work, column);
            let random = self.random(column);
            for (position, (window, side)) in self.with.iter().enumerate() {
                let with = side.at(self.work, column);
                let (values, _) = with.minus(&alone);
                if window.distance().is_some() {
                    gains.column_mut(column * n_distances + position).assign(&ndarray::aview1(&values));
                }
                let beyond = random.as_ref().filter(|_| window.distance().is_some());
                rows.push(self.row((*window, column), [&with, &alone], beyond)?);
            }
        }
        self.correct(&mut rows, &gains, n_distances)?;
        // Windows first, as tables and figures read.
        let place = |row: &ForecastRow| self.with.iter().position(|(window, _)| window.name() == row.window);
        rows.sort_by_key(place);
        Ok(rows)
    }

    fn row(
        &self,
        (window, column): (Window, usize),
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

    /// The maximum runs over distances and regions; the mean over regions is a question of its own.
    fn correct(
        &self,
        rows: &mut [ForecastRow],
        gains: &Array2<f64>,
        n_distances: usize,
    ) -> Result<(), Error> {
        let at_regions = gains.ncols() - n_distances;
        let n_windows = self.with.len();
        for columns in [0..at_regions, at_regions..gains.ncols()] {
            let flips = SignFlips::new(gains.nrows(), FLIPS, self.work.inputs.resolved.study.statistics.seed);
            let some = gains.slice(ndarray::s![.., columns.clone()]);
            let counts = flips.count(self.work.backend, some, (Statistic::Mean, Tail::TwoSided))?;
            for (column, p) in columns.zip(counts.family_wise_p()) {
                let row = column / n_distances * n_windows + column % n_distances;
                rows[row].p_sign_flip_corrected = p;
            }
        }
        Ok(())
    }
}
