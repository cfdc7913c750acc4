"""What imports what in a package, read off its sources. `sources` is module name -> source everywhere here."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

PACKAGE = "clustersim"
ROOT = Path(__file__).parents[2] / "src"


@dataclass(frozen=True)
class Import:
    """`module` imports `target`; `at_run_time` is false for what only a type checker reads."""

    module: str
    target: str
    at_run_time: bool


def package_sources() -> dict[str, str]:
    found = {}
    for path in sorted((ROOT / PACKAGE).rglob("*.py")):
        parts = path.relative_to(ROOT).with_suffix("").parts
        name = ".".join(parts[:-1] if parts[-1] == "__init__" else parts)
        found[name] = path.read_text(encoding="utf-8")
    return found


def imports(sources: dict[str, str], only: str | None = None) -> list[Import]:
    """Every import, those inside functions too. Of the package itself the module, else the first name.

    Args:
        only: the module whose imports are wanted; None for all.
    """
    wanted = sources if only is None else {only: sources[only]}
    return [found for module, text in wanted.items() for found in _imports_of(module, ast.parse(text), sources)]


def _imports_of(module: str, tree: ast.Module, sources: dict[str, str]) -> Iterator[Import]:
    typing_only = {
        below for node in ast.walk(tree) if _is_type_checking(node) for body in node.body for below in ast.walk(body)
    }
    for node in ast.walk(tree):
        for target in _targets(module, node, sources):
            yield Import(module, target, node not in typing_only)


def _is_type_checking(node: ast.AST) -> bool:
    return isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test)


def _targets(module: str, node: ast.AST, sources: dict[str, str]) -> Iterator[str]:
    if isinstance(node, ast.Import):
        for alias in node.names:
            yield alias.name if _is_own(alias.name) else alias.name.split(".")[0]
    elif isinstance(node, ast.ImportFrom):
        origin = _origin(module, node, sources)
        for alias in node.names if _is_own(origin) else ():
            inside = f"{origin}.{alias.name}"
            yield inside if inside in sources else origin
        if not _is_own(origin):
            yield origin.split(".")[0]


def _origin(module: str, node: ast.ImportFrom, sources: dict[str, str]) -> str:
    if node.level == 0:
        return node.module or ""
    is_package = any(name.startswith(f"{module}.") for name in sources)
    above = module.split(".")[: len(module.split(".")) - node.level + is_package]
    return ".".join([*above, *([node.module] if node.module else [])])


def _is_own(name: str) -> bool:
    return name.split(".", maxsplit=1)[0] == PACKAGE


def circle(edges: set[tuple[str, str]]) -> list[str]:
    """Modules of which each imports the next and the last the first; empty if there is no such list."""
    below: dict[str, list[str]] = {}
    for module, target in sorted(edges):
        below.setdefault(module, []).append(target)
    finished: set[str] = set()
    for module in below:
        if found := _descend(module, below, finished, []):
            return found
    return []


def _descend(module: str, below: dict[str, list[str]], finished: set[str], path: list[str]) -> list[str]:
    if module in path:
        return path[path.index(module) :]
    if module in finished:
        return []
    for target in below.get(module, []):
        if found := _descend(target, below, finished, [*path, module]):
            return found
    finished.add(module)
    return []
