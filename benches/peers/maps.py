"""Maps of people under random signs, by nilearn, NumPy and MNE: maximum t, and threshold-free enhancement.

A work is a generator like those of peers.py.
"""

import numpy as np
from sample import sampled

# All permutations, and how many of them a slow peer is timed on first.
PERMUTATIONS = {"flips": 10_000, "tfce": 1000, "mesh": 1000}
SAMPLE = {"flips": 100, "tfce": 10, "mesh": 10}
GRID = (40, 48, 40)


def nilearn(work, folder):
    from nilearn.image import new_img_like
    from nilearn.maskers import NiftiMasker
    from nilearn.mass_univariate import permuted_ols
    import nibabel

    x = np.load(folder / "people.npy")
    masker = None
    if work == "tfce":
        mask = nibabel.Nifti1Image(np.ones(GRID, dtype=np.int8), np.eye(4))
        masker = NiftiMasker(mask).fit()
        x = masker.transform(new_img_like(mask, x.reshape(-1, *GRID).transpose(1, 2, 3, 0), np.eye(4)))

    def run(permutations):
        return permuted_ols(
            np.ones((len(x), 1)), x, model_intercept=False, n_perm=permutations, two_sided_test=False, random_state=0,
            n_jobs=2, tfce=work == "tfce", masker=masker, output_type="dict",
        )

    run(2)
    yield
    found, taken = sampled(run, SAMPLE[work], PERMUTATIONS[work])
    yield taken
    name = "logp_max_tfce" if work == "tfce" else "logp_max_t"
    yield np.zeros(0), 10.0 ** -np.ravel(found[name])


def numpy_flips(work, folder):
    """Signs times scores, in blocks of targets; of a target only the sum changes."""
    x = np.load(folder / "people.npy").astype(np.float64)
    people = len(x)
    signs = np.random.default_rng(0).choice([-1.0, 1.0], (PERMUTATIONS[work], people))

    def t(sums, squares):
        mean = sums / people
        return mean / np.sqrt((squares / people - mean * mean) / (people - 1))

    def largest(x):
        maxima = np.full(len(signs), -np.inf)
        for first in range(0, x.shape[1], 500):
            block = x[:, first : first + 500]
            np.maximum(maxima, t(signs @ block, (block * block).sum(0)).max(1), out=maxima)
        return maxima

    largest(x[:, :1000])
    yield
    maxima = largest(x)
    yield
    observed = t(x.sum(0), (x * x).sum(0))
    reached = len(maxima) - np.searchsorted(np.sort(maxima), observed)
    yield np.zeros(0), (1 + reached) / (1 + len(maxima))


def mne(work, folder):
    import mne as package

    package.set_log_level("ERROR")
    x = np.load(folder / "people.npy").astype(np.float64)
    faces = np.load(folder / "faces.npy").astype(np.int64)
    adjacency = package.spatial_tris_adjacency(faces)

    def run(permutations):
        return package.stats.permutation_cluster_1samp_test(
            x, threshold=dict(start=0, step=0.2), n_permutations=permutations, tail=1, adjacency=adjacency, n_jobs=2,
            seed=0, out_type="indices", buffer_size=None,
        )

    run(2)
    yield
    found, taken = sampled(run, SAMPLE[work], PERMUTATIONS[work])
    yield taken
    yield np.zeros(0), np.ravel(found[2])


def people(work, folder):
    """Scores of people: noise that is alike in neighbours, and an effect in one place."""
    rng = np.random.default_rng(3)
    if work == "flips":
        x = rng.standard_normal((100, 80_000), dtype=np.float32)
        x[:, :500] += 0.5
    elif work == "tfce":
        from scipy.ndimage import gaussian_filter

        x = np.stack([gaussian_filter(rng.standard_normal(GRID), 1.5) for _ in range(20)])
        x = x / x.std()
        x[:, 10:16, 10:16, 10:16] += 1
        x = x.reshape(20, -1)
    else:
        x = surface(rng, folder)
    np.save(folder / "people.npy", np.ascontiguousarray(x, dtype=np.float32))


def surface(rng, folder):
    """fsaverage5, both halves; nilearn brings it along."""
    from nilearn.datasets import load_fsaverage
    from scipy.sparse import coo_matrix

    faces = []
    for mesh in load_fsaverage("fsaverage5")["pial"].parts.values():
        faces.append(np.asarray(mesh.faces) + 10_242 * len(faces))
    faces = np.vstack(faces)
    np.save(folder / "faces.npy", faces.astype(np.float32))
    vertices = faces.max() + 1
    sides = np.vstack([faces[:, [0, 1]], faces[:, [1, 2]], faces[:, [2, 0]]])
    near = coo_matrix((np.ones(len(sides)), sides.T), shape=(vertices, vertices)).tocsr()
    near = near + near.T
    x = rng.standard_normal((20, vertices))
    for _ in range(4):
        x = x + (near @ x.T).T / 12
    x /= x.std()
    x[:, :200] += 1
    return x
