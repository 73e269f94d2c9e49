"""Mask the secrets that an error message quotes from an invalid input, since clients log such messages."""

from __future__ import annotations

import re

_TEXT = r"""\"{3}.*?\"{3}|"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|-?\d[\w.+-]*+"""
_SECRET = re.compile(
    r"""(?P<name>\b(?:password|currentPassword|newPassword|token)['"]?\s*:\s*)"""
    rf"(?P<value>{_TEXT}|\[(?:[\[\],\s]|(?>{_TEXT}))*\])",
    re.IGNORECASE | re.DOTALL,
)
"""A field that holds a secret, with its value (or values in a list) in GraphQL, JSON or Python notation.

A part of a list is read in one way only (`(?>…)`), so the time is linear in the length of the message.
"""


def mask_secrets(message: str) -> str:
    """The message without the values of passwords and tokens."""
    return _SECRET.sub(r'\g<name>"***"', message)
