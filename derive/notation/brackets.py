"""What must be known of a formula's brackets before it is parsed: one pass over the tokens.

Bars are told apart (``|x|``, ``p(x|z)``, evaluated at), braces that hold nothing together go, space
that parts nothing goes, and every bracket learns where it is closed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from derive.notation.letters import BARE, function
from derive.notation.tokens import Kind, Token
from derive.notation.vocabulary import BRACES, RELATIONS

CLOSING = {"(": ")", "[": "]", "{": "}", "⟨": "⟩", "⌊": "⌋", "⌈": "⌉", "⁽": "⁾"}
CLOSING |= {"|<": "|>", "‖<": "‖>", "left.": "right."}
"""Every opening bracket with its closing one."""

_OPENED_BY = {closing: opening for opening, closing in CLOSING.items()}
_BARS = {"|": ("|<", "|>", "given"), "‖": ("‖<", "‖>", "parallel")}
_INFIX = frozenset(
    [
        "+",
        "-",
        "/",
        "⊘",
        "·",
        "×",
        "*",
        "@",
        "∘",
        "⊗",
        "⊙",
        "^",
        "_",
        ",",
        ";",
        "rows",
        "quad",
        "&",
        "given",
        "parallel",
        "implies",
        ":",
    ]
)
_ARITY = {"frac": 2, "root": 2, "binom": 2, "sqrt": 1, "partial": 1, "d": 1}


@dataclass(slots=True)
class _Frame:
    """What is open: a bracket, a brace, an environment, or the whole."""

    opened: int = -1
    group: bool = False
    argument: bool = True
    """A brace that is an argument."""
    pending: int = 0
    """Arguments that a command still wants here."""
    bars: dict[str, list[int]] = field(default_factory=dict)
    over: bool = False


class _Pass:
    def __init__(self, tokens: Sequence[Token]):
        self.tokens = list(tokens)
        self.gone = set[int]()
        self.frames = [_Frame()]
        self.groups = 0

    def run(self) -> list[Token]:
        for at, token in enumerate(self.tokens):
            self.step(at, token)
        while self.frames:
            self.settle(self.frames.pop())
        return [token for at, token in enumerate(self.tokens) if at not in self.gone]

    def step(self, at: int, token: Token) -> None:
        frame = self.frames[-1]
        if token.kind is Kind.GROUP:
            self.brace(at, token)
        elif token.kind is Kind.SIGN and token.text in CLOSING:
            frame.pending = 0
            self.frames.append(_Frame(at))
        elif token.kind is Kind.SIGN and token.text in _OPENED_BY:
            self.close(at, token)
        elif token.kind is Kind.SIGN and token.text in _BARS:
            frame.bars.setdefault(token.text, []).append(at)
        elif token.kind is Kind.COMMAND and token.text.startswith("begin"):
            self.enter(_Frame(at, group=True))
        elif token.kind is Kind.COMMAND and token.text.startswith("end"):
            self.leave()
        else:
            frame.over |= token.kind is Kind.COMMAND and token.text == "over"
            frame.pending = _arity(token) or max(frame.pending - 1, 0)

    def brace(self, at: int, token: Token) -> None:
        frame = self.frames[-1]
        if token.text == "{":
            argument = frame.pending > 0
            frame.pending = max(frame.pending - 1, 0)
            self.enter(_Frame(at, group=True, argument=argument))
            return
        inner = self.leave()
        if inner is None or inner.argument or inner.over:
            return
        following = self.tokens[at + 1]
        if at == inner.opened + 1 or following.text not in ("_", "^", "'"):
            self.gone |= {inner.opened, at}

    def enter(self, frame: _Frame) -> None:
        self.frames.append(frame)
        self.groups += 1

    def leave(self) -> _Frame | None:
        """The innermost open brace, with what was left open in it."""
        if not self.groups:
            return None
        self.groups -= 1
        while True:
            frame = self.frames.pop()
            self.settle(frame)
            if frame.group:
                return frame

    def close(self, at: int, token: Token) -> None:
        frame = self.frames[-1]
        if frame.opened < 0 or frame.group:
            if token.text == "right.":
                self.gone.add(at)
            return
        self.settle(self.frames.pop())
        opening = self.tokens[frame.opened].text
        if opening == "left." and token.text in ("|>", "‖>"):
            self.tokens[at] = replace(token, text="at")
            self.gone.add(frame.opened)
        elif opening == "left." and token.text == "right.":
            self.gone |= {frame.opened, at}

    def settle(self, frame: _Frame) -> None:
        """Say of every bar which it is."""
        for sign, places in frame.bars.items():
            opening, closing, between = _BARS[sign]
            bars = [at for at in places if not self.is_at(at)]
            for k, at in enumerate(bars):
                text = closing if k % 2 else opening
                if k == len(bars) - 1 and not k % 2:
                    text = "at" if self.tokens[at + 1].text == "_" else between
                self.tokens[at] = replace(self.tokens[at], text=text)
            for at in set(places) - set(bars):
                self.tokens[at] = replace(self.tokens[at], text="at")

    def is_at(self, at: int) -> bool:
        """``|_{x = 0}``: a script with a relation in it."""
        texts = [token.text for token in self.tokens[at + 1 : at + 40]]
        if texts[:2] != ["_", "{"]:
            return False
        end = texts.index("}") if "}" in texts else len(texts)
        return any(text in RELATIONS for text in texts[2:end])


def _arity(token: Token) -> int:
    if token.kind is Kind.COMMAND:
        named = token.text.startswith(("accent", "style")) or token.text in BRACES
        return 1 if named else _ARITY.get(token.text, 0)
    if token.kind is Kind.SIGN:
        return int(token.text in ("_", "^"))
    return int(token.kind is Kind.UPRIGHT and function(token.text) in BARE)


def _parts(before: Token | None, after: Token) -> bool:
    """Whether space stands between the end of a formula and the beginning of the next."""
    if before is None or after.kind in (Kind.END, Kind.WORD):
        return False
    if after.kind is Kind.SIGN:
        loose = after.text in _INFIX or after.text in RELATIONS or after.text in _OPENED_BY
        if loose:
            return False
    if before.kind is Kind.SIGN:
        return not (before.text in _INFIX or before.text in RELATIONS or before.text in CLOSING)
    return before.kind not in (Kind.WORD, Kind.COMMAND)


def prepared(tokens: Sequence[Token]) -> list[Token]:
    """The tokens as the parser wants them."""
    seen = _Pass(tokens).run()
    found = list[Token]()
    depth = 0
    for at, token in enumerate(seen):
        if token.kind in (Kind.SIGN, Kind.GROUP):
            depth += (token.text in CLOSING) - (token.text in _OPENED_BY)
        if token.kind is Kind.SIGN and token.text == "quad":
            remark = (
                seen[at + 1].text in "([" and seen[min(at + 2, len(seen) - 1)].kind is Kind.WORD
            )
            if depth or remark or not _parts(found[-1] if found else None, seen[at + 1]):
                continue
        found.append(token)
    return _lone_d(found)


def partners(tokens: Sequence[Token]) -> dict[int, int]:
    """Where each bracket and brace is closed, as far as they are."""
    found, stack = dict[int, int](), list[int]()
    for at, token in enumerate(tokens):
        if token.kind not in (Kind.SIGN, Kind.GROUP):
            continue
        if token.text in CLOSING:
            stack.append(at)
        elif token.text in _OPENED_BY and stack:
            found[stack.pop()] = at
    return found


def _lone_d(tokens: list[Token]) -> list[Token]:
    """A d at the head of both parts of a fraction is that of a differential."""
    closed = partners(tokens)
    for at, token in enumerate(tokens):
        heads = (at, at)
        if token.kind is Kind.COMMAND and token.text == "frac" and at + 1 in closed:
            heads = at + 2, closed[at + 1] + 2
        elif token.text == "d" and at + 1 in closed:
            end = closed[at + 1] + 1
            heads = (at, end + 1) if tokens[end].text == "/" else heads
        if heads[0] < heads[1] < len(tokens) and all(_is_d(tokens[k]) for k in heads):
            for k in heads:
                tokens[k] = replace(tokens[k], kind=Kind.COMMAND, text="d")
    return tokens


def _is_d(token: Token) -> bool:
    return token.text == "d" and token.kind in (Kind.NAME, Kind.UPRIGHT, Kind.COMMAND)
