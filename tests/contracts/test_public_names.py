"""What `import clustersim` offers: imported late, known to type checkers, documented."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

import clustersim
from clustersim import api, scenario


@pytest.mark.parametrize("package", [clustersim, scenario], ids=["clustersim", "scenario"])
def test_type_checkers_and_python_see_the_same_names(package: object) -> None:
    stub = Path(package.__file__).with_suffix(".pyi")
    named = {
        alias.asname
        for node in ast.parse(stub.read_text(encoding="utf-8")).body
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
    }
    assert named == set(package.__all__)
    assert all(getattr(package, name).__doc__ for name in named)


def test_the_package_offers_what_its_interface_does() -> None:
    assert set(clustersim.__all__) == set(api.__all__)
    assert all(getattr(clustersim, name) is getattr(api, name) for name in api.__all__)


def test_importing_the_package_imports_little() -> None:
    words = "import clustersim, sys; print({'numpy', 'pandas', 'clustersim.api', 'ast'} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", words], capture_output=True, text=True, check=True)
    assert done.stdout == "set()\n"


def test_its_types_are_shipped() -> None:
    assert Path(clustersim.__file__).with_name("py.typed").is_file()
