"""Whatever stands in the place of whatever, a scenario is read or refused with problems that can be told."""

import copy
import json
from pathlib import Path
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from clustersim import scenario
from clustersim.errors import InputError
from clustersim.scenario.reading import load_plain
from clustersim.scenario.resolve import key_paths
from spoken import told_in

TEXT = """\
schema: 1
name: test
title: {en: Test}
time: {burn_in: 120, horizon: 24}
population:
  firms: 40
  sites: {East: 0.6, West: 0.4}
  chains: {equipment: {tiers: 3, share: 0.7, site: East}, parts: {tiers: 2, share: 0.3}}
  institutions: [{name: School, kind: university, site: West, places: {talent: 3}}]
policies:
  no_alliance: {}
  cluster_committee: {without: [groups], matchmaking: {who: {chain: [parts], tier: 1}}}
  mine: {preset: chain_leader, members: all, visits: {instrument: groups, start: 2, end: 9, size: 8}}
parameters: {friction: 0.08}
events: [{event: capacity, month: 3, months: 6, loss: 0.5, site: [East]}, {event: finance, month: 2, gain: 0.1}]
budget: 100
seeds: 10
precision: {pairing: 1}
sources: {parameters.friction: assumption}
"""
GOOD: dict[str, Any] = load_plain(TEXT)
PATHS = [*key_paths(GOOD), ("sources",), ("sources", "parameters.friction")]
JUNK = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(allow_nan=False, allow_infinity=False),
    st.text(max_size=5),
    st.sampled_from(["all", "East", "groups", "equal", "no_alliance", "preset"]),
    st.lists(st.one_of(st.none(), st.integers(), st.text(max_size=3)), max_size=2),
    st.dictionaries(st.text(max_size=5), st.one_of(st.none(), st.integers(), st.just({})), max_size=2),
)


@settings(max_examples=100, deadline=None)
@given(st.lists(st.tuples(st.sampled_from(PATHS), JUNK), min_size=1, max_size=3))
def test_junk_is_read_or_refused(replaced: list[tuple[tuple[str | int, ...], Any]]) -> None:
    data = copy.deepcopy(GOOD)
    for path, junk in replaced:
        place: Any = data
        for key in path[:-1]:
            place = place[key] if isinstance(place, dict) and key in place else None
        if isinstance(place, dict):
            place[path[-1]] = junk
    try:
        found = scenario.loads(json.dumps(data, ensure_ascii=False))
    except InputError as error:
        assert error.describe()
        assert told_in("zh", error.describe)
        assert all(problem.line in (1, None) for problem in error.problems)
    else:
        scenario.warnings(found)
        assert scenario.describe(found)


def test_the_text_that_is_spoilt_is_good(tmp_path: Path) -> None:
    assert scenario.warnings(scenario.loads(TEXT, folder=tmp_path)) == []
