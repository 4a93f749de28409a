"""Every example of the guide, the migration page and the README runs; notebooks run from top to bottom."""

import importlib.util
import re
import subprocess
import sys

import numpy as np
import pytest
from conftest import ROOT

NOTEBOOKS = sorted((ROOT / "docs/notebooks").glob("*.ipynb"))


def blocks(path):
    """Blocks of Python in the order of the page; one that needs a study of the reader's says `notest`."""
    return re.findall(r"^```python\n(.*?)^```", path.read_text(), flags=re.DOTALL | re.MULTILINE)


@pytest.mark.parametrize("page, least", [("docs/python.md", 2), ("docs/python_migration.md", 9), ("README.md", 1)])
@pytest.mark.filterwarnings("ignore")
def test_the_examples_of_a_page_run(page, least):
    found = blocks(ROOT / page)
    assert len(found) >= least
    names = {"__name__": page}
    for place, block in enumerate(found):
        exec(compile(block, f"{page}, block {place + 1}", "exec"), names)


@pytest.mark.skipif(importlib.util.find_spec("pdoc") is None, reason="the pages are the same with every NumPy: they are built once")
def test_the_pages_of_the_package_are_built(tmp_path):
    import gyrus

    command = [sys.executable, "-W", "error::UserWarning", "-m", "pdoc", "-d", "numpy", "-o", tmp_path, "gyrus"]
    ran = subprocess.run(command, capture_output=True, text=True)
    assert ran.returncode == 0 and "warn" not in ran.stderr.lower(), ran.stderr
    page = (tmp_path / "gyrus.html").read_text()
    for name in gyrus.__all__:
        assert f'id="{name}"' in page, name


def test_the_guide_names_what_there_is():
    import gyrus

    guide = (ROOT / "docs/python.md").read_text()
    for name in gyrus.__all__:
        assert name in guide or name in ("GyrusError", "Lanczos", "Results", "__version__"), name


@pytest.mark.skipif(np.__version__.startswith("1."), reason="notebooks show what the other tests check with every NumPy: they are run once")
@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_notebook_runs(path, recordings, tmp_path, monkeypatch):
    import nbclient
    import nbformat

    monkeypatch.setenv("GYRUS_DATA", str(recordings))
    monkeypatch.setenv("GYRUS_REPOSITORY", str(ROOT))
    notebook = nbformat.read(path, as_version=4)
    for cell in notebook.cells:
        assert not cell.get("outputs"), "outputs are not kept: they would be older than the code"
    nbclient.NotebookClient(notebook, timeout=300, resources={"metadata": {"path": str(tmp_path)}}).execute()


def test_there_are_two_notebooks():
    assert [path.stem for path in NOTEBOOKS] == ["alice", "simulated_volumes"]
