"""The package itself: what it offers, its stubs, and what it costs to load."""

import ast
import importlib.metadata
import inspect
import os
import pathlib
import subprocess
import sys
import textwrap

import pytest

import gyrus
from gyrus import _engine

FOLDER = pathlib.Path(gyrus.__file__).parent


def declared(stub):
    """Public names of a stub, with the arguments of functions."""
    found = {}
    for node in ast.parse((FOLDER / stub).read_text()).body:
        if isinstance(node, ast.ImportFrom) and node.level:
            found.update({alias.asname: None for alias in node.names if alias.asname})
        elif isinstance(node, ast.AnnAssign):
            found[node.target.id] = None
        elif isinstance(node, ast.ClassDef):
            made = [part for part in node.body if isinstance(part, ast.FunctionDef) and part.name == "__new__"]
            found[node.name] = [argument.arg for argument in made[0].args.kwonlyargs] if made else None
        elif isinstance(node, ast.FunctionDef):
            found[node.name] = [argument.arg for argument in node.args.args]
    return found


def test_the_stub_names_what_the_package_offers():
    assert set(declared("__init__.pyi")) == set(gyrus.__all__)
    for name in gyrus.__all__:
        assert getattr(gyrus, name) is not None and name in dir(gyrus)
    with pytest.raises(AttributeError, match="no attribute 'RigdeCV'"):
        gyrus.RigdeCV


def test_the_stub_of_the_engine_has_its_functions_and_arguments():
    stub = declared("_engine.pyi")
    assert set(stub) == {name for name in dir(_engine) if name == "__version__" or not name.startswith("_")}
    for name, arguments in stub.items():
        if arguments is not None:
            assert list(inspect.signature(getattr(_engine, name)).parameters) == arguments, name


def test_the_package_is_typed_and_has_its_version():
    assert (FOLDER / "py.typed").is_file()
    assert gyrus.__version__ == _engine.__version__ == importlib.metadata.version("gyrus")


def test_everything_public_is_documented():
    for name in gyrus.__all__:
        value = getattr(gyrus, name)
        if name != "__version__":
            assert inspect.getdoc(value), name
        if inspect.isclass(value) and value.__module__.startswith("gyrus."):
            for part, of in vars(value).items():
                if callable(of) and not part.startswith("_"):
                    assert inspect.getdoc(getattr(value, part)), f"{name}.{part}"


@pytest.mark.skipif(sys.platform != "linux", reason="peak memory is read from /proc")
@pytest.mark.parametrize("order", ["C", "F"])
def test_responses_of_single_precision_are_not_copied(order):
    code = f"""
        import pathlib, re
        import numpy as np
        from gyrus import RidgeCV
        random = np.random.default_rng(0)
        x = random.standard_normal((800, 5), dtype=np.float32)
        y = np.asarray(random.standard_normal((800, 60_000), dtype=np.float32), order={order!r})
        fit = RidgeCV([1.0, 1e6], cv=2, n_jobs=2).fit
        fit(x, y[:, :10])
        held = lambda name: int(re.search(name + r":\\s+(\\d+) kB", pathlib.Path("/proc/self/status").read_text())[1]) * 1024
        pathlib.Path("/proc/self/clear_refs").write_text("5")
        before = held("VmRSS")
        fit(x, y)
        print((held("VmHWM") - before) / y.nbytes)
    """
    # Without a fixed threshold glibc keeps freed blocks for later: what is measured is what is asked for.
    kept = {**os.environ, "MALLOC_TRIM_THRESHOLD_": "131072"}
    command = [sys.executable, "-W", "ignore", "-c", textwrap.dedent(code)]
    ran = subprocess.run(command, capture_output=True, text=True, env=kept)
    assert ran.returncode == 0, ran.stderr
    # A copy alone would be 1; blocks, errors of penalties and coefficients are less than half.
    assert float(ran.stdout) < 0.5


def test_importing_loads_neither_numpy_nor_scikit_learn():
    code = "import sys, gyrus; print(sorted({name.split('.')[0] for name in sys.modules} & {'numpy', 'sklearn', 'pandas'}))"
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ran.stdout.strip() == "[]"
