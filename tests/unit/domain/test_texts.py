"""Normalizing and folding texts."""

from __future__ import annotations

import unicodedata
from functools import partial

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from domain.errors import InvalidInput
from domain.texts import TAG_LENGTH, clean_name, clean_note, clean_tag, fold, fold_for_lookup, is_blank, normalize

INVISIBLE = "\u00ad\u034f\u115f\u17b4\u180b\u200b\u200d\u200e\u2060\u3164\ufe0f\ufeff\uffa0\U000e0061"
TEXT = st.text(st.characters(codec="utf-8"), max_size=30)


@given(TEXT)
def test_folding_is_idempotent(text: str) -> None:
    assert fold(fold(text)) == fold(text)


@given(TEXT)
def test_folding_ignores_case_and_composition(text: str) -> None:
    assert fold(unicodedata.normalize("NFD", text)) == fold(unicodedata.normalize("NFC", text)) == fold(text)
    assert fold(text.casefold()) == fold(text)


@pytest.mark.parametrize(
    ("text", "folded"),
    [("SALES", "sales"), ("Straße", "strasse"), ("ÉMILE", "émile"), ("Cafe\u0301", "café"), ("ΣΊΣΥΦΟΣ", "σίσυφοσ")],
)
def test_a_text_is_folded(text: str, folded: str) -> None:
    assert fold(text) == folded


@given(TEXT)
def test_a_normal_form_stays_as_it_is(text: str) -> None:
    normal = normalize(text)
    assert normalize(normal) == normal == unicodedata.normalize("NFC", normal)
    assert normalize(unicodedata.normalize("NFD", text)) == normal
    assert fold_for_lookup(text) == fold_for_lookup(normal)


@given(TEXT, st.sampled_from(INVISIBLE), st.integers(0, 30))
@example("\x1f", "\u00ad", 0)
def test_an_invisible_character_makes_no_difference(text: str, invisible: str, at: int) -> None:
    assert fold(text[:at] + invisible + text[at:]) == fold(text)
    assert is_blank(invisible + text) == is_blank(text)


@given(TEXT, st.text(st.sampled_from(INVISIBLE + " \u3000\n"), max_size=5), st.text(st.sampled_from(INVISIBLE + " ")))
def test_white_space_at_the_ends_makes_no_difference(text: str, before: str, after: str) -> None:
    assert fold(normalize(before + normalize(text) + after)) == fold(normalize(text))


@given(TEXT)
def test_a_clean_tag_is_shown_and_clean(text: str) -> None:
    try:
        tag = clean_tag(text, path=())
    except InvalidInput:
        return
    assert clean_tag(tag, path=()) == tag
    assert fold(tag)
    assert not any(unicodedata.category(character) in {"Cc", "Cs", "Zl", "Zp"} for character in tag)


def test_folding_keeps_accents() -> None:
    assert fold("cafe") != fold("café")


@pytest.mark.parametrize(
    ("text", "tag"),
    [
        ("  sales ", "sales"),
        ("\u00a0a b\u2003", "a b"),
        ("Cafe\u0301", "Café"),
        ("\tsales\n", "sales"),
        ("\ufeff\u200bsales\u2060\u3000", "sales"),
        ("\u1680sales\u205f\u202f\u0085", "sales"),
        ("sa\u200cles\u200d", "sa\u200cles\u200d"),
        ("\u2764\ufe0f", "\u2764\ufe0f"),
        ("\u200e New \u200f", "\u200eNew\u200f"),
        (" \u200e\u3000\u200d\u200bNew\n\u200d", "\u200e\u200dNew\u200d"),
        ("%_\\'\"", "%_\\'\""),
    ],
)
def test_a_tag_is_trimmed_and_normalised(text: str, tag: str) -> None:
    assert clean_tag(text, path=()) == tag


BLANK = ["", " ", "\t\n", "\u00a0\u2003", *INVISIBLE, "\u0301", "\u0bc0", "\u20dd", "\u2800", "\u200d \u3164"]
UNSHOWN = [
    "a\nb",
    "a\x00b",
    "a\x7fb",
    "a\u0085b",
    "a\u2028b",
    "\ud800",
    "\x1ca",
    "\u202aa\u202c",
    "a\u202eb",
    "\u2066a\u2069",
]


@pytest.mark.parametrize("text", [*BLANK, *UNSHOWN])
def test_a_blank_tag_and_one_with_control_characters_are_refused(text: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        clean_tag(text, path=("input", "tag"))
    assert refused.value.path == ("input", "tag")


def test_a_tag_has_at_most_64_characters_after_normalization() -> None:
    assert clean_tag(" " + "e\u0301" * TAG_LENGTH + " ", path=()) == "é" * 64
    with pytest.raises(InvalidInput):
        clean_tag("x" * 65, path=())


@pytest.mark.parametrize("character", ["x", "é", "\u200b", " "])
def test_a_text_of_millions_of_characters_is_refused_as_it_is(character: str) -> None:
    """Whatever it would be after white space is removed, which takes long."""
    text = character * 4_000_000
    for clean, limit in ((partial(clean_name, noun="name"), 100), (clean_tag, 64), (clean_note, 2000)):
        with pytest.raises(InvalidInput, match=f"has 4000000 characters; {limit} is the most"):
            clean(text, path=())
    assert fold_for_lookup(text) == "\1"


def test_a_blank_note_is_empty_and_one_with_controls_is_refused() -> None:
    assert clean_note(" \u200b\n\u3164", path=()) == ""
    assert clean_note(" one\r\n\ttwo ", path=()) == "one\n\ttwo"
    for text in ("a\u202eb", "a\u0007b"):
        with pytest.raises(InvalidInput, match="The note holds"):
            clean_note(text, path=())
