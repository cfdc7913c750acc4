"""The documentation says what the code does: generated pages are current, keys are told, links lead somewhere."""

from __future__ import annotations

import importlib.util
import re
from pathlib import Path
from types import ModuleType

import pytest

from clustersim import scenario
from clustersim.scenario.events import EVENTS

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
WRITTEN = [ROOT / "README.md", ROOT / "CHANGELOG.md", *DOCS.glob("**/*.md")]


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
