"""Sensitivity analysis: which parameters move the mean over seeds of an effect (or of a level).

A design says at which points of the unit cube to run; the same seeds are run at every row. Analysis turns the
values y (rows, seeds) into indices with two kinds of interval: over the design (would other points have said the
same?) and over the seeds (would other seeds?). Numbers and frames only.

| method | tells | rows |
|---|---|---|
| `morris` | mean size of a step's effect: screening of many factors | trajectories x (factors + 1) |
| `sobol` | shares of the variance, alone (`first`) and with interactions (`total`) | base points x (factors + 2) |
| `pawn` | shift of the distribution, no moments needed | points |

Every design ends with a factor that no model reads (`DUMMY`): what the method says of it is its own noise.
Out of scope: second-order indices, groups of factors, factors that depend on one another.
"""

from clustersim.analysis.sensitivity.design import DUMMY, METHODS, Design, first_half
from clustersim.analysis.sensitivity.indices import Result, analyse

__all__ = ["DUMMY", "METHODS", "Design", "Result", "analyse", "first_half"]
