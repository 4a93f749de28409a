"""How many voxels of a simulated study are found, planted ones and others: python truth.py DATA OUT LANGUAGE_MODEL [LEVEL].

DATA is what `gyrus simulate` wrote, OUT what `gyrus analyze` made of it. Prints a row per layer: shares of voxels whose p, and whose
corrected p, is at most LEVEL (0.05), and then the rank correlation of planted and recovered depth over voxels.
"""

import pathlib
import sys

import nibabel
import numpy
import scipy.stats


def main(data, out, language_model, level="0.05"):
    planted = volume(next(pathlib.Path(data, "truth").glob("planted_layer.nii*")))
    p, corrected = (group_map(out, statistic, f"{language_model}Score") for statistic in ("p", "pcorrected"))
    # Maps hold 32-bit floats.
    level = float(level) + 1e-6
    print("layer\tvoxels_planted\tp\tp_corrected\tvoxels_others\tp\tp_corrected")
    for layer in range(p.shape[3]):
        has_score = numpy.isfinite(p[..., layer])
        row = [str(layer)]
        for voxels in (has_score & (planted > 0), has_score & (planted == 0)):
            shares = [numpy.mean(values[..., layer][voxels] <= level) for values in (p, corrected)]
            row += [str(voxels.sum()), *(f"{share:.4f}" for share in shares)]
        print("\t".join(row))
    depth = group_map(out, "centreofmass", f"{language_model}Depth")
    both = numpy.isfinite(depth) & (planted > 0)
    print(f"depth: {scipy.stats.spearmanr(depth[both], planted[both])[0]:.3f} over {both.sum()} voxels")


def group_map(out, statistic, description):
    (path,) = pathlib.Path(out, "maps/group").glob(f"*_stat-{statistic}_desc-{description}_statmap.nii.gz")
    return volume(path)


def volume(path):
    return nibabel.load(path).get_fdata()


main(*sys.argv[1:])
