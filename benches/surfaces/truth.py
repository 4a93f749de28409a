"""How well the planted areas of a simulated study on surfaces score: python truth.py DATA OUT SPACE LANGUAGE_MODEL.

DATA is what `gyrus simulate --surface` wrote, OUT what `gyrus analyze` made of it, SPACE is fsaverage5, fsaverage6 or fsLR. Prints the
geometry that nibabel and nilearn find in the maps, and per area its planted layer and the mean score of its vertices in the last layer.
"""

import csv
import pathlib
import sys

import nibabel
import numpy
from nilearn.surface import SurfaceImage


def main(data, out, space, language_model):
    with open(pathlib.Path(data, "truth/planted.tsv"), encoding="utf-8") as table:
        planted = {row["region"]: row["layer"] for row in csv.DictReader(table, delimiter="\t")}
    read = dense if space == "fsLR" else surfaces
    scores, keys, names = read(pathlib.Path(data), pathlib.Path(out, "maps/group"), space, language_model)
    print("area\tplanted_layer\tplaces\tscore")
    for key in sorted(set(keys)):
        own = scores[keys == key]
        print(f"{names[key]}\t{planted.get(names[key], 'none')}\t{own.size}\t{numpy.nanmean(own):.3f}")


def only(folder, pattern):
    (path,) = folder.glob(pattern)
    return path


def surfaces(data, maps, space, language_model):
    stem = f"space-{space}_stat-mean_desc-{language_model}Score_statmap.func.gii"
    files = {side: only(maps, f"hemi-{side[0].upper()}_{stem}") for side in ("left", "right")}
    meshes = {side: only(data / "atlas", f"tpl-{space}_hemi-{side[0].upper()}_*.surf.gii") for side in files}
    image = SurfaceImage(mesh=meshes, data=files)
    print(f"nilearn: {image.shape}; nibabel: {[nibabel.load(path).darrays[0].data.shape for path in files.values()]}")
    atlas = [nibabel.load(only(data / "atlas", f"tpl-{space}_hemi-{side}_*.label.gii")) for side in "LR"]
    names = {label.key: label.label for label in atlas[0].labeltable.labels}
    keys = numpy.concatenate([half.darrays[0].data for half in atlas])
    return numpy.concatenate([nibabel.load(path).darrays[-1].data for path in files.values()]), keys, names


def dense(data, maps, space, language_model):
    image = nibabel.load(only(maps, f"space-{space}_*stat-mean_desc-{language_model}Score_statmap.dscalar.nii"))
    recording = next(data.glob("derivatives/fmriprep/sub-*/func/*.dtseries.nii"))
    axes = [file.header.get_axis(1) for file in (image, nibabel.load(recording))]
    print(f"nibabel: {image.shape}, the brain models of the recording: {axes[0] == axes[1]}")
    atlas = nibabel.load(only(data / "atlas", f"tpl-{space}_*.dlabel.nii"))
    names = {key: name for key, (name, _) in atlas.header.get_axis(0).label[0].items()}
    return image.get_fdata()[-1], atlas.get_fdata()[0].astype(int), names


main(*sys.argv[1:])
