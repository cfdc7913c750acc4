"""The reference engine is a Mesa model that Mesa's own tools work on, and docs/agreement.md says how."""

from __future__ import annotations

import copy
import pickle
import re
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import mesa
import numpy as np
import pandas as pd
import pytest
from click.testing import CliRunner

import clustersim as cs
from clustersim.api import Experiment
from clustersim.cli import main
from clustersim.engines.reference import MONTH, ClusterModel, Enterprise, Institution
from clustersim.engines.reference.portrait import portrait
from clustersim.errors import InputError
from clustersim.execution.budget import with_budget
from clustersim.spec.state import COLUMNS
from command import call
from towns import scenario_in

pytestmark = pytest.mark.usefixtures("unrendered")

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "agreement.md"
SCENARIO = ROOT / "scenarios" / "xinqiao.yaml"
BURN_IN, HORIZON = 12, 12


@pytest.fixture(scope="module")
def town() -> Experiment:
    """The scenario of the page with a short past."""
    return cs.load(SCENARIO, {"time.burn_in": BURN_IN, "time.horizon": HORIZON})


def finished[M: ClusterModel](model: M) -> M:
    while model.running:
        model.step()
    return model


def left_by(model: ClusterModel) -> tuple[object, ...]:
    """Everything that a run decides and writes down."""
    state = portrait(model)
    columns = {name: getattr(state, name).tolist() for name in COLUMNS}
    return columns, model.pair_events, model.spells, dict(model.records.series)


# --- the page -------------------------------------------------------------------------------------------------------


def blocks(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)


@pytest.fixture(scope="module")
def notebook() -> dict[str, Any]:
    """The names that the page's snippets leave, run one after another as in a notebook."""
    names: dict[str, Any] = {"__name__": "notebook"}
    with warnings.catch_warnings(), pytest.MonkeyPatch.context() as patched:
        warnings.simplefilter("error")
        patched.chdir(ROOT)
        for number, code in enumerate(blocks("python")):
            exec(compile(code, f"{PAGE.name}, snippet {number + 1}", "exec"), names)
    return names


def test_the_snippets_run(notebook: dict[str, Any]) -> None:
    model, months, firms = notebook["model"], notebook["months"], notebook["firms"]
    assert months.index.tolist() == list(range(1, model.setting.time.horizon + 1))
    assert months["output"].tolist() == pytest.approx(model.records.series["output"])
    assert set(firms["firm"]) == {firm.row for firm in model.enterprises}


def test_the_network_has_the_pairs(notebook: dict[str, Any]) -> None:
    model, pairs = notebook["model"], notebook["pairs"]
    assert pairs.number_of_nodes() == len(model.enterprises)
    assert pairs.number_of_edges() == model.records.last()["paired_slots"] > 0
    for firm in model.enterprises:
        assert pairs.in_degree(firm.row) == len(firm.pairs)


def test_the_branches_are_the_policies(notebook: dict[str, Any]) -> None:
    assert notebook["start"].month == 0
    same = finished(notebook["town"].model(notebook["policy"].name, seed=1))
    assert left_by(notebook["branch"]) == left_by(same)


def test_the_changed_rule_is_obeyed(notebook: dict[str, Any]) -> None:
    changed = notebook["changed"]
    for _ in range(24):  # of the burn-in: own search is the only channel
        changed.step()
    pairs = [(firm, pair) for firm in changed.enterprises for _, pair in firm.pairs]
    assert pairs
    assert all(firm.chain == pair.supplier.chain for firm, pair in pairs)
    start = notebook["start"]
    assert any(firm.chain != pair.supplier.chain for firm in start.enterprises for _, pair in firm.pairs)


@pytest.mark.slow
def test_the_transcript_is_what_the_command_says() -> None:
    """Word for word and number for number, but for the time and the last digits of rounding."""
    [shown] = [block for block in blocks("") if block.startswith("$ clustersim agree")]
    command, duration, *agreed = shown.splitlines()
    _, verb, file = command.removeprefix("$ ").split()
    found = CliRunner(env={"CLUSTERSIM_LANG": "en"}).invoke(main, [verb, str(ROOT / file)], catch_exceptions=False)
    assert found.exit_code == 0
    assert duration.split(":")[0] == found.stderr.split(":")[0]
    assert [_without_rounding(line) for line in agreed] == [
        _without_rounding(line) for line in found.stdout.splitlines()
    ]


def test_the_words_of_the_transcript_are_those_of_the_command(tmp_path: Path) -> None:
    """Of a small town; its numbers are others."""
    [shown] = [block for block in blocks("") if block.startswith("$ clustersim agree")]
    found = call("agree", scenario_in(tmp_path), "--seeds", 2)
    assert found.exit_code == 0
    _, duration, *agreed = shown.splitlines()
    assert duration.split(":")[0] == found.stderr.split(":")[0]
    assert [_without_numbers(line) for line in agreed] == [_without_numbers(line) for line in found.stdout.splitlines()]


def _without_numbers(line: str) -> str:
    return re.sub(r"\d[\d,.]*(e-\d+)?", "N", line)


def _without_rounding(line: str) -> str:
    return re.sub(r"\d+e-1\d", "N", line)


# --- months ---------------------------------------------------------------------------------------------------------


def test_months_are_counted_from_the_end_of_the_burn_in(town: Experiment) -> None:
    model = town.model()
    assert (model.month, model.clock, model.time) == (-BURN_IN, 0, 0.0)
    model.step()
    assert (model.month, model.clock, model.time) == (1 - BURN_IN, 1, 1.0)
    model.burn_in()
    assert (model.month, model.clock, model.time) == (0, BURN_IN, BURN_IN)
    model.burn_in()
    assert model.month == 0
    model.run_for(3)
    assert (model.month, model.clock, model.time) == (3, BURN_IN + 3, BURN_IN + 3)


def test_it_runs_until_the_last_month_of_the_scenario(town: Experiment) -> None:
    model = town.model()
    model.burn_in()
    for _ in range(HORIZON):
        assert model.running
        model.step()
    assert not model.running
    assert model.month == HORIZON
    assert {len(values) for values in model.records.series.values()} == {HORIZON}
    model.step()
    assert model.month == HORIZON + 1
    assert not model.running


def test_mesa_runs_it_to_its_end(town: Experiment) -> None:
    model = town.model("cluster_committee", 1)
    model.run_model()
    assert left_by(model) == left_by(finished(town.model("cluster_committee", 1)))


def test_a_month_may_be_walked_step_by_step(town: Experiment) -> None:
    whole, walked = town.model(seed=4), town.model(seed=4)
    for _ in range(BURN_IN + 2):
        whole.step()
        walked.begin_month()
        for step in MONTH:
            getattr(walked, step)()
        walked.end_month()
    assert left_by(walked) == left_by(whole)


def test_no_policy_acts_in_the_burn_in(town: Experiment) -> None:
    idle, led = town.model(seed=2), town.model("chain_leader", seed=2)
    for model in (idle, led):
        model.burn_in()
    assert left_by(idle) == left_by(led)
    assert led.members == 0
    led.step()
    assert led.members == len(led.enterprises)


# --- luck -----------------------------------------------------------------------------------------------------------


def test_a_seed_is_the_same_each_time(town: Experiment) -> None:
    first, again, other = (finished(town.model("chain_leader", seed)) for seed in (7, 7, 8))
    assert left_by(first) == left_by(again)
    assert left_by(first) != left_by(other)


@pytest.mark.parametrize("policy", ["no_alliance", "cluster_committee", "chain_leader"])
def test_mesas_own_numbers_are_never_used(town: Experiment, policy: str) -> None:
    model = town.model(policy, seed=5)
    before = model.random.getstate(), copy.deepcopy(model.rng.bit_generator.state)
    finished(model)
    assert (model.random.getstate(), model.rng.bit_generator.state) == before
    assert model.enterprises.random is model.random


def test_mesas_own_numbers_do_not_matter(town: Experiment) -> None:
    model = town.model("cluster_committee", seed=5)
    while model.running:
        model.enterprises.shuffle_do(lambda firm: firm.room)  # whoever watches may use them
        model.rng.random()
        model.step()
    assert left_by(model) == left_by(finished(town.model("cluster_committee", seed=5)))


def test_all_policies_of_a_seed_meet_the_same_firms(town: Experiment) -> None:
    models = [town.model(policy.name, seed=3) for policy in town.scenario.policies]
    names = ["row", "good", "site", "size_class", "capacity_reference"]
    first, *others = [model.enterprises.get(names) for model in models]
    assert all(one == first for one in others)


@pytest.mark.parametrize("duplicate", [copy.deepcopy, lambda model: pickle.loads(pickle.dumps(model))])
def test_a_copy_goes_its_own_way(town: Experiment, duplicate: Callable[[ClusterModel], ClusterModel]) -> None:
    start = town.model("cluster_committee", seed=6)
    start.burn_in()
    start.step()
    twin = finished(duplicate(start))
    assert (start.month, twin.month) == (1, HORIZON)
    assert {firm.model for firm in twin.enterprises} == {twin}
    assert left_by(twin) == left_by(finished(start))


# --- Mesa's tools ---------------------------------------------------------------------------------------------------


def test_agents_are_mesas(town: Experiment) -> None:
    model = town.model()
    assert model.agent_types == [Enterprise, Institution]
    assert len(model.agents) == len(model.enterprises) + len(model.institutions)
    assert [firm.row for firm in model.enterprises] == list(range(town.scenario.population.firms))
    assert len(model.institutions) == len(town.scenario.population.institutions)


def test_firms_that_enter_are_agents(town: Experiment) -> None:
    many = {"policies.chain_leader.attraction.entries": 60.0}
    model = finished(town.changed(many).model("chain_leader", seed=1))
    assert model.entrants
    assert [firm.row for firm in model.enterprises] == list(range(len(model.firms)))
    assert all(firm in model.agents for firm in model.entrants)


def test_a_town_without_institutions() -> None:
    bare = cs.load(SCENARIO, {"population.institutions": {}, "time.burn_in": 1}).model()
    bare.step()
    assert len(bare.institutions) == 0
    assert bare.agent_types == [Enterprise]


def test_agent_sets_select_add_up_and_group(town: Experiment) -> None:
    model = town.model("cluster_committee", seed=1)
    model.burn_in()
    model.step()
    firms = model.enterprises
    assert len(firms.select(lambda firm: firm.member)) == model.members == len(firms)
    assert firms.agg("output", sum) == pytest.approx(model.output)
    low, high = firms.agg("capacity", [min, max])
    assert 0.0 < low < high
    by_chain = firms.groupby("chain")
    assert sum(by_chain.count().values()) == len(firms)
    assert sum(by_chain.agg("output", sum).values()) == pytest.approx(model.output)
    assert firms.get("row") == [firm.row for firm in model.firms]
    assert firms.map(lambda firm: len(firm.pairs)) == firms.map(lambda firm: len(firm.slots) - len(firm.open_slots))
    assert model.pairing_rate == pytest.approx(sum(not slot.is_open for slot in model.slots) / len(model.slots))
    assert model.institutions.agg("engagements", sum) >= 0


def test_data_collector(town: Experiment) -> None:
    model = town.model("cluster_committee", seed=1)
    collector = mesa.DataCollector(
        model_reporters={"month": "month", "output": lambda model: model.output, "members": "members"},
        agent_reporters={"place": lambda agent: agent.provider is not None},
        agenttype_reporters={Enterprise: {"firm": "row", "output": "output"}, Institution: {"used": "engagements"}},
    )
    model.burn_in()
    while model.running:
        model.step()
        collector.collect(model)
    months = collector.get_model_vars_dataframe()
    assert months["month"].tolist() == list(range(1, HORIZON + 1))
    assert months["output"].tolist() == pytest.approx(model.records.series["output"])
    assert months["members"].tolist() == model.records.series["members"]
    firms = collector.get_agenttype_vars_dataframe(Enterprise)
    assert firms.index.get_level_values("Step").unique().tolist() == [BURN_IN + month for month in months["month"]]
    assert firms.groupby("firm")["output"].sum().to_dict() == pytest.approx(model.records.output)
    institutions = collector.get_agenttype_vars_dataframe(Institution)
    assert len(institutions) == HORIZON * len(model.institutions)
    assert len(collector.get_agent_vars_dataframe()) == len(firms) + len(institutions)


class Collected(ClusterModel):
    """As a Mesa user writes it: the collector belongs to the model."""

    def __init__(self, *arguments: Any, **words: Any):
        super().__init__(*arguments, **words)
        self.datacollector = mesa.DataCollector({"month": "month", "pairing_rate": "pairing_rate"})

    def step(self) -> None:
        super().step()
        self.datacollector.collect(self)


def test_batch_run(town: Experiment) -> None:
    policies = ["no_alliance", "cluster_committee"]
    found = mesa.batch_run(
        Collected,
        {"setting": town.scenario, "policy": policies},
        rng=[0, 1],
        data_collection_period=-1,
        display_progress=False,
    )
    rows = pd.DataFrame(found)
    assert rows["month"].tolist() == [HORIZON] * 4
    for row in rows.itertuples():
        assert row.pairing_rate == finished(town.model(row.policy, row.rng)).pairing_rate


# --- beside a run ---------------------------------------------------------------------------------------------------


def test_its_months_are_those_of_a_run(town: Experiment, tmp_path: Path) -> None:
    series = town.run(seeds=2, out=tmp_path, assumptions=0).table("series")
    paid = with_budget(town.scenario)  # the arms of a run
    assert len(paid.policies) == 7
    for policy in paid.policies:
        records = finished(ClusterModel(paid, policy.name, rng=1)).records
        stored = series[(series["arm"] == policy.name) & (series["seed"] == 1)].sort_values("month")
        for name, values in records.series.items():
            np.testing.assert_allclose(stored[name], values, rtol=1e-9, atol=1e-9, err_msg=name)


# --- wrong arguments ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("seed", [None, 1.5, "1", -1, 2**63, np.random.default_rng(1)])
def test_what_is_no_seed(town: Experiment, seed: Any) -> None:
    for make in (lambda: town.model(seed=seed), lambda: ClusterModel(town.scenario, rng=seed)):
        with pytest.raises((TypeError, ValueError), match="rng is the seed, a whole number"):
            make()


def test_seeds_may_be_numpys(town: Experiment) -> None:
    model = town.model(seed=np.int64(3))  # type: ignore[arg-type]
    assert model.seed == 3
    assert type(model.seed) is int
    town.model(seed=2**63 - 1).step()


@pytest.mark.parametrize("policy", ["cluster_comittee", "", None])
def test_a_policy_that_the_scenario_does_not_have(town: Experiment, policy: Any) -> None:
    with pytest.raises(ValueError, match="it has no_alliance, cluster_committee, chain_leader"):
        town.model(policy)


def test_a_file_that_is_none(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="file not found"):
        ClusterModel(tmp_path / "none.yaml")
    with pytest.raises(InputError, match="file not found"):
        cs.load(str(tmp_path / "none.yaml"))


def test_mesas_deprecated_seed_is_refused() -> None:
    with pytest.raises(TypeError, match="seed"):
        ClusterModel(SCENARIO, seed=1)  # type: ignore[call-arg]
