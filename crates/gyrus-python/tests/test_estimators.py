"""Ridge against a plain solve, scikit-learn and himalaya; scikit-learn's own checks; delays that know runs."""

import pickle

import joblib
import numpy as np
import pytest
from conftest import make
from himalaya.ridge import RidgeCV as HimalayaRidgeCV
from sklearn.base import clone
from sklearn.linear_model import Ridge
from sklearn.model_selection import GroupKFold, KFold, cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.utils.estimator_checks import parametrize_with_checks

import gyrus
from gyrus import BandedRidgeCV, Delayer, Lanczos, RidgeCV

ALPHAS = np.logspace(-1, 4, 6)

# Delays depend on neighbouring samples: that is what they are for. The same checks exclude any transformer of time series.
# Lanczos is not checked: it takes the times of the words, and so fits one number of rows only.
OF_ORDER = "a delayed sample depends on the samples before it"
EXCLUDED = {
    "Delayer": {
        "check_methods_sample_order_invariance": OF_ORDER,
        "check_methods_subset_invariance": OF_ORDER,
    }
}


@parametrize_with_checks(
    [RidgeCV(), BandedRidgeCV(), Delayer()],
    expected_failed_checks=lambda estimator: EXCLUDED.get(type(estimator).__name__, {}),
)
@pytest.mark.filterwarnings("ignore")
def test_estimators_pass_the_checks_of_scikit_learn(estimator, check):
    check(estimator)


def plain(features, responses, alphas, pairs):
    """Penalty per target and weights, by dense solves in double precision."""
    features, responses = features.astype(np.float64), responses.astype(np.float64)

    def weights(rows, alpha):
        x, y = features[rows], responses[rows]
        x0, y0 = x.mean(0), y.mean(0)
        w = np.linalg.solve((x - x0).T @ (x - x0) + alpha * np.eye(x.shape[1]), (x - x0).T @ (y - y0))
        return w, y0 - x0 @ w

    errors = np.zeros((len(alphas), responses.shape[1]))
    for train, test in pairs:
        for place, alpha in enumerate(alphas):
            w, b = weights(train, alpha)
            errors[place] += ((features[test] @ w + b - responses[test]) ** 2).sum(0)
    chosen = np.asarray(alphas)[errors.argmin(0)]
    columns = [weights(slice(None), alpha) for alpha in chosen]
    found = np.stack([w[:, target] for target, (w, _) in enumerate(columns)], axis=1)
    return chosen, found, np.array([b[target] for target, (_, b) in enumerate(columns)])


@pytest.mark.parametrize("shape", [(200, 20, 7), (80, 150, 5), (60, 60, 3)])
def test_penalties_weights_and_predictions_are_those_of_a_plain_solve(shape):
    features, responses, _ = make(*shape)
    pairs = list(KFold(5).split(features))
    alphas, weights, intercept = plain(features, responses, ALPHAS, pairs)
    model = RidgeCV(ALPHAS, cv=pairs).fit(features, responses)
    np.testing.assert_allclose(model.alphas_, alphas)
    np.testing.assert_allclose(model.coef_, weights, atol=2e-5)
    np.testing.assert_allclose(model.intercept_, intercept, atol=2e-5)
    np.testing.assert_allclose(model.predict(features), features @ weights + intercept, atol=5e-4)


@pytest.mark.parametrize("shape", [(200, 20, 7), (80, 150, 5)])
def test_himalaya_finds_the_same(shape):
    features, responses, _ = make(*shape)
    theirs = HimalayaRidgeCV(ALPHAS, fit_intercept=True, cv=KFold(5)).fit(features, responses)
    ours = RidgeCV(ALPHAS, cv=KFold(5)).fit(features, responses)
    np.testing.assert_allclose(ours.alphas_, theirs.best_alphas_, rtol=1e-6)
    np.testing.assert_allclose(ours.coef_, theirs.coef_, atol=2e-5)
    np.testing.assert_allclose(ours.predict(features), theirs.predict(features), atol=5e-4)
    np.testing.assert_allclose(ours.score(features, responses), theirs.score(features, responses), atol=1e-5)


def test_bands_with_shares_are_the_weighted_kernels_of_himalaya(planted):
    from himalaya.kernel_ridge import WeightedKernelRidge

    features, responses, _ = planted
    model = BandedRidgeCV([8, 12], alphas=ALPHAS, n_mixtures=4).fit(features, responses)
    x, y = features - features.mean(0), responses - responses.mean(0)
    kernels = np.stack([x[:, :8] @ x[:, :8].T, x[:, 8:] @ x[:, 8:].T])
    sizes = np.array([8.0, 12.0])
    for target in range(y.shape[1]):
        shares = model.shares_[:, target]
        # Kernels are divided by the columns of their band, and their sum is multiplied by the mean number of columns.
        with np.errstate(divide="ignore"):
            deltas = np.log(shares * (shares @ sizes) / sizes)
        theirs = WeightedKernelRidge(model.alphas_[target], deltas=np.maximum(deltas, -80), kernels="precomputed")
        expected = theirs.fit(kernels, y[:, target]).predict(kernels) + responses[:, target].mean()
        np.testing.assert_allclose(model.predict(features)[:, target], expected, atol=5e-4)
    alone = RidgeCV(ALPHAS).fit(features, responses)
    assert (model.cv_scores_ >= alone.cv_scores_ - 0.1).all()


def test_one_penalty_is_the_ridge_of_scikit_learn(planted):
    features, responses, _ = planted
    ours = RidgeCV([10.0]).fit(features, responses)
    theirs = Ridge(10.0).fit(features.astype(np.float64), responses.astype(np.float64))
    np.testing.assert_allclose(ours.coef_, theirs.coef_.T, atol=2e-5)


def test_scaling_is_that_of_the_training_rows(planted):
    features, responses, _ = planted
    sizes = np.logspace(-3, 3, features.shape[1]).astype(np.float32)
    small = RidgeCV(ALPHAS, scale=True).fit(features * sizes, responses)
    same = RidgeCV(ALPHAS, scale=True).fit(features, responses)
    np.testing.assert_allclose(small.predict(features * sizes), same.predict(features), atol=1e-3)
    np.testing.assert_allclose(small.coef_ * sizes[:, None], same.coef_, atol=1e-4)


def test_pure_bands_are_plain_ridge_and_shares_add_up(planted):
    features, _, _ = planted
    random = np.random.default_rng(1)
    # The first target follows the first band only, the second the second.
    first = features[:, :8] @ random.standard_normal(8)
    second = features[:, 8:] @ random.standard_normal(12)
    noise = 0.5 * random.standard_normal((200, 2))
    responses = np.stack([first, second], axis=1) + noise
    model = BandedRidgeCV([8, 12], alphas=ALPHAS, n_mixtures=0).fit(features, responses)
    np.testing.assert_allclose(model.shares_.sum(0), 1)
    np.testing.assert_allclose(model.shares_, [[1, 0], [0, 1]])
    alone = RidgeCV(ALPHAS).fit(features[:, :8], responses[:, 0])
    np.testing.assert_allclose(model.coef_[:8, 0], alone.coef_, atol=1e-5)
    assert not model.coef_[8:, 0].any()


def test_refined_shares_are_judged_better_by_the_same_folds(planted):
    features, _, _ = planted
    random = np.random.default_rng(3)
    # A weak and a strong band, in shares that neither end nor their mean has.
    signal = features[:, :8] @ random.standard_normal((8, 6)) + 0.3 * features[:, 8:] @ random.standard_normal((12, 6))
    responses = signal + 2 * random.standard_normal(signal.shape)
    alphas = np.logspace(-1, 5, 25)
    coarse, fine = (
        BandedRidgeCV([8, 12], alphas=alphas, n_mixtures=0, n_refinements=rounds).fit(features, responses)
        for rounds in (0, 3)
    )
    assert fine.cv_scores_.mean() > coarse.cv_scores_.mean() + 0.002
    ends = {(0.0, 1.0), (0.5, 0.5), (1.0, 0.0)}
    assert all(tuple(shares) in ends for shares in coarse.shares_.T)
    assert sum(tuple(shares) not in ends for shares in fine.shares_.T) >= 3
    np.testing.assert_allclose(fine.shares_.sum(0), 1)
    same = BandedRidgeCV([8, 12], alphas=alphas, n_mixtures=0, n_refinements=3, n_jobs=None).fit(features, responses)
    np.testing.assert_array_equal(same.shares_, fine.shares_)


def test_bands_are_named_by_widths_slices_or_columns(planted):
    features, responses, _ = planted
    order = np.random.default_rng(2).permutation(20)
    by_width = BandedRidgeCV([8, 12], alphas=ALPHAS).fit(features, responses)
    by_slice = BandedRidgeCV([slice(0, 8), slice(8, None)], alphas=ALPHAS).fit(features, responses)
    inverse = np.argsort(order)
    by_column = BandedRidgeCV([inverse[:8], inverse[8:]], alphas=ALPHAS).fit(features[:, order], responses)
    np.testing.assert_array_equal(by_slice.coef_, by_width.coef_)
    np.testing.assert_allclose(by_column.coef_[inverse], by_width.coef_, atol=1e-6)
    for wrong in ([8, 13], [slice(0, 8)], [[0, 1], [1, 2]], [0, 20], ["a"], []):
        with pytest.raises(gyrus.InputError, match="bands|band|mixture"):
            BandedRidgeCV(wrong).fit(features, responses)


def test_bands_repeat_behind_a_delayer(planted):
    features, responses, _ = planted
    pipeline = make_pipeline(Delayer([1, 2, 3]), BandedRidgeCV([8, 12], n_delays=3, alphas=ALPHAS))
    pipeline.fit(features, responses)
    columns = [[d * 20 + c for d in range(3) for c in range(8)], [d * 20 + c for d in range(3) for c in range(8, 20)]]
    by_column = BandedRidgeCV(columns, alphas=ALPHAS).fit(Delayer([1, 2, 3]).fit_transform(features), responses)
    np.testing.assert_array_equal(pipeline[-1].coef_, by_column.coef_)


def test_random_state_decides_the_shares(planted):
    features, responses, _ = planted
    fit = lambda seed: BandedRidgeCV([5, 5, 10], n_mixtures=8, random_state=seed).fit(features, responses).shares_  # noqa: E731
    np.testing.assert_array_equal(fit(3), fit(3))
    np.testing.assert_array_equal(fit(np.random.RandomState(3)), fit(np.random.RandomState(3)))
    assert (fit(3) != fit(4)).any()


def test_threads_change_no_bit(planted):
    features, responses, _ = planted
    one, two = (RidgeCV(ALPHAS, n_jobs=jobs).fit(features, responses) for jobs in (None, 2))
    np.testing.assert_array_equal(one.predict(features), two.predict(features))
    for jobs in (0, 1.5, "two", 10**6):
        with pytest.raises(gyrus.InputError, match="n_jobs|threads"):
            RidgeCV(n_jobs=jobs).fit(features, responses)


def test_precision_and_order_change_no_bit(planted):
    features, responses, _ = planted
    expected = RidgeCV(ALPHAS).fit(features, responses)
    for order in "CF":
        for kind in (np.float32, np.float64, ">f4"):
            given = [np.array(array, dtype=kind, order=order) for array in (features, responses)]
            found = RidgeCV(ALPHAS).fit(*given)
            np.testing.assert_array_equal(found.coef_, expected.coef_)
            if kind != ">f4":
                assert found.predict(given[0]).dtype == kind
    strided = np.repeat(responses, 2, axis=1)[:, ::2]
    backward = features[::-1], responses[::-1]
    np.testing.assert_array_equal(RidgeCV(ALPHAS).fit(features, strided).coef_, expected.coef_)
    assert np.isfinite(RidgeCV(ALPHAS).fit(*backward).coef_).all()


def test_one_target_has_one_axis(planted):
    features, responses, _ = planted
    one = RidgeCV(ALPHAS).fit(features, responses[:, 0])
    many = RidgeCV(ALPHAS).fit(features, responses)
    assert one.predict(features).shape == (200,) and one.coef_.shape == (20,)
    assert np.ndim(one.score(features, responses[:, 0])) == 0 and np.ndim(one.alphas_) == 0
    assert many.score(features, responses).shape == (7,)
    np.testing.assert_allclose(one.coef_, many.coef_[:, 0], atol=1e-6)


def test_blocks_have_a_gap_and_groups_stay_together(planted):
    from gyrus import folds

    features, responses, _ = planted
    for train, test in folds.blocks(4, 6, 200):
        assert min(abs(np.subtract.outer(train, test)).ravel()) == 7
    groups = np.repeat([3, 1, 2], [60, 80, 60])
    by_group = RidgeCV(ALPHAS).fit(features, responses, groups=groups)
    by_splitter = RidgeCV(ALPHAS, cv=GroupKFold(3)).fit(features, responses, groups=groups)
    np.testing.assert_allclose(by_group.alphas_, by_splitter.alphas_)
    with pytest.raises(gyrus.InputError, match="gap"):
        RidgeCV(cv=KFold(3), gap=2).fit(features, responses)
    with pytest.raises(gyrus.InputError, match="gap: found 2 beside groups"):
        RidgeCV(gap=2).fit(features, responses, groups=groups)
    with pytest.raises(gyrus.InputError, match="gap: found 2 without blocks"):
        gyrus.score(features, responses, runs=[60, 80, 60], gap=2)
    with pytest.raises(gyrus.InputError, match="mask of shape"):
        RidgeCV(cv=[(np.arange(60) < 30, np.arange(60) >= 30)]).fit(features, responses)
    with pytest.raises(gyrus.InputError, match="groups"):
        RidgeCV().fit(features, responses, groups=np.zeros(200))


def test_an_estimator_works_in_the_tools_of_scikit_learn(planted):
    features, responses, _ = planted
    pipeline = make_pipeline(StandardScaler(), Delayer([1, 2]), RidgeCV(ALPHAS))
    pipeline.set_params(ridgecv__cv=3, delayer__delays=[0, 1])
    assert clone(pipeline).get_params()["ridgecv__cv"] == 3
    alone = cross_val_score(pipeline, features, responses[:, 0], cv=KFold(3))
    assert np.isfinite(alone).all()
    # Processes that are forked after work: threads are made for every call.
    with joblib.parallel_backend("multiprocessing"):
        np.testing.assert_array_equal(cross_val_score(pipeline, features, responses[:, 0], cv=KFold(3), n_jobs=2), alone)
    restored = pickle.loads(pickle.dumps(pipeline.fit(features, responses)))
    np.testing.assert_array_equal(restored.predict(features), pipeline.predict(features))
    np.testing.assert_array_equal(restored[-1].coef_, pipeline[-1].coef_)


def test_penalties_at_an_end_are_a_warning_and_can_be_followed(planted):
    features, responses, _ = planted
    noise = np.random.default_rng(5).standard_normal((200, 1)).astype(np.float32)
    with pytest.warns(gyrus.GyrusWarning, match="end of the grid"):
        at_end = RidgeCV([0.1, 1.0]).fit(features, noise)
    followed = RidgeCV([0.1, 1.0], at_edge="extend").fit(features, noise)
    assert followed.alphas_[0] > at_end.alphas_[0] == 1


def test_verbose_says_what_is_fitted(planted, capsys):
    features, responses, _ = planted
    RidgeCV(ALPHAS).fit(features, responses)
    assert capsys.readouterr().out == ""
    RidgeCV(ALPHAS, verbose=True).fit(features, responses)
    assert "[RidgeCV] 200 samples, 20 columns, 7 targets" in capsys.readouterr().out


def test_delays_never_cross_a_run():
    features = np.arange(1.0, 11.0).reshape(-1, 1)
    delayed = Delayer([0, 1, -1], runs=[4, 6]).fit_transform(features)
    np.testing.assert_array_equal(delayed[:, 1], [0, 1, 2, 3, 0, 5, 6, 7, 8, 9])
    np.testing.assert_array_equal(delayed[:, 2], [2, 3, 4, 0, 6, 7, 8, 9, 10, 0])
    by_name = Delayer([0, 1, -1]).fit(features).transform(features, groups=np.repeat(["b", "a"], [4, 6]))
    np.testing.assert_array_equal(by_name, delayed)
    whole = Delayer([1, 2, 30]).fit_transform(np.tile(features, 3))
    assert whole.shape == (10, 9) and not whole[:, 6:].any()
    assert list(Delayer([1]).fit(features).get_feature_names_out()) == ["x0_delay1"]
    for wrong in (dict(delays=[]), dict(delays=[1.5]), dict(runs=[4, 5]), dict(runs=[])):
        with pytest.raises(gyrus.InputError):
            Delayer(**wrong).fit_transform(features)


def test_lanczos_is_a_plain_sum():
    random = np.random.default_rng(0)
    onsets = np.sort(random.uniform(0, 20, 30))
    offsets, vectors = onsets + 0.3, random.standard_normal((30, 4)).astype(np.float32)
    transformer = Lanczos(onsets, offsets=offsets, n_samples=12, repetition_time=2.0, first_sample=-1.0, delays=[0.0, 3.0])
    found = transformer.fit_transform(vectors)

    def window(u):
        return np.where(np.abs(u) < 3, np.sinc(u) * np.sinc(u / 3), 0)

    for place, delay in enumerate((0.0, 3.0)):
        centre = -1.0 + 2.0 * np.arange(12) + 1.0 - delay
        weights = window((centre[:, None] - (onsets + offsets)[None] / 2) / 2.0)
        np.testing.assert_allclose(found[:, place * 4 : place * 4 + 4], weights @ vectors, atol=1e-5)
    assert clone(transformer).get_params()["n_samples"] == 12
    with pytest.raises(gyrus.InputError, match="repetition_time"):
        Lanczos(onsets, n_samples=3).fit_transform(vectors)
