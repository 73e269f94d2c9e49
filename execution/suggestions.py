"""Let graphql-core suggest names for any text.

Its measure of similarity allocates a cell for each character of the text, and then compares the text in lower case,
which is longer if it contains "İ" (U+0130): an invalid enum value or input field with that character failed with an
IndexError.
"""

from __future__ import annotations

from graphql.pyutils.suggestion_list import LexicalDistance

_initialize = LexicalDistance.__init__


def _initialize_for_lower_case(distance: LexicalDistance, text: str) -> None:
    _initialize(distance, text)
    cells = len(text.lower()) + 1
    distance._rows = [[0] * cells for _ in range(3)]  # noqa: SLF001 - the list that is too short


def repair_suggestions() -> None:
    """Replace the measure of graphql-core by one that does not fail."""
    setattr(LexicalDistance, "__init__", _initialize_for_lower_case)  # noqa: B010 - mypy knows of no other way
