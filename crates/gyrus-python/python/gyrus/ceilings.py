"""How well responses can be predicted at best, by estimates with a name and a side."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from . import InputError, _engine
from .arguments import MOST_DIVISIONS, count, items, one_of, room
from .arrays import several
from .scoring import score

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from numpy.typing import ArrayLike, NDArray

__all__ = ["NoiseCeiling", "noise_ceiling"]

FROM_REPEATS = ("signal_power", "signal_to_noise")
KINDS = ("leave_one_out_isc", "shared_response", "root_pairwise_isc", "split_half", "extrapolated_isc", *FROM_REPEATS)


@dataclass(frozen=True, eq=False)
class NoiseCeiling:
    """How well responses can be predicted at best."""

    kind: str
    bound: str
    """``lower`` or ``upper``: on which side of the truth the estimate lies."""
    ceiling: NDArray[np.float64]
    """(n_targets,), for ``leave_one_out_isc`` and ``shared_response`` (n_participants, n_targets); NaN where there is none."""
    reasons: list[str | None]
    """Why a target has no ceiling."""
    details: dict[str, NDArray[np.float64]]
    """What it was made from, (n_targets,) each; ``curve`` of ``extrapolated_isc`` is (n_participants - 1, n_targets)."""


def noise_ceiling(
    responses: Sequence[ArrayLike],
    kind: str = "leave_one_out_isc",
    *,
    folds: Iterable[Sequence[int]] | None = None,
    averaged: int = 1,
    draws: int = 100,
    seed: int = 1,
    **options: Any,
) -> NoiseCeiling:
    """An estimate of the best reachable score, of a named kind.

    The formulas are in docs/methods/noise_ceilings.md.

    Parameters
    ----------
    responses : sequence of array-like of shape (n_samples, n_targets)
        Cleaned responses to the same samples: one per participant, or one per repeat by one participant. NaN for what is
        missing.
    kind : str
        Between participants: ``leave_one_out_isc``, ``shared_response`` (lower estimates), ``root_pairwise_isc``,
        ``split_half``, ``extrapolated_isc`` (upper). From repeats: ``signal_power``, ``signal_to_noise`` (upper).
    folds : sequence of sequences of int or None
        Held-out samples of each fold of the scores beside which the ceiling shall stand; None is all samples at once.
    averaged : int
        Of how many repeats the scored response is the mean.
    draws : int
        Divisions into halves, or orders in which participants join; at most 100,000.
    seed : int
        Of the draws.
    **options
        Those of :func:`gyrus.score`, for ``shared_response``, which fits: ``blocks`` or ``runs`` in place of ``folds``.

    Returns
    -------
    NoiseCeiling
        A correlation per target, with the side of the truth on which it lies.

    Raises
    ------
    InputError
        Shapes differ, an unknown kind, a row that is not there, too few participants or repeats.
    """
    kind, averaged = one_of(kind, "kind", KINDS), count(averaged, "averaged", least=1)
    draws = count(draws, "draws", least=1, most=MOST_DIVISIONS)
    people = several(responses, "responses", "repeat" if kind in FROM_REPEATS else "participant", is_finite=False)
    if kind == "shared_response":
        return _shared_response(people, folds, options)
    if options:
        raise InputError(f"found {sorted(options)}, which only kind 'shared_response' takes")
    rows = _rows(folds, people)
    room(8 * draws * len(people) ** 2, "divisions of participants")
    found = _engine.noise_ceiling(people, rows, kind, (draws, count(seed, "seed")), averaged)
    if kind != "leave_one_out_isc":
        found["ceiling"] = found["ceiling"][0]
    found["details"] = {name: table if name == "curve" else table[0] for name, table in found["details"].items()}
    return NoiseCeiling(kind=kind, **found)


def _rows(folds, people) -> list[list[int]]:
    if folds is None:
        return [list(range(len(people[0])))] if people else []
    what = "a list of held-out samples per fold"
    found = [[count(row, "folds") for row in items(fold, "folds", what)] for fold in items(folds, "folds", what)]
    if not found:
        raise InputError("folds: found none, expected at least one, or None for all samples at once")
    return found


def _shared_response(people, folds, options) -> NoiseCeiling:
    """Ridge from the mean responses of the others, all targets together, to each participant."""
    if folds is not None:
        raise InputError("folds: kind 'shared_response' fits, give runs=[...] or blocks=... and gap=... as for gyrus.score")
    if len(people) < 2:
        raise InputError(f"found {len(people)} participants, expected at least 2")
    for place, one in enumerate(people):
        if one.shape != people[0].shape:
            raise InputError(f"participant {place} has shape {one.shape}, expected {people[0].shape} as the first has")
    stacked = np.stack(people).astype(np.float64)
    has = np.all(np.isfinite(stacked), axis=1)
    stacked[~np.broadcast_to(has[:, np.newaxis], stacked.shape)] = 0
    ceiling, reasons = [], []
    for one, own in enumerate(people):
        others = np.delete(np.arange(len(people)), one)
        with_values = np.maximum(has[others].sum(axis=0), 1)
        scores = score(stacked[others].sum(axis=0) / with_values, own, **options)
        ceiling.append(scores.score)
        reasons.append(scores.reasons)
    found = np.stack(ceiling)
    first = [next(filter(None, of_target), None) for of_target in zip(*reasons, strict=True)]
    undefined = np.all(np.isnan(found), axis=0).tolist()
    of_all = [reason if none else None for reason, none in zip(first, undefined, strict=True)]
    return NoiseCeiling(kind="shared_response", bound="lower", ceiling=found, reasons=of_all, details={})
