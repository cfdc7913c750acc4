from .api import Executor as Executor
from .api import Experiment as Experiment
from .api import InputError as InputError
from .api import OtherVersionWarning as OtherVersionWarning
from .api import Run as Run
from .api import StudyExperiment as StudyExperiment
from .api import StudyResult as StudyResult
from .api import briefing as briefing
from .api import language as language
from .api import load as load
from .api import load_study as load_study
from .api import open_results as open_results

__version__: str
