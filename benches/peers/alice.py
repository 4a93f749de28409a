"""Which penalties gyrus, himalaya and a plain solve in double precision choose on the Alice recordings, in three units of the responses.

python alice.py DATA FEATURES: the folder of the recordings, and what `gyrus extract DATA/DownTheRabbitHole.TextGrid --model FOLDER --layers 4 -o FEATURES`
wrote. Needs the Python package gyrus beside requirements.txt. Printed are how many targets take the penalty with the smallest error over the inner
folds, and the largest excess over that error.
"""

import pathlib
import sys

import gyrus
import numpy as np
from himalaya.ridge import RidgeCV
from ties import errors

VOLUMES, SECONDS, FIRST = 362, 2.0, 20.0
GRID = np.logspace(-1, 8, 10)
ROWS = np.arange(VOLUMES)
FOLDS = [(np.setdiff1d(ROWS, block), block) for block in np.array_split(ROWS, 5)]


def features(path):
    """Word vectors summed in the volumes in which the words begin, at five delays."""
    vectors = np.load(path)
    words = [line.split("\t") for line in path.with_suffix(".words.tsv").read_text().splitlines()[1:]]
    volumes = np.array([(float(onset) - FIRST) // SECONDS for _, _, onset, *_ in words], dtype=int)
    summed = np.zeros((VOLUMES, vectors.shape[1]))
    # `sp` is silence.
    inside = (volumes >= 0) & (volumes < VOLUMES) & np.array([word != "sp" for _, word, *_ in words])
    np.add.at(summed, volumes[inside], vectors[inside])
    return np.hstack([np.vstack([np.zeros((delay, summed.shape[1])), summed[:-delay]]) for delay in range(1, 6)])


def responses(folder):
    read = [np.loadtxt(path) for path in sorted((folder / "responses").iterdir())]
    return np.hstack([table for table in read if table.any()])


def cleaned(series):
    """Without a constant and eleven cosines, of variance 1."""
    drift = np.cos(np.pi * np.outer(ROWS + 0.5, np.arange(12)) / VOLUMES)
    basis, _ = np.linalg.qr(drift)
    left = series - basis @ (basis.T @ series)
    return (left / np.maximum(left.std(0), 1e-12)).astype(np.float32)


def main(data, path):
    x, y = cleaned(features(pathlib.Path(path))), cleaned(responses(pathlib.Path(data)))
    for unit in np.float32([1, 1e-6, 1e6]):
        scaled = y * unit
        found = errors(x.astype(float), scaled.astype(float), GRID, FOLDS)
        peer = RidgeCV(alphas=GRID, cv=FOLDS, fit_intercept=True).fit(x.astype(float), scaled.astype(float))
        ours = gyrus.RidgeCV(GRID, cv=FOLDS).fit(x, scaled)
        for by, chosen in (("gyrus", ours.alphas_), ("himalaya", np.asarray(peer.best_alphas_))):
            index = np.abs(np.log(GRID[:, None] / chosen)).argmin(0)
            excess = found[index, np.arange(len(index))] / found.min(0) - 1
            print(f"unit {unit:g}, {by}: {(excess == 0).sum()} of {len(excess)}, largest excess {excess.max():.1e}")


if __name__ == "__main__":
    main(*sys.argv[1:])
