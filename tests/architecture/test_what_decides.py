"""What stored results are held to: every file of the package either decides numbers and is hashed, or is named here."""

from __future__ import annotations

from pathlib import Path

from imports import PACKAGE, ROOT, imports, package_sources

from clustersim.storage.code_version import DECIDING, is_deciding

# Words, pictures, commands, what is made of stored numbers, and who makes a block, where, and how it is written.
NOT_DECIDING = {
    *("", "__main__", "errors", "messages", "storage", "analysis", "studies", "agreement"),
    *("reports", "figures", "render", "api", "cli"),
}
SCENARIO_NOT_DECIDING = {  # what is refused, and what is said of a scenario
    *("__init__", "collect", "document", "editor_schema", "facts", "faults", "limits", "loading", "names", "phrases"),
    *("plausibility", "policy_words", "stored_inputs", "words"),
}
EXECUTION_NOT_DECIDING = {
    *("__init__", "certificate", "dask_cluster", "executor", "job_blocks", "processes", "progress", "results_folder"),
    *("size", "verification"),
}
NAMED = NOT_DECIDING | {
    *(f"scenario.{name}" for name in SCENARIO_NOT_DECIDING),
    *(f"execution.{name}" for name in EXECUTION_NOT_DECIDING),
}
SOURCES = package_sources()


def path(module: str) -> str:
    """Of its file, below the package."""
    inside = module.removeprefix(PACKAGE).removeprefix(".").replace(".", "/")
    is_package = (ROOT / PACKAGE / inside).is_dir()
    return str(Path(inside, "__init__.py").as_posix()) if is_package else f"{inside}.py"


def name(module: str) -> str:
    """Of a room, or of a file of a room that is in two parts."""
    room, *below = module.removeprefix(PACKAGE).removeprefix(".").split(".")
    return f"{room}.{(below or ['__init__'])[0]}" if room in ("scenario", "execution") else room


def test_every_file_decides_or_is_named_as_not_deciding() -> None:
    deciding = {name(module) for module in SOURCES if is_deciding(path(module))}
    others = {name(module) for module in SOURCES if not is_deciding(path(module))}
    assert others == NAMED
    assert deciding & others == set()


def test_every_entry_of_the_list_is_there() -> None:
    assert [entry for entry in DECIDING if not (ROOT / PACKAGE / entry).exists()] == []
    assert is_deciding("policies/hybrid.yaml")
    assert not is_deciding("arrays.pyc")
    assert not is_deciding("specimen/a.py")


def test_nothing_that_decides_rests_on_results_words_or_pictures() -> None:
    """A number that is computed in another room would not be hashed."""
    allowed = {"errors", "storage"}  # refusals; the folder that a block is written to
    found = {
        f"{one.module} imports {one.target}"
        for one in imports(SOURCES)
        if one.at_run_time and is_deciding(path(one.module)) and one.target in SOURCES
        if not is_deciding(path(one.target)) and name(one.target) in NOT_DECIDING - allowed
    }
    assert found == set()
