"""Which code made the numbers of a results folder: the version of the package, and a hash of what decides a result."""

from __future__ import annotations

import functools
import hashlib
import json
import tokenize
from collections.abc import Iterator
from importlib import metadata
from io import BytesIO
from pathlib import Path

# All that a stored number may depend on, below the package: the model, what a scenario's words stand for in it, and the
# files of `execution` that choose what is simulated and add it up. Points of a study, budgets and seeds stand in the
# manifest itself, so what chose them need not be here. What is not here may change without a stored result being in
# doubt: messages, reports, figures, commands; and who makes a block, where, and how it is written.
DECIDING = (
    "arrays.py",
    "spec",
    "mechanisms",
    "instruments",
    "measures",
    "observables",
    "population",
    "engines",
    "worlds",
    "policies",
    *(f"scenario/{name}.py" for name in ("arms", "changes", "events", "fields", "model", "observed", "plan")),
    *(f"scenario/{name}.py" for name in ("presets", "reading", "resolve", "roster", "schema", "sheet")),
    *(f"execution/{name}.py" for name in ("budget", "factors", "job", "observed", "outcome_table")),
    *(f"execution/{name}.py" for name in ("run_values", "simulation", "tables", "work")),
)


@functools.cache
def code_version() -> str:
    """Version of the package and a hash of the code that decides its results: "0.1.0+3f2a90c1"."""
    return f"{metadata.version('clustersim')}+{source_hash(Path(__file__).parents[1])[:8]}"


def source_hash(package: Path) -> str:
    """sha256 of what decides a result, of a package at some path.

    It is of code and values: comments, docstrings and the breaking of lines do not count. It is taken from the tokens
    and not from the syntax tree, which other versions of Python write differently.
    """
    content = hashlib.sha256()
    for name in sorted(path.relative_to(package).as_posix() for path in package.rglob("*")):
        if is_deciding(name):
            told = _told(name, (package / name).read_bytes())
            content.update(f"{name}\0{len(told)}\0{told}".encode())
    return content.hexdigest()


def _told(name: str, content: bytes) -> str:
    """What of a file is hashed."""
    if name.endswith(".parquet"):
        return hashlib.sha256(content).hexdigest()
    text = content.replace(b"\r\n", b"\n")  # as checkouts on Windows have it
    return "\n".join(_code(text)) if name.endswith(".py") else _values(text)


def is_deciding(name: str) -> bool:
    """Whether a file, by its path below the package, is one that results depend on."""
    return name.endswith((".py", ".yaml", ".parquet")) and f"{name}/".startswith(tuple(f"{one}/" for one in DECIDING))


def _code(source: bytes) -> Iterator[str]:
    """Each logical line of a Python file as its tokens, with marks where it is indented more or less.

    A line that is a string and nothing else does nothing: it is a docstring.
    """
    line: list[tokenize.TokenInfo] = []
    for token in tokenize.tokenize(BytesIO(source).readline):
        match token.type:
            case tokenize.INDENT | tokenize.DEDENT:
                yield tokenize.tok_name[token.type]
            case tokenize.NEWLINE:
                if any(part.type != tokenize.STRING for part in line):
                    yield " ".join(part.string for part in line)
                line = []
            case tokenize.ENCODING | tokenize.COMMENT | tokenize.NL | tokenize.ENDMARKER:
                pass
            case _:
                line.append(token)


def _values(text: bytes) -> str:
    """What a YAML file says, without its comments."""
    from clustersim.scenario.reading import load_plain

    return json.dumps(load_plain(text.decode()))  # in its order: instruments act in it
