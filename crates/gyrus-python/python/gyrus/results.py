"""What a study wrote: tables, arrays with named axes, maps, and the answer."""

from __future__ import annotations

import base64
import html
import importlib
import json
import os
import pathlib
from functools import cached_property
from typing import TYPE_CHECKING, Any

from . import InputError, _engine

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

__all__ = ["Results", "open"]

AXES = ("language_model", "participant", "layer", "target")
LIBRARIES = ("pandas", "polars", "arrow")


def open(path: str | os.PathLike[str]) -> Results:
    """The results in the output folder of a study.

    Parameters
    ----------
    path : path
        The folder that ``gyrus analyze -o`` or :meth:`gyrus.Study.analyze` wrote.

    Returns
    -------
    Results
        Files are read when they are asked for.

    Raises
    ------
    InputError
        The folder holds no results.
    """
    return Results(path)


class Results:
    """The output folder of a study, read when it is asked for.

    In a notebook it shows the answer, the profile over layers, and the warnings. Whatever cannot be read is an
    :class:`gyrus.InputError` that names the file.
    """

    def __init__(self, path: str | os.PathLike[str]) -> None:
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
    def data(self) -> dict[str, Any]:
        """Everything that the report is made from, as nested dictionaries."""
        try:
            found = json.loads(self._results.read_text(encoding="utf-8"))
            missing = [name for name in ("study", "answer", "warnings") if name not in found]
            if missing:
                raise ValueError(f"it has no {missing[0]}")
        except (OSError, ValueError, TypeError) as error:
            raise InputError(
                f"{self._results}: found nothing that can be read ({error}), expected the results of a study; "
                "analyze the study again"
            ) from error
        return found

    @property
    def answer(self) -> str:
        """The answer in one sentence."""
        return str(self.data["answer"])

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

    def table(self, name: str, *, library: str = "pandas") -> Any:
        """A table.

        Parameters
        ----------
        name : str
            One of :attr:`tables`.
        library : {"pandas", "polars", "arrow"}
            What it is a table of.

        Returns
        -------
        pandas.DataFrame, polars.DataFrame or pyarrow.Table
            "n/a" is missing.

        Raises
        ------
        InputError
            There is no such table or library.
        ImportError
            The library is not installed.
        """
        path = self.path / "tables" / f"{name}.tsv"
        if name not in self.tables:
            raise InputError(f"found no table {name!r} in {path.parent}, expected one of {', '.join(self.tables)}")
        return read_table(path, library)

    def scores(self, *, library: str = "pandas") -> Any:
        """One row per participant, language model, copy, layer and target: docs/reference/scores.md.

        Parameters
        ----------
        library : {"pandas", "polars", "arrow"}
            What it is a table of.

        Returns
        -------
        pandas.DataFrame, polars.DataFrame or pyarrow.Table
            A number that does not exist is missing.

        Raises
        ------
        InputError
            There is no such library, or the file is not there.
        ImportError
            The library is not installed.
        """
        module = _library(library)
        path = self.path / "tables" / "scores.parquet"
        if not path.is_file():
            raise InputError(f"{path}: found no such file, expected the scores of a study; analyze the study again")
        if library == "polars":
            return module.read_parquet(path)
        table = _require("pyarrow.parquet", "pyarrow").read_table(path)
        return table.to_pandas() if library == "pandas" else table

    def array(self, quantity: str = "score", *, library: str = "xarray") -> Any:
        """A column of the scores of trained language models.

        Parameters
        ----------
        quantity : str
            A column of numbers: docs/reference/scores.md.
        library : {"xarray", "numpy"}
            With named axes and their labels, or the values alone.

        Returns
        -------
        xarray.DataArray or ndarray of float64
            (language_model, participant, layer, target); NaN where there is none.

        Raises
        ------
        InputError
            There is no such column or library.
        ImportError
            pyarrow or xarray is not installed.
        """
        if library not in ("xarray", "numpy"):
            raise InputError(f"library: found {library!r}, expected 'xarray' or 'numpy'")
        values, labels = _arranged(self.scores(library="arrow"), quantity)
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

    def map(self, name: str) -> Any:
        """A map.

        Parameters
        ----------
        name : str
            One of :attr:`maps`.

        Returns
        -------
        nibabel.Nifti1Image, nibabel.GiftiImage or nibabel.Cifti2Image
            What the file is: volumes, one hemisphere, or both.

        Raises
        ------
        InputError
            There is no such map.
        ImportError
            nibabel is not installed.
        """
        files = self._map_files()
        if name not in files:
            known = ", ".join(self.maps[:8]) or "none: its targets are neither voxels nor vertices"
            raise InputError(f"found no map {name!r} in {self.path / 'maps'}, expected one of its maps ({known})")
        return _require("nibabel", "nibabel").load(files[name])

    def rewrite_report(self) -> pathlib.Path:
        """Writes tables and report again, as ``gyrus report`` does; computes no statistics.

        Returns
        -------
        pathlib.Path
            The page.

        Raises
        ------
        InputError
            The results cannot be read.
        """
        _engine.rewrite_report(os.fspath(self.path))
        return self.report

    def __repr__(self) -> str:
        return f"<gyrus.Results of {self.data['study']!r} in {str(self.path)!r}: {self.answer}>"

    def _repr_html_(self) -> str:
        items = "".join(f"<li>{html.escape(sentence)}</li>" for sentence in self.warnings)
        warnings = f"<details><summary>{len(self.warnings)} warnings</summary><ul>{items}</ul></details>" if items else ""
        return (
            f"<div><p><strong>{html.escape(str(self.data['study']))}</strong>: {html.escape(self.answer)}</p>"
            f"{self._profile()}{warnings}<p>The whole report: <code>{html.escape(str(self.report))}</code></p></div>"
        )

    def _profile(self) -> str:
        """The layer profile as an image: the style of a drawing inside a page would be the style of the page, too."""
        figure = self.path / "report" / "answer.svg"
        if not figure.is_file():
            return ""
        drawing = base64.b64encode(figure.read_bytes()).decode()
        look = "background:#fff;max-width:100%;padding:4px"
        return f'<img alt="{html.escape(self.answer)}" style="{look}" src="data:image/svg+xml;base64,{drawing}">'


def read_table(source: Any, library: str) -> Any:
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


def _library(name: str) -> Any:
    if name not in LIBRARIES:
        raise InputError(f"library: found {name!r}, expected one of {', '.join(LIBRARIES)}")
    return _require("pyarrow" if name == "arrow" else name, "pyarrow" if name == "arrow" else name)


def _require(module: str, package: str) -> Any:
    try:
        return importlib.import_module(module)
    except ImportError as error:
        raise ImportError(
            f"this needs {package}, which cannot be loaded ({error}): `pip install {package}`, or gyrus with [results]"
        ) from error


def _arranged(table: Any, quantity: str) -> tuple[NDArray[np.float64], list[list[Any]]]:
    """Values of trained language models by their four labels, and the labels in the order of the table, layers ascending."""
    import numpy as np

    compute, arrow = _require("pyarrow.compute", "pyarrow"), _require("pyarrow", "pyarrow")
    is_number = lambda field: arrow.types.is_floating(field.type) or arrow.types.is_integer(field.type)  # noqa: E731
    numbers = [field.name for field in table.schema if is_number(field) and field.name not in (*AXES, "seed")]
    if quantity not in numbers:
        raise InputError(f"quantity: found {quantity!r}, expected one of {', '.join(numbers)}")
    is_kept = compute.and_(compute.equal(table["training"], "trained"), compute.greater_equal(table["layer"], 0))
    table = table.filter(is_kept)
    labels, places = [], []
    for axis in AXES:
        coded = table[axis].combine_chunks().dictionary_encode()
        names, codes = coded.dictionary.to_pylist(), coded.indices.to_numpy()
        if axis == "layer":
            order = np.argsort(names)
            names, codes = [names[place] for place in order], np.argsort(order)[codes]
        labels.append(names)
        places.append(codes)
    values = np.full([len(of_axis) for of_axis in labels], np.nan)
    values[tuple(places)] = compute.cast(table[quantity], "float64").to_numpy()
    return values, labels
