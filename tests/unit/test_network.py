"""The network of a run: its pairs before and after, and as they are drawn."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from figure_checks import check_words, words_of
from matplotlib.collections import PathCollection

import clustersim as cs
from clustersim.analysis.network import Network, living_pairs, network
from clustersim.errors import StorageError
from clustersim.figures import network as drawn_network
from clustersim.figures import of_pack, of_run
from clustersim.messages import LANGUAGES
from clustersim.spec.state import CHANNELS
from clustersim.studies.run_findings import RunFindings

pytestmark = pytest.mark.usefixtures("unrendered")

ROOT = Path(__file__).parents[2]
EVENTS = [
    (0, 1, 0, 5, "search"),
    (0, 2, 0, 6, "roster"),
    (3, 1, 0, -1, "ended"),
    (3, 1, 0, 7, "introduction"),
    (4, 2, 0, -1, "ended"),
    (9, 2, 1, 5, "tie"),
]


@pytest.fixture(name="run", scope="module")
def _run(tmp_path_factory: pytest.TempPathFactory) -> RunFindings:
    town = cs.load(
        ROOT / "scenarios" / "xinqiao.yaml",
        {"time.burn_in": 24, "time.horizon": 24, "policies.chain_leader.attraction.entries": 80},
    )
    return town.run(seeds=7, out=tmp_path_factory.mktemp("run"), assumptions=0).findings


def made(firms: int, chains: int = 17, pairs: int = 400) -> Network:
    """A place of some size, with long names and every channel, under no alliance and two policies."""
    random = np.random.default_rng(3)
    arms = ["no_alliance", "a_name_that_its_author_made_rather_long", "名称很长很长的第五个政策方案名称"]
    rows = np.arange(firms)
    people = pd.DataFrame({"firm": rows, "size_class": rows % 3, "tier": rows % 3, "chain": rows % chains, "site": 0})

    def drawn() -> pd.DataFrame:
        there = firms - 3  # before anybody enters
        buyer = random.integers(0, there, pairs)
        supplier = (buyer + random.integers(1, there, pairs)) % there
        return pd.DataFrame({"buyer": buyer, "supplier": supplier, "channel": random.choice(CHANNELS, pairs)})

    return Network(
        seed=2,
        months=36,
        chains=tuple(f"a_rather_long_chain_{number}" if number % 2 else f"产业链{number}" for number in range(chains)),
        tiers=3,
        firms=pd.concat([people.assign(arm=arm, incumbent=rows < firms - 3) for arm in arms], ignore_index=True),
        before=drawn(),
        after=pd.concat([drawn().assign(arm=arm) for arm in arms], ignore_index=True),
    )


def test_pairs_that_live() -> None:
    pairs = pd.DataFrame(EVENTS, columns=["month", "buyer", "slot", "supplier", "event"]).assign(arm="a", seed=0)

    def told(month: int | None) -> set[tuple[int, int, str]]:
        living = living_pairs(pairs, month)
        return set(zip(living["buyer"], living["supplier"], living["channel"], strict=True))

    assert told(0) == {(1, 5, "search"), (2, 6, "roster")}
    assert told(3) == {(1, 7, "introduction"), (2, 6, "roster")}
    assert told(None) == {(1, 7, "introduction"), (2, 5, "tie")}


def test_the_pairs_of_a_run_are_those_of_its_series(run: RunFindings) -> None:
    found = run.network
    series = run.table("series").query("seed == 0 and month == 24").set_index("arm")
    assert found.seed == 0
    for arm in series.index:
        mine = found.after[found.after["arm"] == arm]
        counts = mine["channel"].value_counts()
        assert {name: counts.get(name, 0) for name in CHANNELS} == {
            name: series.loc[arm, f"channel_{name}"] for name in CHANNELS
        }
        assert len(found.firms[found.firms["arm"] == arm]) == series.loc[arm, "enterprises"]
    assert set(found.before["channel"]) == {"search"}


def test_every_arm_begins_with_the_same_pairs(run: RunFindings) -> None:
    before = run.table("pairs").query("month == 0")
    by_arm = [rows[["seed", "buyer", "slot", "supplier"]].to_numpy() for _, rows in before.groupby("arm")]
    assert len(by_arm) == 7
    assert all(np.array_equal(by_arm[0], one) for one in by_arm)
    made_and_ended = run.table("pairs").query("arm == 'no_alliance' and seed == 1")
    made = made_and_ended.query("month > 0 and event != 'ended'").shape[0]
    ended = made_and_ended.query("event == 'ended'").shape[0]
    last = run.table("series").query("arm == 'no_alliance' and seed == 1 and month == 24")["paired_slots"].item()
    assert before.query("arm == 'no_alliance' and seed == 1").shape[0] + made - ended == last


def test_only_stored_seeds_have_a_network(run: RunFindings) -> None:
    assert run.network_of(4).seed == 4
    with pytest.raises(ValueError, match="one stored seed"):
        run.network_of(6)  # run, but its pairs are not stored
    with pytest.raises(StorageError):
        run.network_of(7)


def test_several_seeds_are_no_network(run: RunFindings) -> None:
    with pytest.raises(ValueError, match="one stored seed"):
        network(run.table("firms"), run.table("pairs"), [("one", 3)], 24)


# --- as it is drawn -------------------------------------------------------------------------------------------------


def links(panel: object) -> dict[str, PathCollection]:
    found = [one for one in panel.collections if one.get_label() in CHANNELS]  # type: ignore[attr-defined]
    return {str(one.get_label()): one for one in found}


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("firms", [28, 120, 5000])
@pytest.mark.parametrize("policies", [1, 2])
def test_words_stay_apart(firms: int, policies: int, language: str) -> None:
    place = made(firms, chains=17 if firms > 1000 else 4)
    panels = drawn_network(place, ["no_alliance", *place.arms[-policies:]])
    check_words(panels)
    assert len(panels) == policies + 2


def test_lines_are_the_pairs_of_firms(run: RunFindings) -> None:
    found = run.network
    panels = drawn_network(found)
    check_words(panels)
    for panel, pairs in zip(panels[1:], (found.after[found.after["arm"] == arm] for arm in found.arms), strict=True):
        several = pairs.drop_duplicates(["buyer", "supplier", "channel"])["channel"].value_counts()
        assert {name: len(one.get_paths()) for name, one in links(panel).items()} == several.to_dict()
        assert f"{len(pairs)} pairs" in panel.get_xlabel()
        assert all(f"{number}" in panel.get_xlabel() for number in pairs["channel"].value_counts())
    entered = found.firms.query("arm == 'chain_leader' and not incumbent")
    faces = panels[3].collections[-1].get_facecolors()
    assert (faces[:, 0] == 1).sum() == len(entered) > 0


def test_a_firm_stays_at_its_place(run: RunFindings) -> None:
    panels = drawn_network(run.network)
    before, *after = [{tuple(place) for place in panel.collections[-1].get_offsets()} for panel in panels]
    assert len(before) == 28
    assert all(before <= places for places in after)


def test_bars_and_lines_of_chains_are_their_pairs() -> None:
    place = made(5000, chains=6)
    panel = drawn_network(place)[0]
    chain = place.firms.query("arm == 'no_alliance'").set_index("firm")["chain"]
    ends = np.sort(np.column_stack([place.before[side].map(chain) for side in ("buyer", "supplier")]), axis=1)
    within = place.before[ends[:, 0] == ends[:, 1]]
    bars = [patch.get_xy() for patch in panel.patches]
    lengths = [np.linalg.norm(corners[1] - corners[0]) for corners in bars]
    sizes = within.assign(chain=within["buyer"].map(chain)).groupby(["channel", "chain"]).size()
    assert np.sort(lengths) / sum(lengths) == pytest.approx(np.sort(sizes) / len(within))
    between = place.before.assign(first=ends[:, 0], second=ends[:, 1])[ends[:, 0] != ends[:, 1]]
    bundles = between.groupby("channel")[["first", "second"]].apply(lambda rows: len(rows.drop_duplicates()))
    assert {name: len(one.get_paths()) for name, one in links(panel).items()} == bundles.to_dict()
    assert panel.get_xlabel().startswith("400 pairs")


def test_it_says_what_it_is(run: RunFindings) -> None:
    panels = drawn_network(replace(run.network, seed=3))
    figure = panels[0].get_figure()
    assert figure.get_suptitle().endswith("one run of many (seed 3): an illustration, not an estimate")
    assert "Baseline: no alliance" in figure.legends[0].get_title().get_text()
    assert "Before the policy" in words_of(panels[0])
    assert "No alliance, month 24" in words_of(panels[1])


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_briefing_has_them_and_a_run_has_not(run: RunFindings, language: str) -> None:
    pack = of_pack(run)
    assert set(pack) - set(of_run(run.estimates)) >= {"funnel", "network"}
    assert len(np.ravel(pack["network"])) == 4
