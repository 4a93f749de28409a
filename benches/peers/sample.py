"""Work that would take minutes: timed on two samples, the rest reckoned from their difference."""

import time


def sampled(run, count, total):
    """What `run(2 * count)` gives, and seconds of `run(total)`, with both samples so that one sees whether time is linear."""
    seconds = []
    for some in (count, 2 * count):
        start = time.perf_counter()
        found = run(some)
        seconds.append(time.perf_counter() - start)
    rate = (seconds[1] - seconds[0]) / count
    wall = seconds[1] + rate * (total - 2 * count)
    return found, dict(processor=None, wall=wall, samples=[[count, seconds[0]], [2 * count, seconds[1]]])
