"""Responses without drift and confounds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from . import InputError, _engine
from .arguments import seconds
from .arrays import double, matrix, real, require_moderate, threads

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

__all__ = ["Cleaned", "denoise"]


@dataclass(frozen=True, eq=False)
class Cleaned:
    """Responses of one run after cleaning."""

    values: NDArray[np.float32]
    """(n_samples, n_targets): mean 0 and standard deviation 1 per target; NaN for a target with a reason."""
    reasons: list[str | None]
    """Why a target has no values: ``constant``, ``all_zero``, ``non_finite``, …; None where it has."""
    degrees_of_freedom: int
    groups: list[str]
    variance_removed: NDArray[np.float64]
    """Share of each target's variance that each group took, (n_groups, n_targets)."""
    dropped: list[str]
    """Regressors that repeat others."""
    condition: float


def denoise(
    responses: ArrayLike,
    *,
    repetition_time: float | None = None,
    high_pass: float | None = 128.0,
    confounds: Any = None,
    n_jobs: int | None = -1,
) -> Cleaned:
    """Cleans the responses of one run by one projection: a constant, slow drift, confounds.

    The formulas are in docs/methods/denoising.md.

    Parameters
    ----------
    responses : array-like of shape (n_samples, n_targets)
        A target with NaN gets a reason in place of values.
    repetition_time : float or None
        Seconds between samples; needed for the filter.
    high_pass : float or None
        Period in seconds: drift that is slower is removed. None filters nothing.
    confounds : array-like or DataFrame of shape (n_samples, n_columns), or a mapping of names to them
        A mapping gives groups, in order; each is credited with the variance that those before it left over.
    n_jobs : int or None
        Threads: None is one, -1 all cores. They change no bit.

    Returns
    -------
    Cleaned
        Values in the order of ``responses``, with what was taken out.

    Raises
    ------
    InputError
        Shapes do not fit, a confound is not finite, or too few degrees of freedom are left.
    """
    responses = matrix(responses, "responses", is_finite=False)
    drift = None
    if high_pass is not None:
        if repetition_time is None:
            raise InputError("repetition_time: found None, expected seconds, or high_pass=None to filter nothing")
        drift = (seconds(repetition_time, "repetition_time"), seconds(high_pass, "high_pass"))
    named = confounds.items() if isinstance(confounds, Mapping) else [] if confounds is None else [("confounds", confounds)]
    found = _engine.denoise_run(responses, drift, [_group(name, values) for name, values in named], threads(n_jobs))
    return Cleaned(**found)


def _group(name, values) -> tuple[str, list[str], np.ndarray]:
    array = double(real(values, str(name)))
    array = array[:, np.newaxis] if array.ndim == 1 else array
    if array.ndim != 2:
        raise InputError(f"{name}: found an array of shape {array.shape}, expected (samples, columns)")
    require_moderate(array, str(name))
    columns = getattr(values, "columns", None)
    names = [f"{name}_{place}" for place in range(array.shape[1])] if columns is None else [str(c) for c in columns]
    return str(name), names, array
