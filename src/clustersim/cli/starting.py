"""`clustersim new` and `clustersim schema`: what a scenario begins with."""

from __future__ import annotations

import json
import re
from importlib import resources
from pathlib import Path

import click

from clustersim.errors import InputError, Problem
from clustersim.messages import text
from clustersim.scenario import json_schema
from clustersim.scenario.names import unusable
from clustersim.scenario.reading import load_plain
from clustersim.scenario.roster import template
from clustersim.storage.atomic import write_bytes

ENDINGS = (".yaml", ".yml")


def shipped_scenarios() -> dict[str, Path]:
    """Name -> file of the scenarios that come with the package, from a checkout or an installed wheel: places first,
    then those that hold the model against published findings, `validation/<name>`."""
    return _shipped("*.yaml") | _shipped("validation/*.yaml")


def shipped_studies() -> dict[str, Path]:
    """Name -> file of the studies that come with the package, `studies/<name>`."""
    return _shipped("studies/*.yaml")


def _shipped(pattern: str) -> dict[str, Path]:
    package = Path(str(resources.files("clustersim")))
    folders = (package.parents[1] / "scenarios", package / "scenarios")
    found = {folder: sorted(folder.glob(pattern)) for folder in folders if folder.is_dir()}
    folder, files = next(iter(found.items()), (package, []))
    return {file.relative_to(folder).with_suffix("").as_posix(): file for file in files}


def start_scenario(file: Path, origin: str, roster: bool) -> None:
    """A commented scenario to start from, named after the file; optionally with a roster template."""
    known = {name: shipped for name, shipped in shipped_scenarios().items() if not _has_tables(shipped)}
    if origin not in known:
        raise InputError(Problem("cli.new.unknown", {"given": origin, "allowed": ", ".join(known)}))
    file = file if file.suffix in ENDINGS else file.with_name(f"{file.name}.yaml")
    if reason := unusable(file.stem):
        raise InputError(Problem(f"scenario.name.{reason}", {"given": file.stem}))
    firms = file.with_name(f"{file.stem}_firms.csv")
    targets = [file, *([firms] if roster else [])]
    if there := [target for target in targets if target.exists()]:
        raise InputError([Problem("cli.new.exists", {"file": target}) for target in there])
    written = renamed(known[origin].read_text(encoding="utf-8"), file.stem, origin)
    if roster:
        written = re.sub(r"^  firms: .*$", f"  roster: {firms.name}", written, count=1, flags=re.MULTILINE)
        written = re.sub(r"^  population\.firms: .*\n", "", written, flags=re.MULTILINE)
        write_bytes(firms, template().encode("utf-8-sig"))
    write_bytes(file, written.encode())
    for target in targets:
        click.echo(text("cli.new.written", file=target))
    click.echo(text("cli.new.next", file=file))


def _has_tables(shipped: Path) -> bool:
    """Whether a scenario has a roster, which would be missing beside a copy."""
    return "\n  roster: " in shipped.read_text(encoding="utf-8")


def renamed(shipped: str, name: str, origin: str) -> str:
    """The text of a shipped scenario as that of another place: its own name and title, and no facts of the first."""
    rest = re.sub(r"\A(?:#.*\n)*", "", shipped)
    quoted = name if load_plain(f"name: {name}") == {"name": name} else json.dumps(name, ensure_ascii=False)
    rest = re.sub(r"^name: .*$", lambda _: f"name: {quoted}", rest, count=1, flags=re.MULTILINE)
    rest = re.sub(r"^description:\n(?:  .*\n)+", "", rest, flags=re.MULTILINE)
    rest = re.sub(r"^observed:.*\n(?:  .*\n)+\n?", "", rest, flags=re.MULTILINE)
    titles = f"title:\n  en: {quoted}\n  zh: {quoted}\n"
    rest = re.sub(r"^title:.*\n(?:  .*\n)*", lambda _: titles, rest, flags=re.MULTILINE)
    head, marker, sources = rest.partition("\nsources:\n")
    sources = re.sub(r"^(  \S+): .*$", r"\1: assumption", sources, flags=re.MULTILINE)
    intro = text("cli.new.intro", origin=origin, file=f"{name}.yaml")
    return "".join(f"# {line}\n" for line in intro.split("\n")) + head + marker + sources


def write_schema(out: Path | None) -> None:
    """The JSON schema into a file, or on the screen."""
    schema = json.dumps(json_schema(), ensure_ascii=False, indent=2)
    if out is None:
        click.echo(schema)
        return
    write_bytes(out, f"{schema}\n".encode())
    click.echo(text("cli.new.written", file=out))
