"""Which samples choose penalties: blocks with a gap, groups, or what a splitter of scikit-learn gives."""

from __future__ import annotations

import numbers

import numpy as np

from . import InputError
from .arrays import exchanged


def divided(cv, gap: int, features, responses, groups) -> list[tuple[list[int], list[int]]]:
    """Pairs of training and validation rows."""
    n_samples = len(features)
    if isinstance(cv, numbers.Integral) and not isinstance(cv, bool):
        if groups is None:
            return blocks(int(cv), gap, n_samples)
        if gap:
            raise InputError(f"gap: found {gap} beside groups, expected 0: groups alone say what is left out")
        return of_groups(groups, n_samples)
    if gap:
        raise InputError(f"gap: found {gap} beside a splitter, expected 0: the splitter alone says what is left out")
    if hasattr(cv, "split"):
        pairs = cv.split(features, responses, groups)
    elif isinstance(cv, str) or not hasattr(cv, "__iter__"):
        raise InputError(f"cv: found {cv!r}, expected a number of folds, a splitter or pairs of training and test rows")
    else:
        pairs = cv
    return [checked(pair, n_samples) for pair in pairs]


def blocks(count: int, gap: int, n_samples: int) -> list[tuple[list[int], list[int]]]:
    """Contiguous blocks; ``gap`` samples on each side of a block are not trained on."""
    if isinstance(gap, bool) or not isinstance(gap, numbers.Integral) or gap < 0:
        raise InputError(f"gap: found {gap!r}, expected a number of samples, 0 or more")
    if not 2 <= count <= n_samples:
        raise InputError(f"cv: found {count} folds of {n_samples} samples, expected 2 to {n_samples} folds")
    found = []
    for rows in np.array_split(np.arange(n_samples), count):
        first, last = int(rows[0]), int(rows[-1])
        train = [*range(max(0, first - gap)), *range(min(n_samples, last + 1 + gap), n_samples)]
        found.append((train, rows.tolist()))
    return found


def of_groups(groups, n_samples: int) -> list[tuple[list[int], list[int]]]:
    """One group held out at a time."""
    groups = np.asarray(exchanged(groups))
    if groups.shape != (n_samples,):
        raise InputError(f"groups: found shape {groups.shape}, expected one group for each of {n_samples} samples")
    try:
        names = np.unique(groups)
    except TypeError as error:
        raise InputError(f"groups: found names that cannot be sorted ({error}), expected numbers or text") from error
    if len(names) < 2:
        raise InputError(f"groups: found {len(names)} group, expected at least 2 to hold one out at a time")
    return [(np.flatnonzero(groups != name).tolist(), np.flatnonzero(groups == name).tolist()) for name in names]


def checked(pair, n_samples: int) -> tuple[list[int], list[int]]:
    """Rows of a pair as whole numbers; a mask is turned into rows."""
    try:
        train, test = (np.asarray(side) for side in pair)
    except (TypeError, ValueError) as error:
        raise InputError("cv: found something else than pairs, expected pairs of training and test rows") from error

    def rows(side: np.ndarray) -> list[int]:
        if side.dtype == bool:
            if side.shape != (n_samples,):
                raise InputError(f"cv: found a mask of shape {side.shape}, expected one value for each of {n_samples} samples")
            side = np.flatnonzero(side)
        if side.ndim != 1 or side.dtype.kind not in "iu":
            raise InputError(f"cv: found rows of type {side.dtype}, expected whole numbers")
        if len(side) and (side.min() < -n_samples or side.max() >= n_samples):
            raise InputError(f"cv: found rows beyond the {n_samples} samples")
        return (side % n_samples).tolist()

    return rows(train), rows(test)
