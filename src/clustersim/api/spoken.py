"""The language in which reports, figures and errors are told."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from clustersim.errors import InputError, Problem
from clustersim.messages import LANGUAGES, speaking


@contextmanager
def language(code: str) -> Iterator[None]:
    """All that is told inside is told in a language: sentences, tables, figures, reports, briefings, errors.

    Args:
        code: "en" or "zh". Outside of it the language is that of the environment variable CLUSTERSIM_LANG, else that
            of the system, else English.

    Raises:
        InputError: there is no such language.

    Example:
        >>> import clustersim as cs
        >>> with cs.language("zh"):
        ...     scenario = cs.load("scenarios/xinqiao.yaml").describe()
    """
    if code not in LANGUAGES:
        raise InputError(Problem("language.unknown", {"given": code, "allowed": ", ".join(LANGUAGES)}))
    with speaking(code):
        yield
