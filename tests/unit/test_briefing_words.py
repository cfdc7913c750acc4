"""The page that is read: its words are the verdicts on the numbers, in both languages, and nothing more."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from types import SimpleNamespace

import pandas as pd
import pytest
from result_tables import ARMS, estimates_of, scenario, simulated_series, spells_of

from clustersim.brief.blocks import Bullets, Heading, Paragraph, Table, blocks_of, line, plain
from clustersim.brief.layout import Cell, column_widths, numeric_columns
from clustersim.brief.page import front
from clustersim.experiment.budget import EQUAL_MONEY
from clustersim.experiment.estimates import Estimates
from clustersim.experiment.findings.run import RunFindings
from clustersim.experiment.study.factors import Factor
from clustersim.messages import LANGUAGES, catalogue
from clustersim.storage.folder import RunFolder

COMMITTEE, LEADER = ARMS[1:3]
WINNERS = ["arm", "dimension", "gain", "lose", "net", "net_low", "net_high"]


def page(
    estimates: Estimates,
    language: str = "en",
    arms: tuple[str, ...] = ARMS,
    seeds: int = 12,
    winners: Sequence[tuple[object, ...]] = (),
    assumptions: Ranges | None = None,
) -> str:
    """All words of the first page, for estimates that are given."""
    findings = RunFindings(scenario(arms), RunFolder(Path(), "cluster", "id"), seeds, assumptions)  # type: ignore[arg-type]
    findings.__dict__["estimates"] = estimates  # where the cached property keeps its value
    findings.__dict__["winners"] = pd.DataFrame(winners, columns=WINNERS)
    said = []
    for block in front(findings, [], language):
        match block:
            case Heading() | Paragraph():
                said.append(plain(block.line))
            case Bullets():
                said += [plain(item) for item in block.items]
    return "\n".join(said)


def with_output(effect: float, low: float, high: float, verdict: str) -> Estimates:
    """Made-up estimates whose effect on output under the committee is given."""
    found = estimates_of(simulated_series(ARMS[:2]), spells_of(ARMS[:2]))
    here = (found.effects["measure"] == "output") & (found.effects["arm"] == COMMITTEE)
    effects = found.effects.copy()
    effects.loc[here, ["effect", "low", "high"]] = [effect, low, high]
    effects.loc[here, "verdict"] = verdict
    return replace(found, effects=effects)


@pytest.mark.parametrize(
    ("effect", "low", "high", "verdict", "en", "zh"),
    [
        (3.0, 1.0, 5.0, "better", "Output +3.0% (+1.0 to +5.0), better", "产出 +3.0%（+1.0 至 +5.0），更优"),
        (-3.0, -5.0, -1.0, "worse", "Output -3.0% (-5.0 to -1.0), worse", "产出 -3.0%（-5.0 至 -1.0），更差"),
        (0.1, -0.2, 0.4, "no_practical_difference", "(-0.20 to +0.40), no practical difference", "无实际差异"),
        (0.5, -2.0, 3.0, "undecided", "Output +0.5% (-2.0 to +3.0), undecided", "尚难判定"),
    ],
)
def test_the_word_for_a_result_is_its_verdict(
    effect: float, low: float, high: float, verdict: str, en: str, zh: str
) -> None:
    found = with_output(effect, low, high, verdict)
    assert en in page(found, "en", ARMS[:2])
    assert zh in page(found, "zh", ARMS[:2])


def test_one_seed_decides_nothing_and_has_no_interval() -> None:
    said = page(estimates_of(simulated_series(seeds=1)), seeds=1)
    assert "One seed has no interval: nothing is decided." in said
    assert "nan" not in said and "better" not in said.split("What the model finds")[1].split("How sure")[0]


def test_without_a_policy_nothing_is_found() -> None:
    said = page(estimates_of(simulated_series([ARMS[0]], seeds=2)), "en", ARMS[:1], 2)
    assert "no policy to compare" in said and "The question" not in said
    assert "What the model cannot say" in said


def test_equal_money_is_told_in_order_with_the_first_against_the_second() -> None:
    arms = (*ARMS[:3], COMMITTEE + EQUAL_MONEY, LEADER + EQUAL_MONEY)
    found = estimates_of(simulated_series(arms))
    contrast = found.contrasts[(found.contrasts["measure"] == "output")]
    both = {COMMITTEE + EQUAL_MONEY, LEADER + EQUAL_MONEY}
    [row] = [one for one in contrast.itertuples() if {one.arm, one.against} == both]
    said = page(found, arms=arms)
    order = sorted(both, key=lambda arm: -found.effects.set_index(["arm", "measure"]).loc[(arm, "output"), "effect"])
    names = {COMMITTEE + EQUAL_MONEY: "cluster committee", LEADER + EQUAL_MONEY: "chain leader"}
    told = said.split("by output: ")[1].split(". ")[0]
    assert told.index(names[order[0]]) < told.index(names[order[1]])
    assert f"{row.effect:+.2f}"[:4] in said.split("by output: ")[1]


def test_groups_with_lower_output_are_named_and_others_are_not() -> None:
    found = estimates_of(simulated_series())
    groups = found.groups.copy()
    assert "No group" in page(found)
    here = (groups["dimension"] == "size_class") & (groups["group"] == "small") & (groups["arm"] == COMMITTEE)
    groups.loc[here & (groups["measure"] == "output"), ["effect", "low", "high"]] = [-2.0, -3.0, -1.0]
    said = page(replace(found, groups=groups))
    assert "small firms under cluster committee -2.0% (-3.0 to -1.0)" in said
    assert "large" not in said.split("Lower output")[1].split("\n")[0]
    groups.loc[here & (groups["measure"] == "output"), ["effect", "low", "high"]] = [-0.04, -0.05, -0.03]
    assert "Lower output" not in page(replace(found, groups=groups))  # within the margin of 0.5%


def test_firms_that_gain_and_lose_are_told() -> None:
    rows = [(COMMITTEE, "total", 35.2, 53.4, -18.2, -18.6, -17.7), (COMMITTEE, "size_class", 1.0, 2.0, 3.0, 4.0, 5.0)]
    assert "cluster committee 35%, 53%. Chance alone" in page(estimates_of(simulated_series()), winners=rows)
    assert "Chance alone" not in page(estimates_of(simulated_series()))


def test_a_cost_for_each_pair_is_given_only_where_it_is_known() -> None:
    found = estimates_of(simulated_series())
    assert "for each additional pair-year" in page(found)
    ratios = found.ratios.assign(ratio=float("nan"))
    for low, high, said in (
        (-150.0, -90.0, "there are fewer pairs than without it"),
        (-9.0, 30.0, "additional pairs cannot be told from none"),
        (float("nan"), float("nan"), "in 24 months."),
    ):
        effects = found.effects.copy()
        effects.loc[effects["measure"] == "net_additional", ["low", "high"]] = [low, high]
        told = page(replace(found, ratios=ratios, effects=effects))
        assert said in told and "pair-year" not in told


def test_verdicts_stand_at_a_glance() -> None:
    found = estimates_of(simulated_series())
    effects = found.effects.copy()
    for arm, verdict in ((COMMITTEE, "better"), (LEADER, "worse"), (ARMS[3], "undecided")):
        effects.loc[(effects["arm"] == arm) & (effects["measure"] == "output"), "verdict"] = verdict
    effects.loc[effects["measure"] == "pairing_rate", "verdict"] = "better"
    said = page(replace(found, effects=effects))
    assert "Output: better under cluster committee; worse under chain leader; undecided under committee_without" in said
    assert "Pairing rate: better under all policies." in said


def test_output_without_entrants_stands_beside_the_output() -> None:
    found = estimates_of(simulated_series())
    assert "Without the firms that enter" not in page(found)
    effects = found.effects.copy()
    here = effects["arm"] == COMMITTEE
    effects.loc[here & (effects["measure"] == "entrants"), "level"] = 2.0
    effects.loc[here & (effects["measure"] == "incumbent_output"), ["effect", "low", "high"]] = [-4.0, -5.0, -3.0]
    effects.loc[here & (effects["measure"] == "incumbent_output"), "verdict"] = "worse"
    [bullet] = [one for one in page(replace(found, effects=effects)).split("\n") if "Without the firms" in one]
    assert bullet.startswith("Cluster committee: Output") and "output -4.0% (-5.0 to -3.0), worse" in bullet


def test_a_shock_is_told_with_what_each_policy_loses() -> None:
    said = page(estimates_of(simulated_series(ARMS[:2], shock=True), spells_of(ARMS[:2])), arms=ARMS[:2])
    assert "The shock takes 1.6" in said and "Output of the deepest month falls by 10.00%" in said
    assert "The shock" not in page(estimates_of(simulated_series(ARMS[:2])), arms=ARMS[:2])


RANGE = {
    **{"range_low": 1.0, "range_mid": 2.0, "range_high": 4.0, "share_positive": 0.875, "share_best": 0.5},
    **{"noise": float("nan"), "movers": "", "points": 8},
}


@dataclass
class Ranges:
    """What the page reads of an assumption range."""

    table: pd.DataFrame
    job: SimpleNamespace


def ranges(arms: Sequence[str] = ARMS[1:3], **changes: object) -> Ranges:
    rows = [{"arm": arm, "measure": name, **RANGE, **changes} for arm in arms for name in ("output", "pairing_rate")]
    factors = (Factor("parameters.rivalry", ("parameters.rivalry",), default=0.5, low=0.0, high=1.0),)
    points = [(0.5,)] * int(str({**RANGE, **changes}["points"]))
    return Ranges(pd.DataFrame(rows), SimpleNamespace(factors=factors, points=points, seeds=1))


def with_ranges(found: Ranges) -> str:
    """The page of two arms whose effects lie inside of these ranges."""
    estimates = estimates_of(simulated_series(ARMS[:3]))
    effects = estimates.effects.copy()
    effects.loc[effects["measure"].isin(["output", "pairing_rate"]), "effect"] = 2.0
    return page(replace(estimates, effects=effects), arms=ARMS[:3], assumptions=found)


def test_the_range_over_assumptions_stands_beside_each_effect() -> None:
    said = with_ranges(ranges())
    assert "; with other assumptions +1.0 to +4.0%, above zero at 7 of 8 points." in said
    assert "; with other assumptions +1.0 to +4.0 points, above zero at 7 of 8 points." in said
    assert "above zero at 88% of the points" in with_ranges(ranges(points=64))


def test_what_moves_the_output_is_named_and_silence_is_no_proof() -> None:
    assert "does not show that none does" in with_ranges(ranges())
    said = with_ranges(ranges(movers="parameters.rivalry"))
    assert "rivalry (0.5; plausible 0 to 1). How far" in said
    assert "under cluster committee, chain leader by more than chance explains" in said


def test_which_policy_is_ahead_is_told_where_it_may_change() -> None:
    found = ranges(points=64)
    output = found.table["measure"] == "output"
    found.table.loc[output, "share_best"] = [0.25, 0.75]
    found.table.loc[~output, "share_best"] = [1.0, 0.0]
    assert "output chain leader 75%, cluster committee 25%; pairing rate cluster committee 100%" in with_ranges(found)


def test_effects_beyond_their_range_by_more_than_the_margin_are_told() -> None:
    assert "lie outside" not in with_ranges(ranges(range_low=2.3))  # by less than the margin of 0.5% and 1 point
    assert "lie outside their range" in with_ranges(ranges(range_low=3.1))


def test_what_was_not_computed_is_said() -> None:
    assert "was not computed" in page(estimates_of(simulated_series()))


FORBIDDEN = {
    "en": ("significant", "strong", "dramatic", "impressive", "remarkable", "huge", "thanks to", "caused by", "proves"),
    "zh": ("显著", "巨大", "大幅", "明显", "有力", "证明", "得益于"),
}


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_adjective_that_numbers_do_not_carry(language: str) -> None:
    entries = {key: entry[language] for key, entry in catalogue().items() if key.startswith("brief.")}
    wrong = {key: word for key, entry in entries.items() for word in FORBIDDEN[language] if word in entry.lower()}
    assert not wrong


def test_markdown_of_the_report_becomes_blocks() -> None:
    found = blocks_of(["## A *title*", "Words with **weight** and `code`.", "- one\n- two", "![no](picture.png)"])
    assert [type(block) for block in found] == [Heading, Paragraph, Bullets]
    heading, words, bullets = found
    assert (plain(heading.line), heading.level) == ("A title", 2)
    assert [(piece.text, piece.strong, piece.code) for piece in words.line if piece.strong or piece.code] == [
        ("weight", True, False),
        ("code", False, True),
    ]
    assert [plain(item) for item in bullets.items] == ["one", "two"]


def test_a_table_takes_the_name_of_the_heading_before_it() -> None:
    told = ["## Costs", "A note.", "| Policy | Cost |\n| --- | --- |\n| a\\|b | +1.5 |\n| c_d_e | - |"]
    table = blocks_of(told)[-1]
    assert isinstance(table, Table)
    assert plain(table.caption) == "Costs"
    assert [[plain(cell) for cell in row] for row in table.rows] == [["a|b", "+1.5"], ["c_d_e", "-"]]
    assert numeric_columns(table) == [False, True]


@pytest.mark.parametrize("word", ["<b>name</b>", "a_name_of_ours", "5 < 6 & 7", "#heading", "$x$", "[link](x)"])
def test_names_of_users_are_words_and_no_markup(word: str) -> None:
    assert plain(line(word)) == word.replace("[link](x)", "link")


def test_columns_fit_the_page_and_narrow_ones_keep_what_they_need() -> None:
    cells = [tuple(line(text) for text in row) for row in (["a" * 80, "b" * 80, "12"], ["x", "y", "3"])]
    table = Table((), tuple(line(name) for name in ("first", "second", "no")), tuple(cells))
    widths = column_widths(table, Cell(1.5, 4.0))
    assert sum(widths) <= 160.0 + 1e-9
    assert widths[2] == pytest.approx(4.0 + 1.5 * 2)
    assert widths[0] == pytest.approx(widths[1])
    small = Table((), (line("a"), line("b")), ((line("1"), line("2")),))
    assert column_widths(small, Cell(1.5, 4.0)) == pytest.approx([5.5, 5.5])


def test_frames_are_not_changed_by_telling_them() -> None:
    found = estimates_of(simulated_series())
    before = found.effects.copy()
    page(found)
    pd.testing.assert_frame_equal(found.effects, before)
