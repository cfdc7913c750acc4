"""report.md of a study: what was asked, what was found, and what it cannot say."""

from __future__ import annotations

from clustersim.analysis.findings.common import Findings
from clustersim.messages import current_language, text
from clustersim.reports import wording
from clustersim.reports.factor_words import factor_table
from clustersim.reports.wording import arm_words, listed, measure_words
from clustersim.storage.manifest import code_version
from clustersim.studies.plan import Design, Study

LIMITS = ("sources", "ranges", "independent", "arms")


def report(study: Study, findings: Findings) -> str:
    """The report in Markdown."""
    title = study.title[current_language()]
    blocks = [
        f"# {title}",
        text("study.made_by", version=code_version(), verb=study.verb),
        f"## {text('study.words')}",
        "\n".join(f"- {sentence}" for sentence in findings.sentences()),
        f"## {text('study.asked')}",
        question(study),
        factor_table(study.factors, study.scenario),
        *([f"## {text('study.tables')}"] if findings.sections() else []),
        *findings.sections(),
        f"## {text('study.limits')}",
        "\n".join(f"- {text(f'study.limit.{name}')}" for name in LIMITS),
    ]
    return "\n\n".join(block for block in blocks if block) + "\n"


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
