"""An attribution: what each instrument of an arm contributes, which pairs it makes, who gains and loses."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd

from clustersim.analysis.attribution import shapley as values
from clustersim.analysis.attribution.firm_winners import winners
from clustersim.analysis.study_outcomes import StudyOutcomes, with_first
from clustersim.arrays import Array
from clustersim.errors import CertificateError, Problem
from clustersim.execution.job import Job
from clustersim.measures import MEASURES
from clustersim.scenario.model import Scenario
from clustersim.spec.state import SIZE_CLASSES

PAIRS = ("additional", "deadweight", "twin_only", "net_additional")


@dataclass(frozen=True, eq=False)
class AttributionFindings:
    """Of one arm.

    Attributes:
        outcomes: of the coalitions, the sets of instruments.
        firms: table `firms` of the run, of the arm and of no alliance. effects: `Estimates.effects` of the run.
        levels: headline values of the run's arm, (seeds,) by outcome; the grand coalition must be these.
    """

    outcomes: StudyOutcomes
    firms: pd.DataFrame
    effects: pd.DataFrame
    levels: dict[str, Array]

    @property
    def job(self) -> Job:
        return self.outcomes.job

    @property
    def arm(self) -> str:
        return self.job.arms[0]

    @property
    def names(self) -> list[str]:
        """Of the players."""
        return [" + ".join(labels) for labels in self.job.players]

    def coalitions(self, outcome: str) -> Array:
        """(sets of players, seeds): effects against no alliance.

        Raises:
            CertificateError: the set of all players is not the arm itself.
        """
        level = self.outcomes.levels(outcome)[0, -1]
        for seed in np.flatnonzero(level != self.levels[outcome])[:1]:
            fields = {"arm": self.arm, "seed": int(seed), "column": outcome}
            both = {"alone": repr(self.levels[outcome][seed]), "branched": repr(level[seed])}
            raise CertificateError(Problem("attribution.differs", {**fields, **both}))
        return self.outcomes.effects(outcome)[0]

    @cached_property
    def shapley(self) -> pd.DataFrame:
        """See `analysis.attribution.shapley`; so are `totals` and `interactions`."""
        units = {outcome: MEASURES[outcome].effect_unit for outcome in self.job.outcomes}
        table = self._by_outcome(lambda effects: values.shapley(effects, self.names))
        return with_first(table.assign(unit=table["measure"].map(units)), "arm", "measure", "unit")

    @cached_property
    def totals(self) -> pd.DataFrame:
        return self._by_outcome(values.totals)

    @cached_property
    def interactions(self) -> pd.DataFrame:
        return self._by_outcome(lambda effects: values.interactions(effects, self.names))

    def _by_outcome(self, table: Callable[[Array], pd.DataFrame]) -> pd.DataFrame:
        parts = [table(self.coalitions(name)).assign(arm=self.arm, measure=name) for name in self.job.outcomes]
        return with_first(pd.concat(parts, ignore_index=True), "arm", "measure")

    @cached_property
    def winners(self) -> pd.DataFrame:
        """Who gains and who loses output, firm by firm; see `analysis.attribution.firm_winners`."""
        population = self.job.scenario.population
        same = population.roster is not None or population.fixed
        return winners(_named(self.firms, self.job.scenario), self.arm, same_firms=same)

    @property
    def pairs(self) -> pd.DataFrame:
        """Pair-months that are additional, deadweight, and of the twin only."""
        return self.effects[(self.effects["arm"] == self.arm) & self.effects["measure"].isin(PAIRS)]

    def tables(self) -> dict[str, pd.DataFrame]:
        names = ("shapley", "totals", "interactions", "winners", "pairs")
        return {name: getattr(self, name) for name in names}


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
