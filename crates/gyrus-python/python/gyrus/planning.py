"""How many participants and hours the next study needs."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from . import InputError, _engine
from .arguments import count, items, number, one_of
from .arrays import vector

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import ArrayLike, NDArray

__all__ = ["Power", "power"]


@dataclass(frozen=True, eq=False)
class Power:
    """A plan. The last axis is value, lower and upper end of what the pilot leaves open (NaN from numbers)."""

    source: str
    effect: float | None
    hours: NDArray[np.float64]
    participants: NDArray[np.int64]
    deviations: NDArray[np.float64]
    """(3, 3): between people, between hours of the stimulus, one person in one hour."""
    width_people: NDArray[np.float64]
    """(n_hours, n_participants, 3): whole width of a 95 % interval for other people who hear the same stimulus."""
    width_stimulus: NDArray[np.float64]
    """For the same people with another stimulus."""
    width: NDArray[np.float64]
    """For other people with another stimulus."""
    power: NDArray[np.float64]
    participants_for_effect: NDArray[np.float64]
    """(n_hours, 3); infinite where no number is enough."""
    participants_for_width: NDArray[np.float64]
    floor: NDArray[np.float64]
    """(n_hours, 3): width that no number of participants goes below."""


def power(
    study: str | os.PathLike[str] | None = None,
    *,
    sd_people: float | None = None,
    sd_stimulus: float | None = None,
    sd_residual: float | None = None,
    quantity: str = "score",
    language_model: str | None = None,
    region: str | None = None,
    effect: float | None = None,
    width: float | None = None,
    power: float = 0.8,
    hours: ArrayLike = (0.2, 0.5, 1.0, 2.0),
    participants: Sequence[int] = (5, 10, 20, 30, 50, 100),
) -> Power:
    """How many participants and hours a study needs, as ``gyrus power``.

    The formulas are in docs/methods/power.md.

    Parameters
    ----------
    study : path or None
        Output folder of a pilot study; None takes the three standard deviations of r.
    sd_people, sd_stimulus, sd_residual : float
        Between people, between pieces of the stimulus of one hour, of one person in one hour.
    quantity : {"score", "unique_gain"}
        Of the pilot; ``score`` is less each person's mean over surrogates.
    language_model, region : str or None
        Of the pilot; None is the first, and the mean over regions.
    effect : float or None
        What is to be found; None is the pilot's mean.
    width : float or None
        Wanted whole width of the 95 % interval over people and stimulus.
    power : float
        Wanted probability to find the effect.
    hours : sequence of float
        Of the stimulus, each at least a minute.
    participants : sequence of int
        Numbers of people, each 2 or more.

    Returns
    -------
    Power
        Widths and power over a grid of hours and participants, and how many people are needed.

    Raises
    ------
    InputError
        Neither a pilot nor three standard deviations are given, or a number is out of its range.
    """
    deviations = (sd_people, sd_stimulus, sd_residual)
    if study is None and None in deviations or study is not None and any(one is not None for one in deviations):
        raise InputError(
            f"power: found study={study!r} and standard deviations {deviations}, "
            "expected a study, or sd_people, sd_stimulus and sd_residual"
        )
    asked = vector(hours, "hours", is_finite=True)
    people = np.array([count(one, "participants", least=2) for one in items(participants, "participants", "numbers of people")], np.int64)
    if 0 in (len(asked), len(people)):
        raise InputError("found no hours or no participants, expected at least one of each")
    wanted = lambda value, name: None if value is None else number(value, name)  # noqa: E731
    given = {"sd_people": sd_people, "sd_stimulus": sd_stimulus, "sd_residual": sd_residual}
    between, within, rest = (0.0 if study is not None else number(one, name) for name, one in given.items())
    quantity = one_of(quantity, "quantity", ("score", "unique_gain"))
    found = _engine.power(
        None if study is None else (os.fspath(study), language_model, quantity, region),
        (between, within, rest),
        (wanted(effect, "effect"), wanted(width, "width"), number(power, "power")),
        asked.tolist(),
        people.tolist(),
    )
    shape = (len(asked), len(people), 3)
    for name in ("width_people", "width_stimulus", "width", "power"):
        found[name] = found[name].reshape(shape)
    return Power(hours=asked, participants=people, **found)
