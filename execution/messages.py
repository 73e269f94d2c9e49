"""Shorten what error messages quote from a request."""

from __future__ import annotations

import re
from collections.abc import Iterable

from graphql import GraphQLError

MAX_WORD_LENGTH = 60
MAX_MESSAGE_LENGTH = 1_000

_LONG_WORD = re.compile(rf"(\S{{{MAX_WORD_LENGTH}}})\S+")


def shorten(message: str) -> str:
    """The message with long words, such as names and literals, cut, and then itself."""
    message = _LONG_WORD.sub(r"\1…", message)
    return message if len(message) <= MAX_MESSAGE_LENGTH else message[:MAX_MESSAGE_LENGTH] + "…"


def shortened(errors: Iterable[GraphQLError]) -> list[GraphQLError]:
    """The errors with shortened messages."""
    errors = list(errors)
    for error in errors:
        error.message = shorten(error.message)
    return errors
