"""clustersim: what would a cluster committee or a chain-leader system change, compared with no alliance?

import clustersim as cs

run = cs.load("scenarios/xinqiao.yaml").run(seeds=100)
run.effects()  # a pandas frame
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from clustersim.api import (
        Executor,
        Experiment,
        InputError,
        Run,
        StudyExperiment,
        StudyResult,
        briefing,
        language,
        load,
        load_study,
        open_results,
    )

__all__ = [
    "Executor",
    "Experiment",
    "InputError",
    "Run",
    "StudyExperiment",
    "StudyResult",
    "briefing",
    "language",
    "load",
    "load_study",
    "open_results",
]
__version__ = "0.1.0"


def __getattr__(name: str) -> Any:
    """The API is imported when it is used: `clustersim --help` must not wait for pandas."""
    if name in __all__:
        from clustersim import api

        return getattr(api, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
