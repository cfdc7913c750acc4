"""The scripts that fit the defaults and measure the pages: what they choose, and that they run."""

from __future__ import annotations

import importlib
import sys
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

ROOT = Path(__file__).parents[2]


@pytest.fixture(name="script")
def _script(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    monkeypatch.syspath_prepend(str(ROOT / "docs"))
    for name in ("calibrate", "measure", "pages"):
        sys.modules.pop(name, None)
    return importlib.import_module("calibrate")


def targets(calibrate: ModuleType, points: np.ndarray) -> np.ndarray:
    """Means that only learning moves, from 0 at the one end of its range to twice the estimate at the other."""
    learning = list(map(calibrate.short, calibrate.FIRST)).index("learning")
    low, high = calibrate.spans()[learning]
    share = (points[:, learning] - low) / (high - low)
    means = np.tile([float(one.estimate) for one in calibrate.TARGETS], (len(points), 1))
    means[:, 0] *= 2.0 * share
    return means


def test_a_fit_moves_what_the_targets_ask_for_and_nothing_else(script: ModuleType) -> None:
    points = script.design(120)
    found = dict(zip(map(script.short, script.FIRST), script.best(points, targets(script, points)), strict=True))
    first = {script.short(path): value for path, value in script.FIRST.items()}
    assert found["learning"] == pytest.approx(0.008, rel=0.02)  # the middle of its range, where it began
    moved = targets(script, points)
    moved[:, 0] *= 0.5  # now the estimate lies at the end of the range: the penalty holds the parameter back
    found = dict(zip(map(script.short, script.FIRST), script.best(points, moved), strict=True))
    assert 0.0085 < found["learning"] < 0.012
    for name in ("productivity_reversion", "elasticity", "conversion"):
        assert found[name] == first[name]
    for name in ("contact", "referral", "reputation_speed"):
        assert found[name] == pytest.approx(first[name], rel=0.05)


def test_points_that_meet_all_targets(script: ModuleType) -> None:
    means = np.array([[one.estimate + miss * one.error for one in script.TARGETS] for miss in (0.0, 1.9, -2.1)])
    assert script.meet_all(means).tolist() == [True, True, False]


def test_a_page_of_findings_is_measured(script: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    measure = importlib.import_module("measure")
    monkeypatch.setattr(measure, "VALIDATION_SEEDS", 5)
    table = measure.validation(ROOT / "scenarios" / "validation" / "information_only.yaml").splitlines()
    assert len(table) == 2 + 4
    assert table[0].startswith("| what | months | wanted |")


def test_a_table_stands_where_its_name_is(script: ModuleType, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    pages = importlib.import_module("pages")
    monkeypatch.setattr(pages, "DOCS", tmp_path)
    page = tmp_path / "page.md"
    page.write_text("a\n<!-- table one -->\nold\n<!-- end -->\n<!-- table two -->\nkept\n<!-- end -->\nz\n")
    pages.fill("page.md", {"one": "new"})
    pages.fill("page.md", {"one": "new"})
    assert page.read_text() == "a\n<!-- table one -->\nnew\n<!-- end -->\n<!-- table two -->\nkept\n<!-- end -->\nz\n"
    with pytest.raises(ValueError, match="three"):
        pages.fill("page.md", {"three": "new"})
