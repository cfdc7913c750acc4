"""The roster: real firms, one a row, and the pairs known to exist among them.

Only `id` and `chain` are required. An empty cell is drawn by the population, and so is a column that is
missing as a whole; `Roster.drawn` counts them, so that `check` can tell. (`name` falls
back to `id`; a missing number of places is the model's own: one for technology at an anchor, else none.)
"""

from __future__ import annotations

import csv
import hashlib
import io
import math
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from clustersim.arrays import Array
from clustersim.errors import InputError, Problem
from clustersim.scenario import model
from clustersim.scenario.sheet import Cell, Column, Sheet, normal, read_sheet
from clustersim.spec.state import OWNER_KINDS, SERVICES, SLOT_STRIDE

PLACES = {service: f"places_{service}" for service in SERVICES}

COLUMNS = (
    Column("id", ("编号", "企业编号", "firm_id"), required=True),
    Column("name", ("名称", "企业名称", "企业")),
    Column("chain", ("产业链", "所属产业链"), required=True),
    Column("tier", ("环节", "产业链环节", "层级")),
    Column("site", ("园区", "所在园区", "镇街", "所在地")),
    Column("capacity", ("产能", "月产能", "产能(万元/月)", "月产能(万元)")),
    Column("productivity", ("生产率", "生产效率")),
    Column("outside_share", ("外销占比", "外销比例")),
    Column("owner", ("所有制", "企业性质", "ownership")),
    Column("anchor", ("链主", "链主企业")),
    Column("organisation", ("党组织", "party_organisation", "organization", "party_organization")),
    Column(PLACES["technology"], ("技术名额",)),
    Column(PLACES["talent"], ("人才名额",)),
    Column(PLACES["finance"], ("金融名额", "融资名额")),
    Column(PLACES["permit"], ("审批名额", "许可名额")),
)
LINK_COLUMNS = (
    Column("supplier", ("供应商", "供应方", "供货企业"), required=True),
    Column("buyer", ("采购商", "采购方", "采购企业"), required=True),
    Column("kind", ("类型", "类别"), ignored=True),
    Column("source", ("来源", "资料来源"), ignored=True),
)
DRAWN = ("tier", "site", "capacity", "productivity", "outside_share", "owner", "anchor", "organisation")

TEMPLATE_ROWS = (
    ("F001", "Firm 1", "equipment", 2, "Xinqiao", 800, 1.1, 0.85, "state", "yes", "yes", 1, "", "", ""),
    ("F002", "Firm 2", "equipment", 1, "Xinqiao", 120, 0.9, 0.75, "private", "no", "", "", "", "", ""),
)

FLAGS = {"0": 0, "no": 0, "false": 0, "否": 0, "无": 0, "1": 1, "yes": 1, "true": 1, "是": 1, "有": 1}
OWNER_WORDS = dict(zip(OWNER_KINDS, ("民营", "国有", "外资"), strict=True))
OWNERS = {word: index for index, words in enumerate(OWNER_WORDS.items()) for word in words}

MOST_PLACES = 10**6
FEWEST_FIRMS = 2


@dataclass(frozen=True)
class _Rule:
    """What a number must be. `key`: the sentence that says so."""

    key: str
    holds: Callable[[float], bool]


_POSITIVE = _Rule("roster.not_positive", lambda value: value > 0)
_INNER_SHARE = _Rule("roster.not_inner_share", lambda value: 0 < value < 1)
_COUNT = _Rule("roster.not_a_count", lambda value: value.is_integer() and 0 <= value <= MOST_PLACES)


def read_roster(path: Path, sites: Sequence[str], chains: Mapping[str, int], links: Path | None) -> model.Roster:
    """The firms of a roster file (CSV or XLSX) and, from a second one, the pairs known to exist.

    Args:
        path: the roster.
        sites: the scenario's sites, in order.
        chains: chain -> number of its tiers, in order.
        links: file with the columns supplier and buyer, or None.

    Raises:
        InputError: everything that is wrong with the two files.
    """
    sheet = read_sheet(path, COLUMNS)
    pairs = read_sheet(links, LINK_COLUMNS) if links else Sheet("")
    roster = _roster(sheet, sites, chains, pairs)
    if problems := _in_order(sheet) + _in_order(pairs):
        raise InputError(problems)
    return roster


def _in_order(sheet: Sheet) -> list[Problem]:
    return sorted(sheet.problems, key=lambda problem: problem.line or 0)


def _roster(sheet: Sheet, sites: Sequence[str], chains: Mapping[str, int], pairs: Sheet) -> model.Roster:
    ids = _ids(sheet)
    chain = _indices(sheet, "chain", _lookup(chains), "roster.unknown_chain", required=True)
    anchor = _flags(sheet, "anchor")
    _refuse_second_anchors(sheet, chain, anchor, list(chains))
    return model.Roster(
        ids=ids,
        names=tuple(cell.written or name for cell, name in zip(sheet.column("name"), ids, strict=True)),
        chain=chain,
        tier=_tiers(sheet, chain, chains),
        site=_indices(sheet, "site", _lookup(sites), "roster.unknown_site"),
        capacity=_numbers(sheet, "capacity", _POSITIVE),
        productivity=_numbers(sheet, "productivity", _POSITIVE),
        outside_share=_numbers(sheet, "outside_share", _INNER_SHARE),
        owner=_owners(sheet),
        anchor=anchor,
        organisation=_flags(sheet, "organisation"),
        places=np.stack([_whole(_numbers(sheet, column, _COUNT)) for column in PLACES.values()], axis=1),
        links=_links(pairs, ids),
        drawn={name: number for name in DRAWN if (number := sum(not cell.text for cell in sheet.column(name)))},
        digest=hashlib.sha256(sheet.content + pairs.content).hexdigest(),
    )


def _ids(sheet: Sheet) -> tuple[str, ...]:
    first: dict[str, int] = {}
    for cell in sheet.column("id") if "id" in sheet.columns else ():
        if not cell.text:
            sheet.reject(cell, "roster.empty_cell")
        elif cell.text in first:
            sheet.reject(cell, "roster.duplicate_id", first=first[cell.text])
        else:
            first[cell.text] = cell.line
    if len(sheet.rows) == 1:
        sheet.complain("roster.too_few", sheet.rows[0][0], given=1, allowed=FEWEST_FIRMS)
    return tuple(cell.text for cell in sheet.column("id"))


def _lookup(names: Sequence[str] | Mapping[str, int]) -> dict[str, int]:
    return {name: index for index, name in enumerate(names)}


def _indices(sheet: Sheet, column: str, lookup: Mapping[str, int], key: str, *, required: bool = False) -> Array:
    """(rows,) index of the name in each cell, -1 where it is empty or unknown. No names, no complaints."""
    found = np.full(len(sheet.rows), -1, dtype=np.intp)
    if not lookup:
        return found
    folded = {normal(name): index for name, index in lookup.items()}
    for row, cell in enumerate(sheet.column(column)):
        if cell.text in folded:
            found[row] = folded[cell.text]
        elif cell.text:
            sheet.reject_unknown(cell, key, lookup)
        elif required and column in sheet.columns:
            sheet.reject(cell, "roster.empty_cell")
    return found


def _owners(sheet: Sheet) -> Array:
    return _words(sheet, "owner", OWNERS, "roster.unknown_owner")


def _flags(sheet: Sheet, column: str) -> Array:
    return _words(sheet, column, FLAGS, "roster.not_a_flag")


def _words(sheet: Sheet, column: str, words: Mapping[str, int], key: str) -> Array:
    """(firms,) what each word stands for, whatever its case; -1 where the cell is empty or another word."""
    found = np.full(len(sheet.rows), -1, dtype=np.intp)
    for row, cell in enumerate(sheet.column(column)):
        found[row] = words.get(cell.text.casefold(), -1)
        if cell.text and found[row] < 0:
            sheet.reject(cell, key)
    return found


def _numbers(sheet: Sheet, column: str, rule: _Rule) -> Array:
    """(firms,) float64, NaN where the cell is empty or wrong."""
    numbers = np.full(len(sheet.rows), math.nan)
    for row, cell in enumerate(sheet.column(column)):
        value = _number(cell)
        if math.isinf(value):
            sheet.reject(cell, "roster.infinite")
        elif math.isnan(value):
            if cell.text:
                sheet.reject(cell, "roster.not_a_number")
        elif not rule.holds(value):
            sheet.reject(cell, rule.key)
        else:
            numbers[row] = value
    return numbers


def _number(cell: Cell) -> float:
    """NaN where it is none. "1_000" is a number in Python only."""
    try:
        return float("nan" if "_" in cell.text else cell.text)
    except ValueError:
        return math.nan


def _whole(numbers: Array) -> Array:
    return np.where(np.isnan(numbers), -1, numbers).astype(np.intp)


def _tiers(sheet: Sheet, chain: Array, chains: Mapping[str, int]) -> Array:
    tiers = _whole(_numbers(sheet, "tier", _COUNT))
    names = list(chains)
    for tier, index, cell in zip(tiers, chain, sheet.column("tier"), strict=True):
        if index >= 0 and tier >= chains[names[index]]:
            sheet.reject(cell, "roster.no_such_tier", chain=names[index], last=chains[names[index]] - 1)
    return tiers


def _refuse_second_anchors(sheet: Sheet, chain: Array, anchor: Array, names: Sequence[str]) -> None:
    first: dict[int, int] = {}
    for index, flag, cell in zip(chain, anchor, sheet.column("anchor"), strict=True):
        if flag != 1 or index < 0:
            continue
        if index in first:
            sheet.reject(cell, "roster.second_anchor", chain=names[index], first=first[index])
        first.setdefault(index, cell.line)


def _links(pairs: Sheet, ids: Sequence[str]) -> Array:
    """(pairs, 2) rows of supplier and buyer. Firms are not looked up in a roster that could not be read."""
    lookup = {name: row for row, name in enumerate(ids) if name}
    supplier = _indices(pairs, "supplier", lookup, "roster.unknown_firm", required=True)
    buyer = _indices(pairs, "buyer", lookup, "roster.unknown_firm", required=True)
    first: dict[tuple[int, int], int] = {}
    suppliers: Counter[int] = Counter()
    for link, cell in zip(zip(supplier, buyer, strict=True), pairs.column("buyer"), strict=True):
        if min(link) < 0:
            continue
        if link[0] == link[1]:
            pairs.reject(cell, "roster.self_link")
        elif link in first:
            names = {"supplier": ids[link[0]], "buyer": ids[link[1]]}
            pairs.complain("roster.duplicate_link", cell.line, first=first[link], **names)
        elif suppliers[link[1]] == SLOT_STRIDE:
            pairs.reject(cell, "roster.too_many_links", most=SLOT_STRIDE)
        else:
            first[link] = cell.line
            suppliers[link[1]] += 1
    return np.array(list(first), dtype=np.intp).reshape(-1, 2)


def template() -> str:
    """A roster to start from: CSV text with the English header and two rows, for chains of Xinqiao."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(column.name for column in COLUMNS)
    writer.writerows(TEMPLATE_ROWS)
    return text.getvalue()
