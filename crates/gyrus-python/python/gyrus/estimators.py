"""Estimators by scikit-learn's conventions: ridge with a penalty per target, delays, and words onto volumes."""

from __future__ import annotations

import numbers
import warnings

import numpy as np
from sklearn.base import BaseEstimator, MultiOutputMixin, RegressorMixin, TransformerMixin
from sklearn.utils import check_random_state
from sklearn.utils.validation import check_is_fitted, validate_data

from . import GyrusWarning, InputError, _engine, folds
from .arrays import exchanged, readable, threads

__all__ = ["BandedRidgeCV", "Delayer", "Lanczos", "RidgeCV"]

ALPHAS = tuple(10.0**exponent for exponent in range(-1, 9))


class _Ridge(MultiOutputMixin, RegressorMixin, BaseEstimator):
    """What both kinds of ridge share."""

    def _fit(self, features, responses, groups, bands, n_mixtures: int, seed: int):
        features, responses = _checked(self, features, responses)
        self._is_single = responses.ndim == 1
        columns = responses[:, np.newaxis] if self._is_single else responses
        self._say(f"{features.shape[0]} samples, {features.shape[1]} columns, {columns.shape[1]} targets")
        options = _engine.RidgeOptions(
            bands=bands(features.shape[1]),
            alphas=_alphas(self.alphas),
            mixtures=n_mixtures,
            seed=seed,
            is_scaled=bool(self.scale),
            is_extended=_at_edge(self.at_edge),
            threads=threads(self.n_jobs),
        )
        pairs = folds.divided(self.cv, self.gap, features, responses, groups)
        self._say(f"{len(pairs)} folds choose among {len(_alphas(self.alphas))} penalties")
        self._model = _engine.fit_ridge(features, columns, pairs, options)
        self._warn_of_edges()
        one = (lambda values: values[0]) if self._is_single else (lambda values: values)
        self.alphas_ = one(self._model.alphas)
        self.cv_scores_ = one(self._model.scores)
        return self

    def predict(self, X):
        """Predictions, shape (n_samples,) or (n_samples, n_targets): single precision, in the type of ``X``."""
        check_is_fitted(self)
        features = validate_data(self, exchanged(X), dtype=(np.float64, np.float32), reset=False)
        predicted = self._model.predict(readable(features), threads(self.n_jobs))
        predicted = predicted.astype(features.dtype, copy=False)
        return predicted[:, 0] if self._is_single else predicted

    def score(self, X, y, sample_weight=None):
        """R² of every target, shape (n_targets,), or one number where ``y`` has one axis."""
        from sklearn.metrics import r2_score

        predicted = self.predict(X)
        observed = exchanged(y)
        if self._is_single:
            return r2_score(observed, predicted, sample_weight=sample_weight)
        return r2_score(observed, predicted, sample_weight=sample_weight, multioutput="raw_values")

    @property
    def coef_(self):
        """Weights, shape (n_columns,) or (n_columns, n_targets); computed when they are asked for."""
        self._require_fit("coef_")
        weights = self._model.weights(threads(self.n_jobs))
        return weights[:, 0] if self._is_single else weights

    @property
    def intercept_(self):
        """What is predicted where every feature is 0."""
        self._require_fit("intercept_")
        origin = np.zeros((1, self.n_features_in_), dtype=np.float32)
        at_origin = self._model.predict(origin, threads(self.n_jobs))[0]
        return at_origin[0] if self._is_single else at_origin

    def _require_fit(self, name: str) -> None:
        # `hasattr` asks before a fit too: an AttributeError is its no.
        if "_model" not in self.__dict__:
            raise AttributeError(f"{type(self).__name__} has no {name} before `fit`")

    def _say(self, sentence: str) -> None:
        if self.verbose:
            print(f"[{type(self).__name__}] {sentence}", flush=True)

    def _warn_of_edges(self) -> None:
        low, high, _ = self._model.at_edge
        if low + high and len(_alphas(self.alphas)) > 1:
            count = len(self._model.alphas)
            warnings.warn(
                f"{low + high} of {count} penalties lie at an end of the grid ({low} at the smallest, {high} at the "
                "largest): give a wider grid in `alphas`, or at_edge='extend'",
                GyrusWarning,
                stacklevel=4,
            )

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.target_tags.single_output = True
        return tags


class RidgeCV(_Ridge):
    """Ridge regression with a penalty of each target's own, chosen by cross-validation.

    For every target w minimises ‖Z w − (y − ȳ)‖² + α‖w‖², with Z the columns of X less their training means. α is the one
    with the smallest squared error summed over folds; means (and standard deviations with ``scale=True``) are those of
    the training rows of each fold. Then all rows are fitted.

    Parameters
    ----------
    alphas : sequence of float
        Penalties, positive; added to the squared singular values of Z.
    cv : int, splitter or iterable of (train, test), default=5
        Folds that choose penalties. A number gives contiguous blocks, or with ``groups`` one group at a time.
    gap : int, default=0
        Samples on each side of a block that are not trained on: with recordings, the longest delay plus 20 s.
    scale : bool, default=False
        Whether columns have a standard deviation of 1 over the training rows.
    at_edge : {"count", "extend"}, default="count"
        What happens where the best penalty lies at an end of the grid: a warning, or four decades more in the same steps
        for that target (and a warning where that is not enough).
    n_jobs : int or None, default=-1
        Threads: None is one, -1 all cores. They change no bit.
    verbose : bool or int, default=False
        Whether a fit says what it does.

    Attributes
    ----------
    alphas_ : float or ndarray of shape (n_targets,)
        Penalty of each target.
    cv_scores_ : float or ndarray of shape (n_targets,)
        Mean correlation over folds of what each target chose; NaN where it is undefined. It chose the penalty: it is not
        a score of held-out samples.
    coef_ : ndarray of shape (n_columns,) or (n_columns, n_targets)
        Weights, computed when asked for.
    intercept_ : float or ndarray of shape (n_targets,)
        What is predicted where every feature is 0.
    n_features_in_ : int
        Number of columns.
    """

    def __init__(
        self, alphas=ALPHAS, *, cv=5, gap=0, scale=False, at_edge="count", n_jobs=-1, verbose=False
    ):
        self.alphas = alphas
        self.cv = cv
        self.gap = gap
        self.scale = scale
        self.at_edge = at_edge
        self.n_jobs = n_jobs
        self.verbose = verbose

    def fit(self, X, y, groups=None):
        """Chooses a penalty per target and fits all samples.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_columns)
            Features.
        y : array-like of shape (n_samples,) or (n_samples, n_targets)
            Responses. float32 is read where it lies, in C or F order.
        groups : array-like of shape (n_samples,), optional
            Runs, or what else is held out together.
        """
        return self._fit(X, y, groups, lambda width: [list(range(width))], 0, 0)


class BandedRidgeCV(_Ridge):
    """Ridge regression on several bands of features, with a penalty and shares of the bands of each target's own.

    The kernel is K = (Σ γ_b p_b) Σ γ_b Z_b Z_bᵀ / p_b with γ ≥ 0, Σ γ = 1 and p_b columns in band b: a band alone is plain
    ridge on that band. γ comes from candidates, each band alone, equal shares, and random ones; α and γ have the smallest
    squared error summed over folds (Dupré la Tour et al. 2022, NeuroImage 264:119728).

    Parameters
    ----------
    bands : sequence of int, of slice or of sequence of int; None
        Widths of neighbouring bands, or the columns of each band. None is one band.
    n_delays : int, default=1
        How many times the bands follow each other in X, as they do after a ``Delayer`` (widths only).
    n_mixtures : int, default=16
        Random shares of the bands beside each alone and all equally.
    random_state : int, RandomState or None, default=0
        Seed of the random shares.
    alphas, cv, gap, scale, at_edge, n_jobs, verbose
        As in :class:`RidgeCV`.

    Attributes
    ----------
    shares_ : ndarray of shape (n_bands,) or (n_bands, n_targets)
        γ of each target.
    alphas_, cv_scores_, coef_, intercept_, n_features_in_
        As in :class:`RidgeCV`.
    """

    def __init__(
        self,
        bands=None,
        *,
        alphas=ALPHAS,
        n_delays=1,
        n_mixtures=16,
        cv=5,
        gap=0,
        scale=False,
        at_edge="count",
        random_state=0,
        n_jobs=-1,
        verbose=False,
    ):
        self.bands = bands
        self.alphas = alphas
        self.n_delays = n_delays
        self.n_mixtures = n_mixtures
        self.cv = cv
        self.gap = gap
        self.scale = scale
        self.at_edge = at_edge
        self.random_state = random_state
        self.n_jobs = n_jobs
        self.verbose = verbose

    def fit(self, X, y, groups=None):
        """Chooses a penalty and shares per target and fits all samples; arguments as in :meth:`RidgeCV.fit`."""
        if not isinstance(self.n_mixtures, numbers.Integral) or self.n_mixtures < 0:
            raise InputError(f"n_mixtures: found {self.n_mixtures!r}, expected a number, 0 or more")
        seed = self.random_state
        if not isinstance(seed, numbers.Integral) or isinstance(seed, bool) or seed < 0:
            seed = check_random_state(seed).randint(np.iinfo(np.int32).max)
        self._fit(X, y, groups, self._columns, int(self.n_mixtures), int(seed))
        shares = self._model.shares
        self.shares_ = shares[:, 0] if self._is_single else shares
        return self

    def _columns(self, width: int) -> list[list[int]]:
        if self.bands is None:
            return [list(range(width))]
        bands = list(self.bands)
        if bands and all(isinstance(band, numbers.Integral) and not isinstance(band, bool) for band in bands):
            return _widths([int(band) for band in bands], self.n_delays, width)
        found = [list(range(*band.indices(width))) if isinstance(band, slice) else _listed(band) for band in bands]
        taken = [column for band in found for column in band]
        if sorted(taken) != list(range(width)):
            raise InputError(
                f"bands: found {len(taken)} columns in {len(found)} bands, expected each of the {width} columns of X once"
            )
        return found


class Delayer(TransformerMixin, BaseEstimator):
    """Features of earlier samples beside each other: what a sample responds to.

    Column block d holds the features ``delays[d]`` samples earlier; samples before the start of a run are 0. Nothing crosses
    from one run into another.

    Parameters
    ----------
    delays : sequence of int, default=(1, 2, 3, 4)
        In samples; a negative delay looks ahead.
    runs : sequence of int or None, default=None
        Samples of each run, in order. None is one run, unless ``groups`` says otherwise.
    """

    def __init__(self, delays=(1, 2, 3, 4), *, runs=None):
        self.delays = delays
        self.runs = runs

    def fit(self, X, y=None):
        """Looks at the number of columns."""
        validate_data(self, exchanged(X), dtype=(np.float64, np.float32))
        self._delays()
        return self

    def transform(self, X, groups=None):
        """Delayed features, shape (n_samples, n_delays · n_columns), all columns of the first delay first.

        ``groups`` names the run of every sample, in place of ``runs``; a run is a stretch of one name.
        """
        check_is_fitted(self)
        features = validate_data(self, exchanged(X), dtype=(np.float64, np.float32), reset=False)
        delays, (rows, width) = self._delays(), features.shape
        delayed = np.zeros((rows, len(delays) * width), dtype=features.dtype)
        for start, end in self._stretches(rows, groups):
            for index, delay in enumerate(delays):
                first, last = max(start, start + delay), min(end, end + delay)
                if first < last:
                    columns = slice(index * width, (index + 1) * width)
                    delayed[first:last, columns] = features[first - delay : last - delay]
        return delayed

    def get_feature_names_out(self, input_features=None):
        """Names of columns with their delay, such as ``x0_delay2``."""
        check_is_fitted(self)
        names = input_features if input_features is not None else getattr(self, "feature_names_in_", None)
        names = [f"x{column}" for column in range(self.n_features_in_)] if names is None else list(names)
        return np.array([f"{name}_delay{delay}" for delay in self._delays() for name in names], dtype=object)

    def _delays(self) -> list[int]:
        delays = list(np.atleast_1d(self.delays))
        if not delays or not all(isinstance(delay, (numbers.Integral, np.integer)) for delay in delays):
            raise InputError(f"delays: found {self.delays!r}, expected whole numbers of samples")
        return [int(delay) for delay in delays]

    def _stretches(self, rows: int, groups) -> list[tuple[int, int]]:
        if groups is not None:
            groups = np.asarray(groups)
            if groups.shape != (rows,):
                raise InputError(f"groups: found shape {groups.shape}, expected one run for each of {rows} samples")
            changes = np.flatnonzero(groups[1:] != groups[:-1]) + 1
            ends = [*changes.tolist(), rows]
        elif self.runs is not None:
            ends = np.cumsum(list(self.runs)).tolist()
            if not ends or ends[-1] != rows or min(self.runs) < 1:
                raise InputError(f"runs: found {list(self.runs)!r}, expected positive numbers that add up to {rows} samples")
        else:
            ends = [rows]
        return list(zip([0, *ends[:-1]], ends))


class Lanczos(TransformerMixin, BaseEstimator):
    """One vector per word onto the samples of a recording, by a Lanczos window at the words' mid times.

    Row s is Σ L((t_s + TR/2 − delay − mid) / TR) · v over words, with t_s the stimulus time at which sample s starts. Weights
    are not renormalised: many words give large values (Huth et al. 2016, Nature 532:453).

    Parameters
    ----------
    onsets : array-like of shape (n_words,)
        Seconds on the clock of the stimulus.
    offsets : array-like of shape (n_words,) or None
        Ends of the words; None puts a word's mid time at its onset.
    n_samples : int
        Samples of the recording.
    repetition_time : float
        Seconds between samples.
    first_sample : float, default=0.0
        Stimulus time of the first sample, in seconds.
    lobes : int, default=3
        Repetition times on each side of a sample that words are seen in.
    delays : sequence of float, default=(0.0,)
        Seconds by which samples lag behind words.
    """

    def __init__(
        self, onsets=None, *, offsets=None, n_samples=None, repetition_time=None, first_sample=0.0, lobes=3, delays=(0.0,)
    ):
        self.onsets = onsets
        self.offsets = offsets
        self.n_samples = n_samples
        self.repetition_time = repetition_time
        self.first_sample = first_sample
        self.lobes = lobes
        self.delays = delays

    def fit(self, X, y=None):
        """Looks at the number of columns."""
        validate_data(self, exchanged(X), dtype=(np.float64, np.float32), ensure_all_finite="allow-nan")
        return self

    def transform(self, X):
        """Features of the samples, shape (n_samples, n_delays · n_columns), all columns of the first delay first."""
        from .functions import align

        check_is_fitted(self)
        vectors = validate_data(
            self, exchanged(X), dtype=(np.float64, np.float32), ensure_all_finite="allow-nan", reset=False
        )
        for name in ("onsets", "n_samples", "repetition_time"):
            if getattr(self, name) is None:
                raise InputError(f"{name}: found None, expected the times of the words and of the samples")
        return align(
            vectors,
            self.onsets,
            offsets=self.offsets,
            n_samples=self.n_samples,
            repetition_time=self.repetition_time,
            first_sample=self.first_sample,
            method="lanczos",
            lobes=self.lobes,
            delays=self.delays,
        )

    def __sklearn_is_fitted__(self) -> bool:
        return hasattr(self, "n_features_in_")


def _checked(estimator, features, responses) -> tuple[np.ndarray, np.ndarray]:
    if responses is None:
        raise ValueError(f"{type(estimator).__name__} requires y to be passed, but the target y is None")
    if type(responses).__module__.startswith("scipy.sparse"):
        raise TypeError("y: found a sparse matrix, expected a dense array: use `.toarray()`")
    features, responses = exchanged(features), exchanged(responses)
    for name, values in (("X", features), ("y", responses)):
        if getattr(getattr(values, "dtype", None), "kind", "f") in "mM":
            raise InputError(f"{name}: found dates, expected real numbers")
    features, responses = validate_data(
        estimator,
        features,
        responses,
        dtype=(np.float64, np.float32),
        multi_output=True,
        y_numeric=True,
        ensure_min_samples=2,
    )
    if np.iscomplexobj(responses):
        raise InputError("y: found complex values, expected real numbers")
    if responses.dtype.kind not in "fiub":
        raise InputError(f"y: found values of type {responses.dtype}, expected real numbers")
    if responses.ndim == 2 and responses.shape[1] == 0:
        raise InputError("y: found no target, expected at least one column")
    return readable(features), readable(responses)


def _alphas(alphas) -> list[float]:
    try:
        found = [float(alpha) for alpha in np.atleast_1d(alphas)]
    except (TypeError, ValueError) as error:
        raise InputError(f"alphas: found {alphas!r}, expected positive numbers") from error
    return found


def _at_edge(at_edge) -> bool:
    if at_edge not in ("count", "extend"):
        raise InputError(f"at_edge: found {at_edge!r}, expected 'count' or 'extend'")
    return at_edge == "extend"


def _widths(widths: list[int], n_delays, width: int) -> list[list[int]]:
    if isinstance(n_delays, bool) or not isinstance(n_delays, numbers.Integral) or n_delays < 1:
        raise InputError(f"n_delays: found {n_delays!r}, expected a number of delays, 1 or more")
    block = sum(widths)
    if min(widths) < 1 or block * n_delays != width:
        raise InputError(
            f"bands: found widths {widths} times {n_delays} delays, expected positive numbers for {width} columns of X"
        )
    starts = np.cumsum([0, *widths[:-1]])
    one = lambda start, count: [  # noqa: E731
        delay * block + column for delay in range(n_delays) for column in range(start, start + count)
    ]
    return [one(int(start), count) for start, count in zip(starts, widths)]


def _listed(band) -> list[int]:
    columns = np.asarray(band)
    if columns.ndim != 1 or columns.dtype.kind not in "iu":
        raise InputError(f"bands: found {band!r}, expected widths, slices or lists of columns")
    return [int(column) for column in columns]
