"""The how-to pages: their scenarios and studies can be carried out, their commands and options exist."""

from __future__ import annotations

import re
import shlex
import tomllib
from pathlib import Path

import click
import pytest

from clustersim import scenario
from clustersim.cli import main
from clustersim.studies import study_file

DOCS = Path(__file__).parents[2] / "docs"
PAGES = sorted((DOCS / "how_to").glob("*.md"))
YAML = re.compile(r"^```yaml\n(schema: 1\n.*?)^```", re.DOTALL | re.MULTILINE)
FILE = re.compile(r"^```csv file=(\S+)\n(.*?)^```", re.DOTALL | re.MULTILINE)
COMMAND = re.compile(r"clustersim ([^\n`|]+)")
NAMES = [page.stem for page in PAGES]


def written(page: Path, folder: Path) -> list[Path]:
    """The files that a page tells to write, put into a folder; a study needs the scenario of another page."""
    text = page.read_text(encoding="utf-8")
    for name, content in FILE.findall(text):
        (folder / name).write_text(content, encoding="utf-8")
    files = []
    for content in YAML.findall(text):
        name = re.search(r"^name: (\w+)", content, re.MULTILINE)
        assert name is not None
        files.append(folder / f"{name[1]}.yaml")
        files[-1].write_text(content, encoding="utf-8")
    return files


def test_the_files_of_the_pages_are_right(tmp_path: Path) -> None:
    files = [file for page in PAGES for file in written(page, tmp_path)]
    assert len(files) >= 5
    for file in files:
        is_study = "\nstudy: " in file.read_text(encoding="utf-8")
        (study_file.load if is_study else scenario.load)(file)


@pytest.mark.parametrize("page", PAGES, ids=NAMES)
def test_the_commands_of_a_page_exist(page: Path) -> None:
    commands = [shlex.split(line) for line in COMMAND.findall(page.read_text(encoding="utf-8"))]
    commands = [words for words in commands if words[0] in main.commands]
    assert commands
    for verb, *words in commands:
        asked = {word for word in words if word.startswith("--")}
        assert asked <= options(main.commands[verb]), f"{verb} {words}"


def options(command: click.Command) -> set[str]:
    return {name for param in command.params for name in param.opts}


def test_the_instrument_of_the_page_is_complete() -> None:
    """It has what `instruments` asks of a file, and words for each of its parameters in both languages."""
    text = (DOCS / "how_to" / "new_instrument.md").read_text(encoding="utf-8")
    code, words = (re.search(rf"```{kind}\n(.*?)```", text, re.DOTALL) for kind in ("python", "toml"))
    assert code is not None and words is not None
    made: dict[str, object] = {}
    exec(code[1], made)
    parameters = made["PARAMETERS"]
    assert isinstance(parameters, tuple) and {"levers", "planned"} <= set(made)
    told = tomllib.loads(words[1])
    assert set(told["parameter"]["mediation"]) == {parameter.name for parameter in parameters}
    entries = [*told["parameter"]["mediation"].values(), *told["instrument"]["mediation"].values()]
    assert all(set(entry) == {"en", "zh"} for entry in entries)
