"""Whether a file is a study: asked of every scenario, and so without what studies are made of."""

from __future__ import annotations

from clustersim.scenario.document import Document


def verb_of(document: Document) -> str | None:
    """What a study file says that it is; None for a scenario."""
    given = document.data.get("study")
    return None if given is None else str(given)
