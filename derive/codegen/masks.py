"""Dropout in a module: the masks that forward may be given, and what draws them."""

from __future__ import annotations

from derive.codegen.lines import listed, noted
from derive.codegen.module import MaskText, shape_text
from derive.networks import Network
from derive.program.program import Program, Role

PARAMETER = "masks: Masks | None = None"
"""As an argument of a module's functions."""


def given(program: Program) -> str:
    """What a function with masks hands on besides the samples."""
    return ", masks" if program.named(Role.GIVEN) else ""


def mask_text(network: Network, program: Program) -> MaskText | None:
    """The text of a network's masks; None where it has no dropout."""
    names = program.named(Role.GIVEN)
    if not names:
        return None
    shapes = {name: program.variables[name].shape for name in names}
    batch = network.style.batch
    sizes = [f"{n}: int" for n in network.sizes if any(n in shape for shape in shapes.values())]
    arguments = ["rng: np.random.Generator", f"{batch}: int", *(["*"] if sizes else []), *sizes]
    arguments.append("dtype: DTypeLike = np.float64")
    draws: list[str] = []
    for name in names:
        share = network.layers[(program.variables[name].layer or 1) - 1].dropout
        items = ["rng", repr(float(share)), shape_text(shapes[name]), "dtype"]
        draws += listed(f"{name}=_mask(", items, "),", indent=2)
    return MaskText(
        fields=tuple(text for n in names for text in noted(f"{n}: Array", shape_text(shapes[n]))),
        signature=tuple(listed("def draw_masks(", arguments, ") -> Masks:", indent=0)),
        draws=tuple(draws),
        batch=batch,
    )
