"""A finished study as if it were large: python enlarge.py STUDY LARGE.

STUDY is what `gyrus demo` or `gyrus analyze` wrote for one language model and volumes. LARGE gets its results with 20 participants,
12 layers (the last one again and again) and 100,400 voxels, with made-up numbers of every voxel: enough for `gyrus report LARGE`, and for
`gyrus view LARGE` to show every voxel.
"""

import copy
import json
import math
import pathlib
import random
import shutil
import sys

PARTICIPANTS, LAYERS = 20, 12
SHAPE, RADII, CENTRE = (62, 76, 62), (30.8, 37.8, 20.6), (30.5, 37.5, 30.5)
# Of every two voxels along an axis one is in the page, so that its numbers keep within their limit.
STEP = 2
CHARACTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"


def main(study, large):
    study, large = pathlib.Path(study), pathlib.Path(large)
    (large / "tables").mkdir(parents=True, exist_ok=True)
    for name in ("brains.json", "inputs.json"):
        shutil.copy(study / "tables" / name, large / "tables" / name)
    results = json.loads((study / "tables/results.json").read_text())
    voxels = [at for at in places(SHAPE) if sum(((a - c) / r) ** 2 for a, c, r in zip(at, CENTRE, RADII)) <= 1]
    region = lambda at: (at[0] // 12 + 5 * (at[1] // 12)) % len(results["regions"])
    results = enlarged(results)
    results["targets"] = [{"name": "-".join(map(str, at)), "region": results["regions"][region(at)]} for at in voxels]
    write(large / "tables/results.json", results)
    write(large / "tables/volume.json", volume(voxels, region, STEP))
    write(large / "tables/everything.json", {"volume": volume(voxels, region, 1), "surface": None})
    print(f"{len(voxels)} voxels, {PARTICIPANTS} participants, {LAYERS} layers")


def places(shape):
    return ((x, y, z) for z in range(shape[2]) for y in range(shape[1]) for x in range(shape[0]))


def enlarged(results):
    model, people = results["language_models"][0], results["participants"]
    count = len(people)

    def more_people(value):
        if isinstance(value, dict):
            return {key: more_people(inner) for key, inner in value.items()}
        if not isinstance(value, list):
            return value
        if len(value) == count and all(isinstance(one, (int, float, type(None))) for one in value):
            return [value[index % count] for index in range(PARTICIPANTS)]
        return [more_people(inner) for inner in value]

    for key, rows in model.items():
        if isinstance(rows, list) and rows and isinstance(rows[0], dict) and "layer" in rows[0] and key != "best_layer":
            last = [row for row in rows if row["layer"] == model["last_layer"]]
            rows += [{**copy.deepcopy(row), "layer": layer} for layer in range(model["last_layer"] + 1, LAYERS) for row in last]
    model["layers"], model["last_layer"] = list(range(LAYERS)), LAYERS - 1
    results = more_people({key: value for key, value in results.items() if key != "participants"})
    results["participants"] = [{**people[index % count], "name": f"sub-{index + 1:02}"} for index in range(PARTICIPANTS)]
    results["methods"]["n_participants"] = PARTICIPANTS
    return results


def volume(voxels, region, step):
    """As gyrus/src/volume.rs has it: thousandths of scores that fall off around two places, with noise."""
    random.seed(1)
    kept = [at for at in voxels if all(a % step == step // 2 for a in at)]
    low = [min(at[axis] for at in kept) // step for axis in range(3)]
    size = [max(at[axis] for at in kept) // step + 1 - low[axis] for axis in range(3)]
    place = lambda at: sum((at[axis] // step - low[axis]) * math.prod(size[:axis]) for axis in range(3))
    kept = sorted(kept, key=place)
    order = [place(at) for at in kept]
    score = [[value(at, layer) for at in kept] for layer in range(LAYERS)]
    maps = {
        "layers": list(range(LAYERS)),
        "best": 7,
        "score": [packed(layer) for layer in score],
        "gain": [packed([int(0.6 * r + random.gauss(0, 8)) for r in layer]) for layer in score],
        "p": [packed([max(1, int(1000 * math.exp(-max(r, 0) / 22))) for r in layer]) for layer in score],
        "depth": packed([60 + random.randrange(30) for _ in kept]),
    }
    return {
        "size": size,
        "step": step,
        "axes": [[axis, step * low[axis] + step // 2, step] for axis in range(3)],
        "affine": [[3, 0, 0, -91.5], [0, 3, 0, -130], [0, 0, 3, -72]],
        "places": packed([at - before for before, at in zip([-1, *order], order)]),
        "targets": packed([0] * len(kept)),
        "n_voxels": len(kept),
        "n_targets": len(kept),
        "names": [],
        "regions": packed([region(at) for at in kept]),
        "maps": [maps],
    }


def value(at, layer):
    near = lambda centre, width: math.exp(-sum((a - c) ** 2 for a, c in zip(at, centre)) / width)
    peak = near((12, 42, 32), 240) + 0.7 * near((50, 30, 30), 200)
    return int(1000 * (0.28 * peak * (1 - abs(layer - 7) / 12) + random.gauss(0, 0.015)))


def packed(values):
    least = min(values)
    bits = (max(values) - least + 1).bit_length()
    text = "".join(format(number - least + 1, f"0{bits}b") for number in values)
    text += "0" * (-len(text) % 6)
    return {"least": least, "bits": bits, "data": "".join(CHARACTERS[int(text[at : at + 6], 2)] for at in range(0, len(text), 6))}


def write(path, value):
    path.write_text(json.dumps(value))


if __name__ == "__main__":
    main(*sys.argv[1:])
