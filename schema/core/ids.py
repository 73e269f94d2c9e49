"""Global ids: opaque texts of a type and its key.

A text that is no global id is treated like the id of a row that does not exist.
"""

from __future__ import annotations

import binascii
from collections.abc import Callable
from operator import attrgetter
from typing import Any

import strawberry

NO_ROW = 0
"""A key that no row has."""

LARGEST = 2**63 - 1


def encode(type_name: str, *numbers: int) -> strawberry.ID:
    """Return the global id of a row; a few types have keys of two numbers."""
    return _encode(":".join((type_name, *map(str, numbers))).encode())


def id_resolver(type_name: str, *attributes: str) -> Callable[[Any], strawberry.ID]:
    """Return the resolver of the ids of one type, whose records have their key in these attributes."""
    pattern, key = f"{type_name}{':%d' * len(attributes)}".encode(), attrgetter(*attributes)

    def global_id(root: strawberry.Parent[Any]) -> strawberry.ID:
        return _encode(pattern % key(root))

    return global_id


def _encode(text: bytes) -> strawberry.ID:
    # Base64 of letters, digits and colons has no + and no /, so this is also the URL-safe form.
    return binascii.b2a_base64(text, newline=False).rstrip(b"=").decode()  # type: ignore[return-value]


def decode(global_id: str) -> tuple[str, tuple[int, ...]]:
    """Return the type and the key of a global id, or an empty type if the text is no global id."""
    try:
        text = binascii.a2b_base64(global_id + "=" * (-len(global_id) % 4))
        name, *numbers = text.decode().split(":")
        values = tuple(map(int, numbers))
    except (binascii.Error, UnicodeError, ValueError):
        return "", ()
    # The decoders ignore some characters: only texts that encode to themselves are ids.
    if _encode(text) != global_id or list(map(str, values)) != numbers:
        return "", ()
    return (name, values) if values and min(values) > 0 and max(values) <= LARGEST else ("", ())


def row_id(global_id: str, type_name: str) -> int:
    """Return the key in a global id of this type, or `NO_ROW`."""
    name, numbers = decode(global_id)
    return numbers[0] if name == type_name and len(numbers) == 1 else NO_ROW
