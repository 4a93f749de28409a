"""What of a layer is words, composition, syntax and meaning: differences of held-out scores."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from . import InputError
from .scoring import score

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import ArrayLike, NDArray

__all__ = ["Composition", "composition"]


@dataclass(frozen=True, eq=False)
class Composition:
    """Terms of every target, (n_targets,); NaN where a score is undefined, None where the syntax was not given."""

    lexical: NDArray[np.float64]
    """R(X₀): words by themselves."""
    compositional: NDArray[np.float64]
    """R(X) − R(X₀)."""
    syntactic: NDArray[np.float64] | None
    """R(X̄)."""
    semantic: NDArray[np.float64] | None
    """R(X) − R(X̄)."""
    syntactic_lexical: NDArray[np.float64] | None
    """R(X̄₀)."""
    syntactic_compositional: NDArray[np.float64] | None
    """R(X̄) − R(X̄₀)."""
    semantic_lexical: NDArray[np.float64] | None
    """R(X₀) − R(X̄₀)."""
    semantic_compositional: NDArray[np.float64] | None
    """R(X) − R(X̄, X₀), the latter with a penalty for each of both."""


def composition(
    words: ArrayLike,
    contextual: ArrayLike,
    responses: ArrayLike,
    *,
    syntactic_words: ArrayLike | None = None,
    syntactic: ArrayLike | None = None,
    **options: Any,
) -> Composition:
    """The terms of Caucheteux, Gramfort & King (2021): what each feature space predicts, less what a poorer one does.

    The formulas are in docs/methods/composition.md.

    Parameters
    ----------
    words : array-like of shape (n_samples, n_columns)
        X₀: the embedding, delayed as responses need it.
    contextual : array-like of shape (n_samples, n_columns)
        X: a layer of the same network.
    responses : array-like of shape (n_samples, n_targets)
    syntactic_words, syntactic : array-like of shape (n_samples, n_columns) or None
        X̄₀ and X̄: the same two, averaged over sentences with other words and the same syntax. Both or neither.
    **options
        Those of :func:`gyrus.score`: runs or blocks, gap, alphas, … ``surrogates`` are none here.

    Returns
    -------
    Composition
        Differences of scores; those that need the syntax are None without it.

    Raises
    ------
    InputError
        One of both for the syntax is missing, surrogates are asked for, or as :func:`gyrus.score`.
    MemoryError
        As :func:`gyrus.score`.

    Warns
    -----
    GyrusWarning
        As :func:`gyrus.score`.
    """
    if (syntactic is None) != (syntactic_words is None):
        missing, given = ("syntactic", "syntactic_words") if syntactic is None else ("syntactic_words", "syntactic")
        raise InputError(f"{missing}: found {given} alone, expected both or neither")
    if options.get("surrogates"):
        raise InputError("surrogates: found a number, expected none: a difference of scores is tested over participants (gyrus.group_test)")
    held_out = lambda features: score(features, responses, **options).score  # noqa: E731
    lexical, whole = held_out({"words": words}), held_out({"contextual": contextual})
    if syntactic is None:
        return Composition(lexical, whole - lexical, *[None] * 6)
    of_syntax, of_classes = held_out({"syntactic": syntactic}), held_out({"syntactic words": syntactic_words})
    both = held_out({"syntactic": syntactic, "words": words})
    return Composition(
        lexical=lexical,
        compositional=whole - lexical,
        syntactic=of_syntax,
        semantic=whole - of_syntax,
        syntactic_lexical=of_classes,
        syntactic_compositional=of_syntax - of_classes,
        semantic_lexical=lexical - of_classes,
        semantic_compositional=whole - both,
    )
