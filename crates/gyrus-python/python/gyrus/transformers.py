"""Features with their delays, and words onto samples, by scikit-learn's conventions."""

from __future__ import annotations

import numbers
from typing import TYPE_CHECKING, Any

import numpy as np
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.utils.validation import check_is_fitted, validate_data

from . import InputError
from .arguments import count, items, room
from .arrays import exchanged

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from numpy.typing import ArrayLike, NDArray

__all__ = ["Delayer", "Lanczos"]


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

    def __init__(self, delays: Sequence[int] = (1, 2, 3, 4), *, runs: Sequence[int] | None = None) -> None:
        self.delays = delays
        self.runs = runs

    def fit(self, X: ArrayLike, y: Any = None) -> Delayer:
        """Looks at the number of columns.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_columns)
            Features, finite.
        y : ignored

        Returns
        -------
        Delayer
            Itself.

        Raises
        ------
        InputError, ValueError, TypeError
            No matrix of finite numbers, or delays that are no whole numbers.
        """
        validate_data(self, exchanged(X), dtype=(np.float64, np.float32))
        self._delays()
        return self

    def transform(self, X: ArrayLike, groups: ArrayLike | None = None) -> NDArray[Any]:
        """Features with their delays.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_columns)
            Features, finite.
        groups : array-like of shape (n_samples,), optional
            The run of every sample, in place of ``runs``; a run is a stretch of one name.

        Returns
        -------
        ndarray of shape (n_samples, n_delays · n_columns)
            All columns of the first delay first, in the type of ``X``.

        Raises
        ------
        InputError, ValueError, TypeError
            No matrix of finite numbers, another number of columns, or runs that do not add up to the samples.
        """
        check_is_fitted(self)
        features = validate_data(self, exchanged(X), dtype=(np.float64, np.float32), reset=False)
        delays, (rows, width) = self._delays(), features.shape
        room(rows * len(delays) * width * features.itemsize, "delayed features")
        delayed = np.zeros((rows, len(delays) * width), dtype=features.dtype)
        for start, end in self._stretches(rows, groups):
            for index, delay in enumerate(delays):
                first, last = max(start, start + delay), min(end, end + delay)
                if first < last:
                    columns = slice(index * width, (index + 1) * width)
                    delayed[first:last, columns] = features[first - delay : last - delay]
        return delayed

    def get_feature_names_out(self, input_features: Iterable[str] | None = None) -> NDArray[np.object_]:
        """Names of columns with their delay, such as ``x0_delay2``.

        Parameters
        ----------
        input_features : sequence of str, optional
            Names of the columns; None takes those that ``fit`` saw, or x0, x1, …

        Returns
        -------
        ndarray of str, shape (n_delays · n_columns,)
            In the order of :meth:`transform`.
        """
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
            lengths = [count(run, "runs", least=1) for run in items(self.runs, "runs", "the samples of each run")]
            if sum(lengths) != rows:
                raise InputError(f"runs: found {lengths!r}, expected positive numbers that add up to {rows} samples")
            ends = np.cumsum(lengths).tolist()
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
        self,
        onsets: ArrayLike | None = None,
        *,
        offsets: ArrayLike | None = None,
        n_samples: int | None = None,
        repetition_time: float | None = None,
        first_sample: float = 0.0,
        lobes: int = 3,
        delays: float | Sequence[float] = (0.0,),
    ) -> None:
        self.onsets = onsets
        self.offsets = offsets
        self.n_samples = n_samples
        self.repetition_time = repetition_time
        self.first_sample = first_sample
        self.lobes = lobes
        self.delays = delays

    def fit(self, X: ArrayLike, y: Any = None) -> Lanczos:
        """Looks at the number of columns.

        Parameters
        ----------
        X : array-like of shape (n_words, n_units)
            Vectors of the words, finite.
        y : ignored

        Returns
        -------
        Lanczos
            Itself.

        Raises
        ------
        ValueError, TypeError
            No matrix of finite numbers.
        """
        validate_data(self, exchanged(X), dtype=(np.float64, np.float32))
        return self

    def transform(self, X: ArrayLike) -> NDArray[np.float32]:
        """Features of the samples of the recording.

        Parameters
        ----------
        X : array-like of shape (n_words, n_units)
            Vectors of the words, finite.

        Returns
        -------
        ndarray of float32, shape (n_samples, n_delays · n_units)
            All columns of the first delay first.

        Raises
        ------
        InputError, ValueError, TypeError, MemoryError
            As :func:`gyrus.align`; ``onsets``, ``n_samples`` or ``repetition_time`` are missing.
        """
        from .alignment import align

        check_is_fitted(self)
        vectors = validate_data(self, exchanged(X), dtype=(np.float64, np.float32), reset=False)
        if self.onsets is None or self.n_samples is None or self.repetition_time is None:
            raise InputError("onsets, n_samples, repetition_time: found None, expected the times of the words and of the samples")
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
