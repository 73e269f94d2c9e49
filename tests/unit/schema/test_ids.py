"""Global ids: encoding round-trips, and any invalid id is handled."""

from __future__ import annotations

import binascii
from types import SimpleNamespace

from hypothesis import example, given
from hypothesis import strategies as st

from schema.core.ids import LARGEST, decode, encode, id_resolver

numbers = st.integers(1, LARGEST)
names = st.text(st.characters(codec="ascii", categories=["L", "N"]), min_size=1)


@given(names, st.lists(numbers, min_size=1, max_size=2))
def test_an_id_encodes_its_type_and_numbers(name: str, key: list[int]) -> None:
    assert decode(encode(name, *key)) == (name, tuple(key))
    record = SimpleNamespace(**{f"key_{index}": number for index, number in enumerate(key)})
    assert id_resolver(name, *vars(record))(record) == encode(name, *key)


@given(
    st.text()
    | st.text(st.sampled_from("%ds:1")).map(lambda text: binascii.b2a_base64(text.encode()).decode().strip("=\n"))
)
@example("JWQ6MQ")
@example("JTox")
def test_only_the_canonical_encoding_of_an_id_is_decoded(text: str) -> None:
    name, key = decode(text)
    assert (name, key) == ("", ()) or encode(name, *key) == text
