//! Ridge models: fitted on all rows, predicting samples that were not there.

use gyrus_core::{Fold, Timeline};
use gyrus_encoding::ridge::{
    self, Alphas, AtEdge, Band, Choice, Design, Edges, Judged, Mixtures, Part, Place, RidgeSettings, Scaling,
};
use numpy::{IntoPyArray, PyArray1, PyArray2, PyReadonlyArray1, PyReadonlyArray2, ToPyArray};
use pyo3::prelude::*;
use pyo3::types::PyTuple;

use crate::arrays::Matrix;
use crate::errors::Failure;
use crate::work;

/// What is chosen from, and how.
#[pyclass(frozen, module = "gyrus._engine")]
pub struct RidgeOptions {
    settings: RidgeSettings,
    bands: Vec<Vec<usize>>,
    scaling: Scaling,
    threads: Option<usize>,
}

#[pymethods]
impl RidgeOptions {
    /// `bands` are lists of columns; `mixtures` the number of random ones beside each band alone and all equally.
    #[new]
    #[pyo3(signature = (*, bands, alphas, mixtures, refinements, seed, is_scaled, is_extended, threads))]
    fn new(
        py: Python<'_>,
        bands: Vec<Vec<usize>>,
        alphas: Vec<f64>,
        mixtures: usize,
        refinements: usize,
        seed: u64,
        is_scaled: bool,
        is_extended: bool,
        threads: Option<usize>,
    ) -> PyResult<Self> {
        let alphas = Alphas::new(alphas).map_err(|error| Failure::from(error).raised(py))?;
        let settings = RidgeSettings {
            alphas,
            mixtures: Mixtures::search(bands.len(), mixtures, seed),
            refinements,
            choice: Choice::PerTarget,
            inner_folds: 5,
            at_edge: if is_extended { AtEdge::Extend } else { AtEdge::Count },
        };
        let scaling = if is_scaled { Scaling::ZScore } else { Scaling::Centre };
        Ok(Self { settings, bands, scaling, threads })
    }
}

/// Fits all rows, choosing penalties by `folds`: pairs of training and validation rows.
#[pyfunction]
pub fn fit_ridge(
    py: Python<'_>,
    features: Matrix<'_>,
    responses: Matrix<'_>,
    folds: Vec<(Vec<usize>, Vec<usize>)>,
    options: &RidgeOptions,
) -> PyResult<Model> {
    let (rows, columns) = features.shape();
    for (train, test) in &folds {
        if let Some(row) = train.iter().chain(test).find(|row| **row >= rows) {
            let text = format!("a fold names row {row}, expected rows from 0 to {}", rows.saturating_sub(1));
            return Err(Failure::Input(text).raised(py));
        }
    }
    if let Some(column) = options.bands.iter().flatten().find(|column| **column >= columns) {
        let text =
            format!("a band names column {column}, expected columns from 0 to {}", columns.saturating_sub(1));
        return Err(Failure::Input(text).raised(py));
    }
    let (features, responses) = (features.view(), responses.view());
    let model = work::run(py, None, |watch| {
        let backend = work::backend(options.threads, watch)?;
        let band =
            |(index, columns): (usize, &Vec<usize>)| Band::new(index.to_string(), features.columns(columns));
        let design = Design {
            bands: options.bands.iter().enumerate().map(band).collect(),
            timeline: Timeline::new([(rows, "all".to_owned())]),
            drift: Vec::new(),
            scaling: options.scaling,
        };
        let folds: Vec<Fold> = folds.into_iter().map(ascending).collect();
        Ok(ridge::fit_all(&backend, &design, &folds, &options.settings, &responses)?)
    })?;
    let columns = options.bands.concat();
    Ok(Model { model, columns })
}

fn ascending((mut train, mut test): (Vec<usize>, Vec<usize>)) -> Fold {
    train.sort_unstable();
    test.sort_unstable();
    Fold { train, test }
}

/// A fitted ridge model.
#[pyclass(frozen, module = "gyrus._engine")]
pub struct Model {
    model: ridge::Model,
    /// Columns of the features in the order of the bands.
    columns: Vec<usize>,
}

type PartState<'py> = (
    Bound<'py, PyArray1<u64>>,
    Bound<'py, PyArray1<f64>>,
    Bound<'py, PyArray1<f64>>,
    Bound<'py, PyArray2<f32>>,
    Bound<'py, PyArray2<f32>>,
);

type GivenPart<'py> = (
    PyReadonlyArray1<'py, u64>,
    PyReadonlyArray1<'py, f64>,
    PyReadonlyArray1<'py, f64>,
    PyReadonlyArray2<'py, f32>,
    PyReadonlyArray2<'py, f32>,
);

#[pymethods]
impl Model {
    /// Predictions, shape (n_samples, n_targets).
    fn predict<'py>(
        &self,
        py: Python<'py>,
        features: Matrix<'_>,
        threads: Option<usize>,
    ) -> PyResult<Bound<'py, PyArray2<f32>>> {
        let columns = features.shape().1;
        let expected = self.columns.len();
        if columns != expected {
            let error = gyrus_encoding::EncodingError::ColumnMismatch { found: columns, expected };
            return Err(Failure::from(error).raised(py));
        }
        let features = features.view();
        let predicted = work::run(py, None, |watch| {
            let backend = work::backend(threads, watch)?;
            Ok(self.model.predict(&backend, features.columns(&self.columns).view())?)
        })?;
        Ok(predicted.into_pyarray(py))
    }

    /// Weights of the columns as they were brought, shape (n_columns, n_targets).
    fn weights<'py>(&self, py: Python<'py>, threads: Option<usize>) -> PyResult<Bound<'py, PyArray2<f32>>> {
        let weights = work::run(py, None, |watch| {
            let found = self.model.weights(&work::backend(threads, watch)?)?;
            let mut placed = ndarray::Array2::zeros(found.raw_dim());
            for (row, column) in found.rows().into_iter().zip(&self.columns) {
                placed.row_mut(*column).assign(&row);
            }
            Ok(placed)
        })?;
        Ok(weights.into_pyarray(py))
    }

    /// Penalty of every target.
    #[getter]
    fn alphas<'py>(&self, py: Python<'py>) -> Bound<'py, PyArray1<f64>> {
        self.model.judged.alpha.to_pyarray(py)
    }

    /// Mean correlation over inner folds of what every target chose.
    #[getter]
    fn scores<'py>(&self, py: Python<'py>) -> Bound<'py, PyArray1<f64>> {
        self.model.judged.score.to_pyarray(py)
    }

    /// Mean of every target.
    #[getter]
    fn means<'py>(&self, py: Python<'py>) -> Bound<'py, PyArray1<f64>> {
        self.model.means.to_pyarray(py)
    }

    /// Share of the kernel per band and target, shape (n_bands, n_targets).
    #[getter]
    fn shares<'py>(&self, py: Python<'py>) -> Bound<'py, PyArray2<f64>> {
        let (mixtures, chosen) = (&self.model.judged.mixtures, &self.model.judged.mixture);
        let bands = mixtures.first().map_or(0, Vec::len);
        let share = |(band, target): (usize, usize)| mixtures[chosen[target] as usize][band];
        ndarray::Array2::from_shape_fn((bands, chosen.len()), share).into_pyarray(py)
    }

    /// How many targets took the smallest and the largest penalty, and one beyond the grid as given.
    #[getter]
    fn at_edge(&self) -> (u64, u64, u64) {
        let Edges { low, high, extended, .. } = self.model.at_edge;
        (low, high, extended)
    }

    fn __reduce__<'py>(slf: &Bound<'py, Self>) -> PyResult<(Bound<'py, PyAny>, Bound<'py, PyTuple>)> {
        let py = slf.py();
        let Self { model, columns } = slf.get();
        let places: Vec<u8> = model.judged.place.iter().map(|place| *place as u8).collect();
        let chosen = (
            model.judged.mixtures.clone(),
            model.judged.mixture.to_pyarray(py),
            model.judged.alpha.to_pyarray(py),
            places.to_pyarray(py),
            model.judged.score.to_pyarray(py),
            model.means.to_pyarray(py),
        );
        let part = |part: &Part| -> PartState<'py> {
            let targets: Vec<u64> = part.targets.iter().map(|target| *target as u64).collect();
            (
                targets.to_pyarray(py),
                part.centre.to_pyarray(py),
                part.scale.to_pyarray(py),
                part.factor.to_pyarray(py),
                part.coefficients.to_pyarray(py),
            )
        };
        let parts: Vec<PartState<'py>> = model.parts.iter().map(part).collect();
        let state = (chosen, parts, columns.clone()).into_pyobject(py)?;
        Ok((py.get_type::<Self>().getattr("_restored")?, state))
    }

    /// What `pickle` wrote.
    #[staticmethod]
    fn _restored(
        py: Python<'_>,
        chosen: Chosen<'_>,
        parts: Vec<GivenPart<'_>>,
        columns: Vec<usize>,
    ) -> PyResult<Self> {
        restored(chosen, parts, columns).map_err(|failure| failure.raised(py))
    }
}

type Chosen<'py> = (
    Vec<Vec<f64>>,
    PyReadonlyArray1<'py, u32>,
    PyReadonlyArray1<'py, f64>,
    PyReadonlyArray1<'py, u8>,
    PyReadonlyArray1<'py, f64>,
    PyReadonlyArray1<'py, f64>,
);

/// A pickle is bytes from outside: every shape is checked before it is used.
fn restored(
    (mixtures, mixture, alpha, places, score, means): Chosen<'_>,
    parts: Vec<GivenPart<'_>>,
    columns: Vec<usize>,
) -> Result<Model, Failure> {
    let wrong = || {
        Failure::Input("found a pickled model whose arrays do not fit each other: fit it again".to_owned())
    };
    let judged = Judged {
        mixtures,
        mixture: mixture.as_array().to_vec(),
        alpha: alpha.as_array().to_vec(),
        place: places.as_array().iter().map(|place| placed(*place)).collect(),
        score: score.as_array().to_vec(),
    };
    let means = means.as_array().to_vec();
    let part = |(targets, centre, scale, factor, coefficients): GivenPart<'_>| Part {
        targets: targets.as_array().iter().map(|target| *target as usize).collect(),
        centre: centre.as_array().to_vec(),
        scale: scale.as_array().to_vec(),
        factor: factor.as_array().to_owned(),
        coefficients: coefficients.as_array().to_owned(),
    };
    let parts: Vec<Part> = parts.into_iter().map(part).collect();
    let (targets, width) = (means.len(), columns.len());
    let fits = |part: &Part| {
        part.targets.iter().all(|target| *target < targets)
            && [part.centre.len(), part.scale.len(), part.factor.nrows()] == [width; 3]
            && part.coefficients.dim() == (part.factor.ncols(), part.targets.len())
    };
    let is_sound = parts.iter().all(fits)
        && [judged.mixture.len(), judged.alpha.len(), judged.place.len(), judged.score.len()] == [targets; 4]
        && judged.mixture.iter().all(|index| (*index as usize) < judged.mixtures.len())
        && judged.mixtures.windows(2).all(|pair| pair[0].len() == pair[1].len())
        && columns.iter().all(|column| *column < width);
    if !is_sound {
        return Err(wrong());
    }
    let count = |of: Place| judged.place.iter().filter(|place| **place == of).count() as u64;
    let at_edge = Edges {
        low: count(Place::Low),
        high: count(Place::High),
        extended: count(Place::Extended),
        choices: targets as u64,
    };
    Ok(Model { model: ridge::Model { judged, at_edge, means, parts }, columns })
}

fn placed(code: u8) -> Place {
    [Place::Inside, Place::Extended, Place::Low].get(usize::from(code)).copied().unwrap_or(Place::High)
}

/// Puts models into the module.
///
/// # Errors
/// - those of Python.
pub fn register(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_class::<RidgeOptions>()?;
    module.add_class::<Model>()?;
    module.add_function(wrap_pyfunction!(fit_ridge, module)?)
}
