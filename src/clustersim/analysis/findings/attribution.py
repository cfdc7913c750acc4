"""What an attribution found: what each instrument of an arm contributes, which pairs it makes, who gains and loses."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd

from clustersim.analysis import study_outcomes
from clustersim.analysis.attribution import shapley as values
from clustersim.analysis.attribution.winners import winners
from clustersim.arrays import Array
from clustersim.errors import CertificateError, InputError, Problem
from clustersim.execution.job import GATE, Job, players_of
from clustersim.measures import MEASURES
from clustersim.messages import text
from clustersim.reports import wording
from clustersim.reports.markdown import rows_of, table
from clustersim.reports.wording import arm_words, effect_quantity, listed, measure_words
from clustersim.scenario.document import nearest
from clustersim.scenario.model import Policy, Scenario
from clustersim.spec.state import SIZE_CLASSES
from clustersim.storage.folder import StudyFolder

OUTCOMES = ("output", "pairing_rate", "value_added")


def attribution_job(scenario: Scenario, arm: str, seeds: int, together: tuple[tuple[str, ...], ...] = ()) -> Job:
    """All sets of instruments of an arm.

    Args:
        together: labels that count as one player.

    Raises:
        InputError: there is no such arm or label, or there are more players than can be done exactly.
    """
    policy = _policy(scenario, arm)
    players = _players(policy, together)
    if not 1 <= len(players) <= values.MOST_PLAYERS:
        fields = {"arm": arm, "players": len(players), "most": values.MOST_PLAYERS}
        labels = ", ".join(players_of(policy))
        raise InputError(Problem("attribution.players", {**fields, "labels": labels}, path=f"policies.{arm}"))
    return Job(scenario, "outcomes", (), ((),), (arm,), OUTCOMES, seeds, players)


def _policy(scenario: Scenario, arm: str) -> Policy:
    known = {policy.name: policy for policy in scenario.policies[1:]}
    if arm not in known:
        fields = {"given": arm, "nearest": nearest(arm, list(known)), "allowed": ", ".join(known) or "–"}
        raise InputError(Problem("attribution.arm", fields))
    return known[arm]


def _players(policy: Policy, together: tuple[tuple[str, ...], ...]) -> tuple[tuple[str, ...], ...]:
    labels = players_of(policy)
    joined = [label for group in together for label in group]
    for label in joined:
        if label not in labels or joined.count(label) > 1:
            fields = {"given": label, "allowed": ", ".join(labels)}
            raise InputError(Problem("attribution.label", fields, path=f"policies.{policy.name}"))
    found: list[tuple[str, ...]] = []
    for label in labels:
        group = next((group for group in together if label in group), (label,))
        if group not in found:
            found.append(group)
    return tuple(found)


@dataclass(frozen=True, eq=False)
class AttributionFindings:
    """Of one arm.

    Attributes:
        job, folder: the coalitions.
        firms: table `firms` of the run, of the arm and of no alliance. effects: `Estimates.effects` of the run.
        levels: headline values of the run's arm, (seeds,) by outcome; the grand coalition must be these.
    """

    job: Job
    folder: StudyFolder
    firms: pd.DataFrame
    effects: pd.DataFrame
    levels: dict[str, Array]

    @property
    def arm(self) -> str:
        return self.job.arms[0]

    @property
    def names(self) -> list[str]:
        return [" + ".join(labels) for labels in self.job.players]

    @cached_property
    def _runs(self) -> pd.DataFrame:
        return study_outcomes.outcomes(self.job, self.folder)

    def coalitions(self, outcome: str) -> Array:
        """(sets of players, seeds): effects against no alliance.

        Raises:
            CertificateError: the set of all players is not the arm itself.
        """
        level = study_outcomes.levels(self.job, self._runs, outcome)[0, -1]
        for seed in np.flatnonzero(level != self.levels[outcome])[:1]:
            fields = {"arm": self.arm, "seed": int(seed), "column": outcome}
            both = {"alone": repr(self.levels[outcome][seed]), "branched": repr(level[seed])}
            raise CertificateError(Problem("attribution.differs", {**fields, **both}))
        return study_outcomes.effects(self.job, self._runs, outcome)[0]

    @cached_property
    def shapley(self) -> pd.DataFrame:
        parts = []
        for outcome in self.job.outcomes:
            found = values.shapley(self.coalitions(outcome), self.names)
            unit = MEASURES[outcome].effect_unit
            parts.append(found.assign(arm=self.arm, measure=outcome, unit=unit))
        return _first(pd.concat(parts, ignore_index=True), "arm", "measure", "unit")

    @cached_property
    def totals(self) -> pd.DataFrame:
        parts = [
            values.totals(self.coalitions(outcome)).assign(arm=self.arm, measure=outcome)
            for outcome in self.job.outcomes
        ]
        return _first(pd.concat(parts, ignore_index=True), "arm", "measure")

    @cached_property
    def interactions(self) -> pd.DataFrame:
        parts = [
            values.interactions(self.coalitions(outcome), self.names).assign(arm=self.arm, measure=outcome)
            for outcome in self.job.outcomes
        ]
        return _first(pd.concat(parts, ignore_index=True), "arm", "measure")

    @cached_property
    def winners(self) -> pd.DataFrame:
        """Who gains and who loses output, firm by firm; see `attribution.winners`."""
        population = self.job.scenario.population
        same = population.roster is not None or population.fixed
        return winners(_named(self.firms, self.job.scenario), self.arm, same_firms=same)

    def tables(self) -> dict[str, pd.DataFrame]:
        return {
            "shapley.csv": self.shapley,
            "totals.csv": self.totals,
            "interactions.csv": self.interactions,
            "winners.csv": self.winners,
            "pairs.csv": self.pairs,
        }

    @property
    def pairs(self) -> pd.DataFrame:
        """Pair-months that are additional, deadweight, and of the twin only."""
        names = ["additional", "deadweight", "twin_only", "net_additional"]
        return self.effects[(self.effects["arm"] == self.arm) & self.effects["measure"].isin(names)]

    def sentences(self) -> list[str]:
        return [
            *(self._shares(outcome) for outcome in OUTCOMES[:2]),
            *self._gate(),
            self._pairs(),
            self._winners(),
            text("attribution.words"),
        ]

    def _shares(self, outcome: str) -> str:
        measure = MEASURES[outcome]
        rows = self.shapley[self.shapley["measure"] == outcome].sort_values("shapley", ascending=False)
        total = self._total("all", outcome)
        names = [
            text(
                "attribution.one",
                label=row.instrument,
                value=effect_quantity(row.shapley, measure, 2),
                low=wording.plain(row.low, 2, signed=True),
                high=wording.plain(row.high, 2, signed=True),
            )
            for row in rows_of(rows)
        ]
        return text(
            "attribution.shares",
            arm=arm_words(self.arm),
            measure=measure_words(outcome),
            total=effect_quantity(total, measure, 2),
            names=listed(names),
        )

    def _total(self, name: str, outcome: str) -> float:
        rows: Any = self.totals.set_index(["measure", "total"])["mean"]
        return float(rows[outcome, name])

    def _gate(self) -> list[str]:
        policy = _policy(self.job.scenario, self.arm)
        if not any(use.instrument == GATE for use in policy.instruments):
            return []
        value = effect_quantity(self._total("gate", OUTCOMES[0]), MEASURES[OUTCOMES[0]], 2)
        return [text("attribution.gate", value=value)]

    def _pairs(self) -> str:
        level = self.pairs.set_index("measure")["level"]
        names = ("additional", "deadweight", "twin_only")
        return text("attribution.pairs", **{name: f"{level[name]:,.0f}" for name in names})

    def _winners(self) -> str:
        row: Any = self.winners.iloc[0]
        numbers = {name: f"{row[name]:.0f}" for name in ("gain", "lose", "net")}
        return text("attribution.winners", **numbers, median=wording.plain(row["median_change"], 1, signed=True))

    def sections(self) -> list[str]:
        frames = {"shapley": self.shapley, "totals": self.totals, "pairs": self._pairs_told(), "winners": self.winners}
        blocks = []
        for name, frame in frames.items():
            told = frame.dropna(axis=1, how="all").drop(columns=["arm", "against"], errors="ignore")
            blocks += [text(f"attribution.{name}_heading"), text(f"attribution.{name}_note")]
            blocks.append(_table(told))
        return blocks

    def _pairs_told(self) -> pd.DataFrame:
        return self.pairs[["arm", "measure", "baseline", "level", "effect", "low", "high", "seeds"]]


def _named(firms: pd.DataFrame, scenario: Scenario) -> pd.DataFrame:
    """The table with words in place of the numbers of size classes, sites and chains."""
    population = scenario.population
    names = {
        "size_class": list(SIZE_CLASSES),
        "site": [site.name for site in population.sites],
        "chain": [chain.name for chain in population.chains],
    }
    named = {label: pd.Categorical.from_codes(firms[label], words) for label, words in names.items()}  # type: ignore[call-overload]
    return firms.assign(**named)


def _first(frame: pd.DataFrame, *names: str) -> pd.DataFrame:
    return frame[[*names, *(name for name in frame if name not in names)]]


def _table(frame: pd.DataFrame) -> str:
    header = [text(f"study.column.{name}") for name in frame.columns]
    return table(header, [[_cell(value) for value in row] for row in frame.itertuples(index=False)])


def _cell(value: object) -> str:
    if isinstance(value, float):
        return wording.plain(value, 2)
    return str(value)
