"""The table of floors: a module imports from lower floors only, and each foreign library has its room."""

import ast
from collections.abc import Callable

import pytest
from imports import PACKAGE, Import, circle, imports, package_sources

FLOORS = (
    ("errors", "arrays", "messages"),
    ("spec",),
    ("mechanisms", "instruments", "measures", "observables"),
    ("scenario", "population", "policies", "worlds"),
    ("engines",),
    ("storage", "execution"),
    ("analysis", "studies", "agreement"),
    ("reports", "figures"),  # labels of figures are worded like sentences
    ("render",),
    ("api", "cli", "__main__", ""),  # "" is the package itself
)
FLOOR = {room: number for number, rooms in enumerate(FLOORS) for room in rooms}
PLACE = {room: place for place, room in enumerate(room for rooms in FLOORS for room in rooms)}
ORDERED_FROM = 3  # floors below have rooms that do not know one another
# On one floor a room may import those that stand before it in the table; and these, against that order: errors are
# told by the catalogue, the month calls the instruments, a command is imported by the package's own name.
SIDEWAYS = {("errors", "messages"), ("mechanisms", "instruments"), ("cli", ""), ("__main__", "")}
ROOMS_OF_SIBLINGS = ("mechanisms", "instruments", "measures", "observables", "figures")
PARTED = ("mechanisms.brokerage", "figures.network")  # siblings in several files, which know one another
WITHOUT_WORDS = ("analysis", "engines", "population", "measures")
SIBLINGS_FOR_ALL = ("measures", "observables", "figures.style", "figures.helpers", "figures.files")
WALLS = {
    "matplotlib": ("figures",),
    "ruamel": ("scenario",),
    "mesa": ("engines.reference",),
    "SALib": ("analysis.sensitivity", "studies.designs"),
    "ema_workbench": ("analysis.mapping.discovery",),
    "distributed": ("execution.dask_cluster",),
    "docx": ("render",),
    "typst": ("render",),
    "pypdf": ("render",),
    "openpyxl": ("render", "scenario.sheet"),
    "rich": ("render", "cli"),
}
NUMPY_RANDOM_ALLOWED = {"Philox", "Generator", "SeedSequence", "BitGenerator"}

SOURCES = package_sources()
IMPORTS = imports(SOURCES)


def inside(module: str) -> str:
    """Name below the package; "" for the package itself."""
    return module.removeprefix(PACKAGE).removeprefix(".")


def room(module: str) -> str:
    return inside(module).split(".")[0]


def is_in(module: str, rooms: tuple[str, ...]) -> bool:
    return any(f"{inside(module)}.".startswith(f"{one}.") for one in rooms)


def own(found: list[Import]) -> list[Import]:
    return [one for one in found if one.target.split(".")[0] == PACKAGE]


def breaches(found: list[Import]) -> list[str]:
    """Imports from a higher floor, or from a room of the same floor that stands behind in the table."""
    said = []
    for one in own(found):
        above, below = room(one.module), room(one.target)
        is_lower = PLACE[below] < PLACE[above] and (FLOOR[below] < FLOOR[above] or FLOOR[below] >= ORDERED_FROM)
        if not (is_lower or above == below or (above, below) in SIDEWAYS):
            said.append(f"{one.module} imports {one.target}")
    return said


def words_of_numbers(found: list[Import]) -> list[str]:
    """Sentences where there should be numbers only."""
    return [
        f"{one.module} imports {one.target}"
        for one in own(found)
        if room(one.module) in WITHOUT_WORDS and room(one.target) == "messages"
    ]


def between_siblings(found: list[Import]) -> list[str]:
    """Files of a room whose members must not know one another; the room's own package gathers them."""
    said = []
    for one in own(found):
        shared = room(one.module) == room(one.target) and room(one.module) in ROOMS_OF_SIBLINGS
        gathers = inside(one.module) in (room(one.module), "mechanisms.schedule", "figures.saving")
        parts = is_in(one.module, PARTED) and is_in(one.target, PARTED)
        if shared and not (gathers or parts or inside(one.target) in SIBLINGS_FOR_ALL):
            said.append(f"{one.module} imports {one.target}")
    return said


def beyond_walls(found: list[Import]) -> list[str]:
    return [
        f"{one.module} imports {one.target}"
        for one in found
        if one.target in WALLS and not is_in(one.module, WALLS[one.target])
    ]


def foreign_randomness(sources: dict[str, str]) -> list[str]:
    """Uses of NumPy's global random functions or of the standard library's random."""
    said = []
    for module, text in sources.items():
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, ast.Import):
                names = [alias.name for alias in node.names]
            elif isinstance(node, ast.ImportFrom):
                names = [f"{node.module}.{alias.name}" for alias in node.names]
            else:
                names = [ast.unparse(node)] if isinstance(node, ast.Attribute) else []
            said += [f"{module}: {name}" for name in names if _is_foreign_randomness(name)]
    return said


def _is_foreign_randomness(name: str) -> bool:
    first, *rest = name.split(".")
    if first in ("np", "numpy") and rest[:1] == ["random"]:
        return (rest[1:2] == [] and first == "numpy") or not set(rest[1:2]) <= NUMPY_RANDOM_ALLOWED
    return first == "random"


def test_every_room_has_a_floor() -> None:
    assert {room(module) for module in SOURCES} - set(FLOOR) == set()


def test_nothing_is_imported_from_a_higher_floor() -> None:
    assert breaches(IMPORTS) == []


def test_numbers_are_made_without_words() -> None:
    assert words_of_numbers(IMPORTS) == []


def test_siblings_do_not_import_one_another() -> None:
    assert between_siblings(IMPORTS) == []


def test_nothing_imports_in_a_circle() -> None:
    assert circle({(one.module, one.target) for one in own(IMPORTS) if one.at_run_time}) == []


def test_foreign_libraries_stay_in_their_rooms() -> None:
    assert beyond_walls(IMPORTS) == []
    assert {one.target for one in IMPORTS} >= {"matplotlib", "ruamel", "numpy"}  # the walls have something to hold


def test_random_numbers_come_from_the_named_streams_alone() -> None:
    assert foreign_randomness(SOURCES) == []


@pytest.mark.parametrize(
    ("module", "line", "check"),
    [
        ("spec.state", "from clustersim.mechanisms import ties", breaches),
        ("measures.cost", "from clustersim.instruments import forum", breaches),
        ("storage.blocks", "def late():\n    from clustersim.studies import store_run", breaches),
        ("spec.state", "from clustersim import __version__", breaches),
        ("analysis.swept", "from clustersim.messages import text", words_of_numbers),
        ("mechanisms.ties", "from clustersim.mechanisms import search", between_siblings),
        ("mechanisms.ties", "from .search import judge", between_siblings),
        ("mechanisms.ties", "from clustersim.mechanisms.brokerage import goods", between_siblings),
        ("mechanisms.brokerage.goods", "from clustersim.mechanisms import search", between_siblings),
        ("instruments.forum", "import clustersim.instruments.groups", between_siblings),
        ("measures.cost", "from clustersim.measures.output import output", between_siblings),
        ("figures.forest", "from clustersim.figures import channels", between_siblings),
        ("reports.report", "import matplotlib.pyplot as plt", beyond_walls),
        ("storage.blocks", "from ruamel.yaml import YAML", beyond_walls),
        ("engines.batch", "import mesa", beyond_walls),
        ("studies.store_run", "def late():\n    import SALib.sample", beyond_walls),
    ],
)
def test_a_breach_is_found(module: str, line: str, check: Callable[[list[Import]], list[str]]) -> None:
    name = f"{PACKAGE}.{module}"
    assert len(check(imports({**SOURCES, name: line}, name))) == 1


def test_a_circle_is_found() -> None:
    assert circle({("a", "b"), ("b", "c"), ("c", "d"), ("d", "b")}) == ["b", "c", "d"]
    assert circle({("a", "b"), ("b", "c"), ("a", "c")}) == []


@pytest.mark.parametrize(
    "line",
    [
        "import numpy as np\nnp.random.seed(1)",
        "x = np.random.default_rng()",
        "import random",
        "from random import choice",
        "from numpy.random import rand",
        "from numpy import random",
    ],
)
def test_foreign_randomness_is_found(line: str) -> None:
    assert foreign_randomness({"clustersim.made_up": line})


def test_a_keyed_generator_is_allowed() -> None:
    assert foreign_randomness({"clustersim.made_up": "x = np.random.Philox(key=0)"}) == []
