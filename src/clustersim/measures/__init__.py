"""The measures: one definition, one name, one unit each. Columns of monthly sums in, a number a run out.

A file of this package is a family of measures: its functions hold the formulas, its tuple `MEASURES` names
them. A new measure is one entry there and its texts `measure.<name>.title` and `.definition` in the message
catalogue.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from clustersim.spec.parameters import Values

if TYPE_CHECKING:
    import pandas as pd

type Kind = Literal["level points", "percent of twin", "amount"]
type Reads = Literal["window", "shock", "firms", "spells"]

LAST_MONTHS = 12


@dataclass(frozen=True)
class Window:
    """Monthly sums of some months, added up. Rows are runs (arm, seed), columns those of the series.

    Attributes:
        total: sums over all months of the window.
        last: sums over its last 12 months (all, where it has fewer).
        last_months: how many months `last` holds.
        end: the last month of the window.
        parameters: the scenario's parameter values (numbers, not columns).
    """

    total: pd.DataFrame
    last: pd.DataFrame
    last_months: int
    end: pd.DataFrame
    parameters: Values


@dataclass(frozen=True)
class ShockOutput:
    """Output by month with a shock and without it. Rows of both are runs (arm, seed), columns months."""

    shocked: pd.DataFrame
    unshocked: pd.DataFrame


@dataclass(frozen=True)
class Measure:
    """A number of a run, and how two runs of a seed are compared in it.

    Attributes:
        name: column of the values; its texts are `measure.<name>.title` and `.definition`.
        unit: of a level; key below `measure_unit.` in the message catalogue.
        kind: how an effect is expressed. `level points`: difference of two percentages, in points;
            `percent of twin`: 100 (arm / twin - 1); `amount`: difference in the unit of the level.
        function: what it `reads` -> a number for each run. Its docstring holds the formula.
        headline: whether it is in the first table.
        better: 1 more is better, -1 less is better, 0 neither.
        margin: the parameter that holds its margin of practical difference, None: no verdict is given.
        reads: what `function` is handed: a Window; for `shock` a ShockOutput; for `firms` and `spells` those tables.
    """

    name: str
    unit: str
    kind: Kind
    function: Callable[..., pd.Series]
    headline: bool = False
    better: int = 1
    margin: str | None = None
    reads: Reads = "window"

    @property
    def effect_unit(self) -> str:
        """Unit of an effect; key below `measure_unit.`."""
        return {"level points": "points", "percent of twin": "percent", "amount": self.unit}[self.kind]


def percent(part: pd.Series, whole: pd.Series) -> pd.Series:
    """100 x part / whole, NaN where the whole is 0."""
    return 100.0 * part / whole.where(whole != 0)


def mean_of_last(window: Window, column: str) -> pd.Series:
    """Mean of a column over the last 12 months."""
    mean: pd.Series = window.last[column] / window.last_months
    return mean


def _found() -> dict[str, Measure]:
    """All measures by name, the headline first, shares before amounts."""
    files = [found.name for found in pkgutil.iter_modules(__path__)]
    families = [importlib.import_module(f"{__name__}.{file}") for file in files]
    measures = [measure for family in families for measure in family.MEASURES]
    names = [measure.name for measure in measures]
    if len(set(names)) < len(names):
        raise ValueError(f"two measures have the same name: {sorted(names)}")
    first = sorted(measures, key=lambda measure: (not measure.headline, measure.kind != "level points"))
    return {measure.name: measure for measure in first}


MEASURES: dict[str, Measure] = _found()


def headline() -> tuple[Measure, ...]:
    """The measures of the first table."""
    return tuple(measure for measure in MEASURES.values() if measure.headline)


def read_from(reads: Reads) -> tuple[Measure, ...]:
    """The measures that are computed from one kind of input."""
    return tuple(measure for measure in MEASURES.values() if measure.reads == reads)
