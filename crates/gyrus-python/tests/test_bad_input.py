"""Whatever is brought: a correct result or an exception that says what was found. Nothing ends the interpreter."""

import os
import signal
import subprocess
import sys
import textwrap
import threading

import numpy as np
import pytest
import scipy.sparse
from conftest import make

import gyrus
from gyrus import BandedRidgeCV, RidgeCV

ALPHAS = np.logspace(-1, 4, 6)
X, Y, _ = make(240, 5, 3)


def with_value(array, value):
    changed = array.copy()
    changed[2, 1] = value
    return changed


WRONG = {
    "fewer samples in y": (X, Y[:50]),
    "three axes": (X[None], Y),
    "three axes of y": (X, Y[None]),
    "no axis": (np.float32(1), Y),
    "one axis of X": (X[:, 0], Y),
    "NaN in X": (with_value(X, np.nan), Y),
    "infinity in X": (with_value(X, np.inf), Y),
    "NaN in y": (X, with_value(Y, np.nan)),
    "infinity in y": (X, with_value(Y, -np.inf)),
    "too large for single precision": (with_value(X.astype(float), 1e300), Y),
    "text": (np.full(X.shape, "a"), Y),
    "text in y": (X, np.full(Y.shape, "a")),
    "objects": (np.full(X.shape, object()), Y),
    "objects in y": (X, np.full(Y.shape, {})),
    "complex": (X * 1j, Y),
    "complex y": (X, Y * 1j),
    "dates": (np.full(X.shape, np.datetime64("2020-01-01")), Y),
    "no samples": (X[:0], Y[:0]),
    "one sample": (X[:1], Y[:1]),
    "no columns": (X[:, :0], Y),
    "no targets": (X, Y[:, :0]),
    "sparse X": (scipy.sparse.csr_matrix(X), Y),
    "sparse y": (X, scipy.sparse.csr_array(Y)),
    "None": (None, Y),
    "None for y": (X, None),
    "ragged lists": ([[1, 2], [3]], [1, 2]),
    "a dictionary": ({"a": 1}, Y),
    "a number": (3, 4),
}


@pytest.mark.parametrize("estimator", [RidgeCV, BandedRidgeCV])
@pytest.mark.parametrize("case", WRONG)
@pytest.mark.filterwarnings("ignore")
def test_a_wrong_array_is_an_exception(estimator, case):
    features, responses = WRONG[case]
    with pytest.raises((ValueError, TypeError)) as raised:
        estimator(alphas=ALPHAS).fit(features, responses)
    assert str(raised.value)


@pytest.mark.parametrize("case", WRONG)
@pytest.mark.filterwarnings("ignore")
def test_functions_refuse_the_same(case):
    # Targets without a number have a reason there, and one column may have one axis: no error.
    if case in ("NaN in y", "infinity in y", "one axis of X"):
        found = gyrus.score(*WRONG[case], blocks=3)
        assert case == "one axis of X" or found.reasons == [None, "non_finite", None]
        return
    with pytest.raises((ValueError, TypeError)) as raised:
        gyrus.score(*WRONG[case], blocks=3)
    assert str(raised.value)


def test_an_error_says_where_it_is():
    with pytest.raises(gyrus.InputError, match="row 2, column 1 is NaN or infinite"):
        gyrus.score(with_value(X, np.nan), Y, blocks=3)
    with pytest.raises(gyrus.InputError, match="found a penalty of -1, expected positive"):
        RidgeCV([-1]).fit(X, Y)
    assert issubclass(gyrus.InputError, ValueError) and issubclass(gyrus.InternalError, RuntimeError)
    assert issubclass(gyrus.InputError, gyrus.GyrusError)


@pytest.mark.parametrize(
    "options",
    [
        dict(alphas=[]),
        dict(alphas=[0.0]),
        dict(alphas=[np.nan]),
        dict(alphas="many"),
        dict(alphas=None),
        dict(cv=1),
        dict(cv=0),
        dict(cv=241),
        dict(cv="five"),
        dict(cv=None),
        dict(cv=[]),
        dict(cv=[([], [0])]),
        dict(cv=[([0, 1, 2], [])]),
        dict(cv=[([0, 1, 2], [2, 3])]),
        dict(cv=[([0, 1], [240])]),
        dict(cv=[([0.5, 1], [3])]),
        dict(cv=[3, 4]),
        dict(gap=-1),
        dict(gap=240),
        dict(gap="long"),
        dict(at_edge="stay"),
        dict(n_jobs=0),
    ],
    ids=str,
)
def test_a_wrong_option_is_an_exception(options):
    with pytest.raises((ValueError, TypeError)) as raised:
        RidgeCV(**{"alphas": ALPHAS, **options}).fit(X, Y)
    assert str(raised.value)


def test_what_holds_numbers_is_read():
    expected = RidgeCV(ALPHAS).fit(X, Y)
    torch_like = type("OnlyDlpack", (), {
        "__init__": lambda self, array: setattr(self, "array", array),
        "__dlpack__": lambda self, **options: self.array.__dlpack__(**options),
        "__dlpack_device__": lambda self: self.array.__dlpack_device__(),
    })
    array_like = type("OnlyArray", (), {
        "__init__": lambda self, array: setattr(self, "array", array),
        "__array__": lambda self, dtype=None, copy=None: np.asarray(self.array, dtype=dtype),
    })
    for kind in (torch_like, array_like, np.asfortranarray, lambda array: array.tolist(), lambda array: array.astype(object)):
        found = RidgeCV(ALPHAS).fit(kind(X), kind(Y))
        np.testing.assert_allclose(found.predict(X), expected.predict(X), atol=1e-5)
    whole = RidgeCV(ALPHAS).fit((X * 10).astype(int), Y > 0)
    assert np.isfinite(whole.coef_).all()
    frozen = [array.copy() for array in (X, Y)]
    for array in frozen:
        array.flags.writeable = False
    np.testing.assert_array_equal(RidgeCV(ALPHAS).fit(*frozen).coef_, expected.coef_)
    bytes_ = np.zeros(Y.nbytes + 1, dtype=np.uint8)
    unaligned = bytes_[1:].view(np.float32).reshape(Y.shape)
    unaligned[:] = Y
    assert not unaligned.flags.aligned
    np.testing.assert_array_equal(RidgeCV(ALPHAS).fit(X, unaligned).coef_, expected.coef_)


def test_masked_values_are_refused():
    with pytest.raises(gyrus.InputError, match="masked"):
        gyrus.score(np.ma.masked_array(X, X > 1), Y, blocks=3)


def test_a_constant_target_is_predicted_as_its_constant():
    responses = Y.copy()
    responses[:, 1] = 5
    found = RidgeCV(ALPHAS).fit(X, responses)
    np.testing.assert_allclose(found.predict(X)[:, 1], 5)
    assert np.isnan(found.cv_scores_[1])
    features = X.copy()
    features[:, 2] = 7
    assert not RidgeCV(ALPHAS, scale=True).fit(features, Y).coef_[2].any()


def test_a_model_predicts_only_what_it_was_fitted_to():
    fitted = RidgeCV(ALPHAS).fit(X, Y)
    with pytest.raises(ValueError, match="4 features"):
        fitted.predict(X[:, :4])
    with pytest.raises(ValueError, match="NaN"):
        fitted.predict(with_value(X, np.nan))
    with pytest.raises(Exception, match="not fitted"):
        RidgeCV().predict(X)
    assert not hasattr(RidgeCV(), "coef_")


def test_a_damaged_pickle_is_an_exception():
    _, (chosen, parts, columns) = RidgeCV(ALPHAS).fit(X, Y)._model.__reduce__()
    restore = gyrus._engine.Model._restored
    restore(chosen, parts, columns)
    far = [(part[0] + np.uint64(99), *part[1:]) for part in parts]
    short = [(*part[:1], part[1][:-1], *part[2:]) for part in parts]
    for damaged in [(chosen, far, columns), (chosen, short, columns), (chosen, parts, columns[:-1]), (chosen, parts, [9] * 5)]:
        with pytest.raises(gyrus.InputError, match="pickled"):
            restore(*damaged)


def test_threads_may_call_at_once():
    expected = RidgeCV(ALPHAS).fit(X, Y).coef_
    found, errors = [], []

    def work():
        try:
            found.append(RidgeCV(ALPHAS, n_jobs=2).fit(X, Y).coef_)
            with pytest.raises(gyrus.InputError):
                gyrus.score(with_value(X, np.nan), Y, blocks=3)
        except BaseException as error:  # noqa: BLE001  handed to the test
            errors.append(error)

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not errors and len(found) == 8
    for coefficients in found:
        np.testing.assert_array_equal(coefficients, expected)


def test_a_fork_after_work_can_work():
    code = """
        import os, numpy as np
        from gyrus import RidgeCV
        random = np.random.default_rng(0)
        x, y = random.standard_normal((60, 5)), random.standard_normal((60, 3))
        expected = RidgeCV([1.0, 10.0], n_jobs=2).fit(x, y).coef_
        child = os.fork()
        if child == 0:
            same = (RidgeCV([1.0, 10.0], n_jobs=2).fit(x, y).coef_ == expected).all()
            os._exit(0 if same else 3)
        print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
    """
    ran = python(code)
    assert ran.returncode == 0 and ran.stdout.strip() == "0", ran.stderr


def python(code, **options):
    command = [sys.executable, "-W", "ignore", "-c", textwrap.dedent(code)]
    return subprocess.run(command, capture_output=True, text=True, timeout=120, **options)


@pytest.mark.parametrize(
    "work",
    [
        "RidgeCV(np.logspace(-1, 8, 10)).fit(x, y)",
        "gyrus.score(x, y, blocks=5, surrogates=10**6)",
        "gyrus.layer_profile(x[:100, :200], draws=10**6)",
    ],
)
def test_an_interrupt_ends_a_long_fit(work):
    code = f"""
        import os, signal, threading, time
        import numpy as np, gyrus
        from gyrus import RidgeCV
        random = np.random.default_rng(0)
        x = random.standard_normal((1500, 4000)).astype(np.float32)
        y = random.standard_normal((1500, 2000)).astype(np.float32)
        RidgeCV().fit(x[:20, :3], y[:20, :2])
        print("started", flush=True)
        start = time.monotonic()
        try:
            {work}
            print("finished")
        except KeyboardInterrupt:
            print("interrupted", time.monotonic() - start)
        print(np.isfinite(RidgeCV().fit(x[:20, :3], y[:20, :2]).coef_).all())
    """
    command = [sys.executable, "-W", "ignore", "-c", textwrap.dedent(code)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as running:
        assert running.stdout.readline().strip() == "started"
        threading.Timer(1.0, os.kill, (running.pid, signal.SIGINT)).start()
        out, _ = running.communicate(timeout=100)
    assert running.returncode == 0
    said, after = out.strip().splitlines()
    assert said.startswith("interrupted") and after == "True", out


def test_what_a_progress_object_raises_is_raised(small_study, tmp_path):
    class Refusing:
        def begin(self, stage):
            raise LookupError("enough")

    with pytest.raises(LookupError, match="enough"):
        gyrus.Study.from_toml(small_study).analyze(tmp_path / "out", progress=Refusing())

