"""``derive train NETWORK``: gradient descent with the emitted module, and what came of it."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from fractions import Fraction
from pathlib import Path
from typing import Any

import click

from derive.commands.optimiser import optimiser_options
from derive.commands.options import emit, network_options
from derive.errors import DataError
from derive.networks import Network
from derive.training import descend, load_samples, plan, report, save
from derive.training.descent import Plan, Training, Watch
from derive.training.scaling import SCALES
from derive.training.store import check_output

_NUMBER = re.compile(r"[+-]?\d{1,12}(\.\d{1,12}|/\d{1,12})?")
_MAX_SAMPLES = 1_000_000


@click.command(name="train")
@network_options
@optimiser_options(rate=False, complete=False)
@click.option("--data", required=True, metavar="FILE|x^K", help="A .csv or .npz file, or x^2.")
@click.option("--range", "interval", metavar="A,B", help="Of x, for x^K.  [default: -1,1]")
@click.option(
    "--samples",
    type=click.IntRange(2, _MAX_SAMPLES),
    metavar="N",
    help="How many, for x^K.  [default: 200]",
)
@click.option(
    "--lr",
    "--rate",
    "lr",
    type=float,
    help="Rate.  [default: the optimiser's; without scaling the network's own]",
)
@click.option(
    "--epochs", type=click.IntRange(1), metavar="N", help="[default: to make about 8000 steps]"
)
@click.option(
    "--batch", type=click.IntRange(1), metavar="N", help="[default: a tenth, at most 256]"
)
@click.option("--seed", type=click.IntRange(0), default=0, show_default=True, metavar="N")
@click.option(
    "--starts",
    type=click.IntRange(1),
    default=1,
    show_default=True,
    metavar="N",
    help="Train so often, the seed counting up, and keep the best.",
)
@click.option(
    "--scale",
    type=click.Choice(SCALES),
    default=SCALES[0],
    show_default=True,
    help="standard: to mean 0 and standard deviation 1.",
)
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path),
    metavar="FILE.npz",
    help="Store the parameters and the scaling.",
)
def train(network: Network, output: Path | None, **options: Any) -> int:
    """Train NETWORK with its own NumPy module by mini-batch gradient descent.

    A row of a CSV file is a sample, its last columns are the targets; an NPZ file has arrays x and
    y. Classes are one-hot columns or one column of numbers from 0. Ends with 1 if the loss did not
    decrease; then nothing is stored.
    """
    if output is not None:
        check_output(output)
    data = load_samples(
        network, options["data"], _interval(options["interval"]), options["samples"]
    )
    chosen = plan(
        data,
        options["lr"],
        options["epochs"],
        options["batch"],
        seed=options["seed"],
        starts=options["starts"],
        scale=options["scale"],
    )
    with _progress(chosen) as watch:
        training = descend(data, chosen, watch)
    emit(report(training, data), None)
    return _finish(training, output)


def _finish(training: Training, output: Path | None) -> int:
    """Store what is worth it; the exit code."""
    if training.decreased and output is not None:
        save(training, output)
        click.echo(f"stored in {output}")
    return 0 if training.decreased else 1


def _interval(text: str | None) -> tuple[Fraction, Fraction] | None:
    """The two ends of ``--range``, exactly.

    >>> _interval("0,1/2")
    (Fraction(0, 1), Fraction(1, 2))
    """
    if text is None:
        return None
    ends = [part.strip() for part in text.split(",")]
    if len(ends) != 2 or not all(map(_NUMBER.fullmatch, ends)) or "/0" in text:
        raise DataError(f"--range: {text!r} is not two numbers such as 0,2 or -1/2,1.5")
    start, end = map(Fraction, ends)
    if start >= end:
        raise DataError(f"--range: {start} is not below {end}")
    return start, end


@contextmanager
def _progress(chosen: Plan) -> Iterator[Watch | None]:
    """A bar on standard error while a terminal shows it."""
    if not sys.stderr.isatty():
        yield None
        return
    total = chosen.epochs * chosen.starts
    with click.progressbar(
        length=total, label="training", file=sys.stderr, update_min_steps=max(1, total // 100)
    ) as bar:
        yield lambda start, epoch, loss: bar.update(1)
