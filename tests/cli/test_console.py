"""Consoles: their language, their encoding, their width; and how long a user waits for the first word."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import jsonschema
import pytest
from rich.cells import cell_len

from clustersim import scenario
from clustersim.cli import CATALOGUES
from clustersim.cli.starting import renamed, shipped_scenarios
from clustersim.messages import LANGUAGES, catalogue
from clustersim.render import terminal
from clustersim.reports.wording import byte_size, duration
from clustersim.spec.parameters import MODEL_PARAMETERS
from command import call, environment, files_in, process
from towns import scenario_in

HEAVY = ("numpy", "pandas", "scipy", "matplotlib", "pyarrow", "pydantic", "ruamel", "psutil", "rich", "mesa", "SALib")
XINQIAO = shipped_scenarios()["xinqiao"]
SAY_WHAT_IS_LOADED = """\
import sys
from clustersim.cli import main
try:
    main(sys.argv[1:], "clustersim")
finally:
    print("", *(name for name in {names} if name in sys.modules), file=sys.stderr)
"""


def test_help_waits_for_no_heavy_library() -> None:
    script = f"import sys, clustersim.cli; print([name for name in {HEAVY} if name in sys.modules])"
    words = [sys.executable, "-c", script]
    assert printed(words) == "[]\n"


@pytest.mark.parametrize(
    ("words", "needed"),
    [
        (["--help"], set()),
        (["run", "--help"], set()),
        (["check", XINQIAO], {"numpy", "pydantic", "ruamel", "psutil", "rich"}),
        (["check", "--numbers", XINQIAO], {"numpy", "pydantic", "ruamel", "psutil", "rich"}),
        (["list", "policies"], {"numpy", "ruamel", "rich"}),
        (["list", "measures"], {"numpy", "rich"}),
        (["new", "town"], {"numpy", "pydantic", "ruamel", "rich"}),
    ],
)
def test_a_verb_loads_only_what_it_needs(words: list[str | Path], needed: set[str], tmp_path: Path) -> None:
    script = SAY_WHAT_IS_LOADED.format(names=HEAVY)
    command = [sys.executable, "-c", script, *map(str, words)]
    done = subprocess.run(command, env=environment({}), capture_output=True, check=True, text=True, cwd=tmp_path)
    assert set(done.stderr.split()) <= needed


def test_python_waits_for_the_package_when_it_is_used() -> None:
    script = f"import sys, clustersim; print([name for name in {HEAVY} if name in sys.modules])"
    assert printed([sys.executable, "-c", script]) == "[]\n"
    script = "import sys, clustersim; clustersim.load; print('scipy.stats' in sys.modules, 'matplotlib' in sys.modules)"
    assert printed([sys.executable, "-c", script]) == "False False\n"


def printed(words: list[str]) -> str:
    return subprocess.run(words, env=environment({}), capture_output=True, check=True, text=True).stdout


@pytest.mark.parametrize("verb", ["run", "check", "new", "schema", "list"])
def test_every_verb_has_help(verb: str) -> None:
    result = call(verb, "--help")
    assert result.exit_code == 0
    assert result.stdout.startswith(f"Usage: main {verb} ")
    assert catalogue()[f"cli.{verb}.help"]["en"] in " ".join(result.stdout.split())


def test_help_is_chinese_where_the_user_reads_chinese() -> None:
    shown = process("--help", CLUSTERSIM_LANG="zh").stdout.decode()
    assert shown.startswith("用法: clustersim")
    assert "选项:" in shown
    assert "命令:" in shown
    assert "在相同种子下运行" in shown


def test_without_a_verb_there_is_help() -> None:
    result = call()
    assert result.exit_code == 0
    assert "Commands:" in result.stdout


@pytest.mark.parametrize("encoding", ["gbk", "cp437", "ascii"])
def test_a_console_that_lacks_characters_shows_what_it_can(tmp_path: Path, encoding: str) -> None:
    result = process("check", scenario_in(tmp_path), "--lang", "zh", PYTHONIOENCODING=encoding)
    assert (result.returncode, result.stderr) == (0, b"")
    assert ("集群党委" in result.stdout.decode(encoding)) == (encoding == "gbk")
    assert b"cluster_committee" in result.stdout


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", CATALOGUES)
def test_a_catalogue_is_readable_at_80_columns(name: str, language: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setenv("TERM", "dumb")
    result = call("list", name, "--lang", language)
    assert result.exit_code == 0
    assert max(cell_len(line) for line in result.stdout.splitlines()) <= 80


def test_a_catalogue_in_a_file_has_whole_lines() -> None:
    shown = call("list", "parameters").stdout
    meanings = [entry["en"] for key, entry in catalogue().items() if key.removeprefix("parameter.") in MODEL_PARAMETERS]
    assert all(f"    {meaning}\n" in shown for meaning in meanings)
    assert "\nfriction = 0.05  (" in shown


def test_a_line_of_chinese_is_broken_where_it_is_full() -> None:
    console = terminal.Console(width=20, force_terminal=True)
    pieces = terminal._wrapped("- 最近 12 个月内已配对的货物需求位占全部货物需求位", 2, console)
    assert [cell_len(piece) for piece in pieces[:-1]] == [20, 20]
    assert all(piece.startswith("  ") for piece in pieces[1:])


@pytest.mark.parametrize("language", LANGUAGES)
def test_check_says_what_the_run_needs_and_what_to_collect(language: str) -> None:
    result = call("check", XINQIAO, "--lang", language)
    assert result.exit_code == 0
    words = catalogue()
    for key in ("cli.check.costs", "cli.check.collect", "cli.check.fixed"):
        assert words[key][language] in result.stdout
    arm = {"en": "Chain leader, equal money", "zh": "链长制（同等资金）"}[language]
    assert arm in result.stdout
    assert "- reroute = 0.5" in result.stdout
    assert "MB" in result.stdout
    assert "{" not in result.stdout


def test_check_lists_every_number_with_what_it_rests_on() -> None:
    shown = call("check", "--numbers", XINQIAO).stdout.splitlines()
    assert [line for line in shown if line.startswith("parameters.")] != []
    assert len([line for line in shown if line.startswith("parameters.")]) == len(MODEL_PARAMETERS)
    assert "parameters.reroute = 0.5  share [assumption]" in shown
    assert (
        "policies.cluster_committee.fusion_projects.projects = 50  projects a year per 100 firms"
        in shown[[line.startswith("policies.cluster_committee.fusion_projects.projects") for line in shown].index(True)]
    )
    assert all(line.endswith("]") for line in shown)
    assert "evidence: xinqiao.fusion_projects_2021]" in "".join(shown)
    assert call("check", "--numbers", "--evidence", XINQIAO).exit_code == 2


def test_check_lists_what_should_be_looked_at(tmp_path: Path) -> None:
    shown = call("check", scenario_in(tmp_path)).stdout
    assert "Please check:\n- time.burn_in: 6 lies outside the plausible range" in shown
    assert "Warnings: 1." in shown


@pytest.mark.parametrize(
    ("seconds", "said"),
    [(0.1, "2 seconds"), (100, "100 seconds"), (3600, "60 minutes"), (9e4, "25 hours"), (9e5, "10 days")],
)
def test_a_time_is_reported_in_a_fitting_unit(seconds: float, said: str) -> None:
    assert duration(seconds) == said


def test_an_amount_is_reported_in_a_fitting_unit() -> None:
    assert [byte_size(size) for size in (10, 12.4e6, 2.56e9)] == ["1 MB", "12 MB", "2.6 GB"]


@pytest.mark.parametrize("roster", [False, True])
@pytest.mark.parametrize("name", ["my_town", "我的镇", "2024", "true"])
def test_a_new_scenario_can_be_checked_at_once(tmp_path: Path, name: str, roster: bool) -> None:
    made = call("new", tmp_path / name, *(["--roster"] if roster else []))
    assert made.exit_code == 0
    expected = {f"{name}.yaml"} | ({f"{name}_firms.csv"} if roster else set())
    assert files_in(tmp_path) == expected
    found = scenario.load(tmp_path / f"{name}.yaml")
    assert (found.name, found.title["zh"]) == (name, name)
    assert call("check", tmp_path / f"{name}.yaml").exit_code == 0


def test_a_new_scenario_claims_none_of_the_facts_of_another_place() -> None:
    written = renamed(XINQIAO.read_text(encoding="utf-8"), "mine", "xinqiao")
    intro, _, rest = written.partition("schema: 1")
    assert intro.startswith("# Made from the scenario xinqiao.")
    assert "xinqiao" not in rest.lower().replace("xinqiao: 1.0", "")


def test_the_schema_in_a_file_is_that_on_the_screen(tmp_path: Path) -> None:
    result = call("schema", "--out", tmp_path / "schema.json", "--lang", "zh")
    assert result.exit_code == 0
    written = (tmp_path / "schema.json").read_bytes()
    assert written.decode("utf-8") == call("schema", "--lang", "zh").stdout
    jsonschema.Draft202012Validator.check_schema(json.loads(written))
