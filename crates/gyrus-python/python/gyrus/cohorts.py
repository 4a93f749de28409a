"""Simulated listeners whose truth is known."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import Any

from . import _engine
from .arguments import count, number, seconds
from .arrays import threads
from .progress import shown

__all__ = ["Simulated", "simulate"]


@dataclass(frozen=True, eq=False)
class Simulated:
    """Where a simulated cohort lies."""

    raw: str
    derivatives: str
    """Folder with what fMRIPrep would have written."""
    truth: str
    """Folder with what was planted."""
    volumes: list[int]
    """Of each run."""
    n_voxels: int


def simulate(
    folder: str | os.PathLike[str],
    *,
    participants: int = 4,
    runs: int = 2,
    voxels: int = 2000,
    repetition_time: float = 1.5,
    gradient: str = "planted",
    strength: float = 1.0,
    model: str | os.PathLike[str] | None = None,
    story: str | os.PathLike[str] | None = None,
    seed: int = 1,
    n_jobs: int | None = -1,
    progress: Any = False,
) -> Simulated:
    """Writes a BIDS data set of simulated listeners with fMRIPrep derivatives and a known truth, as ``gyrus simulate`` does.

    What is simulated, and how, is in docs/methods/simulated_volumes.md.

    Parameters
    ----------
    folder : path
        Where the data set is written: an empty folder or none.
    participants, runs : int
        How many listeners, 1 to 999, and runs of each, 1 to 99.
    voxels : int
        In the brain of each, 600 to 2,000,000; about as many become of it.
    repetition_time : float
        Seconds between volumes, 0.4 to 5.
    gradient : {"planted", "reversed", "flat", "absent"}
        How planted depth runs over the areas.
    strength : float
        Of what the language model drives, 1 as in recordings.
    model, story : path or None
        A language model and a table of words; None takes those that come with gyrus.
    seed : int
        Of everything that is drawn.
    n_jobs : int or None
        Threads: None is one, -1 all cores. They change no byte.
    progress : bool or object
        As in :func:`gyrus.extract`.

    Returns
    -------
    Simulated
        Folders, and what is in them.

    Raises
    ------
    InputError
        A number is out of its range, the folder is not empty, or the language model or the story cannot be read.
    """
    path = lambda value: None if value is None else os.fspath(value)  # noqa: E731
    with shown(progress) as bar:
        places, volumes, n_voxels = _engine.simulate(
            os.fspath(folder),
            (count(participants, "participants", most=999), count(runs, "runs"), count(voxels, "voxels")),
            (seconds(repetition_time, "repetition_time"), str(gradient), number(strength, "strength")),
            (path(model), path(story)),
            (count(seed, "seed"), threads(n_jobs)),
            bar,
        )
    raw, derivatives, truth = (str(place) for place in places)
    return Simulated(raw, derivatives, truth, volumes, n_voxels)
