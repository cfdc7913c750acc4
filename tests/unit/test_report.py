"""Words and tables: every number with its baseline, interval and seeds, in both languages."""

from __future__ import annotations

import io
import math
import re
from types import SimpleNamespace
from typing import Any

import pandas as pd
import pytest
from result_tables import ARMS, estimates_of, scenario, simulated_series, spells_of
from rich.cells import cell_len
from rich.console import Console

from clustersim.analysis.estimates import Estimates
from clustersim.execution.budget import EQUAL_MONEY
from clustersim.messages import LANGUAGES, catalogue, text
from clustersim.render.markdown import markdown
from clustersim.render.terminal import terminal_table
from clustersim.reports import wording
from clustersim.reports.run_report import report
from clustersim.reports.summary import headline_table, scenario_title, summary_sentences
from spoken import told_in

OURS = ("measure.", "summary.", "report.", "table.", "verdict.", "figure.", "dimension.", "group.")


@pytest.fixture(scope="module")
def estimates() -> Estimates:
    return estimates_of(simulated_series(shock=True), spells_of(ARMS))


def report_md(*of: Any) -> str:
    return markdown(report(*of))


def headline_of(effect: float, low: float, high: float, said: str, **more: object) -> pd.DataFrame:
    """A frame of effects with a single row."""
    row = {
        **{"arm": "chain_leader", "against": "no_alliance", "measure": "pairing_rate", "unit": "percent"},
        **{"effect_unit": "points", "headline": True, "baseline": 28.44, "level": 28.44 + effect, "effect": effect},
        **{"low": low, "high": high, "seeds": 40, "seeds_needed": 90.0, "margin": 1.0, "verdict": said, **more},
    }
    return pd.DataFrame([row])


@pytest.mark.parametrize(
    ("value", "decimals", "signed", "shown"),
    [
        (1234567.8, 0, False, "1,234,568"),
        (-0.001, 2, True, "0.00"),
        (0.0, 1, True, "0.0"),
        (3.14159, 2, True, "+3.14"),
        (-3.14159, 1, True, "-3.1"),
        (math.nan, 2, True, "-"),
        (math.inf, 0, False, "-"),
    ],
)
def test_a_number_is_shown_plainly(value: float, decimals: int, signed: bool, shown: str) -> None:
    assert wording.plain(value, decimals, signed=signed) == shown


@pytest.mark.parametrize(
    ("low", "high", "decimals"),
    [(3.77, 4.09, 2), (1.0, 5.2, 1), (-40.0, 12.0, 0), (0.931, 0.932, 2), (2000.0, 2000.0, 0), (math.nan, math.nan, 1)],
)
def test_the_interval_decides_the_decimals(low: float, high: float, decimals: int) -> None:
    assert wording.interval_decimals(low, high) == decimals


def test_numbers_below_one_another_have_the_decimals_of_the_widest_interval() -> None:
    assert wording.common_decimals([(12.58, 14.34), (17.1, 19.9)]) == 1
    assert wording.common_decimals([(0.11, 0.13), (0.2, 0.4)]) == 2
    assert wording.common_decimals([(0.0, 300.0), (1.0, 2.0)]) == 1


def test_a_quantity_counts_one_as_one() -> None:
    assert wording.quantity("1", "points") == "1 point"
    assert wording.quantity("+1.0", "points") == "+1.0 points"
    assert wording.quantity("-", "points") == "-"


def test_a_sentence_gives_effect_interval_and_verdict_and_the_first_the_baseline_and_seeds() -> None:
    first, sentence = sentences(headline_of(3.931, 3.77, 4.09, "better"))
    assert "40 seeds" in first
    assert "no alliance (pairing rate 28.4%)" in first
    assert sentence == "Chain leader: pairing rate +3.93 points [+3.77 to +4.09]: better."


def test_a_better_one_within_the_margin_is_said_to_be() -> None:
    assert "but by less than the margin of practical difference (1 point)" in told(0.6, 0.1, 1.1, "better")
    assert "but by less than the margin" not in told(1.6, 0.9, 2.3, "better")


def test_no_practical_difference_names_the_margin() -> None:
    assert "the whole interval lies within 1 point" in told(0.1, -0.2, 0.4, "no_practical_difference")


def test_an_undecided_one_names_the_seeds_that_would_help() -> None:
    assert "about 90 seeds" in told(0.5, -2.0, 3.0, "undecided")
    assert "about" not in told(0.9, -0.1, 1.9, "undecided", seeds_needed=30.0)


def test_one_seed_has_no_interval_in_words() -> None:
    sentence = told(0.5, math.nan, math.nan, "undecided", seeds=1)
    assert "too few seeds for an interval" in sentence
    assert "nan" not in sentence


def test_an_interval_beside_zero_does_not_look_as_if_it_touched_it() -> None:
    assert "[-2.10 to -0.04]" in told(-1.07, -2.1, -0.04, "worse")


def test_measures_with_one_verdict_share_its_word() -> None:
    same = pd.concat([headline_of(3.9, 3.7, 4.1, "better"), headline_of(1.9, 1.7, 2.1, "better", measure="output")])
    assert sentences(same)[1].endswith("output +1.90 points [+1.70 to +2.10]; each better.")


def sentences(effects: pd.DataFrame) -> list[str]:
    return summary_sentences(effects, effects[:0], "A cluster")


def told(effect: float, low: float, high: float, said: str, **more: object) -> str:
    return sentences(headline_of(effect, low, high, said, **more))[1]


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_arm_has_a_sentence(estimates: Estimates, language: str) -> None:
    found = summary_sentences(estimates.effects, estimates.contrasts, "A cluster")
    assert len(found) == 1 + len(ARMS) - 1
    assert "A cluster" in found[0]


def test_an_arm_at_equal_money_is_named_in_both_languages() -> None:
    assert wording.arm_name(f"chain_leader{EQUAL_MONEY}") == "Chain leader, equal money"
    assert told_in("zh", wording.arm_name, f"chain_leader{EQUAL_MONEY}") == "链长制（同等资金）"
    assert told_in("zh", wording.arm_name, "my_arm") == "my_arm"


def test_policies_are_compared_at_the_same_kind_of_budget() -> None:
    arms = [*ARMS[:3], *(arm + EQUAL_MONEY for arm in ARMS[1:3])]
    found = estimates_of(simulated_series(arms))
    assert set(zip(found.contrasts["arm"], found.contrasts["against"], strict=True)) == {
        (arms[2], arms[1]),
        (arms[4], arms[3]),
    }
    told = "\n".join(summary_sentences(found.effects, found.contrasts, "A cluster"))
    assert "Chain leader against cluster committee: " in told
    assert "Chain leader against cluster committee, at equal money: " in told


def test_without_a_policy_the_sentences_say_so() -> None:
    found = estimates_of(simulated_series(["no_alliance"], seeds=2))
    assert summary_sentences(found.effects, found.contrasts, "x") == [
        "The scenario has no policy to compare with no alliance."
    ]
    assert report_md(scenario(["no_alliance"]), found).startswith("# A cluster")


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_report_has_every_section_once(estimates: Estimates, language: str) -> None:
    headings = re.findall(r"^## (.*)$", report_md(scenario(), estimates), re.MULTILINE)
    names = (
        *("words", "results", "contrasts", "asked", "years", "decomposition", "pairs", "waiting", "costs"),
        *("resilience", "groups", "further", "limits", "definitions", "scenario"),
    )
    assert headings == [catalogue()[f"report.{name}"][language] for name in names]


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_tables_of_the_report_are_whole(estimates: Estimates, language: str) -> None:
    blocks = report_md(scenario(), estimates).split("\n\n")
    tables = [block.splitlines() for block in blocks if block.startswith("|")]
    assert len(tables) == 12
    for lines in tables:
        assert len({line.count("|") for line in lines}) == 1
        assert len(lines) > 2
        assert not re.search(r"\bnan\b|\binf\b", "".join(lines))


def test_the_report_shows_the_estimates(estimates: Estimates) -> None:
    written = report_md(scenario(), estimates)
    output = estimates.effects.set_index(["arm", "measure"]).loc[("cluster_committee", "output")]
    row = next(line for line in written.splitlines() if line.startswith("| Cluster committee | Output (10k yuan) |"))
    cells = [cell.strip() for cell in row.strip("|").split("|")]
    assert cells[2] == f"{output['baseline']:,.0f}"
    assert cells[4].startswith(f"+{output['effect']:.2f}% (+{output['low']:.2f} to ")
    assert cells[5] == "better"
    sure = next(line for line in written.splitlines() if line.startswith("| Cluster committee | Output (%) |"))
    assert f"| {output['variance_gain']:,.0f} | 12 |" in sure
    assert f"| {100 * output['share_better']:.0f}% |" in sure


def test_shock_and_contrasts_are_reported_only_where_there_are_some() -> None:
    written = report_md(scenario(ARMS[:2]), estimates_of(simulated_series(ARMS[:2])))
    assert "Under the shock" not in written
    assert "Between the policies" not in written


def test_a_pair_of_policies_is_compared_in_words_and_more_in_the_table() -> None:
    pair, more = (report_md(scenario(arms), estimates_of(simulated_series(arms))) for arms in (ARMS[:3], ARMS))
    assert "Chain leader against cluster committee: " in pair
    assert "Chain leader against cluster committee: " not in more
    assert "| Chain leader | Cluster committee | Pairing rate |" in more


def test_a_run_of_one_seed_is_reported_without_intervals() -> None:
    written = report_md(scenario(), estimates_of(simulated_series(seeds=1)))
    assert "undecided" in written
    assert "| better |" not in written


def test_the_parts_of_output_add_up(estimates: Estimates) -> None:
    written = report_md(scenario(), estimates)
    section = written.split("## What the change of output is made of")[1].split("##")[0]
    row = next(line for line in section.splitlines() if line.startswith("| Cluster committee |"))
    output, local, outside, rerouted, replaced = (
        float(cell.split("(")[0].replace(",", "")) for cell in row.strip("| ").split(" | ")[1:]
    )
    assert output == pytest.approx(local + outside, abs=1)
    assert local == pytest.approx(rerouted + replaced, abs=1)


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_terminal_table_has_a_row_for_each_headline_number(estimates: Estimates, language: str) -> None:
    table = terminal_table(headline_table(estimates.effects))
    assert table.row_count == 3 * (len(ARMS) + 1)
    shown = printed(estimates.effects)
    assert "…" not in shown
    assert "12" in shown


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_terminal_table_keeps_to_80_columns(language: str) -> None:
    arms = [*ARMS, *(arm + EQUAL_MONEY for arm in ARMS[1:])]
    found = estimates_of(simulated_series(arms)).effects
    lines = printed(found.assign(baseline=1e8, level=1e8)).splitlines()
    between = text("table.range", low="", high="").strip()
    assert max(cell_len(line) for line in lines) <= 80
    assert any("100,000,000" in line and "+" in line and between in line for line in lines)


def printed(effects: pd.DataFrame) -> str:
    console = Console(file=io.StringIO(), width=80, color_system=None)
    console.print(terminal_table(headline_table(effects)))
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue()


def test_a_title_falls_back_to_another_language_and_then_to_the_name() -> None:
    assert told_in("zh", scenario_title, scenario()) == "某集群"
    in_english = SimpleNamespace(title={"en": "A"}, name="a")
    assert told_in("zh", scenario_title, in_english) == "A"  # type: ignore[arg-type]
    assert told_in("zh", scenario_title, SimpleNamespace(title={}, name="a")) == "a"  # type: ignore[arg-type]


def test_no_text_claims_a_cause() -> None:
    entries = [entry for key, entry in catalogue().items() if key.startswith(OURS)]
    assert entries
    assert not [entry for entry in entries if re.search(r"\bcaus|\bled to\b|thanks to", entry["en"], re.IGNORECASE)]
    assert not [entry for entry in entries if re.search("导致|归功于", entry["zh"])]
