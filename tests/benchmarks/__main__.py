"""How the time of a derivation grows with depth, and what starting costs.

Every figure is the median of several fresh processes' processor time. Machines differ and are
noisy, so what to read are the ratios: against ``import sympy`` on the same machine, and the fitted
exponent of growth.
"""

from __future__ import annotations

import math
import platform
import resource
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass

DEPTHS = (50, 100, 200, 800)
NAIVE_DEPTHS = (2, 4, 8, 16)
REPEATS = 3

IMPORTS = "import derive.calculus, derive.document, derive.codegen, derive.networks"

DERIVE = """
from derive.calculus import derivation
from derive.codegen import generate_code
from derive.document import compose, render
from derive.networks import Layer, Network
layers = tuple(Layer(1, "tanh") for _ in range({depth} - 1)) + (Layer(1),)
network = Network("deep", "x", 1, layers, "squared_error", scalar=True)
derived = derivation(network)
latex = render(compose(derived), "latex")
code = generate_code(derived)
"""

NAIVE = """
import sympy
h, y = sympy.symbols("x y", real=True)
parameters = []
for k in range(1, {depth} + 1):
    W, b = sympy.symbols(f"W{{k}} b{{k}}", real=True)
    parameters += [W, b]
    z = W * h + b
    h = sympy.tanh(z) if k < {depth} else z
loss = (h - y) ** 2
latex = [sympy.latex(sympy.diff(loss, parameter)) for parameter in parameters]
"""


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table."""

    what: str
    seconds: float
    ratio: float
    """Of ``import sympy``."""


def processor_seconds(code: str, *flags: str) -> float:
    """The processor time of a fresh interpreter, the median of several."""

    def once() -> float:
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        subprocess.run([sys.executable, *flags, "-c", code], check=True, stdout=subprocess.DEVNULL)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime

    return statistics.median(once() for _ in range(REPEATS))


def wall_seconds(call: Callable[[], object]) -> float:
    """The shortest of several runs by the clock."""

    def once() -> float:
        start = time.perf_counter()
        call()
        return time.perf_counter() - start

    return min(once() for _ in range(2 * REPEATS + 1))


def exponent(depths: tuple[int, ...], seconds: list[float]) -> float:
    """The slope of log time over log depth, by least squares."""
    xs, ys = [math.log(d) for d in depths], [math.log(max(s, 1e-3)) for s in seconds]
    mx, my = statistics.mean(xs), statistics.mean(ys)
    above = sum((x - mx) * (y - my) for x, y in zip(xs, ys, strict=True))
    return above / sum((x - mx) ** 2 for x in xs)


def rows() -> Iterator[Row]:
    """Run everything; one line at a time."""
    bare = processor_seconds("pass")
    sympy = processor_seconds("import sympy")
    yield Row("`import sympy`", sympy, 1.0)
    command = [sys.executable, "-m", "derive", "--help"]
    shown = wall_seconds(lambda: subprocess.run(command, check=True, stdout=subprocess.DEVNULL))
    yield Row("`derive --help`, by the clock", shown, shown / sympy)
    imports = processor_seconds(IMPORTS)
    yield Row("all imports of `derive`", imports, imports / sympy)
    taken = []
    for depth in DEPTHS:
        total = processor_seconds(DERIVE.format(depth=depth))
        taken.append(total - imports)
        yield Row(f"derivation, LaTeX and code, depth {depth}", total, total / sympy)
    fitted = exponent(DEPTHS, taken)
    yield Row(f"the same without imports grows as depth^{fitted:.2f}", taken[-1], taken[-1] / sympy)
    naive = []
    for depth in NAIVE_DEPTHS:
        total = processor_seconds(NAIVE.format(depth=depth))
        naive.append(total - sympy + bare)
        yield Row(
            f"`sympy.diff` and `latex` of the nested loss, depth {depth}", total, total / sympy
        )
    fitted = exponent(NAIVE_DEPTHS, naive)
    yield Row(f"the same without imports grows as depth^{fitted:.2f}", naive[-1], naive[-1] / sympy)


def main() -> None:
    """Print the table."""
    print(f"Python {platform.python_version()}, {platform.machine()}\n")
    print("| what | seconds | of `import sympy` |")
    print("|---|---|---|")
    for row in rows():
        print(f"| {row.what} | {row.seconds:.2f} | {row.ratio:.2f} |", flush=True)


if __name__ == "__main__":
    main()
