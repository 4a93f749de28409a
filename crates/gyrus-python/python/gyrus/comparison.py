"""Studies side by side: language models, paired differences, scores over properties."""

from __future__ import annotations

import io
import os
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from . import InputError, _engine
from .arguments import items
from .results import Results, read_table

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["Comparison", "compare"]


@dataclass(frozen=True)
class Comparison:
    """Tables of a comparison, and what the command prints of it."""

    summary: str
    _texts: dict[str, str] = field(repr=False)

    @property
    def tables(self) -> list[str]:
        """Names of the tables; their columns are those of docs/reference/compare.md."""
        return sorted(self._texts)

    def table(self, name: str, *, library: str = "pandas") -> Any:
        """A table; ``library`` is "pandas", "polars" or "arrow"."""
        if name not in self._texts:
            raise InputError(f"found no table {name!r}, expected one of {', '.join(self.tables)}")
        return read_table(io.BytesIO(self._texts[name].encode()), library)


def compare(
    studies: str | os.PathLike[str] | Results | Sequence[str | os.PathLike[str] | Results],
    *,
    against: str | os.PathLike[str] | None = None,
    only_first: bool = False,
    output: str | os.PathLike[str] | None = None,
) -> Comparison:
    """Puts finished studies side by side, as ``gyrus compare``.

    Differences are paired over people with the same recordings, folds and targets; where studies differ in these, the table
    says so in the column ``reason``. The formulas are in docs/methods/compare.md.

    Parameters
    ----------
    studies : sequence of paths or of :class:`gyrus.Results`
        Output folders of studies.
    against : path or None
        A table of properties with the columns ``study``, ``language_model`` and any others, such as ``parameters``; scores are
        held against each of them.
    only_first : bool
        Whether to take differences from the first language model of the first study only.
    output : path or None
        A folder; tables, figures and a page are written there too.

    Returns
    -------
    Comparison
        Tables, and what the command prints.

    Raises
    ------
    InputError
        A folder holds no study, the table cannot be read, or there is only one language model.
    """
    given = [studies] if isinstance(studies, (str, os.PathLike, Results)) else items(studies, "studies", "output folders of studies")
    if not given:
        raise InputError("studies: found none, expected output folders of studies")
    folders = [os.fspath(study.path if isinstance(study, Results) else study) for study in given]
    path = None if against is None else os.fspath(against)
    tables, summary = _engine.compare(folders, bool(only_first), path, None if output is None else os.fspath(output))
    return Comparison(summary, {name.removesuffix(".tsv"): text for name, text in tables})
