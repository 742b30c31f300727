"""The command line: a table of commands, each imported only when it is called.

``derive --help`` prints the table and imports nothing but click. A command returns None or its exit
code: 0 for done, 1 for "something failed its check", 2 for bad input.
"""

from __future__ import annotations

import io
import os
import sys
from collections.abc import Sequence
from importlib import import_module

import click

from derive import __version__
from derive.errors import DeriveError, ProofError, nearest

COMMANDS = {
    "networks": ("derive.commands.networks:networks", "List the preset networks."),
    "show": ("derive.commands.show:show", "Print the derivation of a network's gradients."),
    "code": ("derive.commands.code:code", "Write a network as one NumPy module."),
    "prove": ("derive.commands.prove:prove", "Prove every formula of a network and its module."),
    "check": ("derive.commands.check:check", "Judge somebody's derivation, equation by equation."),
    "train": ("derive.commands.train:train", "Train a network with its own module."),
    "generate": ("derive.commands.generate:generate", "Write or check all files of generated/."),
}
"""Name -> where the command lies, and its line in the help."""

DONE, FAILED, BAD_INPUT, INTERRUPTED, PIPE_CLOSED = 0, 1, 2, 130, 141
"""Exit codes; the last two are what a shell reports for SIGINT and SIGPIPE."""


class LazyGroup(click.Group):
    """A group whose commands are named in COMMANDS and imported when they are asked for."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The names in the table's order, which is the order of use."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import the command's module; its one-line help is the table's."""
        if cmd_name not in COMMANDS:
            return None
        place, short_help = COMMANDS[cmd_name]
        module, _, attribute = place.partition(":")
        command: click.Command = getattr(import_module(module), attribute)
        command.short_help = short_help
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The table itself: no command is imported for the help."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, line) for name, (_, line) in COMMANDS.items()])

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """As in click, with the nearest name for an unknown command."""
        word = args[0]
        if word not in COMMANDS and not word.startswith("-"):
            raise click.UsageError(f"no command {word!r}{nearest(word, COMMANDS)}", ctx)
        return super().resolve_command(ctx, args)


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="derive", message="%(prog)s %(version)s")
def cli() -> None:
    """Gradients of neural networks: derived step by step, written, emitted as NumPy, proved.

    NETWORK is the name of a preset (see `derive networks`), a TOML file, or one line such as
    "x[3] -> dense(4, tanh) -> dense(2) ; mse".
    """


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code; every user's error is one message on stderr."""
    _write_utf8()
    try:
        code = _run(list(sys.argv[1:] if arguments is None else arguments))
        if sys.stdout is not None:  # it was closed before the start: derive code ... >&-
            sys.stdout.flush()
    except BrokenPipeError:
        return _close_pipe()
    except (KeyboardInterrupt, click.Abort):
        return INTERRUPTED
    except (DeriveError, click.ClickException, OSError, UnicodeDecodeError) as error:
        print(f"derive: {_message(error)}", file=sys.stderr)
        return FAILED if isinstance(error, ProofError) else BAD_INPUT
    return code


def _run(arguments: list[str]) -> int:
    """The exit code of one command: what it returns, or what ``ctx.exit`` was given."""
    try:
        with cli.make_context("derive", arguments or ["--help"]) as context:
            code = cli.invoke(context)
    except click.exceptions.Exit as done:
        return done.exit_code
    return code if isinstance(code, int) else DONE


def _message(error: Exception) -> str:
    """One error as the user reads it, with the place and a way out where they are known."""
    if isinstance(error, click.UsageError) and error.ctx is not None:
        return f"{error.format_message()} (see: {error.ctx.command_path} --help)"
    if isinstance(error, click.ClickException):
        return error.format_message()
    if isinstance(error, UnicodeDecodeError):
        return f"the file is not UTF-8 text: {error.reason} at byte {error.start}"
    if isinstance(error, OSError) and error.filename is not None:
        return f"{error.filename}: {error.strerror}"
    return str(error)


def _write_utf8() -> None:
    """Mathematics needs more than a legacy code page; a redirected output is the same anywhere."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper) and stream.encoding.lower() != "utf-8":
            stream.reconfigure(encoding="utf-8", errors="replace")


def _close_pipe() -> int:
    """The reader has gone (``derive show ... | head``): end quietly, the flush at exit included."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return PIPE_CLOSED
