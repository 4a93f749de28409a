"""Scores over the layers of a language model, and the order of their depths in the brain."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from . import InputError, _engine
from .arguments import MOST_DIVISIONS, MOST_DRAWS, count, items, one_of, room
from .arrays import double, matrix, vector

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import ArrayLike, NDArray

__all__ = ["HierarchyIndex", "LayerProfile", "hierarchy_index", "layer_profile"]


@dataclass(frozen=True, eq=False)
class LayerProfile:
    """Scores over layers."""

    depths: NDArray[np.float64]
    mean: NDArray[np.float64]
    """(n_layers,)"""
    low: NDArray[np.float64]
    """Lower end of the 95 % interval over rows (BCa)."""
    high: NDArray[np.float64]
    best_layer: int | None
    """Position of the largest mean: a description, not a choice on other samples."""
    centre_of_mass: float
    """In the unit of ``depths``; NaN where no score is above the floor."""
    centre_interval: tuple[float, float]
    inverted_u: tuple[float, float] | None
    """How much the middle layers are above the first and above the last."""


@dataclass(frozen=True, eq=False)
class HierarchyIndex:
    """Does depth in the network follow depth in the brain?"""

    rho: float
    ranks: NDArray[np.float64]
    """(n_regions,): of the depths from 1, shallowest first; NaN for a region that was left out."""
    n_regions: int
    p: float | None
    """None with a reason. Against the null that was asked for."""
    null: str
    """``exchangeable``, ``variogram`` or ``spins``."""
    reason: str | None
    """``too_few_regions`` below 20 of them, ``constant`` where one side does not differ over regions."""


def layer_profile(
    scores: ArrayLike,
    *,
    depths: ArrayLike | None = None,
    floor: str = "minimum",
    draws: int = 2_000,
    seed: int = 1,
) -> LayerProfile:
    """The mean profile over layers with intervals, and where along the layers it has its weight.

    The formulas are in docs/methods/layer_profile_and_hierarchy.md.

    Parameters
    ----------
    scores : array-like of shape (n_participants, n_layers)
        Finite: leave out whoever lacks a layer. Rows may as well be folds.
    depths : array-like of shape (n_layers,) or None
        None is 0, 1, 2, …
    floor : {"minimum", "zero"}
        What is taken away before weighing: the worst layer, chosen on the other rows, or nothing.
    draws : int
        Bootstrap samples of the intervals, at most a million; 0 for none.
    seed : int
        Of the samples.

    Returns
    -------
    LayerProfile
        Mean and interval of every layer, and the centre of mass with its interval.

    Raises
    ------
    InputError
        A wrong shape, a score that is not finite, or a word that is not known.
    """
    scores = double(matrix(scores, "scores", axes="(participants, layers)", is_single=False))
    depths = np.arange(scores.shape[1], dtype=np.float64) if depths is None else vector(depths, "depths", is_finite=True)
    floor, draws = one_of(floor, "floor", ("minimum", "zero")), count(draws, "draws", most=MOST_DRAWS)
    found = _engine.layer_profile(scores, depths.tolist(), floor, draws, count(seed, "seed"))
    return LayerProfile(depths=depths, **found)


def hierarchy_index(
    depth: ArrayLike,
    reference: ArrayLike,
    *,
    ceiling: ArrayLike | None = None,
    positions: ArrayLike | None = None,
    right: Sequence[bool] | None = None,
    permutations: int = 1_000,
    seed: int = 1,
) -> HierarchyIndex:
    """Spearman's correlation over regions of depth in the network with a reference order.

    The formulas are in docs/methods/layer_profile_and_hierarchy.md.

    Parameters
    ----------
    depth, reference, ceiling : array-like of shape (n_regions,)
        ``ceiling`` is regressed out of both. Regions with NaN in any of them are left out.
    positions : array-like of shape (n_regions, 3) or None
        Where regions lie, in any unit of length. p is against maps with the variogram of the reference (Burt 2020); None
        supposes that regions are exchangeable, which neighbours are not.
    right : sequence of bool or None
        With it, positions are on the spheres of the hemispheres, and p is against the reference turned on them (Alexander-Bloch
        2018).
    permutations : int
        Surrogates of the reference, 1 to 100,000.
    seed : int
        Of the surrogates.

    Returns
    -------
    HierarchyIndex
        The correlation, ranks, and p or the reason why there is none.

    Raises
    ------
    InputError
        Lengths differ, positions are missing, not finite or all equally far from each other.
    MemoryError
        There is no room for the distances between regions.
    """
    given = [vector(depth, "depth"), vector(reference, "reference")]
    ceilings = None if ceiling is None else vector(ceiling, "ceiling").tolist()
    if positions is None and right is not None:
        raise InputError("right: found hemispheres without positions, expected positions on the sphere too")
    places = None
    if positions is not None:
        sides = None if right is None else [bool(side) for side in items(right, "right", "True or False per region")]
        places = (double(matrix(positions, "positions", is_finite=False, axes="(regions, 3)")), sides)
        room(64 * len(given[0]) ** 2, "distances between regions")
    draws = (count(permutations, "permutations", least=1, most=MOST_DIVISIONS), count(seed, "seed"))
    room(8 * draws[0] * max(1, len(given[0])), "surrogates of the reference")
    depths, order = (values.tolist() for values in given)
    rho, n_regions, ranks, p, reason = _engine.hierarchy_index(depths, order, ceilings, places, draws)
    null = "exchangeable" if positions is None else "variogram" if right is None else "spins"
    return HierarchyIndex(rho, ranks, n_regions, p, null, reason)
