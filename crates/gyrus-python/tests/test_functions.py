"""Functions against plain NumPy, SciPy and the command."""

import itertools
import subprocess

import numpy as np
import pandas
import pytest
import scipy.stats
from conftest import ROOT, make

import gyrus


@pytest.fixture(scope="session")
def program():
    """The command, as cargo builds it."""
    path = ROOT / "target/release/gyrus"
    assert path.is_file(), f"{path} is not there: cargo build --release"
    return path


def test_words_are_summed_where_they_start():
    vectors = np.arange(8, dtype=float).reshape(4, 2)
    found, ones = gyrus.align(
        vectors, [0.0, 0.5, np.nan, 3.9], n_samples=3, repetition_time=2.0, method="sum", delays=[0, 2], return_ones=True
    )
    np.testing.assert_array_equal(found, [[2, 4, 0, 0], [6, 7, 2, 4], [0, 0, 6, 7]])
    np.testing.assert_array_equal(ones, [[2, 0], [1, 2], [0, 1]])


def test_cleaning_is_one_projection():
    random = np.random.default_rng(0)
    responses = random.standard_normal((100, 5)) + 50
    responses[:, 3], responses[0, 4] = 7.0, np.nan
    motion = random.standard_normal((100, 3))
    found = gyrus.denoise(responses, repetition_time=2.0, high_pass=100.0, confounds={"motion": motion, "again": motion[:, :1]})
    t = np.arange(100)
    drift = np.cos(np.pi / 100 * (t[:, None] + 0.5) * np.arange(1, 5))
    design = np.column_stack([np.ones(100), drift, motion])
    left = responses[:, :3] - design @ np.linalg.lstsq(design, responses[:, :3], rcond=None)[0]
    np.testing.assert_allclose(found.values[:, :3], left / left.std(0), atol=1e-5)
    assert found.reasons == [None, None, None, "constant", "non_finite"]
    assert found.degrees_of_freedom == 100 - 8 and found.groups == ["drift", "motion", "again"]
    assert found.dropped == ["again/again_0"] and np.isnan(found.values[:, 3:]).all()
    np.testing.assert_allclose(found.variance_removed.sum(0)[:3], 1 - left.var(0) / responses[:, :3].var(0), atol=1e-5)


def test_confounds_of_fmriprep_are_a_table():
    random = np.random.default_rng(0)
    table = pandas.DataFrame(random.standard_normal((60, 2)), columns=["trans_x", "rot_y"])
    responses = random.standard_normal((60, 2))
    found = gyrus.denoise(responses, high_pass=None, confounds=table)
    same = gyrus.denoise(responses, high_pass=None, confounds=table.to_numpy())
    np.testing.assert_array_equal(found.values, same.values)
    table.loc[0, "rot_y"] = np.nan
    with pytest.raises(gyrus.InputError, match="`rot_y` of `confounds` is NaN or infinite in row 0"):
        gyrus.denoise(responses, high_pass=None, confounds=table)


@pytest.mark.parametrize("bands", [1, 2])
def test_scores_are_those_of_the_command(program, tmp_path, bands):
    features, responses, _ = make(240, 30, 9)
    responses[:, 8] = 4
    given = [features] if bands == 1 else [features[:, :10], features[:, 10:]]
    paths = [tmp_path / f"{place}.npy" for place in range(bands)]
    for path, band in zip(paths, given):
        np.save(path, band)
    np.save(tmp_path / "y.npy", responses)
    command = [program, "score", *paths, "--responses", tmp_path / "y.npy", "--blocks", "4", "--gap", "5"]
    ran = subprocess.run([*command, "--surrogates", "19"], capture_output=True, text=True, check=True)
    rows = [line.split("\t") for line in ran.stdout.splitlines()[1:]]
    found = gyrus.surrogate_test(given if bands > 1 else features, responses, blocks=4, gap=5, surrogates=19)
    number = lambda column: [np.nan if row[column] == "n/a" else float(row[column]) for row in rows]  # noqa: E731
    np.testing.assert_array_equal(found.score, number(1))
    np.testing.assert_array_equal(found.r_squared, number(2))
    np.testing.assert_array_equal(found.p, number(3))
    np.testing.assert_array_equal(found.normal_excess, number(4))
    assert found.reasons == [row[5] or None for row in rows] and found.reasons[8] == "constant"
    assert f"2-versus-2 {found.two_versus_two:.3f}" in ran.stderr


def test_scores_without_surrogates_have_no_p():
    features, responses, _ = make(240, 5, 2)
    found = gyrus.score(features, responses, runs=[80, 80, 80])
    assert found.p is None and found.normal_excess is None and (found.score > 0.3).all()
    with pytest.warns(gyrus.GyrusWarning, match="shuffled folds"):
        gyrus.score(features, responses, shuffled=5)


def test_a_partition_is_of_the_scores_of_every_set_of_bands():
    features, responses, _ = make(240, 6, 3)
    bands = {"a": features[:, :2], "b": features[:, 2:4], "c": features[:, 4:]}
    folds = {"blocks": 4, "gap": 2, "mixtures": 2}
    found = gyrus.partition(bands, responses, surrogates=19, **folds)
    assert found.parts == [("a",), ("b",), ("c",), ("a", "b"), ("a", "c"), ("b", "c"), ("a", "b", "c")]
    for part in ("score", "r_squared"):
        of = lambda names: getattr(gyrus.score({name: bands[name] for name in names}, responses, **folds), part)  # noqa: E731,B023
        whole, divided = of("abc"), getattr(found, part)
        np.testing.assert_allclose(divided.sum(axis=0), whole, atol=1e-12)
        np.testing.assert_allclose(divided[0], whole - of("bc"), atol=1e-12)
        np.testing.assert_allclose(divided[3], of("ac") + of("bc") - of("c") - whole, atol=1e-12)
    assert found.p.shape == (3, 3) and found.p.min() == 1 / 20 and found.reasons == [None] * 3
    assert found._repr_svg_().startswith("<?xml") and "only a" in found.svg
    assert gyrus.partition(list(bands.values())[:2], responses, blocks=4, gap=2).p is None
    with pytest.raises(gyrus.InputError, match="found 1 bands of features, expected two or three"):
        gyrus.partition(features, responses, blocks=4, gap=2)


def test_ceilings_are_plain_correlations():
    random = np.random.default_rng(0)
    shared = random.standard_normal((90, 4))
    people = [shared + random.standard_normal((90, 4)) for _ in range(5)]
    people[4][:, 3] = np.nan
    found, upper = gyrus.noise_ceiling(people), gyrus.noise_ceiling(people, "root_pairwise_isc")
    assert (found.bound, upper.bound, upper.reasons) == ("lower", "upper", [None] * 4)
    r = lambda a, b: np.corrcoef(a, b)[0, 1]  # noqa: E731
    for one in range(5):
        for target in range(4):
            others = [other[:, target] for place, other in enumerate(people) if place != one]
            others = [other for other in others if np.isfinite(other).all()]
            expected = r(people[one][:, target], np.mean(others, axis=0))
            np.testing.assert_allclose(found.ceiling[one, target], expected, atol=1e-6)
    pairs = [r(people[a][:, 0], people[b][:, 0]) for a in range(5) for b in range(a)]
    np.testing.assert_allclose(upper.ceiling[0], np.sqrt(np.mean(pairs)), atol=1e-6)
    with pytest.raises(gyrus.InputError, match="1 participants"):
        gyrus.noise_ceiling(people[:1])
    with pytest.raises(gyrus.InputError, match="participant 1 has"):
        gyrus.noise_ceiling([people[0], people[1][:50]])


def test_halves_and_curves_are_those_of_numpy():
    random = np.random.default_rng(1)
    shared = random.standard_normal((400, 2))
    people = [shared + random.standard_normal((400, 2)) for _ in range(6)]
    found = gyrus.noise_ceiling(people, kind="split_half", folds=[range(200), range(200, 400)])
    halves = []
    for first in itertools.combinations(range(6), 3):
        means = [np.mean([people[one][:, 0] for one in some], axis=0) for some in (first, set(range(6)) - set(first))]
        halves += [np.corrcoef(means[0][rows], means[1][rows])[0, 1] for rows in (slice(200), slice(200, 400))]
    half = np.mean(halves)
    np.testing.assert_allclose(found.details["half"][0], half, atol=1e-6)
    np.testing.assert_allclose(found.ceiling[0], np.sqrt(half / (3 - 2 * half)), atol=1e-6)
    np.testing.assert_allclose(found.details["ceiling_of_mean"][0], np.sqrt(2 * half / (1 + half)), atol=1e-6)
    grown = gyrus.noise_ceiling(people, kind="extrapolated_isc")
    everybody = gyrus.noise_ceiling(people).ceiling.mean(axis=0)
    np.testing.assert_allclose(grown.details["curve"][-1], everybody, atol=1e-6)
    assert (grown.ceiling > everybody).all() and (grown.details["saturation"] < grown.ceiling).all()
    assert gyrus.noise_ceiling(people[:3], kind="extrapolated_isc").reasons == ["too_few", "too_few"]


def test_repeats_have_a_ceiling_and_a_share_of_variance():
    random = np.random.default_rng(2)
    signal = random.standard_normal((300, 3))
    repeats = np.stack([signal + random.standard_normal((300, 3)) for _ in range(3)])
    repeats[1, :, 2] = np.nan
    found = gyrus.noise_ceiling(repeats, kind="signal_power")
    total = repeats[:, :, 0].var(axis=1, ddof=1).mean()
    power = (3 * repeats[:, :, 0].mean(axis=0).var(ddof=1) - total) / 2
    np.testing.assert_allclose(found.details["signal_power"][0], power, rtol=1e-5)
    np.testing.assert_allclose(found.ceiling[0], np.sqrt(power / total), rtol=1e-5)
    assert found.reasons == [None, None, "missing"] and np.isnan(found.ceiling[2])
    of_three = gyrus.noise_ceiling(repeats, kind="signal_to_noise", averaged=3)
    noise = repeats[:, :, 0].var(axis=0, ddof=1).mean()
    signal = repeats[:, :, 0].mean(axis=0).var(ddof=1) - noise / 3
    np.testing.assert_allclose(of_three.ceiling[0], np.sqrt(signal / (signal + noise / 3)), rtol=1e-5)
    with pytest.raises(gyrus.InputError, match="1 repeats"):
        gyrus.noise_ceiling(repeats[:1], kind="signal_power")
    with pytest.raises(gyrus.InputError, match="repeat 1 has 20 samples"):
        gyrus.noise_ceiling([repeats[0], repeats[1][:20]], kind="signal_power", folds=[range(20)])
    with pytest.raises(gyrus.InputError, match="found row 300"):
        gyrus.noise_ceiling(repeats, kind="signal_power", folds=[range(301)])


def test_a_shared_response_is_a_score_of_the_mean_of_the_others():
    random = np.random.default_rng(3)
    shared = random.standard_normal((200, 4))
    people = [shared + random.standard_normal((200, 4)) for _ in range(4)]
    people[3][:, 1] = np.nan
    found = gyrus.noise_ceiling(people, kind="shared_response", blocks=4, gap=2)
    expected = gyrus.score(np.mean([people[0], people[2], np.nan_to_num(people[3])], axis=0) * [1, 1.5, 1, 1], people[1], blocks=4, gap=2)
    np.testing.assert_allclose(found.ceiling[1], expected.score, atol=1e-5)
    assert np.isnan(found.ceiling[3, 1]) and found.reasons == [None] * 4
    with pytest.raises(gyrus.InputError, match="blocks="):
        gyrus.noise_ceiling(people, kind="shared_response", folds=[range(10)])
    with pytest.raises(gyrus.InputError, match="found 'best', expected 'leave_one_out_isc'"):
        gyrus.noise_ceiling(people, kind="best")
    with pytest.raises(gyrus.InputError, match="only kind 'shared_response' takes"):
        gyrus.noise_ceiling(people, blocks=3)


def test_group_tests_are_those_of_scipy():
    scores = np.random.default_rng(0).standard_normal((12, 6)) * 0.1 + np.linspace(0, 0.1, 6)
    found = gyrus.group_test(scores, permutations=4095)
    for target in range(6):
        column = scores[:, target]
        theirs = scipy.stats.ttest_1samp(column, 0, alternative="greater")
        np.testing.assert_allclose([found.t[target], found.p_t[target]], [theirs.statistic, theirs.pvalue], rtol=1e-9)
        ranked = scipy.stats.wilcoxon(column, alternative="greater", method="exact")
        np.testing.assert_allclose(found.p_wilcoxon[target], ranked.pvalue, rtol=1e-9)
        assert found.low[target] < found.mean[target] < found.high[target]
    assert found.is_exact
    patterns = np.array(np.meshgrid(*[[1, -1]] * 12)).reshape(12, -1).T
    flipped = patterns @ scores / 12
    exact = (flipped[:, 5] >= scores[:, 5].mean() - 1e-12).mean()
    np.testing.assert_allclose(gyrus.group_test(scores, permutations=4095, statistic="mean").p_sign_flip[5], exact)
    assert (found.p_sign_flip_corrected >= found.p_sign_flip).all()


def test_power_is_that_of_the_formula():
    found = gyrus.power(sd_people=0.06, sd_stimulus=0.01, sd_residual=0.02, effect=0.05, width=0.03, hours=[0.5, 2], participants=[10, 40])
    n, hours = np.array([10, 40]), np.array([[0.5], [2]])
    error = np.sqrt((0.06**2 + 0.02**2 / hours) / n)
    np.testing.assert_allclose(found.width_people[..., 0], 2 * scipy.stats.t.ppf(0.975, n - 1) * error, rtol=1e-9)
    floor = 2 * scipy.stats.t.ppf(0.975, np.array([0.5, 2]) * 120 - 1) * 0.01 / np.sqrt([0.5, 2])
    np.testing.assert_allclose(found.floor[:, 0], floor, rtol=1e-9)
    assert np.isinf(found.participants_for_width[0, 0]) and found.participants_for_width[1, 0] > 40
    assert np.isnan(found.width[..., 1:]).all() and (np.diff(found.power[..., 0]) > 0).all()
    with pytest.raises(gyrus.InputError, match="expected a study, or sd_people"):
        gyrus.power(sd_people=0.1)


def test_a_profile_has_its_weight_where_it_is_high():
    scores = np.array([[0.0, 0.1, 0.3, 0.1], [0.0, 0.1, 0.5, 0.1], [0.0, 0.2, 0.4, 0.0]])
    found = gyrus.layer_profile(scores, floor="zero")
    mean = scores.mean(0)
    np.testing.assert_allclose(found.mean, mean)
    np.testing.assert_allclose(found.centre_of_mass, mean @ np.arange(4) / mean.sum())
    assert found.best_layer == 2 and (found.low <= mean).all() and (mean <= found.high).all()
    np.testing.assert_allclose(gyrus.layer_profile(scores, depths=[0, 10, 20, 30], floor="zero").centre_of_mass, 10 * found.centre_of_mass)
    with pytest.raises(gyrus.InputError, match="depths: found 2, expected 4"):
        gyrus.layer_profile(scores, depths=[0, 1])


def test_hierarchy_is_a_rank_correlation():
    random = np.random.default_rng(0)
    depth, reference = random.standard_normal(24), np.arange(24.0)
    depth += 0.1 * reference
    found = gyrus.hierarchy_index(depth, reference, permutations=999)
    np.testing.assert_allclose(found.rho, scipy.stats.spearmanr(depth, reference).statistic)
    assert 0.001 <= found.p <= 1 and found.n_regions == 24
    depth[:6] = np.nan
    assert gyrus.hierarchy_index(depth, reference).p is None
    with pytest.raises(gyrus.InputError, match="found 23 regions, expected 24"):
        gyrus.hierarchy_index(depth, reference[:23])


def test_a_hierarchy_is_tested_against_maps_that_are_as_smooth():
    random = np.random.default_rng(1)
    positions = random.standard_normal((30, 3))
    reference = positions[:, 0]
    depth = reference + 0.2 * random.standard_normal(30)
    found = gyrus.hierarchy_index(depth, reference, positions=positions, permutations=99)
    assert found.null == "variogram" and found.p <= 0.1 and found.reason is None
    spun = gyrus.hierarchy_index(depth, reference, positions=positions, right=[False] * 30, permutations=99)
    assert spun.null == "spins" and spun.rho == found.rho
    assert gyrus.hierarchy_index(depth[:19], reference[:19]).reason == "too_few_regions"
    assert gyrus.hierarchy_index(np.ones(30), reference).reason == "constant"
    with pytest.raises(gyrus.InputError, match="positions of 29 regions"):
        gyrus.hierarchy_index(depth, reference, positions=positions[:29])
    with pytest.raises(gyrus.InputError, match="hemispheres without positions"):
        gyrus.hierarchy_index(depth, reference, right=[False] * 30)


def test_geometries_and_kernels_are_compared():
    random = np.random.default_rng(2)
    features = random.standard_normal((8, 5))
    people = [features @ random.standard_normal((5, 12)) + random.standard_normal((8, 12)) for _ in range(4)]
    pairs = np.triu_indices(8, 1)
    distances = [(1 - np.corrcoef(one))[pairs] for one in (features, *people)]
    found = gyrus.rsa(features, people)
    expected = [scipy.stats.spearmanr(distances[0], own).statistic for own in distances[1:]]
    np.testing.assert_allclose(found.fits, expected)
    assert found.lower < found.upper
    crossed = gyrus.rsa(features, [np.stack(people)], comparison="pearson")
    assert crossed.fits.shape == (1,) and crossed.lower is None
    x, y = features - features.mean(0), people[0] - people[0].mean(0)
    norm = np.linalg.norm
    cka = gyrus.cka(features, people[0])
    np.testing.assert_allclose(cka.biased, norm(y.T @ x) ** 2 / norm(x.T @ x) / norm(y.T @ y))
    with pytest.raises(gyrus.InputError, match="as in features: the same conditions"):
        gyrus.rsa(features[:5], people)
    with pytest.raises(gyrus.InputError, match="found no participant"):
        gyrus.rsa(features, [])
    with pytest.raises(gyrus.InputError, match="comparison: found .kendall."):
        gyrus.rsa(features, people, comparison="kendall")


def test_back_to_back_regression_tells_correlated_features_apart():
    random = np.random.default_rng(3)
    features = random.standard_normal((400, 2))
    features[:, 1] += features[:, 0]
    responses = features[:, :1] + random.standard_normal((400, 6))
    by_runs = gyrus.b2b(features, responses, runs=[100, 100, 90, 110])
    assert by_runs.effects[0] > 0.5 and abs(by_runs.effects[1]) < 0.1 and by_runs.divisions == 6
    assert gyrus.b2b(features, responses, blocks=6, gap=5, divisions=10).divisions == 10
    with pytest.raises(gyrus.InputError, match="3 runs, expected at least 4"):
        gyrus.b2b(features, responses, runs=[100, 100, 200])
    with pytest.raises(gyrus.InputError, match="samples together, expected 400"):
        gyrus.b2b(features, responses, runs=[100, 100])
    with pytest.raises(gyrus.InputError, match="either runs"):
        gyrus.b2b(features, responses)


def test_activations_are_those_of_the_command(program, recordings, tmp_path):
    model = recordings / "models/stories260k"
    text = "Once upon a time there was a little girl who liked to read."
    (tmp_path / "story.txt").write_text(text)
    command = [program, "extract", tmp_path / "story.txt", "--model", model, "-o", tmp_path / "story.npz", "--surprisal"]
    subprocess.run(command, check=True, capture_output=True)
    theirs = np.load(tmp_path / "story.npz")
    by_path = gyrus.extract(tmp_path / "story.txt", model, surprisal=True)
    by_words = gyrus.extract(text.split(), model)
    for layer, values in by_path.layers.items():
        np.testing.assert_array_equal(values, theirs[f"layer_{layer}"])
        np.testing.assert_array_equal(by_words.layers[layer], values)
    assert len(theirs.files) == len(by_path.layers) and by_path.words == text.split()
    assert np.isnan(by_path.onsets).all() and by_words.surprisal is None
    lines = (tmp_path / "story.words.tsv").read_text().splitlines()[1:]
    theirs = [np.nan if line.split("\t")[5] == "n/a" else float(line.split("\t")[5]) for line in lines]
    np.testing.assert_allclose(by_path.surprisal, theirs, rtol=1e-9)
    with pytest.raises(gyrus.InputError, match="no such file"):
        gyrus.extract(["a"], tmp_path)
    with pytest.raises(gyrus.InputError, match="words: found none"):
        gyrus.extract([], model)


def test_a_cohort_is_the_same_bytes_as_that_of_the_command(program, tmp_path):
    options = ["--participants", "1", "--runs", "1", "--voxels", "600", "--seed", "3"]
    subprocess.run([program, "simulate", tmp_path / "command", *options], check=True, capture_output=True)
    found = gyrus.simulate(tmp_path / "python", participants=1, runs=1, voxels=600, seed=3)
    files = sorted(path.relative_to(tmp_path / "command") for path in (tmp_path / "command").rglob("*") if path.is_file())
    assert len(files) > 10 and found.n_voxels > 100 and len(found.volumes) == 1
    for path in files:
        assert (tmp_path / "python" / path).read_bytes() == (tmp_path / "command" / path).read_bytes(), path
    with pytest.raises(gyrus.InputError, match="gradient"):
        gyrus.simulate(tmp_path / "other", gradient="steep")
