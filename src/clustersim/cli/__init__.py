"""The command line: parse, call, print. Every verb imports what it needs when it is called."""

from __future__ import annotations

from pathlib import Path

import click

from clustersim.cli.speaking import Verbs, speak
from clustersim.engines import ENGINES, Engine
from clustersim.messages import LANGUAGES, text

MOST_SEEDS = 10_000_000
FILE = click.Path(path_type=Path)
LANGUAGE = click.option("--lang", "language", type=click.Choice(LANGUAGES), is_eager=True, help=text("cli.option.lang"))
SCENARIO = click.argument("scenario", type=FILE)
CATALOGUES = ("scenarios", "policies", "instruments", "parameters", "measures", "observables", "evidence", "literature")


@click.group(cls=Verbs, help=text("cli.help"), context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="clustersim", help=text("cli.option.version"))
def main() -> None:
    pass


@main.command(help=text("cli.run.help"))
@SCENARIO
@click.option("--seeds", type=click.IntRange(1, MOST_SEEDS), help=text("cli.run.seeds"))
@click.option("--precision", is_flag=True, help=text("cli.run.precision"))
@click.option("--cap", type=click.IntRange(2, MOST_SEEDS), help=text("cli.run.cap"))
@click.option("--out", type=FILE, default=Path("results"), show_default=True, help=text("cli.run.out"))
@click.option("--engine", type=click.Choice(ENGINES), default="batch", show_default=True, help=text("cli.run.engine"))
@LANGUAGE
def run(
    scenario: Path,
    seeds: int | None,
    precision: bool,
    cap: int | None,
    out: Path,
    engine: Engine,
    language: str | None,
) -> None:
    from clustersim.cli.running import Seeds, run_scenario

    language = speak(language)
    if precision and seeds is not None:
        raise click.UsageError(text("cli.run.seeds_or_precision", language), click.get_current_context())
    if cap is not None and not precision:
        raise click.UsageError(text("cli.run.cap_alone", language), click.get_current_context())
    run_scenario(scenario, Seeds(seeds, precision, cap), out, language, engine)


@main.command(help=text("cli.check.help"))
@SCENARIO
@click.option("--evidence", is_flag=True, help=text("cli.check.evidence"))
@click.option("--seeds", type=click.IntRange(2, MOST_SEEDS), help=text("cli.check.seeds"))
@click.option("--numbers", is_flag=True, help=text("cli.check.numbers"))
@LANGUAGE
def check(scenario: Path, evidence: bool, seeds: int | None, numbers: bool, language: str | None) -> None:
    language = speak(language)
    if evidence and numbers:
        raise click.UsageError(text("cli.check.evidence_or_numbers", language), click.get_current_context())
    if evidence:
        from clustersim.cli.evidence import check_evidence

        check_evidence(scenario, seeds, language)
        return
    if seeds is not None:
        raise click.UsageError(text("cli.check.seeds_alone", language), click.get_current_context())
    from clustersim.cli.checking import check_scenario, list_numbers

    (list_numbers if numbers else check_scenario)(scenario, language)


@main.command(help=text("cli.twin.help"))
@SCENARIO
@click.option("--seeds", type=click.IntRange(1, MOST_SEEDS), default=3, show_default=True, help=text("cli.twin.seeds"))
@click.option("--first", type=click.IntRange(0, 2**62), default=0, show_default=True, help=text("cli.twin.first"))
@LANGUAGE
def twin(scenario: Path, seeds: int, first: int, language: str | None) -> None:
    from clustersim.cli.twinning import compare_engines

    compare_engines(scenario, range(first, first + seeds), speak(language))


@main.command(help=text("cli.new.help"))
@click.argument("file", type=FILE)
@click.option("--from", "origin", default="xinqiao", show_default=True, help=text("cli.new.from"))
@click.option("--roster", is_flag=True, help=text("cli.new.roster"))
@LANGUAGE
def new(file: Path, origin: str, roster: bool, language: str | None) -> None:
    from clustersim.cli.starting import start_scenario

    start_scenario(file, origin, roster, speak(language))


@main.command(help=text("cli.schema.help"))
@click.option("--out", type=FILE, help=text("cli.schema.out"))
@LANGUAGE
def schema(out: Path | None, language: str | None) -> None:
    from clustersim.cli.starting import write_schema

    write_schema(out, speak(language))


@main.command("list", help=text("cli.list.help"))
@click.argument("catalogue", metavar="CATALOGUE", type=click.Choice(CATALOGUES))
@LANGUAGE
def list_(catalogue: str, language: str | None) -> None:
    from clustersim.cli.listing import print_catalogue

    print_catalogue(catalogue, speak(language))
