"""The documentation says what the code does: generated pages are current, keys are told, links lead somewhere."""

from __future__ import annotations

import importlib
import importlib.util
import re
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

import clustersim
from clustersim import instruments, scenario
from clustersim.mechanisms import schedule
from clustersim.scenario.events import EVENTS
from clustersim.spec import month, state
from clustersim.spec.parameters import MODEL_PARAMETERS

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
ODD = DOCS / "odd.md"
CODE = r"(?:arrays|engines|experiment|instruments|measures|mechanisms|population|reference|spec)(?:\.\w+)+"
COLUMNS_OF = {"State": state.State, "Population": state.Population} | {
    one.__name__: one for one in (month.Environment, month.Flows)
}
WRITTEN = [ROOT / "README.md", ROOT / "CHANGELOG.md", *DOCS.glob("**/*.md")]

sys.path.append(str(DOCS))  # generate.py has parts of its own


def generator() -> ModuleType:
    found = importlib.util.spec_from_file_location("generate", DOCS / "generate.py")
    assert found is not None and found.loader is not None
    module = importlib.util.module_from_spec(found)
    found.loader.exec_module(module)
    return module


def test_the_generated_pages_are_current() -> None:
    old = [file for file, text in generator().pages().items() if (DOCS / file).read_text(encoding="utf-8") != text]
    assert not old, "run: python docs/generate.py"


def test_every_key_of_a_scenario_is_explained() -> None:
    text = (DOCS / "scenario.md").read_text(encoding="utf-8")
    schema = scenario.json_schema()
    models = [name for name in schema["$defs"] if name[0].isupper() and name not in ("Parameters", "Arm")]
    keys = {*schema["properties"]} | {key for name in models for key in schema["$defs"][name]["properties"]}
    keys |= {"preset", "without", "members", *EVENTS}
    assert not [key for key in sorted(keys) if not re.search(rf"(^|[`{{ ]){key}[`:}},]", text, re.MULTILINE)]


def test_the_protocol_tells_every_parameter_and_state_variable() -> None:
    text, written = ODD.read_text(encoding="utf-8"), generator()
    names = [*state.COLUMNS, *MODEL_PARAMETERS]
    assert not [name for name in names if f"\n| `{name}` |" not in text]
    assert not [name for name in instruments.names() if written._of_instrument(name) not in text]


def test_the_protocol_tells_the_steps_of_a_month_in_order() -> None:
    told = re.findall(r"^\| \d \| (\w+) \|", ODD.read_text(encoding="utf-8"), re.MULTILINE)
    assert told == [name for name, _ in schedule.steps([], [], None)]


def test_the_code_that_the_protocol_names_exists() -> None:
    text = ODD.read_text(encoding="utf-8")
    named = re.findall(rf"`({CODE})`", text)
    assert len(named) > 50
    assert not [name for name in named if not _exists(name)]
    columns = re.findall(rf"`({'|'.join(COLUMNS_OF)})\.(\w+)`", text)
    assert not [name for owner, name in columns if name not in COLUMNS_OF[owner].__annotations__]


def test_the_month_that_the_protocol_shows_can_be_watched(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    [shown] = re.findall(r"```python\n(.*?)```", ODD.read_text(encoding="utf-8"), re.DOTALL)
    monkeypatch.chdir(ROOT)
    exec(shown, {})
    told = [line.split()[0] for line in capsys.readouterr().out.splitlines()]
    assert told == [name for name, _ in schedule.steps([], [], None)]


def _exists(name: str) -> bool:
    """Whether there is such a module, or such a name in one. The readable twin stands below `engines`."""
    found: Any = clustersim
    for part in re.sub(r"^reference\b", "engines.reference", name).split("."):
        if hasattr(found, "__path__") and importlib.util.find_spec(f"{found.__name__}.{part}"):
            found = importlib.import_module(f"{found.__name__}.{part}")
        elif hasattr(found, part):
            found = getattr(found, part)
        else:
            return False
    return True


@pytest.mark.parametrize("file", WRITTEN, ids=lambda file: file.relative_to(ROOT).as_posix())
def test_links_within_a_page_lead_somewhere(file: Path) -> None:
    text = file.read_text(encoding="utf-8")
    titles = re.findall(r"^#+ (.*)$", text, re.MULTILINE)
    known = {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in titles}
    assert not [anchor for anchor in re.findall(r"\]\(#([^)]+)\)", text) if anchor not in known]


@pytest.mark.parametrize("file", WRITTEN, ids=lambda file: file.relative_to(ROOT).as_posix())
def test_links_lead_somewhere(file: Path) -> None:
    targets = re.findall(r"\]\((?!https?:)([^)#]+)[^)]*\)", file.read_text(encoding="utf-8"))
    assert not [target for target in targets if not (file.parent / target).exists()]


def test_the_scenarios_of_the_documentation_are_right(tmp_path: Path) -> None:
    blocks = [
        block
        for file in (DOCS / "scenario.md", DOCS / "guide.md")
        for block in re.findall(r"```yaml\n(schema: 1\n.*?)```", file.read_text(encoding="utf-8"), re.DOTALL)
    ]
    assert blocks
    for block in blocks:
        (tmp_path / "firms.csv").write_text("id,chain\nF1,equipment\nF2,components\n", encoding="utf-8")
        scenario.loads(block, folder=tmp_path)


def test_no_measured_table_is_empty() -> None:
    """`docs/measure.py` and `docs/calibrate.py` have filled all of their places."""
    pages = {file: file.read_text(encoding="utf-8") for file in DOCS.glob("*.md")}
    tables = {
        (file.name, found[1]): found[2]
        for file, text in pages.items()
        for found in re.finditer(r"<!-- table (.+?) -->\n(.*?)<!-- end -->", text, re.DOTALL)
    }
    assert len(tables) > 20
    assert not [name for name, content in tables.items() if content.count("|") < 10]


def test_each_validation_scenario_and_each_place_has_its_table() -> None:
    text = "".join((DOCS / page).read_text(encoding="utf-8") for page in ("validation.md", "places.md"))
    folder = ROOT / "scenarios"
    names = [file.stem for file in folder.glob("validation/*.yaml")]
    names += [f"{file.stem} results" for file in folder.glob("*.yaml") if file.stem != "named_firms"]
    assert not [name for name in names if f"<!-- table {name} -->" not in text]


def test_the_fit_began_at_the_defaults_and_hardly_moved_them() -> None:
    """The page and the registries tell the same numbers; the defaults met the targets and were kept."""
    text = (DOCS / "calibration.md").read_text(encoding="utf-8")
    number = r"([\d.]+)"
    row = rf"^\| `(\w+)` \| {number} to {number} \| {number} \| {number} \| (?:held|[+-])"
    fitted = {name: tuple(map(float, numbers)) for name, *numbers in re.findall(row, text, re.MULTILINE)}
    groups = instruments.parameters("groups")
    assert set(fitted) >= {"learning", "absorbed", "contact", "referral", "reputation_speed", "elasticity"}
    for name, (low, high, first, fit) in fitted.items():
        assert first == pytest.approx((groups if name in groups else MODEL_PARAMETERS)[name].default), name
        assert abs(fit - first) < 0.2 * (high - low), name
