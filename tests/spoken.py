"""What a test hears said, in the language that it wants."""

from __future__ import annotations

from collections.abc import Callable

from clustersim.messages import speaking


def told_in[**P, R](language: str, function: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
    """What a function returns where a language is spoken."""
    with speaking(language):
        return function(*args, **kwargs)
