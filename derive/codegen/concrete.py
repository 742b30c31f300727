"""The module of a network with a fixed number of layers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from derive.calculus import Derivation
from derive.codegen.elementwise import conditions, writer
from derive.codegen.lines import STEP, commented, listed, noted, unpacked
from derive.codegen.module import ConcreteModule, shape_text
from derive.codegen.names import Names, check_names
from derive.codegen.plan import Plan, Section, needed, plan
from derive.codegen.prose import VARIANCES, about
from derive.codegen.sharing import with_shared_parts
from derive.codegen.statements import Statement, sizes_in, statements
from derive.codegen.text import PYTHON, Piece
from derive.networks import Network
from derive.networks.catalogue import activation as activation_of
from derive.program.program import Map, Role


def concrete_module(derivation: Derivation) -> ConcreteModule:
    """The text of every part.

    Raises:
        NetworkError: a name that the module needs itself.
    """
    check_names(derivation.network)
    network, parts = derivation.network, with_shared_parts(plan(derivation.batch))
    return _Concrete(network, parts, Names(parts.program, network.style)).module()


@dataclass(frozen=True, slots=True)
class _Concrete:
    """What the parts of the text are made from."""

    network: Network
    parts: Plan
    names: Names

    def module(self) -> ConcreteModule:
        parts = self.parts
        return ConcreteModule(
            about=about(self.network, parts),
            parameters=self._fields(self._parameters),
            cache=self._fields(parts.cache),
            shapes=self._shapes(),
            init_signature=self._init_signature(),
            init=self._init(),
            forward=self._forward(),
            loss=self._loss(),
            backward=self._backward(),
            trial=self._trial(),
        )

    @property
    def _parameters(self) -> tuple[str, ...]:
        return self.parts.program.named(Role.PARAMETER)

    def _fields(self, fields: tuple[str, ...]) -> tuple[str, ...]:
        shapes = {name: shape_text(self.parts.program.variables[name].shape) for name in fields}
        lines = [noted(f"{self.names.code(name)}: Array", shapes[name]) for name in fields]
        return tuple(text for line in lines for text in line)

    def _shapes(self) -> tuple[str, ...]:
        variables = self.parts.program.variables
        rows = [(f"params.{self.names.code(name)}", name) for name in self._parameters]
        rows += [(name, name) for name in self.parts.program.named(Role.INPUT)]
        lines: list[str] = []
        for key, name in rows:
            shape = variables[name].shape
            sizes = [f'"{dim}"' if isinstance(dim, str) else str(dim) for dim in shape]
            lines += listed(f'"{key}": (', sizes, "),", comma=len(sizes) == 1)
        return tuple(lines)

    def _init_signature(self) -> tuple[str, ...]:
        sizes = [f"{size}: int" for size in self.network.sizes]
        arguments = ["rng: np.random.Generator", *(["*"] if sizes else []), *sizes]
        arguments.append("dtype: DTypeLike = np.float64")
        return tuple(listed("def init(", arguments, ") -> Parameters:", indent=0))

    def _init(self) -> tuple[str, ...]:
        lines: list[str] = []
        variables = self.parts.program.variables
        width = self.network.input_size
        for number, layer in enumerate(self.network.layers, start=1):
            variance = VARIANCES[activation_of(layer.activation).init].format(width, layer.units)
            for name in (f"W{number}", f"b{number}"):
                if name not in variables:
                    continue
                shape = shape_text(variables[name].shape)
                random = name.startswith("W")
                function = "_normal(" if random else "np.zeros("
                arguments = ["rng", variance, shape, "dtype"] if random else [shape, "dtype"]
                lines += listed(f"{name}={function}", arguments, "),", indent=2)
            width = layer.units
        return tuple(lines)

    def _forward(self) -> tuple[str, ...]:
        own = [self.names.code(name) for name in self._parameters]
        kept = [self.names.code(name) for name in self.parts.cache]
        result = f"return {self.names.code(self.parts.prediction)}, Cache("
        unpack = listed("", own, " = params")
        if len(own) == 1 or len(unpack) > 1:
            unpack = listed("(", own, ") = params", comma=len(own) == 1)
        unpack = checked(self.network.input, self.network.input) + unpack
        return (*unpack, *self._lines(self.parts.forward), *listed(result, kept, ")"))

    def _loss(self) -> tuple[str, ...]:
        found = statements(self.parts.loss, self.parts, self.names)
        lines = [text for line in typed(found) for text in commented(line)]
        return (*self._locals(self.parts.loss), *lines)

    def _backward(self) -> tuple[str, ...]:
        gradients = [self.names.code(name) for name in self.parts.gradients.values()]
        samples = self.network.input
        return (
            *checked(samples, f"cache.{samples}"),
            f"{STEP}y = _target(y, cache.{self.names.code(self.parts.prediction)})",
            *self._locals(self.parts.backward),
            *self._lines(self.parts.backward),
            *listed("return Parameters(", gradients, ")"),
        )

    def _trial(self) -> tuple[str, ...]:
        parts, code = self.parts, self.names.code
        places = {name: f"cache.{code(name)}" for name in parts.cache} | {
            parts.target: parts.target
        }
        sides = [text for case in parts.cases for text in relations(case, places)]
        return trial(sides, parts, code(parts.prediction))

    def _lines(self, section: Section) -> list[str]:
        found = statements(section, self.parts, self.names)
        return [text for line in found for text in commented(line)]

    def _locals(self, section: Section) -> list[str]:
        """What a section takes from the parameters, the cache and the shapes."""
        used = needed(section)
        own = [self.names.code(name) for name in self._parameters if name in used]
        inputs = self.parts.program.named(Role.INPUT)
        kept = [name for name in self.parts.cache if name in used and name not in inputs]
        fields = [self.names.code(name) for name in kept]
        lines = unpacked(own, "params", own) + unpacked(fields, "cache", fields)
        return lines + size_lines(section, self.parts)


def relations(case: Map, places: Mapping[str, str]) -> list[str]:
    """The comparisons of an equation given by cases, with its arguments at their places."""
    write = writer(PYTHON, [Piece(places[name]) for name in case.arguments])
    return [write.relation(condition).text for condition in conditions(case.function)]


def trial(sides: list[str], parts: Plan, prediction: str) -> tuple[str, ...]:
    """The body of ``_trial``: the loss and the sides."""
    of_target = any(parts.target in case.arguments for case in parts.cases)
    return (
        f"{STEP}_, cache = forward(params, x)",
        *([f"{STEP}y = _target(y, cache.{prediction})"] if of_target else []),
        *listed("return loss(cache, y), [", sides, "]"),
    )


def typed(loss: list[Statement]) -> list[Statement]:
    """The statements of the loss, its value declared: NumPy's sum is of any type."""
    *inner, last = loss
    return [*inner, replace(last, target=f"{last.target}: Scalar")]


def checked(samples: str, value: str) -> list[str]:
    """The parameters and the samples as arrays that fit."""
    return listed(f"params, {samples} = _checked(", ["params", value], ")")


def size_lines(section: Section, parts: Plan) -> list[str]:
    """``m = y.shape[1]`` for every named size that a coefficient of the section mentions."""
    shape = parts.program.variables[parts.target].shape
    places = {size: shape.index(size) for size in sizes_in(section)}
    return [f"{STEP}{size} = {parts.target}.shape[{place}]" for size, place in places.items()]
