"""Rosters: what is read from which file, and every complaint with its place."""

from __future__ import annotations

import hashlib
import zipfile
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import openpyxl
import pytest

from clustersim import messages
from clustersim.errors import InputError
from clustersim.scenario import model, roster, sheet
from spoken import told_in

SITES = ("Xinqiao", "东园")
CHAINS = {"equipment": 3, "零部件": 2}
MINIMAL = "id,chain\nF1,equipment\nF2,零部件\n"

ENGLISH = """\
id,name,chain,tier,site,capacity,productivity,outside_share,owner,anchor,organisation,places_technology,note
F1,Alpha,equipment,2,Xinqiao,800,1.1,0.85,state,yes,TRUE,2,seen
F2,Beta,零部件,0,东园,1.5e2,0.9,0.7,Private,0,No,,
F3,,equipment,1,,,,,,,,,
"""
CHINESE = """\
编号,企业名称,产业链,环节,园区,产能,生产率,外销占比,所有制,链主,党组织,技术名额,备注
F1,Alpha,equipment,2,Xinqiao,800,1.1,0.85,国有,是,是,2,seen
F2,Beta,零部件,0,东园,150,0.9,0.7,民营,否,否,,
F3,,equipment,1,,,,,,,,,
"""


def write(folder: Path, content: str | bytes, name: str = "firms.csv") -> Path:
    path = folder / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def read(path: Path, links: Path | None = None) -> model.Roster:
    return roster.read_roster(path, SITES, CHAINS, links)


def complaints(path: Path, links: Path | None = None) -> list[tuple[str, int | None, str | None, dict[str, Any]]]:
    """(key, row, column, fields) of each problem; each must have its sentence in both languages."""
    with pytest.raises(InputError) as caught:
        read(path, links)
    for problem in caught.value.problems:
        assert problem.file in (str(path), str(links))
        assert all(told_in(language, problem.sentence) for language in messages.LANGUAGES)
    return [(problem.key, problem.line, problem.path, problem.fields) for problem in caught.value.problems]


def only(found: Sequence[tuple[str, int | None, str | None, dict[str, Any]]]) -> tuple[Any, ...]:
    assert len(found) == 1, found
    return found[0]


def workbook(path: Path, rows: Iterable[Sequence[object]]) -> Path:
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(list(row))
    book.create_sheet("other").append(["nothing", "to", "see"])
    book.save(path)
    return path


def assert_equal(left: model.Roster, right: model.Roster) -> None:
    for name in ("ids", "names", "drawn"):
        assert getattr(left, name) == getattr(right, name)
    for name in ("chain", "tier", "site", "owner", "anchor", "organisation", "places", "links"):
        np.testing.assert_array_equal(getattr(left, name), getattr(right, name), err_msg=name)
    for name in ("capacity", "productivity", "outside_share"):
        np.testing.assert_array_equal(getattr(left, name), getattr(right, name), err_msg=name)


class TestReading:
    def test_a_full_table(self, tmp_path):
        firms = read(write(tmp_path, ENGLISH))
        assert firms.ids == ("F1", "F2", "F3")
        assert firms.names == ("Alpha", "Beta", "F3")
        assert firms.chain.tolist() == [0, 1, 0]
        assert firms.tier.tolist() == [2, 0, 1]
        assert firms.site.tolist() == [0, 1, -1]
        assert firms.capacity[:2].tolist() == [800, 150]
        assert np.isnan(firms.capacity[2])
        assert firms.outside_share[:2].tolist() == [0.85, 0.7]
        assert firms.owner.tolist() == [1, 0, -1]
        assert firms.anchor.tolist() == [1, 0, -1]
        assert firms.organisation.tolist() == [1, 0, -1]
        assert firms.places.tolist() == [[2, -1, -1, -1], [-1] * 4, [-1] * 4]
        assert firms.links.shape == (0, 2)
        assert firms.drawn == dict.fromkeys((*roster.DRAWN[1:],), 1)  # the third firm's cells are empty

    def test_missing_and_empty_columns_are_drawn(self, tmp_path):
        firms = read(write(tmp_path, "id,chain,tier,site,capacity\nF1,equipment,,Xinqiao,\nF2,equipment,,,\n"))
        assert firms.drawn == {name: 1 if name == "site" else 2 for name in roster.DRAWN}
        assert firms.tier.tolist() == [-1, -1]
        assert np.isnan(firms.productivity).all()
        assert firms.places.tolist() == [[-1] * 4] * 2

    def test_chinese_headers_and_words_say_the_same(self, tmp_path):
        assert_equal(read(write(tmp_path, CHINESE)), read(write(tmp_path, ENGLISH, "english.csv")))

    @pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "gbk", "utf-16"])
    @pytest.mark.parametrize("delimiter", [",", ";", "\t"])
    def test_encodings_and_delimiters(self, tmp_path, encoding, delimiter):
        content = CHINESE.replace(",", delimiter).replace("\n", "\r\n").encode(encoding)
        assert_equal(read(write(tmp_path, content)), read(write(tmp_path, CHINESE, "plain.csv")))

    def test_the_header_decides_the_delimiter(self, tmp_path):
        text = 'id;chain;note, with commas, many\nF1;equipment;"a, b, c"\nF2;equipment;a,b,c\n'
        assert read(write(tmp_path, text)).ids == ("F1", "F2")

    def test_case_spaces_and_full_width_forms_do_not_count(self, tmp_path):
        header = "　ＩＤ , Chain,Outside Share,产能（万元/月）\n"
        firms = read(write(tmp_path, header + "Ｆ1, ｅquipment ,０．８,１２０\nF2,equipment,.5,60\n"))
        assert firms.ids == ("F1", "F2")
        assert firms.outside_share.tolist() == [0.8, 0.5]
        assert firms.capacity.tolist() == [120, 60]

    def test_xlsx_round_trip(self, tmp_path):
        def typed(text: str) -> object:
            number = sheet.normal(text).replace(".", "", 1).isdigit()
            return None if not text else float(text) if number else text

        rows = [[typed(text) for text in line.split(",")] for line in CHINESE.splitlines()]
        assert_equal(read(workbook(tmp_path / "f.xlsx", rows)), read(write(tmp_path, CHINESE)))

    def test_xlsx_numbers_as_ids_flags_and_rows_without_content(self, tmp_path):
        rows = [
            [],
            ["id", "chain", "anchor"],
            [1001, "equipment", True],
            [],
            [1002, "equipment", False],
            [None, "  "],
        ]
        firms = read(workbook(tmp_path / "firms.xlsx", rows))
        assert firms.ids == ("1001", "1002")
        assert firms.anchor.tolist() == [1, 0]

    def test_a_workbook_that_gives_a_wrong_extent_of_its_sheet(self, tmp_path):
        path = workbook(tmp_path / "right.xlsx", [["id", "chain"], ["a", "equipment"], ["b", "equipment"]])
        with zipfile.ZipFile(path) as right, zipfile.ZipFile(tmp_path / "wrong.xlsx", "w") as wrong:
            for name in right.namelist():
                wrong.writestr(name, right.read(name).replace(b'<dimension ref="A1:B3"', b'<dimension ref="A1"'))
            assert b'<dimension ref="A1"' in wrong.read("xl/worksheets/sheet1.xml")
        assert read(tmp_path / "wrong.xlsx").ids == ("a", "b")

    def test_the_content_and_not_the_name_says_what_a_file_is(self, tmp_path):
        workbook(tmp_path / "firms.xlsx", [["id", "chain"], ["a", "equipment"], ["b", "equipment"]])
        assert read((tmp_path / "firms.xlsx").rename(tmp_path / "firms.csv")).ids == ("a", "b")

    def test_links(self, tmp_path):
        text = "供应商,采购商,类型,备注1\nF2,F1,原料,x\nF1,F3,,\n"
        assert read(write(tmp_path, ENGLISH), write(tmp_path, text, "l.csv")).links.tolist() == [
            [1, 0],
            [0, 2],
        ]

    def test_the_digest_is_that_of_the_bytes(self, tmp_path):
        path, links = write(tmp_path, MINIMAL), write(tmp_path, "supplier,buyer\nF1,F2\n", "links.csv")
        assert read(path).digest == hashlib.sha256(path.read_bytes()).hexdigest()
        assert read(path, links).digest == hashlib.sha256(path.read_bytes() + links.read_bytes()).hexdigest()

    def test_the_template_reads_back(self, tmp_path):
        path = write(tmp_path, roster.template())
        firms = roster.read_roster(path, ["Xinqiao"], {"equipment": 3, "components": 2}, None)
        assert firms.ids == ("F001", "F002")
        assert set(firms.drawn.values()) <= {1}
        assert firms.places[0].tolist() == [1, -1, -1, -1]
        assert roster.template().splitlines()[0].split(",") == [column.name for column in roster.COLUMNS]


WRONG_CELLS = [
    ("capacity", "-3", "roster.not_positive"),
    ("capacity", "0", "roster.not_positive"),
    ("capacity", "inf", "roster.infinite"),
    ("capacity", "1e999", "roster.infinite"),
    ("capacity", "nan", "roster.not_a_number"),
    ("capacity", "1_000", "roster.not_a_number"),
    ("capacity", '"1,000"', "roster.not_a_number"),
    ("productivity", "high", "roster.not_a_number"),
    ("productivity", "-0.1", "roster.not_positive"),
    ("outside_share", "80%", "roster.not_a_number"),
    ("outside_share", "0", "roster.not_inner_share"),
    ("outside_share", "1", "roster.not_inner_share"),
    ("places_technology", "-1", "roster.not_a_count"),
    ("places_talent", "1.5", "roster.not_a_count"),
    ("places_finance", "1e300", "roster.not_a_count"),
    ("tier", "-1", "roster.not_a_count"),
    ("tier", "0.5", "roster.not_a_count"),
    ("owner", "mixed", "roster.unknown_owner"),
    ("anchor", "maybe", "roster.not_a_flag"),
    ("organisation", "2", "roster.not_a_flag"),
]


class TestComplaints:
    @pytest.mark.parametrize(("column", "given", "key"), WRONG_CELLS)
    def test_a_wrong_cell(self, tmp_path, column, given, key):
        path = write(tmp_path, f"id,chain,{column}\nF1,equipment,\n\nF2,equipment,{given}\n")
        assert only(complaints(path)) == (key, 4, column, {"given": given.strip('"')})

    def test_the_column_is_named_as_its_author_named_it(self, tmp_path):
        path = write(tmp_path, "编号,产业链,产能\nF1,equipment,-5\nF2,equipment,5\n")
        with pytest.raises(InputError) as caught:
            read(path)
        assert told_in("zh", caught.value.describe) == f"{path}:2: 产能: 所填数值为 -5；应为大于 0 的数。"
        assert caught.value.describe() == f"{path}:2: 产能: given -5; allowed: a number greater than 0."
        assert caught.value.exit_code == 2

    def test_no_such_tier(self, tmp_path):
        path = write(tmp_path, "id,chain,tier\nF1,equipment,3\nF2,零部件,1\nF3,零部件,1.0\n")
        fields = {"given": "3", "chain": "equipment", "last": 2}
        assert only(complaints(path)) == ("roster.no_such_tier", 2, "tier", fields)

    def test_a_missing_required_column(self, tmp_path):
        key, line, column, fields = only(complaints(write(tmp_path, "id,tier\nF1,0\nF2,0\n")))
        assert (key, line, column) == ("sheet.missing_column", 1, "chain")
        assert "产业链" in fields["allowed"]

    def test_duplicate_columns(self, tmp_path):
        path = write(tmp_path, "id,chain,编号\nF1,equipment,1\nF2,equipment,2\n")
        assert only(complaints(path)) == ("sheet.duplicate_column", 1, "id", {"given": "编号", "first": "id"})

    @pytest.mark.parametrize(
        ("given", "nearest"),
        [("capcity", "capacity"), ("企业名", "企业名称"), ("党组识", "党组织"), ("xyzq", None)],
    )
    def test_an_unknown_column(self, tmp_path, given, nearest):
        path = write(tmp_path, f"id,chain,{given}\nF1,equipment,1\nF2,equipment,2\n")
        key, line, column, fields = only(complaints(path))
        assert (key, line, column) == (f"sheet.unknown_column.{'near' if nearest else 'plain'}", 1, given)
        assert fields.get("nearest") == nearest
        assert fields["allowed"].startswith("id/编号, name/名称, chain/产业链")

    @pytest.mark.parametrize(
        ("column", "given", "nearest"),
        [
            ("chain", "Equipments", "equipment"),
            ("chain", "zzz", None),
            ("site", "东圆", "东园"),
            ("site", "Q", None),
        ],
    )
    def test_an_unknown_name(self, tmp_path, column, given, nearest):
        cells = {"id": "F2", "chain": "equipment", "site": "Xinqiao"} | {column: given}
        path = write(tmp_path, f"id,chain,site\nF1,equipment,Xinqiao\n{','.join(cells.values())}\n")
        key, line, path_, fields = only(complaints(path))
        assert (key, line, path_) == (f"roster.unknown_{column}.{'near' if nearest else 'plain'}", 3, column)
        assert fields["given"] == given
        assert fields.get("nearest") == nearest

    def test_a_duplicate_id(self, tmp_path):
        path = write(tmp_path, "id,chain\nF1,equipment\nF2,equipment\n Ｆ1,equipment\n")
        assert only(complaints(path)) == ("roster.duplicate_id", 4, "id", {"given": "Ｆ1", "first": 2})

    def test_empty_required_cells(self, tmp_path):
        found = complaints(write(tmp_path, "id,chain\nF1,\n,equipment\nF3,equipment\n"))
        assert [entry[:3] for entry in found] == [
            ("roster.empty_cell", 2, "chain"),
            ("roster.empty_cell", 3, "id"),
        ]

    def test_two_anchors_in_one_chain(self, tmp_path):
        path = write(tmp_path, "id,chain,链主\nF1,equipment,是\nF2,零部件,1\nF3,equipment,yes\n")
        fields = {"given": "yes", "chain": "equipment", "first": 2}
        assert only(complaints(path)) == ("roster.second_anchor", 4, "链主", fields)

    def test_a_cell_without_a_header(self, tmp_path):
        path = write(tmp_path, "id,chain,note\nF1,equipment,one, two\nF2,equipment,,\n")
        assert only(complaints(path)) == ("sheet.nameless_cell", 2, None, {"given": "two"})

    @pytest.mark.parametrize(
        ("content", "key"),
        [
            (b"", "sheet.empty"),
            (b"\xef\xbb\xbf\r\n \r\n", "sheet.empty"),
            (b"id,chain\n", "sheet.no_rows"),
            (b"id,chain\nF1,equipment\n", "roster.too_few"),
            (b"id,chain\nF1,\xff\xff\n", "sheet.encoding"),
            (b'id,chain\nF1,"equipment\nF2,equipment\n', "sheet.broken_csv"),
            (b"PK\x03\x04 cut off", "sheet.broken_xlsx"),
            (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "sheet.old_office"),
        ],
    )
    def test_files_that_hold_no_roster(self, tmp_path, content, key):
        assert only(complaints(write(tmp_path, content)))[0] == key

    def test_a_damaged_workbook(self, tmp_path):
        path = workbook(tmp_path / "firms.xlsx", [["id", "chain"], ["a", "equipment"], ["b", "equipment"]])
        content = path.read_bytes()
        for cut in range(10, len(content), 511):
            assert only(complaints(write(tmp_path, content[:cut], "cut.xlsx")))[0] == "sheet.broken_xlsx"

    def test_files_that_cannot_be_read(self, tmp_path):
        assert only(complaints(tmp_path / "none.csv"))[0] == "sheet.not_found"
        assert only(complaints(tmp_path))[0] == "sheet.unreadable"

    def test_wrong_links(self, tmp_path):
        links = "supplier,buyer\nF1,F2\nF11,F2\nF1,\nF2,F2\nF1,F2\nzzzz,F1\n"
        found = complaints(write(tmp_path, MINIMAL), write(tmp_path, links, "links.csv"))
        assert [entry[:3] for entry in found] == [
            ("roster.unknown_firm.near", 3, "supplier"),
            ("roster.empty_cell", 4, "buyer"),
            ("roster.self_link", 5, "buyer"),
            ("roster.duplicate_link", 6, None),
            ("roster.unknown_firm.plain", 7, "supplier"),
        ]
        assert found[3][3] == {"supplier": "F1", "buyer": "F2", "first": 2}

    def test_a_buyer_has_a_slot_for_each_known_supplier(self, tmp_path):
        firms = write(tmp_path, "id,chain\n" + "".join(f"F{number},equipment\n" for number in range(10)))
        links = "supplier,buyer\n" + "".join(f"F{number},F9\n" for number in range(9))
        key, line, column, fields = only(complaints(firms, write(tmp_path, links, "links.csv")))
        assert (key, line, column, fields["most"]) == ("roster.too_many_links", 10, "buyer", 8)

    def test_the_value_of_a_link_is_not_silently_dropped(self, tmp_path):
        links = write(tmp_path, "supplier,buyer,value_10k_yuan\nF1,F2,5\n", "links.csv")
        assert only(complaints(write(tmp_path, MINIMAL), links))[:3] == (
            "sheet.unknown_column.plain",
            1,
            "value_10k_yuan",
        )

    def test_everything_at_once_in_the_order_of_the_files(self, tmp_path):
        text = "id,chain,colour,capacity,tier\nF1,equipmint,red,-1,9\nF1,equipment,red,x,9\n"
        found = complaints(write(tmp_path, text), write(tmp_path, "supplier\nF1a\n", "links.csv"))
        assert [(key, line) for key, line, *_ in found] == [
            ("sheet.unknown_column.plain", 1),
            ("roster.unknown_chain.near", 2),
            ("roster.not_positive", 2),
            ("roster.duplicate_id", 3),
            ("roster.no_such_tier", 3),
            ("roster.not_a_number", 3),
            ("sheet.missing_column", 1),
            ("roster.unknown_firm.near", 2),
        ]

    def test_links_of_an_unreadable_roster_are_not_blamed(self, tmp_path):
        links = write(tmp_path, "supplier,buyer\nF1,F2\n", "links.csv")
        assert only(complaints(tmp_path / "none.csv", links))[0] == "sheet.not_found"

    def test_thousands_of_wrong_names_are_reported_quickly(self, tmp_path):
        firms = "id,chain\n" + "".join(f"firm-{number},equipment\n" for number in range(3000))
        links = "supplier,buyer\n" + "".join(f"company {n},company {n + 1}\n" for n in range(3000))
        found = complaints(write(tmp_path, firms), write(tmp_path, links, "links.csv"))
        assert len(found) == 6000
