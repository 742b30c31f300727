"""The module of a network of any depth: each pass is one loop over the layers.

The loop's body is the layer that the recursion found to stand for all hidden ones; what comes
before or after it is the last layer. Families of arrays are tuples: ``W[k - 1]`` is W_k, and the
activations ``h[k]`` start with h_0 = x.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from derive.calculus import Derivation
from derive.calculus.depth import Recursion
from derive.codegen.concrete import checked, relations, size_lines, trial, typed, vector_lines
from derive.codegen.constants import constant_lines
from derive.codegen.deep_names import LayerNames
from derive.codegen.deep_penalties import split
from derive.codegen.lines import STEP, commented, unpacked
from derive.codegen.module import Biases, DeepModule, FixedEnd
from derive.codegen.names import check_names
from derive.codegen.plan import Plan, Section, needed, plan
from derive.codegen.prose import VARIANCES, about
from derive.codegen.sharing import with_shared_parts
from derive.codegen.statements import statements
from derive.errors import DerivationError
from derive.networks import Network
from derive.networks.catalogue import activation as activation_of
from derive.program.program import Role, Variable


def deep_module(derivation: Derivation) -> DeepModule:
    """The text of every part.

    Raises:
        NetworkError: a name that the module needs itself.
        DerivationError: the hidden layers have no common recursion.
    """
    check_names(derivation.network)
    derivation = _with_last_width(derivation)
    found = derivation.batch_recursion
    if found is None:
        raise DerivationError(f"{derivation.network.name} has a fixed depth")
    return _Deep(derivation.network, with_shared_parts(plan(derivation.batch)), found).module()


def _with_last_width(derivation: Derivation) -> Derivation:
    """The same with the last width named n_L, rather than by the depth that was derived."""
    *layers, last = derivation.concrete.layers
    if isinstance(last.units, int):
        return derivation
    named = (*layers, replace(last, units="n_L"))
    return replace(derivation, concrete=replace(derivation.concrete, layers=named))


_BIASES = {
    (True, True): (Biases("L", "one for each layer", "[1:]"),),
    (True, False): (Biases("L - 1", "one for each hidden layer", "[1:-1]"),),
    (False, True): (Biases("1", "one, for the last layer", "[-1:]"),),
    (False, False): (),
}
"""Whether the hidden layers have a bias, and the last."""


@dataclass(frozen=True, slots=True)
class _Deep:
    """What the parts of the text are made from."""

    network: Network
    parts: Plan
    found: Recursion

    def module(self) -> DeepModule:
        style, widths = self.network.style, (self._first, self._last)
        biases = _BIASES[self._bias(self.found.hidden), self._bias(self.found.depth)]
        batch = f'"{style.batch}"'
        return DeepModule(
            about=about(self.network, self.parts),
            parameters=tuple(f"{STEP}{family}: tuple[Array, ...]" for family in self._families),
            cache=tuple(f"{STEP}{name}: {kind}" for name, kind in self._cache().items()),
            init=self._init(biases),
            forward=self._forward(),
            loss=self._loss(),
            backward=self._backward(),
            trial=self._trial(),
            input_gradient=self._input_gradient(),
            constants=constant_lines(self.network),
            first_width=_quoted(widths[0]),
            last_width=_quoted(widths[1]),
            weight_shape="(n[k], n[k - 1])" if style.weights == "out_in" else "(n[k - 1], n[k])",
            input_shape=", ".join(
                ("n[0]", batch) if style.samples == "column" else (batch, "n[0]")
            ),
            biases=biases,
            fixed_ends=tuple(
                FixedEnd(place, name, size)
                for place, name, size in zip((0, -1), ("n_0", "n_L"), widths, strict=True)
                if isinstance(size, int)
            ),
        )

    @property
    def _first(self) -> int | str:
        return self.network.input_size

    @property
    def _last(self) -> int | str:
        units = self.network.layers[-1].units
        return units if isinstance(units, int) else "n_L"

    def _variable(self, name: str) -> Variable:
        return self.parts.program.variables[name]

    def _bias(self, layer: int) -> bool:
        return f"b{layer}" in self.parts.program.variables

    @property
    def _families(self) -> tuple[str, ...]:
        """``W`` and, where there is a bias, ``b``."""
        names = self.parts.program.named(Role.PARAMETER)
        return tuple(dict.fromkeys(self._variable(name).base for name in names))

    @property
    def _base(self) -> str:
        """What flows from layer to layer."""
        variables = self.parts.program.variables.values()
        return "h" if any(variable.base == "h" for variable in variables) else "z"

    @property
    def _stream(self) -> str:
        return self.network.style.activation if self._base == "h" else "z"

    def _names(self, center: int, building: bool = False) -> LayerNames:
        style, depth = self.network.style, self.found.depth
        return LayerNames(self.parts.program, style, depth, center, self._base, building)

    @property
    def _outside(self) -> LayerNames:
        """The names seen from the last layer."""
        return self._names(self.found.depth)

    def _of_layer(self, section: Section, layer: int) -> Section:
        """The operations of a layer; a nameless one belongs to the layer that uses it."""
        layers: dict[str, int | None] = {}
        for operation in reversed(section):
            layers.setdefault(operation.out, self._variable(operation.out).layer)
            for name in operation.arguments:
                own = self._variable(name).layer
                layers.setdefault(name, layers[operation.out] if own is None else own)
        return tuple(operation for operation in section if layers[operation.out] == layer)

    def _single(self, name: str) -> bool:
        """Whether it is a value of the last layer, which the cache has alone."""
        variable = self._variable(name)
        return variable.layer == self.found.depth and variable.role is not Role.PARAMETER

    def _field(self, name: str) -> str:
        """Where the cache has a name: the last layer's values alone, the others in a tuple."""
        if self._single(name):
            return self._outside.code(name)
        return self._stream if name == self.network.input else self._family(name)

    def _family(self, name: str) -> str:
        return self._outside.symbol(self._variable(name))

    def _cache(self) -> dict[str, str]:
        """Name and type of every field: tuples first."""
        single = set(filter(self._single, self.parts.cache))
        families = dict.fromkeys(self._field(n) for n in self.parts.cache if n not in single)
        alone = dict.fromkeys(self._field(n) for n in self.parts.cache if n in single)
        return {**dict.fromkeys(families, "tuple[Array, ...]"), **dict.fromkeys(alone, "Array")}

    def _lines(
        self, section: Section, names: LayerNames | None = None, indent: int = 1
    ) -> list[str]:
        """Lines of a section, in which the gradients of parameters are appended to their family."""
        collected = {f"d_{family}" for family in self._families}
        seen_from = names or self._outside
        lines: list[str] = []
        for line in statements(section, self.parts, seen_from):
            lines += commented(line, indent, append=line.target in collected)
        return lines

    def _loss(self) -> tuple[str, ...]:
        section, penalties = split(self.parts, self.found.depth)
        *before, last = typed(statements(section, self.parts, self._outside))
        last = replace(last, formula=f"{last.formula} + ...") if penalties else last
        lines = [text for line in (*before, last) for text in commented(line)]
        for penalty in penalties:
            lines += penalty.lines(self._outside, self.network.style.loss)
        return (*self._locals(section), *lines)

    def _forward(self) -> tuple[str, ...]:
        hidden = self._of_layer(self.parts.forward, self.found.hidden)
        families = [name for name, kind in self._cache().items() if kind != "Array"]
        tuples = [name for name in families if name not in self._families]
        values = [f"tuple({n})" if n in tuples else n for n in self._cache()]
        comma = "," if len(self._families) == 1 else ""
        return (
            *checked(self.network.input, self.network.input),
            f"{STEP}{', '.join(self._families)}{comma} = params",
            f"{STEP}{self._stream} = [{self.network.input}]",
            *(f"{STEP}{name}: list[Array] = []" for name in tuples if name != self._stream),
            f"{STEP}for k in range(1, len(W)):",
            *self._lines(hidden, self._names(self.found.hidden, building=True), 2),
            *(f"{STEP * 2}{name}.append({name}_k)" for name in tuples),
            *self._lines(self._of_layer(self.parts.forward, self.found.depth)),
            f"{STEP}return {self.network.style.prediction}, Cache({', '.join(values)})",
        )

    def _backward(self) -> tuple[str, ...]:
        collected = [f"{STEP}d_{family}: list[Array] = []" for family in self._families]
        reverse = ", ".join(f"tuple(d_{family}[::-1])" for family in self._families)
        lines = self._back(self.parts.backward, collected)
        return (*lines, f"{STEP}return Parameters({reverse})")

    def _input_gradient(self) -> tuple[str, ...]:
        if not self.parts.by_input:
            return ()
        section, names = self.parts.to_input, self._names(0)
        last = tuple(operation for operation in section if operation.out == self.parts.by_input)
        return (
            *self._back(section, []),
            *self._lines(last, names),
            f"{STEP}return {names.code(self.parts.by_input)}",
        )

    def _back(self, section: Section, collected: list[str]) -> tuple[str, ...]:
        """A pass from the loss back to the first layer."""
        last = self._of_layer(section, self.found.depth)
        hidden = self._of_layer(section, self.found.hidden)
        return (
            *checked("_", f"cache.{self._stream}[0]"),
            f"{STEP}y = _target(y, cache.{self.network.style.prediction})",
            f"{STEP}W = params.W",
            *self._locals((*last, *hidden)),
            *collected,
            *self._lines(last),
            f"{STEP}for k in range(len(W) - 1, 0, -1):",
            *self._lines(hidden, self._names(self.found.hidden), 2),
        )

    def _locals(self, section: Section) -> list[str]:
        """What a section takes from the cache and the shapes."""
        used = {self._field(name) for name in needed(section)}
        fields = [n for n in self._cache() if n in used and n not in self._families]
        sizes = vector_lines(section, self.parts) + size_lines(section, self.parts)
        return unpacked(fields, "cache", fields) + sizes

    def _trial(self) -> tuple[str, ...]:
        """The hidden layers' sides in comprehensions, then those of the last and of the loss."""
        target, sides = self.parts.target, []
        _, penalties = split(self.parts, self.found.depth)
        for penalty in penalties:
            (weight,) = penalty.part.arguments
            sides += penalty.sides(relations(penalty.part, {weight: penalty.member}))
        own = self.parts.program.named(Role.PARAMETER)
        for case in self.parts.cases:
            layer = self._variable(case.out).layer
            if set(case.arguments) <= set(own):
                continue
            if layer == self.found.hidden:
                (family,) = (self._family(name) for name in case.arguments)
                every = relations(case, {case.arguments[0]: f"{family}_k"})
                sides += [f"*({text} for {family}_k in cache.{family})" for text in every]
            elif layer in (self.found.depth, None):
                names = [name for name in case.arguments if name != target]
                places = {name: f"cache.{self._field(name)}" for name in names} | {target: target}
                sides += relations(case, places)
        return trial(sides, self.parts, self.network.style.prediction)

    def _init(self, biases: tuple[Biases, ...]) -> tuple[str, ...]:
        rules = [activation_of(layer.activation).init for layer in self.network.layers]
        shape = "(n_out, n_in)" if self.network.style.weights == "out_in" else "(n_in, n_out)"
        parts = ("fans",) if rules[0] == rules[1] else ("fans[:-1]", "fans[-1:]")
        lines = []
        for rule, part, sign in zip(rules, parts, ("=", "+="), strict=False):
            draw = f"_normal(rng, {VARIANCES[rule].format('n_in', 'n_out')}, {shape}, dtype)"
            lines.append(f"W {sign} [{draw} for n_in, n_out in {part}]")
        lines += [
            f"b = [np.zeros((n_out,), dtype) for n_out in sizes{family.layers}]"
            for family in biases
        ]
        families = ", ".join(f"tuple({family})" for family in self._families)
        return (*lines, f"return Parameters({families})")


def _quoted(size: int | str) -> str:
    return f'"{size}"' if isinstance(size, str) else str(size)
