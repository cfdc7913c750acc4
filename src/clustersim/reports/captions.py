"""The pictures of a briefing: what stands below each figure, and what it shows in words."""

from __future__ import annotations

from clustersim.analysis.rows import rows_of
from clustersim.measures import MEASURES
from clustersim.messages import text
from clustersim.reports import wording
from clustersim.reports.blocks import Picture, escaped, line, plain
from clustersim.reports.sources import AttributionSource, RunSource, StudySource

WITH_EFFECTS = ("forest", "outcomes", "assumptions")  # their words hold the effects on output


def picture(name: str, source: RunSource | AttributionSource | StudySource, prefix: str) -> Picture:
    """The block of a figure.

    Args:
        name: of the figure among those of its source. prefix: before it in the name of its file.
    """
    kind, outcome, arm = parts_of(name)
    fields = {"arm": escaped(wording.arm_words(arm)), "measure": wording.measure_words(outcome)} if outcome else {}
    caption = line(text(f"brief.caption.{kind}", seeds=wording.seeds(source.provenance.seeds), **fields))
    told = plain(caption)
    if isinstance(source, RunSource) and kind in WITH_EFFECTS:
        measure = wording.measure_title("output")
        told = text("brief.told.effects", caption=told, measure=measure, effects=_effects(source))
    return Picture(prefix + name, caption, told)


def parts_of(name: str) -> tuple[str, str, str]:
    """Kind, outcome and arm of a figure called `<kind>`, `<kind>_<outcome>` or `<kind>_<outcome>_<arm>`; "" for none.

    Names of some measures begin with those of others, so the longest that fits is meant.
    """
    kind, _, rest = name.partition("_")
    fitting = [one for one in MEASURES if rest == one or rest.startswith(f"{one}_")]
    outcome = max(fitting, key=len, default="")
    return kind, outcome, rest.removeprefix(outcome).removeprefix("_")


def _effects(run: RunSource) -> str:
    effects = run.findings.estimates.effects
    return wording.listed(
        [
            text("brief.told.effect", arm=wording.arm_name(row.arm), effect=wording.effect_text(row, unit=True))
            for row in rows_of(effects[effects["measure"] == "output"])
        ]
    )
