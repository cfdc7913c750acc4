"""What the instruments of an arm contribute."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

from clustersim.analysis.estimates import estimate, headline_values
from clustersim.analysis.findings.attribution import OUTCOMES, AttributionFindings, attribution_job
from clustersim.api.figures import save_figures
from clustersim.execution import studies
from clustersim.execution.budget import with_budget
from clustersim.execution.executor import Executor
from clustersim.execution.job import Job
from clustersim.execution.progress import OnProgress
from clustersim.execution.results_folder import manifest_of
from clustersim.messages import text
from clustersim.reports import wording
from clustersim.reports.summary import scenario_title
from clustersim.reports.wording import arm_words
from clustersim.scenario.model import NO_ALLIANCE, Scenario
from clustersim.storage.folder import RunFolder, StudyFolder
from clustersim.storage.manifest import code_version
from clustersim.studies.run import folder_of, store

if TYPE_CHECKING:
    from clustersim.figures import Drawn


@dataclass(frozen=True)
class Attribution:
    """A finished attribution: its folder below the run's, and what it says."""

    title: str
    folder: StudyFolder
    findings: AttributionFindings

    @property
    def shapley(self) -> pd.DataFrame:
        """The contribution of each instrument to each outcome; see `clustersim.analysis.attribution.shapley`."""
        return self.findings.shapley

    @property
    def winners(self) -> pd.DataFrame:
        """Which firms gain and lose; see `clustersim.analysis.attribution.winners`."""
        return self.findings.winners

    def summary(self) -> list[str]:
        """What was found, in sentences."""
        return self.findings.sentences()

    def write(self) -> None:
        """The tables, report.md, figures and the manifest."""
        for name, table in self.findings.tables().items():
            self.folder.write_table(name, table)
        seeds = wording.seeds(self.findings.job.seeds)
        arm = arm_words(self.findings.arm)
        blocks = [
            f"# {self.title}",
            text("attribution.made_by", version=code_version(), arm=arm, seeds=seeds),
            f"## {text('study.words')}",
            "\n".join(f"- {sentence}" for sentence in self.summary()),
            f"## {text('study.tables')}",
            *self.findings.sections(),
        ]
        self.folder.write_text("report.md", "\n\n".join(blocks) + "\n")
        number = self.findings.job.seeds
        save_figures(self.folder, self._draw, number)
        self.folder.finish(manifest_of(self.folder), [(0, number - 1)], number)

    def _draw(self) -> Drawn:
        from clustersim import figures  # matplotlib is slow to import

        return figures.of_attribution(self.findings)


def attribute(
    scenario: Scenario,
    arm: str,
    seeds: int,
    together: Sequence[Sequence[str]],
    out: Path,
    progress: OnProgress,
    executor: Executor,
) -> Attribution:
    """See `Experiment.attribute`."""
    job = attribution_job(scenario, arm, seeds, tuple(tuple(labels) for labels in together))
    studies.refuse_impossible(job, executor.jobs)
    # A run that is there keeps what it was asked for; a new one is asked for these seeds and no more.
    is_new = folder_of(scenario, out).read_manifest() is None
    asked = {"seeds": seeds, "precision": None, "assumptions": 0} if is_new else None
    folder, _ = store(scenario, out, seeds, progress, executor=executor, asked=asked)
    document = {"study": "attribution", "arm": arm, "of": folder.run_id}
    below = studies.folder_of(job, f"attribution_{arm}", folder.path, document)
    studies.carry_out(job, below, document, replace(executor, shard=(1, 1)), progress)
    findings = findings_of(scenario, folder, below, job)
    result = Attribution(scenario_title(scenario), below, findings)
    result.write()
    return result


def findings_of(scenario: Scenario, folder: RunFolder, below: StudyFolder, job: Job) -> AttributionFindings:
    """The findings of a finished attribution and the run that it belongs to.

    Args:
        folder: of the run. below: of the attribution.
    """
    seeds, arm = range(job.seeds), job.arms[0]
    series, groups, firms = (folder.read(name, seeds=seeds) for name in ("series", "groups", "firms"))
    both = [name for name in (NO_ALLIANCE, arm) if name in {policy.name for policy in with_budget(scenario).policies}]
    kept, grouped, listed = (table[table["arm"].astype(str).isin(both)] for table in (series, groups, firms))
    values = headline_values(kept, parameters=scenario.parameters).loc[arm]
    return AttributionFindings(
        job=job,
        folder=below,
        firms=listed,
        effects=estimate(kept, grouped, parameters=scenario.parameters).effects,
        levels={name: values[name].to_numpy() for name in OUTCOMES},
    )
