"""`clustersim new`."""

from __future__ import annotations

import re
from importlib import resources
from pathlib import Path

import click

from clustersim.errors import InputError, Problem
from clustersim.messages import text
from clustersim.scenario.names import unusable
from clustersim.scenario.roster import template
from clustersim.storage.atomic import write_bytes


def shipped_scenarios() -> dict[str, Path]:
    """Name -> file of the scenarios that come with the package, from a checkout or an installed wheel."""
    package = Path(str(resources.files("clustersim")))
    folders = (package.parents[1] / "scenarios", package / "scenarios")
    found = [folder for folder in folders if folder.is_dir()]
    return {file.stem: file for file in sorted(found[0].glob("*.yaml"))} if found else {}


def start_scenario(file: Path, origin: str, roster: bool, language: str) -> None:
    """A commented scenario to start from, named after the file; with a roster template beside it if asked for."""
    known = shipped_scenarios()
    if origin not in known:
        raise InputError(Problem("cli.new.unknown", {"given": origin, "allowed": ", ".join(known)}))
    file = file.with_suffix(".yaml") if file.suffix not in (".yaml", ".yml") else file
    if reason := unusable(file.stem):
        raise InputError(Problem(f"name.{reason}", {"given": file.stem}))
    firms = file.with_name(f"{file.stem}_firms.csv")
    targets = [file, *([firms] if roster else [])]
    for target in targets:
        if target.exists():
            raise InputError(Problem("cli.new.exists", {"file": target}))
    written = known[origin].read_text(encoding="utf-8")
    written = re.sub(r"^name: .*$", f"name: {file.stem}", written, count=1, flags=re.MULTILINE)
    if roster:
        written = re.sub(r"^  firms: .*$", f"  roster: {firms.name}", written, count=1, flags=re.MULTILINE)
        written = re.sub(r"^  population\.firms: .*\n", "", written, flags=re.MULTILINE)
        write_bytes(firms, template().encode("utf-8-sig"))
    write_bytes(file, written.encode())
    for target in targets:
        click.echo(text("cli.new.written", language, file=target))
