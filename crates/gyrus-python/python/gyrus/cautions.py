"""What the engine warns of, as warnings of the line that called gyrus."""

from __future__ import annotations

import os
import sys
import warnings
from collections.abc import Iterable
from types import FrameType

from . import GyrusWarning

_FOLDER = os.path.dirname(__file__) + os.sep


def warn(sentences: Iterable[str]) -> None:
    """Warns of each at the nearest line outside of this package."""
    level = 2
    frame: FrameType | None = sys._getframe(1)
    while frame is not None and frame.f_code.co_filename.startswith(_FOLDER):
        level, frame = level + 1, frame.f_back
    for sentence in sentences:
        warnings.warn(sentence, GyrusWarning, stacklevel=level)
