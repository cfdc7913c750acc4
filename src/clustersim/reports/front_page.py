"""The front page: what was asked, what the model finds, how certain that is, what it depends on, what it cannot say."""

from __future__ import annotations

from clustersim.messages import text
from clustersim.reports import assumption_sentences, wording
from clustersim.reports.blocks import Block, bullets, escaped, heading, paragraph
from clustersim.reports.policy_findings import policy_findings
from clustersim.reports.summary import scenario_title
from clustersim.reports.wording import listed, sentences
from clustersim.scenario.policy_words import PolicyWords
from clustersim.studies.run_findings import RunFindings

LIMITS = ("sources", "rerouting", "comparisons", "outcome")


def front_page(findings: RunFindings, from_studies: list[str], level: int = 1) -> list[Block]:
    """The blocks of the first page.

    Args:
        from_studies: sentences of studies of the same scenario, told among what the conclusion depends on.
        level: of its headings.
    """
    parts: dict[str, list[Block]] = {
        "question": [paragraph(_question(findings))] if findings.scenario.policies[1:] else [],
        "findings": policy_findings(findings),
        "sure": [bullets(_certainty(findings))] if len(findings.estimates.effects) else [],
        "hangs": [bullets([*assumption_sentences.depends_on(findings), *from_studies])],
        "limits": [bullets(text(f"brief.limit.{name}") for name in LIMITS)],
    }
    told = {name: blocks for name, blocks in parts.items() if blocks}
    return [
        block for name, blocks in told.items() for block in (heading(text(f"brief.heading.{name}"), level), *blocks)
    ]


def _question(findings: RunFindings) -> str:
    scenario = findings.scenario
    names = [wording.arm_name(policy.name) for policy in scenario.policies[1:]]
    said = text(
        "brief.words.question",
        arms=listed(names),
        title=escaped(scenario_title(scenario)),
        horizon=scenario.time.horizon,
        burn_in=scenario.time.burn_in,
        seeds=wording.seeds(findings.seeds),
    )
    _, *events = PolicyWords(scenario).events() or [""]
    told = text("brief.separator").join(event.removeprefix("- ") for event in events)
    return sentences([said, text("brief.words.events", events=told) if told else ""])


def _certainty(findings: RunFindings) -> list[str]:
    parameters = findings.scenario.parameters
    if findings.seeds < 2:
        said = text("brief.words.one_seed")
    else:
        margins = {
            "output": wording.margin_text(parameters.output_margin, "percent"),
            "pairing": wording.margin_text(parameters.pairing_margin, "points"),
        }
        seeds = wording.seeds(findings.seeds)
        said = text("brief.words.interval", seeds=seeds, **margins)
    return [said, assumption_sentences.range_words(findings)]
