"""How far long work is: a bar in a notebook, on a terminal, or nothing."""

from __future__ import annotations

import sys
from contextlib import contextmanager

WIDTH = 24


class Bar:
    """One line that is written over; in a notebook, one display that is updated."""

    def __init__(self):
        self._stage = ""
        self._share = 0.0
        self._display = _display()

    def begin(self, stage: str) -> None:
        """A stage of the work begins."""
        self._stage, self._share = stage, 0.0
        self._show()

    def advance(self, share: float) -> None:
        """The share of the stage that is done, 0 to 1."""
        self._share = min(max(share, 0.0), 1.0)
        self._show()

    def note(self, sentence: str) -> None:
        """Something to know that changes no number."""
        self._write(f"\rnote: {sentence}\n")

    def close(self) -> None:
        """Ends the line."""
        if self._display is None:
            self._write("\n")

    def _show(self) -> None:
        done = round(WIDTH * self._share)
        line = f"{'█' * done}{'·' * (WIDTH - done)} {100 * self._share:3.0f} % {self._stage}"
        if self._display is None:
            self._write(f"\r{line:79.79}")
        else:
            self._display.update({"text/plain": line}, raw=True)

    def _write(self, text: str) -> None:
        if sys.stderr is not None:
            sys.stderr.write(text)
            sys.stderr.flush()


@contextmanager
def shown(progress):
    """What the engine tells of its progress: False is nothing, True a bar, anything else is asked itself.

    An object of one's own has ``begin(stage)``, ``advance(share)`` and ``note(sentence)``.
    """
    if progress is False or progress is None:
        yield None
    elif progress is True:
        bar = Bar()
        try:
            yield bar
        finally:
            bar.close()
    else:
        yield progress


def _display():
    """A display of the running notebook, or None elsewhere."""
    if "IPython" not in sys.modules:
        return None
    from IPython import get_ipython
    from IPython.display import display

    if get_ipython() is None or "IPKernelApp" not in getattr(get_ipython(), "config", {}):
        return None
    return display({"text/plain": ""}, raw=True, display_id=True)
