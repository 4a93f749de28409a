"""Makes the arrays that gyrus and its peers are timed on: python data.py WORK FOLDER."""

import pathlib
import sys

import maps
import numpy as np

# Rows to train on, held-out rows, columns per band, targets.
WORKS = {
    "dual": (832, 168, [4608], 20000),
    # 20 people of 1,000 parcels: the same arrays, fitted person by person by the peer.
    "people": (832, 168, [4608], 20000),
    "dual50": (832, 168, [4608], 20000),
    "primal": (9000, 1000, [1024], 20000),
    "banded": (832, 168, [4608, 200, 20], 5000),
    "surrogates": (362, 0, [256], 162),
    "shifts": (1000, 0, [], 80000),
}


def smooth(rng, rows, columns, exponent):
    """Columns with a power-law spectrum, as activations of a language model have."""
    rank = min(rows, columns)
    scale = np.arange(1, rank + 1) ** -exponent
    left = rng.standard_normal((rows, rank), dtype=np.float32) * scale.astype(np.float32)
    return left @ rng.standard_normal((rank, columns), dtype=np.float32)


def main(work, folder):
    folder = pathlib.Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    if work in maps.PERMUTATIONS:
        return maps.people(work, folder)
    train, test, bands, targets = WORKS[work]
    rng = np.random.default_rng(3)
    rows = train + test
    if work == "shifts":
        for name in ("p", "y"):
            series = rng.standard_normal((rows + 1, targets), dtype=np.float32)
            np.save(folder / f"{name}.npy", series[1:] + series[:-1])
        return
    y = rng.standard_normal((rows, targets), dtype=np.float32)
    for index, columns in enumerate(bands):
        x = smooth(rng, rows, columns, 0.5)
        x = (x - x[:train].mean(0)) / x[:train].std(0)
        np.save(folder / f"x{index}.npy", np.ascontiguousarray(x, dtype=np.float32))
        rank = min(columns, 50)
        weights = rng.standard_normal((rank, targets), dtype=np.float32) / np.sqrt(rank).astype(np.float32)
        y += x[:, rng.permutation(columns)[:rank]] @ weights * rng.uniform(0, 1.5, targets).astype(np.float32)
    y -= y[:train].mean(0)
    np.save(folder / "y.npy", np.ascontiguousarray(y, dtype=np.float32))


if __name__ == "__main__":
    main(*sys.argv[1:])
