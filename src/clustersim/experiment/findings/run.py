"""What a finished run says: its stored tables, and the estimates that are made of them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import pandas as pd

from clustersim.experiment.estimates import Estimates, estimate, firm_values
from clustersim.experiment.findings.assumptions import AssumptionRange
from clustersim.experiment.funnel import funnel
from clustersim.experiment.network import FIRM_COLUMNS, Network, network
from clustersim.experiment.windows import with_shock
from clustersim.scenario.model import Scenario
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
        """All estimates; see `clustersim.experiment.estimates`."""
        return estimate(
            self.table("series"),
            self.table("groups"),
            parameters=self.scenario.parameters,
            firms=self._firm_values(),
            spells=self.table("spells"),
        )

    @cached_property
    def funnel(self) -> pd.DataFrame:
        """How far needs came, of the seeds whose waiting spells are stored; see `clustersim.experiment.funnel`."""
        return funnel(self.table("spells"), self.table("pairs"), self._arms())

    @cached_property
    def network(self) -> Network:
        """Who buys from whom in the first seed; see `clustersim.experiment.network`."""
        return self.network_of(0)

    def network_of(self, seed: int) -> Network:
        """Raises: ValueError: the pairs of the seed are not stored."""
        firms, pairs = (
            self.folder.read(table, columns, range(seed, seed + 1))
            for table, columns in (("firms", FIRM_COLUMNS), ("pairs", None))
        )
        chains = [(chain.name, chain.tiers) for chain in self.scenario.population.chains]
        return network(firms, pairs, chains, self.scenario.time.horizon)

    def _arms(self) -> list[str]:
        """In the order of the scenario, without those that are run without their shock."""
        first = with_shock(self.folder.read("series", ["arm", "point", "month"], range(1)))
        return list(first["arm"].unique())

    def _firm_values(self) -> pd.DataFrame:
        """The measures of the table `firms`, some seeds at a time: it has a row for each arm, seed and firm."""
        first = len(self.folder.read("firms", ["firm"], range(1)))
        step = max(1, FIRM_ROWS // first)
        spans = [range(start, min(start + step, self.seeds)) for start in range(0, self.seeds, step)]
        columns = ["arm", "point", "seed", "firm", "output"]
        return pd.concat([firm_values(self.folder.read("firms", columns, span)) for span in spans])
