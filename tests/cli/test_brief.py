"""`clustersim brief` and `whence` as a user calls them, mistakes included."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from clustersim import api
from clustersim.execution.work import StudyWork
from clustersim.storage.folder import MANIFEST
from clustersim.storage.manifest import Manifest
from clustersim.storage.pack_folder import FORMAT as PACK
from clustersim.storage.provenance import FORMAT, Provenance, Stamp
from command import call, files_in
from shared import run_in
from towns import BARE, SMALL, scenario_in

pytestmark = pytest.mark.usefixtures("unrendered")


@pytest.fixture
def results(town_packs: Path) -> Path:
    """A folder of results with one run in it, and its packs."""
    return town_packs / "results"


@pytest.fixture(scope="module")
def bare(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same of a town without a policy, whose pack is made in a moment."""
    folder = tmp_path_factory.mktemp("bare")
    assert call("run", scenario_in(folder, BARE), "--out", folder / "results").exit_code == 0
    return folder / "results"


def test_a_scenario_is_run_and_its_pack_lies_in_the_run(tmp_path: Path) -> None:
    done = call("brief", scenario_in(tmp_path), "--results", tmp_path / "results", "--lang", "zh")
    assert done.exit_code == 0, done.output
    assert "简报资料包" in done.output
    pack = run_in(tmp_path / "results") / "brief" / "zh"
    assert {"brief.docx", "brief.pdf", "tables.xlsx", "pack.json", "figures/forest.svg"} <= files_in(pack)
    assert call("status", run_in(tmp_path / "results")).exit_code == 0


def test_a_folder_and_the_only_run_in_it_are_the_same(bare: Path, tmp_path: Path) -> None:
    for path in (bare / "small", run_in(bare)):
        done = call("brief", path, "--out", tmp_path / "pack", "--lang", "en")
        assert done.exit_code == 0, done.output
        assert str(tmp_path / "pack") in done.output


@pytest.mark.parametrize("file", ["brief.pdf", "brief.docx", "tables.xlsx", "tables/effects.csv", "figures/forest.png"])
def test_whence_names_the_run_and_the_command(results: Path, file: str) -> None:
    done = call("whence", run_in(results) / "brief" / "zh" / file, "--results", results)
    assert done.exit_code == 0, done.output
    assert run_in(results).name in done.output and "3 seeds" in done.output
    assert f"clustersim brief {run_in(results)} --lang zh" in done.output


def test_whence_far_from_the_results_says_how_to_run_it_again(results: Path, tmp_path: Path) -> None:
    copy = tmp_path / "figure.png"
    copy.write_bytes((run_in(results) / "brief" / "zh" / "figures" / "forest.png").read_bytes())
    done = call("whence", copy, "--results", tmp_path)
    assert done.exit_code == 0
    assert "not found here" in done.output and "clustersim run small.yaml --seeds 3" in done.output


def test_whence_sees_that_results_are_other_ones(results: Path, tmp_path: Path) -> None:
    run = run_in(results)
    manifest = json.loads((run / MANIFEST).read_text(encoding="utf-8"))
    elsewhere = tmp_path / "small" / run.name
    elsewhere.mkdir(parents=True)
    manifest["scenario"]["title"]["en"] = "another"
    (elsewhere / MANIFEST).write_text(json.dumps(manifest), encoding="utf-8")
    copy = tmp_path / "figure.pdf"
    copy.write_bytes((run / "brief" / "zh" / "figures" / "forest.pdf").read_bytes())
    done = call("whence", copy, "--results", tmp_path)
    assert "do not match the file" in done.output


def test_what_is_no_result_is_refused_and_nothing_is_written(tmp_path: Path) -> None:
    missing = call("brief", tmp_path / "nothing", "--out", tmp_path / "pack")
    empty = call("brief", tmp_path, "--out", tmp_path / "pack")
    for done, told in ((missing, "file or folder not found"), (empty, "manifest.json is missing")):
        assert done.exit_code == 2
        assert told in done.output and str(tmp_path) in done.output
    assert files_in(tmp_path) == set()


def test_several_runs_in_a_folder_are_named(results: Path, tmp_path: Path) -> None:
    for name in ("aaaaaaaaaaaa", "bbbbbbbbbbbb"):
        (tmp_path / name).mkdir()
        (tmp_path / name / MANIFEST).write_bytes((run_in(results) / MANIFEST).read_bytes())
    done = call("brief", tmp_path)
    assert done.exit_code == 2
    assert "aaaaaaaaaaaa, bbbbbbbbbbbb" in done.output


def test_an_unfinished_run_is_refused_with_the_command_that_continues(results: Path, tmp_path: Path) -> None:
    folder = tmp_path / "small" / run_in(results).name
    folder.mkdir(parents=True)
    manifest = json.loads((run_in(results) / MANIFEST).read_text(encoding="utf-8"))
    (folder / MANIFEST).write_text(json.dumps({**manifest, "status": "running"}), encoding="utf-8")
    done = call("brief", folder)
    assert done.exit_code == 2
    assert f"clustersim resume {folder}" in done.output


def test_a_error_in_the_scenario_is_reported_as_by_run(tmp_path: Path) -> None:
    file = scenario_in(tmp_path)
    file.write_text(file.read_text(encoding="utf-8").replace("burn_in: 6", "burn_inn: 6"), encoding="utf-8")
    done = call("brief", file, "--results", tmp_path / "results")
    assert done.exit_code == 2
    assert "burn_in" in done.output
    assert not (tmp_path / "results").exists()


def test_a_file_of_another_program_has_no_origin(tmp_path: Path) -> None:
    file = tmp_path / "notes.txt"
    file.write_text("notes", encoding="utf-8")
    for words, told in (
        (("whence", file), "is not recorded"),
        (("whence", tmp_path / "none.png"), "missing or damaged"),
    ):
        done = call(*words)
        assert done.exit_code != 0
        assert told in done.output


def test_a_finished_run_is_read_and_not_made_again(tmp_path: Path) -> None:
    scenario, results = scenario_in(tmp_path), tmp_path / "results"
    assert call("run", scenario, "--seeds", "5", "--assumptions", "0", "--out", results).exit_code == 0
    before = {name: (run_in(results) / name).read_bytes() for name in (MANIFEST, "report.md", "effects.csv")}
    for words in ((), ("--seeds", "4")):
        done = call("brief", scenario, "--results", results, "--out", tmp_path / "pack", "--lang", "zh", *words)
        assert done.exit_code == 0, done.output
        assert {name: (run_in(results) / name).read_bytes() for name in before} == before
        assert "5 seeds" in call("whence", tmp_path / "pack" / "brief.docx", "--results", results).output
    assert call("brief", scenario, "--results", results, "--out", tmp_path / "pack", "--seeds", "6").exit_code == 0
    manifest = json.loads((run_in(results) / MANIFEST).read_text(encoding="utf-8"))
    assert manifest["used"] == 6
    assert not (run_in(results) / "assumptions").exists(), "nobody asked for a range"


def test_seeds_beside_a_folder_of_results_are_a_error(results: Path, tmp_path: Path) -> None:
    done = call("brief", run_in(results), scenario_in(tmp_path), "--seeds", "4", "--out", tmp_path / "pack")
    assert done.exit_code == 2
    assert "--seeds applies to scenario files only" in done.output
    assert files_in(tmp_path) == {"small.yaml"}


def test_of_the_folder_of_all_results_the_runs_are_named(results: Path, bare: Path, tmp_path: Path) -> None:
    for name in ("one/aaaaaaaaaaaa", "two/bbbbbbbbbbbb"):
        (tmp_path / name).mkdir(parents=True)
        (tmp_path / name / MANIFEST).write_bytes((run_in(results) / MANIFEST).read_bytes())
    done = call("brief", tmp_path)
    assert done.exit_code == 2
    assert "one/aaaaaaaaaaaa, two/bbbbbbbbbbbb" in done.output
    assert call("brief", bare, "--out", tmp_path / "pack").exit_code == 0, "there is but one in it"


STUDY = """\
schema: 1
study: {verb}
name: test
title: {{en: A test, zh: 测试}}
scenario: small.yaml
seeds: 2
outcomes: [output]
design: {{size: {size}}}
parameters:
  parameters.search: {{low: 0.05, high: 0.4, first: 0.1}}
"""
OBSERVED = "observed: [{fact: xinqiao.firms, observable: paired_share, arm: no_alliance, months: [7, 12], value: 30}]\n"
CALIBRATED = "targets: [{observed: 0, error: 40.0}]\ncheck_seeds: 2\ndraws: 4\n"
STUDIES = {
    "sweep": STUDY.replace(", first: 0.1", "").format(verb="sweep", size=4),
    "calibrate": STUDY.format(verb="calibrate", size=20) + CALIBRATED,
}


@pytest.mark.parametrize("verb", STUDIES)
def test_a_study_that_was_moved_is_read_where_it_lies(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, verb: str
) -> None:
    scenario_in(tmp_path, SMALL + OBSERVED)
    (tmp_path / "study.yaml").write_text(STUDIES[verb], encoding="utf-8")
    done = call(verb, tmp_path / "study.yaml", "--out", tmp_path / "results")
    assert done.exit_code == 0, done.output
    moved = tmp_path / "elsewhere" / "renamed"
    shutil.copytree(next((tmp_path / "results" / "test").iterdir()), moved)
    before = files_in(tmp_path)
    monkeypatch.setattr(StudyWork, "made", lambda *_: pytest.fail("something is simulated"))
    found = api.open_results(moved)
    assert isinstance(found, api.StudyResult)
    assert found.folder.path == moved and found.tables()
    assert files_in(tmp_path) == before
    shutil.rmtree(next(moved.glob("fit/*/blocks" if verb == "calibrate" else "blocks")))
    done = call("brief", moved, "--out", tmp_path / "pack")
    assert done.exit_code == 2
    assert "blocks of this study are missing" in done.output


def test_of_several_ranges_that_of_the_run_is_reported(tmp_path: Path) -> None:
    scenario, results = scenario_in(tmp_path), tmp_path / "results"
    for seeds, points in ((65, 8), (3, 12), (65, 8)):
        done = call("run", scenario, "--seeds", seeds, "--assumptions", points, "--out", results)
        assert done.exit_code == 0, done.output
    run = api.open_results(run_in(results))
    assert isinstance(run, api.Run)
    assert run.seeds == 65 and run.assumptions is not None
    assert (run.assumptions.job.seeds, run.assumptions.asked) == (2, 8)


def test_whence_says_whether_the_content_is_what_was_written(results: Path, tmp_path: Path) -> None:
    pack = tmp_path / "pack"
    shutil.copytree(run_in(results) / "brief" / "zh", pack)
    for name in ("tables/effects.csv", "figures/forest.svg"):
        done = call("whence", pack / name, "--results", results)
        assert (done.exit_code, "Its content is unchanged" in done.output) == (0, True), done.output
        (pack / name).write_bytes((pack / name).read_bytes() + b"\n")
        done = call("whence", pack / name, "--results", results)
        assert (done.exit_code, "It has been changed since" in done.output) == (1, True), done.output
        assert run_in(results).name in done.output
    alone = (pack / "brief.docx").rename(tmp_path / "brief.docx")
    assert "whether its content was changed since is not known" in call("whence", alone).output


@pytest.mark.parametrize(
    "content", ["[]", '{"files": 3}', '{"files": {"notes.csv": 1}}', '{"format": 1}', "{", "STAMP"]
)
def test_what_other_programs_call_so_is_no_origin(tmp_path: Path, content: str) -> None:
    stamp = {"format": FORMAT, "what": "notes", "language": "en"}
    index = {"format": PACK, "files": {"notes.csv": "0"}, "stamp": stamp}
    (tmp_path / "notes.csv").write_text("notes", encoding="utf-8")
    for name in (MANIFEST, "pack.json"):
        (tmp_path / name).write_text(json.dumps(index) if content == "STAMP" else content, encoding="utf-8")
    done = call("whence", tmp_path / "notes.csv")
    assert done.exit_code == 2
    assert "is not recorded" in done.output
    assert "this is a folder" in call("whence", tmp_path).output
    for source in ({}, {"sources": 3}, {"sources": [1]}, {"sources": [{"run": "a"}]}):
        assert Stamp.read(json.dumps({**stamp, **source})) is None


def test_whence_reports_of_more_seeds_and_of_another_engine(results: Path, tmp_path: Path) -> None:
    run = run_in(results)
    figure = shutil.copy(run / "brief" / "zh" / "figures" / "forest.svg", tmp_path)
    folder = tmp_path / "small" / run.name
    folder.mkdir(parents=True)
    manifest = json.loads((run / MANIFEST).read_text(encoding="utf-8"))
    (folder / MANIFEST).write_text(json.dumps({**manifest, "used": 8}), encoding="utf-8")
    said = call("whence", figure, "--results", tmp_path).output
    assert "more seeds than the file: 8 seeds" in said and "clustersim run small.yaml --seeds 3, then" in said
    (folder / MANIFEST).write_text("[]", encoding="utf-8")
    assert "not found here" in call("whence", figure, "--results", tmp_path).output
    manifest["identity"]["engine"] = "reference"
    stamp = Stamp("forest", "en", (Provenance.of(Manifest(**manifest), 3),))
    assert Stamp.read(stamp.text()) == stamp
    index = {"format": PACK, "files": {"effects.csv": "0"}, "stamp": json.loads(stamp.text())}
    (tmp_path / "pack.json").write_text(json.dumps(index), encoding="utf-8")
    (tmp_path / "effects.csv").write_text("", encoding="utf-8")
    done = call("whence", tmp_path / "effects.csv", "--results", tmp_path)
    assert "clustersim run small.yaml --seeds 3 --engine reference, then" in done.output
