"""The command line in the user's language: help, faults of usage, and output that any console can show."""

from __future__ import annotations

import difflib
import io
import sys
import warnings
from collections.abc import Callable, Sequence
from functools import partial
from itertools import pairwise
from typing import Any, NoReturn

import click

from clustersim import messages
from clustersim.errors import ClustersimError, OtherVersionWarning
from clustersim.messages import text

_KEPT = "cli.study.interrupted"
INTERRUPTED = {"run": "cli.run.interrupted"} | dict.fromkeys(
    ("sweep", "sensitivity", "map", "calibrate", "attribute", "resume"), _KEPT
)


class Verb(click.Command):
    """A command whose help has Chinese headings where the user reads Chinese."""

    def format_usage(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        formatter.write_usage(ctx.command_path, " ".join(self.collect_usage_pieces(ctx)), f"{text('cli.usage')}: ")

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        options = [param for param in self.get_params(ctx) if isinstance(param, click.Option)]
        records = [record for record in (option.get_help_record(ctx) for option in options) if record]
        with formatter.section(text("cli.options")):
            formatter.write_dl(records)

    def get_help_option(self, ctx: click.Context) -> click.Option | None:
        option = super().get_help_option(ctx)
        if option is not None:
            option.help = text("cli.option.help")
        return option


class Verbs(Verb, click.Group):
    """A group that reports the package's own errors, and those of usage, as sentences with their exit code."""

    command_class = Verb

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        super().format_options(ctx, formatter)
        with formatter.section(text("cli.verbs")):
            formatter.write_dl([(name, self.commands[name].help or "") for name in self._shown()])

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        if args and args[0] not in self.commands and not args[0].startswith("-"):
            raise click.UsageError(text("cli.unknown_verb", given=args[0], **_known(args[0], self._shown())), ctx)
        return super().resolve_command(ctx, args)

    def _shown(self) -> list[str]:
        return [name for name, command in self.commands.items() if not command.hidden]

    def main(self, args: Sequence[str] | None = None, *rest: Any, **extra: Any) -> Any:
        """As click's, but what click itself would say is said in the user's language."""
        given = list(sys.argv[1:] if args is None else args)
        show_what_can_be_shown()
        with messages.speaking(_asked_language(given) or messages.default_language()), warnings.catch_warnings():
            warnings.simplefilter("always", OtherVersionWarning)
            warnings.showwarning = partial(_tell_warning, warnings.showwarning)
            self._run(given, *rest, **extra)

    def _run(self, given: list[str], *rest: Any, **extra: Any) -> NoReturn:
        try:
            done = super().main(given, *rest, **{**extra, "standalone_mode": False})
        except click.exceptions.NoArgsIsHelpError as error:
            click.echo(error.message)
            sys.exit(0)
        except click.UsageError as error:
            sys.exit(_tell_usage(error))
        # Without standalone mode click hands back the code of `--help` and `--version`.
        sys.exit(done if isinstance(done, int) else 0)

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except ClustersimError as error:
            click.echo(error.describe(), err=True)
            sys.exit(error.exit_code)
        except KeyboardInterrupt:
            key = INTERRUPTED.get(ctx.invoked_subcommand or "", "cli.interrupted")
            click.echo(text(key), err=True)
            sys.exit(130)


def show_what_can_be_shown() -> None:
    """A console whose encoding lacks a character shows a question mark in its place, and no error."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")


def _tell_warning(usual: Callable[..., None], warning: Warning | str, kind: type[Warning], *place: Any) -> None:
    """The package's own in one line, without the place in the code that other warnings are told with."""
    if issubclass(kind, OtherVersionWarning):
        click.echo(text("cli.warning", warning=warning), err=True)
    else:
        usual(warning, kind, *place)


def _asked_language(given: list[str]) -> str | None:
    """The value of `--lang`, for errors found before the options are read."""
    words = [word for argument in given for word in argument.split("=", 1)]
    asked = [value for name, value in pairwise(words) if name == "--lang"]
    return asked[0] if asked and asked[0] in messages.LANGUAGES else None


def _tell_usage(error: click.UsageError) -> int:
    """Says what is wrong with the command; returns the exit code."""
    said = [text("cli.wrong", problem=_problem(error))]
    if error.ctx is not None:
        said.append(text("cli.try_help", command=f"{error.ctx.command_path} --help"))
    click.echo("\n".join(said), err=True)
    return error.exit_code


def _problem(error: click.UsageError) -> str:
    """What click found, in the user's language."""
    match error:
        case click.NoSuchOption():
            known = [name for param in _params(error) for name in param.opts if name.startswith("--")]
            return text("cli.unknown_option", given=error.option_name, **_known(error.option_name, known))
        case click.MissingParameter():
            return text("cli.missing", name=_name(error))
        case click.BadParameter() if error.param is not None:
            return text("cli.bad_value", name=_name(error), allowed=_allowed(error.param.type))
        case click.BadOptionUsage():
            return text("cli.needs_value", name=error.option_name)
    return error.message


def _params(error: click.UsageError) -> Sequence[click.Parameter]:
    return error.ctx.command.get_params(error.ctx) if error.ctx else ()


def _name(error: click.BadParameter) -> str:
    param = error.param
    assert param is not None
    return param.opts[0] if isinstance(param, click.Option) else param.make_metavar(error.ctx)  # type: ignore[arg-type]


def _allowed(kind: click.ParamType[Any]) -> str:
    if isinstance(kind, click.Choice):
        return ", ".join(str(choice) for choice in kind.choices)
    if isinstance(kind, click.IntRange):
        return text("cli.whole_number", low=kind.min, high=f"{kind.max:,}")
    return str(kind.name)


def _known(given: str, known: list[str]) -> dict[str, str]:
    nearest = difflib.get_close_matches(given, known, 1, cutoff=0.0)
    return {"nearest": nearest[0] if nearest else "-", "allowed": ", ".join(known)}
