"""What a history needs of a server."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any

from tests.support.server import Server

Json = dict[str, Any]
Reader = Callable[..., Json]
"""Sends a query or mutation that has to succeed from a seat."""

OpenServer = Callable[[], AbstractContextManager[Server]]
