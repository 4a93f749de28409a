"""Map activations of the layers of a language model onto brains, with statistics that stand up.

Estimators follow scikit-learn, functions take and give NumPy arrays, studies are those of the command ``gyrus``. The guide is
docs/python.md of the repository.
"""

from __future__ import annotations

import importlib

from ._engine import GyrusError, InputError, InternalError, __version__

# What is loaded when it is first asked for: NumPy and scikit-learn take longer to load than all of gyrus.
_PLACES = {
    "BandedRidgeCV": "estimators",
    "Delayer": "transformers",
    "Lanczos": "transformers",
    "RidgeCV": "estimators",
    "align": "alignment",
    "b2b": "similarity",
    "cka": "similarity",
    "compare": "comparison",
    "composition": "terms",
    "denoise": "cleaning",
    "extract": "language_models",
    "group_test": "participants",
    "hierarchy_index": "layers",
    "layer_profile": "layers",
    "noise_ceiling": "ceilings",
    "partition": "scoring",
    "power": "planning",
    "rsa": "similarity",
    "score": "scoring",
    "simulate": "cohorts",
    "surrogate_test": "scoring",
    "Results": "results",
    "open": "results",
    "Study": "studies",
}

__all__ = ["GyrusError", "GyrusWarning", "InputError", "InternalError", "__version__", *sorted(_PLACES)]


class GyrusWarning(UserWarning):
    """What to know before believing a number."""


def __getattr__(name: str) -> object:
    place = _PLACES.get(name)
    if place is None:
        raise AttributeError(f"module 'gyrus' has no attribute {name!r}")
    value = getattr(importlib.import_module(f".{place}", __name__), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *_PLACES})
