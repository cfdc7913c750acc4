"""What the README promises a newcomer: the shipped scenario runs, says what it found, and Python says the same."""

from __future__ import annotations

import re
import struct
from collections.abc import Iterator
from pathlib import Path

import pandas as pd
import pytest
from click.testing import CliRunner

import clustersim as cs
from clustersim.cli import main
from clustersim.messages import LANGUAGES

pytestmark = pytest.mark.usefixtures("unrendered")

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")
INDEX = (ROOT / "docs" / "index.md").read_text(encoding="utf-8")
SCENARIO = ROOT / "scenarios" / "xinqiao.yaml"
SEEDS, POINTS = 4, 2


@pytest.fixture(name="results", scope="module")
def _results(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("results")


@pytest.fixture(name="run", scope="module")
def _run(results: Path) -> Iterator[cs.Run]:
    yield cs.load(SCENARIO).run(seeds=SEEDS, out=results, assumptions=POINTS)


def said(results: Path, language: str) -> str:
    words = [
        "run",
        str(SCENARIO),
        "--seeds",
        str(SEEDS),
        "--assumptions",
        str(POINTS),
        "--out",
        str(results),
        "--lang",
        language,
    ]
    result = CliRunner().invoke(main, words)
    assert result.exit_code == 0
    return result.stdout


def test_the_first_command_shows_three_policies_and_three_measures(run: cs.Run, results: Path) -> None:
    shown = said(results, "en")
    for words in ("No alliance", "Cluster committee", "Chain leader", "Pairing rate", "Output", "Value added"):
        assert words in shown
    assert f"{SEEDS} seeds" in shown
    assert str(run.folder.path) in shown
    assert "The assumption range, separate from the sampling interval" in shown


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_terminal_the_report_and_python_say_the_same(run: cs.Run, results: Path, language: str) -> None:
    shown = said(results, language)
    report = (run.folder.path / "report.md").read_text(encoding="utf-8")
    for sentence in run.summary():
        assert sentence in shown
        assert sentence in report


def test_the_table_of_effects_is_that_of_the_file(run: cs.Run) -> None:
    written = pd.read_csv(run.folder.path / "effects.csv")
    pd.testing.assert_series_equal(written["effect"], run.effects()["effect"], check_exact=False)
    assert (written["seeds"].dropna() <= SEEDS).all()
    output = written[written["measure"] == "output"].set_index("arm")
    parts = written[written["measure"].isin(["local_sales", "outside_sales"])].groupby("arm")["effect"].sum()
    assert parts.to_dict() == pytest.approx((output["level"] - output["baseline"]).to_dict())


def test_changed_scenarios_run_beside_the_first_and_are_compared(run: cs.Run, results: Path) -> None:
    other = cs.load(SCENARIO).changed({"parameters.reroute": 1.0}).run(seeds=SEEDS, out=results, assumptions=0)
    assert other.folder.path != run.folder.path
    side_by_side = run.compare(other).set_index(["arm", "measure"])
    assert side_by_side.loc[("cluster_committee", "output"), "difference"] < 0
    assert (side_by_side["seeds"] == SEEDS).all()


def test_the_lines_of_python_on_the_first_page_work(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (lines,) = re.findall(r"```python\n(.*?)```", INDEX, re.DOTALL)
    (tmp_path / "scenarios").mkdir()
    (tmp_path / "scenarios" / "xinqiao.yaml").write_bytes(SCENARIO.read_bytes())
    monkeypatch.chdir(tmp_path)
    names: dict[str, object] = {}
    exec(lines.replace("seeds=60", f"seeds=2, assumptions={POINTS}"), names)
    assert isinstance(names["effects"], pd.DataFrame)
    assert (tmp_path / "results" / "xinqiao").is_dir()


def test_the_commands_of_the_readme_name_what_is_there() -> None:
    scenarios = re.findall(r"clustersim run (\S+\.yaml)", README)
    assert scenarios
    assert all((ROOT / name).is_file() for name in scenarios)
    commands = set(re.findall(r"(?:`|uv run )clustersim ([a-z]+)", README + INDEX))
    assert {"run", "brief", "check", "agree"} <= commands <= set(main.commands)


def test_the_picture_of_the_readme_is_small_and_of_print_width() -> None:
    (name,) = re.findall(r"!\[[^]]*\]\(([^)]+)\)", README)
    content = (ROOT / name).read_bytes()
    assert len(content) < 200_000
    assert struct.unpack(">I", content[16:20]) == (1260,)


def test_no_text_of_the_documentation_claims_a_cause() -> None:
    pages = [README, *(file.read_text(encoding="utf-8") for file in (ROOT / "docs").glob("**/*.md"))]
    found = [one for page in pages for one in re.findall(r"[^.]*\b(?:caused|led to|thanks to)\b[^.]*", page)]
    assert not [sentence for sentence in found if not re.search(r"\b(?:does not|neither .*) show that\b", sentence)]
