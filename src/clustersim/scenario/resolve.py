"""From a document to a scenario: every section checked, every name looked up, all problems told at once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from clustersim.scenario import plan, schema
from clustersim.scenario.arms import arm_preset, read_policies, values_of
from clustersim.scenario.document import Document, KeyPath, dotted, nearest
from clustersim.scenario.events import read_events
from clustersim.scenario.facts import OWN, full_name, short_source_names, source_names
from clustersim.scenario.faults import check
from clustersim.scenario.model import Precision, Roster, Scenario, Time
from clustersim.scenario.observed import read_observed
from clustersim.scenario.presets import preset_names, preset_sources
from clustersim.spec.parameters import MODEL_PARAMETERS

FEW_GONE = 3  # paths of `sources` that lead nowhere are told one by one up to so many


def resolve(document: Document, roster: Roster | None = None) -> Scenario:
    """The scenario that a document describes.

    Args:
        roster: the roster that the document names, where it was read before.

    Raises:
        InputError: with everything that is wrong.
    """
    written = check(schema.Scenario, document.data, document, ())
    plan.check_population(document)
    geography = plan.read_geography(document)
    roster = roster or plan.roster_of(document, geography)
    population = plan.plan_of(written.population, document, roster) if written else None
    geography = replace(geography, firms=_firms(document, roster))
    if population:
        counts = population.chain_firms
        geography = replace(geography, number_of_firms=population.firms, chain_firms=counts)
    policies = read_policies(document, geography)
    events = read_events(document, geography)
    _check_sources(document)
    observed = read_observed(document, written, policies, events, geography) if written else ()
    document.refuse()
    assert written is not None  # or there were problems
    assert population is not None
    return Scenario(
        name=written.name,
        title=_title(written),
        time=Time(written.time.burn_in, written.time.horizon),
        population=population,
        policies=policies,
        parameters=values_of(written.parameters, MODEL_PARAMETERS),
        events=events,
        budget=written.budget,
        seeds=written.seeds,
        precision=Precision(**written.precision.model_dump()) if written.precision else None,
        sources=_sources(written.sources, document.data),
        written=tuple(document.data.get("parameters") or ()),
        document=document.data,
        folder=document.folder,
        observed=observed,
    )


def _firms(document: Document, roster: Roster | None) -> tuple[str, ...] | None:
    """Ids of the firms that may be named: None without a roster, () where the roster cannot be read."""
    population = document.data.get("population")
    if not isinstance(population, dict) or "roster" not in population:
        return None
    return roster.ids if roster else ()


def _title(written: schema.Scenario) -> dict[str, str]:
    """The title in both languages; the one given stands for the other."""
    en, zh = written.title.en, written.title.zh
    return {"en": en or zh or written.name, "zh": zh or en or written.name}


def _check_sources(document: Document) -> None:
    """Each path of `sources` must stand in the document, each source in the package's catalogues."""
    sources = document.data.get("sources")
    if not isinstance(sources, dict):
        return
    paths = {dotted(path) for path in key_paths(document.data)}
    gone = [path for path in sources if path not in paths]
    if len(gone) > FEW_GONE:  # a section was replaced, and its sources were not
        listed = ", ".join(gone[:FEW_GONE])
        near = nearest(gone[0], sorted(paths))
        document.report(("sources", gone[0]), "unknown.gone", number=len(gone), nearest=near, listed=f"{listed}, …")
    else:
        for path in gone:
            document.report_unknown(("sources", path), "path", path, paths)
    for path, source in sources.items():
        for name in _unknown_sources(source):
            document.report_unknown(("sources", path), "source", name, short_source_names())


def _unknown_sources(source: Any) -> list[str]:
    """Ids that are none. Behind `own ` stands free text."""
    if not isinstance(source, str) or source.startswith(OWN):
        return []
    return [name for name in source.split(", ") if name not in source_names()]


def key_paths(data: Any, path: KeyPath = ()) -> list[KeyPath]:
    """Paths of all keys and list items of a document, without those of `sources` itself."""
    keys = list(data) if isinstance(data, dict) else list(range(len(data))) if isinstance(data, list) else []
    below = [key for key in keys if (*path, key) != ("sources",)]
    return [found for key in below for found in [(*path, key), *key_paths(data[key], (*path, key))]]


def _sources(author: Mapping[str, str], data: Mapping[str, Any]) -> dict[str, str]:
    """The author's sources and, for numbers that the arms take over from presets, those of the presets."""
    written = {dotted(path) for path in key_paths(data)}
    inherited = {
        f"policies.{arm}.{path}": full_name(source)
        for arm, body in data["policies"].items()
        if (name := arm_preset(arm, body or {})) in preset_names()
        for path, source in preset_sources(name).items()
    }
    kept = {path: source for path, source in inherited.items() if path not in written}
    return kept | {path: full_name(source) for path, source in author.items()}
