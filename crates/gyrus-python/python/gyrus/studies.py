"""Studies from Python: the same plan, tasks and bytes as the command."""

from __future__ import annotations

import logging
import os
import pathlib
import warnings
from dataclasses import dataclass

from . import GyrusWarning, _engine
from .arrays import threads
from .progress import shown
from .results import Results
from .results import open as open_results

__all__ = ["Study"]


@dataclass(frozen=True)
class Study:
    """A study file. Nothing is opened before :meth:`check` or :meth:`analyze`."""

    path: pathlib.Path

    @classmethod
    def from_toml(cls, path) -> Study:
        """The study of a file; its keys are those of docs/reference/study.md."""
        return cls(pathlib.Path(os.fspath(path)))

    def check(self, output=None, *, n_jobs=-1, memory=None, store=None) -> str:
        """Opens everything that the study names, computes nothing, and says what would be done.

        Warnings are :class:`gyrus.GyrusWarning`; notes, which ask for nothing, go to the logger "gyrus".
        """
        summary, sentences, notes = _engine.check(
            os.fspath(self.path), None if output is None else os.fspath(output), _given(n_jobs, memory, store)
        )
        _warn(sentences, notes)
        return summary

    def analyze(self, output, *, progress=False, n_jobs=-1, memory=None, store=None) -> Results:
        """Runs what is not done yet and writes tables and report into the folder ``output``.

        Interrupt it and call it again: it continues from the finished tasks. ``progress=True`` shows a bar, ``memory`` is
        such as "4 GiB", ``store`` the folder of intermediate results.
        """
        with shown(progress) as bar:
            _, sentences, notes = _engine.analyze(
                os.fspath(self.path), os.fspath(output), _given(n_jobs, memory, store), bar
            )
        _warn(sentences, notes)
        return open_results(output)


def _given(n_jobs, memory, store):
    path = None if store is None else os.fspath(store)
    return threads(n_jobs), None if memory is None else str(memory), path


def _warn(sentences, notes) -> None:
    for sentence in notes:
        logging.getLogger("gyrus").info(sentence)
    for sentence in sentences:
        warnings.warn(sentence, GyrusWarning, stacklevel=3)
