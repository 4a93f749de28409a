"""Functions with wrong arrays and wrong numbers: an exception that names the argument; memory that is not there is said, not taken."""

import subprocess
import sys
import textwrap

import numpy as np
import pytest
import scipy.sparse
from conftest import make

import gyrus
from gyrus import BandedRidgeCV, Delayer, Lanczos, RidgeCV

X, Y, _ = make(240, 5, 3)
TIMES = np.arange(240.0)

# The argument that is wrong, and the call.
TAKE_ARRAYS = {
    "align": ("vectors", lambda wrong: gyrus.align(wrong, TIMES, n_samples=9, repetition_time=2.0)),
    "align, onsets": ("onsets", lambda wrong: gyrus.align(X, wrong, n_samples=9, repetition_time=2.0)),
    "align, offsets": ("offsets", lambda wrong: gyrus.align(X, TIMES, offsets=wrong, n_samples=9, repetition_time=2.0)),
    "denoise": ("responses", lambda wrong: gyrus.denoise(wrong, high_pass=None)),
    "denoise, confounds": ("motion", lambda wrong: gyrus.denoise(Y, high_pass=None, confounds={"motion": wrong})),
    "score": ("features", lambda wrong: gyrus.score(wrong, Y, blocks=3)),
    "score, responses": ("responses", lambda wrong: gyrus.score(X, wrong, blocks=3)),
    "surrogate_test": ("responses", lambda wrong: gyrus.surrogate_test(X, wrong, blocks=3, surrogates=3)),
    "partition": ("responses", lambda wrong: gyrus.partition([X[:, :2], X[:, 2:]], wrong, blocks=3)),
    "noise_ceiling": ("responses of participant 1", lambda wrong: gyrus.noise_ceiling([Y, wrong])),
    "noise_ceiling, repeats": ("responses of repeat 0", lambda wrong: gyrus.noise_ceiling([wrong, Y], "signal_power")),
    "group_test": ("scores", gyrus.group_test),
    "layer_profile": ("scores", gyrus.layer_profile),
    "hierarchy_index": ("depth", lambda wrong: gyrus.hierarchy_index(wrong, TIMES)),
    "hierarchy_index, positions": ("positions", lambda wrong: gyrus.hierarchy_index(TIMES, TIMES, positions=wrong)),
    "power": ("hours", lambda wrong: gyrus.power(sd_people=0.1, sd_stimulus=0.1, sd_residual=0.1, hours=wrong)),
    "rsa": ("features", lambda wrong: gyrus.rsa(wrong, [Y])),
    "rsa, responses": ("responses of participant 1", lambda wrong: gyrus.rsa(X, [Y, wrong])),
    "cka": ("x", lambda wrong: gyrus.cka(wrong, Y)),
    "b2b": ("responses", lambda wrong: gyrus.b2b(X, wrong, blocks=6)),
}
WRONG_ARRAYS = {
    "text": np.full((240, 3), "a"),
    "objects": np.full((240, 3), object()),
    "complex": Y * 1j,
    "dates": np.full((240, 3), np.datetime64("2020-01-01")),
    "empty": np.zeros((0, 3)),
    "no columns": np.zeros((240, 0)),
    "four axes": np.zeros((2, 2, 2, 2)),
    "no axis": np.float32(1),
    "sparse": scipy.sparse.csr_matrix(Y),
    "ragged lists": [[1, 2], [3]],
    "masked": np.ma.masked_array(Y, Y > 1),
    "too large": np.full((240, 3), 1e300),
    "something": object(),
}


@pytest.mark.parametrize("call", TAKE_ARRAYS)
@pytest.mark.parametrize("wrong", WRONG_ARRAYS)
@pytest.mark.filterwarnings("ignore")
def test_a_wrong_array_of_a_function_is_an_exception_that_names_it(call, wrong):
    # No regressor in a group takes nothing out.
    if (call, wrong) == ("denoise, confounds", "no columns"):
        assert gyrus.denoise(Y, high_pass=None, confounds={"motion": WRONG_ARRAYS[wrong]}).degrees_of_freedom == 239
        return
    name, function = TAKE_ARRAYS[call]
    with pytest.raises(gyrus.InputError, match=f"{name}|positions of|regressors `motion`"):
        function(WRONG_ARRAYS[wrong])


@pytest.mark.filterwarnings("ignore")
def test_lists_of_lists_are_arrays_for_every_function():
    people = [Y, Y[::-1]]
    pairs = [
        (lambda of: gyrus.align(of(X), of(TIMES), n_samples=9, repetition_time=2.0)),
        (lambda of: gyrus.denoise(of(Y), high_pass=None, confounds=of(X)).values),
        (lambda of: gyrus.score(of(X), of(Y), blocks=3).score),
        (lambda of: gyrus.score([of(X[:, :2]), of(X[:, 2:])], of(Y), blocks=3).score),
        (lambda of: gyrus.noise_ceiling([of(one) for one in people]).ceiling),
        (lambda of: gyrus.group_test(of(X[:12])).p_t),
        (lambda of: gyrus.layer_profile(of(X[:12])).low),
        (lambda of: np.array(gyrus.hierarchy_index(of(X[:, 0]), of(TIMES)).rho)),
        (lambda of: gyrus.rsa(of(X), [of(one) for one in people]).fits),
        (lambda of: np.array(gyrus.cka(of(X), of(Y)).unbiased)),
        (lambda of: gyrus.b2b(of(X), of(Y), blocks=6).effects),
    ]
    given = type("OnlyDlpack", (), {
        "__init__": lambda self, array: setattr(self, "array", array),
        "__dlpack__": lambda self, **options: self.array.__dlpack__(**options),
        "__dlpack_device__": lambda self: self.array.__dlpack_device__(),
    })
    for place, call in enumerate(pairs):
        for of in (np.ndarray.tolist, np.asfortranarray, lambda array: given(array.copy()), lambda array: array.astype(object)):
            np.testing.assert_allclose(call(of), call(np.asarray), rtol=1e-6, atol=1e-6, err_msg=str(place))


MODEL = "no-such-folder"
SIZES = dict(sd_people=0.1, sd_stimulus=0.1, sd_residual=0.1)
WRONG_NUMBERS = {
    "n_samples": lambda: gyrus.align(X, TIMES, n_samples=2.5, repetition_time=2.0),
    "repetition_time": lambda: gyrus.align(X, TIMES, n_samples=9, repetition_time="2 s"),
    "lobes": lambda: gyrus.align(X, TIMES, n_samples=9, repetition_time=2.0, lobes=256),
    "delays": lambda: gyrus.align(X, TIMES, n_samples=9, repetition_time=2.0, delays="2"),
    "method": lambda: gyrus.align(X, TIMES, n_samples=9, repetition_time=2.0, method="mode"),
    "onsets": lambda: gyrus.align(X, TIMES * np.inf, n_samples=9, repetition_time=2.0),
    "high_pass": lambda: gyrus.denoise(Y, repetition_time=2.0, high_pass=np.nan),
    "blocks": lambda: gyrus.score(X, Y, blocks=10**15),
    "shuffled": lambda: gyrus.score(X, Y, shuffled=241),
    "runs": lambda: gyrus.score(X, Y, runs=3),
    "alphas": lambda: gyrus.score(X, Y, blocks=3, alphas=(1, 10, 10**15)),
    "alphas: found 1 values": lambda: gyrus.score(X, Y, blocks=3, alphas=[1]),
    "mixtures": lambda: gyrus.score(X, Y, blocks=3, mixtures=10**15),
    "refinements": lambda: gyrus.score(X, Y, blocks=3, refinements=11),
    "surrogates": lambda: gyrus.surrogate_test(X, Y, blocks=3, surrogates=10**15),
    "surrogates: found 0": lambda: gyrus.surrogate_test(X, Y, blocks=3, surrogates=0),
    "seed": lambda: gyrus.score(X, Y, blocks=3, seed=-1),
    "features: found no band": lambda: gyrus.score({}, Y, blocks=3),
    "draws": lambda: gyrus.noise_ceiling([Y] * 40, "split_half", draws=10**15),
    "averaged": lambda: gyrus.noise_ceiling([Y, Y], "signal_power", averaged=0),
    "folds": lambda: gyrus.noise_ceiling([Y, Y], folds=3),
    "folds: found none": lambda: gyrus.noise_ceiling([Y, Y], folds=[]),
    "one array per participant": lambda: gyrus.noise_ceiling(Y),
    "responses: found None": lambda: gyrus.noise_ceiling(None),
    "permutations": lambda: gyrus.group_test(X, permutations=0),
    "permutations: found 10": lambda: gyrus.group_test(X, permutations=10**15),
    "draws: found 10": lambda: gyrus.group_test(X, draws=10**15),
    "tail": lambda: gyrus.group_test(X, tail="less"),
    "statistic": lambda: gyrus.group_test(X, statistic=None),
    "draws: found 1": lambda: gyrus.layer_profile(X, draws=10**9),
    "floor": lambda: gyrus.layer_profile(X, floor=0),
    "expected .participants, layers": lambda: gyrus.layer_profile(X[0]),
    "scores: the value in row 0, column 0": lambda: gyrus.layer_profile(X * np.nan),
    "permutations: found 1000000": lambda: gyrus.hierarchy_index(TIMES, TIMES, permutations=10**15),
    "right": lambda: gyrus.hierarchy_index(TIMES, TIMES, positions=X[:, :3], right=3),
    "participants": lambda: gyrus.power(**SIZES, participants=[0]),
    "found no hours": lambda: gyrus.power(**SIZES, hours=[]),
    "sd_people": lambda: gyrus.power(**{**SIZES, "sd_people": "a"}),
    "divisions": lambda: gyrus.b2b(X, Y, blocks=60, divisions=10**15),
    "blocks: found 1": lambda: gyrus.b2b(X, Y, blocks=10**15),
    "runs: found -1": lambda: gyrus.b2b(X, Y, runs=[-1, 241]),
    "responses: found 3": lambda: gyrus.rsa(X, 3),
    "layers": lambda: gyrus.extract(["a"], MODEL, layers=[-1]),
    "context": lambda: gyrus.extract(["a"], MODEL, context="long"),
    "untrained": lambda: gyrus.extract(["a"], MODEL, untrained=-1),
    "revision": lambda: gyrus.extract(["a"], MODEL, revision=3),
    "words": lambda: gyrus.extract(None, MODEL),
    "words: found '.ud800'": lambda: gyrus.extract(["\ud800"], MODEL),
    "voxels": lambda: gyrus.simulate("never", voxels=10**15),
    "participants: found 10": lambda: gyrus.simulate("never", participants=10**15),
    "strength": lambda: gyrus.simulate("never", strength=np.nan),
    "studies": lambda: gyrus.compare(3),
    "studies: found none": lambda: gyrus.compare([]),
    "n_mixtures": lambda: BandedRidgeCV([2, 3], n_mixtures=10**15).fit(X, Y),
    "n_refinements": lambda: BandedRidgeCV([2, 3], n_refinements=-1).fit(X, Y),
    "random_state": lambda: BandedRidgeCV([2, 3], random_state=2**70).fit(X, Y),
    "bands": lambda: BandedRidgeCV(3).fit(X, Y),
    "alphas: found 1,000,000": lambda: RidgeCV(np.logspace(-1, 5, 10**6)).fit(X, Y),
    "alphas: found .* extended ones": lambda: RidgeCV([1, 1.0001], at_edge="extend").fit(X, Y),
    "X: found values up to": lambda: RidgeCV().fit(X * 1e20, Y),
    "y: found values up to": lambda: RidgeCV().fit(X, Y * 1e20),
    "groups": lambda: RidgeCV().fit(X, Y, groups=[None, "a"] * 120),
    "runs: found 120.5": lambda: Delayer(runs=[120.5, 119.5]).fit_transform(X),
    "runs: found 'abc'": lambda: Delayer(runs="abc").fit_transform(X),
    "n_samples: found 'a'": lambda: Lanczos(TIMES, n_samples="a", repetition_time=2.0).fit_transform(X),
}


@pytest.mark.parametrize("text", WRONG_NUMBERS)
@pytest.mark.filterwarnings("ignore")
def test_a_wrong_number_is_an_exception_that_names_it(text):
    with pytest.raises(gyrus.InputError, match=text):
        WRONG_NUMBERS[text]()


MANY = 30_000_000
TOO_LARGE = {
    "aligned vectors": lambda: gyrus.align(X, TIMES, n_samples=10**13, repetition_time=2.0),
    "kernels": lambda: gyrus.cka(np.zeros((MANY, 1)), X),
    "pairs of conditions": lambda: gyrus.rsa(np.zeros((MANY, 1)), [Y]),
    "distances between regions": lambda: gyrus.hierarchy_index(np.zeros(MANY), TIMES, positions=X[:, :3]),
    "weights of features": lambda: gyrus.b2b(np.zeros((8, MANY // 4)), np.zeros((8, 1)), blocks=4),
    "patterns of signs": lambda: gyrus.group_test(np.zeros((10**6, 1)), permutations=10**7),
}


@pytest.mark.parametrize("what", TOO_LARGE)
def test_memory_that_is_not_there_is_an_exception(what):
    with pytest.raises(MemoryError, match=f"{what}.* GiB, which this machine does not give"):
        TOO_LARGE[what]()


def test_predictions_and_weights_that_do_not_fit_are_an_exception():
    wide = RidgeCV([1.0], cv=2).fit(np.ones((4, 2), np.float32), np.ones((4, 200_000), np.float32))
    with pytest.raises(MemoryError, match="predictions"):
        wide.predict(np.zeros((1, 2), np.float32).repeat(2_000_000, axis=0))
    deep = RidgeCV([1.0], cv=2).fit(np.ones((4, 2_000_000), np.float32), np.ones((4, 200_000), np.float32))
    with pytest.raises(MemoryError, match="weights"):
        deep.coef_  # noqa: B018  it is computed when it is asked for
    with pytest.raises(MemoryError, match="delayed features"):
        Delayer(range(10**6)).fit_transform(np.zeros((1_000_000, 1), np.float32))


WORKS = """
    import os, sys, threading, warnings
    import gyrus
    before = os.fork() if "early" in sys.argv else None
    import numpy as np
    from gyrus import BandedRidgeCV, RidgeCV
    warnings.simplefilter("ignore")
    random = np.random.default_rng(0)
    x, y = random.standard_normal((240, 5)), random.standard_normal((240, 3))
    times, places = np.arange(240.0), random.standard_normal((30, 3))
    works = [
        lambda: gyrus.align(x, times, n_samples=9, repetition_time=2.0),
        lambda: gyrus.denoise(y, repetition_time=2.0).values,
        lambda: gyrus.surrogate_test(x, y, blocks=3, surrogates=9).p,
        lambda: gyrus.noise_ceiling([y, y[::-1], x[:, :3]]).ceiling,
        lambda: gyrus.noise_ceiling([y, y[::-1], x[:, :3]], "signal_power").ceiling,
        lambda: gyrus.group_test(x[:12]).p_sign_flip_corrected,
        lambda: gyrus.layer_profile(x[:12]).low,
        lambda: np.array(gyrus.hierarchy_index(x[:30, 0], times[:30], positions=places, permutations=9).p),
        lambda: gyrus.rsa(x, [y, y[::-1]]).fits,
        lambda: np.array(gyrus.cka(x, y).unbiased),
        lambda: gyrus.b2b(x, y, blocks=6, divisions=5).effects,
        lambda: gyrus.power(sd_people=0.1, sd_stimulus=0.1, sd_residual=0.1, effect=0.1).power,
        lambda: BandedRidgeCV([2, 3]).fit(x, y).coef_,
        lambda: RidgeCV().fit(x, y).predict(x),
    ]
    same = lambda found, expected: all(map(np.array_equal, found, expected, [True] * len(expected)))
    found = lambda: [work() for work in works]
"""


def python(code, *arguments):
    command = [sys.executable, "-W", "ignore", "-c", textwrap.dedent(WORKS) + textwrap.dedent(code), *arguments]
    return subprocess.run(command, capture_output=True, text=True, timeout=120)


def test_forks_right_after_the_import_or_after_work_and_threads_at_once_can_do_everything():
    ran = python(
        """
        expected = found()
        if before == 0:
            os._exit(0 if len(expected) == len(works) else 3)
        print(os.waitstatus_to_exitcode(os.waitpid(before, 0)[1]))
        child = os.fork()
        if child == 0:
            os._exit(0 if same(found(), expected) else 3)
        print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
        right = []
        threads = [threading.Thread(target=lambda: right.append(same(found(), expected))) for _ in range(6)]
        for thread in threads: thread.start()
        for thread in threads: thread.join()
        print(right == [True] * 6)
        """,
        "early",
    )
    assert ran.returncode == 0 and ran.stdout.split() == ["0", "0", "True"], ran.stdout + ran.stderr


def test_an_interpreter_ends_while_another_thread_fits():
    ran = python(
        """
        threading.Thread(target=lambda: gyrus.score(x, y, blocks=3, surrogates=10**6), daemon=True).start()
        threading.Event().wait(0.3)
        print("left", flush=True)
        """
    )
    assert (ran.returncode, ran.stdout.strip()) == (0, "left"), ran.stderr
