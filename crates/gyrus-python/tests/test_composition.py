"""Terms of composition against NumPy, from the formulas, and against what was planted."""

import numpy as np
import pytest

import gyrus

BLOCKS, GAP, ALPHA = 4, 3, 7.0
OPTIONS = {"blocks": BLOCKS, "gap": GAP, "alphas": (ALPHA, ALPHA, 1)}


def reference(features, responses):
    """Mean over contiguous blocks of r, ridge with one penalty: w = (XᵀX + αI)⁻¹ Xᵀy, X z-scored and y centred by training rows."""
    n = len(features)
    edges = [block * n // BLOCKS for block in range(BLOCKS + 1)]
    found = []
    for start, end in zip(edges[:-1], edges[1:]):
        train = np.r_[0 : max(start - GAP, 0), min(end + GAP, n) : n]
        middle, size = features[train].mean(0), features[train].std(0)
        x, y = (features[train] - middle) / size, responses[train] - responses[train].mean(0)
        weights = np.linalg.solve(x.T @ x + ALPHA * np.eye(x.shape[1]), x.T @ y)
        predicted = (features[start:end] - middle) / size @ weights
        found.append([np.corrcoef(p, r)[0, 1] for p, r in zip(predicted.T, responses[start:end].T)])
    return np.mean(found, axis=0)


@pytest.fixture(scope="module")
def spaces():
    """X̄ is a part of X, X̄₀ a part of X₀ and of X̄: columns of classes, of words, of syntax and of meaning."""
    random = np.random.default_rng(5)
    classes, words, syntax, meaning = (random.standard_normal((400, 4)) for _ in range(4))
    noise = random.standard_normal((400, 4))
    responses = np.stack([block.sum(1) for block in (classes, words, syntax, meaning)], axis=1) + noise
    return {
        "words": np.hstack([classes, words]),
        "contextual": np.hstack([classes, words, syntax, meaning]),
        "syntactic_words": classes,
        "syntactic": np.hstack([classes, syntax]),
    }, responses


def test_terms_are_the_differences_of_numpy(spaces):
    given, y = spaces
    found = gyrus.composition(responses=y, **given, **OPTIONS)
    r = {name: reference(features, y) for name, features in given.items()}
    expected = {
        "lexical": r["words"],
        "compositional": r["contextual"] - r["words"],
        "syntactic": r["syntactic"],
        "semantic": r["contextual"] - r["syntactic"],
        "syntactic_lexical": r["syntactic_words"],
        "syntactic_compositional": r["syntactic"] - r["syntactic_words"],
        "semantic_lexical": r["words"] - r["syntactic_words"],
    }
    for name, values in expected.items():
        np.testing.assert_allclose(getattr(found, name), values, atol=2e-6, rtol=0, err_msg=name)
    both = gyrus.score({"a": given["syntactic"], "b": given["words"]}, y, **OPTIONS).score
    np.testing.assert_array_equal(found.semantic_compositional, gyrus.score(given["contextual"], y, **OPTIONS).score - both)


@pytest.mark.filterwarnings("ignore::gyrus.GyrusWarning")
def test_what_was_planted_is_in_its_term_and_in_no_other(spaces):
    given, y = spaces
    found = gyrus.composition(responses=y, **given, blocks=4, gap=3)
    classes, words, syntax, meaning = range(4)
    assert found.lexical[[classes, words]].min() > 0.7 and abs(found.lexical[[syntax, meaning]]).max() < 0.2
    assert found.compositional[[syntax, meaning]].min() > 0.6
    assert found.syntactic_compositional[syntax] > 0.6 and abs(found.syntactic_compositional[classes]) < 0.1
    assert found.semantic_lexical[words] > 0.6
    assert found.semantic_compositional[meaning] > 0.6 and abs(found.semantic_compositional[[classes, words, syntax]]).max() < 0.1


def test_without_syntax_there_are_two_terms(spaces):
    given, y = spaces
    found = gyrus.composition(given["words"], given["contextual"], y, **OPTIONS)
    assert found.lexical.shape == found.compositional.shape == (4,)
    assert found.syntactic is None and found.semantic_compositional is None


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"syntactic": None}, "syntactic: found syntactic_words alone, expected both or neither"),
        ({"syntactic_words": None}, "syntactic_words: found syntactic alone"),
        ({"words": np.ones((3, 2))}, "3"),
        ({"surrogates": 9}, "surrogates: found a number"),
        ({"contextual": np.full((400, 2), np.nan)}, "contextual"),
    ],
)
def test_what_cannot_be_compared_is_refused(spaces, change, message):
    given, y = spaces
    with pytest.raises(gyrus.InputError, match=message):
        gyrus.composition(**{**given, "responses": y, **OPTIONS, **change})


def test_a_constant_target_has_no_terms(spaces):
    given, y = spaces
    found = gyrus.composition(given["words"], given["contextual"], np.column_stack([y, np.ones(400)]), **OPTIONS)
    assert np.isnan(found.lexical[4]) and np.isnan(found.compositional[4]) and np.isfinite(found.lexical[:4]).all()
