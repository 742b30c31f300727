"""Where a network's output is taken when its loss is seen as a function of it."""

from __future__ import annotations

from derive.program.program import Map, Program, Role


def last_preactivation(program: Program) -> str:
    """What the last activation is applied to; the prediction itself where there is none."""
    prediction = program.named(Role.PREDICTION)[-1]
    for block in program.blocks:
        if block.out == prediction:
            return block.argument
    equation = program.equation(prediction)
    if isinstance(equation, Map) and len(equation.arguments) == 1:
        return equation.arguments[0]
    return prediction
