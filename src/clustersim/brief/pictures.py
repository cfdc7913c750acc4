"""The figures of a briefing: what each is called, what stands below it, and what it shows in words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from clustersim import figures
from clustersim.brief.blocks import Picture, escaped, line, plain
from clustersim.brief.sources import AttributionSource, RunSource, Sources, StudySource
from clustersim.experiment import wording
from clustersim.experiment.findings.common import arm_words, listed, measure_words
from clustersim.experiment.markdown import rows_of
from clustersim.measures import MEASURES
from clustersim.messages import text
from clustersim.storage.provenance import Provenance

WITH_EFFECTS = ("forest", "outcomes", "assumptions")  # told with the effect of each arm on output


@dataclass(frozen=True)
class Drawing:
    """A figure that is drawn: its block in the briefing, its Axes, and what it was made of."""

    picture: Picture
    axes: figures.Plot
    provenance: Provenance
    kind: str


def drawings(sources: Sources, language: str) -> list[Drawing]:
    """All figures of a briefing. With several runs their names begin with that of their scenario."""
    found = []
    for run in sources.runs:
        prefix = _begun(sources.name_of(run))
        found += _of_run(run, prefix, language)
        for attribution in run.attributions:
            found += _of_attribution(attribution, prefix, language)
    for study in sources.studies:
        found += _of_study(study, _begun(sources.name_of(study)), language)
    return found


def _begun(name: str) -> str:
    return f"{name}_" if name else ""


def _of_run(run: RunSource, prefix: str, language: str) -> list[Drawing]:
    seeds = wording.seeds(run.findings.seeds, language)
    told = _effects(run, language)
    drawn = figures.of_pack(run.findings, language)
    found = [_of_name(name, axes, run.provenance, {"seeds": seeds}, language) for name, axes in drawn.items()]
    return [_named(_told(one, told, language), prefix) for one in found]


def _of_name(
    name: str, axes: figures.Plot, provenance: Provenance, fields: Mapping[str, str], language: str
) -> Drawing:
    kind, outcome, arm = parts_of(name)
    more = _arm_and_measure(arm, outcome, language) if outcome else {}
    return _drawing(kind, name, axes, provenance, {**fields, **more}, language)


def parts_of(name: str) -> tuple[str, str, str]:
    """Kind, outcome and arm of a figure called `<kind>`, `<kind>_<outcome>` or `<kind>_<outcome>_<arm>`; "" for none.

    Names of some measures begin with those of others, so the longest that fits is meant.
    """
    kind, _, rest = name.partition("_")
    fitting = [one for one in MEASURES if rest == one or rest.startswith(f"{one}_")]
    outcome = max(fitting, key=len, default="")
    return kind, outcome, rest.removeprefix(outcome).removeprefix("_")


def _arm_and_measure(arm: str, measure: str, language: str) -> dict[str, str]:
    return {"arm": escaped(arm_words(arm, language)), "measure": measure_words(measure, language)}


def _of_attribution(source: AttributionSource, prefix: str, language: str) -> list[Drawing]:
    arm = source.findings.arm
    found = []
    for name, axes in figures.of_attribution(source.findings, language).items():
        fields = _arm_and_measure(arm, name.removeprefix("shapley_"), language)
        one = _drawing("shapley", f"{name}_{arm}", axes, source.provenance, fields, language)
        found.append(_named(one, prefix))
    return found


def _of_study(study: StudySource, prefix: str, language: str) -> list[Drawing]:
    drawn = figures.of_study(study.findings, language)
    found = [_of_name(name, axes, study.provenance, {}, language) for name, axes in drawn.items()]
    return [_named(one, prefix) for one in found]


def _drawing(
    kind: str,
    name: str,
    axes: figures.Plot,
    provenance: Provenance,
    fields: Mapping[str, str],
    language: str,
) -> Drawing:
    caption = line(text(f"brief.caption.{kind}", language, **fields))
    return Drawing(Picture(name, caption, plain(caption)), axes, provenance, kind)


def _named(one: Drawing, prefix: str) -> Drawing:
    picture = Picture(prefix + one.picture.name, one.picture.caption, one.picture.told)
    return Drawing(picture, one.axes, one.provenance, one.kind)


def _told(one: Drawing, effects: str, language: str) -> Drawing:
    """With the main numbers, for those who do not see the figure."""
    if one.kind not in WITH_EFFECTS or not effects:
        return one
    measure = wording.measure_title("output", language)
    said = text("brief.told.effects", language, caption=one.picture.told, measure=measure, effects=effects)
    return Drawing(Picture(one.picture.name, one.picture.caption, said), one.axes, one.provenance, one.kind)


def _effects(run: RunSource, language: str) -> str:
    effects = run.findings.estimates.effects
    told = [
        text(
            "brief.told.effect",
            language,
            arm=wording.arm_name(row.arm, language),
            effect=wording.quantity(wording.effect_text(row, language), row.effect_unit, language),
        )
        for row in rows_of(effects[effects["measure"] == "output"])
    ]
    return listed(told, language)
