"""What a finished run says: its stored tables, and the estimates that are made of them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import pandas as pd

from clustersim.analysis.assumption_range import AssumptionRange
from clustersim.analysis.attribution.firm_twins import NEEDED
from clustersim.analysis.attribution.firm_winners import COLUMNS, over_seeds, winners_by_seed
from clustersim.analysis.estimates import Estimates, estimate, firm_values
from clustersim.analysis.network import FIRM_COLUMNS, Network, network
from clustersim.analysis.pairing_funnel import funnel
from clustersim.analysis.waiting_times import waiting_curves
from clustersim.execution.budget import with_budget
from clustersim.execution.run_values import with_shock
from clustersim.scenario.model import NO_ALLIANCE, Scenario
from clustersim.spec.state import SIZE_CLASSES
from clustersim.storage.folder import RunFolder

FIRM_ROWS = 2_000_000  # of the table `firms` that are read at a time


@dataclass(frozen=True)
class RunFindings:
    """A run on disk and everything that tables, report, figures and briefing tell of it.

    Attributes:
        scenario: as its author wrote it, without the arms that a budget adds.
        seeds: 0 .. seeds - 1 are behind every estimate.
    """

    scenario: Scenario
    folder: RunFolder
    seeds: int
    assumptions: AssumptionRange | None = None

    def table(self, name: str) -> pd.DataFrame:
        """`series`, `groups`, `firms`, `pairs` or `spells`, of all arms and seeds of the run."""
        return self.folder.read(name, seeds=range(self.seeds))

    @cached_property
    def estimates(self) -> Estimates:
        """All estimates; see `clustersim.analysis.estimates`."""
        return estimate(
            self.table("series"),
            self.table("groups"),
            parameters=self.scenario.parameters,
            firms=self._firm_values(),
            spells=self.table("spells"),
        )

    @cached_property
    def waiting_curves(self) -> pd.DataFrame:
        """Needs served by months waited; see `analysis.waiting_times.waiting_curves`. Of the first seeds only."""
        return waiting_curves(self.table("spells"), self._arms())

    @cached_property
    def winners(self) -> pd.DataFrame:
        """Firms that gain and lose, of each policy arm; see `analysis.attribution.firm_winners.over_seeds`."""
        parts = []
        for firms in self._firms([*NEEDED, "point", "size_class"]):
            known = with_shock(firms)
            known["size_class"] = pd.Categorical.from_codes(known["size_class"], pd.Index(SIZE_CLASSES))
            parts += [winners_by_seed(known, arm) for arm in known["arm"].unique() if arm != NO_ALLIANCE]
        return over_seeds(pd.concat(parts, ignore_index=True)) if parts else pd.DataFrame(columns=list(COLUMNS))

    @cached_property
    def funnel(self) -> pd.DataFrame:
        """How far needs came, of the seeds whose waiting spells are stored; see `analysis.pairing_funnel`."""
        return funnel(self.table("spells"), self.table("pairs"), self._arms())

    @cached_property
    def network(self) -> Network:
        """Who buys from whom in the first seed; see `clustersim.analysis.network`."""
        return self.network_of(0)

    def network_of(self, seed: int) -> Network:
        """Raises: ValueError: the pairs of the seed are not stored."""
        firms, pairs = (
            self.folder.read(table, columns, range(seed, seed + 1))
            for table, columns in (("firms", FIRM_COLUMNS), ("pairs", None))
        )
        chains = [(chain.name, chain.tiers) for chain in self.scenario.population.chains]
        return network(firms, pairs, chains, self.scenario.time.horizon)

    def further_tables(self) -> dict[str, pd.DataFrame]:
        """Name -> table of what a briefing shows beyond the estimates; none where the scenario has no policy."""
        if self.estimates.effects.empty:
            return {}
        tables = {"funnel": self.funnel, "waiting_curves": self.waiting_curves, "winners": self.winners}
        return tables if self.assumptions is None else {**tables, "tornado": self.assumptions.swings}

    def _arms(self) -> list[str]:
        """In the order of the scenario, without those that are run without their shock."""
        return [policy.name for policy in with_budget(self.scenario).policies]

    def _firm_values(self) -> pd.DataFrame:
        """The measures of the table `firms`."""
        return pd.concat([firm_values(firms) for firms in self._firms(["arm", "point", "seed", "firm", "output"])])

    def _firms(self, columns: list[str]) -> Iterator[pd.DataFrame]:
        """The table `firms`, some seeds at a time: it has a row for each arm, seed and firm."""
        first = len(self.folder.read("firms", ["firm"], range(1)))
        step = max(1, FIRM_ROWS // first)
        for start in range(0, self.seeds, step):
            yield self.folder.read("firms", columns, range(start, min(start + step, self.seeds)))
