"""What a test asks of a running server, on whichever database it keeps its inventory."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any, Protocol

Json = dict[str, Any]


class Server(Protocol):
    """A server with an empty inventory of its own and a clock that the test sets."""

    def execute(
        self,
        query: str,
        variables: Json | None = None,
        *,
        token: str | None,
        acting: str | None = None,
    ) -> Json:
        """Send a GraphQL request; `acting` is the id of the organization to act from."""
        ...

    def differences(self) -> list[str]:
        """What `dialtree check` finds."""
        ...

    def import_organizations(self, csv_text: str) -> None:
        """Do what `dialtree import organizations` does."""
        ...

    def import_numbers(self, csv_text: str) -> None:
        """Do what `dialtree import numbers` does."""
        ...

    def create_key(self, *, organization: str, role: str) -> str:
        """Make an API key at the organization of a path; the answer is the bearer token."""
        ...

    def advance(self, seconds: float) -> None:
        """Set the clock forward."""
        ...


# Every call opens a server of its own.
OpenServer = Callable[[], AbstractContextManager[Server]]
