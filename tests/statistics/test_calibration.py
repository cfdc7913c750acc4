"""The scripts that fit the defaults and measure the pages: what they choose, and that they run."""

from __future__ import annotations

import importlib
import sys
from pathlib import Path
from types import ModuleType

import pandas as pd
import pytest

ROOT = Path(__file__).parents[2]


@pytest.fixture(name="script")
def _script(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    monkeypatch.syspath_prepend(str(ROOT / "docs"))
    for name in ("calibrate", "measure", "pages"):
        sys.modules.pop(name, None)
    return importlib.import_module("calibrate")


def test_the_tables_of_the_calibration_say_what_is_there(script: ModuleType) -> None:
    names = ["policies.meetings.groups.learning", "parameters.elasticity"]
    columns = {"low": [0.004, 1.5], "high": [0.012, 4.0], "first": [0.008, 3.0], "fit": [0.0084, 3.0]}
    fit = pd.DataFrame({"parameter": names, **columns, "moved": [0.05, 0.0], "free": [True, False]})
    rows = script.moves(fit).splitlines()[2:]
    assert rows == [
        "| `learning` | 0.004 to 0.012 | 0.008 | 0.0084 | +5% of its range |",
        "| `elasticity` | 1.5 to 4 | 3 | 3 | held |",
    ]
    found = pd.DataFrame({"parameter": names, "sales": [0.55, -0.14]})
    rows = script.correlations(found, pd.DataFrame({"surface_r_squared": [0.994]})).splitlines()[2:]
    assert rows == ["| `learning` | +0.55 |", "| `elasticity` |  |", "| R² of the surface | 0.99 |"]


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
