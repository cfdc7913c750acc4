"""The command line: parse, call, print. Every verb imports what it needs when it is called."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from clustersim import messages

LANGUAGE = click.option(
    "--lang", "language", type=click.Choice(messages.LANGUAGES), default=None, help=messages.text("cli.option.lang")
)
SCENARIO = click.argument("scenario", type=click.Path(path_type=Path))


class Verbs(click.Group):
    """A group that tells the package's own errors in words and ends with their exit code."""

    def invoke(self, context: click.Context) -> object:
        from clustersim.errors import ClustersimError

        try:
            return super().invoke(context)
        except ClustersimError as error:
            click.echo(error.describe(_language_of(context)), err=True)
            sys.exit(error.exit_code)
        except KeyboardInterrupt:
            click.echo(messages.text("cli.interrupted", _language_of(context)), err=True)
            sys.exit(130)


def _language_of(context: click.Context) -> str | None:
    """The language that the verb was asked for."""
    return context.obj if isinstance(context.obj, str) else None


def _speak(language: str | None) -> str:
    """Remember the language for errors."""
    language = language or messages.default_language()
    click.get_current_context().find_root().obj = language
    return language


@click.group(cls=Verbs, help=messages.text("cli.help"), context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="clustersim")
def main() -> None:
    pass


@main.command(help=messages.text("cli.run.help"))
@SCENARIO
@click.option("--seeds", type=click.IntRange(1, 10_000_000), default=None, help=messages.text("cli.run.seeds"))
@click.option("--precision", is_flag=True, help=messages.text("cli.run.precision"))
@click.option("--cap", type=click.IntRange(2, 10_000_000), default=10_000, help=messages.text("cli.run.cap"))
@click.option("--out", type=click.Path(path_type=Path), default=Path("results"), help=messages.text("cli.run.out"))
@LANGUAGE
def run(scenario: Path, seeds: int | None, precision: bool, cap: int, out: Path, language: str | None) -> None:
    from clustersim.cli.running import run_scenario

    if precision and seeds is not None:
        raise click.UsageError(messages.text("cli.run.seeds_or_precision", _speak(language)))
    run_scenario(scenario, seeds, cap if precision else None, out, _speak(language))


@main.command(help=messages.text("cli.check.help"))
@SCENARIO
@LANGUAGE
def check(scenario: Path, language: str | None) -> None:
    from clustersim.cli.checking import check_scenario

    check_scenario(scenario, _speak(language))


@main.command(help=messages.text("cli.new.help"))
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--from", "origin", default="xinqiao", show_default=True, help=messages.text("cli.new.from"))
@click.option("--roster", is_flag=True, help=messages.text("cli.new.roster"))
@LANGUAGE
def new(file: Path, origin: str, roster: bool, language: str | None) -> None:
    from clustersim.cli.starting import start_scenario

    start_scenario(file, origin, roster, _speak(language))


@main.command(help=messages.text("cli.schema.help"))
@LANGUAGE
def schema(language: str | None) -> None:
    import json

    from clustersim.scenario import json_schema

    click.echo(json.dumps(json_schema(_speak(language)), ensure_ascii=False, indent=2))


CATALOGUES = ("scenarios", "policies", "instruments", "parameters", "measures", "evidence", "literature")


@main.command("list", help=messages.text("cli.list.help"))
@click.argument("catalogue", type=click.Choice(CATALOGUES))
@LANGUAGE
def list_(catalogue: str, language: str | None) -> None:
    from clustersim.cli.listing import print_catalogue

    print_catalogue(catalogue, _speak(language))
