"""The two engines agree: in every pairing event, every state, and to 1e-9 in every quantity."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from random_scenarios import ALIKE, Case, cases, for_each, paid, write

from clustersim import instruments, scenario
from clustersim.agreement import Agreement, compare
from clustersim.agreement.findings import RELATIVE
from clustersim.engines.reference import MONTH
from clustersim.execution import size
from clustersim.execution.budget import with_budget
from clustersim.execution.progress import Progress
from clustersim.mechanisms import schedule
from clustersim.scenario.presets import preset_names
from clustersim.studies.store_run import store
from small_worlds import EVERYTHING, MATCHMAKING, brokering, listed, make

FOLDER = Path(__file__).parents[2] / "scenarios"
SHIPPED = sorted(file for file in FOLDER.rglob("*.yaml") if file.parent.name not in ("studies", "ensemble"))
CASES_IN_CI = 1  # block of nine
SEEDS = (0, 2**62)

ALONE: dict[str, dict[str, Any]] = {  # strong enough that something happens in a year
    "organisation_building": {"hazard_small": 0.3, "hazard_medium": 0.3, "hazard_large": 0.3, "phase_months": 3},
    "matchmaking": {**MATCHMAKING, "switch": 0.3, "order": "bottleneck", "key_firms_first": True, "also": "region"},
    "formal_pairing": {"ties": 75, "scope": "region"},
    "fusion_projects": {"projects": 150, "scope": "region"},
    "services": {"places_added": 7.5, "places_factor": 1.5, "duration_factor": 0.5, "caseload": 40},
    "groups": {"size": 6, "contact": 0.4, "conversion": 0.7},
    "forum": {"interval": 2, "learning": 0.01},
    "mutual_aid": {"scope": "region", "delay": 0},
    "attraction": {"entries": 60, "additional": 0.5},
}
EVENTS = [
    {"event": "supply", "month": 3, "months": 4, "availability": 0.3},
    {"event": "demand", "month": 5, "months": 3, "factor": 0.6, "chain": "parts"},
    {"event": "capacity", "month": 4, "months": 3, "loss": 0.5, "share": 0.5},
    {"event": "contract", "month": 2, "months": 6, "share_of_capacity": 0.4, "share": 0.3, "shock": False},
    {"event": "finance", "month": 2, "gain": 0.1, "site": "East"},
    {"event": "search", "month": 6, "months": 4, "factor": 2.0, "site": "West"},
]


def agreed(found: Agreement) -> Agreement:
    """The engines agree, and something was compared."""
    assert found.difference is None
    assert found.largest <= RELATIVE
    assert min(found.events, found.decisions, found.quantities) > 0
    return found


def test_the_months_have_the_same_steps() -> None:
    assert [name for name, _ in schedule.steps([], (), None)] == list(MONTH)


@pytest.mark.parametrize("name", preset_names())
def test_a_preset(name: str) -> None:
    agreed(compare(make({name: {}}, months=(12, 24), firms=40), SEEDS))


@pytest.mark.parametrize("name", instruments.names())
def test_an_instrument_alone(name: str) -> None:
    """Everyone is a member, except where it is the instrument that makes members."""
    gate = {} if name == "organisation_building" else {"members": "all"}
    events = EVENTS[:1] if name == "mutual_aid" else []  # without a shortage nobody needs aid
    agreed(compare(make({"arm": {**gate, name: ALONE[name]}}, events=events, months=(12, 15), firms=40), SEEDS))


def test_every_instrument_is_strong_somewhere() -> None:
    assert set(ALONE) == set(instruments.names())


@pytest.mark.parametrize("file", SHIPPED, ids=lambda file: file.stem)
def test_a_shipped_scenario(file: Path) -> None:
    """Small and short, so that a city of 5,000 firms can be walked through one by one; at its own budget."""
    found = scenario.load(file)
    people = found.population
    small = {} if people.roster else {"population.firms": min(people.firms, max(48, 2 * people.goods))}
    short = {"time.burn_in": 24, "time.horizon": 15, "budget": "own"}
    agreed(compare(with_budget(scenario.with_changes(found, {**short, **small})), [3]))


@pytest.mark.slow
def test_xinqiao_as_it_is() -> None:
    agreed(compare(with_budget(scenario.load(FOLDER / "xinqiao.yaml")), [3]))


def test_all_instruments_with_shocks_and_entry() -> None:
    found = compare(make({"everything": EVERYTHING}, events=EVENTS, months=(12, 18)), SEEDS)
    assert agreed(found).runs == 8  # each arm with shocks and without


OF_SOME = [  # goods that one site cannot have, and firms that stand still
    {"event": "supply", "month": 4, "months": 3, "availability": 0.4, "site": "West"},
    {"event": "capacity", "month": 6, "months": 2, "loss": 1.0, "drawn": "unlucky", "share": 0.2},
]
SETTINGS: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {  # an arm, and parameters under which they matter
    "ties between owner kinds": (
        {"formal_pairing": {"ties": 150, "scope": "region", "mentees": 2, "owners": "different"}},
        {"state_owned": 0.4, "large_share": 0.2},
    ),
    "entry into one chain": ({"attraction": {"entries": 120, "additional": 1.0, "chain": "parts"}}, {}),
    "numbers for all firms together": (
        {"attraction": {"entries": {"total": 14}, "additional": 0.5}, "formal_pairing": {"ties": {"total": 30}}},
        {},
    ),
    "projects that gain more": (
        {"fusion_projects": {"projects": 250, "success": 0.8, "gain_factor": 3.0}},
        {"service_duration": 3, "places_share": 0.4},
    ),
    "groups that are formed anew beside groups that last": (
        {
            "groups": {"size": 6, "contact": 0.4, "conversion": 0.7, "interval": 2},
            "dinners": {"instrument": "groups", "regroup": True, "size": 4, "interval": 3, "who": {"share": 0.6}},
        },
        {"absorbed": 0.5},
    ),
    "introductions with money, with a word, and with neither": (
        {"matchmaking": {**MATCHMAKING, "support": 0.3, "word": 0.4, "conversion_word": 0.6, "switch": 0.5}},
        {},
    ),
    "aid while stocks run out, and inputs that nothing replaces": (
        {"mutual_aid": {"scope": "region", "delay": 0, "share": 1.0}},
        {"specificity": 1.0, "stock": 0.6, "friction": 0.1, "crowding": 0.4},
    ),
}


@pytest.mark.parametrize("name", SETTINGS)
def test_a_setting_off_its_default(name: str) -> None:
    arm, parameters = SETTINGS[name]
    found = make({"arm": {"members": "all", **arm}}, parameters, events=OF_SOME, months=(12, 15), firms=40)
    agreed(compare(found, SEEDS))


RESEARCH_TIES = {
    "members": "all",
    "schools": {"instrument": "formal_pairing", "kind": "research", "scope": "region", "ties": 100, "mentees": 4},
    "services": {"services": ["technology"], "places_factor": 0.3},
}


def test_research_ties_beside_services_that_change_the_places() -> None:
    """What an institution had at the start counts for ties, not its places of the month."""
    places = {"a": 1, "b": 4, "c": 0, "d": 3}
    schools = [
        {"name": name, "kind": "university", "places": {"technology": number, "talent": 1}}
        for name, number in places.items()
    ]
    agreed(compare(make({"arm": RESEARCH_TIES}, months=(6, 12), firms=40, institutions=schools), SEEDS))


ROUNDS = {
    **MATCHMAKING,
    "instrument": "matchmaking",
    "conversion_supported": 1.0,
    "first_trust": 0.0,
    "resources": ["goods"],
}


@pytest.mark.parametrize(
    "arm",
    [
        {"rounds": {**ROUNDS, "introductions": 2000, "switch": 1.0}},  # when a replaced pair frees its room
        {
            "rounds": {**ROUNDS, "introductions": 36},
            "attraction": {"entries": 100, "additional": 1.0},
        },  # who has room left: room > contracted
    ],
    ids=["replaced pairs", "entries"],
)
def test_firms_that_are_all_alike_and_full_to_the_last_grain(arm: dict[str, Any]) -> None:
    parameters = {**ALIKE, "local": 0.0, "search": 0.6, "conversion": 0.9, "cross_chain": 1.0}
    people = {
        "firms": 24,
        "sites": {"A": 0.4, "B": 0.3, "C": 0.3},
        "chains": {"x": {"tiers": 2, "share": 1.0}},
        "institutions": {},
    }
    agreed(compare(make({"arm": {"members": "all", **arm}}, parameters, months=(8, 12), **people), [0, 1, 2]))


def test_seeds_are_compared_in_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    """All counts are those of one block."""
    scenario, told = make(brokering(), months=(3, 12), firms=20), list[Progress]()
    together = agreed(compare(scenario, [3, 1, 2]))
    monkeypatch.setitem(size.BLOCK_ROWS, "reference", 1)
    apart = agreed(compare(scenario, [3, 1, 2], told.append))
    assert apart == together
    assert [told[0], told[-1]] == [Progress(0, 45, "agreement"), Progress(45, 45, "agreement")]


@pytest.mark.parametrize("seeds", [[], [1, 1]])
def test_no_seed_and_a_seed_twice_are_refused(seeds: list[int]) -> None:
    with pytest.raises(ValueError, match="different whole numbers"):
        compare(make(), seeds)


def test_without_any_burn_in() -> None:
    agreed(compare(make({"everything": EVERYTHING}, months=(0, 12), firms=30), [1]))


def test_a_roster_with_known_pairs(tmp_path: Path) -> None:
    firms = ["id,chain,tier,site,capacity,places_technology,organisation"]
    firms += [
        f"F{row},{'equipment' if row % 3 else 'parts'},{row % 2},{'East' if row % 4 else 'West'},{50 + row},,"
        for row in range(30)
    ]
    firms[3] = "F2,equipment,,West,,2,yes"
    links = ["supplier,buyer", *(f"F{row},F{row + 1}" for row in range(0, 28, 3))]
    agreed(compare(listed(tmp_path, firms, links, (12, 12), policies={"cluster_committee": {}}), SEEDS))


def check_case(case: Case, folder: Path) -> None:
    assert compare(paid(write(case, folder)), case.seeds).difference is None


def test_random_scenarios(tmp_path: Path) -> None:
    for_each(cases(), lambda case: check_case(case, tmp_path), CASES_IN_CI)


# --- what both engines store ----------------------------------------------------------------------------------------


@pytest.fixture(name="folders", scope="module")
def _folders(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """The same small run on both engines."""
    small = make({"everything": EVERYTHING}, months=(6, 12), firms=20)
    return {
        engine: store(small, tmp_path_factory.mktemp(engine), seeds=3, engine=engine)[0]
        for engine in ("batch", "reference")
    }


def test_the_engine_is_part_of_the_run(folders: dict[str, Any]) -> None:
    assert folders["batch"].run_id != folders["reference"].run_id
    assert [folders[engine].read_manifest().identity["engine"] for engine in folders] == ["batch", "reference"]


@pytest.mark.parametrize("table", ["series", "groups", "firms", "pairs", "spells"])
def test_the_same_tables_are_stored(folders: dict[str, Any], table: str) -> None:
    ours, theirs = (folders[engine].read(table) for engine in ("batch", "reference"))
    assert dict(ours.dtypes) == dict(theirs.dtypes)
    keys = [name for name in ours if not pd.api.types.is_float_dtype(ours[name])]
    ours, theirs = (one.astype({"arm": str}).sort_values(keys).reset_index(drop=True) for one in (ours, theirs))
    pd.testing.assert_frame_equal(ours, theirs[list(ours)], rtol=RELATIVE, atol=1e-9)
    assert len(ours)
