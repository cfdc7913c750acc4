"""The briefing pack, from a run to pages that can be read, and back from each file to the run."""

from __future__ import annotations

import hashlib
import json
import re
import shutil
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import docx
import pandas as pd
import pypdfium2
import pytest
from docx.oxml.ns import qn
from openpyxl import load_workbook
from PIL import Image
from pypdf import PdfReader
from pypdf.generic import DictionaryObject, IndirectObject

import clustersim as cs
from clustersim.api import pack as packing
from clustersim.api.whence import whence
from clustersim.messages import LANGUAGES, catalogue, text
from clustersim.render.xlsx import xlsx
from clustersim.reports.workbook import ResultTable, workbook
from clustersim.scenario import numbers
from clustersim.storage import pack_folder
from clustersim.storage.pack_folder import INDEX, Pack
from clustersim.storage.provenance import Stamp, fingerprint
from shared import run_in, unrendered
from spoken import told_in
from towns import BARE, scenario_in

XINQIAO = Path(__file__).parents[2] / "scenarios" / "xinqiao.yaml"
TABLE_PROPERTIES = ("tblStyle", "tblW", "jc", "tblBorders", "tblLayout", "tblLook")
FORMATS = ("png", "svg", "pdf")


@dataclass(frozen=True)
class Briefed:
    """A run and its packs, by language."""

    run: cs.Run
    packs: dict[str, Pack]


@pytest.fixture(scope="module", params=["town", pytest.param("place", marks=pytest.mark.slow)])
def briefed(request: pytest.FixtureRequest) -> Briefed:
    """A small town; and a place, whose names are longer and whose tables are wider."""
    return request.getfixturevalue(f"_of_{request.param}")


@pytest.fixture(scope="module")
def _of_town(town_packs: Path) -> Briefed:
    run = cs.open_results(run_in(town_packs / "results"))
    assert isinstance(run, cs.Run)
    packs = {}
    for language in LANGUAGES:
        folder = run.folder.path / "brief" / language
        packs[language] = Pack(folder, files=json.loads((folder / INDEX).read_text(encoding="utf-8"))["files"])
    return Briefed(run, packs)


@pytest.fixture(scope="module")
def _of_place(tmp_path_factory: pytest.TempPathFactory) -> Briefed:
    out = tmp_path_factory.mktemp("place")
    run = cs.load(XINQIAO, {"time.burn_in": 24, "time.horizon": 24}).run(seeds=5, assumptions=16, out=out)
    return Briefed(run, {language: told_in(language, cs.briefing, [run]) for language in LANGUAGES})


@pytest.fixture
def run(briefed: Briefed) -> cs.Run:
    return briefed.run


@pytest.fixture
def packs(briefed: Briefed) -> dict[str, Pack]:
    return briefed.packs


@pytest.fixture(scope="module")
def bare(tmp_path_factory: pytest.TempPathFactory) -> cs.Run:
    """Without a policy, so without figures: its pack is made in a moment."""
    folder = tmp_path_factory.mktemp("bare")
    return cs.load(scenario_in(folder, BARE)).run(seeds=2, out=folder)


@pytest.fixture(params=LANGUAGES)
def language(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def pack(packs: dict[str, Pack], language: str) -> Pack:
    return packs[language]


def pages(pack: Pack) -> Iterator[pypdfium2.PdfPage]:
    document = pypdfium2.PdfDocument(pack.path / "brief.pdf")
    yield from document
    document.close()


def words_of(page: pypdfium2.PdfPage) -> str:
    return page.get_textpage().get_text_range()


def test_a_pack_holds_documents_figures_and_tables(run: cs.Run, pack: Pack, language: str) -> None:
    assert pack.path == run.folder.path / "brief" / language
    figures = {Path(name).stem for name in pack.files if name.startswith("figures/")}
    assert {"forest", "outcomes", "assumptions"} <= figures
    assert {f"figures/{name}.{kind}" for name in figures for kind in FORMATS} <= set(pack.files)
    assert {"brief.docx", "brief.pdf", "tables.xlsx", "tables/effects.csv"} <= set(pack.files)
    with Image.open(pack.path / "figures" / "forest.png") as image:
        assert image.width == round(6.3 * 300)
        assert [round(dots) for dots in image.info["dpi"]] == [300, 300]
        assert "95%" in image.info["Description"]


def test_the_first_page_is_the_answer_and_it_is_one_page(pack: Pack, language: str) -> None:
    first, second, *_ = (words_of(page) for page in pages(pack))
    for name in ("question", "findings", "sure", "hangs", "limits"):
        assert text(f"brief.heading.{name}") in first
    assert text("brief.heading.results") in second
    assert text("brief.limit.outcome")[:12] in first


def test_no_words_of_the_pdf_stand_outside_the_page_or_lack_a_glyph(pack: Pack) -> None:
    margin = 10.0 / 25.4 * 72.0
    for page in pages(pack):
        width, height = page.get_size()
        content = page.get_textpage()
        assert "\ufffd" not in content.get_text_range()
        for number in range(content.count_rects()):
            left, bottom, right, top = content.get_rect(number)
            assert margin <= left and right <= width - margin, content.get_text_bounded(left, bottom, right, top)
            assert margin <= bottom and top <= height - margin, content.get_text_bounded(left, bottom, right, top)


def elements(above: DictionaryObject) -> Iterator[DictionaryObject]:
    """All elements of the structure tree below one of them."""
    below = above.get("/K", [])
    below = below.get_object() if isinstance(below, IndirectObject) else below
    for one in below if isinstance(below, list) else [below]:
        element = one.get_object()
        if isinstance(element, DictionaryObject) and "/S" in element:
            yield element
            yield from elements(element)


def test_the_pdf_is_tagged_and_its_pictures_are_described(pack: Pack, language: str) -> None:
    root = PdfReader(pack.path / "brief.pdf").root_object
    assert root["/MarkInfo"]["/Marked"].value is True
    assert root["/Lang"].split("-")[0] == language
    told = [str(element["/Alt"]) for element in elements(root["/StructTreeRoot"]) if "/Alt" in element]
    figures = {Path(name).stem for name in pack.files if name.startswith("figures/")}
    assert len(told) == len(figures)
    assert all(len(words) > 20 for words in told)
    kinds = {element.get("/S") for element in elements(root["/StructTreeRoot"])}
    assert {"/H1", "/Table", "/TH", "/L", "/Figure"} <= kinds
    assert all(len(words_of(page).strip()) > 40 for page in pages(pack)), "an empty page"


def test_the_word_document_has_headings_captions_tables_and_described_pictures(pack: Pack, language: str) -> None:
    document = docx.Document(str(pack.path / "brief.docx"))
    styles = [paragraph.style.name for paragraph in document.paragraphs]
    assert styles[:2] == ["Title", "Subtitle"]
    assert styles.count("Heading 1") >= 8
    captions = [paragraph.text for paragraph in document.paragraphs if paragraph.style.name == "Caption"]
    pictures = list(document.element.body.iter(qn("wp:docPr")))
    names = (text("brief.figure"), text("brief.table"))
    counted = [[caption for caption in captions if caption.startswith(f"{name} ")] for name in names]
    assert [len(found) for found in counted] == [len(pictures), len(document.tables)]
    for found in counted:
        assert [int(re.search(r"\d+", caption)[0]) for caption in found] == list(range(1, len(found) + 1))
    assert all(len(picture.get("descr")) > 20 for picture in pictures)
    for table in document.tables:
        assert table.rows[0]._tr.trPr.find(qn("w:tblHeader")) is not None
        assert sum(column.width.mm for column in table.columns) <= 161
        inside = [child.tag.partition("}")[2] for child in table._tbl.tblPr]
        assert inside == [name for name in TABLE_PROPERTIES if name in inside], "Word is strict about their order"


def test_word_sets_fonts_for_both_scripts_and_the_language(pack: Pack, language: str) -> None:
    document = docx.Document(str(pack.path / "brief.docx"))
    for name in ("Normal", "Heading 1", "Caption", "Title"):
        fonts = document.styles[name].element.rPr.rFonts
        assert fonts.get(qn("w:eastAsia")) in ("SimSun", "SimHei")
        assert fonts.get(qn("w:ascii"))
        assert not any("Theme" in key for key in fonts.attrib), "a font of the theme would win"
    [settings] = document.styles.element.iter(qn("w:lang"))
    assert settings.get(qn("w:eastAsia")) == "zh-CN"
    assert document.core_properties.language == {"en": "en-GB", "zh": "zh-CN"}[language]


def test_the_workbook_speaks_the_language_and_keeps_numbers(run: cs.Run, pack: Pack, language: str) -> None:
    book = load_workbook(pack.path / "tables.xlsx")
    assert book.sheetnames[0] == text("brief.sheet.about")
    effects = book[text("brief.sheet_name.effects")]
    header = [cell.value for cell in effects[1]]
    assert header[0] == text("column.arm")
    first = dict(zip(header, (cell.value for cell in effects[2]), strict=True))
    row = run.effects().iloc[0]
    assert first[text("column.effect")] == pytest.approx(row["effect"])
    assert first[text("column.arm")] == text("arm.cluster_committee")
    names = {entry[language] for key, entry in catalogue().items() if key.startswith("column.")}
    for sheet in book.worksheets[1:]:
        for cell in sheet[1]:
            assert str(cell.value) in names, f"{sheet.title}: the column {cell.value} has no name"


def test_every_file_says_which_run_it_was_made_of(run: cs.Run, packs: dict[str, Pack], language: str) -> None:
    pack = packs[language]
    manifest = run.folder.read_manifest()
    assert manifest is not None
    for name in pack.files:
        stamp = whence(pack.path / name)
        assert stamp.language == language
        [source] = stamp.sources
        assert (source.run, source.seeds, source.name) == (run.folder.run_id, run.seeds, run.scenario.name)
        assert source.manifest == fingerprint(manifest, run.seeds)


def test_a_file_says_so_far_from_its_pack_and_a_changed_table_does_not(pack: Pack, tmp_path: Path) -> None:
    for name in ("figures/forest.png", "figures/forest.svg", "figures/forest.pdf", "brief.docx", "brief.pdf"):
        copy = tmp_path / Path(name).name
        copy.write_bytes((pack.path / name).read_bytes())
        assert isinstance(whence(copy), Stamp)
    table = tmp_path / "effects.csv"
    table.write_bytes((pack.path / "tables" / "effects.csv").read_bytes())
    with pytest.raises(cs.InputError):
        whence(table)
    for name in ("broken.png", "broken.docx", "broken.pdf", "broken.svg"):
        (tmp_path / name).write_bytes(b"no such thing")
        with pytest.raises(cs.InputError):
            whence(tmp_path / name)


def test_figures_of_the_run_itself_say_it_too(run: cs.Run) -> None:
    stamp = whence(run.folder.path / "figures" / "forest.png")
    assert stamp.sources[0].run == run.folder.run_id
    assert whence(run.folder.path / "effects.csv").sources[0].seeds == run.seeds


def test_a_pack_made_again_holds_the_same_and_nothing_old(run: cs.Run, packs: dict[str, Pack], tmp_path: Path) -> None:
    shutil.copytree(packs["en"].path, tmp_path, dirs_exist_ok=True)
    before = dict(packs["en"].files)
    index = json.loads((tmp_path / INDEX).read_text(encoding="utf-8"))
    index["files"]["figures/old.png"] = hashlib.sha256(b"old").hexdigest()
    (tmp_path / INDEX).write_text(json.dumps(index), encoding="utf-8")
    (tmp_path / "figures" / "old.png").write_bytes(b"old")
    (tmp_path / "figures" / "own.png").write_bytes(b"the user's")
    again = cs.briefing([run], tmp_path)
    assert again.files == before, "a time of writing, or another order"
    assert again.aside == {}
    assert not (tmp_path / "figures" / "old.png").exists()
    assert (tmp_path / "figures" / "own.png").exists()


def test_a_pack_is_no_part_of_its_run(run: cs.Run, packs: dict[str, Pack]) -> None:
    assert packs
    assert not any(name.startswith("brief/") for name in run.folder.inventory())
    assert cs.open_results(run.folder.path).seeds == run.seeds


def test_runs_and_studies_in_one_pack(town_run: Path, tmp_path: Path) -> None:
    shutil.copytree(town_run, tmp_path, dirs_exist_ok=True)
    results, town = tmp_path / "results", cs.load(tmp_path / "small.yaml")
    with unrendered():
        other = town.changed({"name": "other", "parameters.rivalry": 1.0}).run(assumptions=0, out=results)
        town.attribute("chain_leader", seeds=2, together=[["services", "attraction", "mutual_aid"]], out=results)
        pack = cs.briefing([cs.open_results(run_in(results)), other], tmp_path / "pack")
    assert "figures/small_shapley_output_chain_leader.png" in pack.files
    assert {"figures/other_forest.png", "tables/other_effects.csv", "tables/small_effects.csv"} <= set(pack.files)
    assert "figures/other_assumptions.png" not in pack.files
    said = "\n".join(words_of(page) for page in pages(pack))
    assert "The runs side by side" in said
    assert len(whence(pack.path / "brief.docx").sources) == 3
    with zipfile.ZipFile(pack.path / "brief.docx") as inside:
        assert inside.testzip() is None


def test_nothing_to_report_is_refused() -> None:
    with pytest.raises(ValueError, match="needs a run"):
        cs.briefing([])


def test_documents_say_who_made_them_and_when_the_run_ended(run: cs.Run, pack: Pack) -> None:
    manifest = run.folder.read_manifest()
    assert manifest is not None
    word = docx.Document(str(pack.path / "brief.docx")).core_properties
    book = load_workbook(pack.path / "tables.xlsx").properties
    assert (word.author, book.creator) == ("clustersim", "clustersim")
    for time in (word.created, word.modified, book.created, book.modified):
        assert f"{time:%Y-%m-%dT%H:%M:%SZ}" == manifest.ended


def test_what_the_user_changed_is_kept_under_another_name(bare: cs.Run, tmp_path: Path) -> None:
    cs.briefing([bare], tmp_path)
    for number, kept in enumerate(("brief.edited.docx", "brief.edited2.docx")):
        (tmp_path / "brief.docx").write_bytes(b"mine %d" % number)
        (tmp_path / INDEX).write_text("[]" if number else (tmp_path / INDEX).read_text(encoding="utf-8"))
        pack = cs.briefing([bare], tmp_path)
        assert pack.aside == {"brief.docx": kept}
        assert (tmp_path / kept).read_bytes() == b"mine %d" % number
    assert hashlib.sha256((tmp_path / "brief.docx").read_bytes()).hexdigest() == pack.files["brief.docx"]


def test_only_what_is_the_old_packs_own_is_removed(bare: cs.Run, tmp_path: Path) -> None:
    folder, digest = tmp_path / "pack", hashlib.sha256(b"old").hexdigest()
    (folder / "figures").mkdir(parents=True)
    (folder / "away").symlink_to(tmp_path, target_is_directory=True)
    names = ("../outside.txt", str(tmp_path / "absolute.txt"), "away/linked.txt", "figures/edited.png", "old.txt")
    for name in names:
        (folder / name).write_bytes(b"new" if name == "figures/edited.png" else b"old")
    index = {"format": pack_folder.FORMAT, "stamp": {}, "files": dict.fromkeys(names, digest)}
    (folder / INDEX).write_text(json.dumps(index), encoding="utf-8")
    cs.briefing([bare], folder)
    assert [name for name in names if not (folder / name).exists()] == ["old.txt"]


def test_a_pack_that_broke_off_has_no_index(bare: cs.Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    cs.briefing([bare], tmp_path)
    with monkeypatch.context() as broken:
        broken.setattr(packing, "pdf", lambda *_: pytest.fail("no more space"))
        with pytest.raises(pytest.fail.Exception):
            cs.briefing([bare], tmp_path)
    assert not (tmp_path / INDEX).exists()
    for content in ('{"format": "clustersim pack 1"}', '{"format": "clustersim pack 1", "files": [1]}', "3", "{"):
        (tmp_path / INDEX).write_text(content, encoding="utf-8")
        assert pack_folder.index_in(tmp_path) is None
    assert cs.briefing([bare], tmp_path).aside == {}


def test_a_text_of_the_workbook_is_no_formula(tmp_path: Path) -> None:
    frame = pd.DataFrame({"=SUM(1)": ["=1+1", "#N/A"]})
    (tmp_path / "tables.xlsx").write_bytes(
        xlsx(workbook([ResultTable("=kind", "", frame)], "=title", ""), Stamp("tables", "en", ()))
    )
    for sheet in load_workbook(tmp_path / "tables.xlsx"):
        for cell in (cell for row in sheet.iter_rows() for cell in row if cell.value is not None):
            assert cell.data_type == "s", cell.value


def test_names_can_be_copied_out_of_the_documents(run: cs.Run, pack: Pack, language: str) -> None:
    """No invisible character stands in a key path; numbers stand below the path that they share."""
    of_pdf = "\n".join(words_of(page) for page in pages(pack))
    document = docx.Document(str(pack.path / "brief.docx"))
    with zipfile.ZipFile(pack.path / "brief.docx") as inside:
        of_word = inside.read("word/document.xml").decode()
    assert "\u200b" not in of_pdf + of_word
    assert "policies.cluster_committee.matchmaking" in of_pdf
    first_cells = [[row.cells[0].text for row in table.rows] for table in document.tables]
    [shown] = [cells for cells in first_cells if "policies.cluster_committee.matchmaking" in cells][:1]
    paths = {path for path, *_ in numbers(run.scenario) if path.startswith("policies.")}
    below = shown[shown.index("policies.cluster_committee.matchmaking") + 1]
    assert "." not in below and f"matchmaking.{below}" in {path.split(".", 2)[2] for path in paths}
