"""Fixtures of the browser checks: a demo server and a page in Chromium."""

import os
import socket
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import uvicorn

from tests.browser import chromium


@pytest.fixture
def server_url() -> Iterator[str]:
    """Give the base address of a server in demo mode, with the demo's inventory.

    To be finished with the application: it has to be made with a demo database in a temporary folder.
    DIALTREE_BROWSER_TEST_URL names a server that runs already (the checks change its data a little).
    """
    if running := os.environ.get("DIALTREE_BROWSER_TEST_URL"):
        yield running.rstrip("/")
        return
    application = pytest.importorskip("app.application", reason="the application is not there yet")
    with socket.create_server(("127.0.0.1", 0)) as listener:
        server = uvicorn.Server(uvicorn.Config(application.create_application(), log_level="warning"))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
        thread.start()
        while not server.started and thread.is_alive():
            time.sleep(0.05)
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        server.should_exit = True
        thread.join()


@pytest.fixture
def page(tmp_path: Path) -> Iterator[chromium.Page]:
    """Give a page in headless Chromium."""
    command = chromium.executable()
    if command is None:
        message = "Chromium is not installed: apt-get install chromium"
        if os.environ.get("CI") == "true":
            pytest.fail(message)
        pytest.skip(message)
    with chromium.page(command, tmp_path / "profile") as opened:
        yield opened
