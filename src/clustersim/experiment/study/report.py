"""report.md of a study: what was asked, what was found, and what it cannot say."""

from __future__ import annotations

from clustersim.experiment import wording
from clustersim.experiment.findings.common import Findings, arm_words, factor_table, listed, measure_words
from clustersim.experiment.study.plan import Design, Study
from clustersim.messages import default_language, text
from clustersim.storage.manifest import code_version

LIMITS = ("sources", "ranges", "independent", "arms")


def report(study: Study, findings: Findings, language: str | None = None) -> str:
    """The report in Markdown."""
    title = study.title[language or default_language()]
    blocks = [
        f"# {title}",
        text("study.made_by", language, version=code_version(), verb=study.verb),
        f"## {text('study.words', language)}",
        "\n".join(f"- {sentence}" for sentence in findings.sentences(language)),
        f"## {text('study.asked', language)}",
        question(study, language),
        factor_table(study.factors, study.scenario, language),
        *([f"## {text('study.tables', language)}"] if findings.sections(language) else []),
        *findings.sections(language),
        f"## {text('study.limits', language)}",
        "\n".join(f"- {text(f'study.limit.{name}', language)}" for name in LIMITS),
    ]
    return "\n\n".join(block for block in blocks if block) + "\n"


def question(study: Study, language: str | None) -> str:
    """What a study asks, in words."""
    return text(
        "study.question",
        language,
        scenario=study.scenario.name,
        design=design_words(study.design, language),
        seeds=wording.seeds(study.seeds, language),
        arms=listed([arm_words(arm, language) for arm in study.arms], language),
        outcomes=listed([measure_words(name, language) for name in study.outcomes], language),
        horizon=study.scenario.time.horizon,
    )


def design_words(design: Design, language: str | None) -> str:
    """`Sobol' design of 512 base points`."""
    steps = " x ".join(str(number) for number in design.steps)
    return text(f"study.design.{design.method}", language, size=f"{design.size:,}", steps=steps)
