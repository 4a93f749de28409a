"""What a study wrote: tables, arrays with named axes, maps, and the answer."""

from __future__ import annotations

import html
import importlib
import json
import os
import pathlib
from functools import cached_property

from . import InputError, _engine

__all__ = ["Results", "open"]

AXES = ("language_model", "participant", "layer", "target")
LIBRARIES = ("pandas", "polars", "arrow")


def open(path) -> Results:
    """The results in the output folder of a study."""
    return Results(path)


class Results:
    """The output folder of a study, read when it is asked for."""

    def __init__(self, path):
        self.path = pathlib.Path(os.fspath(path))
        if not self._results.is_file():
            raise InputError(
                f"{self._results}: found no results of a study, expected the folder that `gyrus analyze -o` wrote; "
                "check the path, or analyze the study first"
            )

    @property
    def _results(self) -> pathlib.Path:
        return self.path / "tables" / "results.json"

    @cached_property
    def data(self) -> dict:
        """Everything that the report is made from, as nested dictionaries."""
        try:
            return json.loads(self._results.read_text(encoding="utf-8"))
        except (OSError, ValueError) as error:
            raise InputError(
                f"{self._results}: found nothing that can be read ({error}), expected the results of a study; "
                "analyze the study again"
            ) from error

    @property
    def answer(self) -> str:
        """The answer in one sentence."""
        return self.data["answer"]

    @property
    def warnings(self) -> list[str]:
        """What to know before believing the numbers."""
        return list(self.data["warnings"])

    @property
    def notes(self) -> list[str]:
        """What readers noticed, and nobody has to act on."""
        return list(self.data.get("notes", ()))

    @property
    def report(self) -> pathlib.Path:
        """The page that people open."""
        return self.path / "report" / "index.html"

    @property
    def tables(self) -> list[str]:
        """Names of the tables beside ``scores``; their columns are those of docs/reference/tables.md."""
        return sorted(path.stem for path in (self.path / "tables").glob("*.tsv"))

    def table(self, name: str, *, library: str = "pandas"):
        """A table; ``library`` is "pandas", "polars" or "arrow"."""
        path = self.path / "tables" / f"{name}.tsv"
        if name not in self.tables:
            raise InputError(f"found no table {name!r} in {path.parent}, expected one of {', '.join(self.tables)}")
        return read_table(path, library)

    def scores(self, *, library: str = "pandas"):
        """One row per participant, language model, copy, layer and target: docs/reference/scores.md."""
        module = _library(library)
        path = self.path / "tables" / "scores.parquet"
        if library == "polars":
            return module.read_parquet(path)
        table = _require("pyarrow.parquet", "pyarrow").read_table(path)
        return table.to_pandas() if library == "pandas" else table

    def array(self, quantity: str = "score", *, library: str = "xarray"):
        """A column of the scores of trained language models: (language_model, participant, layer, target).

        ``library`` is "xarray", with named axes and their labels, or "numpy", the values alone. NaN where there is none.
        """
        import numpy as np

        if library not in ("xarray", "numpy"):
            raise InputError(f"library: found {library!r}, expected 'xarray' or 'numpy'")
        table = self.scores(library="arrow").to_pydict()
        numbers = [name for name, values in table.items() if name not in (*AXES, "seed") and _is_numeric(values)]
        if quantity not in numbers:
            raise InputError(f"quantity: found {quantity!r}, expected one of {', '.join(numbers)}")
        rows = [row for row, training in enumerate(table["training"]) if training == "trained" and table["layer"][row] >= 0]
        labels = [list(dict.fromkeys(table[axis][row] for row in rows)) for axis in AXES]
        labels[2].sort()
        places = [{label: place for place, label in enumerate(labels)} for labels in labels]
        values = np.full([len(of_axis) for of_axis in labels], np.nan)
        for row in rows:
            value = table[quantity][row]
            if value is not None:
                values[tuple(place[table[axis][row]] for axis, place in zip(AXES, places))] = value
        if library == "numpy":
            return values
        xarray = _require("xarray", "xarray")
        return xarray.DataArray(values, dims=AXES, coords=dict(zip(AXES, labels)), name=quantity)

    @property
    def maps(self) -> list[str]:
        """Names of the maps; none where targets are neither voxels nor vertices."""
        return sorted(self._map_files())

    def _map_files(self) -> dict[str, pathlib.Path]:
        """Files of maps by name: images, surfaces and dense files."""
        folder, found = self.path / "maps", {}
        for ending in (".nii.gz", ".func.gii", ".dscalar.nii"):
            for path in folder.rglob(f"*{ending}"):
                found[str(path.relative_to(folder))[: -len(ending)]] = path
        return found

    def map(self, name: str):
        """A map as an image of nibabel."""
        files = self._map_files()
        if name not in files:
            known = ", ".join(self.maps[:8]) or "none: its targets are neither voxels nor vertices"
            raise InputError(f"found no map {name!r} in {self.path / 'maps'}, expected one of its maps ({known})")
        return _require("nibabel", "nibabel").load(files[name])

    def rewrite_report(self) -> pathlib.Path:
        """Writes tables and report again, as ``gyrus report`` does; computes no statistics."""
        _engine.rewrite_report(os.fspath(self.path))
        return self.report

    def __repr__(self) -> str:
        return f"<gyrus.Results of {self.data['study']!r} in {str(self.path)!r}: {self.answer}>"

    def _repr_html_(self) -> str:
        figure = self.path / "report" / "answer.svg"
        drawing = figure.read_text(encoding="utf-8") if figure.is_file() else ""
        drawing = drawing[drawing.find("<svg") :] if "<svg" in drawing else ""
        items = "".join(f"<li>{html.escape(sentence)}</li>" for sentence in self.warnings)
        warnings = f"<details><summary>{len(self.warnings)} warnings</summary><ul>{items}</ul></details>" if items else ""
        return (
            f"<div><p><strong>{html.escape(str(self.data['study']))}</strong>: {html.escape(self.answer)}</p>"
            f"{drawing}{warnings}</div>"
        )


def read_table(source, library: str):
    """A tab-separated table of gyrus, from a path or a file of bytes."""
    module = _library(library)
    if library == "pandas":
        return module.read_csv(source, sep="\t", na_values=["n/a"], keep_default_na=False)
    if library == "polars":
        return module.read_csv(source, separator="\t", null_values=["n/a"], infer_schema_length=None)
    csv = importlib.import_module("pyarrow.csv")
    return csv.read_csv(
        source,
        parse_options=csv.ParseOptions(delimiter="\t"),
        convert_options=csv.ConvertOptions(null_values=["n/a"], strings_can_be_null=True),
    )


def _library(name: str):
    if name not in LIBRARIES:
        raise InputError(f"library: found {name!r}, expected one of {', '.join(LIBRARIES)}")
    return _require("pyarrow" if name == "arrow" else name, "pyarrow" if name == "arrow" else name)


def _require(module: str, package: str):
    try:
        return importlib.import_module(module)
    except ImportError as error:
        raise ImportError(
            f"this needs {package}, which cannot be loaded ({error}): `pip install {package}`, or gyrus with [results]"
        ) from error


def _is_numeric(values) -> bool:
    found = next((value for value in values if value is not None), None)
    return isinstance(found, (int, float)) and not isinstance(found, bool)
