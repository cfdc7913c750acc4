"""The page that is read: its words are the verdicts on the numbers, in both languages, and nothing more."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from types import SimpleNamespace

import pandas as pd
import pytest
from openpyxl import load_workbook
from result_tables import ARMS, estimates_of, scenario, simulated_series, spells_of

from clustersim.analysis.estimates import Estimates
from clustersim.execution.budget import EQUAL_MONEY
from clustersim.execution.factors import Factor
from clustersim.messages import LANGUAGES, catalogue, text
from clustersim.render.layout import Cell, column_widths, numeric_columns
from clustersim.render.word_frame import body_size
from clustersim.render.xlsx import xlsx
from clustersim.reports.appendix import appendices
from clustersim.reports.blocks import (
    Bullets,
    Document,
    Heading,
    PageBreak,
    Paragraph,
    Table,
    escaped,
    line,
    plain,
)
from clustersim.reports.briefing import briefing, page_frame
from clustersim.reports.captions import parts_of
from clustersim.reports.front_page import front_page
from clustersim.reports.runs_side_by_side import side_by_side
from clustersim.reports.sources import RunSource, Sources, StudySource
from clustersim.reports.workbook import ResultTable, column_name, sheet_names, workbook
from clustersim.storage.folder import RunFolder
from clustersim.storage.provenance import Provenance, Stamp
from clustersim.studies.run_findings import RunFindings
from spoken import told_in

COMMITTEE, LEADER = ARMS[1:3]
WINNERS = ["arm", "dimension", "gain", "lose", "net", "net_low", "net_high"]


def page(
    estimates: Estimates,
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
    for block in front_page(findings, []):
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
    assert en in page(found, ARMS[:2])
    assert zh in told_in("zh", page, found, ARMS[:2])


def test_one_seed_decides_nothing_and_has_no_interval() -> None:
    said = page(estimates_of(simulated_series(seeds=1)), seeds=1)
    assert "With one seed there is no interval, so no verdict can be given." in said
    assert "nan" not in said and "better" not in said.split("What the model finds")[1].split("How certain")[0]


def test_without_a_policy_nothing_is_found() -> None:
    said = page(estimates_of(simulated_series([ARMS[0]], seeds=2)), ARMS[:1], 2)
    assert "no policy to compare" in said and "The question" not in said
    assert "What the model cannot say" in said


def test_equal_money_is_reported_in_order_with_the_first_against_the_second() -> None:
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


def test_firms_that_gain_and_lose_are_reported() -> None:
    rows = [(COMMITTEE, "total", 35.2, 53.4, -18.2, -18.6, -17.7), (COMMITTEE, "size_class", 1.0, 2.0, 3.0, 4.0, 5.0)]
    assert "cluster committee 35%, 53%. Chance alone" in page(estimates_of(simulated_series()), winners=rows)
    assert "Chance alone" not in page(estimates_of(simulated_series()))


def test_a_cost_for_each_pair_is_given_only_where_it_is_known() -> None:
    found = estimates_of(simulated_series())
    assert "per additional pair-year" in page(found)
    ratios = found.ratios.assign(ratio=float("nan"))
    for low, high, said in (
        (-150.0, -90.0, "there are fewer pairs than without it"),
        (-9.0, 30.0, "cannot be distinguished from zero"),
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


def test_a_shock_is_reported_with_what_each_policy_loses() -> None:
    said = page(estimates_of(simulated_series(ARMS[:2], shock=True), spells_of(ARMS[:2])), arms=ARMS[:2])
    assert "Output lost to the shock over all" in said and ": 1.6" in said and "worst month: 10.00%" in said
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


def test_which_policy_is_ahead_is_reported_where_it_may_change() -> None:
    found = ranges(points=64)
    output = found.table["measure"] == "output"
    found.table.loc[output, "share_best"] = [0.25, 0.75]
    found.table.loc[~output, "share_best"] = [1.0, 0.0]
    assert "output chain leader 75%, cluster committee 25%; pairing rate cluster committee 100%" in with_ranges(found)
    found.table.loc[output, "share_best"] = [1.0, 0.0]
    assert "another policy may be ahead" not in with_ranges(found)  # none ever is


def test_effects_beyond_their_range_by_more_than_the_margin_are_reported() -> None:
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


LETTERS = Cell(1.5, 4.0)


def table_of(header: Sequence[str], *rows: Sequence[str]) -> Table:
    return Table((), tuple(line(name) for name in header), tuple(tuple(line(cell) for cell in row) for row in rows))


def width_of(letters: int) -> float:
    """At least what a word of so many letters needs."""
    return LETTERS.padding + LETTERS.letter * letters


def test_no_column_is_narrower_than_its_longest_word() -> None:
    said = "words " * 30
    rows = ("pairing rate", said, "-3.9%", said), ("output", said, "1,009", said)
    widths = column_widths(table_of(("Measure", "Policy", "No", "Note"), *rows), LETTERS)
    assert sum(widths) == pytest.approx(160.0)
    assert widths[0] >= width_of(len("Measure")) and widths[2] >= width_of(len("-3.9%"))
    assert widths[1] == pytest.approx(widths[3], abs=1.0) and widths[1] > 50.0


def test_room_goes_to_what_the_longest_cells_lack() -> None:
    table = table_of(("a", "b", "c"), ("ab " * 19, "ab " * 9, "ab"))
    first, second, third = column_widths(table, LETTERS)
    needed = column_widths(table_of(("a",), ("ab",)), LETTERS)[0]
    assert third == pytest.approx(needed)
    lacks = [LETTERS.width(57) - needed, LETTERS.width(27) - needed]
    assert (first - needed) / (second - needed) == pytest.approx(lacks[0] / lacks[1])


def test_headers_wrap_where_there_is_no_room_for_them_in_one_line() -> None:
    header = "months waited before the policy began"
    alone = column_widths(table_of((header,), ("12",)), LETTERS)
    beside = column_widths(table_of((header, "b"), ("12", "word " * 12)), LETTERS)
    crowded = column_widths(table_of((header, "b", "c"), ("12", "word " * 12, "word " * 12)), LETTERS)
    assert alone[0] >= width_of(len(header)) and beside[0] > crowded[0]
    assert width_of(len("months")) <= crowded[0] < width_of(len("months waited"))


def test_chinese_breaks_anywhere_but_not_inside_a_number() -> None:
    table = table_of(("指标", "判断"), ("配对率" * 20, "更优（+13.95 至 +1,234.5）" * 8))
    assert column_widths(table, LETTERS)[1] >= width_of(len("+1,234.5"))
    narrow = column_widths(table_of(["四个字的"] * 14, ["四个字的"] * 14), LETTERS)
    assert sum(narrow) == pytest.approx(160.0)


def test_only_words_wider_than_the_page_are_broken() -> None:
    widths = column_widths(table_of(("first", "second", "no"), ("a" * 80, "b" * 80, "12"), ("x", "y", "3")), LETTERS)
    assert sum(widths) <= 160.0 + 1e-9
    assert widths[2] >= width_of(2)
    assert widths[0] == pytest.approx(widths[1])


def test_a_row_of_one_cell_widens_no_column() -> None:
    table = table_of(("Number", "Value"), ("policies.cluster_committee.matchmaking",), ("budget", "12"), ("staff", "3"))
    assert sum(column_widths(table, LETTERS)) < width_of(len("policies.cluster_committee.matchmaking"))
    assert numeric_columns(table) == [False, True]


def test_the_foot_names_a_run_only_where_there_is_one() -> None:
    made_by = [page_frame(Sources(tuple(map(source, runs)))).made_by for runs in (("0123",), ("0123", "4567"))]
    assert "0123" in made_by[0] and "0123" not in made_by[1]
    assert all(one.startswith("clustersim 1") for one in made_by)


def long_page(words: int) -> Document:
    blocks = (Heading(line("A heading")), *(Paragraph(line("word " * 40)) for _ in range(words // 40)))
    rest = (Paragraph(line("word")) for _ in range(99))
    return Document("A title", line("A subtitle"), (*blocks, PageBreak(), *rest))


def test_the_letters_of_a_long_first_page_are_smaller() -> None:
    sizes = [body_size(long_page(words)) for words in (200, 700, 800, 900, 5000)]
    assert sizes == sorted(sizes, reverse=True)
    assert (sizes[0], sizes[-1]) == (9.5, 8.0) and len(set(sizes)) > 2


def test_a_chinese_character_takes_the_room_of_two_letters() -> None:
    latin, chinese = (Document("", (), (Paragraph(line(one * 3000)),)) for one in ("a", "字"))
    assert body_size(chinese) < body_size(latin)


NAME = "A *b* _c_ & <d> &lt; `e`"


def source(run: str, title: str = NAME, arms: tuple[str, ...] = ARMS) -> RunSource:
    found = estimates_of(simulated_series(arms, seeds=2))
    findings = RunFindings(scenario(arms), RunFolder(Path(), "cluster", run), 2)
    findings.__dict__["estimates"] = found
    findings.__dict__["winners"] = pd.DataFrame([], columns=WINNERS)
    made_of = Provenance(run, "cluster", "run", "0" * 64, "0" * 64, "1", 2)
    return RunSource(title, findings, made_of, "2026-01-01T00:00", {})


def headings(document: Document) -> list[str]:
    return [plain(block.line) for block in document.blocks if isinstance(block, Heading)]


def test_words_of_users_are_shown_as_they_are() -> None:
    one = source("one")
    document = briefing(Sources((one, source("two", "other"))), {})
    assert document.title == f"Results side by side: {NAME}; other"
    assert headings(document).count(NAME) == 1
    assert [plain(cell) for cell in document.blocks[2].header] == ["Policy", NAME, "other"]
    assert f"Appendix: all numbers and their basis ({NAME})" in headings(document)
    assert all(not piece.emphasised and not piece.code for piece in line(escaped(NAME)))


def test_arms_of_users_are_shown_as_they_are_side_by_side() -> None:
    runs = [source("one"), source("two")]
    for run in runs:
        found = run.findings.estimates
        effects = found.effects.assign(arm=found.effects["arm"].replace({COMMITTEE: "x *y* __z__"}))
        run.findings.__dict__["estimates"] = replace(found, effects=effects)
    tables = [block for block in side_by_side(runs) if isinstance(block, Table)]
    assert tables and all("x *y* __z__" in [plain(row[0]) for row in table.rows] for table in tables)


def test_two_runs_of_one_title_are_reported_apart_by_their_ids() -> None:
    document = briefing(Sources((source("one", "same"), source("two", "same"))), {})
    assert {"same (one)", "same (two)"} <= set(headings(document))
    assert [plain(cell) for cell in document.blocks[2].header][1:] == ["same (one)", "same (two)"]


def test_runs_without_policies_stand_in_no_table() -> None:
    runs = tuple(source(name, name, ARMS[:1]) for name in ("one", "two"))
    assert side_by_side(runs) == []
    assert isinstance(briefing(Sources(runs), {}).blocks[0], Heading)
    assert numeric_columns(table_of(("a", "b"))) == [False, False]


@pytest.mark.parametrize(
    ("name", "parts"),
    [
        ("forest", ("forest", "", "")),
        ("tornado_output_chain_leader", ("tornado", "output", "chain_leader")),
        ("tornado_output_gini_chain_leader", ("tornado", "output_gini", "chain_leader")),
        ("map_pairing_rate_by_volume", ("map", "pairing_rate_by_volume", "")),
        ("map_pairing_rate", ("map", "pairing_rate", "")),
    ],
)
def test_the_name_of_a_figure_reports_its_measure_and_arm(name: str, parts: tuple[str, str, str]) -> None:
    assert parts_of(name) == parts


@pytest.mark.parametrize("language", LANGUAGES)
def test_names_of_sheets_keep_what_they_hold_and_of_what(language: str) -> None:
    labels = ("xinqiao_attribution_chain_leader", "xinqiao_attribution_cluster_committee", "songjiang")
    tables = [ResultTable(kind, label, pd.DataFrame()) for kind in ("effects", "flips", "effects") for label in labels]
    names = sheet_names(tables)
    assert len({name.lower() for name in names}) == len(names)
    assert max(map(len, names)) <= 31
    for name, table in zip(names, tables, strict=True):
        assert text(f"brief.sheet_name.{table.kind}")[:15] in name
        assert table.of[:6] in name


def test_sheets_name_groups_and_what_the_columns_of_a_tornado_hold() -> None:
    frame = pd.DataFrame({"dimension": ["size_class", "member_ever", "chain"], "group": ["small", "yes", "yes"]})
    tables = [ResultTable("effects_by_group", "", frame), ResultTable("tornado", "", pd.DataFrame({"low": [1.0]}))]
    book = load_workbook(io.BytesIO(xlsx(workbook(tables, "", ""), Stamp("tables", "en", ()))))
    groups, tornado = book.worksheets[1:]
    assert [cell.value for cell in groups["B"]] == ["Group", "small", "member", "yes"]
    assert tornado["A1"].value == "Mean difference at the low value"
    assert column_name("effects", "low") == "95% interval, low"


def test_the_appendix_names_kinds_of_studies() -> None:
    made_of = replace(source("one").provenance, kind="sensitivity", name="s")
    study = StudySource("s", None, made_of)
    told = [
        plain(item) for block in appendices(Sources((), (study,))) if isinstance(block, Bullets) for item in block.items
    ]
    assert told[0].startswith("Sensitivity study s: ")


def test_frames_are_not_changed_by_reporting_them() -> None:
    found = estimates_of(simulated_series())
    before = found.effects.copy()
    page(found)
    pd.testing.assert_frame_equal(found.effects, before)
