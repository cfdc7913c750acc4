"""Makes the helpers that stand beside this file importable from every kind of test, and settles the language."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from clustersim.messages import speaking


@pytest.fixture(autouse=True)
def _spoken(request: pytest.FixtureRequest) -> Iterator[None]:
    """A test that has a parameter `language` hears that language, every other one English."""
    parameters = request.node.callspec.params if hasattr(request.node, "callspec") else {}
    with speaking(parameters.get("language", "en")):
        yield
