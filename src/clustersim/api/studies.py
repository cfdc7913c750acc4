"""Studies from Python: load a study file, run it, read its results."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

from clustersim.api.runs import RESULTS
from clustersim.api.writing import file_names, write_study
from clustersim.errors import InputError, Problem
from clustersim.execution.executor import LOCAL, Executor
from clustersim.execution.progress import OnProgress, unseen
from clustersim.reports.study_report import report, sentences
from clustersim.storage.folder import StudyFolder
from clustersim.studies import carried_out, study_file
from clustersim.studies.carried_out import Findings
from clustersim.studies.study import Study

if TYPE_CHECKING:
    from clustersim.figures import Drawn


def load_study(path: str | Path) -> StudyExperiment:
    """A study from its YAML file.

    Raises:
        InputError: lists every error in the file and in its scenario.

    Example:
        >>> import clustersim as cs
        >>> cs.load_study("ranges.yaml").study.name
        'ranges'
    """
    return StudyExperiment(study_file.load(Path(path)))


@dataclass(frozen=True)
class StudyExperiment:
    """A study that can be run."""

    study: Study

    def run(
        self,
        out: str | Path = RESULTS,
        executor: Executor = LOCAL,
        progress: OnProgress = unseen,
    ) -> StudyResult:
        """Simulate what is not stored yet, then write tables, report and figures.

        Args:
            out: folder of all results.
            executor: how blocks are computed: in this process, in several, or on a cluster; no number depends on it.

        Raises:
            InputError: the study is impossible. StorageError: it cannot be written.

        Example:
            >>> import clustersim as cs
            >>> cs.load_study("ranges.yaml").run().is_whole
            True
        """
        result = StudyResult(self.study, *carried_out.run(self.study, Path(out), executor, progress))
        if result.is_whole:
            result.write()
        return result


@dataclass(frozen=True)
class StudyResult:
    """A study on disk. `findings` is None while blocks of other shards are missing."""

    study: Study
    folder: StudyFolder
    findings: Findings | None

    @property
    def is_whole(self) -> bool:
        return self.findings is not None

    def tables(self) -> dict[str, pd.DataFrame]:
        """File name -> table.

        Raises:
            InputError: blocks are missing.

        Example:
            >>> import clustersim as cs
            >>> sorted(cs.load_study("ranges.yaml").run().tables())
            ['effects.csv', 'results.parquet']
        """
        return file_names(self.whole().tables())

    def summary(self) -> list[str]:
        """The results, in sentences.

        Raises:
            InputError: blocks are missing.

        Example:
            >>> import clustersim as cs
            >>> for sentence in cs.load_study("ranges.yaml").run().summary():
            ...     print(sentence)
            The effect of the visits on output lies between ...
            ...
        """
        return sentences(self.whole())

    def whole(self) -> Findings:
        """What was found.

        Raises:
            InputError: blocks are missing.
        """
        if self.findings is None:
            raise InputError(Problem("study.not_whole", file=str(self.folder.path)))
        return self.findings

    def write(self) -> None:
        """The tables, report.md, figures and the manifest."""
        write_study(self.folder, self.tables(), report(self.study, self.whole()), self._draw, self.study.seeds)

    def _draw(self) -> Drawn:
        from clustersim import figures  # matplotlib is slow to import

        return figures.of_study(self.whole())
