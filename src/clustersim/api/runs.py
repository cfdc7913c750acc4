"""Load a scenario, run it, read the results."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from clustersim import scenario as scenarios
from clustersim.analysis.assumption_range import AssumptionRange
from clustersim.analysis.comparison import compare_runs
from clustersim.analysis.estimates import Estimates
from clustersim.analysis.profile import Profile
from clustersim.api.writing import save_figures
from clustersim.engines import Engine
from clustersim.execution.budget import with_budget
from clustersim.execution.executor import LOCAL, Executor
from clustersim.execution.progress import OnProgress, unseen
from clustersim.execution.results_folder import manifest_of
from clustersim.render.markdown import markdown
from clustersim.reports.blocks import as_text, line
from clustersim.reports.run_report import report, run_sentences
from clustersim.scenario.model import NO_ALLIANCE, Precision, Scenario
from clustersim.spec.timing import OFF, Clock
from clustersim.storage.folder import RunFolder
from clustersim.studies.assumption_study import FEWEST_POINTS, assumption_range, default_points
from clustersim.studies.run_findings import RunFindings
from clustersim.studies.store_run import store

if TYPE_CHECKING:
    from clustersim.agreement import Agreement
    from clustersim.api.attributions import Attribution
    from clustersim.engines.reference import ClusterModel
    from clustersim.figures import Drawn

RESULTS = Path("results")
ATTRIBUTION_SEEDS = 60


def load(path: str | Path, changes: Mapping[str, Any] | None = None) -> Experiment:
    """A scenario from its YAML file.

    Args:
        changes: key path -> other value, such as {"parameters.friction": 0.1}.

    Raises:
        InputError: lists every error in the file, its roster and the changes.

    Example:
        >>> import clustersim as cs
        >>> town = cs.load("my_town.yaml", {"parameters.friction": 0.1})
        >>> town.scenario.name
        'my_town'
    """
    return Experiment(scenarios.load(path, changes))


@dataclass(frozen=True)
class Experiment:
    """A scenario that can be run."""

    scenario: Scenario

    def changed(self, changes: Mapping[str, Any]) -> Experiment:
        """The same scenario with other values at some key paths.

        Raises:
            InputError: a path or a value is not allowed.

        Example:
            >>> import clustersim as cs
            >>> town = cs.load("my_town.yaml").changed({"population.firms": 30})
            >>> town.scenario.population.firms
            30
        """
        return Experiment(scenarios.with_changes(self.scenario, changes))

    def describe(self) -> str:
        """The scenario in words: firms, policies, events, and the source of every number.

        Example:
            >>> import clustersim as cs
            >>> print(cs.load("my_town.yaml").describe())
            my_town (my_town)
            ...
            Enterprises: 20, drawn anew for each seed.
            ...
        """
        return scenarios.describe(self.scenario)

    def run(
        self,
        seeds: int | None = None,
        precision: Precision | None = None,
        out: str | Path = RESULTS,
        progress: OnProgress = unseen,
        engine: Engine = "batch",
        executor: Executor = LOCAL,
        assumptions: int | None = None,
        profile: bool = False,
    ) -> Run:
        """All arms on the same seeds. What is already stored is read, not simulated again.

        Args:
            seeds: how many; None: those of the scenario.
            precision: adds seeds until every headline interval is narrow enough, if `seeds` is None.
            out: folder of all results.
            engine: "batch", or "reference" for the Mesa model, about a hundred times slower.
            executor: how blocks are computed: in this process, in several, or on a cluster; no number depends on it.
            assumptions: points of the assumption range (see `clustersim.analysis.assumption_range`); 0: none;
                None: as many as cost about as much as the run.
            profile: measures how the time is spent; see `Run.profile`.

        Raises:
            ValueError: the number of seeds is not positive, or `profile` is combined with several processes, a cluster
                or another engine.
            InputError: the run does not fit this machine, or its budget cannot be met. StorageError: it cannot be
                written. CertificateError: the engine contradicts itself.

        Example:
            >>> import clustersim as cs
            >>> run = cs.load("my_town.yaml").run(seeds=4, assumptions=0)
            >>> run.seeds
            4
            >>> (run.folder.path / "report.md").exists()
            True
        """
        if seeds is not None and not (isinstance(seeds, int) and seeds >= 1):
            raise ValueError(f"seeds is a whole number from 1 on, not {seeds!r}")
        if profile and not can_be_measured(engine, executor):
            raise ValueError("profile measures the batch engine in this process: no jobs, no dask, no other engine")
        clock = Clock() if profile else OFF
        scenario = self.scenario if precision is None else replace(self.scenario, precision=precision)
        wide = None if precision is None else asdict(precision)
        asked = {"seeds": seeds, "precision": wide, "assumptions": assumptions}
        folder, wanted = store(scenario, Path(out), seeds, progress, engine, executor, asked, clock)
        points = _points(scenario, wanted, assumptions, engine)
        with clock.timed("assumptions"):
            found = assumption_range(scenario, folder, points, wanted, executor, progress)
        run = Run(scenario, folder, wanted, found)
        run.write(clock)
        return replace(run, measured=Profile.of(clock)) if profile else run

    def attribute(
        self,
        arm: str,
        seeds: int = ATTRIBUTION_SEEDS,
        together: Sequence[Sequence[str]] = (),
        out: str | Path = RESULTS,
        progress: OnProgress = unseen,
        executor: Executor = LOCAL,
    ) -> Attribution:
        """What each instrument of an arm contributes, which pairs it makes, and which firms gain and lose.

        Args:
            together: labels of instruments to treat as one.

        Raises:
            InputError: unknown arm or label, or too many instruments. Otherwise as `run`.

        Example:
            >>> import clustersim as cs
            >>> shares = cs.load("my_town.yaml").attribute("visits", seeds=4)
            >>> sorted(shares.shapley["instrument"].unique())
            ['forum', 'groups']
        """
        from clustersim.api.attributions import attribute  # its findings are not always needed

        return attribute(self.scenario, arm, seeds, together, Path(out), progress, executor)

    def model(self, policy: str = NO_ALLIANCE, seed: int = 0, shocks: bool = True) -> ClusterModel:
        """One seed under one of the arms of a run as a Mesa model, at the start of the burn-in.

        Args:
            policy: name of an arm; for the same arm without its shocks set `shocks` to False.

        Raises:
            ValueError: a run of the scenario has no such policy. InputError: its budget cannot be met.

        Example:
            >>> import clustersim as cs
            >>> model = cs.load("my_town.yaml").model("visits", seed=1)
            >>> model.burn_in()
            >>> model.step()
            >>> model.month
            1
        """
        from clustersim.engines.reference import ClusterModel  # Mesa is slow to import

        return ClusterModel(with_budget(self.scenario), policy, seed, shocks=shocks)

    def agree(self, seeds: Sequence[int] = range(3)) -> Agreement:
        """Both engines on the same seeds: whether they agree, and if not, where they first differ.

        Raises:
            ValueError: no seed is given, or one is given twice. InputError: the budget cannot be met.

        Example:
            >>> import clustersim as cs
            >>> cs.load("my_town.yaml").agree(range(1)).difference is None
            True
        """
        from clustersim.agreement import compare

        return compare(with_budget(self.scenario), seeds)


@dataclass(frozen=True)
class Run:
    """A finished run: its stored tables and its results. `measured`: how its time was spent, if that was requested."""

    scenario: Scenario
    folder: RunFolder
    seeds: int
    assumptions: AssumptionRange | None = None
    measured: Profile | None = None

    def table(self, name: str) -> pd.DataFrame:
        """A stored table of all arms and seeds: `series`, `groups`, `firms`, `pairs` or `spells`.

        Example:
            >>> import clustersim as cs
            >>> series = cs.open_results("results/my_town").table("series")  # a row for each arm, seed and month
            >>> series.groupby("arm", observed=True)["month"].max().to_dict()
            {'no_alliance': 12, 'visits': 12}
        """
        return self.findings.table(name)

    @cached_property
    def findings(self) -> RunFindings:
        """All results of the run; see `clustersim.studies.run_findings`."""
        return RunFindings(self.scenario, self.folder, self.seeds, self.assumptions)

    @property
    def estimates(self) -> Estimates:
        """All estimates; see `clustersim.analysis.estimates`."""
        return self.findings.estimates

    def effects(self) -> pd.DataFrame:
        """Every measure of each arm compared with no alliance: a row for each arm and measure.

        `baseline`, `level` and `low`, `high` (95% interval of `effect`) are in `unit` and `effect_unit`.

        Example:
            >>> import clustersim as cs
            >>> effects = cs.open_results("results/my_town").effects()
            >>> effects.loc[effects["headline"], ["arm", "measure", "effect_unit", "seeds"]]
                  arm       measure effect_unit  seeds
            ...
        """
        return self.estimates.effects

    def tables(self) -> dict[str, pd.DataFrame]:
        """Name -> table of estimates, as written to CSV; tables without rows are left out.

        Example:
            >>> import clustersim as cs
            >>> list(cs.open_results("results/my_town").tables())
            ['effects', 'effects_by_year', 'effects_by_group', 'cost_ratios', 'waiting']
        """
        found = self.estimates
        tables = {
            "effects": found.effects,
            "effects_by_year": found.by_year,
            "effects_by_group": found.groups,
            "contrasts": found.contrasts,
            "cost_ratios": found.ratios,
            "resilience": found.resilience,
            "waiting": found.waiting,
        }
        if self.assumptions is not None:
            tables |= {"assumptions": self.assumptions.table, "assumption_movers": self.assumptions.movers}
        return {name: table for name, table in tables.items() if len(table) or name == "effects"}

    def summary(self) -> list[str]:
        """The results and how certain they are, in sentences.

        Example:
            >>> import clustersim as cs
            >>> for sentence in cs.open_results("results/my_town").summary():
            ...     print(sentence)
            my_town, 4 seeds. Differences from no alliance ...
            visits: pairing rate ...
            These are sampling intervals. ...
        """
        found = run_sentences(self.scenario, self.estimates, self.assumptions)
        return [as_text(line(sentence)) for sentence in found]

    def _as_run(self) -> Scenario:
        """The scenario with the arms and the number of seeds that were run."""
        return replace(with_budget(self.scenario), seeds=self.seeds)

    def compare(self, other: Run) -> pd.DataFrame:
        """The headline effects of two runs side by side; see `clustersim.analysis.comparison`.

        Example:
            >>> import clustersim as cs
            >>> run = cs.open_results("results/my_town")
            >>> run.compare(run)["difference"].abs().max()
            np.float64(0.0)
        """
        return compare_runs(self.table("series"), other.table("series"), self.scenario, other.scenario)

    def profile(self) -> pd.DataFrame:
        """How the time was spent: seconds, percent of all, and nanoseconds per firm-month, by stage and step.

        It covers only what was simulated now, not what was stored before; see `clustersim.analysis.profile`.

        Raises:
            ValueError: the run was not measured.

        Example:
            >>> import clustersim as cs
            >>> run = cs.load("my_town.yaml").run(seeds=4, assumptions=0, profile=True)
            >>> "seconds" in run.profile()
            True
        """
        if self.measured is None:
            raise ValueError("the run was not measured: ask for run(profile=True)")
        return self.measured.table()

    def write(self, clock: Clock = OFF) -> None:
        """The tables as CSV, series.parquet, report.md, figures and the manifest."""
        folder = self.folder
        with clock.timed("estimates"):
            tables = self.tables()
        with clock.timed("report"):
            for name, table in tables.items():
                folder.write_table(f"{name}.csv", table)
            folder.write_table("series.parquet", self.table("series"))
            folder.write_text("report.md", markdown(report(self._as_run(), self.estimates, self.assumptions)))
        with clock.timed("figures"):
            save_figures(folder, self._draw, self.seeds)
        folder.complete(manifest_of(folder), self.seeds)

    def _draw(self) -> Drawn:
        from clustersim import figures  # matplotlib is slow to import

        return figures.of_run(self.estimates, self.assumptions)


def can_be_measured(engine: Engine, executor: Executor) -> bool:
    """Whether the clock of this process sees a run's steps."""
    return engine == "batch" and executor.jobs == 1 and not executor.dask


def _points(scenario: Scenario, seeds: int, asked: int | None, engine: Engine) -> int:
    """Points of the assumption range: as asked, else as many as are cheap; none where too few of them would be."""
    if asked is not None or engine != "batch":  # a range would take the reference engine days
        return asked or 0
    points = default_points(scenario, seeds)
    return points if points >= FEWEST_POINTS else 0
