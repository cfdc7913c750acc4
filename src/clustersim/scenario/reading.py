"""YAML 1.2 text to plain data, with the line and column of every key, so that every complaint can say where.

The text is composed to nodes and the nodes are turned into dicts and lists here, because the library's own loader
stops at the first duplicate key and forgets where flow-style values stood.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.constructor import SafeConstructor
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.nodes import MappingNode, Node, SequenceNode

from clustersim.errors import InputError, Problem
from clustersim.scenario.document import Document, KeyPath, dotted, shown


def read_text(path: Path) -> str:
    """The text of a file.

    Raises:
        InputError: it is not there, cannot be read, or is not UTF-8.
    """
    file = str(path)
    try:
        content = path.read_bytes()
    except FileNotFoundError as error:
        raise InputError(Problem("scenario.file_not_found", file=file)) from error
    except OSError as error:
        raise InputError(Problem("scenario.file_unreadable", {"reason": error.strerror}, file)) from error
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise InputError(Problem("scenario.not_utf8", file=file, line=line)) from error


def parse(text: str, file: str | None, folder: Path) -> Document:
    """A document from YAML text. Duplicate keys and keys that are not text are noted in its problems.

    Raises:
        InputError: the text is not YAML, is empty, or is no mapping at the top.
    """
    yaml = YAML(typ="safe", pure=True)
    try:
        node = yaml.compose(text)
        if node is None:
            raise InputError(Problem("scenario.empty", file=file))
        builder = _Builder(yaml.constructor, Document({}, file, folder))
        data = builder.value(node, ())
    except MarkedYAMLError as error:
        raise InputError(_syntax_problem(error, file)) from error
    except (YAMLError, RecursionError, ValueError) as error:
        detail = str(error).splitlines()[0]
        raise InputError(Problem("scenario.syntax", {"detail": detail}, file)) from error
    if not isinstance(data, dict):
        raise InputError(Problem("scenario.not_mapping", {"given": shown(data)}, file, 1))
    builder.document.data = data
    return builder.document


def _syntax_problem(error: MarkedYAMLError, file: str | None) -> Problem:
    mark = error.problem_mark or error.context_mark
    line, column = (mark.line + 1, mark.column + 1) if mark else (None, None)
    return Problem("scenario.syntax", {"detail": error.problem or error.context}, file, line, column)


@dataclass
class _Builder:
    """Turns nodes into plain data and notes where each stood."""

    constructor: SafeConstructor
    document: Document

    def value(self, node: Node, path: KeyPath) -> Any:
        self.document.marks.setdefault(path, _position(node))
        if isinstance(node, MappingNode):
            return self._mapping(node, path)
        if isinstance(node, SequenceNode):
            return [self.value(child, (*path, index)) for index, child in enumerate(node.value)]
        _refuse_half_characters(node)
        return self.constructor.construct_object(node)

    def _mapping(self, node: MappingNode, path: KeyPath) -> dict[str, Any]:
        data: dict[str, Any] = {}
        for key_node, value_node in node.value:
            _refuse_half_characters(key_node)
            key = key_node.value if key_node.tag == "tag:yaml.org,2002:str" else None
            if not isinstance(key, str):
                self._complain(key_node, path, "key_not_text", given=text_of(key_node))
            elif key in data:
                self._complain(
                    key_node,
                    (*path, key),
                    "duplicate_key",
                    given=key,
                    first=self.document.marks[*path, key][0],
                )
            else:
                self.document.marks[*path, key] = _position(key_node)
                data[key] = self.value(value_node, (*path, key))
        return data

    def _complain(self, node: Node, path: KeyPath, key: str, **fields: Any) -> None:
        line, column = _position(node)
        self.document.problems.append(
            Problem(f"scenario.{key}", fields, self.document.file, line, column, dotted(path) or None)
        )


def _refuse_half_characters(node: Node) -> None:
    """Escapes such as "\\ud800" make text that can be neither written nor printed."""
    if isinstance(node.value, str) and any("\ud800" <= character <= "\udfff" for character in node.value):
        raise MarkedYAMLError(problem="text holds half of a surrogate pair", problem_mark=node.start_mark)


def _position(node: Node) -> tuple[int, int]:
    return node.start_mark.line + 1, node.start_mark.column + 1


def text_of(node: Node) -> str:
    return str(node.value) if isinstance(node.value, str) else "[…]"


def load_plain(text: str) -> Any:
    """The package's own YAML files as plain data."""
    return YAML(typ="safe", pure=True).load(text)
