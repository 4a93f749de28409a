"""What Python takes from Rust."""

from typing import Any, final

import numpy as np
from numpy.typing import NDArray

__version__: str

class GyrusError(Exception): ...
class InputError(GyrusError, ValueError): ...
class InternalError(GyrusError, RuntimeError): ...

_Matrix = NDArray[np.float32] | NDArray[np.float64]
_Given = tuple[int | None, str | None, str | None]

@final
class RidgeOptions:
    def __new__(
        cls,
        *,
        bands: list[list[int]],
        alphas: list[float],
        mixtures: int,
        refinements: int,
        seed: int,
        is_scaled: bool,
        is_extended: bool,
        threads: int | None,
    ) -> RidgeOptions: ...

@final
class Model:
    @property
    def alphas(self) -> NDArray[np.float64]: ...
    @property
    def scores(self) -> NDArray[np.float64]: ...
    @property
    def means(self) -> NDArray[np.float64]: ...
    @property
    def shares(self) -> NDArray[np.float64]: ...
    @property
    def at_edge(self) -> tuple[int, int, int]: ...
    def predict(self, features: _Matrix, threads: int | None) -> NDArray[np.float32]: ...
    def weights(self, threads: int | None) -> NDArray[np.float32]: ...

@final
class ScoreOptions:
    def __new__(
        cls,
        *,
        runs: list[int],
        blocks: tuple[int, int] | None,
        shuffled: int | None,
        alphas: tuple[float, float, int],
        mixtures: int,
        refinements: int,
        surrogates: int,
        seed: int,
        threads: int | None,
    ) -> ScoreOptions: ...

@final
class ExtractOptions:
    def __new__(
        cls,
        *,
        model: str,
        revision: str | None,
        layers: list[int] | None,
        context: int | None,
        history: str,
        pooling: str,
        untrained: int | None,
        is_predicting: bool,
        threads: int | None,
    ) -> ExtractOptions: ...

def fit_ridge(
    features: _Matrix, responses: _Matrix, folds: list[tuple[list[int], list[int]]], options: RidgeOptions
) -> Model: ...
def align(
    vectors: _Matrix,
    words: list[tuple[float | None, float | None]],
    sampling: tuple[float, float, int],
    method: tuple[str, int],
    delays: list[float],
) -> tuple[NDArray[np.float32], NDArray[np.float32]]: ...
def denoise_run(
    responses: _Matrix,
    drift: tuple[float, float] | None,
    groups: list[tuple[str, list[str], NDArray[np.float64]]],
    threads: int | None,
) -> dict[str, Any]: ...
def score(
    features: list[tuple[str, _Matrix]], responses: _Matrix, options: ScoreOptions
) -> dict[str, Any]: ...
def partition(
    features: list[tuple[str, _Matrix]], responses: _Matrix, options: ScoreOptions
) -> dict[str, Any]: ...
def noise_ceiling(
    responses: list[_Matrix], folds: list[list[int]], kind: str, draws: tuple[int, int], averaged: int
) -> dict[str, Any]: ...
def group_test(
    scores: NDArray[np.float64],
    test: tuple[str, str],
    draws: tuple[int, int],
    seed: int,
    threads: int | None,
) -> dict[str, Any]: ...
def layer_profile(
    scores: NDArray[np.float64], depths: list[float], floor: str, draws: int, seed: int
) -> dict[str, Any]: ...
def hierarchy_index(
    depth: list[float],
    reference: list[float],
    ceiling: list[float] | None,
    places: tuple[NDArray[np.float64], list[bool] | None] | None,
    draws: tuple[int, int],
) -> tuple[float, int, NDArray[np.float64], float | None, str | None]: ...
def compare(
    studies: list[str], only_first: bool, against: str | None, output: str | None
) -> tuple[list[tuple[str, str]], str]: ...
def power(
    study: tuple[str, str | None, str, str | None] | None,
    deviations: tuple[float, float, float],
    wanted: tuple[float | None, float | None, float],
    hours: list[float],
    participants: list[int],
) -> dict[str, Any]: ...
def rsa(
    model: NDArray[np.float64], people: list[list[NDArray[np.float64]]], comparison: str
) -> tuple[NDArray[np.float64], tuple[float, float] | None]: ...
def cka(x: NDArray[np.float64], y: NDArray[np.float64]) -> tuple[float, float]: ...
def b2b(
    features: NDArray[np.float64],
    responses: NDArray[np.float64],
    pieces: list[tuple[int, int]],
    alphas: list[float],
    draws: tuple[int, int],
) -> tuple[NDArray[np.float64], int]: ...
def check(study: str, output: str | None, given: _Given) -> tuple[str, list[str], list[str]]: ...
def analyze(study: str, output: str, given: _Given, progress: Any) -> tuple[str, list[str], list[str]]: ...
def extract(
    words: list[str] | None, path: str | None, options: ExtractOptions, progress: Any
) -> dict[str, Any]: ...
def simulate(
    folder: str,
    cohort: tuple[int, int, int],
    signal: tuple[float, str, float],
    sources: tuple[str | None, str | None],
    given: tuple[int, int | None],
    progress: Any,
) -> tuple[tuple[str, str, str], list[int], int]: ...
def rewrite_report(output: str) -> None: ...
