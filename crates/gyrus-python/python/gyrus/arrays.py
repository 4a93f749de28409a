"""Anything that holds numbers, as an array that the engine reads where it lies."""

from __future__ import annotations

import sys

import numpy as np

from . import InputError
from .arguments import items

# Sums of a million squares stay below the largest number of single precision.
LARGEST = 1e15


def exchanged(values):
    """The NumPy array behind ``__dlpack__``, for what has no ``__array__``; everything else as it is."""
    if isinstance(values, np.ndarray) or hasattr(values, "__array__") or not hasattr(values, "__dlpack__"):
        return values
    try:
        return np.from_dlpack(values)
    except (BufferError, RuntimeError, TypeError, ValueError) as error:
        raise InputError(
            f"found an array of {type(values).__module__} that cannot be read here ({error}), "
            "expected one in the memory of the CPU: move it there first"
        ) from error


def readable(values: np.ndarray) -> np.ndarray:
    """The same numbers as float32 or float64, in native bytes and aligned: a copy only where they are not."""
    if values.dtype.type not in (np.float32, np.float64):
        values = values.astype(np.float64)
    if not values.dtype.isnative:
        values = values.astype(values.dtype.newbyteorder("="))
    return values if values.flags.aligned else values.copy()


def matrix(values, name: str, *, is_finite: bool = True, axes: str = "(samples, columns)", is_single: bool = True) -> np.ndarray:
    """Two axes of real numbers; where ``is_single``, one axis counts as a single column."""
    array = real(values, name)
    if array.ndim == 1 and is_single:
        array = array[:, np.newaxis]
    if array.ndim != 2:
        raise InputError(f"{name}: found an array of shape {array.shape}, expected {axes}")
    if 0 in array.shape:
        raise InputError(f"{name}: found an empty array of shape {array.shape}, expected {axes}")
    if is_finite:
        require_finite(array, name)
    require_moderate(array, name)
    return array


def several(values, name: str, each: str, *, is_finite: bool) -> list[np.ndarray]:
    """A matrix per participant or repeat: a list of them, or one array with three axes."""
    if getattr(values, "ndim", 3) < 3:
        raise InputError(f"{name}: found one array of shape {values.shape}, expected one array per {each}: put it into a list")
    found = items(values, name, f"one array per {each}")
    return [matrix(one, f"{name} of {each} {place}", is_finite=is_finite) for place, one in enumerate(found)]


def vector(values, name: str, *, is_finite: bool = False) -> np.ndarray:
    """One axis of real numbers in double precision."""
    array = real(values, name)
    if array.ndim != 1:
        raise InputError(f"{name}: found an array of shape {array.shape}, expected one axis")
    if is_finite and not np.isfinite(array).all():
        place = int(np.flatnonzero(~np.isfinite(array))[0])
        raise InputError(f"{name}: value {place} is NaN or infinite, expected finite numbers")
    return np.ascontiguousarray(array, dtype=np.float64)


def real(values, name: str) -> np.ndarray:
    """An array of real numbers that the engine can read."""
    if type(values).__module__.startswith("scipy.sparse"):
        raise InputError(f"{name}: found a sparse matrix, expected a dense array: use `.toarray()`")
    values = exchanged(values)
    if np.ma.isMaskedArray(values) and np.ma.is_masked(values):
        raise InputError(f"{name}: found masked values, expected a number everywhere: fill them or leave them out")
    try:
        array = np.asarray(values)
        if array.dtype.kind == "O":
            array = array.astype(np.float64)
    except (TypeError, ValueError) as error:
        raise InputError(f"{name}: found no array of numbers ({error}), expected real numbers") from error
    if array.dtype.kind not in "fiub":
        raise InputError(f"{name}: found values of type {array.dtype}, expected real numbers")
    return readable(array)


def require_finite(array: np.ndarray, name: str) -> None:
    """A sum is infinite or NaN wherever a value is: no array of truth values is made unless something is wrong."""
    with np.errstate(over="ignore", invalid="ignore"):
        total = array.sum(dtype=np.float64)
    if np.isfinite(total):
        return
    bad = np.argwhere(~np.isfinite(array))
    if len(bad):
        row, column = (int(index) for index in bad[0])
        raise InputError(
            f"{name}: the value in row {row}, column {column} is NaN or infinite, expected a finite number"
        )


def require_moderate(array: np.ndarray, name: str) -> None:
    """Squares and their sums must be numbers of single precision. NaN and infinity are not looked at here."""
    if 0 in array.shape:
        return
    low, high = np.fmin.reduce(array, axis=None), np.fmax.reduce(array, axis=None)
    largest = max((abs(float(end)) for end in (low, high) if np.isfinite(end)), default=0.0)
    if largest > LARGEST:
        raise InputError(f"{name}: found values up to {largest:.0e}, expected at most {LARGEST:.0e}: use another unit")


def double(array: np.ndarray) -> np.ndarray:
    """The same in double precision and C order."""
    return np.ascontiguousarray(array, dtype=np.float64)


def threads(n_jobs) -> int | None:
    """joblib's way to count: None is 1, -1 every core, -2 every core but one."""
    import os

    if n_jobs is None:
        return 1
    if isinstance(n_jobs, bool) or not isinstance(n_jobs, (int, np.integer)) or n_jobs == 0:
        raise InputError(f"n_jobs: found {n_jobs!r}, expected a whole number that is not 0, or None for one thread")
    n_jobs = int(n_jobs)
    if n_jobs > 0:
        return n_jobs
    cores = len(os.sched_getaffinity(0)) if sys.platform == "linux" else os.cpu_count() or 1
    return max(1, cores + 1 + n_jobs)
