"""How far the penalties of gyrus and himalaya are from the best where they differ: python ties.py dual|dual50 FOLDER.

FOLDER is target/bench/WORK after `cargo xtask bench peers WORK`. The errors of every penalty are computed again in double
precision, for the targets where the two chose differently; printed is the largest excess over the smallest error.
"""

import pathlib
import sys

import numpy as np
from peers import TRAIN, alphas, folds


def errors(x, y, grid, divisions):
    """Squared errors summed over inner folds, in double precision: (penalties, targets)."""
    total = np.zeros((len(grid), y.shape[1]))
    for train, test in divisions:
        z = x - x[train].mean(0)
        centred = y - y[train].mean(0)
        values, vectors = np.linalg.eigh(z[train] @ z[train].T)
        left = z[test] @ z[train].T @ vectors
        rotated = vectors.T @ centred[train]
        for index, alpha in enumerate(grid):
            residual = centred[test] - left @ (rotated / (values + alpha)[:, None])
            total[index] += (residual**2).sum(0)
    return total


def main(work, folder):
    folder, grid, rows = pathlib.Path(folder), alphas(work), TRAIN[work]
    chosen = {by: np.fromfile(folder / by / "alpha.f64") for by in ("gyrus", "himalaya")}
    differ = np.flatnonzero(np.abs(chosen["gyrus"] / chosen["himalaya"] - 1) > 1e-5)
    print(f"{len(differ)} of {len(chosen['gyrus'])} targets differ")
    x, y = np.load(folder / "x0.npy")[:rows].astype(float), np.load(folder / "y.npy")[:rows, differ].astype(float)
    found = errors(x, y, grid, folds(len(x)))
    for by, penalties in chosen.items():
        index = np.abs(np.log(grid[:, None] / penalties[differ])).argmin(0)
        excess = found[index, np.arange(len(differ))] / found.min(0) - 1
        print(f"{by}: largest excess {excess.max():.1e}")


if __name__ == "__main__":
    main(*sys.argv[1:])
