"""The Python interface: scenarios, runs, studies, attributions, stored results and briefings."""

from clustersim.api.briefs import briefing
from clustersim.api.opening import open_results
from clustersim.api.runs import Experiment, Run, load
from clustersim.api.spoken import language
from clustersim.api.studies import StudyExperiment, StudyResult, load_study
from clustersim.errors import InputError, OtherVersionWarning
from clustersim.execution.executor import Executor

__all__ = [
    "Executor",
    "Experiment",
    "InputError",
    "OtherVersionWarning",
    "Run",
    "StudyExperiment",
    "StudyResult",
    "briefing",
    "language",
    "load",
    "load_study",
    "open_results",
]
