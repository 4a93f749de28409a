"""What callers give beside arrays: numbers, counts, lists, times; and whether there is room for what comes out."""

from __future__ import annotations

import math
import numbers
import reprlib
from collections.abc import Sequence

import numpy as np

from . import InputError

# Nobody needs more; a number that was meant for another argument would take the memory of the machine.
MOST_PENALTIES = 1_000
MOST_MIXTURES = 10_000
MOST_REFINEMENTS = 10
MOST_DIVISIONS = 100_000
MOST_DRAWS = 1_000_000
MOST_PERMUTATIONS = 10_000_000


def number(value, name: str, *, what: str = "a finite number") -> float:
    """A finite real number; text, truth values and arrays are none."""
    if isinstance(value, np.ndarray) and value.ndim == 0:
        value = value[()]
    if isinstance(value, (bool, np.bool_)) or not isinstance(value, numbers.Real) or not math.isfinite(value):
        raise InputError(f"{name}: found {reprlib.repr(value)}, expected {what}")
    return float(value)


def seconds(value, name: str) -> float:
    """A time in seconds, as a number."""
    return number(value, name, what="a number of seconds")


def count(value, name: str, *, least: int = 0, most: int = 2**63 - 1) -> int:
    """A whole number between two ends."""
    try:
        whole = int(value)
    except (TypeError, ValueError, OverflowError) as error:
        raise InputError(f"{name}: found {reprlib.repr(value)}, expected a whole number") from error
    if isinstance(value, (bool, str, bytes)) or whole != value or whole < least:
        raise InputError(f"{name}: found {reprlib.repr(value)}, expected a whole number, {least} or more")
    if whole > most:
        raise InputError(f"{name}: found {reprlib.repr(value)}, expected at most {most:,}")
    return whole


def items(values, name: str, what: str) -> list:
    """The members of a list, tuple, array or anything else that is gone through; text is none."""
    if isinstance(values, (str, bytes)):
        raise InputError(f"{name}: found {reprlib.repr(values)}, expected {what}")
    try:
        return list(values)
    except TypeError as error:
        raise InputError(f"{name}: found {reprlib.repr(values)}, expected {what}") from error


def listed(values, name: str, what: str = "numbers") -> list[float]:
    """Finite numbers in a list; one number is a list of one."""
    given = [values] if np.ndim(values) == 0 and not isinstance(values, (str, bytes)) else values
    return [number(value, name, what=what) for value in items(given, name, what)]


def lengths(runs, name: str = "runs") -> list[int]:
    """Samples of each run."""
    return [count(run, name, least=1) for run in items(runs, name, "a list with the samples of each run")]


def one_of(value, name: str, known: Sequence[str]) -> str:
    """One of some words."""
    if value not in known:
        raise InputError(f"{name}: found {reprlib.repr(value)}, expected {', '.join(map(repr, known[:-1]))} or {known[-1]!r}")
    return value


def room(n_bytes: int, what: str) -> None:
    """Asks for memory and gives it back: the engine ends the process where it gets none."""
    try:
        np.empty(n_bytes, dtype=np.uint8)
    except (MemoryError, ValueError):
        raise MemoryError(f"{what} take {n_bytes / 2**30:,.1f} GiB, which this machine does not give: ask for less at a time") from None
