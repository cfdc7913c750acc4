"""The language of reports, figures and errors."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from clustersim.errors import InputError, Problem
from clustersim.messages import LANGUAGES, speaking


@contextmanager
def language(code: str) -> Iterator[None]:
    """Inside the block, sentences, tables, figures, reports, briefings and errors are in this language.

    Args:
        code: "en" or "zh". Outside the block, the language is that of the environment variable CLUSTERSIM_LANG,
            otherwise that of the system, otherwise English.

    Raises:
        InputError: unknown language.

    Example:
        >>> import clustersim as cs
        >>> with cs.language("zh"):
        ...     print(cs.load("my_town.yaml").describe())
        my_town（my_town）
        ...
        企业：20 家，每个种子重新抽取。
        ...
    """
    if code not in LANGUAGES:
        raise InputError(Problem("language.unknown", {"given": code, "allowed": ", ".join(LANGUAGES)}))
    with speaking(code):
        yield
