"""Ridge with a penalty per target, by scikit-learn's conventions."""

from __future__ import annotations

import numbers
from typing import TYPE_CHECKING, Any

import numpy as np
from sklearn.base import BaseEstimator, MultiOutputMixin, RegressorMixin
from sklearn.utils import check_random_state
from sklearn.utils.validation import check_is_fitted, validate_data

from . import InputError, _engine, folds
from .arguments import MOST_MIXTURES, MOST_PENALTIES, MOST_REFINEMENTS, count, items, listed, room
from .arrays import exchanged, readable, require_moderate, threads
from .cautions import warn

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import ArrayLike, NDArray

__all__ = ["BandedRidgeCV", "RidgeCV"]

ALPHAS = tuple(10.0**exponent for exponent in range(-1, 9))


class _Ridge(MultiOutputMixin, RegressorMixin, BaseEstimator):
    """What both kinds of ridge share."""

    def _fit(self, features, responses, groups, bands, search: tuple[int, int], seed: int):
        features, responses = _checked(self, features, responses)
        self._is_single = responses.ndim == 1
        columns = responses[:, np.newaxis] if self._is_single else responses
        self._say(f"{features.shape[0]} samples, {features.shape[1]} columns, {columns.shape[1]} targets")
        options = _engine.RidgeOptions(
            bands=bands(features.shape[1]),
            alphas=_alphas(self.alphas, self.at_edge),
            mixtures=search[0],
            refinements=search[1],
            seed=seed,
            is_scaled=bool(self.scale),
            is_extended=_at_edge(self.at_edge),
            threads=threads(self.n_jobs),
        )
        room(32 * min(features.shape) ** 2 + 4 * min(features.shape) * columns.shape[1], "kernels and coefficients")
        pairs = folds.divided(self.cv, self.gap, features, responses, groups)
        self._say(f"{len(pairs)} folds choose among {len(_alphas(self.alphas, self.at_edge))} penalties")
        self._model = _engine.fit_ridge(features, columns, pairs, options)
        self._warn_of_edges()
        one = (lambda values: values[0]) if self._is_single else (lambda values: values)
        self.alphas_ = one(self._model.alphas)
        self.cv_scores_ = one(self._model.scores)
        return self

    def predict(self, X: ArrayLike) -> NDArray[Any]:
        """What the model expects of samples.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_columns)
            Features, finite, with the columns of ``fit``.

        Returns
        -------
        ndarray of shape (n_samples,) or (n_samples, n_targets)
            Computed in single precision, in the type of ``X`` and the unit of ``y``.

        Raises
        ------
        NotFittedError
            There was no ``fit``.
        ValueError
            Another number of columns, or a value that is not finite.
        MemoryError
            There is no room for the predictions.
        """
        check_is_fitted(self)
        features = validate_data(self, exchanged(X), dtype=(np.float64, np.float32), reset=False)
        require_moderate(features, "X")
        room((4 + features.itemsize) * len(features) * len(self._model.means), "predictions")
        predicted = self._model.predict(readable(features), threads(self.n_jobs))
        predicted = predicted.astype(features.dtype, copy=False)
        return predicted[:, 0] if self._is_single else predicted

    def score(self, X: ArrayLike, y: ArrayLike, sample_weight: ArrayLike | None = None) -> float | NDArray[np.float64]:  # type: ignore[override]
        """R² of every target.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_columns)
            Features.
        y : array-like of shape (n_samples,) or (n_samples, n_targets)
            What was observed.
        sample_weight : array-like of shape (n_samples,), optional
            Weights of the samples.

        Returns
        -------
        ndarray of shape (n_targets,), or float where the model was fitted to one axis
            1 - Σ(y - ŷ)² / Σ(y - ȳ)².

        Raises
        ------
        ValueError
            As :meth:`predict`, or ``y`` has another shape.
        """
        from sklearn.metrics import r2_score

        predicted = self.predict(X)
        observed = exchanged(y)
        if self._is_single:
            return r2_score(observed, predicted, sample_weight=sample_weight)
        return r2_score(observed, predicted, sample_weight=sample_weight, multioutput="raw_values")

    @property
    def coef_(self) -> NDArray[np.float32]:
        """Weights, shape (n_columns,) or (n_columns, n_targets); computed when they are asked for."""
        self._require_fit("coef_")
        room(8 * self.n_features_in_ * len(self._model.means), "weights")
        weights = self._model.weights(threads(self.n_jobs))
        return weights[:, 0] if self._is_single else weights

    @property
    def intercept_(self) -> NDArray[np.float32] | np.float32:
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
        if low + high and np.size(self.alphas) > 1:
            targets = len(self._model.alphas)
            warn([
                f"{low + high} of {targets} penalties lie at an end of the grid ({low} at the smallest, {high} at the "
                "largest): give a wider grid in `alphas`, or at_edge='extend'"
            ])

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
        self,
        alphas: float | Sequence[float] | NDArray[Any] = ALPHAS,
        *,
        cv: Any = 5,
        gap: int = 0,
        scale: bool = False,
        at_edge: str = "count",
        n_jobs: int | None = -1,
        verbose: bool | int = False,
    ) -> None:
        self.alphas = alphas
        self.cv = cv
        self.gap = gap
        self.scale = scale
        self.at_edge = at_edge
        self.n_jobs = n_jobs
        self.verbose = verbose

    def fit(self, X: ArrayLike, y: ArrayLike, groups: ArrayLike | None = None) -> RidgeCV:
        """Chooses a penalty per target and fits all samples.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_columns)
            Features.
        y : array-like of shape (n_samples,) or (n_samples, n_targets)
            Responses. float32 is read where it lies, in C or F order.
        groups : array-like of shape (n_samples,), optional
            Runs, or what else is held out together.

        Returns
        -------
        RidgeCV
            Itself.

        Raises
        ------
        InputError, ValueError, TypeError
            Shapes or types do not fit, a value is not finite, a parameter is out of its range.
        MemoryError
            There is no room for kernels and coefficients.
        KeyboardInterrupt
            Ctrl-C; nothing is kept.

        Warns
        -----
        GyrusWarning
            Penalties lie at an end of the grid.
        """
        self._fit(X, y, groups, lambda width: [list(range(width))], (0, 0), 0)
        return self


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
    n_refinements : int, default=0
        Rounds of further shares, at most 10: up to sixteen a round, down the slope of the error of those that targets chose.
        A round decomposes up to 32 mixtures, and targets look for shares together: those of one depend on the others.
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
        bands: Sequence[Any] | None = None,
        *,
        alphas: float | Sequence[float] | NDArray[Any] = ALPHAS,
        n_delays: int = 1,
        n_mixtures: int = 16,
        n_refinements: int = 0,
        cv: Any = 5,
        gap: int = 0,
        scale: bool = False,
        at_edge: str = "count",
        random_state: Any = 0,
        n_jobs: int | None = -1,
        verbose: bool | int = False,
    ) -> None:
        self.bands = bands
        self.alphas = alphas
        self.n_delays = n_delays
        self.n_mixtures = n_mixtures
        self.n_refinements = n_refinements
        self.cv = cv
        self.gap = gap
        self.scale = scale
        self.at_edge = at_edge
        self.random_state = random_state
        self.n_jobs = n_jobs
        self.verbose = verbose

    def fit(self, X: ArrayLike, y: ArrayLike, groups: ArrayLike | None = None) -> BandedRidgeCV:
        """Chooses a penalty and shares per target and fits all samples.

        Parameters
        ----------
        X, y, groups
            As in :meth:`RidgeCV.fit`.

        Returns
        -------
        BandedRidgeCV
            Itself.

        Raises
        ------
        InputError, ValueError, TypeError, MemoryError, KeyboardInterrupt
            As :meth:`RidgeCV.fit`; bands that are not the columns of ``X``, each once.
        """
        mixtures = count(self.n_mixtures, "n_mixtures", most=MOST_MIXTURES)
        seed = self.random_state
        if isinstance(seed, numbers.Integral) and not isinstance(seed, bool):
            seed = count(seed, "random_state")
        else:
            seed = int(check_random_state(seed).randint(np.iinfo(np.int32).max))
        rounds = count(self.n_refinements, "n_refinements", most=MOST_REFINEMENTS)
        self._fit(X, y, groups, self._columns, (mixtures, rounds), seed)
        shares = self._model.shares
        self.shares_ = shares[:, 0] if self._is_single else shares
        return self

    def _columns(self, width: int) -> list[list[int]]:
        if self.bands is None:
            return [list(range(width))]
        bands = items(self.bands, "bands", "widths, slices or lists of columns")
        if bands and all(isinstance(band, numbers.Integral) and not isinstance(band, bool) for band in bands):
            return _widths([int(band) for band in bands], self.n_delays, width)
        found = [list(range(*band.indices(width))) if isinstance(band, slice) else _listed(band) for band in bands]
        taken = [column for band in found for column in band]
        if sorted(taken) != list(range(width)):
            raise InputError(
                f"bands: found {len(taken)} columns in {len(found)} bands, expected each of the {width} columns of X once"
            )
        return found


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
    features, responses = readable(features), readable(responses)
    require_moderate(features, "X")
    require_moderate(responses, "y")
    return features, responses


def _alphas(alphas, at_edge) -> list[float]:
    found = listed(alphas, "alphas", "positive numbers")
    grid = sorted(alpha for alpha in found if alpha > 0)
    steps = [np.log10(grid[1] / grid[0]), np.log10(grid[-1] / grid[-2])] if len(grid) > 1 else []
    # At each end four decades in the step of that end.
    wanted = len(found) + sum(4 / step for step in steps if step > 0) if at_edge == "extend" else len(found)
    if wanted > MOST_PENALTIES:
        raise InputError(f"alphas: found {wanted:,.0f} penalties, extended ones included, expected at most {MOST_PENALTIES:,}")
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
