"""The random scenarios are valid, hold every word that a scenario may hold, and much happens in them."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import random_scenarios
from hypothesis import find, given, settings
from hypothesis import strategies as st
from random_scenarios import BLOCK, Case, cases, documents, edges, for_each, paid, write

from clustersim import instruments, scenario
from clustersim.scenario import schema
from clustersim.scenario.events import EVENTS
from clustersim.scenario.model import INSTITUTION_KINDS, Scenario
from clustersim.scenario.presets import preset, preset_names
from clustersim.scenario.roster import COLUMNS
from clustersim.spec.parameters import MODEL_PARAMETERS, Parameter
from clustersim.spec.results import EQUAL_MONEY
from clustersim.spec.state import CHANNELS, INTRODUCTION, OPEN, PAIRED, ROSTER, SEARCH
from clustersim.spec.world import World
from small_worlds import burned_in, months

type Array = np.ndarray[Any, Any]

# The generator of random scenarios is checked together with the thousands of them.
pytestmark = pytest.mark.slow

LIVELY_CASES = 40
STEADY = settings(derandomize=True, database=None, deadline=None)


def drawn(strategy: st.SearchStrategy[Any], blocks: int) -> list[Any]:
    found: list[Any] = []
    for_each(strategy, found.append, blocks)
    return found


@pytest.fixture(scope="module")
def many() -> list[Case]:
    return drawn(cases(), 45)


# --- they are valid -------------------------------------------------------------------------------------------------


@settings(STEADY, max_examples=100)
@given(documents())
def test_documents_are_valid(document: dict[str, Any]) -> None:
    found = scenario.loads(json.dumps(document))
    assert found.population.roster is None
    assert 1 <= len(found.policies) - 1 <= 3


def test_cases_are_valid_with_their_files(many: list[Case], tmp_path: Path) -> None:
    listed = []
    for number, case in enumerate(many[:150]):
        folder = tmp_path / str(number)
        folder.mkdir()
        found = write(case, folder)
        if number < 10:
            assert scenario.load(folder / "scenario.yaml").document == found.document
        assert 0 < len(set(case.seeds)) == len(case.seeds) <= 3
        assert 8 <= found.population.firms <= 60
        if found.population.roster:
            listed.append(found)
    assert len(listed) > 20
    assert any(_pairs_within_a_good(found) for found in listed)
    assert any(found.population.roster.links.size == 0 for found in listed)


def _pairs_within_a_good(found: Scenario) -> bool:
    """Whether a known pair's two firms stand in the same tier of a chain."""
    roster = found.population.roster
    assert roster is not None
    supplier, buyer = roster.links.T
    return bool(((roster.chain[supplier] == roster.chain[buyer]) & (roster.tier[supplier] == roster.tier[buyer])).any())


def test_budgets_are_met_or_left_out(many: list[Case], tmp_path: Path) -> None:
    found = [write(case, tmp_path) for case in many if "budget" in case.document]
    ready = [paid(one) for one in found]
    assert any(policy.name.endswith(EQUAL_MONEY) for one in ready for policy in one.policies)
    assert any(
        one.budget == "equal" and one.policies != other.policies for one, other in zip(ready, found, strict=True)
    )
    assert any(one.budget == "own" for one in ready)


# --- everything occurs ----------------------------------------------------------------------------------------------


def entries_of(document: Mapping[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Instruments that a document's arms spell out, with what they say of them."""
    for name, arm in document["policies"].items():
        origin = name if name in preset_names() else arm.get("preset")
        base = preset(origin) if origin else {}
        for label, entry in arm.items():
            if isinstance(entry, dict):
                below = base.get(label, {}).get("instrument", label)
                yield entry.get("instrument", below), entry


def words_of(values: Any) -> list[Any]:
    """What is said; of a number for all firms together the key."""
    return list(values) if isinstance(values, (list, dict)) else [values]


def test_every_instrument_parameter_and_word_occurs(many: list[Case]) -> None:
    values: dict[tuple[str, str], set[Any]] = {}
    for case in many:
        for instrument, entry in entries_of(case.document):
            for name, value in entry.items():
                if name != "who":
                    values.setdefault((instrument, name), set()).update(words_of(value))
    for instrument in instruments.names():
        for name, parameter in instruments.parameters(instrument).items():
            found = values[instrument, name]
            assert set(parameter.choices) <= found
            assert set(edges(parameter, f"{instrument}.{name}")) <= found
            assert len(found) > 1
            assert ("total" in found) == bool(parameter.counted)
    assert {1, 13} <= values["matchmaking", "start"]
    assert values["matchmaking", "end"] > {6, 40}


def test_every_filter_occurs_with_one_word_and_with_several(many: list[Case]) -> None:
    found: dict[str, list[Any]] = {}
    for case in many:
        for _, entry in entries_of(case.document):
            for kind, wanted in entry.get("who", {}).items():
                found.setdefault(kind, []).append(wanted)
    assert set(found) == set(schema.Who.model_fields)
    for kind in ("site", "chain", "tier", "size_class", "owner"):
        assert {isinstance(wanted, list) for wanted in found[kind]} == {True, False}
    assert set(found["anchor"]) == {True, False}
    assert {0.0, 1.0} < set(found["share"])
    assert len(set(found["drawn"])) == 2
    assert all(isinstance(firms, list) for firms in found["firms"])


def test_what_is_drawn_for_an_instrument_is_drawn_for_an_event_too(many: list[Case]) -> None:
    both = 0
    for case in many:
        whom = {entry["who"]["drawn"] for _, entry in entries_of(case.document) if "drawn" in entry.get("who", {})}
        both += bool(whom & {event.get("drawn") for event in case.document["events"]})
    assert both > 1


def test_introductions_with_support_and_with_a_word_are_no_more_than_all(many: list[Case], tmp_path: Path) -> None:
    found: set[tuple[float, float]] = set()
    for case in many[:100]:
        for policy in write(case, tmp_path).policies:
            rounds = [use.values for use in policy.instruments if use.instrument == "matchmaking"]
            found |= {(values.support, values.word) for values in rounds}
    assert max(support + word for support, word in found) == 1.0
    assert any(support > 0.0 < word and support + word < 1.0 for support, word in found)


def test_every_model_parameter_occurs_and_is_left_out(many: list[Case]) -> None:
    said: Counter[str] = Counter(name for case in many for name in case.document["parameters"])
    assert set(said) == set(MODEL_PARAMETERS)
    assert max(said.values()) < len(many)
    extreme = {
        name
        for case in many
        for name, value in case.document["parameters"].items()
        if value in edges(MODEL_PARAMETERS[name], name)
    }
    assert len(extreme) > len(MODEL_PARAMETERS) / 2


def test_a_new_parameter_is_drawn_by_itself() -> None:
    new = Parameter("made_up", 0.2, "share", (0.1, 0.3), "assumption")
    found = drawn(random_scenarios.value(new, "matchmaking.made_up"), 30)
    assert {None, 0.0, 0.1, 0.3, 1.0} < set(found)
    assert min(value for value in found if value) >= 0.1


def test_lively_ranges_are_those_of_registered_parameters() -> None:
    registered = dict(MODEL_PARAMETERS)
    for instrument in instruments.names():
        registered |= {f"{instrument}.{name}": one for name, one in instruments.parameters(instrument).items()}
    assert set(random_scenarios.LIVELY) | set(random_scenarios.EDGES) <= set(registered)
    for name, (low, high) in random_scenarios.LIVELY.items():
        least, most = registered[name].hard
        assert least <= low < high <= most


def test_every_kind_of_arm_occurs(many: list[Case]) -> None:
    arms = [(name, arm) for case in many for name, arm in case.document["policies"].items()]
    assert {name for name, _ in arms} == {*preset_names(), *random_scenarios.ARMS}
    assert {arm.get("preset") for _, arm in arms} == {None, *preset_names()[1:]}
    assert {arm.get("members") for _, arm in arms} == {None, "all", "organised"}
    assert any("without" in arm for _, arm in arms)
    sizes = {sum(isinstance(entry, dict) for entry in arm.values()) for _, arm in arms}
    assert sizes >= set(range(1, 9))
    twice = [Counter(entry.get("instrument") for entry in arm.values() if isinstance(entry, dict)) for _, arm in arms]
    assert any(count > 1 for counts in twice for name, count in counts.items() if name)


def test_every_event_occurs_with_and_without_its_filters_and_shock(many: list[Case]) -> None:
    found = [event for case in many for event in case.document["events"]]
    assert {event["event"] for event in found} == set(EVENTS)
    for kind, model in EVENTS.items():
        of_kind = [event for event in found if event["event"] == kind]
        assert {name for event in of_kind for name in event} == set(model.model_fields)
        for name in {"chain", "site", "tier", "share", "drawn", "firms", "label"} & set(model.model_fields):
            assert {name in event for event in of_kind} == {True, False}
        assert {event.get("shock") for event in of_kind} == {None, True, False}


def test_every_roster_column_occurs_filled_in_part_and_not_at_all(many: list[Case]) -> None:
    rosters = [case.roster for case in many if case.roster]
    headers = [roster.firms.splitlines()[0].split(",") for roster in rosters]
    for column in COLUMNS:
        names = {column.name, *column.aliases}
        has = {bool(names & set(header)) for header in headers}
        assert has == ({True} if column.required else {True, False})
        assert len(names & {name for header in headers for name in header}) > 1
    assert any(",," in roster.firms for roster in rosters)
    assert {roster.links is None for roster in rosters} == {True, False}


def test_populations_and_seeds_of_all_sizes_occur(many: list[Case]) -> None:
    people = [case.document["population"] for case in many]
    assert {len(one["sites"]) for one in people} == {1, 2, 3}
    assert {len(one["chains"]) for one in people} == {1, 2, 3, 4}
    assert {chain["tiers"] for one in people for chain in one["chains"].values()} == {1, 2, 3}
    assert {type(one.get("institutions")) for one in people} == {type(None), dict, list}
    listed = [entry for one in people if isinstance(one.get("institutions"), list) for entry in one["institutions"]]
    assert {entry["kind"] for entry in listed} == set(INSTITUTION_KINDS)
    assert {("site" in entry, "places" in entry) for entry in listed} == {(a, b) for a in (0, 1) for b in (0, 1)}
    assert {one.get("fixed") for one in people} == {None, True}
    assert {seed for case in many for seed in case.seeds} >= {0, 2**31, 2**62}
    times = [case.document["time"] for case in many]
    assert {0, 14} <= {time["burn_in"] for time in times}
    assert {12, 18} <= {time["horizon"] for time in times}


def test_a_case_shrinks_to_little_more_than_what_matters() -> None:
    def matters(case: Case) -> bool:
        return any(instrument == "services" and "caseload" in entry for instrument, entry in entries_of(case.document))

    found = find(cases(), matters, settings=settings(STEADY, max_examples=500))
    assert found.roster is None
    assert found.document["population"]["firms"] == random_scenarios.FEWEST_FIRMS
    assert found.document["events"] == []
    assert found.document["parameters"] == {}
    arms = [[entry for entry in arm.values() if isinstance(entry, dict)] for arm in found.document["policies"].values()]
    assert max(len(entries) for entries in arms) == 1
    assert len(arms) <= 2


# --- much happens ---------------------------------------------------------------------------------------------------


class Watch:
    """What happens in a run: pairs by channel, and how often a living pair is replaced by an introduction."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch):
        self.happened: Counter[str] = Counter()
        make_pairs = World.pair

        def watched(world: World, place: Array, supplier: Array, channel: int, first_trust: Any) -> None:
            self.happened[CHANNELS[channel - PAIRED]] += len(place)
            if channel == INTRODUCTION:
                self.happened["switch"] += int((world.flat.channel[place] > OPEN).sum())
            make_pairs(world, place, supplier, channel, first_trust)

        monkeypatch.setattr(World, "pair", watched)

    def month(self, world: World) -> None:
        """Counts what stands in the world after a month."""
        state = world.state
        assert np.isfinite(world.flows.output).all()
        self.happened["entry"] += int(world.ledger.entries.sum())
        self.happened["paid for in vain"] += int((world.ledger.entries_paid - world.ledger.entries).sum())
        self.happened["stock"] += len(world.flows.refilled)
        self.happened["cap of orders"] += int(world.flows.capped_slots.sum())
        self.happened["aid"] += int(sum((aid.received > 0.0).sum() for aid in world.flows.aid))
        self.happened["project"] += int((state.service_project > 0).sum())
        self.happened["tied"] += int((state.tie_partner >= 0).sum())
        self.happened["ended"] += int(world.ledger.pairs_ended.sum())


WATCHED = {"switch", "entry", "paid for in vain", "stock", "cap of orders", "aid", "project", "tied", "ended"}
POLICY_CHANNELS = {*CHANNELS} - {CHANNELS[code - PAIRED] for code in (SEARCH, ROSTER)}


def test_most_cases_are_lively(many: list[Case], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    watch, total, lively = Watch(monkeypatch), Counter[str](), 0
    for case in [case for number, case in enumerate(many) if number % BLOCK][:LIVELY_CASES]:  # the smallest left out
        watch.happened = Counter()
        found = paid(write(case, tmp_path))
        for world in months([found], case.seeds, burned_in([found], case.seeds)):
            watch.month(world)
        lively += any(watch.happened[channel] for channel in POLICY_CHANNELS)
        total += watch.happened
    assert lively >= 0.8 * LIVELY_CASES
    assert set(total) == {*CHANNELS, *WATCHED}
    assert min(total.values()) > 5
