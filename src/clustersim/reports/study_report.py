"""report.md of a study: what was asked, what was found, and what it cannot say."""

from __future__ import annotations

from clustersim.analysis.calibration.calibrated import CalibrationFindings
from clustersim.analysis.mapping.map_findings import MapFindings
from clustersim.analysis.sensitivity.study_indices import SensitivityFindings
from clustersim.analysis.swept import SweepFindings
from clustersim.messages import current_language, text
from clustersim.reports import calibration_report, map_report, sensitivity_report, sweep_report, wording
from clustersim.reports.blocks import Block, Document, bullets, heading, line, paragraph
from clustersim.reports.factor_words import factor_table
from clustersim.reports.wording import arm_words, listed, measure_words
from clustersim.storage.code_version import code_version
from clustersim.studies.carried_out import Findings
from clustersim.studies.study import Design, Study

LIMITS = ("sources", "ranges", "independent", "arms")


def report(study: Study, findings: Findings) -> Document:
    made_by = text("study.made_by", version=code_version(), verb=study.verb)
    tables = blocks(findings)
    shown: list[Block] = [
        heading(text("study.words")),
        bullets(sentences(findings)),
        heading(text("study.asked")),
        paragraph(question(study)),
        factor_table(study.factors, study.scenario),
        *([heading(text("study.tables")), *tables] if tables else []),
        heading(text("study.limits")),
        bullets(text(f"study.limit.{name}") for name in LIMITS),
    ]
    return Document(study.title[current_language()], line(made_by), tuple(shown))


def sentences(findings: Findings) -> list[str]:
    """What was found and how certain it is."""
    match findings:
        case SweepFindings():
            return sweep_report.sentences(findings)
        case SensitivityFindings():
            return sensitivity_report.sentences(findings)
        case MapFindings():
            return map_report.sentences(findings)
        case CalibrationFindings():
            return calibration_report.sentences(findings)


def blocks(findings: Findings) -> list[Block]:
    """The tables behind the sentences; none of a sweep, whose points are too many."""
    match findings:
        case SweepFindings():
            return []
        case SensitivityFindings():
            return sensitivity_report.blocks(findings)
        case MapFindings():
            return map_report.blocks(findings)
        case CalibrationFindings():
            return calibration_report.blocks(findings)


def question(study: Study) -> str:
    """What a study asks, in words."""
    return text(
        "study.question",
        scenario=study.scenario.name,
        design=design_words(study.design),
        seeds=wording.seeds(study.seeds),
        arms=listed([arm_words(arm) for arm in study.arms]),
        outcomes=listed([measure_words(name) for name in study.outcomes]),
        horizon=study.scenario.time.horizon,
    )


def design_words(design: Design) -> str:
    """`Sobol' design of 512 base points`."""
    steps = " x ".join(str(number) for number in design.steps)
    return text(f"study.design.{design.method}", size=f"{design.size:,}", steps=steps)
