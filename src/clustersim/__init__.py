"""clustersim: what would a cluster committee or a chain-leader system change, compared with no alliance?

import clustersim as cs

run = cs.load("scenarios/xinqiao.yaml").run(seeds=100)
run.effects()  # a pandas frame
"""

import lazy_loader

# Each is imported when it is first used: `clustersim --help` must not wait for pandas. Type checkers read the stub
# beside this file; to read it here too would take longer than all else that importing the package does.
PUBLIC = (
    *("Executor", "Experiment", "InputError", "OtherVersionWarning", "Run", "StudyExperiment", "StudyResult"),
    *("briefing", "language", "load", "load_study", "open_results"),
)
__getattr__, __dir__, __all__ = lazy_loader.attach(__name__, submod_attrs={"api": PUBLIC})
__version__ = "0.1.0"
