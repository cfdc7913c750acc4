"""`clustersim agree`, and `run --engine reference`."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from clustersim.cli import agreeing
from clustersim.engines.reference import run
from clustersim.engines.reference.enterprise import Enterprise
from command import call, files_in
from towns import scenario_in

pytestmark = pytest.mark.usefixtures("unrendered")


@pytest.mark.parametrize(("language", "said"), [("en", "The engines agree"), ("zh", "两个引擎一致")])
def test_agreement(tmp_path: Path, language: str, said: str) -> None:
    file = scenario_in(tmp_path)
    result = call("agree", file, "--seeds", 2, "--lang", language)
    assert result.exit_code == 0
    assert said in result.stdout
    assert "18" in result.stdout  # months of each run
    assert files_in(tmp_path) == {"small.yaml"}  # nothing is written


def test_the_former_name_still_works(tmp_path: Path) -> None:
    file = scenario_in(tmp_path)
    former, now = (call(name, file, "--seeds", 1) for name in ("twin", "agree"))
    assert former.exit_code == now.exit_code == 0
    assert former.stdout == now.stdout


def test_help_lists_the_command_by_its_present_name_only() -> None:
    shown = call("--help").stdout
    assert "  agree " in shown
    assert "twin" not in shown


PLACE = {
    "en": "- seed: 7\n- policy: No alliance\n- month: 2 (0 and below: burn-in)\n- after the step: production\n"
    "- column: delivery\n- enterprise: 4\n- batch engine: 1.0\n- reference engine: 0.5\n",
    "zh": "- 种子：7\n- 方案：无联盟\n- 月份：2（0 及以下为预热期）\n- 步骤之后：production\n"
    "- 列：delivery\n- 企业：4\n- 批量引擎：1.0\n- 参照引擎：0.5\n",
}


@pytest.mark.parametrize("language", list(PLACE))
def test_a_difference_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, language: str) -> None:
    original = Enterprise.produce

    def wrong(firm: Enterprise, rivals: float, crowding: float) -> None:
        original(firm, rivals, crowding)
        if firm.row == 4 and firm.model.month == 2:
            firm.delivery *= 0.5

    monkeypatch.setattr(Enterprise, "produce", wrong)
    result = call("agree", scenario_in(tmp_path), "--seeds", 1, "--first", 7, "--lang", language)
    assert result.exit_code == 1
    assert result.stdout.endswith(PLACE[language])


def test_a_table_that_differs_has_no_month(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Sums over the horizon, which no monthly comparison sees."""
    monkeypatch.setattr(run, "_by_row", lambda months, rows: np.zeros(rows, dtype=np.int64))
    result = call("agree", scenario_in(tmp_path), "--seeds", 1)
    assert result.exit_code == 1
    assert "- column: firms: " in result.stdout
    assert "month" not in result.stdout


def test_ctrl_c_promises_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def stop(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(agreeing, "compare", stop)
    result = call("agree", scenario_in(tmp_path))
    assert result.exit_code == 130
    assert result.stderr.endswith("Stopped.\n")


def test_a_faulty_scenario_is_refused(tmp_path: Path) -> None:
    file = scenario_in(tmp_path)
    file.write_text(file.read_text(encoding="utf-8").replace("firms: 10", "firm: 10"), encoding="utf-8")
    result = call("agree", file)
    assert result.exit_code == 2
    assert "population.firm" in result.stderr


def test_seeds_out_of_range_are_refused(tmp_path: Path) -> None:
    result = call("agree", scenario_in(tmp_path), "--seeds", 0)
    assert result.exit_code == 2
    assert "--seeds" in result.stderr


def test_a_run_on_the_reference_engine_leaves_the_same_files(tmp_path: Path) -> None:
    file, left = scenario_in(tmp_path), {}
    for engine in ("batch", "reference"):
        result = call("run", file, "--seeds", 3, "--engine", engine, "--assumptions", 0, "--out", tmp_path / engine)
        assert result.exit_code == 0
        (folder,) = (tmp_path / engine / "small").iterdir()
        left[engine] = folder
    assert {name for name in files_in(left["batch"]) if "blocks" not in name} == {
        name for name in files_in(left["reference"]) if "blocks" not in name
    }
    manifests = {engine: json.loads((folder / "manifest.json").read_text("utf-8")) for engine, folder in left.items()}
    assert {engine: manifest["identity"]["engine"] for engine, manifest in manifests.items()} == {
        "batch": "batch",
        "reference": "reference",
    }
    again = call("run", file, "--seeds", 3, "--engine", "reference", "--out", tmp_path / "reference")
    assert "already stored" in again.stderr


def test_an_unknown_engine_is_refused(tmp_path: Path) -> None:
    result = call("run", scenario_in(tmp_path), "--engine", "mesa")
    assert result.exit_code == 2
    assert "batch, reference" in result.stderr
