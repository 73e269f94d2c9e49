"""What a history needs of a server."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Any

from tests.support.databases import Databases
from tests.support.server import Server

Json = dict[str, Any]
OpenServer = Callable[[], AbstractContextManager[Server]]


@contextmanager
def opened(databases: Databases) -> Iterator[Server]:
    """A server over an empty database of its own, for as long as one history runs."""
    url = databases.create()
    server = Server(url)
    try:
        yield server
    finally:
        server.close()
        databases.drop(url)
