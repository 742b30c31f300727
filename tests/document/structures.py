"""Networks that are more than a chain of layers: small, and all widths that may differ do."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from derive.networks.model import Layer, Network
from derive.networks.objective import Objective


def net(name: str, *layers: Layer, loss: str = "mse", size: int = 3, **more: Any) -> Network:
    return Network(name, "x", size, layers, loss, **more)


def decay(**strengths: Fraction) -> Objective:
    return Objective(**strengths)


TANH = Layer(4, "tanh")
TENTH = Fraction(1, 10)

NETS: dict[str, Network] = {
    found.name: found
    for found in (
        net("residual", TANH, Layer(4, "tanh", adds=(1,)), Layer(2)),
        net("residual-from-input", Layer(3, "relu", adds=(0,)), Layer(2)),
        net(
            "residual-stack",
            Layer(3, "relu"),
            Layer(3, "tanh", adds=(0, 1)),
            Layer(3, reads=(2, 1, 0), adds=(2,)),
        ),
        net("concatenation", TANH, Layer(5, "relu"), Layer(2, reads=(2, 0))),
        net("two-readers", TANH, Layer(5, "sigmoid"), Layer(2, reads=(2, 1))),
        net(
            "autoencoder",
            TANH,
            Layer(5, "tanh"),
            Layer(4, "tanh", tied=2, transposed=True),
            Layer(3, tied=1, transposed=True),
        ),
        net("shared", Layer(3, "tanh"), Layer(3, tied=1, bias=False)),
        net("l2", TANH, Layer(2), objective=decay(l2=TENTH)),
        net("l1-and-l2", Layer(4, "tanh", l1=TENTH, l2=Fraction(1, 5)), Layer(2)),
        net(
            "shared-and-decayed",
            Layer(3, "tanh"),
            Layer(3, tied=1),
            objective=decay(l1=TENTH, l2=TENTH),
        ),
        net(
            "two-losses",
            TANH,
            Layer(2),
            objective=Objective(weight=Fraction(1, 2), further=(("huber", Fraction(1, 4)),)),
        ),
        net("weighted", TANH, Layer(2), objective=Objective(weight=Fraction(1, 2))),
        net(
            "outputs-weighted",
            TANH,
            Layer(2),
            objective=Objective(output_weights=(Fraction(1), Fraction(2))),
        ),
        net(
            "dropout",
            Layer(4, "relu", dropout=Fraction(1, 2)),
            Layer(5, "tanh", dropout=Fraction(1, 5)),
            Layer(2),
        ),
        net(
            "temperature",
            TANH,
            Layer(3, "softmax", temperature=Fraction(2)),
            loss="softmax_cross_entropy",
        ),
        net(
            "smoothing",
            TANH,
            Layer(3, "softmax"),
            loss="softmax_cross_entropy",
            objective=Objective(smoothing=TENTH),
        ),
        net("spread", TANH, Layer(2), loss="gaussian"),
        net(
            "numbers",
            Layer(1, "tanh"),
            Layer(1, "tanh", adds=(1,), dropout=Fraction(1, 2)),
            Layer(1, tied=1),
            size=1,
            scalar=True,
            objective=decay(l2=TENTH),
        ),
    )
}


def deep(name: str, *changed: tuple[int, Layer], layer: Layer = TANH, count: int = 10) -> Network:
    """Equal layers but for some, and a last one."""
    layers = [layer] * count
    for number, other in changed:
        layers[number - 1] = other
    return net(name, *layers, Layer(2))


def ladder(count: int = 9) -> Network:
    """Every layer but the first adds the one before."""
    steps = [Layer(4, "tanh", adds=(number,)) for number in range(1, count)]
    return net("ladder", TANH, *steps, Layer(2))
