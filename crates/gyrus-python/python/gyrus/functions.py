"""The parts of a study as functions of arrays: each calls the engine that the command calls."""

from __future__ import annotations

import os
import warnings
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from . import GyrusWarning, InputError, _engine
from .arrays import matrix, real, threads, vector
from .progress import shown

__all__ = [
    "Activations",
    "Cleaned",
    "GroupTest",
    "HierarchyIndex",
    "LayerProfile",
    "NoiseCeiling",
    "Power",
    "Scores",
    "Simulated",
    "align",
    "denoise",
    "extract",
    "group_test",
    "hierarchy_index",
    "layer_profile",
    "noise_ceiling",
    "power",
    "score",
    "simulate",
    "surrogate_test",
]


@dataclass(frozen=True, eq=False)
class Activations:
    """What a language model computed for every word."""

    layers: dict[int, np.ndarray]
    """(n_words, n_units) of float32 per layer; 0 is the embedding."""
    words: list[str]
    onsets: np.ndarray
    """Seconds, NaN where a word has no time."""
    offsets: np.ndarray
    n_tokens: np.ndarray
    surprisal: np.ndarray | None = None
    """Bits, NaN where nothing stands before a word; None where it was not asked for."""
    entropy: np.ndarray | None = None


@dataclass(frozen=True, eq=False)
class Cleaned:
    """Responses of one run after cleaning."""

    values: np.ndarray
    """Mean 0 and standard deviation 1 per target; NaN for a target with a reason."""
    reasons: list[str | None]
    degrees_of_freedom: int
    groups: list[str]
    variance_removed: np.ndarray
    """Share of each target's variance that each group took, (n_groups, n_targets)."""
    dropped: list[str]
    """Regressors that repeat others."""
    condition: float


@dataclass(frozen=True, eq=False)
class Power:
    """A plan. The last axis is value, lower and upper end of what the pilot leaves open (NaN from numbers)."""

    source: str
    effect: float | None
    hours: np.ndarray
    participants: np.ndarray
    deviations: np.ndarray
    """(3, 3): between people, between hours of the stimulus, one person in one hour."""
    width_people: np.ndarray
    """(n_hours, n_participants, 3): whole width of a 95 % interval for other people who hear the same stimulus."""
    width_stimulus: np.ndarray
    """For the same people with another stimulus."""
    width: np.ndarray
    """For other people with another stimulus."""
    power: np.ndarray
    participants_for_effect: np.ndarray
    """(n_hours, 3); infinite where no number is enough."""
    participants_for_width: np.ndarray
    floor: np.ndarray
    """(n_hours, 3): width that no number of participants goes below."""


@dataclass(frozen=True, eq=False)
class Scores:
    """Held-out scores of every target."""

    score: np.ndarray
    """Mean over folds of r within the fold; NaN with a reason."""
    r_squared: np.ndarray
    p: np.ndarray | None
    """By refitted surrogates; None where there are none."""
    reasons: list[str | None]
    two_versus_two: float
    retrieval_rank: float


@dataclass(frozen=True, eq=False)
class NoiseCeiling:
    """How well responses can be predicted at best."""

    kind: str
    bound: str
    """``lower`` or ``upper``: on which side of the truth the estimate lies."""
    ceiling: np.ndarray
    """(n_targets,), for ``leave_one_out_isc`` and ``shared_response`` (n_participants, n_targets); NaN where there is none."""
    reasons: list[str | None]
    """Why a target has no ceiling."""
    details: dict[str, np.ndarray]
    """What it was made from, (n_targets,) each; ``curve`` of ``extrapolated_isc`` is (n_participants - 1, n_targets)."""


@dataclass(frozen=True, eq=False)
class GroupTest:
    """Tests over participants, one value per target."""

    n: np.ndarray
    mean: np.ndarray
    low: np.ndarray
    """Lower end of the 95 % interval over participants (BCa)."""
    high: np.ndarray
    effect: np.ndarray
    """Mean over standard deviation."""
    t: np.ndarray
    p_t: np.ndarray
    p_wilcoxon: np.ndarray
    p_sign_flip: np.ndarray
    p_sign_flip_corrected: np.ndarray
    """Against the largest statistic of all targets in each pattern of signs."""
    is_exact: bool
    """Whether every pattern of signs was gone through."""


@dataclass(frozen=True, eq=False)
class LayerProfile:
    """Scores over layers."""

    depths: np.ndarray
    mean: np.ndarray
    low: np.ndarray
    """Lower end of the 95 % interval over rows (BCa)."""
    high: np.ndarray
    best_layer: int | None
    """Position of the largest mean: a description, not a choice on other samples."""
    centre_of_mass: float
    centre_interval: tuple[float, float]
    inverted_u: tuple[float, float] | None
    """How much the middle layers are above the first and above the last."""


@dataclass(frozen=True, eq=False)
class HierarchyIndex:
    """Does depth in the network follow depth in the brain?"""

    rho: float
    ranks: np.ndarray
    n_regions: int
    p: float | None
    """None with a reason. Against the null that was asked for."""
    null: str
    """``exchangeable``, ``variogram`` or ``spins``."""
    reason: str | None
    """``too_few_regions`` below 20 of them, ``constant`` where one side does not differ over regions."""


@dataclass(frozen=True, eq=False)
class Simulated:
    """Where a simulated cohort lies."""

    raw: str
    derivatives: str
    truth: str
    volumes: list[int]
    n_voxels: int


def extract(
    words,
    model,
    *,
    layers=None,
    context=None,
    history="half",
    pooling="last",
    revision=None,
    untrained=None,
    surprisal=False,
    n_jobs=-1,
    progress=False,
) -> Activations:
    """Activations of every layer of a language model for every word.

    Parameters
    ----------
    words : path or sequence of str
        A text, TextGrid, table or JSON as the command reads them, or words in order.
    model : path or str
        A folder in Hugging Face layout, or a name of the hub that the local cache holds.
    layers : sequence of int or None
        None is all of them.
    context, history, pooling, revision
        As in a study: docs/reference/study.md.
    untrained : int or None
        Seed of an untrained copy that reads in place of the trained weights.
    surprisal : bool
        Whether surprisal and entropy are computed.
    """
    options = _engine.ExtractOptions(
        model=os.fspath(model),
        revision=revision,
        layers=None if layers is None else [int(layer) for layer in layers],
        context=context,
        history=str(history),
        pooling=str(pooling),
        untrained=untrained,
        is_predicting=bool(surprisal),
        threads=threads(n_jobs),
    )
    is_path = isinstance(words, (str, os.PathLike))
    given = (None, os.fspath(words)) if is_path else (_texts(words), None)
    with shown(progress) as bar:
        found = _engine.extract(*given, options, bar)
    _warn(found["warnings"])
    number = lambda values: np.array([np.nan if value is None else value for value in values])  # noqa: E731
    return Activations(
        layers=dict(found["layers"]),
        words=found["words"],
        onsets=number(found["onsets"]),
        offsets=number(found["offsets"]),
        n_tokens=np.array(found["n_tokens"]),
        surprisal=number(found["surprisal"]) if surprisal else None,
        entropy=number(found["entropy"]) if surprisal else None,
    )


def align(
    vectors,
    onsets,
    *,
    offsets=None,
    n_samples,
    repetition_time,
    first_sample=0.0,
    method="lanczos",
    lobes=3,
    delays=(0.0,),
    return_ones=False,
):
    """Word vectors onto the samples of one run: (n_samples, n_delays · n_units), all units of the first delay first.

    Times are seconds on the clock of the stimulus; ``first_sample`` is when the first sample starts. NaN as an onset leaves a
    word out. ``return_ones`` gives the same alignment of ones beside it. Formulas: docs/methods/alignment.md.
    """
    vectors = matrix(vectors, "vectors", is_finite=False)
    onsets = vector(onsets, "onsets")
    ends = np.full(len(onsets), np.nan) if offsets is None else vector(offsets, "offsets")
    if not len(vectors) == len(onsets) == len(ends):
        raise InputError(
            f"found {len(vectors)} vectors, {len(onsets)} onsets and {len(ends)} offsets, expected one of each per word"
        )
    time = lambda value: None if np.isnan(value) else float(value)  # noqa: E731
    words = [(time(onset), time(end)) for onset, end in zip(onsets, ends)]
    sampling = (float(first_sample), float(repetition_time), _count(n_samples, "n_samples"))
    delays = [float(delay) for delay in np.atleast_1d(delays)]
    lobes = _count(lobes, "lobes")
    if lobes > 255:
        raise InputError(f"lobes: found {lobes}, expected at most 255; 3 is usual")
    values, ones = _engine.align(vectors, words, sampling, (str(method), lobes), delays)
    return (values, ones) if return_ones else values


def denoise(
    responses, *, repetition_time=None, high_pass=128.0, confounds=None, n_jobs=-1
) -> Cleaned:
    """Cleans the responses of one run by one projection: a constant, drift slower than ``high_pass`` seconds, confounds.

    Parameters
    ----------
    responses : array-like of shape (n_samples, n_targets)
    repetition_time : float or None
        Seconds; needed for the filter. ``high_pass=None`` filters nothing.
    confounds : array-like or DataFrame of shape (n_samples, n_columns), or a mapping of names to them
        A mapping gives groups, in order; each is credited with the variance that those before it left over.
    """
    responses = matrix(responses, "responses", is_finite=False)
    drift = None
    if high_pass is not None:
        if repetition_time is None:
            raise InputError("repetition_time: found None, expected seconds, or high_pass=None to filter nothing")
        drift = (float(repetition_time), float(high_pass))
    groups = [] if confounds is None else confounds.items() if _is_groups(confounds) else [("confounds", confounds)]
    found = _engine.denoise_run(
        responses, drift, [_group(name, values) for name, values in groups], threads(n_jobs)
    )
    return Cleaned(**found)


def score(
    features,
    responses,
    *,
    runs=None,
    blocks=None,
    gap=0,
    shuffled=None,
    alphas=(0.1, 1e8, 10),
    mixtures=16,
    surrogates=0,
    seed=1,
    n_jobs=-1,
) -> Scores:
    """Held-out scores by nested folds: the same numbers as the command ``gyrus score``.

    Parameters
    ----------
    features : array-like of shape (n_samples, n_columns), a mapping or a sequence of them
        Several are bands with a penalty each.
    responses : array-like of shape (n_samples, n_targets)
    runs : sequence of int or None
        Samples of each run; runs are held out one at a time.
    blocks, gap : int
        Contiguous blocks in place of runs; ``gap`` samples on each side are not trained on.
    shuffled : int or None
        Folds of samples in random order, which leaks.
    alphas : (float, float, int)
        Penalties from, to, and how many on a logarithmic grid.
    mixtures, surrogates, seed
        Random shares of the bands, phase-randomised features to refit for p values, and the seed of both.
    """
    bands = _bands(features)
    responses = matrix(responses, "responses", is_finite=False)
    runs = [] if runs is None else [_count(run, "runs") for run in runs]
    if shuffled is None and blocks is None and len(runs) < 3:
        raise InputError(
            f"found {len(runs)} runs and no blocks, expected at least 3 runs (runs=[300, 290, 310]) or blocks with a gap "
            "(blocks=5, gap=14)"
        )
    first, last, count = alphas
    options = _engine.ScoreOptions(
        runs=runs,
        blocks=None if blocks is None else (_folds(blocks, "blocks"), _count(gap, "gap")),
        shuffled=None if shuffled is None else _folds(shuffled, "shuffled"),
        alphas=(float(first), float(last), _count(count, "alphas")),
        mixtures=_count(mixtures, "mixtures"),
        surrogates=_count(surrogates, "surrogates"),
        seed=_count(seed, "seed"),
        threads=threads(n_jobs),
    )
    found = _engine.score(bands, responses, options)
    _warn(found.pop("warnings"))
    if not surrogates:
        found["p"] = None
    return Scores(**found)


def surrogate_test(features, responses, *, surrogates=1000, **options) -> Scores:
    """Scores with p values: phase-randomised features, refitted through the same folds with the same penalties.

    Options are those of :func:`score`. p = (1 + b) / (1 + surrogates), with b surrogates that reach the score.
    """
    if _count(surrogates, "surrogates") < 1:
        raise InputError(f"surrogates: found {surrogates}, expected at least 1; 1000 is usual")
    return score(features, responses, surrogates=surrogates, **options)


def noise_ceiling(
    responses, kind="leave_one_out_isc", *, folds=None, averaged=1, draws=100, seed=1, **options
) -> NoiseCeiling:
    """An estimate of the best reachable score, of a named kind.

    Parameters
    ----------
    responses : sequence of array-like of shape (n_samples, n_targets)
        Cleaned responses to the same samples: one per participant, or one per repeat by one participant. NaN for what is
        missing.
    kind : str
        Between participants: ``leave_one_out_isc``, ``shared_response`` (lower estimates), ``root_pairwise_isc``,
        ``split_half``, ``extrapolated_isc`` (upper). From repeats: ``signal_power``, ``signal_to_noise`` (upper).
    folds : sequence of sequences of int or None
        Held-out samples of each fold of the scores beside which the ceiling shall stand; None is all samples at once.
    averaged : int
        Of how many repeats the scored response is the mean.
    draws, seed : int
        Divisions into halves, or orders in which participants join, and their seed.
    **options
        Those of :func:`score`, for ``shared_response``, which fits: ``blocks`` or ``runs`` in place of ``folds``.
    """
    kind, averaged = str(kind), _count(averaged, "averaged")
    if averaged < 1:
        raise InputError("averaged: found 0, expected at least 1 repeat")
    draws = _count(draws, "draws")
    if draws < 1:
        raise InputError("draws: found 0, expected at least 1")
    of = "repeat" if kind in ("signal_power", "signal_to_noise") else "participant"
    people = [matrix(one, f"responses of {of} {place}", is_finite=False) for place, one in enumerate(responses)]
    if kind == "shared_response":
        return _shared_response(people, folds, options)
    if options:
        raise InputError(f"found {sorted(options)}, which only kind 'shared_response' takes")
    if folds is None:
        folds = [range(len(people[0]))] if people else []
    folds = [[_count(row, "folds") for row in fold] for fold in folds]
    found = _engine.noise_ceiling(people, folds, kind, (draws, _count(seed, "seed")), averaged)
    if kind != "leave_one_out_isc":
        found["ceiling"] = found["ceiling"][0]
    found["details"] = {name: _one_row(name, table) for name, table in found["details"].items()}
    return NoiseCeiling(kind=kind, **found)


def _one_row(name, table):
    return table if name == "curve" else table[0]


def _shared_response(people, folds, options):
    """Ridge from the mean responses of the others, all targets together, to each participant."""
    if folds is not None:
        raise InputError("folds: kind 'shared_response' fits, give runs=[...] or blocks=... and gap=... as for gyrus.score")
    if len(people) < 2:
        raise InputError(f"found {len(people)} participants, expected at least 2")
    for place, one in enumerate(people):
        if one.shape != people[0].shape:
            raise InputError(f"participant {place} has shape {one.shape}, expected {people[0].shape} as the first has")
    stacked = np.stack(people).astype(np.float64)
    has = np.isfinite(stacked).all(axis=1)
    stacked[~np.broadcast_to(has[:, None], stacked.shape)] = 0
    ceiling, reasons = [], []
    for one, own in enumerate(people):
        others = np.delete(np.arange(len(people)), one)
        count = np.maximum(has[others].sum(axis=0), 1)
        scores = score(stacked[others].sum(axis=0) / count, own, **options)
        ceiling.append(scores.score)
        reasons.append(scores.reasons)
    ceiling = np.stack(ceiling)
    first = [next(filter(None, of_target), None) for of_target in zip(*reasons, strict=True)]
    undefined = np.isnan(ceiling).all(axis=0)
    reasons = [reason if none else None for reason, none in zip(first, undefined, strict=True)]
    return NoiseCeiling(kind="shared_response", bound="lower", ceiling=ceiling, reasons=reasons, details={})


def group_test(
    scores, *, statistic="t", tail="greater", permutations=10_000, draws=2_000, seed=1, n_jobs=-1
) -> GroupTest:
    """Tests of scores over participants: would other people, for this stimulus, show it?

    Parameters
    ----------
    scores : array-like of shape (n_participants, n_targets)
        NaN where there is none.
    statistic : {"t", "mean"}
        What signs are flipped for.
    tail : {"greater", "two_sided"}
    permutations : int
        Patterns of signs; all of them where there are no more.
    draws : int
        Bootstrap samples of the interval.
    """
    scores = _double(matrix(scores, "scores", is_finite=False))
    found = _engine.group_test(
        scores,
        (str(statistic), str(tail)),
        (_count(permutations, "permutations"), _count(draws, "draws")),
        _count(seed, "seed"),
        threads(n_jobs),
    )
    found["n"] = np.array(found["n"])
    return GroupTest(**found)


def power(
    study=None,
    *,
    sd_people=None,
    sd_stimulus=None,
    sd_residual=None,
    quantity="score",
    language_model=None,
    region=None,
    effect=None,
    width=None,
    power=0.8,
    hours=(0.2, 0.5, 1.0, 2.0),
    participants=(5, 10, 20, 30, 50, 100),
) -> Power:
    """How many participants and hours a study needs, as ``gyrus power``.

    Parameters
    ----------
    study : path or None
        Output folder of a pilot study; None takes the three standard deviations of r.
    sd_people, sd_stimulus, sd_residual : float
        Between people, between pieces of the stimulus of one hour, of one person in one hour.
    quantity : {"score", "unique_gain"}
        Of the pilot; ``score`` is less each person's mean over surrogates.
    effect : float or None
        What is to be found; None is the pilot's mean.
    width : float or None
        Wanted whole width of the 95 % interval over people and stimulus.
    """
    deviations = (sd_people, sd_stimulus, sd_residual)
    if study is None and None in deviations or study is not None and any(one is not None for one in deviations):
        raise InputError(
            f"power: found study={study!r} and standard deviations {deviations}, "
            "expected a study, or sd_people, sd_stimulus and sd_residual"
        )
    hours = vector(hours, "hours", is_finite=True)
    participants = np.array([_count(one, "participants") for one in participants], dtype=np.int64)
    number = lambda one: None if one is None else float(one)
    found = _engine.power(
        None if study is None else (os.fspath(study), language_model, str(quantity), region),
        (0.0, 0.0, 0.0) if study is not None else tuple(float(one) for one in deviations),
        (number(effect), number(width), float(power)),
        hours.tolist(),
        participants.tolist(),
    )
    shape = (len(hours), len(participants), 3)
    for name in ("width_people", "width_stimulus", "width", "power"):
        found[name] = found[name].reshape(shape)
    return Power(hours=hours, participants=participants, **found)


def layer_profile(scores, *, depths=None, floor="minimum", draws=2_000, seed=1) -> LayerProfile:
    """The mean profile over layers with intervals, and where along the layers it has its weight.

    Parameters
    ----------
    scores : array-like of shape (n_participants, n_layers)
        Rows may as well be folds.
    depths : array-like of shape (n_layers,) or None
        None is 0, 1, 2, …
    floor : {"minimum", "zero"}
        What is taken away before weighing: the worst layer, chosen on the other rows, or nothing.
    """
    scores = _double(matrix(scores, "scores", is_finite=False))
    depths = np.arange(scores.shape[1], dtype=np.float64) if depths is None else vector(depths, "depths", is_finite=True)
    found = _engine.layer_profile(scores, depths.tolist(), str(floor), _count(draws, "draws"), _count(seed, "seed"))
    return LayerProfile(depths=depths, **found)


def hierarchy_index(
    depth, reference, *, ceiling=None, positions=None, right=None, permutations=1_000, seed=1
) -> HierarchyIndex:
    """Spearman's correlation over regions of depth in the network with a reference order.

    Parameters
    ----------
    depth, reference, ceiling : array-like of shape (n_regions,)
        ``ceiling`` is regressed out of both. Regions with NaN in any of them are left out.
    positions : array-like of shape (n_regions, 3) or None
        Where regions lie. p is against maps with the variogram of the reference (Burt 2020); None supposes that regions are
        exchangeable, which neighbours are not.
    right : sequence of bool or None
        With it, positions are on the spheres of the hemispheres, and p is against the reference turned on them (Alexander-Bloch
        2018).
    permutations, seed : int
        Surrogates of the reference, and their seed.
    """
    given = [vector(depth, "depth"), vector(reference, "reference")]
    ceiling = None if ceiling is None else vector(ceiling, "ceiling").tolist()
    if positions is None and right is not None:
        raise InputError("right: found hemispheres without positions, expected positions on the sphere too")
    places = None
    if positions is not None:
        sides = None if right is None else [bool(side) for side in right]
        places = (_double(matrix(positions, "positions", is_finite=False)), sides)
    draws = (_count(permutations, "permutations"), _count(seed, "seed"))
    rho, count, ranks, p, reason = _engine.hierarchy_index(*(list_.tolist() for list_ in given), ceiling, places, draws)
    null = "exchangeable" if positions is None else "variogram" if right is None else "spins"
    return HierarchyIndex(rho, ranks, count, p, null, reason)


def simulate(
    folder,
    *,
    participants=4,
    runs=2,
    voxels=2000,
    repetition_time=1.5,
    gradient="planted",
    strength=1.0,
    model=None,
    story=None,
    seed=1,
    n_jobs=-1,
    progress=False,
) -> Simulated:
    """Writes a BIDS data set of simulated listeners with fMRIPrep derivatives and a known truth, as ``gyrus simulate`` does.

    ``gradient`` says how planted depth runs over the areas: "planted", "reversed", "flat" or "absent".
    """
    path = lambda value: None if value is None else os.fspath(value)  # noqa: E731
    with shown(progress) as bar:
        places, volumes, n_voxels = _engine.simulate(
            os.fspath(folder),
            (_count(participants, "participants"), _count(runs, "runs"), _count(voxels, "voxels")),
            (float(repetition_time), str(gradient), float(strength)),
            (path(model), path(story)),
            (_count(seed, "seed"), threads(n_jobs)),
            bar,
        )
    return Simulated(*(str(place) for place in places), volumes, n_voxels)


def _texts(words) -> list[str]:
    texts = list(words)
    wrong = [word for word in texts if not isinstance(word, str)]
    if wrong:
        raise InputError(f"words: found {wrong[0]!r} of type {type(wrong[0]).__name__}, expected text")
    return [str(word) for word in texts]


def _warn(sentences) -> None:
    for sentence in sentences:
        warnings.warn(sentence, GyrusWarning, stacklevel=3)


def _count(value, name: str) -> int:
    try:
        count = int(value)
    except (TypeError, ValueError, OverflowError) as error:
        raise InputError(f"{name}: found {value!r}, expected a whole number") from error
    if isinstance(value, bool) or count != value or not 0 <= count < 2**63:
        raise InputError(f"{name}: found {value!r}, expected a whole number, 0 or more")
    return count


def _folds(value, name: str) -> int:
    count = _count(value, name)
    if count < 2:
        raise InputError(f"{name}: found {count}, expected at least 2")
    return count


def _double(array: np.ndarray) -> np.ndarray:
    return np.ascontiguousarray(array, dtype=np.float64)


def _is_groups(confounds) -> bool:
    return isinstance(confounds, Mapping)


def _bands(features) -> list[tuple[str, np.ndarray]]:
    if isinstance(features, Mapping):
        named = list(features.items())
    elif isinstance(features, (list, tuple)) and features and all(np.ndim(band) == 2 for band in features):
        named = [(f"band {place + 1}", band) for place, band in enumerate(features)]
    else:
        named = [("features", features)]
    return [(str(name), matrix(band, str(name))) for name, band in named]


def _group(name, values) -> tuple[str, list[str], np.ndarray]:
    array = _double(real(values, str(name)))
    array = array[:, np.newaxis] if array.ndim == 1 else array
    if array.ndim != 2:
        raise InputError(f"{name}: found an array of shape {array.shape}, expected (samples, columns)")
    columns = getattr(values, "columns", None)
    names = [f"{name}_{place}" for place in range(array.shape[1])] if columns is None else [str(c) for c in columns]
    return str(name), names, array
