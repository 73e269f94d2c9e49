"""Normalizing and folding texts."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.errors import InvalidInput
from domain.texts import TAG_LENGTH, clean_tag, fold

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


def test_folding_keeps_accents() -> None:
    assert fold("cafe") != fold("café")


@pytest.mark.parametrize(
    ("text", "tag"),
    [
        ("  sales ", "sales"),
        ("\u00a0a b\u2003", "a b"),
        ("Cafe\u0301", "Café"),
        ("\tsales\n", "sales"),
        ("%_\\'\"", "%_\\'\""),
    ],
)
def test_a_tag_is_trimmed_and_normalised(text: str, tag: str) -> None:
    assert clean_tag(text, path=()) == tag


@pytest.mark.parametrize("text", ["", " ", "\t\n", "\u00a0\u2003", "a\nb", "a\x00b", "a\x7fb", "a\u2028b", "\ud800"])
def test_a_blank_tag_and_one_with_control_characters_are_refused(text: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        clean_tag(text, path=("input", "tag"))
    assert refused.value.path == ("input", "tag")


def test_a_tag_has_at_most_64_characters_after_normalization() -> None:
    assert clean_tag(" " + "e\u0301" * TAG_LENGTH + " ", path=()) == "é" * 64
    with pytest.raises(InvalidInput):
        clean_tag("x" * 65, path=())
