"""Held-out scores by nested folds, and their p values by refitted surrogates."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from . import InputError, _engine
from .arguments import MOST_MIXTURES, MOST_PENALTIES, MOST_PERMUTATIONS, MOST_REFINEMENTS, count, items, lengths, number, room
from .arrays import exchanged, matrix, threads
from .cautions import warn

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import ArrayLike, NDArray

__all__ = ["Partition", "Scores", "partition", "score", "surrogate_test"]


@dataclass(frozen=True, eq=False)
class Scores:
    """Held-out scores of every target."""

    score: NDArray[np.float64]
    """(n_targets,): mean over folds of r within the fold; NaN with a reason."""
    r_squared: NDArray[np.float64]
    """(n_targets,): mean over folds of R² against the training mean."""
    p: NDArray[np.float64] | None
    """(n_targets,), by refitted surrogates; None where there are none."""
    normal_excess: NDArray[np.float64] | None
    """(n_targets,): normal excess of the score over these surrogates, for :func:`gyrus.group_test`; None where there are none."""
    reasons: list[str | None]
    """Why a target has no score: ``constant``, ``non_finite``, …; None where it has."""
    two_versus_two: float
    """Mean over folds of 2-versus-2 accuracy over all targets; chance is 0.5."""
    retrieval_rank: float
    """Mean over folds of the relative rank of the right sample; chance is 0.5."""


@dataclass(frozen=True, eq=False)
class Partition:
    """What bands explain alone and what they share; in a notebook, its figure."""

    parts: list[tuple[str, ...]]
    """Names of the bands of each part: first one band alone, then what two and three have in common and no other has."""
    score: NDArray[np.float64]
    """(n_parts, n_targets): parts of r; they sum to that of all bands together, and may be negative."""
    r_squared: NDArray[np.float64]
    """(n_parts, n_targets): parts of R² against the training mean."""
    p: NDArray[np.float64] | None
    """(n_bands, n_targets): of what one band has alone, by refitted surrogates of that band; None where there are none."""
    reasons: list[str | None]
    """Why a target has no score."""
    svg: str
    """R² of the parts, mean over targets and target by target."""

    def _repr_svg_(self) -> str:
        return self.svg


def score(
    features: Any,
    responses: ArrayLike,
    *,
    runs: Sequence[int] | None = None,
    blocks: int | None = None,
    gap: int = 0,
    shuffled: int | None = None,
    alphas: tuple[float, float, int] = (0.1, 1e8, 10),
    mixtures: int = 16,
    refinements: int = 0,
    surrogates: int = 0,
    seed: int = 1,
    n_jobs: int | None = -1,
) -> Scores:
    """Held-out scores by nested folds: the same numbers as the command ``gyrus score``.

    Parameters
    ----------
    features : array-like of shape (n_samples, n_columns), a mapping or a sequence of them
        Several are bands with a penalty each. Delays are columns: :class:`gyrus.Delayer` makes them.
    responses : array-like of shape (n_samples, n_targets)
        A target with NaN gets a reason in place of a score.
    runs : sequence of int or None
        Samples of each run; runs are held out one at a time.
    blocks, gap : int
        Contiguous blocks in place of runs; ``gap`` samples on each side are not trained on.
    shuffled : int or None
        Folds of samples in random order, which leaks.
    alphas : (float, float, int)
        Penalties from, to, and how many on a logarithmic grid.
    mixtures : int
        Random shares of the bands beside each alone and all equally; nothing with one band.
    refinements : int
        Rounds of further shares, at most 10: up to sixteen a round, down the slope of the error of those that targets chose.
        A round decomposes up to 32 mixtures, and targets look for shares together: those of one depend on the others.
    surrogates : int
        Phase-randomised features that are refitted for p values.
    seed : int
        Of the mixtures, the surrogates and shuffled folds.
    n_jobs : int or None
        Threads: None is one, -1 all cores. They change no bit.

    Returns
    -------
    Scores
        One value per target, in the order of ``responses``.

    Raises
    ------
    InputError
        Shapes do not fit, features are not finite, or samples are too few for the folds.
    MemoryError
        There is no room for the predictions.

    Warns
    -----
    GyrusWarning
        Folds are shuffled, or penalties lie at an end of the grid, which is followed for four decades.
    """
    bands, responses = _bands(features), _responses(responses)
    options = _options(
        len(responses),
        runs=runs,
        blocks=blocks,
        gap=gap,
        shuffled=shuffled,
        alphas=alphas,
        mixtures=mixtures,
        refinements=refinements,
        surrogates=surrogates,
        seed=seed,
        n_jobs=n_jobs,
    )
    found = _engine.score(bands, responses, options)
    warn(found.pop("warnings"))
    if not surrogates:
        found["p"] = found["normal_excess"] = None
    return Scores(**found)


def surrogate_test(features: Any, responses: ArrayLike, *, surrogates: int = 1000, **options: Any) -> Scores:
    """Scores with p values and normal excess: phase-randomised features, refitted through the same folds with the same penalties.

    Parameters
    ----------
    features, responses
        As in :func:`gyrus.score`.
    surrogates : int
        How many. p = (1 + b) / (1 + surrogates), with b surrogates that reach the score; the normal excess is the
        normal quantile of its rank among them times the standard deviation of all, and beyond them all the distance more:
        docs/methods/group_statistics.md.
    **options
        Those of :func:`gyrus.score`.

    Returns
    -------
    Scores
        With ``p`` and ``normal_excess`` of every target.

    Raises
    ------
    InputError, MemoryError
        As :func:`gyrus.score`.
    """
    return score(features, responses, surrogates=count(surrogates, "surrogates", least=1), **options)


def partition(features: Any, responses: ArrayLike, *, surrogates: int = 0, **options: Any) -> Partition:
    """What two or three bands explain alone and what they share: every set of them through the same folds.

    Parameters
    ----------
    features : a mapping or a sequence of array-likes of shape (n_samples, n_columns)
        Two or three bands.
    responses : array-like of shape (n_samples, n_targets)
        A target with NaN gets a reason in place of a score.
    surrogates : int
        For p values of what a band has alone: what the others do not predict of it is phase-randomised and refitted beside them.
    **options
        Those of :func:`gyrus.score`.

    Returns
    -------
    Partition
        A row per part: with two bands A, B, and what they share.

    Raises
    ------
    InputError
        There are not two or three bands, or as :func:`gyrus.score`.
    MemoryError
        As :func:`gyrus.score`.
    """
    bands, responses = _bands(features), _responses(responses)
    found = _engine.partition(bands, responses, _options(len(responses), surrogates=surrogates, **options))
    warn(found.pop("warnings"))
    if not surrogates:
        found["p"] = None
    return Partition(**{**found, "parts": [tuple(part) for part in found["parts"]]})


def _responses(responses: ArrayLike) -> np.ndarray:
    responses = matrix(responses, "responses", is_finite=False)
    room(12 * responses.size, "predictions")
    return responses


def _options(
    n_samples: int,
    *,
    runs=None,
    blocks=None,
    gap=0,
    shuffled=None,
    alphas=(0.1, 1e8, 10),
    mixtures=16,
    refinements=0,
    surrogates=0,
    seed=1,
    n_jobs=-1,
) -> _engine.ScoreOptions:
    first, last, penalties = _three(alphas)
    return _engine.ScoreOptions(
        **_folds(runs, blocks, gap, shuffled, n_samples),
        alphas=(number(first, "alphas"), number(last, "alphas"), count(penalties, "alphas", least=1, most=MOST_PENALTIES)),
        mixtures=count(mixtures, "mixtures", most=MOST_MIXTURES),
        refinements=count(refinements, "refinements", most=MOST_REFINEMENTS),
        surrogates=count(surrogates, "surrogates", most=MOST_PERMUTATIONS),
        seed=count(seed, "seed"),
        threads=threads(n_jobs),
    )


def _folds(runs, blocks, gap, shuffled, n_samples: int) -> dict[str, Any]:
    held_out = lambda value, name: None if value is None else count(value, name, least=2, most=n_samples)  # noqa: E731
    of_run = [] if runs is None else lengths(runs)
    if shuffled is None and blocks is None and len(of_run) < 3:
        raise InputError(
            f"found {len(of_run)} runs and no blocks, expected at least 3 runs (runs=[300, 290, 310]) or blocks with a "
            "gap (blocks=5, gap=14)"
        )
    if blocks is None and gap:
        raise InputError(f"gap: found {gap} without blocks, expected 0: runs are held out whole, and shuffled samples one by one")
    divided = None if blocks is None else (held_out(blocks, "blocks"), count(gap, "gap"))
    return {"runs": of_run, "blocks": divided, "shuffled": held_out(shuffled, "shuffled")}


def _three(alphas) -> list:
    found = items(alphas, "alphas", "the smallest and the largest penalty, and how many")
    if len(found) != 3:
        raise InputError(f"alphas: found {len(found)} values, expected the smallest and the largest penalty, and how many")
    return found


def _bands(features) -> list[tuple[str, np.ndarray]]:
    if isinstance(features, Mapping):
        named = list(features.items())
    elif isinstance(features, (list, tuple)) and features and all(_is_matrix(band) for band in features):
        named = [(f"band {place + 1}", band) for place, band in enumerate(features)]
    else:
        named = [("features", features)]
    if not named:
        raise InputError("features: found no band, expected at least one")
    return [(str(name), matrix(band, str(name))) for name, band in named]


def _is_matrix(band) -> bool:
    """Whether a member of a list is a band of its own, and not a row."""
    shape = getattr(exchanged(band), "shape", None)
    return len(shape) == 2 if shape is not None else not np.isscalar(band) and np.ndim(band) == 2
