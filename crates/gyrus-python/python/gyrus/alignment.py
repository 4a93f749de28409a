"""Vectors of words onto the samples of a recording."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from . import InputError, _engine
from .arguments import count, listed, one_of, room, seconds
from .arrays import matrix, vector

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import ArrayLike

__all__ = ["align"]

METHODS = ("sum", "mean", "last", "lanczos", "hrf")


def align(
    vectors: ArrayLike,
    onsets: ArrayLike,
    *,
    offsets: ArrayLike | None = None,
    n_samples: int,
    repetition_time: float,
    first_sample: float = 0.0,
    method: str = "lanczos",
    lobes: int = 3,
    delays: float | Sequence[float] = (0.0,),
    return_ones: bool = False,
) -> Any:
    """Word vectors onto the samples of one run.

    The formulas are in docs/methods/alignment.md; vectors are not centred first.

    Parameters
    ----------
    vectors : array-like of shape (n_words, n_units)
        Finite numbers.
    onsets : array-like of shape (n_words,)
        Seconds on the clock of the stimulus; NaN leaves a word out.
    offsets : array-like of shape (n_words,) or None
        Ends of the words in seconds; None and NaN put a word's mid time at its onset.
    n_samples : int
        Samples of the run.
    repetition_time : float
        Seconds between samples.
    first_sample : float
        When the first sample starts, in seconds on the clock of the stimulus.
    method : {"lanczos", "sum", "mean", "last", "hrf"}
        What a sample takes of the words around it.
    lobes : int
        Repetition times on each side of a sample that ``lanczos`` looks at, 1 to 255.
    delays : sequence of float
        Seconds by which samples lag behind words.
    return_ones : bool
        Whether the same alignment of ones is given beside it: how many words a sample has.

    Returns
    -------
    ndarray of float32, shape (n_samples, n_delays · n_units)
        All units of the first delay first. With ``return_ones`` a pair: it, and ones of shape (n_samples, n_delays).

    Raises
    ------
    InputError
        Shapes do not fit, a number is not finite, a word ends before it starts, a method is unknown.
    MemoryError
        There is no room for the result.
    """
    vectors = matrix(vectors, "vectors", axes="(words, units)")
    onsets = vector(onsets, "onsets")
    ends = np.full(len(onsets), np.nan) if offsets is None else vector(offsets, "offsets")
    if not len(vectors) == len(onsets) == len(ends):
        raise InputError(
            f"found {len(vectors)} vectors, {len(onsets)} onsets and {len(ends)} offsets, expected one of each per word"
        )
    for name, times in (("onsets", onsets), ("offsets", ends)):
        if np.isinf(times).any():
            raise InputError(f"{name}: the time of word {int(np.isinf(times).argmax())} is infinite, expected seconds, or NaN")
    time = lambda value: None if np.isnan(value) else float(value)  # noqa: E731
    words = [(time(onset), time(end)) for onset, end in zip(onsets, ends)]
    n_samples, lags = count(n_samples, "n_samples", least=1), listed(delays, "delays", "seconds")
    sampling = (seconds(first_sample, "first_sample"), seconds(repetition_time, "repetition_time"), n_samples)
    room(8 * n_samples * max(1, len(lags)) * (vectors.shape[1] + 1), "aligned vectors")
    how = (one_of(method, "method", METHODS), count(lobes, "lobes", least=1, most=255))
    values, ones = _engine.align(vectors, words, sampling, how, lags)
    return (values, ones) if return_ones else values
