"""Global ids: opaque texts of a type and its key.

A text that is no global id is treated like the id of a row that does not exist.
"""

from __future__ import annotations

import binascii
from collections.abc import Callable
from typing import Any

import strawberry

NO_ROW = 0
"""A key that no row has."""

LARGEST = 2**63 - 1


def encode(type_name: str, *numbers: int) -> strawberry.ID:
    """Return the global id of a row; a few types have keys of two numbers."""
    return encoder(type_name, len(numbers))(numbers)


def encoder(type_name: str, length: int) -> Callable[[Any], strawberry.ID]:
    """Return the function that encodes the keys of one type: single numbers, or tuples of `length` numbers."""
    # The type may come from a caller's id, and then contain format characters.
    pattern = f"{type_name.replace('%', '%%')}{':%d' * length}".encode()

    def encode_key(key: Any) -> strawberry.ID:
        # Base64 of letters, digits and colons has no + and no /, so this is also the URL-safe form.
        return binascii.b2a_base64(pattern % key, newline=False).rstrip(b"=").decode()  # type: ignore[return-value]

    return encode_key


def decode(global_id: str) -> tuple[str, tuple[int, ...]]:
    """Return the type and the key of a global id, or an empty type if the text is no global id."""
    try:
        name, *numbers = binascii.a2b_base64(global_id + "=" * (-len(global_id) % 4)).decode().split(":")
        values = tuple(map(int, numbers))
    except (binascii.Error, UnicodeError, ValueError):
        return "", ()
    # The decoder ignores some characters: only texts that encode to themselves are ids.
    if not values or encode(name, *values) != global_id or min(values) <= 0 or max(values) > LARGEST:
        return "", ()
    return name, values


def row_id(global_id: str, type_name: str) -> int:
    """Return the key in a global id of this type, or `NO_ROW`."""
    name, numbers = decode(global_id)
    return numbers[0] if name == type_name and len(numbers) == 1 else NO_ROW
