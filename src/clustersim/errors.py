"""The package's errors. Each carries catalogue keys, so that it can be shown in any language of the catalogue."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from clustersim import messages


@dataclass(frozen=True)
class Problem:
    """One error in an input: where it is, what was given, what is allowed.

    `key` names the sentence in the message catalogue, `fields` fill its gaps. `line` and `column` count from 1.
    """

    key: str
    fields: dict[str, Any] = field(default_factory=dict)
    file: str | None = None
    line: int | None = None
    column: int | None = None
    path: str | None = None

    def place(self) -> str:
        """`file:line:column: path`, as far as known."""
        position = ":".join(str(part) for part in (self.file, self.line, self.column) if part is not None)
        return ": ".join(part for part in (position, self.path) if part)

    def sentence(self) -> str:
        sentence = messages.text(self.key, **self.fields)
        return f"{place}: {sentence}" if (place := self.place()) else sentence


class ClustersimError(Exception):
    """Base of all errors that a user can mend. The command line prints it without a traceback.

    Args:
        problems: what is wrong, at least one entry.

    Attributes:
        exit_code: what the command line ends with.
    """

    exit_code = 1

    def __init__(self, problems: Problem | Sequence[Problem]):
        self.problems = [problems] if isinstance(problems, Problem) else list(problems)
        super().__init__(self.describe())

    def describe(self) -> str:
        return "\n".join(problem.sentence() for problem in self.problems)

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (self.problems,)


class InputError(ClustersimError):
    """A scenario, a roster or an option is wrong. Nothing was written."""

    exit_code = 2


class StorageError(ClustersimError):
    """A folder or a file cannot be read or written."""


class CertificateError(ClustersimError):
    """Two runs that must be equal differ: the result cannot be trusted and is not given."""


class OtherVersionWarning(UserWarning):
    """Results that are read were made by another version of the code: this one may compute other numbers."""


class WorkError(ClustersimError):
    """The workers of a study died again and again; what they had stored is kept."""
