"""UTF-8 that was read as a code page: restored where it is damaged, left alone where it is not."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from derive.checking.candidates import Names, Neighbours, names, ranked
from derive.checking.repair import Repaired, repair

FORMULAS = "∂L/∂W₁ = ρ·(ŷ − y)·xᵀ ≈ 3, z ← W₁x + b₂, eˣ − e⁻ˣ, x ∈ ℝ, α ≤ ∞, ║ a ║, 𝑥² × “b”"

SOUND = [
    "Voilà un été à la française, ÉTÉ : « Ça va ? » œuvre Œ à l’œil — où êtes-vous ?",
    "ığdır şu çok güzel İstanbul ĞÜŞ Öğrenme oranı",
    "Größe: Maß “Spaß” „Ä“ — Übung ß“",
    "神经网络的反向传播推导 ∂L/∂W = δ·xᵀ",
    "Обратное распространение «СССР» – ошибка № 5",
    "NÃO É POSSÍVEL “IRMÔ AÇÃO",
    "∂L/∂W₁ = 2(ŷ − y)·x² × α ← ρ ∞",
    "z = 2·x ± 1° £5",
    "x² + y³",
    "Ã",
    "ÉTÉ\u00a0: x",
    "“Ä” “Å“ 5 °C µm",
    "naïve Ï Ð",
]


def damaged(text: str, page: str, errors: str = "ignore") -> str:
    """The text after its UTF-8 was read as a code page."""
    return text.encode().decode(page, errors)


@pytest.mark.parametrize("text", SOUND)
def test_a_sound_text_is_not_touched(text: str) -> None:
    assert repair(text) == Repaired(text)


@pytest.mark.parametrize("page", ["cp1252", "latin-1", "cp1254", "mac_roman", "cp437", "cp1251"])
@pytest.mark.parametrize("errors", ["ignore", "replace"])
def test_formulas_are_restored(page: str, errors: str) -> None:
    found = repair(damaged(FORMULAS, page, errors))
    assert found.text == FORMULAS
    assert found.codecs == ("cp1252" if page == "latin-1" else page,)


def test_a_text_that_was_damaged_twice() -> None:
    text = "a → b, x² – y"
    found = repair(damaged(damaged(text, "cp1252"), "cp1252"))
    assert (found.text, found.codecs) == (text, ("cp1252", "cp1252"))


def test_every_lost_byte_is_a_guess_with_its_candidates() -> None:
    found = repair(damaged("W₂ ← W₁", "cp1254"))
    assert found.text == "W₂ ← W₁"
    assert [(g.offset, g.chosen) for g in found.guesses] == [(3, "←"), (6, "₁")]
    assert found.guesses[1].candidates[0] == "₁"
    assert set("₁₍₎ₐ") <= set(found.guesses[1].candidates)


def test_intact_characters_are_no_guesses() -> None:
    found = repair(damaged("W₂ + W₃", "cp1254"))
    assert (found.text, found.guesses, found.count) == ("W₂ + W₃", (), 2)


def test_single_damaged_lines_of_a_sound_text() -> None:
    sound = "Größe und Übung, süß für Ärzte, größer als Öl"
    text = f"{sound}\n{damaged('a → b', 'cp1252')}\n{sound}"
    assert repair(text).text == f"{sound}\na → b\n{sound}"


def test_names_decide_between_mathematical_candidates() -> None:
    around = Neighbours("W", " ", "W", "=")
    assert ranked("ₐ₁", around, names("W₂ W₃"))[0] == "₁"
    assert ranked("ₐ₁", around, names("Wₓ Wₑ Wₒ"))[0] == "ₐ"


@pytest.mark.parametrize(
    ("left", "right", "char"), [("y", "x", "∝"), ("=", "x", "∏"), ("=", "", "∞")]
)
def test_neighbours_decide_what_names_do_not(left: str, right: str, char: str) -> None:
    around = Neighbours(" ", " ", left, right)
    assert ranked("∁∍∎∏∐∝∞", around, Names(names("").pairs))[0] == char


def test_offsets_lead_back_to_the_given_text() -> None:
    given = damaged("x² ← W₁ + é\nb₁", "cp1254")
    found = repair(given)
    for offset, char in enumerate(found.text):
        start, end = found.given(offset), found.given(offset + 1)
        assert given[start:end] == damaged(char, "cp1254")
        assert found.moved(start) == offset


@given(st.text(alphabet="ab =\n₁₂←αβ×²∂⁻é→“𝑥", max_size=60), st.sampled_from(["cp1252", "cp1254"]))
def test_a_repair_never_invents_text(text: str, page: str) -> None:
    """Whatever is restored, damaged again, is the given text."""
    given = damaged(text, page)
    found = repair(given)
    again = {damaged(found.text, codec) for codec in ("cp1252", "cp1254")}
    assert given in again | {found.text} or len(found.codecs) > 1


@given(st.text(max_size=80))
def test_a_repair_keeps_ascii_and_lines(text: str) -> None:
    found = repair(text)
    assert [c for c in found.text if c.isascii()] == [c for c in text if "\x00" < c < "\x80"] or (
        "\x00" in text
    )
    assert found.given(len(found.text)) == len(text)
