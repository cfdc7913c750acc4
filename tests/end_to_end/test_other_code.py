"""Results and the code that made them: other words are no other code; results of other code are read, and no more."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from pathlib import Path

import pytest
from studies_in_processes import SCENARIO, STUDY, call, command, content, environment, folder_in, study_in

import clustersim
from clustersim.errors import OtherVersionWarning
from clustersim.messages import LANGUAGES, speaking, text
from clustersim.storage.code_version import code_version
from clustersim.storage.manifest import run_id

OTHER = "0.0.9+00000000"
PACKAGE = Path(clustersim.__file__).parent
POINTS = 3  # of the sweep

CALIBRATION = """\
schema: 1
study: calibrate
name: fitted
scenario: little.yaml
seeds: 2
outcomes: [output]
design: {size: 20}
parameters: {parameters.search: {low: 0.05, high: 0.4, first: 0.1}}
targets: [{observed: 0, error: 40.0}]
check_seeds: 2
draws: 4
"""
OBSERVED = "observed: [{fact: xinqiao.firms, observable: paired_share, arm: no_alliance, months: [7, 12], value: 30}]\n"


def study_of(folder: Path, verb: str, study: str) -> Path:
    result = call(verb, study_in(folder, study, SCENARIO + OBSERVED), "--out", folder / "out")
    assert result.exit_code == 0, result.stderr
    return folder_in(folder / "out")


@pytest.fixture(name="swept", scope="module")
def _swept(tmp_path_factory: pytest.TempPathFactory) -> Path:
    study = re.sub(r"values: \[.*\]", "values: [40, 41, 42]", STUDY)
    return study_of(tmp_path_factory.mktemp("swept"), "sweep", study)


# --- a copy of the package, in which something is changed -----------------------------------------------------------


class Copy:
    """A copy of the package, and commands that it carries out."""

    def __init__(self, folder: Path):
        self.folder = folder
        shutil.copytree(PACKAGE, folder / PACKAGE.name, ignore=shutil.ignore_patterns("__pycache__"))

    def change(self, name: str, pattern: str, put: str) -> None:
        """In a file, where a pattern is first found."""
        file = self.folder / PACKAGE.name / name
        changed, times = re.subn(pattern, put, file.read_text(encoding="utf-8"), count=1, flags=re.MULTILINE)
        assert times == 1
        file.write_text(changed, encoding="utf-8")

    def call(self, *words: object) -> subprocess.CompletedProcess[str]:
        variables = {"PYTHONPATH": str(self.folder), "CLUSTERSIM_LANG": "en"}
        return subprocess.run(command(*words), env=environment(variables), capture_output=True, text=True, check=False)


@pytest.fixture(name="copy")
def _copy(tmp_path: Path) -> Copy:
    return Copy(tmp_path / "copy")


def test_other_words_and_pictures_leave_results_valid(swept: Path, copy: Copy) -> None:
    copy.change("messages/cli.toml", r"All \{done\} blocks are already stored", "There are {done} blocks already")
    copy.change("figures/style.py", r"^WIDTH = 6\.3", "WIDTH = 6.4")
    copy.change("reports/run_report.py", r'\A"""', '"""In other words. ')
    copy.change("mechanisms/production.py", r'\A"""', '"""In other words. ')
    copy.change("policies/hybrid.yaml", r"\A#", "# In other words.\n#")
    blocks = {path: path.stat().st_mtime_ns for path in (swept / "blocks").iterdir()}
    done = copy.call("resume", swept)
    assert done.returncode == 0, done.stderr
    assert f"There are {POINTS} blocks already" in done.stderr
    assert {path: path.stat().st_mtime_ns for path in (swept / "blocks").iterdir()} == blocks
    assert folder_in(swept.parents[1]) == swept  # no second one


def test_another_formula_refuses_to_go_on_and_still_reads(swept: Path, copy: Copy) -> None:
    copy.change("mechanisms/production.py", r"^    return ", "    return 2 * ")
    before = content(swept)
    for verb in ("resume", "verify"):
        done = copy.call(verb, swept)
        assert done.returncode == 2, done.stderr
        assert f"it was started with clustersim {code_version()}, and this is " in done.stderr
        assert "It can still be read: clustersim brief, clustersim whence." in done.stderr
    done = copy.call("brief", swept, "--out", copy.folder / "pack")
    assert done.returncode == 0, done.stderr
    [warning] = done.stderr.splitlines()
    assert re.match(rf"Warning: {swept} was made by clustersim {re.escape(code_version())}; this is ", warning)
    done = copy.call("whence", copy.folder / "pack" / "brief.docx", "--results", swept.parents[1])
    assert done.returncode == 0, done.stderr
    [warning] = done.stderr.splitlines()
    assert re.match(rf"Warning: .*the numbers were made by {re.escape(code_version())} and may differ\.", warning)
    assert f"clustersim {code_version()}" in done.stdout
    assert content(swept) == before


# --- as if other code had made them ---------------------------------------------------------------------------------


def made_by_other_code(folder: Path, to: Path) -> Path:
    """A copy of a folder as another version of the code would have named and signed it, with its parts."""
    moved = to / folder.parent.name / folder.name
    shutil.copytree(folder, moved)
    for file in sorted(moved.rglob("manifest.json"), key=lambda file: -len(file.parts)):
        manifest = json.loads(file.read_text(encoding="utf-8"))
        manifest["code_version"] = OTHER
        manifest["run_id"] = run_id({**manifest["identity"], "scenario": manifest["scenario"], "code": OTHER})
        file.write_text(json.dumps(manifest), encoding="utf-8")
        named = file.parent.rename(file.parent.with_name(manifest["run_id"]))
    return named


@pytest.fixture(name="fitted", scope="module")
def _fitted(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return study_of(tmp_path_factory.mktemp("fitted"), "calibrate", CALIBRATION)


@pytest.mark.parametrize("language", LANGUAGES)
def test_results_of_other_code_are_opened_with_a_warning(fitted: Path, tmp_path: Path, language: str) -> None:
    folder = made_by_other_code(fitted, tmp_path)
    with speaking(language):
        said = text("open.other_version", folder=folder, then=OTHER, now=code_version())
        with pytest.warns(OtherVersionWarning) as caught:
            found = clustersim.open_results(folder)
        known = clustersim.open_results(fitted)
    assert [str(warning.message) for warning in caught] == [said]
    assert caught[0].filename == __file__
    assert isinstance(found, clustersim.StudyResult) and isinstance(known, clustersim.StudyResult)
    assert found.summary() == known.summary()
    for name, table in known.tables().items():
        assert found.tables()[name].equals(table)


def test_other_packages_are_told_and_another_layout_is_refused(swept: Path, tmp_path: Path) -> None:
    folder = made_by_other_code(swept, tmp_path)
    file = folder / "manifest.json"
    manifest = json.loads(file.read_text(encoding="utf-8"))
    manifest["code_version"] = code_version()
    manifest["packages"]["numpy"] = "1.0"
    manifest["run_id"] = run_id({**manifest["identity"], "scenario": manifest["scenario"], "code": code_version()})
    file.write_text(json.dumps(manifest), encoding="utf-8")
    with pytest.warns(OtherVersionWarning, match=r"was made with numpy 1\.0; here: numpy "):
        clustersim.open_results(folder)
    assert call("status", folder).exit_code == 0
    manifest["identity"]["layout"] = 1
    file.write_text(json.dumps(manifest), encoding="utf-8")
    result = call("brief", folder)
    assert result.exit_code == 2
    assert "its tables have layout 1, and this version reads layout " in result.stderr


def test_points_that_are_laid_out_otherwise_are_not_mixed_up(swept: Path, tmp_path: Path) -> None:
    """As if the design of the study were now another one: rows of the design would find the wrong points."""
    folder = made_by_other_code(swept, tmp_path)
    file = folder / "manifest.json"
    manifest = json.loads(file.read_text(encoding="utf-8"))
    manifest["identity"]["job"]["points"].reverse()
    manifest["run_id"] = run_id({**manifest["identity"], "scenario": manifest["scenario"], "code": OTHER})
    file.write_text(json.dumps(manifest), encoding="utf-8")
    result = call("brief", folder)
    assert result.exit_code == 2
    assert f"chooses the points of the study differently from {OTHER}, which started it" in result.stderr
