"""Arguments that many fields take."""

from __future__ import annotations

from typing import Annotated, Any

import strawberry


def described(description: str) -> Any:
    """Return what describes an argument in `Annotated`."""
    return strawberry.argument(description=description)


First = Annotated[int | None, described("The number of rows to return, up to 500.")]
After = Annotated[str | None, described("Return the rows after this cursor.")]
Search = Annotated[str | None, described("Only those whose name contains this text, ignoring case.")]
