"""Arguments that many fields take."""

from __future__ import annotations

from typing import Annotated, Any

import strawberry


def described(description: str) -> Any:
    """Return what describes an argument in `Annotated`."""
    return strawberry.argument(description=description)


First = Annotated[int | None, described("The number of rows to return from the start, up to 500; 50 by default.")]
After = Annotated[str | None, described("Return the rows after this cursor.")]
Last = Annotated[int | None, described("The number of rows to return from the end, up to 500.")]
Before = Annotated[str | None, described("Return the rows before this cursor.")]
Search = Annotated[str | None, described("Only those whose name contains this text, ignoring case.")]
