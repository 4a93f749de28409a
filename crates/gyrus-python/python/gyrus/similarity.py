"""Comparisons without a fitted response: geometry of patterns, alignment of kernels, regression there and back."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from . import InputError, _engine
from .arguments import MOST_DIVISIONS, count, items, lengths, one_of, room
from .arrays import double, matrix, real, vector

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import ArrayLike, NDArray

__all__ = ["BackToBack", "KernelAlignment", "Rsa", "b2b", "cka", "rsa"]


@dataclass(frozen=True, eq=False)
class Rsa:
    """How well one geometry fits those of participants."""

    fits: NDArray[np.float64]
    """Correlation of dissimilarities, one per participant."""
    lower: float | None
    """Ceilings of the mean fit; None with one participant."""
    upper: float | None


@dataclass(frozen=True, eq=False)
class KernelAlignment:
    """Linear centred kernel alignment."""

    biased: float
    unbiased: float
    """Mean 0 for independent matrices, so that it may be negative."""


@dataclass(frozen=True, eq=False)
class BackToBack:
    """Which features responses hold, each beside the others."""

    effects: NDArray[np.float64]
    """One per feature."""
    divisions: int


def rsa(features: ArrayLike, responses: Sequence[ArrayLike], *, comparison: str = "spearman") -> Rsa:
    """Correlation of the dissimilarities of features with those of each participant's responses.

    The formulas are in docs/methods/similarity.md.

    Parameters
    ----------
    features : array-like of shape (n_conditions, n_columns)
    responses : sequence of array-like of shape (n_conditions, n_targets) or (n_runs, n_conditions, n_targets)
        One per participant. Distances of one matrix are 1 - r, those of several runs are crossed over runs.
    comparison : {"spearman", "pearson"}
        Of the dissimilarities.

    Returns
    -------
    Rsa
        A correlation per participant, and ceilings of their mean.

    Raises
    ------
    InputError
        Fewer than three conditions, a condition that is constant, other conditions in responses, a value that is not finite.
    MemoryError
        There is no room for the pairs of conditions.
    """
    features = double(matrix(features, "features", axes="(conditions, columns)"))
    given = items(responses, "responses", "a list of arrays, one per participant")
    room(32 * len(features) ** 2, "pairs of conditions")
    people = [_runs(one, f"responses of participant {place}") for place, one in enumerate(given)]
    if not people:
        raise InputError("responses: found no participant, expected a list of arrays, one per participant")
    fits, ceiling = _engine.rsa(features, people, one_of(comparison, "comparison", ("spearman", "pearson")))
    lower, upper = (None, None) if ceiling is None else ceiling
    return Rsa(fits, lower, upper)


def _runs(values, name: str) -> list[np.ndarray]:
    array = real(values, name)
    if array.ndim == 2:
        return [double(matrix(array, name))]
    if array.ndim != 3:
        raise InputError(f"{name}: found an array of shape {array.shape}, expected (conditions, targets), with runs before or without")
    return [double(matrix(run, f"{name}, run {place}")) for place, run in enumerate(array)]


def cka(x: ArrayLike, y: ArrayLike) -> KernelAlignment:
    """Linear centred kernel alignment of two matrices with the same samples.

    The formulas are in docs/methods/similarity.md.

    Parameters
    ----------
    x, y : array-like of shape (n_samples, n_columns)
        Finite numbers; columns may differ in number.

    Returns
    -------
    KernelAlignment
        The biased and the unbiased estimate.

    Raises
    ------
    InputError
        Fewer than four samples, other samples in ``y``, a matrix that is constant, a value that is not finite.
    MemoryError
        There is no room for kernels of (n_samples, n_samples).
    """
    x, y = double(matrix(x, "x")), double(matrix(y, "y"))
    room(32 * max(len(x), len(y)) ** 2, "kernels")
    return KernelAlignment(*_engine.cka(x, y))


def b2b(
    features: ArrayLike,
    responses: ArrayLike,
    *,
    runs: Sequence[int] | None = None,
    blocks: int | None = None,
    gap: int = 0,
    alphas: ArrayLike | None = None,
    divisions: int = 100,
    seed: int = 1,
) -> BackToBack:
    """Back-to-back regression over halves of the runs (King et al. 2020); delay features before.

    The formulas are in docs/methods/similarity.md.

    Parameters
    ----------
    features : array-like of shape (n_samples, n_features)
    responses : array-like of shape (n_samples, n_targets)
    runs : sequence of int or None
        Samples of each run, at least four.
    blocks, gap : int
        Contiguous blocks in place of runs; ``gap`` samples after each block are left out.
    alphas : sequence of float or None
        Penalties to choose from; None is 20 from 1e-5 to 1e5.
    divisions : int
        Divisions into halves, all of them where there are no more; at most 100,000.
    seed : int
        Of the divisions.

    Returns
    -------
    BackToBack
        An effect per feature, beside all others.

    Raises
    ------
    InputError
        Shapes do not fit, a value is not finite, too few runs or samples, a feature that is constant.
    MemoryError
        There is no room for matrices of (n_features, n_features).
    """
    features, responses = double(matrix(features, "features")), double(matrix(responses, "responses"))
    alphas = np.logspace(-5, 5, 20) if alphas is None else vector(alphas, "alphas", is_finite=True)
    if len(features) != len(responses):
        raise InputError(f"found {len(responses)} samples of responses, expected {len(features)} as in features")
    if (runs is None) == (blocks is None):
        raise InputError("expected either runs=[...], the samples of each run, or blocks=... with a gap")
    pieces = _pieces(len(features), runs, blocks, count(gap, "gap"))
    draws = (count(divisions, "divisions", least=1, most=MOST_DIVISIONS), count(seed, "seed"))
    room(16 * features.shape[1] * (features.shape[1] + responses.shape[1]), "weights of features and targets")
    room(draws[0] * (8 * len(pieces) + 48), "divisions into halves")
    return BackToBack(*_engine.b2b(features, responses, pieces, alphas.tolist(), draws))


def _pieces(n_samples: int, runs, blocks, gap: int) -> list[tuple[int, int]]:
    """First and last row (excluded) of each."""
    if runs is not None:
        of_run = lengths(runs)
        if sum(of_run) != n_samples:
            raise InputError(f"runs: found {sum(of_run)} samples together, expected {n_samples} as in features")
        ends = np.cumsum(of_run).tolist()
        return [(end - length, end) for end, length in zip(ends, of_run, strict=True)]
    wanted = count(blocks, "blocks", least=1, most=n_samples)
    edges = [n_samples * place // wanted for place in range(wanted + 1)]
    pieces = [(start, end - gap * (end < edges[-1])) for start, end in zip(edges, edges[1:])]
    if any(end <= start for start, end in pieces):
        raise InputError(f"found {n_samples} samples in {wanted} blocks with gaps of {gap}, expected samples in every block")
    return pieces
