"""Folders that are gone on with: in shards, after a kill, only as what they were begun as; and how they are checked."""

from __future__ import annotations

import json
import os
import re
import shutil
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from studies_in_processes import (
    BLOCKS,
    SCENARIO,
    STUDY,
    assert_gone,
    assert_same,
    begun,
    block_name,
    blocks_in,
    call,
    content,
    folder_in,
    resume,
    study_in,
    undisturbed_study,
)

CHANGED = 4  # number of the block, and of the row, in which tests change a number


@pytest.fixture(name="finished", scope="module")
def _finished(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a finished study. Tests that change it take a copy."""
    folder = tmp_path_factory.mktemp("finished")
    undisturbed_study(folder)
    return folder_in(folder / "out")


@pytest.fixture(name="copy")
def _copy(finished: Path, tmp_path: Path) -> Path:
    found = tmp_path / finished.parent.name / finished.name
    shutil.copytree(finished, found)
    return found


def change_a_number(file: Path, column: str, row: int) -> tuple[Any, Any]:
    """What stood in a Parquet file and what stands there now, a little above it."""
    table = pq.read_table(file)
    values = table.column(column).to_pylist()
    before, values[row] = values[row], values[row] * (1 + 1e-12)
    assert values[row] != before
    place = table.schema.get_field_index(column)
    pq.write_table(table.set_column(place, column, pa.array(values, table.schema.field(column).type)), file)
    return before, values[row]


def change_manifest(folder: Path, change: Callable[[dict[str, Any]], None]) -> None:
    file = folder / "manifest.json"
    manifest = json.loads(file.read_text(encoding="utf-8"))
    change(manifest)
    file.write_text(json.dumps(manifest), encoding="utf-8")


def assert_refused(folder: Path, *words: str) -> None:
    """By `resume` and `verify`, with nothing changed."""
    before = {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    for verb in ("resume", "verify"):
        result = call(verb, folder)
        assert result.exit_code == 2
        assert all(word in result.stderr for word in words), result.stderr
    assert {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()} == before


# --- shards ---------------------------------------------------------------------------------------------------------


def test_shards_one_after_the_other_say_what_is_missing(finished: Path, tmp_path: Path) -> None:
    file, out = study_in(tmp_path), tmp_path / "out"
    for shard, done in (("2/3", 3), ("1/3", 7)):
        result = call("sweep", file, "--out", out, "--shard", shard)
        assert result.exit_code == 0
        assert f"{done} of {BLOCKS} blocks are stored. The rest belongs to other shards" in result.stdout
        assert not (folder_in(out) / "results.parquet").exists()
    assert f"7 of {BLOCKS} blocks. Not complete" in call("status", folder_in(out)).stdout
    resume(folder_in(out), "--shard", "3/3")
    assert_same(folder_in(out), content(finished))


def test_shards_at_the_same_time_make_one_study(finished: Path, tmp_path: Path) -> None:
    file, out = study_in(tmp_path), tmp_path / "out"
    with ExitStack() as stack:
        shards = [
            stack.enter_context(begun("sweep", file, "--out", out, "--shard", f"{which}/3")) for which in (1, 2, 3)
        ]
        assert [shard.end() for shard in shards] == [0, 0, 0], [shard.said for shard in shards]
        assert any("Report, figures and tables: " in shard.shown for shard in shards)
    assert_same(folder_in(out), content(finished))


# --- verify ---------------------------------------------------------------------------------------------------------


def test_what_is_as_it_was_is_verified(finished: Path) -> None:
    result = call("verify", finished)
    assert result.exit_code == 0
    assert result.stdout.startswith("Every number is identical: block 0, block ")
    assert f"block {BLOCKS - 1}." in result.stdout


def test_a_changed_number_is_found_with_its_place(copy: Path) -> None:
    before, after = change_a_number(copy / "blocks" / block_name(CHANGED), "pairing_rate", CHANGED)
    result = call("verify", copy, "--blocks", BLOCKS)
    assert result.exit_code == 1
    files, differs = result.stderr.splitlines()
    assert block_name(CHANGED) in files
    assert re.match(rf"block {CHANGED}: first difference in {block_name(CHANGED)} pairing_rate at ", differs)
    assert re.search(rf" at arm \w+, point {CHANGED}, seed \d+: stored {after}, now {before}$", differs)


def test_a_column_that_is_missing_is_named(copy: Path) -> None:
    file = copy / "blocks" / block_name(0)
    pq.write_table(pq.read_table(file).drop_columns(["output"]), file)
    result = call("verify", copy, "--blocks", 1)
    assert result.exit_code == 1
    assert f"block 0: first difference in {block_name(0)} output at" in result.stderr


def test_a_changed_file_of_a_finished_study_is_named(copy: Path) -> None:
    (copy / "effects.csv").write_text("better\n", encoding="utf-8")
    (copy / "report.md").unlink()
    result = call("verify", copy)
    assert result.exit_code == 1
    assert "effects.csv, report.md" in result.stderr
    assert "Changed since it ended (2): effects.csv, report.md" in call("status", copy).stdout


# --- refused --------------------------------------------------------------------------------------------------------


def test_another_version_is_refused(copy: Path) -> None:
    change_manifest(copy, lambda manifest: manifest.update(code_version="0.0.1+00000000"))
    assert_refused(copy, "it was started with clustersim 0.0.1+00000000, and this is ")
    status = call("status", copy)
    assert status.exit_code == 0
    assert "Started with another version of the code (0.0.1+00000000; this is " in status.stdout


@pytest.mark.parametrize(
    "change",
    [
        lambda manifest: manifest["scenario"]["time"].update(horizon=13),
        lambda manifest: manifest["identity"]["study"].update(outcomes=["output"]),
        lambda manifest: manifest["identity"]["job"].update(seeds=5),
        lambda manifest: manifest.update(run_id="0123456789ab"),
    ],
    ids=["scenario", "study", "job", "name"],
)
def test_a_changed_manifest_is_refused(copy: Path, change: Callable[[dict[str, Any]], None]) -> None:
    change_manifest(copy, change)
    assert_refused(copy, "manifest.json has changed since this was started")


def test_a_renamed_folder_is_not_resumed(copy: Path) -> None:
    other = copy.rename(copy.with_name("mine"))
    result = call("resume", other)
    assert result.exit_code == 2
    assert f"this folder should be called {copy.name}" in result.stderr


def test_another_scenario_makes_another_folder(copy: Path, tmp_path: Path) -> None:
    before = content(copy)
    file = study_in(tmp_path, scenario=SCENARIO.replace("horizon: 12", "horizon: 13"))
    assert call("sweep", file, "--out", copy.parent.parent, "--shard", f"1/{BLOCKS}").exit_code == 0
    (other,) = (path for path in copy.parent.iterdir() if path != copy)
    assert len(blocks_in(other)) == 1
    assert content(copy) == before


def test_a_changed_copy_of_the_roster_is_refused(tmp_path: Path) -> None:
    rows = [f"F{number},steel,{number % 2},East,{100 + number}" for number in range(40)]
    scenario = SCENARIO.replace("  firms: 40\n", "  roster: firms.csv\n")
    study = re.sub(r"  population\.firms: .*", "  time.horizon: {values: [12, 13]}", STUDY)
    file = study_in(tmp_path, study, scenario)
    (tmp_path / "firms.csv").write_text("\n".join(["id,chain,tier,site,capacity", *rows, ""]), encoding="utf-8")
    result = call("sweep", file, "--out", tmp_path / "out", "--shard", "1/2")
    assert result.exit_code == 0, result.stderr
    (tmp_path / "firms.csv").unlink()  # the copy is enough
    folder = folder_in(tmp_path / "out")
    moved = tmp_path / "elsewhere" / folder.parent.name / folder.name
    shutil.copytree(folder, moved)
    resume(moved)
    roster = folder / "inputs" / "firms.csv"
    roster.write_text(roster.read_text(encoding="utf-8").replace("100", "101", 1), encoding="utf-8")
    assert_refused(folder, "the copy of the roster has changed since this was started.")


def test_values_written_with_a_point_are_the_same_when_resumed(tmp_path: Path) -> None:
    study = re.sub(r"  population\.firms: .*", "  parameters.rivalry: {values: [0.0, 1.0]}", STUDY)
    result = call("sweep", study_in(tmp_path, study), "--out", tmp_path / "out")
    assert result.exit_code == 0, result.stderr
    folder = folder_in(tmp_path / "out")
    undisturbed = content(folder)
    (folder / "results.parquet").unlink()
    resume(folder)
    assert_same(folder, undisturbed)


# --- runs -----------------------------------------------------------------------------------------------------------

ASKED = ("--seeds", 30, "--jobs", 2, "--assumptions", 16)


@pytest.fixture(name="whole_run", scope="module")
def _whole_run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("run")
    study_in(folder)
    result = call("run", folder / "little.yaml", *ASKED, "--out", folder / "out")
    assert result.exit_code == 0, result.stderr
    found = [path for path in (folder / "out").glob("*/*") if (path / "manifest.json").exists()]
    assert {"assumptions.csv", "effects.csv", "report.md", "series.parquet"} <= set(content(found[0]))
    assert any(name.startswith("figures/") for name in content(found[0]))
    return found[0]


@pytest.mark.skipif(os.name == "nt", reason="signals of POSIX")
def test_a_run_that_is_killed_twice_is_resumed_as_it_was_asked_for(whole_run: Path, tmp_path: Path) -> None:
    study_in(tmp_path)
    out = tmp_path / "out"
    kill_when(r"15 of 30 seeds\b", "run", tmp_path / "little.yaml", *ASKED, "--out", out)
    folder = folder_in(out)
    status = call("status", folder).stdout
    assert re.match(r"Run of `little`: (15|30) seeds in [12] blocks?.*\. Not complete; started ", status), status
    kill_when("0 of 1 blocks of the assumption range", "resume", folder, "--jobs", 2)
    assert call("status", folder).stdout.startswith("Run of `little`: 30 seeds in 2 blocks. Not complete; started ")
    resume(folder, "--jobs", 2)
    assert_same(folder, content(whole_run))


def kill_when(pattern: str, *words: object) -> None:
    with begun(*words) as running:
        running.until_it_says(pattern)
        family = running.family()
        running.process.kill()
        running.end()
        assert_gone(family)


def test_a_run_is_looked_at_and_verified(whole_run: Path, tmp_path: Path) -> None:
    status = call("status", whole_run).stdout
    assert status.startswith("Run of `little`: 30 seeds in 2 blocks. Complete, ended ")
    assert re.search(r"All \d+ files are unchanged since it ended\.", status)
    result = call("verify", whole_run)
    assert (result.exit_code, result.stdout) == (0, "Every number is identical: seeds 0-3, seeds 15-18.\n")
    shutil.copytree(whole_run, copy := tmp_path / "little" / whole_run.name)
    before, after = change_a_number(copy / "blocks" / "seeds-000015-000029" / "series.parquet", "output", 7)
    result = call("verify", copy)
    assert result.exit_code == 1
    assert re.search(
        rf"seeds 15-18: first difference in series output at arm no_alliance, point 0, seed 15, month 8: "
        rf"stored {after}, now {before}\n",
        result.stderr,
    )


def test_more_seeds_that_are_not_there_yet_are_not_complete(whole_run: Path, tmp_path: Path) -> None:
    shutil.copytree(whole_run, copy := tmp_path / "little" / whole_run.name)
    change_manifest(copy, lambda manifest: manifest["asked"].update(seeds=40))  # as a run does that is then killed
    assert "30 seeds in 2 blocks. Not complete; started " in call("status", copy).stdout


def test_the_assumption_range_of_a_run_is_a_part_of_it(whole_run: Path) -> None:
    (part,) = (path.parent for path in whole_run.glob("assumptions/*/manifest.json"))
    result = call("resume", part)
    assert result.exit_code == 2
    assert f"this folder is part of {whole_run}; continue that one instead" in result.stderr
    assert call("status", part).stdout.startswith("Study `assumptions`: 1 of 1 blocks. ")
    assert call("verify", part).exit_code == 0


@pytest.mark.parametrize("verb", ["status", "resume", "verify"])
def test_a_folder_that_holds_nothing_is_refused(verb: str, tmp_path: Path) -> None:
    for folder in (tmp_path, tmp_path / "nowhere"):
        result = call(verb, folder)
        assert result.exit_code == 2
        assert f"{folder}: this folder contains no run or study: manifest.json is missing." in result.stderr
    assert list(tmp_path.iterdir()) == []


def test_a_roster_above_the_scenario_and_a_changed_population_go_on_too(tmp_path: Path) -> None:
    """Workers and `resume` read the copies of the tables, wherever the scenario names them and whatever it changes."""
    (tmp_path / "lists").mkdir()
    (tmp_path / "lists" / "firms.csv").write_text(
        "id,chain,tier,capacity\n" + "".join(f"F{n},steel,{n % 2},{100 + n}\n" for n in range(40)), encoding="utf-8"
    )
    below = tmp_path / "below"
    below.mkdir()
    scenario = SCENARIO.replace("  firms: 40\n", "  roster: ../lists/firms.csv\n")
    assert "../lists" in scenario
    (below / "town.yaml").write_text(scenario, encoding="utf-8")
    study = (
        "schema: 1\nstudy: sweep\nname: lists\nscenario: town.yaml\nchanges: {population.fixed: true}\nseeds: 2\n"
        "design: {method: grid}\nparameters: {population.chains.steel.tiers: {values: [2, 3]}}\n"
    )
    (below / "study.yaml").write_text(study, encoding="utf-8")
    results = {}
    for jobs in (1, 2):
        result = call("sweep", below / "study.yaml", "--out", tmp_path / f"out{jobs}", "--jobs", jobs)
        assert result.exit_code == 0, result.stderr
        results[jobs] = content(folder_in(tmp_path / f"out{jobs}"))
    assert results[1] == results[2]
    (folder_in(tmp_path / "out1") / "blocks" / "block-000000.parquet").unlink()
    resumed = call("resume", folder_in(tmp_path / "out1"))
    assert resumed.exit_code == 0, resumed.stderr
    assert content(folder_in(tmp_path / "out1")) == results[1]
