"""Comparisons without a fitted response: geometry of patterns, alignment of kernels, regression there and back."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from . import InputError, _engine
from .arrays import matrix, real, vector
from .functions import _count, _double

__all__ = ["BackToBack", "KernelAlignment", "Rsa", "b2b", "cka", "rsa"]


@dataclass(frozen=True, eq=False)
class Rsa:
    """How well one geometry fits those of participants."""

    fits: np.ndarray
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

    effects: np.ndarray
    """One per feature."""
    divisions: int


def rsa(features, responses, *, comparison="spearman") -> Rsa:
    """Correlation of the dissimilarities of features with those of each participant's responses.

    Parameters
    ----------
    features : array-like of shape (n_conditions, n_columns)
    responses : sequence of array-like of shape (n_conditions, n_targets) or (n_runs, n_conditions, n_targets)
        One per participant. Distances of one matrix are 1 - r, those of several runs are crossed over runs.
    comparison : {"spearman", "pearson"}
    """
    features = _double(matrix(features, "features"))
    people = [_runs(one, f"responses of participant {place}") for place, one in enumerate(responses)]
    if not people:
        raise InputError("responses: found no participant, expected a list of arrays, one per participant")
    fits, ceiling = _engine.rsa(features, people, str(comparison))
    lower, upper = (None, None) if ceiling is None else ceiling
    return Rsa(fits, lower, upper)


def _runs(values, name: str) -> list[np.ndarray]:
    array = real(values, name)
    if array.ndim == 2:
        return [_double(matrix(array, name))]
    if array.ndim != 3:
        raise InputError(f"{name}: found an array of shape {array.shape}, expected (conditions, targets), with runs before or without")
    return [_double(matrix(run, f"{name}, run {place}")) for place, run in enumerate(array)]


def cka(x, y) -> KernelAlignment:
    """Linear centred kernel alignment of two matrices with the same samples."""
    return KernelAlignment(*_engine.cka(_double(matrix(x, "x")), _double(matrix(y, "y"))))


def b2b(features, responses, *, runs=None, blocks=None, gap=0, alphas=None, divisions=100, seed=1) -> BackToBack:
    """Back-to-back regression over halves of the runs (King et al. 2020); delay features before.

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
    divisions, seed : int
        Divisions into halves, all of them where there are no more.
    """
    features, responses = _double(matrix(features, "features")), _double(matrix(responses, "responses"))
    alphas = np.logspace(-5, 5, 20) if alphas is None else vector(alphas, "alphas", is_finite=True)
    if len(features) != len(responses):
        raise InputError(f"found {len(responses)} samples of responses, expected {len(features)} as in features")
    if (runs is None) == (blocks is None):
        raise InputError("expected either runs=[...], the samples of each run, or blocks=... with a gap")
    if runs is not None:
        lengths = [_count(run, "runs") for run in runs]
        if sum(lengths) != len(features):
            raise InputError(f"runs: found {sum(lengths)} samples together, expected {len(features)} as in features")
        ends = np.cumsum(lengths).tolist()
        pieces = [(end - length, end) for end, length in zip(ends, lengths, strict=True)]
    else:
        count, gap = max(1, _count(blocks, "blocks")), _count(gap, "gap")
        edges = [len(features) * place // count for place in range(count + 1)]
        pieces = [(start, end - gap * (end < edges[-1])) for start, end in zip(edges, edges[1:])]
        if any(end <= start for start, end in pieces):
            raise InputError(f"found {len(features)} samples in {count} blocks with gaps of {gap}, expected samples in every block")
    draws = (_count(divisions, "divisions"), _count(seed, "seed"))
    return BackToBack(*_engine.b2b(features, responses, pieces, alphas.tolist(), draws))
