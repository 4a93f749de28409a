"""Studies from Python: the same plan, tasks and bytes as the command."""

from __future__ import annotations

import logging
import os
import pathlib
from dataclasses import dataclass
from typing import Any

from . import _engine
from .arrays import threads
from .cautions import warn
from .progress import shown
from .results import Results
from .results import open as open_results

__all__ = ["Study"]


@dataclass(frozen=True)
class Study:
    """A study file. Nothing is opened before :meth:`check` or :meth:`analyze`."""

    path: pathlib.Path

    @classmethod
    def from_toml(cls, path: str | os.PathLike[str]) -> Study:
        """The study of a file.

        Parameters
        ----------
        path : path
            Its keys are those of docs/reference/study.md; paths in it are seen from its folder.
        """
        return cls(pathlib.Path(os.fspath(path)))

    def check(
        self,
        output: str | os.PathLike[str] | None = None,
        *,
        n_jobs: int | None = -1,
        memory: str | None = None,
        store: str | os.PathLike[str] | None = None,
    ) -> str:
        """Opens everything that the study names, computes nothing, and says what would be done, as ``gyrus check``.

        Parameters
        ----------
        output : path or None
            Where results would be written; what is done already is counted there.
        n_jobs : int or None
            Threads: None is one, -1 all cores.
        memory : str or None
            What tasks may take, such as "4 GiB".
        store : path or None
            Folder of intermediate results; None is ``store`` in ``output``.

        Returns
        -------
        str
            The plan.

        Raises
        ------
        InputError
            The study, or a file that it names, needs attention.

        Warns
        -----
        GyrusWarning
            What to know before believing a number. Notes, which ask for nothing, go to the logger "gyrus".
        """
        summary, sentences, notes = _engine.check(
            os.fspath(self.path), None if output is None else os.fspath(output), _given(n_jobs, memory, store)
        )
        _tell(sentences, notes)
        return summary

    def analyze(
        self,
        output: str | os.PathLike[str],
        *,
        progress: Any = False,
        n_jobs: int | None = -1,
        memory: str | None = None,
        store: str | os.PathLike[str] | None = None,
    ) -> Results:
        """Runs what is not done yet and writes tables and report: the same bytes as ``gyrus analyze``.

        Interrupt it and call it again: it continues from the finished tasks.

        Parameters
        ----------
        output : path
            Folder of the results.
        progress : bool or object
            True shows a bar; an object of one's own has ``begin(stage)``, ``advance(share)`` and ``note(sentence)``.
        n_jobs, memory, store
            As in :meth:`check`. They change no byte.

        Returns
        -------
        Results
            What ``gyrus.open(output)`` gives.

        Raises
        ------
        InputError
            The study, or a file that it names, needs attention.
        InternalError
            A failure of gyrus.
        KeyboardInterrupt
            Ctrl-C; finished tasks are kept.

        Warns
        -----
        GyrusWarning
            What to know before believing a number. Notes, which ask for nothing, go to the logger "gyrus".
        """
        with shown(progress) as bar:
            _, sentences, notes = _engine.analyze(
                os.fspath(self.path), os.fspath(output), _given(n_jobs, memory, store), bar
            )
        _tell(sentences, notes)
        return open_results(output)


def _given(n_jobs, memory, store):
    path = None if store is None else os.fspath(store)
    return threads(n_jobs), None if memory is None else str(memory), path


def _tell(sentences, notes) -> None:
    for sentence in notes:
        logging.getLogger("gyrus").info(sentence)
    warn(sentences)
