"""`clustersim run`: what is printed, what is left, what is found again, what happens when something fails."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
from pathlib import Path

import pytest
from rich.cells import cell_len

from clustersim.messages import LANGUAGES
from command import call, command, environment, files_in
from shared import PRINTED
from towns import BOTH, scenario_in

pytestmark = pytest.mark.usefixtures("unrendered")

BLOCKS = """\
schema: 1
name: blocks
time: {burn_in: 6, horizon: 12}
population:
  firms: 8000
  sites: {East: 1.0}
  chains: {steel: {tiers: 2, share: 1.0}}
policies:
  cluster_committee: {without: [groups, annual_meeting, services, mutual_aid, school_pairing]}
"""


def only_run(out: Path) -> Path:
    """The folder of the only run below a folder of results."""
    (manifest,) = out.glob("*/*/manifest.json")
    return manifest.parent


@pytest.fixture(name="finished", scope="module")
def _finished(town_run: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path, str]:
    """The scenario, the folder of results and what was printed; a copy, since a second run writes its report anew."""
    folder = tmp_path_factory.mktemp("finished") / "copy"
    shutil.copytree(town_run, folder)
    printed = (folder / PRINTED).read_text(encoding="utf-8")
    return folder / "small.yaml", folder / "results", printed.replace(str(town_run), str(folder))


def test_a_run_ends_with_a_table_a_sentence_and_a_folder(finished: tuple[Path, Path, str]) -> None:
    _, out, shown = finished
    assert re.search(r"Pairing rate +% +points", shown)
    assert re.search(
        r"Cluster committee +[\d.]+ +[+-][\d.]+ +[+-][\d.]+ to [+-][\d.]+ +(better|worse|undecided)", shown
    )
    assert "A small town, 3 seeds. Differences from no alliance (pairing rate " in shown
    assert "- Cluster committee: pairing rate " in shown
    assert str(only_run(out)) in shown


def test_a_run_leaves_all_that_it_promises(finished: tuple[Path, Path, str]) -> None:
    folder = only_run(finished[1])
    found = files_in(folder)
    assert {"manifest.json", "effects.csv", "series.parquet", "report.md", "waiting.csv"} <= found
    assert {f"figures/{name}.png" for name in ("outcomes", "forest", "channels", "additional")} <= found
    written = set(json.loads((folder / "manifest.json").read_text(encoding="utf-8"))["files"])
    (below,) = (folder / "assumptions").iterdir()  # a study of its own, with a manifest of its own
    own = {name for name in found if (folder / name).is_file() and not (folder / name).is_relative_to(below)}
    assert written == own - {"manifest.json"}
    assert json.loads((below / "manifest.json").read_text(encoding="utf-8"))["identity"]["study"]["points"] == 64
    shown = re.findall(r"\]\((figures/\S+)\)", (folder / "report.md").read_text(encoding="utf-8"))
    assert shown
    assert set(shown) <= found


def test_the_same_run_is_found_and_not_repeated(
    finished: tuple[Path, Path, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    file, out, shown = finished
    monkeypatch.setattr("clustersim.execution.work.simulate", None)
    again = call("run", file, "--out", out)
    assert again.exit_code == 0
    assert "already stored (3 seeds); the stored results are used" in again.stderr
    assert again.stdout == shown


def test_more_seeds_go_on_from_those_that_are_stored(tmp_path: Path) -> None:
    file = scenario_in(tmp_path)
    call("run", file, "--seeds", 2, "--out", tmp_path / "out")
    more = call("run", file, "--seeds", 4, "--out", tmp_path / "out")
    assert "2 of 4 seeds are already stored" in more.stderr
    assert "4 of 4 seeds" in more.stderr


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_is_printed_keeps_to_80_columns_and_the_language(finished: tuple[Path, Path, str], language: str) -> None:
    file, out, _ = finished
    shown = call("run", file, "--out", out, "--lang", language).stdout
    table = shown.split("3 seeds" if language == "en" else "3 个随机种子")[1]
    assert max(cell_len(line) for line in table.splitlines()[:-1]) <= 80
    assert bool(re.search("[\u4e00-\u9fff]", shown)) == (language == "zh")
    assert "\x1b" not in shown


def test_a_run_with_equal_money_names_its_arms(tmp_path: Path) -> None:
    shown = call(
        "run", scenario_in(tmp_path, BOTH), "--assumptions", 0, "--out", tmp_path / "out", "--lang", "zh"
    ).stdout
    assert "集群党委（同等资金）" in shown
    assert "同等资金下，链长制与集群党委相比" in shown
    report = (only_run(tmp_path / "out") / "report.md").read_text(encoding="utf-8")
    assert "(equal money)" not in report


def test_precision_adds_seeds_up_to_the_cap(tmp_path: Path) -> None:
    result = call("run", scenario_in(tmp_path), "--precision", "--cap", 25, "--out", tmp_path / "out")
    assert result.exit_code == 0
    assert "25 of 25 seeds" in result.stderr
    assert call("run", tmp_path / "small.yaml", "--precision", "--seeds", 3).exit_code == 2


def test_a_file_in_the_way_of_the_results_is_reported(tmp_path: Path) -> None:
    (tmp_path / "out").write_text("mine")
    result = call("run", scenario_in(tmp_path), "--out", tmp_path / "out")
    assert result.exit_code == 1
    assert "a file of that name exists there" in result.stderr
    assert (tmp_path / "out").read_text() == "mine"


def test_a_full_disk_is_reported_and_no_file_is_half_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(path: Path, content: bytes) -> None:
        raise OSError(28, "No space left on device")

    file = scenario_in(tmp_path)
    with monkeypatch.context() as patch:
        patch.setattr("clustersim.storage.atomic.write_synced", full)
        patch.setattr("clustersim.storage.atomic.check_writable", lambda root: root.mkdir(parents=True))
        result = call("run", file, "--out", tmp_path / "out")
    assert result.exit_code == 1
    assert "The disk is full" in result.stderr
    assert not [path for path in (tmp_path / "out").rglob("*") if path.is_file()]
    assert call("run", file, "--out", tmp_path / "out").exit_code == 0


@pytest.mark.skipif(os.name == "nt", reason="a signal of its own kind there")
def test_ctrl_c_keeps_what_is_done_and_the_same_command_continues(tmp_path: Path) -> None:
    file = scenario_in(tmp_path, BLOCKS)
    words = command("run", file, "--seeds", 12, "--out", tmp_path / "out")
    pipes = {"stderr": subprocess.PIPE, "stdout": subprocess.DEVNULL, "text": True}
    with subprocess.Popen(words, env=environment({}), **pipes) as running:
        said = []
        for line in running.stderr:
            said.append(line)
            if re.match(r"[1-9]\d* of 12 seeds", line):
                running.send_signal(signal.SIGINT)
    assert running.returncode == 130
    assert said[-1].startswith("Stopped. Finished blocks of seeds are kept: the same command, or `clustersim resume`, ")
    kept = sorted(path.name for path in (tmp_path / "out").rglob("seeds-*"))
    assert kept
    again = call("run", file, "--seeds", 12, "--out", tmp_path / "out")
    assert re.search(r"[1-9]\d* of 12 seeds are already stored; the run continues from there", again.stderr)
    assert again.exit_code == 0


def test_the_cap_of_the_file_holds_and_a_missed_target_is_said(tmp_path: Path) -> None:
    file = scenario_in(tmp_path)
    file.write_text(
        file.read_text(encoding="utf-8") + "\nprecision: {pairing: 0.001, output: 0.001, cap: 5}\n", encoding="utf-8"
    )
    for options in ([], ["--precision"]):
        result = call("run", file, *options, "--out", tmp_path / "out")
        assert result.exit_code == 0
        assert "not reached within 5 seeds" in result.stdout
    assert json.loads((only_run(tmp_path / "out") / "manifest.json").read_text(encoding="utf-8"))["used"] == 5
    result = call("run", file, "--precision", "--cap", 7, "--out", tmp_path / "out")
    assert "not reached within 7 seeds" in result.stdout


def test_a_cap_goes_with_precision(tmp_path: Path) -> None:
    result = call("run", scenario_in(tmp_path), "--cap", 7, "--out", tmp_path / "out")
    assert result.exit_code == 2
    assert "--precision" in result.stderr
    assert not (tmp_path / "out").exists()
