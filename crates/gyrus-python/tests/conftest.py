"""What tests share: data with a planted signal, recordings, and a small study."""

import os
import pathlib

import numpy as np
import pytest

ROOT = pathlib.Path(__file__).resolve().parents[3]


@pytest.fixture
def planted():
    """Features, responses and weights of 7 targets: 200 samples of 20 columns."""
    return make(200, 20, 7)


def make(n_samples, n_columns, n_targets, seed=0):
    random = np.random.default_rng(seed)
    features = random.standard_normal((n_samples, n_columns)).astype(np.float32)
    weights = random.standard_normal((n_columns, n_targets))
    noise = np.sqrt(n_columns) * random.standard_normal((n_samples, n_targets))
    return features, (features @ weights + noise + 3).astype(np.float32), weights


@pytest.fixture(scope="session")
def recordings():
    """The folder with data/ and models/."""
    folder = pathlib.Path(os.environ.get("GYRUS_DATA", ROOT.parent / "shared"))
    assert (folder / "data").is_dir() and (folder / "models").is_dir(), f"no data/ and models/ in {folder}: set GYRUS_DATA"
    return folder


@pytest.fixture(scope="session")
def small_study(recordings, tmp_path_factory):
    """The Alice study with few layers and surrogates."""
    path = tmp_path_factory.mktemp("study") / "study.toml"
    text = (ROOT / "examples/alice/study.toml").read_text()
    for found, instead in {
        "../../../shared": str(recordings),
        "surrogates = 1000": "surrogates = 39",
        "untrained_seeds = 5": "untrained_seeds = 1",
        'layers = "all"': "layers = [0, 2, 5]",
    }.items():
        assert found in text, found
        text = text.replace(found, instead)
    path.write_text(text)
    return path


@pytest.fixture(scope="session")
def analysed(small_study, tmp_path_factory):
    """Its results, computed once."""
    import gyrus

    with pytest.warns(gyrus.GyrusWarning):
        return gyrus.Study.from_toml(small_study).analyze(tmp_path_factory.mktemp("out") / "alice", n_jobs=2)
