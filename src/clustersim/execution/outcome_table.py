"""From a simulated block to the outcomes of its runs."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from clustersim.engines import batch
from clustersim.execution.run_values import RUN, shock_values, window_values, with_shock
from clustersim.execution.tables import series_table
from clustersim.measures import MEASURES
from clustersim.scenario.model import Scenario
from clustersim.spec.parameters import Values
from clustersim.spec.results import Block


def outcome_table(
    block: Block, points: Sequence[Scenario], numbers: Sequence[int], names: Sequence[str]
) -> pd.DataFrame:
    """Columns point, seed, arm and one for each measure; a row for each run, in the order (arm, point, seed).

    Args:
        points: of the block. numbers: what they are called in the study. names: of measures.
    """
    bases = len(block.seeds)
    seeds = bases // len(points)
    # Measures are of runs (arm, seed). Here a base takes the place of the seed, so that points are runs of their own.
    series = series_table(block).drop(columns="point").assign(arm=lambda table: table["arm"].astype(str))
    months = len(series) // (len(block.arms) * bases)
    series["seed"] = np.tile(np.repeat(np.arange(bases), months), len(block.arms))
    values = _window(with_shock(series), points, seeds, names)
    if any(MEASURES[name].reads == "shock" for name in names):
        values = values.join(shock_values(series))
    arm, base = values.index.get_level_values("arm"), values.index.get_level_values("seed").to_numpy()
    index = {
        "point": np.asarray(numbers, dtype=np.int32)[block.points[base]],
        "seed": block.seeds[base],
        "arm": pd.Categorical(arm, categories=list(dict.fromkeys(arm))),
    }
    return pd.DataFrame(index | {name: values[name].to_numpy(dtype=np.float64) for name in names})


def _window(series: pd.DataFrame, points: Sequence[Scenario], seeds: int, names: Sequence[str]) -> pd.DataFrame:
    measures = [MEASURES[name] for name in names if MEASURES[name].reads == "window"]
    parameters = batch.stacked([point.parameters for point in points], np.repeat(np.arange(len(points)), seeds))
    arms = list(dict.fromkeys(series["arm"]))
    index = pd.MultiIndex.from_product([arms, range(seeds * len(points))], names=RUN)
    columns = {
        name: value if np.ndim(value) == 0 else pd.Series(np.tile(value[:, 0], len(arms)), index)
        for name, value in parameters.as_dict().items()
    }
    return window_values(series, None, Values(columns), measures)
