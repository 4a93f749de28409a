"""The work that `cargo xtask bench python` times: python fit.py fit FOLDER [ORDER], or fit.py import.

Prints one line of JSON: wall and processor seconds of the work itself, the peak memory of the process above what it held before,
and a number that the work computed.
"""

import json
import pathlib
import resource
import subprocess
import sys
import time
import warnings

ALPHAS = [10.0**exponent for exponent in range(9)] + [10.0**0.5]
FOLDS = 5
ROWS = 832


def said(wall, processor, peak, check=None):
    print(json.dumps({"wall": wall, "processor": processor, "peak": peak, "check": check}))


def resident(name):
    with open("/proc/self/status") as status:
        line = next(line for line in status if line.startswith(name))
    return int(line.split()[1]) * 1024


def work(folder, order="C"):
    """`RidgeCV.fit` of the rows and pairs of blocks that the example in Rust has too."""
    import numpy as np

    from gyrus import RidgeCV

    features = np.load(folder / "x0.npy")[:ROWS]
    responses = np.array(np.load(folder / "y.npy")[:ROWS], order=order)
    bounds = [ROWS * block // FOLDS for block in range(FOLDS + 1)]
    pairs = [([*range(a), *range(b, ROWS)], list(range(a, b))) for a, b in zip(bounds, bounds[1:])]
    fit = RidgeCV(ALPHAS, cv=pairs, n_jobs=2).fit

    warnings.simplefilter("ignore")
    fit(features, responses[:, :8])
    # What was held while the arrays were made does not count.
    pathlib.Path("/proc/self/clear_refs").write_text("5")
    before = resident("VmRSS")
    started, used = time.monotonic(), time.process_time()
    model = fit(features, responses)
    wall, processor = time.monotonic() - started, time.process_time() - used
    said(wall, processor, max(resident("VmHWM") - before, 0), float(np.log10(model.alphas_).mean()))


def importing():
    """The fastest of ten interpreters that import gyrus, less the fastest of ten that do not."""

    def fastest(code):
        def once():
            started = time.monotonic()
            subprocess.run([sys.executable, "-c", code], check=True)
            return time.monotonic() - started

        return min(once() for _ in range(10))

    wall = fastest("import gyrus") - fastest("pass")
    said(wall, wall, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss * 1024)


if __name__ == "__main__":
    if sys.argv[1] == "import":
        importing()
    else:
        work(pathlib.Path(sys.argv[2]), *sys.argv[3:])
