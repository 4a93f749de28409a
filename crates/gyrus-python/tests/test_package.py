"""The package itself: what it offers, its stubs, and what it costs to load."""

import ast
import functools
import importlib.metadata
import inspect
import os
import pathlib
import re
import subprocess
import sys
import textwrap
import types

import numpy as np
import pytest
from conftest import ROOT

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


def public():
    """Names of what is called, with it: functions, and methods of classes with the class itself."""
    for name in gyrus.__all__:
        value = getattr(gyrus, name)
        if inspect.isfunction(value):
            yield name, value
        elif inspect.isclass(value) and value.__module__.startswith("gyrus."):
            yield name, value
            for part in dir(value):
                of = inspect.getattr_static(value, part)
                is_ours = str(getattr(getattr(value, part), "__module__", "")).startswith("gyrus.")
                if not part.startswith("_") and is_ours and isinstance(of, (classmethod, staticmethod, types.FunctionType)):
                    yield f"{name}.{part}", getattr(value, part)


@pytest.mark.parametrize("name, value", list(public()), ids=lambda value: value if isinstance(value, str) else "")
def test_everything_that_is_called_says_what_it_takes_gives_and_raises(name, value):
    text = inspect.getdoc(value)
    assert text, name
    parameters = [one for one in inspect.signature(value).parameters if one not in ("self", "path")]
    # scikit-learn's routing of metadata is documented there.
    if name.split(".")[-1].startswith("set_") or value is gyrus.GyrusWarning:
        return
    for parameter in parameters:
        assert re.search(rf"^\**(\w+, )*{parameter}\b", text, flags=re.MULTILINE), f"{name} does not document {parameter}"
    if inspect.isfunction(value) and name.split(".")[-1] not in ("get_feature_names_out",):
        for part in ("Returns", "Raises"):
            assert f"{part}\n---" in text, f"{name} has no {part}"


def test_attributes_of_results_are_documented():
    for cls in (gyrus.Results, gyrus.RidgeCV, gyrus.BandedRidgeCV, gyrus.Study):
        for part, of in inspect.getmembers(cls, lambda of: isinstance(of, (property, functools.cached_property))):
            assert part.startswith("_") or inspect.getdoc(of), f"{cls.__name__}.{part}"


@pytest.mark.skipif(np.__version__.startswith("1."), reason="types are the same with every NumPy: they are checked once")
def test_types_and_stubs_are_those_of_the_code(tmp_path):
    (tmp_path / "mypy.ini").write_text(f"[mypy]\nignore_missing_imports = True\ncache_dir = {tmp_path}\n")
    # Made by scikit-learn for every estimator, or by PyO3.
    (tmp_path / "allowed").write_text("gyrus\\..*\\.set_\\w+_request\ngyrus\\._engine\\.__all__\n")
    command = [sys.executable, "-m", "mypy.stubtest", "gyrus", "--mypy-config-file", "mypy.ini", "--allowlist", "allowed"]
    ran = subprocess.run(command, capture_output=True, text=True, cwd=tmp_path)
    assert ran.returncode == 0, ran.stdout + ran.stderr


def test_the_example_of_the_readme_needs_what_the_package_depends_on_and_nothing_else():
    (example,) = re.findall(r"^```python\n(.*?)^```", (ROOT / "README.md").read_text(), flags=re.DOTALL | re.MULTILINE)
    # What an environment has beside it must not help: everything but the package's own dependencies is missing.
    refuse = """
        import importlib.metadata, re, sys
        def needs(name, seen):
            for line in importlib.metadata.requires(name) or []:
                other = re.match(r"[\\w.-]+", line)[0].lower()
                if "extra ==" not in line and other not in seen:
                    seen.add(other)
                    needs(other, seen)
            return seen
        allowed = needs("gyrus", {"gyrus"})
        theirs = importlib.metadata.packages_distributions()
        class Missing:
            def find_spec(self, name, path=None, target=None):
                owners = theirs.get(name.split(".")[0])
                if owners and not {owner.lower() for owner in owners} & allowed:
                    raise ModuleNotFoundError(name)
        sys.meta_path.insert(0, Missing())
    """
    ran = subprocess.run([sys.executable, "-c", textwrap.dedent(refuse) + example], capture_output=True, text=True)
    assert ran.returncode == 0 and len(ran.stdout.splitlines()) == 2, ran.stderr


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
