"""Masking and cleaning a run of volumes: python volumes.py make|nilearn|nilearn-cosine FOLDER.

`make` writes a data set of one participant and one run (64 x 76 x 64 voxels, 300 volumes of whole numbers, a mask of 111,432
voxels, 24 confounds) that both programs read. The others mask, detrend, take out periods above 128 s (by nilearn's default, a
Butterworth filter, or by cosines as gyrus does) and the confounds, and z-score; they print one line of JSON: wall and processor
seconds of that, and the peak memory of the process in bytes.
"""

import json
import pathlib
import resource
import sys
import time

import nibabel as nib
import numpy as np

SHAPE, VOLUMES, VOXELS, TR = (64, 76, 64), 300, 111_432, 2.0
NAMES = [f"{axis}{ending}" for ending in ["", "_derivative1", "_power2", "_derivative1_power2"]
         for axis in ["trans_x", "trans_y", "trans_z", "rot_x", "rot_y", "rot_z"]]
STEM = "sub-01_task-story"
SPACE = "_space-MNI152NLin2009cAsym"
STUDY = """[study]
name = "one run"

[[stimulus]]
name = "story"
words = "words.tsv"

[bids]
folder = "bids"
space = "MNI152NLin2009cAsym"

[responses]
trim_start = "0 s"

[denoise]
high_pass = "128 s"
polynomials = 1
motion = 24

[[language_model]]
path = "MODEL"
"""


def paths(folder):
    func = folder / "bids/derivatives/fmriprep/sub-01/func"
    return (
        func / f"{STEM}{SPACE}_desc-preproc_bold.nii.gz",
        func / f"{STEM}{SPACE}_desc-brain_mask.nii.gz",
        func / f"{STEM}_desc-confounds_timeseries.tsv",
    )


def make(folder):
    bold, mask, confounds = paths(folder)
    if bold.exists():
        return
    bold.parent.mkdir(parents=True, exist_ok=True)
    rng = np.random.default_rng(1)
    affine = np.diag([-3.0, 3.0, 3.0, 1.0])
    distance = sum((axis - (size - 1) / 2) ** 2 for axis, size in zip(np.indices(SHAPE), SHAPE))
    inside = np.zeros(SHAPE, "u1")
    inside.ravel()[np.argsort(distance.ravel(), kind="stable")[:VOXELS]] = 1
    data = np.empty((*SHAPE, VOLUMES), "i2", order="F")
    level = (inside.astype("f4") * 900 + 100).astype("f4")
    for volume in range(VOLUMES):
        data[..., volume] = level + 12 * rng.standard_normal(SHAPE, "f4") * (inside + 0.3)
    for path, values in [(bold, data), (mask, inside)]:
        image = nib.Nifti1Image(values, affine)
        image.set_sform(affine, 4)
        image.set_qform(affine, 4)
        image.header.set_xyzt_units("mm", "sec")
        if values.ndim == 4:
            image.header["pixdim"][4] = TR
        nib.save(image, path)
    bold.with_name(bold.name.replace(".nii.gz", ".json")).write_text(json.dumps({"RepetitionTime": TR}))
    # No random walks: nilearn leaves its cosines out where a confound looks like one.
    values = rng.normal(size=(VOLUMES, len(NAMES))) * 0.1
    rows = ["\t".join(NAMES)] + ["\t".join(f"{value:.6f}" for value in row) for row in values]
    confounds.write_text("\n".join(rows) + "\n")
    raw = folder / "bids/sub-01/func"
    raw.mkdir(parents=True, exist_ok=True)
    (raw / f"{STEM}_events.tsv").write_text("onset\tduration\ttrial_type\n0.0\t600\tstory\n")
    words = "".join(f"{0.5 * index:.2f}\tword\n" for index in range(1190))
    (folder / "words.tsv").write_text("onset\tword\n" + words)
    model = pathlib.Path(__file__).resolve().parents[2] / "assets/demo/language-model"
    (folder / "study.toml").write_text(STUDY.replace("MODEL", str(model)))


def nilearn(folder, filter="butterworth"):
    from nilearn.maskers import NiftiMasker

    bold, mask, confounds = paths(folder)
    wall, processor = time.perf_counter(), time.process_time()
    table = np.loadtxt(confounds, skiprows=1)
    masker = NiftiMasker(mask, t_r=TR, high_pass=1 / 128, detrend=True, standardize="zscore_sample",
                         clean_args={"filter": filter})
    masker.fit_transform(bold, confounds=table)
    wall, processor = time.perf_counter() - wall, time.process_time() - processor
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    print(json.dumps({"wall": wall, "processor": processor, "peak": peak}))


if __name__ == "__main__":
    works = {"make": make, "nilearn": nilearn, "nilearn-cosine": lambda folder: nilearn(folder, "cosine")}
    works[sys.argv[1]](pathlib.Path(sys.argv[2]))
