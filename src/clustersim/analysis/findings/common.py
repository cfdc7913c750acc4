"""What the findings of all verbs share: the values of a finished study, and words for factors, ranges and shares."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Protocol

import numpy as np
import pandas as pd

from clustersim.analysis.tornado import tornado
from clustersim.arrays import Array
from clustersim.execution import studies
from clustersim.execution.factors import ANY_ARM, Factor
from clustersim.execution.job import Job
from clustersim.measures import MEASURES, Measure
from clustersim.messages import has, text
from clustersim.reports import wording
from clustersim.reports.markdown import table
from clustersim.scenario.model import Scenario
from clustersim.scenario.phrases import value_text
from clustersim.storage.folder import StudyFolder
from clustersim.studies.plan import Study

RANGE = (5.0, 50.0, 95.0)  # percentiles over points


class Findings(Protocol):
    """What a verb found."""

    def tables(self) -> dict[str, pd.DataFrame]:
        """Name of the file -> table."""

    def sentences(self) -> list[str]:
        """What was found and how sure it is."""

    def sections(self) -> list[str]:
        """Further blocks of the report, in Markdown."""


@dataclass(frozen=True, eq=False)
class Finished:
    """A study whose blocks are all there.

    Attributes:
        rows: for each row of the design the number of its point in the job.
    """

    study: Study
    job: Job
    rows: Sequence[int]
    folder: StudyFolder

    @cached_property
    def runs(self) -> pd.DataFrame:
        """Every run; see `running.outcomes`."""
        return studies.outcomes(self.job, self.folder)

    @property
    def arms(self) -> list[str]:
        """The policy arms, in the order of their effects."""
        return list(self.runs["arm"].cat.categories)[1:]

    def effects(self, outcome: str) -> Array:
        """(points, arms, seeds) against no alliance, in the measure's unit of effects."""
        return studies.effects(self.job, self.runs, outcome)

    def tornado(self, arm: str, outcome: str, rows: Array) -> pd.DataFrame:
        """What the effect of an arm hangs on, of the factors that are numbers; see `analysis.tornado`.

        Args:
            rows: numbers of the rows of the design that are drawn independently of one another.
        """
        points = np.asarray(self.rows)[rows]
        effects = self.effects(outcome)[points, self.arms.index(arm)].mean(axis=1)
        design = self.job.design().drop(columns="point").iloc[points].select_dtypes("number")
        return tornado(list(design.columns), design.to_numpy(dtype=np.float64), effects)


def short_names(factors: Sequence[Factor]) -> dict[str, str]:
    """Factor -> the end of its key path that tells it from the others: `rivalry`, `groups.learning`."""
    found = {}
    for factor in factors:
        parts = factor.name.split(".")
        short = parts[-1] if parts[0] == "parameters" else ".".join(part for part in parts[2:] or parts)
        found[factor.name] = short
    repeated = {short for short in found.values() if list(found.values()).count(short) > 1}
    return {name: name.replace(f".{ANY_ARM}.", ".") if short in repeated else short for name, short in found.items()}


def factor_words(name: str) -> str:
    """A factor as it is told: what it is called, in code."""
    return text("study.code", name=name)


def factor_table(factors: Sequence[Factor], scenario: Scenario) -> str:
    """Every factor with what it stands at in the scenario, what it takes, and what it means."""
    header = [text(f"study.column.{name}") for name in ("factor", "default", "range", "meaning")]
    return table(
        header,
        [[f"`{factor.name}`", _default(factor), range_words(factor), meaning(factor, scenario)] for factor in factors],
    )


def _default(factor: Factor) -> str:
    return wording.NOTHING if factor.default is None else value_text(factor.default)


def range_words(factor: Factor) -> str:
    if factor.levels:
        return text("list.separator").join(value_text(level) for level in factor.levels)
    return text("study.range", low=f"{factor.low:g}", high=f"{factor.high:g}")


def meaning(factor: Factor, scenario: Scenario) -> str:
    """The registry's words for a factor, nothing for what has none."""
    parts = factor.paths[0].split(".")
    keys = [f"parameter.{parts[-1]}"] if parts[0] == "parameters" else []
    if parts[0] == "policies" and len(parts) == 4:
        keys = [
            f"parameter.{use.instrument}.{parts[3]}"
            for policy in scenario.policies
            for use in policy.instruments
            if (policy.name, use.label) == (parts[1], parts[2])
        ]
    return next((text(key) for key in keys if has(key)), "")


def effect_quantity(value: float, measure: Measure, decimals: int = 1) -> str:
    """`+8.8%`, `+0.4 points`."""
    return wording.quantity(wording.plain(value, decimals, signed=True), measure.effect_unit)


def measure_words(name: str) -> str:
    return wording.mid_sentence(wording.measure_title(name))


def arm_words(name: str) -> str:
    return wording.mid_sentence(wording.arm_name(name))


def spread(values: Array, axis: int = 0) -> Array:
    """5%, 50% and 95% of values."""
    return np.percentile(values, RANGE, axis=axis)


def percent(share: float) -> str:
    return "-" if not np.isfinite(share) else f"{100.0 * share:.0f}%"


def listed(items: Sequence[str]) -> str:
    return text("list.separator").join(items)


def measures_of(study: Study) -> list[Measure]:
    return [MEASURES[name] for name in study.outcomes]
