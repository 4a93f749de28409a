"""Scores over participants: tests and intervals."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from . import _engine
from .arguments import MOST_DRAWS, MOST_PERMUTATIONS, count, one_of, room
from .arrays import double, matrix, threads

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

__all__ = ["GroupTest", "group_test"]


@dataclass(frozen=True, eq=False)
class GroupTest:
    """Tests over participants, one value per target."""

    n: NDArray[np.int64]
    """Participants with a score."""
    mean: NDArray[np.float64]
    low: NDArray[np.float64]
    """Lower end of the 95 % interval over participants (BCa)."""
    high: NDArray[np.float64]
    effect: NDArray[np.float64]
    """Mean over standard deviation."""
    t: NDArray[np.float64]
    p_t: NDArray[np.float64]
    p_wilcoxon: NDArray[np.float64]
    p_sign_flip: NDArray[np.float64]
    p_sign_flip_corrected: NDArray[np.float64]
    """Against the largest statistic of all targets in each pattern of signs."""
    is_exact: bool
    """Whether every pattern of signs was gone through."""


def group_test(
    scores: ArrayLike,
    *,
    statistic: str = "t",
    tail: str = "greater",
    permutations: int = 10_000,
    draws: int = 2_000,
    seed: int = 1,
    n_jobs: int | None = -1,
) -> GroupTest:
    """Tests of scores over participants: would other people, for this stimulus, show it?

    The formulas are in docs/methods/group_statistics.md.

    Parameters
    ----------
    scores : array-like of shape (n_participants, n_targets)
        Tested against 0. NaN where there is none. Features without language do not score 0: for p give ``normal_excess`` of each
        participant's :func:`gyrus.surrogate_test`, or that column of a study's scores; for mean and interval give the scores.
    statistic : {"t", "mean"}
        What signs are flipped for.
    tail : {"greater", "two_sided"}
        Of all p values.
    permutations : int
        Patterns of signs; all of them where there are no more.
    draws : int
        Bootstrap samples of the interval, at most a million; 0 for none.
    seed : int
        Of patterns and samples.
    n_jobs : int or None
        Threads: None is one, -1 all cores. They change no bit.

    Returns
    -------
    GroupTest
        Arrays of shape (n_targets,), NaN where fewer than two participants have a score.

    Raises
    ------
    InputError
        A wrong shape, or a word that is not known.
    MemoryError
        There is no room for the patterns of signs.
    """
    scores = double(matrix(scores, "scores", is_finite=False, axes="(participants, targets)"))
    permutations = count(permutations, "permutations", least=1, most=MOST_PERMUTATIONS)
    draws = count(draws, "draws", most=MOST_DRAWS)
    room(permutations * (8 * len(scores) + 24), "patterns of signs")
    found = _engine.group_test(
        scores,
        (one_of(statistic, "statistic", ("t", "mean")), one_of(tail, "tail", ("greater", "two_sided"))),
        (permutations, draws),
        count(seed, "seed"),
        threads(n_jobs),
    )
    found["n"] = np.array(found["n"], dtype=np.int64)
    return GroupTest(**found)
