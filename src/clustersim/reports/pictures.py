"""The figures of a briefing: what each is called, what stands below it, and what it shows in words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from clustersim import figures
from clustersim.measures import MEASURES
from clustersim.messages import text
from clustersim.reports import wording
from clustersim.reports.blocks import Picture, escaped, line, plain
from clustersim.reports.markdown import rows_of
from clustersim.reports.sources import AttributionSource, RunSource, Sources, StudySource
from clustersim.reports.wording import arm_words, listed, measure_words
from clustersim.storage.provenance import Provenance

WITH_EFFECTS = ("forest", "outcomes", "assumptions")  # told with the effect of each arm on output


@dataclass(frozen=True)
class Drawing:
    """A figure that is drawn: its block in the briefing, its Axes, and what it was made of."""

    picture: Picture
    axes: figures.Plot
    provenance: Provenance
    kind: str


def drawings(sources: Sources) -> list[Drawing]:
    """All figures of a briefing. With several runs their names begin with that of their scenario."""
    found = []
    for run in sources.runs:
        prefix = _begun(sources.name_of(run))
        found += _of_run(run, prefix)
        for attribution in run.attributions:
            found += _of_attribution(attribution, prefix)
    for study in sources.studies:
        found += _of_study(study, _begun(sources.name_of(study)))
    return found


def _begun(name: str) -> str:
    return f"{name}_" if name else ""


def _of_run(run: RunSource, prefix: str) -> list[Drawing]:
    seeds = wording.seeds(run.findings.seeds)
    told = _effects(run)
    drawn = figures.of_pack(run.findings)
    found = [_of_name(name, axes, run.provenance, {"seeds": seeds}) for name, axes in drawn.items()]
    return [_named(_told(one, told), prefix) for one in found]


def _of_name(name: str, axes: figures.Plot, provenance: Provenance, fields: Mapping[str, str]) -> Drawing:
    kind, outcome, arm = parts_of(name)
    more = _arm_and_measure(arm, outcome) if outcome else {}
    return _drawing(kind, name, axes, provenance, {**fields, **more})


def parts_of(name: str) -> tuple[str, str, str]:
    """Kind, outcome and arm of a figure called `<kind>`, `<kind>_<outcome>` or `<kind>_<outcome>_<arm>`; "" for none.

    Names of some measures begin with those of others, so the longest that fits is meant.
    """
    kind, _, rest = name.partition("_")
    fitting = [one for one in MEASURES if rest == one or rest.startswith(f"{one}_")]
    outcome = max(fitting, key=len, default="")
    return kind, outcome, rest.removeprefix(outcome).removeprefix("_")


def _arm_and_measure(arm: str, measure: str) -> dict[str, str]:
    return {"arm": escaped(arm_words(arm)), "measure": measure_words(measure)}


def _of_attribution(source: AttributionSource, prefix: str) -> list[Drawing]:
    arm = source.findings.arm
    found = []
    for name, axes in figures.of_attribution(source.findings).items():
        fields = _arm_and_measure(arm, name.removeprefix("shapley_"))
        one = _drawing("shapley", f"{name}_{arm}", axes, source.provenance, fields)
        found.append(_named(one, prefix))
    return found


def _of_study(study: StudySource, prefix: str) -> list[Drawing]:
    drawn = figures.of_study(study.findings)
    found = [_of_name(name, axes, study.provenance, {}) for name, axes in drawn.items()]
    return [_named(one, prefix) for one in found]


def _drawing(
    kind: str,
    name: str,
    axes: figures.Plot,
    provenance: Provenance,
    fields: Mapping[str, str],
) -> Drawing:
    caption = line(text(f"brief.caption.{kind}", **fields))
    return Drawing(Picture(name, caption, plain(caption)), axes, provenance, kind)


def _named(one: Drawing, prefix: str) -> Drawing:
    picture = Picture(prefix + one.picture.name, one.picture.caption, one.picture.alt_text)
    return Drawing(picture, one.axes, one.provenance, one.kind)


def _told(one: Drawing, effects: str) -> Drawing:
    """With the main numbers, for those who do not see the figure."""
    if one.kind not in WITH_EFFECTS or not effects:
        return one
    measure = wording.measure_title("output")
    said = text("brief.told.effects", caption=one.picture.alt_text, measure=measure, effects=effects)
    return Drawing(Picture(one.picture.name, one.picture.caption, said), one.axes, one.provenance, one.kind)


def _effects(run: RunSource) -> str:
    effects = run.findings.estimates.effects
    told = [
        text(
            "brief.told.effect",
            arm=wording.arm_name(row.arm),
            effect=wording.quantity(wording.effect_text(row), row.effect_unit),
        )
        for row in rows_of(effects[effects["measure"] == "output"])
    ]
    return listed(told)
