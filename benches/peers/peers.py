"""The same work by himalaya, NumPy, SciPy, nilearn or MNE: python peers.py PEER WORK FOLDER.

Prints one line of JSON: wall and processor seconds of the work itself (arrays loaded, caches warm) and the peak memory
of the process, which is that of a sample where the work is timed on one. Writes alpha.f64 and score.f64 into FOLDER/PEER.
"""

import json
import os
import pathlib
import resource
import sys
import time

os.environ.setdefault("OMP_NUM_THREADS", "2")

import maps  # noqa: E402
import numpy as np  # noqa: E402
from sample import sampled  # noqa: E402

TRAIN = {"dual": 832, "people": 832, "dual50": 832, "primal": 9000, "banded": 832}


def alphas(work):
    return np.logspace(0, 8, 50) if work == "dual50" else np.logspace(0, 8, 10)


def folds(rows, count=5):
    bounds = [rows * block // count for block in range(count + 1)]
    order = np.arange(rows)
    return [(np.r_[order[:a], order[b:]], order[a:b]) for a, b in zip(bounds[:-1], bounds[1:])]


def mixtures():
    """Pure ends, equal shares, and random ones; the same file is read by gyrus."""
    rng = np.random.default_rng(5)
    return np.vstack([np.eye(3), np.full((1, 3), 1 / 3), rng.dirichlet([1.0] * 3, 16)])


def correlation(p, y):
    p, y = p - p.mean(0), y - y.mean(0)
    return (p * y).sum(0) / np.sqrt((p * p).sum(0) * (y * y).sum(0))


def himalaya(work, folder):
    import torch
    from himalaya.backend import set_backend
    from himalaya.kernel_ridge import KernelRidgeCV, MultipleKernelRidgeCV
    from himalaya.ridge import RidgeCV
    from himalaya.scoring import l2_neg_loss

    torch.set_num_threads(2)
    backend = set_backend("torch")
    n = TRAIN[work]
    count = 3 if work == "banded" else 1
    bands = [np.load(folder / f"x{band}.npy") for band in range(count)]
    x = [torch.from_numpy(band) for band in bands]
    y = torch.from_numpy(np.load(folder / "y.npy"))
    batch = dict(n_targets_batch=1000 if work != "primal" else 500)

    def fit(rows, targets):
        if work == "banded":
            # A pure end of a mixture is plain ridge on its band: the kernel of band b counts 1 / p_b, as in gyrus.
            kernels = torch.stack([band[:rows] @ band[:rows].T / band.shape[1] for band in x])
            params = dict(alphas=alphas(work) / 1000, n_iter=torch.from_numpy(mixtures().astype(np.float32)),
                          progress_bar=False, score_func=l2_neg_loss, **batch)
            model = MultipleKernelRidgeCV(kernels="precomputed", cv=folds(rows), solver_params=params)
            return model.fit(kernels, y[:rows, :targets])
        if work == "primal":
            model = RidgeCV(alphas=alphas(work), fit_intercept=True, cv=folds(rows), solver_params=batch)
        else:
            model = KernelRidgeCV(alphas=alphas(work), fit_intercept=True, cv=folds(rows), solver_params=batch)
        return model.fit(x[0][:rows], y[:rows, :targets])

    def fit_people():
        """One fit per person, as scripts do: who heard the same story shares nothing."""
        models = []
        for first in range(0, y.shape[1], 1000):
            model = KernelRidgeCV(alphas=alphas(work), fit_intercept=True, cv=folds(n), solver_params=batch)
            models.append(model.fit(x[0][:n], y[:n, first : first + 1000]))
        return models

    fit(n // 4, 50)
    yield
    if work == "primal":
        model, taken = sampled(lambda targets: fit(n, targets), 1000, y.shape[1])
        yield taken
    else:
        model = fit_people() if work == "people" else fit(n, y.shape[1])
        yield
    if work == "banded":
        cross = torch.stack([band[n:] @ band[:n].T / band.shape[1] for band in x])
        alpha = np.zeros(y.shape[1])
        score = correlation(backend.to_numpy(model.predict(cross)), y[n:].numpy())
    elif work == "people":
        alpha = np.concatenate([backend.to_numpy(person.best_alphas_) for person in model])
        predicted = np.hstack([backend.to_numpy(person.predict(x[0][n:])) for person in model])
        score = correlation(predicted, y[n:].numpy())
    else:
        alpha = backend.to_numpy(model.best_alphas_)
        score = correlation(backend.to_numpy(model.predict(x[0][n:])), y[n:, : len(alpha)].numpy())
    yield alpha, score


def numpy_surrogates(work, folder):
    """Phase-randomised features, refitted: per fold one decomposition shared by all targets."""
    x, y = np.load(folder / "x0.npy"), np.load(folder / "y.npy")
    chosen = alphas(work)[np.random.default_rng(1).integers(3, 7, (5, y.shape[1]))]
    count = 100
    rng = np.random.default_rng(2)
    divisions = folds(len(x))
    scores = np.zeros((count, y.shape[1]))

    def one():
        spectrum = np.fft.rfft(x, axis=0)
        phases = np.exp(2j * np.pi * rng.uniform(size=(len(spectrum), 1)))
        phases[0] = 1
        surrogate = np.fft.irfft(spectrum * phases, len(x), axis=0).astype(np.float32)
        score = 0
        for (train, test), alpha in zip(divisions, chosen):
            mean, sd = surrogate[train].mean(0), surrogate[train].std(0)
            a, b = (surrogate[train] - mean) / sd, (surrogate[test] - mean) / sd
            u, s, vt = np.linalg.svd(a, full_matrices=False)
            s = s[:, None]
            q = u.T @ (y[train] - y[train].mean(0))
            predicted = (b @ vt.T) @ (s / (s * s + alpha) * q).astype(np.float32)
            score = score + correlation(predicted, y[test]) / 5
        return score

    one()
    yield
    for index in range(count):
        scores[index] = one()
    yield
    yield np.zeros(0), scores.mean(0)


def scipy_shifts(work, folder):
    from scipy import fft

    p, y = np.load(folder / "p.npy"), np.load(folder / "y.npy")

    def shifts(p, y):
        """The mean and the count of shifts that reach the observed r, one fold."""
        exceeded = np.zeros(p.shape[1], dtype=np.int64)
        for start in range(0, p.shape[1], 1000):
            a, b = p[:, start : start + 1000].astype(np.float64), y[:, start : start + 1000].astype(np.float64)
            a, b = (a - a.mean(0)) / a.std(0), (b - b.mean(0)) / b.std(0)
            product = np.conj(fft.rfft(a, axis=0, workers=2)) * fft.rfft(b, axis=0, workers=2)
            r = fft.irfft(product, len(a), axis=0, workers=2) / len(a)
            exceeded[start : start + 1000] = (r[1:] >= r[0]).sum(0)
        return exceeded

    shifts(p[:, :2000], y[:, :2000])
    yield
    exceeded = shifts(p, y)
    yield
    yield np.zeros(0), exceeded.astype(np.float64)


PEERS = {
    "himalaya": himalaya,
    "numpy": lambda work, folder: (maps.numpy_flips if work == "flips" else numpy_surrogates)(work, folder),
    "scipy": scipy_shifts,
    "nilearn": maps.nilearn,
    "mne": maps.mne,
}


def main(peer, work, folder):
    folder = pathlib.Path(folder)
    steps = PEERS[peer](work, folder)
    next(steps)
    wall, processor = time.perf_counter(), time.process_time()
    sample = next(steps)
    wall, processor = time.perf_counter() - wall, time.process_time() - processor
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    alpha, score = next(steps)
    out = folder / peer
    out.mkdir(exist_ok=True)
    np.asarray(alpha, dtype="<f8").tofile(out / "alpha.f64")
    np.asarray(score, dtype="<f8").tofile(out / "score.f64")
    print(json.dumps({"wall": wall, "processor": processor, "peak": peak} | (sample or {})))


if __name__ == "__main__":
    main(*sys.argv[1:])
