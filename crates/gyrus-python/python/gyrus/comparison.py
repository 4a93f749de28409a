"""Studies side by side: language models, paired differences, scores over properties."""

from __future__ import annotations

import io
import os
from dataclasses import dataclass, field

from . import InputError, _engine
from .results import Results, read_table

__all__ = ["Comparison", "compare"]


@dataclass(frozen=True)
class Comparison:
    """Tables of a comparison, and what the command prints of it."""

    summary: str
    _texts: dict = field(repr=False)

    @property
    def tables(self) -> list[str]:
        """Names of the tables; their columns are those of docs/reference/compare.md."""
        return sorted(self._texts)

    def table(self, name: str, *, library: str = "pandas"):
        """A table; ``library`` is "pandas", "polars" or "arrow"."""
        if name not in self._texts:
            raise InputError(f"found no table {name!r}, expected one of {', '.join(self.tables)}")
        return read_table(io.BytesIO(self._texts[name].encode()), library)


def compare(studies, *, against=None, only_first=False, output=None) -> Comparison:
    """Puts finished studies side by side, as ``gyrus compare``.

    Parameters
    ----------
    studies : output folders of studies, or :class:`Results` of them.
    against : a table of properties with the columns ``study``, ``language_model`` and any others, such as ``parameters``;
        scores are held against each of them.
    only_first : whether to take differences from the first language model of the first study only.
    output : a folder; tables, figures and a page are written there too.

    Differences are paired over people with the same recordings, folds and targets; where studies differ in these, the table
    says so in the column ``reason``. The formulas are in docs/methods/compare.md.
    """
    if isinstance(studies, (str, os.PathLike, Results)):
        studies = [studies]
    folders = [os.fspath(study.path if isinstance(study, Results) else study) for study in studies]
    path = None if against is None else os.fspath(against)
    tables, summary = _engine.compare(folders, bool(only_first), path, None if output is None else os.fspath(output))
    return Comparison(summary, {name.removesuffix(".tsv"): text for name, text in tables})
