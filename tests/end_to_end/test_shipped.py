"""What is shipped can be carried out from the command line: every place is run, every report laid beside the model."""

from __future__ import annotations

from pathlib import Path

import pytest

from command import call

pytestmark = pytest.mark.usefixtures("unrendered")

FOLDER = Path(__file__).parents[2] / "scenarios"
PLACES = sorted(FOLDER.glob("*.yaml"))
LARGE = ("songjiang", "wujin", "zhuzhou")  # whose runs take half a minute and more
OBSERVED = [
    file
    for file in [*PLACES, *sorted(FOLDER.glob("validation/*.yaml"))]
    if "\nobserved:" in file.read_text(encoding="utf-8")
]
STUDIES = sorted(FOLDER.glob("studies/*.yaml"))
ALL_POINTS = pytest.param(8, marks=pytest.mark.slow)


def name(value: object) -> str | None:
    return value.stem if isinstance(value, Path) else None


@pytest.mark.parametrize("points", [1, ALL_POINTS])
@pytest.mark.parametrize(
    "place", [pytest.param(one, marks=pytest.mark.slow) if one.stem in LARGE else one for one in PLACES], ids=name
)
def test_a_place_is_run(place: Path, points: int, tmp_path: Path) -> None:
    done = call("run", place, "--seeds", 2, "--assumptions", points, "--out", tmp_path)
    assert done.exit_code == 0, done.output
    (report,) = tmp_path.glob("*/*/report.md")
    assert str(report.parent) in done.stdout
    assert "nan" not in done.stdout


@pytest.mark.parametrize("file", OBSERVED, ids=name)
def test_what_was_reported_is_compared_with_the_model(file: Path) -> None:
    done = call("check", "--evidence", file, "--seeds", 2)
    assert done.exit_code == 0, done.output
    assert "2 seeds" in done.stdout


@pytest.mark.parametrize("file", STUDIES, ids=name)
def test_a_study_is_valid(file: Path) -> None:
    assert call("check", file).exit_code == 0


def test_something_is_shipped_of_each_kind() -> None:
    assert len(PLACES) >= 6
    assert len(OBSERVED) >= 10
    assert len(STUDIES) >= 4
