"""Counting the values of a JSON text."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app import json_size
from app.json_size import has_too_many_values

TEXTS = st.text(st.sampled_from('ab,[{"\\\n\u00e9\U0001f4de'), max_size=12)
VALUES = st.recursive(
    st.none() | st.integers() | TEXTS,
    lambda inner: st.lists(inner, max_size=5) | st.dictionaries(TEXTS, inner, max_size=5),
    max_leaves=40,
)


def size(value: Any) -> int:
    """The number of values, an empty list or object counting as two."""
    inner = list(value.values()) if isinstance(value, dict) else value if isinstance(value, list) else None
    return 1 if inner is None else 1 + max(1, sum(map(size, inner)))


@given(VALUES, st.integers(1, 9), st.booleans())
async def test_values_are_counted_in_any_portions(value: Any, portion: int, is_ascii: bool) -> None:  # noqa: FBT001
    text = json.dumps(value, ensure_ascii=is_ascii).encode()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(json_size, "PORTION_BYTES", portion)
        patch.setattr(json_size, "MAX_VALUES", size(value))
        assert not await has_too_many_values(text)
        patch.setattr(json_size, "MAX_VALUES", size(value) - 1)
        assert await has_too_many_values(text) is (len(text) > size(value) - 1)


@pytest.mark.parametrize(
    ("text", "is_refused"),
    [
        (json.dumps(["+14185550100"] * 149_999), False),
        (json.dumps(["+14185550100"] * 150_000), True),
        (json.dumps({"text": '+14185550100,"Bank",[{\\\r\n' * 100_000}), False),
        ("[" + "{}," * 1_000_000 + "{}]", True),
    ],
    ids=["values", "too many values", "separators in a string", "empty objects"],
)
async def test_the_number_of_values_is_limited(text: str, is_refused: bool) -> None:  # noqa: FBT001
    assert await has_too_many_values(text.encode()) is is_refused
