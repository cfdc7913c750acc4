"""What the instruments of an arm contribute."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

from clustersim.analysis.attribution.contributions import AttributionFindings
from clustersim.api.writing import file_names, write_study
from clustersim.execution import job_blocks
from clustersim.execution.executor import Executor
from clustersim.execution.progress import OnProgress
from clustersim.reports.attribution_report import report, sentences
from clustersim.reports.summary import scenario_title
from clustersim.scenario.model import Scenario
from clustersim.storage.folder import StudyFolder
from clustersim.studies.attribution_study import attribution_findings, attribution_job
from clustersim.studies.store_run import folder_of, store

if TYPE_CHECKING:
    from clustersim.figures import Drawn


@dataclass(frozen=True)
class Attribution:
    """A finished attribution: its folder below the run's, and what it says."""

    folder: StudyFolder
    findings: AttributionFindings

    @property
    def title(self) -> str:
        """Of the scenario."""
        return scenario_title(self.findings.job.scenario)

    @property
    def shapley(self) -> pd.DataFrame:
        """The contribution of each instrument to each outcome; see `clustersim.analysis.attribution.shapley`."""
        return self.findings.shapley

    @property
    def winners(self) -> pd.DataFrame:
        """Which firms gain and lose; see `clustersim.analysis.attribution.firm_winners`."""
        return self.findings.winners

    def summary(self) -> list[str]:
        """What was found, in sentences."""
        return sentences(self.findings)

    def write(self) -> None:
        """The tables, report.md, figures and the manifest."""
        found = self.findings
        write_study(self.folder, file_names(found.tables()), report(found), self._draw, found.job.seeds)

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
    job_blocks.refuse_impossible(job, executor.jobs)
    # A run that is there keeps what it was asked for; a new one is asked for these seeds and no more.
    is_new = folder_of(scenario, out).read_manifest() is None
    asked = {"seeds": seeds, "precision": None, "assumptions": 0} if is_new else None
    folder, _ = store(scenario, out, seeds, progress, executor=executor, asked=asked)
    document = {"study": "attribution", "arm": arm, "of": folder.run_id}
    below = job_blocks.carry_out_below(job, f"attribution_{arm}", folder.path, document, executor, progress)
    result = Attribution(below, attribution_findings(scenario, folder, below, job))
    result.write()
    return result
