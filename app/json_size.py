"""The number of values of a JSON text.

Decoding millions of values takes seconds, in which no other thread can run. They are counted before, which takes
milliseconds, and can be interrupted.
"""

from __future__ import annotations

import asyncio

MAX_VALUES = 150_000
"""Enough for a list of 100,000 numbers or for 10,000 usage records, and decoded in at most 100 ms."""

PORTION_BYTES = 64 * 1024
"""Other threads can run after each portion."""


async def has_too_many_values(text: bytes) -> bool:
    """Whether a JSON text has more than `MAX_VALUES` values; whatever is not JSON may have more or not."""
    # Every value but the outermost follows a separator, so this counts at least as many as there are.
    if len(text) <= MAX_VALUES or _separators(text) < MAX_VALUES:
        return False
    return await asyncio.to_thread(_has_too_many_outside_strings, text)


def _has_too_many_outside_strings(text: bytes) -> bool:
    values, end, in_string = 1, 0, False
    while end < len(text):
        start, end = end, end + PORTION_BYTES
        portion = text[start:end]
        if (len(portion) - len(portion.rstrip(b"\\"))) % 2:
            # The portion ends within an escape sequence.
            end += 1
            portion = text[start:end]
        pieces = portion.replace(rb"\\", b"").replace(rb"\"", b"").split(b'"')
        values += _separators(b" ".join(pieces[in_string::2]))
        if values > MAX_VALUES:
            return True
        in_string ^= len(pieces) % 2 == 0
    return False


def _separators(text: bytes) -> int:
    return text.count(b",") + text.count(b"[") + text.count(b"{")
