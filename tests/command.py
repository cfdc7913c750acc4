"""The command line as a user calls it: in this process, or as a process of its own."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

from click.testing import CliRunner, Result

from clustersim.cli import main


def call(*words: object) -> Result:
    """The verb in this process, in English unless `--lang` says otherwise. A traceback would fail the test."""
    result = CliRunner(env={"CLUSTERSIM_LANG": "en"}).invoke(main, [str(word) for word in words])
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result


def process(*words: object, **variables: str) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(command(*words), env=environment(variables), capture_output=True, check=False)


def command(*words: object) -> list[str]:
    start = "import sys; from clustersim.cli import main; main(sys.argv[1:], 'clustersim')"
    return [sys.executable, "-c", start, *map(str, words)]


def environment(variables: Mapping[str, str]) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if name not in ("CLUSTERSIM_LANG", "FORCE_COLOR")}
    return {**kept, "PYTHONUTF8": "0", "LC_ALL": "C.UTF-8", **variables}


def files_in(folder: Path) -> set[str]:
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*")}
