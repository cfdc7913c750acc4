"""The notebooks run from top to bottom, show figures and say nothing on the side; what is committed is text alone."""

from __future__ import annotations

import ast
import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import nbformat
import pytest
from ipykernel.kernelspec import write_kernel_spec
from nbclient import NotebookClient
from nbformat import NotebookNode

ROOT = Path(__file__).parents[2]
NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))
READ = ("scenarios", "docs/tutorial")  # beside the notebooks
KERNEL = {"display_name": "Python 3", "language": "python", "name": "python3"}
NOT_NARRATIVE = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Lambda, ast.For, ast.While)
CHINESE = re.compile(r"[\u4e00-\u9fff]{10}")
SECONDS = 300  # of one cell, on a busy machine
LESS = {  # what a cell says, and what takes less time
    r"seeds=\d+, (?!assumptions)": "seeds=2, assumptions=2, ",
    r"seeds=\d+, assumptions=0": "seeds=2, assumptions=0",
    r"\.attribute\((.*), seeds=2, assumptions=2, ": r".attribute(\1, seeds=2, ",
    r"(?m)^seeds: \d+$": "seeds: 2",
    r"size: \d+": "size: 4",
    r"steps: \d+": "steps: 2",
}

of_each = pytest.mark.parametrize("path", NOTEBOOKS, ids=[path.stem for path in NOTEBOOKS])


def code_cells(notebook: NotebookNode) -> list[NotebookNode]:
    return [cell for cell in notebook.cells if cell.cell_type == "code"]


def not_narrative(source: str) -> list[str]:
    """Definitions and loops in the code of a cell.

    Raises:
        SyntaxError: it is not Python alone; magics are not.
    """
    return [type(node).__name__ for node in ast.walk(ast.parse(source)) if isinstance(node, NOT_NARRATIVE)]


@pytest.fixture(name="kernel")
def _kernel(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """Name of a kernel of this interpreter, whatever kernels and settings the machine has."""
    write_kernel_spec(tmp_path / "jupyter" / "kernels" / "python3")
    monkeypatch.setenv("JUPYTER_PATH", str(tmp_path / "jupyter"))  # looked at before all others
    monkeypatch.setenv("IPYTHONDIR", str(tmp_path / "ipython"))
    monkeypatch.delenv("CLUSTERSIM_LANG", raising=False)
    return "python3"


def copied(path: Path, to: Path) -> Path:
    for name in READ:
        shutil.copytree(ROOT / name, to / name)
    (to / "notebooks").mkdir()
    return Path(shutil.copy(path, to / "notebooks"))


def place(folder: Path) -> dict[str, Any]:
    return {"metadata": {"path": str(folder)}}


def outputs(notebook: NotebookNode) -> Iterator[NotebookNode]:
    return (output for cell in code_cells(notebook) for output in cell.outputs)


def smaller(source: str) -> str:
    """A cell with few seeds, points and cells of maps."""
    for wanted, less in LESS.items():
        source = re.sub(wanted, less, source)
    return source


@of_each
@pytest.mark.parametrize("size", ["smaller", pytest.param("as it is", marks=pytest.mark.slow)])
def test_a_notebook_runs_and_shows_figures(path: Path, size: str, tmp_path: Path, kernel: str) -> None:
    copy = copied(path, tmp_path / "repository")
    notebook = nbformat.read(copy, as_version=4)
    if size == "smaller":
        for cell in code_cells(notebook):
            cell.source = smaller(cell.source)
    NotebookClient(notebook, kernel_name=kernel, timeout=SECONDS, resources=place(copy.parent)).execute()
    assert [output.text for output in outputs(notebook) if output.get("name") == "stderr"] == []
    figures = [cell for cell in code_cells(notebook) if cell.source.splitlines()[-1].startswith(("figures.", "panels"))]
    assert len(figures) >= 2
    for cell in figures:
        assert ["image/png" in output.get("data", {}) for output in cell.outputs] == [True], cell.id
    assert {file.name for file in copy.parent.iterdir()} == {path.name}  # results lie below `results`


@of_each
def test_what_is_committed_is_text_alone(path: Path) -> None:
    words = path.read_text(encoding="utf-8")
    notebook = nbformat.reads(words, as_version=4)
    nbformat.validate(notebook)
    assert words.endswith("}\n")
    assert (notebook.nbformat, notebook.nbformat_minor) == (4, 5)
    assert notebook.metadata == {"kernelspec": KERNEL, "language_info": {"name": "python"}}
    for cell in notebook.cells:
        assert cell.metadata == {}
        assert re.fullmatch(r"[a-z]+(-[a-z]+)*", cell.id)
    for cell in code_cells(notebook):
        assert (cell.outputs, cell.execution_count) == ([], None)


@of_each
def test_a_notebook_is_a_narrative(path: Path) -> None:
    notebook = nbformat.read(path, as_version=4)
    first = notebook.cells[0]
    assert first.cell_type == "markdown"
    assert first.source.startswith("# ")
    assert CHINESE.search(first.source)
    assert any('cs.language("zh")' in cell.source for cell in code_cells(notebook))
    for cell, after in zip(notebook.cells, notebook.cells[1:], strict=False):
        assert {cell.cell_type, after.cell_type} != {"code"} or len(after.source.splitlines()) <= 3, after.id
    for cell in code_cells(notebook):
        assert not_narrative(cell.source) == [], cell.id


@of_each
def test_links_lead_to_files(path: Path) -> None:
    notebook = nbformat.read(path, as_version=4)
    linked = re.findall(r"\]\(([^)#]+)\)", "\n".join(cell.source for cell in notebook.cells))
    assert linked
    assert [link for link in linked if not (path.parent / link).exists()] == []


@pytest.mark.parametrize("source", ["def f(): pass", "class A: pass", "f = lambda x: x", "for x in y: x"])
def test_definitions_and_loops_are_found(source: str) -> None:
    assert not_narrative(source)


@pytest.mark.parametrize("source", ["%matplotlib inline", "!pip list", "run.effects?"])
def test_magics_are_found(source: str) -> None:
    with pytest.raises(SyntaxError):
        not_narrative(source)


def test_comprehensions_are_narrative() -> None:
    assert not_narrative("sorted(path.name for path in folder.iterdir())\n[x for x in y]") == []


def test_there_are_notebooks() -> None:
    assert len(NOTEBOOKS) == 3
