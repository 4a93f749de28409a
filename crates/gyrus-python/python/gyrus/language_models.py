"""Activations of language models for the words of a story."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from . import InputError, _engine
from .arguments import count, items
from .arrays import threads
from .cautions import warn
from .progress import shown

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

__all__ = ["Activations", "extract"]


@dataclass(frozen=True, eq=False)
class Activations:
    """What a language model computed for every word."""

    layers: dict[int, NDArray[np.float32]]
    """(n_words, n_units) per layer; 0 is the embedding."""
    words: list[str]
    onsets: NDArray[np.float64]
    """Seconds, NaN where a word has no time."""
    offsets: NDArray[np.float64]
    """Seconds, NaN where a word has no end."""
    n_tokens: NDArray[np.int64]
    surprisal: NDArray[np.float64] | None = None
    """Bits, NaN where nothing stands before a word; None where it was not asked for."""
    entropy: NDArray[np.float64] | None = None
    """Bits, of what was expected in the word's place."""


def extract(
    words: str | os.PathLike[str] | Sequence[str],
    model: str | os.PathLike[str],
    *,
    layers: Sequence[int] | None = None,
    context: int | None = None,
    history: str = "half",
    pooling: str = "last",
    revision: str | None = None,
    untrained: int | None = None,
    surprisal: bool = False,
    n_jobs: int | None = -1,
    progress: Any = False,
) -> Activations:
    """Activations of every layer of a language model for every word, as ``gyrus extract`` has them.

    Parameters
    ----------
    words : path or sequence of str
        A text, TextGrid, table or JSON as the command reads them, or words in order.
    model : path or str
        A folder in Hugging Face layout, or a name of the hub that the local cache holds.
    layers : sequence of int or None
        0 is the embedding; None is all of them.
    context : int or None
        Tokens that the language model sees at once; None is as many as it was made for.
    history : str
        How much stands before a word: "half", "exact", "at_least=256" (tokens), "words=20" or "sentences=3", as in
        docs/reference/study.md.
    pooling : {"last", "mean", "sum"}
        What becomes of several tokens of a word.
    revision : str or None
        Of a language model of the hub.
    untrained : int or None
        Seed of an untrained copy that reads in place of the trained weights.
    surprisal : bool
        Whether surprisal and entropy are computed.
    n_jobs : int or None
        Threads: None is one, -1 all cores. They change no bit.
    progress : bool or object
        True shows a bar; an object of one's own has ``begin(stage)``, ``advance(share)`` and ``note(sentence)``.

    Returns
    -------
    Activations
        One row per word.

    Raises
    ------
    InputError
        Words or the language model cannot be read, a layer is not there, a word has no tokens.

    Warns
    -----
    GyrusWarning
        What to know of the words.
    """
    whole = lambda value, name: None if value is None else count(value, name)  # noqa: E731
    options = _engine.ExtractOptions(
        model=os.fspath(model),
        revision=None if revision is None else _text(revision, "revision"),
        layers=None if layers is None else [count(layer, "layers") for layer in items(layers, "layers", "numbers of layers")],
        context=whole(context, "context"),
        history=str(history),
        pooling=str(pooling),
        untrained=whole(untrained, "untrained"),
        is_predicting=bool(surprisal),
        threads=threads(n_jobs),
    )
    path = os.fspath(words) if isinstance(words, (str, os.PathLike)) else None
    texts = _texts(words) if path is None else None
    with shown(progress) as bar:
        found = _engine.extract(texts, path, options, bar)
    warn(found["warnings"])
    number = lambda values: np.array([np.nan if value is None else value for value in values])  # noqa: E731
    return Activations(
        layers=dict(found["layers"]),
        words=found["words"],
        onsets=number(found["onsets"]),
        offsets=number(found["offsets"]),
        n_tokens=np.array(found["n_tokens"], dtype=np.int64),
        surprisal=number(found["surprisal"]) if surprisal else None,
        entropy=number(found["entropy"]) if surprisal else None,
    )


def _texts(words) -> list[str]:
    return [_text(word, "words") for word in items(words, "words", "a path or a list of words")]


def _text(word, name: str) -> str:
    if not isinstance(word, str):
        raise InputError(f"{name}: found {word!r} of type {type(word).__name__}, expected text")
    try:
        word.encode()
    except UnicodeEncodeError as error:
        raise InputError(f"{name}: found {word!r} ({error.reason}), expected text") from error
    return str(word)
