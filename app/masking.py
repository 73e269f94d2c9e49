"""Mask the secrets that an error message quotes from an invalid input, since clients log such messages."""

from __future__ import annotations

import re

_SECRET = re.compile(
    r"""(?P<name>\b(?:password|currentPassword|newPassword|token)['"]?\s*:\s*)(?P<value>\"{3}.*?\"{3}|\[.*?\]|"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|-?\d[\w.+-]*)""",
    re.IGNORECASE | re.DOTALL,
)
"""A field that holds a secret, with its value (or values in a list) in GraphQL, JSON or Python notation."""


def mask_secrets(message: str) -> str:
    """The message without the values of passwords and tokens."""
    return _SECRET.sub(r'\g<name>"***"', message)
