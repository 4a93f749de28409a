"""Terms of composition against NumPy, from the formulas, and against what was planted."""

import json
from pathlib import Path

import numpy as np
import pytest

import gyrus

GOLDEN = json.loads((Path(__file__).parents[3] / "fixtures/composition/composition.json").read_text())
OPTIONS = {"blocks": 4, "gap": 3, "alphas": (7.0, 7.0, 1)}


@pytest.fixture(scope="module")
def spaces():
    """X̄ is a part of X, X̄₀ a part of X₀ and of X̄; a target for classes, for words, for syntax and for meaning."""
    classes, words, syntax, meaning = (np.array(part) for part in GOLDEN["parts"].values())
    return {
        "words": np.hstack([classes, words]),
        "contextual": np.hstack([classes, words, syntax, meaning]),
        "syntactic_words": classes,
        "syntactic": np.hstack([classes, syntax]),
    }, np.array(GOLDEN["responses"])


def test_terms_are_the_differences_of_numpy(spaces):
    given, y = spaces
    found = gyrus.composition(responses=y, **given, **OPTIONS)
    for name, values in GOLDEN["terms"].items():
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
        ({"words": np.ones((3, 2))}, "found 3 samples, expected 240"),
        ({"surrogates": 9}, "surrogates: found a number"),
        ({"contextual": np.full((240, 2), np.nan)}, "contextual: the value in row 0, column 0 is NaN"),
    ],
)
def test_what_cannot_be_compared_is_refused(spaces, change, message):
    given, y = spaces
    with pytest.raises(gyrus.InputError, match=message):
        gyrus.composition(**{**given, "responses": y, **OPTIONS, **change})


def test_a_constant_target_has_no_terms(spaces):
    given, y = spaces
    found = gyrus.composition(given["words"], given["contextual"], np.column_stack([y, np.ones(240)]), **OPTIONS)
    assert np.isnan(found.lexical[4]) and np.isnan(found.compositional[4]) and np.isfinite(found.lexical[:4]).all()
