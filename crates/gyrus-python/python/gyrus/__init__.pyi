"""What `import gyrus` offers, for type checkers."""

from ._engine import GyrusError as GyrusError
from ._engine import InputError as InputError
from ._engine import InternalError as InternalError
from .alignment import align as align
from .ceilings import noise_ceiling as noise_ceiling
from .cleaning import denoise as denoise
from .cohorts import simulate as simulate
from .comparison import compare as compare
from .estimators import BandedRidgeCV as BandedRidgeCV
from .estimators import RidgeCV as RidgeCV
from .language_models import extract as extract
from .layers import hierarchy_index as hierarchy_index
from .layers import layer_profile as layer_profile
from .participants import group_test as group_test
from .planning import power as power
from .results import Results as Results
from .results import open as open
from .scoring import partition as partition
from .scoring import score as score
from .scoring import surrogate_test as surrogate_test
from .similarity import b2b as b2b
from .similarity import cka as cka
from .similarity import rsa as rsa
from .studies import Study as Study
from .terms import composition as composition
from .transformers import Delayer as Delayer
from .transformers import Lanczos as Lanczos

__all__ = [
    "GyrusError",
    "GyrusWarning",
    "InputError",
    "InternalError",
    "__version__",
    "BandedRidgeCV",
    "Delayer",
    "Lanczos",
    "Results",
    "RidgeCV",
    "Study",
    "align",
    "b2b",
    "cka",
    "compare",
    "composition",
    "denoise",
    "extract",
    "group_test",
    "hierarchy_index",
    "layer_profile",
    "noise_ceiling",
    "open",
    "partition",
    "power",
    "rsa",
    "score",
    "simulate",
    "surrogate_test",
]

__version__: str

class GyrusWarning(UserWarning): ...
