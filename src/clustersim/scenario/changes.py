"""A scenario with some of its values changed: what sweeps, studies and options of a run work with."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from typing import Any

from clustersim.scenario.arms import RESERVED
from clustersim.scenario.document import Document, dotted
from clustersim.scenario.model import NO_ALLIANCE, Scenario
from clustersim.scenario.resolve import key_paths, resolve


def with_changes(scenario: Scenario, changes: Mapping[str, Any]) -> Scenario:
    """A copy of a scenario with other values at some key paths, checked like the first one.

    Args:
        changes: key path -> value, such as `parameters.friction`, `population.firms`,
            `policies.cluster_committee.matchmaking.introductions` (a label of a preset may be named although
            the document does not spell it out) or `events.0.month` (lists count from 0).

    Raises:
        InputError: a path leads nowhere, or the changed scenario is wrong.
    """
    document = Document(copy.deepcopy(scenario.document), folder=scenario.folder)
    for path, value in changes.items():
        _change(document, scenario, path, value)
    if "sources" not in changes:
        _forget_sources(document, changes)
    document.refuse()
    same_firms = not any(path.split(".")[0] == "population" for path in changes)
    return resolve(document, scenario.population.roster if same_firms else None)


def _forget_sources(document: Document, changes: Mapping[str, Any]) -> None:
    """A number that was changed no longer rests on what its author said, nor does one that is gone."""
    left = {dotted(path) for path in key_paths(document.data)}
    sources: Any = document.data.get("sources") or {}
    document.data["sources"] = {
        path: source
        for path, source in sources.items()
        if path in left and not any(f"{path}.".startswith(f"{changed}.") for changed in changes)
    }


def _change(document: Document, scenario: Scenario, path: str, value: Any) -> None:
    keys = path.split(".")
    if not _known_arm(document, scenario, keys):
        return
    place: Any = document.data
    for depth, key in enumerate(keys[:-1]):
        if isinstance(place, dict) and place.get(key) is None:
            place[key] = {}
        place = _step(place, key)
        if not isinstance(place, (dict, list)):
            document.report(tuple(keys[: depth + 1]), "leads_nowhere", given=path)
            return
    if isinstance(place, list) and not _is_index(place, keys[-1]):
        document.report(tuple(keys), "leads_nowhere", given=path)
        return
    place[int(keys[-1]) if isinstance(place, list) else keys[-1]] = _plain(value)


def _step(place: Any, key: str) -> Any:
    if isinstance(place, list):
        return place[int(key)] if _is_index(place, key) else None
    return place[key]


def _is_index(items: list[Any], key: str) -> bool:
    return key.isdecimal() and int(key) < len(items)


def _known_arm(document: Document, scenario: Scenario, keys: list[str]) -> bool:
    """Whether a path into a policy names an arm and a label that exist: a slip must not make new ones."""
    if keys[0] != "policies" or len(keys) < 3:
        return True
    policies = {policy.name: policy for policy in scenario.policies}
    if keys[1] not in policies:
        document.report_unknown(tuple(keys), "arm", keys[1], set(policies) - {NO_ALLIANCE})
        return False
    labels = {use.label for use in policies[keys[1]].instruments}
    if len(keys) > 3 and keys[2] not in labels and keys[2] not in RESERVED:
        document.report_unknown(tuple(keys), "label", keys[2], labels)
        return False
    return True


def _plain(value: Any) -> Any:
    """Numbers of NumPy as Python's, so that they count as numbers here and can be written to a manifest."""
    return value.item() if hasattr(value, "item") else copy.deepcopy(value)
