"""Who there is, what they need and who offers it, against the rules of the specification."""

import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import small_worlds
from clustersim import scenario
from clustersim.engines import batch
from clustersim.engines.bases import Bases
from clustersim.population.needs import number_of_slots, slot_volume
from clustersim.scenario.model import Scenario
from clustersim.spec.state import LARGE, MEDIUM, SMALL, Population

CHAINS = {"long": {"tiers": 3, "share": 0.5}, "short": {"tiers": 2, "share": 0.3}, "raw": {"tiers": 1, "share": 0.2}}
SITES = {"East": 0.5, "West": 0.3, "North": 0.2}


def people(seeds: list[int], *, parameters: dict[str, Any] | None = None, **population: Any) -> Population:
    policies = population.pop("policies", None)
    words = {"firms": 83, "sites": SITES, "chains": CHAINS, **population}
    return batch.world_of(Bases.crossed([small_worlds.make(policies, parameters, **words)], seeds)).population


@pytest.mark.parametrize(
    ("capacity", "expected"),
    [(100.0, 2), (400.0, 3), (3200.0, 6), (1e9, 6), (1.0, 1), (1e-6, 1), (40.0, 1), (240.0, 3)],
)
def test_number_of_slots(capacity: float, expected: int) -> None:
    # 2 (q / 100)^0.4: 2, 3.48, 8.00, ..., 0.32, ..., 1.386, 2.84
    assert int(number_of_slots(np.float64(capacity), 100.0, 2.0, 0.4, 6)) == expected


def test_volumes_are_multiples_of_the_grain() -> None:
    assert float(slot_volume(0.5, np.float64(100.0), 1.1, 3)) == 18773 / 1024  # 18.3333 * 1024 = 18773.3
    assert float(slot_volume(0.5, np.float64(1e-9), 1.0, 1)) == 1 / 1024


def test_slots_and_volumes_are_those_of_their_owners() -> None:
    found = people([1, 2])
    count = np.diff(found.slot_begin)
    owner = found.slot_owner
    assert owner.tolist() == np.repeat(np.arange(166), count).tolist()
    assert found.slot_number.tolist() == [place for number in count for place in range(number)]
    for firm in range(0, 166, 7):
        capacity, productivity = (
            column.reshape(-1)[firm] for column in (found.capacity_reference, found.productivity_reference)
        )
        slots = min(6, max(1, math.floor(2.0 * (capacity / 100.0) ** 0.4 + 0.5)))
        assert count[firm] == slots
        volume = found.slot_volume[owner == firm]
        assert volume == pytest.approx(0.5 * capacity * productivity / slots, abs=0.5 / 1024 + 1e-9)
        assert (volume * 1024 % 1 == 0).all()


def test_chains_tiers_and_sites_are_dealt_by_largest_remainders() -> None:
    found = people([1, 2, 3], parameters={"spread": 1.0})
    # 83 firms: 41.5, 24.9, 16.6 -> 41 (first remainder .5 is the smallest), 25, 17; tiers 14 14 13, 13 12, 17
    assert found.good_chain.tolist() == [0, 0, 0, 1, 1, 2]
    assert found.good_tier.tolist() == [0, 1, 2, 0, 1, 0]
    for base in range(3):
        assert np.bincount(found.good[base]).tolist() == [14, 14, 13, 13, 12, 17]
        assert np.bincount(found.site[base]).tolist() == [41, 25, 17]
        assert (found.good_chain[found.good[base]] == found.chain[base]).all()
        assert (found.good_tier[found.good[base]] == found.tier[base]).all()


def test_firms_that_do_not_spread_stand_at_their_chains_home() -> None:
    chains = {"here": {"tiers": 2, "share": 0.5, "site": "North"}, "there": {"tiers": 2, "share": 0.5}}
    found = people([1], parameters={"spread": 0.0}, chains=chains)
    assert set(found.site[found.chain == 0].tolist()) == {2}  # the site that the chain names
    assert set(found.site[found.chain == 1].tolist()) == {1}  # the sites in turn


def test_a_slot_buys_the_next_tier_upstream_or_any_good_but_its_own() -> None:
    found = people([1, 2], parameters={"cross_chain": 0.0})
    own, tier = (column.reshape(-1)[found.slot_owner] for column in (found.good, found.tier))
    assert (found.slot_good[tier > 0] == own[tier > 0] - 1).all()
    raw = own == 5
    assert set(found.slot_good[raw].tolist()) == {0, 1, 2, 3, 4}
    crossing = people([1, 2], parameters={"cross_chain": 1.0})
    assert (crossing.slot_good != own).all()
    counts = np.bincount(crossing.slot_good[raw], minlength=6)[:5]
    assert counts / counts.sum() == pytest.approx(0.2, abs=0.13)


def test_the_largest_tenth_is_large_and_each_chain_has_its_largest_firm_as_anchor() -> None:
    found = people([1, 2])
    for base in range(2):
        capacity = found.capacity_reference[base]
        order = sorted(range(83), key=lambda row: -capacity[row])
        expected = {LARGE: order[:8], MEDIUM: order[8:33], SMALL: order[33:]}  # round(8.3), round(24.9)
        for size, rows in expected.items():
            assert (found.size_class[base, rows] == size).all()
        largest = {max(np.flatnonzero(found.chain[base] == chain), key=lambda row: capacity[row]) for chain in range(3)}
        assert set(np.flatnonzero(found.anchor[base])) == largest


def test_half_of_the_firms_have_an_organisation_and_large_ones_more_often() -> None:
    found = people(list(range(12)), parameters={"organisation_size_gradient": 2.0})
    assert found.organisation.sum(axis=1).tolist() == [42] * 12  # round(41.5), halves up
    share = [found.organisation[found.size_class == size].mean() for size in (SMALL, MEDIUM, LARGE)]
    assert share[0] < share[1] < share[2]
    flat = people(list(range(12)), parameters={"organisation_size_gradient": 0.0})
    share = [flat.organisation[flat.size_class == size].mean() for size in (SMALL, LARGE)]
    assert share[1] - share[0] == pytest.approx(0.0, abs=0.2)


def test_sizes_productivities_and_outside_shares_follow_their_laws() -> None:
    found = people(list(range(40)))
    size, productivity = np.log(found.capacity_reference), np.log(found.productivity_reference)
    assert size.mean() == pytest.approx(math.log(100.0), abs=0.08)
    assert size.std() == pytest.approx(1.2, abs=0.06)
    assert productivity.mean() == pytest.approx(0.0, abs=0.02)
    assert productivity.std() == pytest.approx(0.3, abs=0.015)
    assert np.corrcoef(size.reshape(-1), productivity.reshape(-1))[0, 1] == pytest.approx(0.2, abs=0.06)
    outside = found.weight / found.capacity_reference / found.productivity_reference
    assert outside.mean() == pytest.approx(0.8, abs=0.01)
    assert outside.var() == pytest.approx(0.8 * 0.2 / 11.0, rel=0.15)  # Beta(8, 2)


# --- lists of own search ----------------------------------------------------------------------------------------------


def check_pick(found: Any, segment: int, entries: list[int], weights: list[float]) -> None:
    begin, end = found.begin[segment : segment + 2]
    assert found.entries[begin:end].tolist() == entries
    cumulated = np.cumsum(weights) / math.fsum(weights)
    for number in (*np.linspace(0.0, 0.999999, 23), *(cumulated[:-1] - 1e-6), *(cumulated[:-1] + 1e-6)):
        word = np.array([int(number * 2**32)], dtype=np.uint32)
        expected = entries[int(np.searchsorted(cumulated, number, side="right"))]
        assert found.pick(np.array([segment]), word).tolist() == [expected]


def test_sellers_are_picked_by_their_size() -> None:
    found = people([1, 2], parameters={"size_attraction": 0.7})
    for base in range(2):
        for good in range(6):
            sellers = [row for row in range(83) if found.good[base, row] == good]
            weights = [found.capacity_reference[base, row] ** 0.7 for row in sellers]
            check_pick(found.sellers, base * 6 + good, [base * 83 + row for row in sellers], weights)
            for site in range(3):
                here = [row for row in sellers if found.site[base, row] == site]
                if here:
                    weights = [found.capacity_reference[base, row] ** 0.7 for row in here]
                    segment = (base * 3 + site) * 6 + good
                    check_pick(found.sellers_by_site, segment, [base * 83 + row for row in here], weights)


def test_providers_of_services_are_picked_with_institutions_at_weight_one() -> None:
    found = people([1, 2], parameters={"size_attraction": 0.5})
    for base in range(2):
        for service in range(4):
            offering = [one for one in range(found.providers) if found.provider_places[base, one, service] > 0]
            firm = [found.provider_firm[base, one] for one in offering]
            weights = [1.0 if row < 0 else found.capacity_reference[base, row] ** 0.5 for row in firm]
            check_pick(found.servers, base * 4 + service, offering, weights)
            for site in range(3):
                here = [number for number, one in enumerate(offering) if found.provider_site[base, one] == site]
                if here:
                    segment = (base * 3 + site) * 4 + service
                    check_pick(
                        found.servers_by_site,
                        segment,
                        [offering[number] for number in here],
                        [weights[number] for number in here],
                    )


# --- places -----------------------------------------------------------------------------------------------------------


def places(institutions: Any, **parameters: Any) -> np.ndarray:
    """Of the institutions, by service; anchors are left out."""
    found = people([1], parameters={"anchor_technology_places": 0, **parameters}, institutions=institutions)
    institution = found.provider_institution >= 0
    assert (found.provider_places[0][~institution] == 0).all()
    return found.provider_places[0][institution]


def test_places_are_shared_by_the_kinds_that_offer_a_service() -> None:
    kinds = ("vocational_school", "university", "department", "bank", "fund")
    found = places([{"name": kind, "kind": kind} for kind in kinds])
    # round(0.15 * 83) = round(12.45) = 12 of each service
    assert found.tolist() == [[6, 6, 0, 0], [6, 6, 0, 0], [0, 0, 0, 12], [0, 0, 6, 0], [0, 0, 6, 0]]


def test_departments_stand_in_where_there_is_neither_bank_nor_fund() -> None:
    found = places([{"name": "a", "kind": "department"}, {"name": "b", "kind": "department"}], places_share=0.05)
    assert found.tolist() == [[0, 0, 2, 2], [0, 0, 2, 2]]  # round(4.15) = 4


def test_there_is_at_least_one_place_and_stated_places_stay_outside_the_sharing() -> None:
    found = places([{"name": "a", "kind": "bank"}, {"name": "b", "kind": "fund"}], places_share=0.0)
    assert found[:, 2].tolist() == [1, 0]
    stated = {"name": "b", "kind": "university", "places": {"technology": 7}}
    assert places([{"name": "a", "kind": "university"}, stated])[:, :2].tolist() == [[12, 12], [7, 0]]


def test_an_anchor_has_one_technology_place() -> None:
    found = people([1, 2], institutions={})
    for base in range(2):
        anchors = np.flatnonzero(found.anchor[base]).tolist()
        assert sorted(found.provider_firm[base].tolist()) == anchors
        assert found.provider_places[base].tolist() == [[1, 0, 0, 0]] * 3
        assert found.provider_site[base].tolist() == found.site[base, found.provider_firm[base]].tolist()


# --- what must not matter ---------------------------------------------------------------------------------------------

FIRM_COLUMNS = ("good", "site", "capacity_reference", "productivity_reference", "weight", "organisation", "size_class")


def test_a_population_does_not_depend_on_the_other_seeds() -> None:
    together, alone = people([3, 4, 5]), people([4])
    for name in (*FIRM_COLUMNS, "anchor", "owner_kind", "provider_places"):
        assert np.array_equal(getattr(together, name)[1:2], getattr(alone, name)), name
    mine = together.slot_owner // 83 == 1
    for name in ("slot_number", "slot_good", "slot_volume"):
        assert np.array_equal(getattr(together, name)[mine], getattr(alone, name)), name


def test_reserve_rows_change_no_incumbent() -> None:
    entering = {"draw": {"attraction": {"entries": {"total": 18}}}}
    without, with_reserve = people([3]), people([3], policies=entering)
    assert (without.rows, with_reserve.rows) == (83, 92)
    for name in (*FIRM_COLUMNS, "anchor", "owner_kind"):
        assert np.array_equal(getattr(with_reserve, name)[:, :83], getattr(without, name)), name
    assert (with_reserve.good[:, 83:] == -1).all()
    assert not with_reserve.anchor[:, 83:].any()
    assert (with_reserve.slot_good[with_reserve.slot_owner >= 83] == -1).all()
    for name in ("slot_owner", "slot_good", "slot_volume"):
        assert np.array_equal(getattr(with_reserve, name)[: without.slots], getattr(without, name)), name
    assert np.array_equal(with_reserve.sellers.entries, without.sellers.entries)


def test_the_size_of_entrants_is_a_factor_on_that_of_incumbents() -> None:
    usual, larger = (
        people([3], policies={"draw": {"attraction": {"entries": {"total": 18}}}}, parameters={"entrant_size": factor})
        for factor in (1.0, 2.0)
    )
    assert larger.capacity_reference[0, 83:] == pytest.approx(2.0 * usual.capacity_reference[0, 83:])
    assert np.array_equal(larger.capacity_reference[0, :83], usual.capacity_reference[0, :83])


def test_a_fixed_population_is_drawn_once() -> None:
    fixed, free = people([3, 4], fixed=True), people([3, 4])
    for name in FIRM_COLUMNS[:4]:
        assert np.array_equal(getattr(fixed, name)[0], getattr(fixed, name)[1])
        assert not np.array_equal(getattr(free, name)[0], getattr(free, name)[1])


# --- rosters ----------------------------------------------------------------------------------------------------------

ROSTER = """\
id,chain,tier,site,capacity,anchor,organisation,places_talent
A,long,2,West,100,,yes,
B,long,1,,200,yes,no,2
C,long,1,East,900,,,
D,raw,0,East,50,,,
E,short,1,,,,,
F,short,0,,80,,,
G,long,2,,70,,,
H,long,2,,60,,,
"""
LINKS = "supplier,buyer\nB,A\nC,A\nD,A\nG,H\n"


@pytest.fixture(name="listed")
def _listed(tmp_path: Path) -> Scenario:
    people = {
        "sites": ["East", "West"],
        "chains": {"long": {"tiers": 3}, "short": {"tiers": 2}, "raw": {"tiers": 1}},
        "institutions": {},
    }
    arms = {"cluster_committee": {"members": "all"}}
    return small_worlds.listed(tmp_path, ROSTER.splitlines(), LINKS.splitlines(), population=people, policies=arms)


def test_a_roster_overwrites_what_it_knows(listed: Scenario) -> None:
    found = batch.world_of(Bases.crossed([listed], [1, 2])).population
    for base in range(2):
        assert found.capacity_reference[base, [0, 1, 2, 3, 5]].tolist() == [100.0, 200.0, 900.0, 50.0, 80.0]
        assert found.site[base, [0, 2, 3]].tolist() == [1, 0, 0]
        assert found.good[base].tolist() == [2, 1, 1, 5, 4, 3, 2, 2]
        assert found.organisation[base, :2].tolist() == [True, False]
        assert found.anchor[base, [0, 1, 2, 3]].tolist() == [False, True, False, True]  # B is named though C is larger
        assert found.provider_places[base, found.provider_firm[base] == 1, 1].tolist() == [2]
    assert found.capacity_reference[0, 4] != found.capacity_reference[1, 4]  # not listed: drawn for each seed


def test_known_pairs_have_a_slot_each_that_buys_the_suppliers_good(listed: Scenario) -> None:
    found = batch.world_of(Bases.crossed([listed], [1, 2])).population
    assert len(found.links) == 8
    assert len(set(found.links[:, 0].tolist())) == 8
    for base in range(2):
        links = found.links[base * 4 : base * 4 + 4]
        owner = found.slot_owner[links[:, 0]] - base * 8
        assert owner.tolist() == [0, 0, 0, 7]  # A has three suppliers, so at least three slots
        assert links[:, 1].tolist() == [1, 2, 3, 6]
        assert found.slot_good[links[:, 0]].tolist() == [1, 1, 5, 2]


def test_known_pairs_stand_at_the_branch_of_all_arms(listed: Scenario) -> None:
    world = batch.world_of(Bases.crossed([listed], [1, 2]))
    batch.burn_in(world)
    branch = batch.branched(world, 2)
    slot, supplier = world.population.links.T
    for arm in range(2):
        assert branch.state.supplier[arm, slot].tolist() == supplier.tolist()
        assert (branch.state.first_trust[arm, slot] == 0.5).all()
        assert (branch.state.since[arm, slot] == 6).all()
    assert np.array_equal(small_worlds.contracted_afresh(branch), branch.state.contracted)


def test_nobody_supplies_itself_even_where_sellers_of_one_good_are_paired(listed: Scenario) -> None:
    """A slot of H buys from G what H sells too: once that pair ends, H must not be its own supplier."""
    lively = {"parameters.ending": 0.5, "parameters.search": 1.0, "parameters.conversion": 1.0}
    one = scenario.with_changes(listed, lively)
    for world in small_worlds.months([one], list(range(20))):
        paired = world.state.supplier >= 0
        assert not (paired & (world.state.supplier == world.row_of_slot)).any()


def test_an_anchor_has_its_place_unless_the_roster_states_others(tmp_path: Path) -> None:
    rows = ["id,chain,anchor,places_technology", "F0,equipment,yes,3", "F1,parts,yes,", "F2,equipment,,2"]
    rows += ["F3,parts,,", "F4,equipment,,", "F5,parts,,"]
    found = batch.world_of(
        Bases.crossed([small_worlds.listed(tmp_path, rows, population={"institutions": {}})], [0])
    ).population
    offered = {
        int(row): int(places)
        for row, places in zip(found.provider_firm[0], found.provider_places[0, :, 0], strict=True)
    }
    assert {row: places for row, places in offered.items() if places} == {0: 3, 1: 1, 2: 2}
