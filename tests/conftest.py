"""Makes the helpers that stand beside this file importable from every kind of test, settles the language, and holds
what several modules share."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

import shared
from clustersim.messages import speaking

LONGEST_FIRST = ("end_to_end", "equivalence", "cli")  # so that no worker is left alone with a long module in the end


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    places = {name: place for place, name in enumerate(LONGEST_FIRST)}
    items.sort(key=lambda item: places.get(item.path.parent.name, len(places)))


@pytest.fixture(autouse=True)
def _spoken(request: pytest.FixtureRequest) -> Iterator[None]:
    """A test that has a parameter `language` hears that language, every other one English."""
    parameters = request.node.callspec.params if hasattr(request.node, "callspec") else {}
    with speaking(parameters.get("language", "en")):
        yield


@pytest.fixture(name="unrendered", scope="module")
def _unrendered() -> Iterator[None]:
    """For a module that is not about pictures: figures are drawn, and files of one grey dot are stored in their place.

    Rendering them is half of the time that a small run takes. Use it as a `pytestmark`, so that it comes first.
    """
    with shared.unrendered():
        yield


@pytest.fixture(scope="session")
def town_run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of results with a finished run of `towns.BOTH`, made once in a session; to be copied before a change."""
    return shared.once(tmp_path_factory, "town_run", shared.run_town)


@pytest.fixture(scope="session")
def town_packs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same with its briefing packs in both languages below the run, where `brief` puts them."""
    return shared.once(tmp_path_factory, "town_packs", lambda folder: shared.brief_town(tmp_path_factory, folder))
