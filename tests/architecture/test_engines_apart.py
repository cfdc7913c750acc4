"""The engines share definitions and walk apart: the readable one calls no array step, and neither knows the other."""

from __future__ import annotations

import ast
import importlib
import inspect
from collections.abc import Iterator
from types import ModuleType

import pytest
from imports import PACKAGE, imports, package_sources

REFERENCE = f"{PACKAGE}.engines.reference"
BATCH_ALONE = (f"{PACKAGE}.engines.batch", f"{PACKAGE}.engines.collect", f"{PACKAGE}.spec.world")
FROM_MESA = {"Model", "Agent", "AbstractAgentSet"}  # the last one names a type

SOURCES = package_sources()
OF_REFERENCE = {name: text for name, text in SOURCES.items() if f"{name}.".startswith(f"{REFERENCE}.")}


def mechanisms_used(text: str) -> Iterator[tuple[str, str]]:
    """(module of the mechanisms, name in it) of all that a source takes from them."""
    tree, room = ast.parse(text), f"{PACKAGE}.mechanisms"
    modules: dict[str, str] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module == room:
            modules |= {alias.asname or alias.name: f"{room}.{alias.name}" for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and (node.module or "").startswith(f"{room}."):
            yield from ((str(node.module), alias.name) for alias in node.names)
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id in modules:
            yield modules[node.value.id], node.attr


def array_steps(text: str) -> list[str]:
    """What a source takes from the mechanisms that walks over a world: functions with one among their parameters."""
    found = []
    for module_name, name in mechanisms_used(text):
        module: ModuleType = importlib.import_module(module_name)
        taken = getattr(module, name)
        walks = callable(taken) and "World" in str(inspect.signature(taken))
        if walks or inspect.ismodule(taken):
            found.append(f"{module_name}.{name}")
    return found


def taken_from_batch(text: str) -> list[str]:
    tree = ast.parse(text)
    return [
        f"{node.module}.{alias.name}"
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and node.module in BATCH_ALONE
        for alias in node.names
    ]


def test_the_reference_engine_calls_no_array_step() -> None:
    assert [step for text in OF_REFERENCE.values() for step in array_steps(text)] == []
    assert [name for text in OF_REFERENCE.values() for name in taken_from_batch(text)] == []
    used = [name for text in OF_REFERENCE.values() for _, name in mechanisms_used(text)]
    assert {"order_share", "ending_probability", "scarcity", "is_short"} <= set(used)  # the formulas are shared


def test_the_batch_engine_knows_no_agents() -> None:
    others = {name: text for name, text in SOURCES.items() if name not in OF_REFERENCE}
    rooms = (f"{PACKAGE}.engines", f"{PACKAGE}.mechanisms", f"{PACKAGE}.spec", f"{PACKAGE}.instruments")
    below = [name for name in others if name.startswith(rooms)]
    found = [one for name in below for one in imports(SOURCES, name) if one.target.startswith(REFERENCE)]
    assert below
    assert found == []


def test_little_is_taken_from_mesa() -> None:
    taken = set()
    for text in OF_REFERENCE.values():
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "mesa":
                taken.add(node.attr)
            if isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] == "mesa":
                taken |= {alias.name for alias in node.names}
    assert taken == FROM_MESA


@pytest.mark.parametrize(
    ("text", "found"),
    [
        (
            "from clustersim.mechanisms import production\nproduction.produce(1)",
            ["clustersim.mechanisms.production.produce"],
        ),
        ("from clustersim.mechanisms.entry import start_firm", ["clustersim.mechanisms.entry.start_firm"]),
        ("from clustersim.mechanisms import brokerage as b\nb.goods", ["clustersim.mechanisms.brokerage.goods"]),
        ("from clustersim.mechanisms import production\nproduction.order_share(1, 2)", []),
    ],
)
def test_an_array_step_is_found(text: str, found: list[str]) -> None:
    assert array_steps(text) == found


def test_a_look_at_the_batch_engine_is_found() -> None:
    assert taken_from_batch("from clustersim.engines.batch import world_of") == ["clustersim.engines.batch.world_of"]
