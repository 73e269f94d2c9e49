"""Global ids: opaque texts that name a type and a row. What does not decode names nothing, like a row that is not."""

from __future__ import annotations

import binascii
from collections.abc import Callable
from typing import Any

import strawberry

NOTHING = 0
"""An id that no row has."""

LARGEST = 2**63 - 1


def encode(type_name: str, *numbers: int) -> strawberry.ID:
    """The global id of a row; a few types have two numbers for a key."""
    return encoder(type_name, len(numbers))(numbers)


def encoder(type_name: str, length: int) -> Callable[[Any], strawberry.ID]:
    """What encodes the rows of one type, whose keys are a number each, or tuples of the length."""
    # A caller's id may name anything for a type, signs of a format as well.
    pattern = f"{type_name.replace('%', '%%')}{':%d' * length}".encode()

    def encode_key(key: Any) -> strawberry.ID:
        # No two letters, digits and colons make a + or a / in base64, so that this is its URL-safe form.
        return binascii.b2a_base64(pattern % key, newline=False).rstrip(b"=").decode()  # type: ignore[return-value]

    return encode_key


def decode(global_id: str) -> tuple[str, tuple[int, ...]]:
    """The type and the numbers in a global id, or an empty type for what is not one."""
    try:
        name, *numbers = binascii.a2b_base64(global_id + "=" * (-len(global_id) % 4)).decode().split(":")
        values = tuple(map(int, numbers))
    except (binascii.Error, UnicodeError, ValueError):
        return "", ()
    # Whatever was passed over while decoding does not come back.
    if not values or encode(name, *values) != global_id or min(values) <= 0 or max(values) > LARGEST:
        return "", ()
    return name, values


def row_id(global_id: str, type_name: str) -> int:
    """The row that a global id of this type names, or `NOTHING`."""
    name, numbers = decode(global_id)
    return numbers[0] if name == type_name and len(numbers) == 1 else NOTHING


def row_ids(global_ids: list[strawberry.ID] | None, type_name: str) -> tuple[int, ...] | None:
    """The rows that global ids of this type name, in order; None stays None."""
    return tuple(row_id(global_id, type_name) for global_id in global_ids) if global_ids else None
