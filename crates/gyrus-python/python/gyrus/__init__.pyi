"""What `import gyrus` offers, for type checkers."""

from ._engine import GyrusError as GyrusError
from ._engine import InputError as InputError
from ._engine import InternalError as InternalError
from .comparison import compare as compare
from .estimators import BandedRidgeCV as BandedRidgeCV
from .estimators import Delayer as Delayer
from .estimators import Lanczos as Lanczos
from .estimators import RidgeCV as RidgeCV
from .functions import align as align
from .functions import denoise as denoise
from .functions import extract as extract
from .functions import group_test as group_test
from .functions import hierarchy_index as hierarchy_index
from .functions import layer_profile as layer_profile
from .functions import noise_ceiling as noise_ceiling
from .functions import power as power
from .functions import score as score
from .functions import simulate as simulate
from .functions import surrogate_test as surrogate_test
from .results import Results as Results
from .results import open as open
from .similarity import b2b as b2b
from .similarity import cka as cka
from .similarity import rsa as rsa
from .studies import Study as Study

__version__: str

class GyrusWarning(UserWarning): ...
