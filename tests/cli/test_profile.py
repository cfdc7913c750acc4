"""`clustersim run --profile`: the table, what it refuses, and that nothing else changes."""

from __future__ import annotations

import re
from pathlib import Path

import pandas as pd
import pytest
from rich.cells import cell_len

import clustersim as cs
from clustersim.analysis.profile import STAGES
from clustersim.execution.executor import Executor
from clustersim.mechanisms import schedule
from clustersim.messages import LANGUAGES, catalogue, text
from command import call
from spoken import told_in
from towns import scenario_in

pytestmark = pytest.mark.usefixtures("unrendered")

STEPS = [name for name, _ in schedule.steps((), (), None)]
ROW = re.compile(r"^ ( *)(.+?) +([\d.,]+) +([\d.]+)% +([\d.,]*) *$", re.MULTILINE)


def beginning(key: str, language: str) -> str:
    """A sentence of the catalogue up to its first gap."""
    return catalogue()[key][language].split("{")[0]


def table_in(shown: str, language: str) -> str:
    """What is printed from the title of the table on; empty where there is none."""
    return shown.partition(beginning("profile.title", language))[2]


def rows_in(shown: str, language: str) -> list[tuple[bool, str, float, str]]:
    """Whether it is a step, its words, percent, and nanoseconds of each row."""
    return [
        (bool(indent), what, float(share), each)
        for indent, what, _, share, each in ROW.findall(table_in(shown, language))
    ]


@pytest.fixture(name="printed", scope="module", params=LANGUAGES)
def _printed(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> tuple[str, list[str]]:
    """The language, and what is printed with --profile, the same once more, and without it."""
    folder = tmp_path_factory.mktemp("profile")
    words = ("run", scenario_in(folder), "--out", folder / "out", "--assumptions", 0, "--lang", request.param)
    return request.param, [call(*words, *more).stdout for more in (["--profile"], ["--profile"], [])]


def test_the_table_reports_every_step_of_both_stages(printed: tuple[str, list[str]]) -> None:
    language, (shown, *_) = printed
    words = [told_in(language, text, f"profile.step.{name}") for name in STEPS]
    told = [what for is_step, what, *_ in rows_in(shown, language) if is_step]
    assert [what for what in told if what in words] == words * len(STAGES)
    assert beginning("profile.simulated.all", language) in shown
    assert max(cell_len(line) for line in table_in(shown, language).splitlines() if "%" in line) <= 80


def test_shares_add_up(printed: tuple[str, list[str]]) -> None:
    language, (shown, *_) = printed
    rows = rows_in(shown, language)
    for wanted in (True, False):
        shares = [share for is_step, _, share, _ in rows if is_step is wanted]
        assert sum(shares) == pytest.approx(100.0, abs=0.05 * len(shares) + 0.01)
    assert [each != "" for is_step, *_, each in rows if not is_step] == [True, True, False]


def test_a_run_that_is_found_simulates_nothing(printed: tuple[str, list[str]]) -> None:
    language, (_, again, without) = printed
    assert [is_step for is_step, *_ in rows_in(again, language)].count(False) == 1  # around the months
    assert beginning("profile.simulated.none", language) in again
    assert table_in(without, language) == ""


def test_what_was_stored_before_is_reported_apart(tmp_path: Path) -> None:
    words = ("run", scenario_in(tmp_path), "--out", tmp_path / "out", "--assumptions", 0)
    call(*words, "--seeds", 2)
    shown = call(*words, "--seeds", 5, "--profile").stdout
    assert "the 3 seeds simulated now, of 5 seeds" in shown
    assert f"Burn-in, {3 * 10 * 6} firm-months" in shown


@pytest.mark.parametrize("other", [("--jobs", 2), ("--dask", "tcp://nowhere:1"), ("--engine", "reference")])
@pytest.mark.parametrize("language", LANGUAGES)
def test_what_cannot_be_measured_is_refused(tmp_path: Path, other: tuple[str, object], language: str) -> None:
    words = ("run", scenario_in(tmp_path), "--profile", *other, "--out", tmp_path / "out", "--lang", language)
    refused = call(*words)
    assert refused.exit_code == 2
    assert text("cli.run.profile_here") in refused.stderr
    assert not (tmp_path / "out").exists()


def test_from_python_the_same_series_and_a_frame(tmp_path: Path) -> None:
    town = cs.load(scenario_in(tmp_path))
    plain = town.run(seeds=3, out=tmp_path / "plain", assumptions=0)
    measured = town.run(seeds=3, out=tmp_path / "measured", assumptions=0, profile=True)
    for name in ("series", "groups", "firms", "pairs", "spells"):
        pd.testing.assert_frame_equal(plain.table(name), measured.table(name), check_exact=True)
    assert list(measured.profile()) == ["stage", "step", "seconds", "share", "nanoseconds"]
    assert measured.profile()["share"].sum() == pytest.approx(100.0)
    with pytest.raises(ValueError, match="profile=True"):
        plain.profile()
    with pytest.raises(ValueError, match="no jobs"):
        town.run(seeds=3, out=tmp_path, profile=True, executor=Executor(jobs=2))
    with pytest.raises(ValueError, match="no other engine"):
        town.run(seeds=3, out=tmp_path, profile=True, engine="reference")
