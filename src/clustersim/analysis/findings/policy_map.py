"""What a map found: which arm wins where in the plane of two parameters, and where that flips."""

from __future__ import annotations

import importlib.util
from functools import cached_property

import numpy as np
import pandas as pd

from clustersim.analysis.findings.common import Finished
from clustersim.analysis.mapping.discovery import rules
from clustersim.analysis.mapping.winners import FlipSummary, flip_summary, flips, winners
from clustersim.arrays import Array
from clustersim.measures import MEASURES
from clustersim.messages import text
from clustersim.reports import wording
from clustersim.reports.factor_words import factor_words, short_names
from clustersim.reports.markdown import rows_of, table
from clustersim.reports.wording import arm_words, effect_quantity, listed, percent
from clustersim.scenario.model import NO_ALLIANCE
from clustersim.spec.results import EQUAL_MONEY


class MapFindings:
    """Of a finished map.

    Attributes:
        maps: outcome -> its map.
    """

    def __init__(self, finished: Finished):
        self.finished = finished
        self.maps = {outcome: OutcomeMap(finished, outcome) for outcome in finished.study.outcomes}

    def tables(self) -> dict[str, pd.DataFrame]:
        """`map.csv`, `flips.csv`, `shares.csv` and `rules.csv` have the rows of all outcomes."""
        parts: dict[str, list[pd.DataFrame]] = {}
        for outcome, one in self.maps.items():
            for name, frame in one.tables().items():
                if len(frame) or outcome == self.finished.study.outcomes[0]:
                    parts.setdefault(name, []).append(frame.assign(outcome=outcome))
        together = {name: _outcome_first(pd.concat(tables, ignore_index=True)) for name, tables in parts.items()}
        runs = self.finished.job.design().merge(self.finished.runs, on="point", how="right")
        return {**together, "results.parquet": runs}

    def sentences(self) -> list[str]:
        said = [sentence for one in self.maps.values() for sentence in one.sentences()]
        own_cost = any(not arm.endswith(EQUAL_MONEY) for arm in self.finished.arms)
        if own_cost and self.finished.study.scenario.budget in ("own", "both"):
            said.append(text("study.map.cost"))
        return said

    def sections(self) -> list[str]:
        tables = [block for one in self.maps.values() for block in one.sections()]
        return [*tables, text("study.map.note")]


class OutcomeMap:
    """A map in one outcome.

    Attributes:
        cells: a row for each cell: `x`, `y` (values of the two factors), `column`, `row` (their places), the columns of
            `mapping.winners.winners`, and each arm's mean effect (`effect_<arm>`).
    """

    def __init__(self, finished: Finished, outcome: str):
        self.finished = finished
        self.measure = MEASURES[outcome]

    @cached_property
    def cells(self) -> pd.DataFrame:
        done = self.finished
        measure = self.measure
        effects = done.effects(measure.name)[done.rows]
        margin = float(getattr(done.job.scenario.parameters, measure.margin)) if measure.margin else 0.0
        found = winners(effects, done.arms, margin, measure.better or 1)
        values = [done.job.points[row] for row in done.rows]
        places = np.argwhere(np.ones(self.shape, dtype=bool))
        means = {f"effect_{arm}": effects[:, number].mean(axis=1) for number, arm in enumerate(done.arms)}
        own = {"x": [x for x, _ in values], "y": [y for _, y in values]}
        return pd.DataFrame({**own, "column": places[:, 0], "row": places[:, 1]}).join(found.assign(**means))

    @property
    def shape(self) -> tuple[int, int]:
        """Cells along the first and the second factor."""
        columns = len(dict.fromkeys(self.finished.job.points[row][0] for row in self.finished.rows))
        return columns, len(self.finished.rows) // columns

    @cached_property
    def flips(self) -> pd.DataFrame:
        """Neighbouring cells with different winners."""
        found = flips(self._grid("winner"))
        sure = self._grid("decided")
        both = [bool(sure[row.x, row.y] and sure[row.to_x, row.to_y]) for row in rows_of(found)]
        return found.assign(decided=np.array(both, dtype=bool))

    @cached_property
    def summary(self) -> FlipSummary:
        return flip_summary(self._grid("winner"), self._grid("decided"), [NO_ALLIANCE, *self.finished.arms])

    @cached_property
    def rules(self) -> pd.DataFrame:
        """For each arm that wins some of the decided cells and not all, the box that best describes which.

        Empty where ema_workbench is not installed.
        """
        names = [factor.name for factor in self.finished.study.factors]
        points = self.cells[["x", "y"]].set_axis(names, axis=1)
        parts, sure = [], self.cells["decided"].to_numpy(dtype=bool)
        if self._are_numbers:
            for arm in [NO_ALLIANCE, *self.finished.arms]:
                won = (self.cells["winner"] == arm).to_numpy()[sure]
                if won.any() and not won.all():
                    parts.append(_box(arm, points[sure].reset_index(drop=True), won))
        return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame()

    @property
    def _are_numbers(self) -> bool:
        return all(pd.api.types.is_numeric_dtype(self.cells[name]) for name in ("x", "y"))

    def _grid(self, column: str) -> Array:
        grid: Array = self.cells[column].to_numpy().reshape(self.shape)
        return grid

    def tables(self) -> dict[str, pd.DataFrame]:
        names = {"x": self.finished.study.factors[0].name, "y": self.finished.study.factors[1].name}
        tables = {
            "map.csv": self.cells.rename(columns=names),
            "flips.csv": self.flips,
            "shares.csv": self.summary.shares,
        }
        return {**tables, **({"rules.csv": self.rules} if len(self.rules) else {})}

    def sentences(self) -> list[str]:
        summary, study = self.summary, self.finished.study
        short = short_names(study.factors)
        names = [factor_words(short[factor.name]) for factor in study.factors]
        first = text(
            "study.map.first",
            x=names[0],
            y=names[1],
            measure=wording.measure_title(self.measure.name),
            cells=summary.cells,
            decided=summary.decided_cells,
        )
        return [first, self._shares(), self._flips(), *self._rules(), *self._leads()]

    def _shares(self) -> str:
        rows = self.summary.shares[self.summary.shares["share"] > 0]
        parts = [text("study.map.share", arm=arm_words(row.arm), share=percent(row.share)) for row in rows_of(rows)]
        return text("study.map.shares", parts=listed(parts))

    def _flips(self) -> str:
        if not self.summary.decided_cells:
            seeds = wording.seeds(self.finished.job.seeds)
            return text("study.map.none_decided", seeds=seeds)
        if not self.summary.flips:
            return text("study.map.no_flip")
        key = "flip" if self.summary.flips_decided else "flip_undecided"
        return text(f"study.map.{key}", pairs=len(self.flips), decided=int(self.flips["decided"].sum()))

    def _rules(self) -> list[str]:
        if self.rules.empty:
            flips = self.summary.flips and self._are_numbers
            return [text("study.map.no_discovery")] if flips and not discovery_installed() else []
        said = []
        short = short_names(self.finished.study.factors)
        for arm, box in self.rules.groupby("arm", sort=False):
            limits = [
                text(
                    "study.map.limit",
                    factor=factor_words(short[row.parameter]),
                    low=f"{row.low:g}",
                    high=f"{row.high:g}",
                )
                for row in rows_of(box)
            ]
            numbers = {"coverage": percent(box["coverage"].iloc[0]), "density": percent(box["density"].iloc[0])}
            where = text("study.map.and").join(limits)
            said.append(text("study.map.rule", arm=arm_words(str(arm)), where=where, **numbers))
        return said

    def _leads(self) -> list[str]:
        measure = self.measure
        lead = self.cells["lead"]
        numbers = {"low": lead.min(), "mid": lead.median(), "high": lead.max()}
        told = {name: effect_quantity(value, measure) for name, value in numbers.items()}
        if measure.margin is None:
            return [text("study.map.lead_only", **told)]
        matters = (self.cells["matters"] & self.cells["decided"]).mean()
        return [text("study.map.lead", **told, matters=percent(float(matters)))]

    def sections(self) -> list[str]:
        shares = self.summary.shares
        header = [text(f"study.column.{name}") for name in ("arm", "cells_won", "decided_won")]
        rows = [[arm_words(row.arm), percent(row.share), percent(row.share_decided)] for row in rows_of(shares)]
        title = wording.measure_title(self.measure.name)
        return [f"### {title}", table(header, rows)]


def _outcome_first(frame: pd.DataFrame) -> pd.DataFrame:
    return frame[["outcome", *(name for name in frame if name != "outcome")]]


def _box(arm: str, points: pd.DataFrame, won: Array) -> pd.DataFrame:
    return rules(points, won).assign(arm=arm) if discovery_installed() else pd.DataFrame()


def discovery_installed() -> bool:
    """Whether the extra `discovery` is there."""
    return importlib.util.find_spec("ema_workbench") is not None
