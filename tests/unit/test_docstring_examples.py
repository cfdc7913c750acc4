"""The examples in the docstrings of the Python interface, run in a folder with a small town and a study of it."""

from __future__ import annotations

import doctest
from pathlib import Path

import pytest

import clustersim as cs

pytestmark = pytest.mark.usefixtures("unrendered")

TOWN = """\
schema: 1
name: my_town
time: {burn_in: 6, horizon: 12}
population:
  firms: 20
  sites: {East: 0.5, West: 0.5}
  chains: {parts: {tiers: 2, share: 0.5}, machines: {tiers: 2, share: 0.5}}
policies:
  visits: {members: all, groups: {size: 5}, forum: {}}
seeds: 4
"""
STUDY = """\
schema: 1
study: sweep
name: ranges
scenario: my_town.yaml
parameters: {parameters.reroute: {}}
design: {method: lhs, size: 3}
seeds: 2
outcomes: [output]
"""
FLAGS = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE
WITH_EXAMPLES = {"language", "load", "load_study", "open_results", "briefing"}
WITH_EXAMPLES |= {f"Experiment.{name}" for name in ("run", "changed", "describe", "model", "agree", "attribute")}
WITH_EXAMPLES |= {f"Run.{name}" for name in ("effects", "summary", "table", "tables", "compare", "profile")}
WITH_EXAMPLES |= {"StudyExperiment.run", "StudyResult.tables", "StudyResult.summary"}


def examples() -> dict[str, doctest.DocTest]:
    """Public name -> its examples."""
    found = [
        one
        for name in cs.__all__
        for one in doctest.DocTestFinder().find(getattr(cs, name), name, module=False, globs={})
        if one.examples
    ]
    return {one.name: one for one in found}


@pytest.fixture(name="folder", scope="module")
def _folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """`my_town.yaml`, `ranges.yaml`, and a finished run of the town."""
    folder = tmp_path_factory.mktemp("examples")
    (folder / "my_town.yaml").write_text(TOWN, encoding="utf-8")
    (folder / "ranges.yaml").write_text(STUDY, encoding="utf-8")
    cs.load(folder / "my_town.yaml").run(out=folder / "results", assumptions=0)
    return folder


def test_every_public_function_has_an_example() -> None:
    assert set(examples()) == WITH_EXAMPLES


@pytest.mark.parametrize("name", sorted(WITH_EXAMPLES))
def test_an_example_does_what_it_shows(folder: Path, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.chdir(folder)
    said: list[str] = []
    result = doctest.DocTestRunner(optionflags=FLAGS).run(examples()[name], out=said.append)
    assert result.failed == 0, "".join(said)
