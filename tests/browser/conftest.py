"""Fixtures of the browser checks: a demo server and a page in Chromium."""

import asyncio
import json
import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from app.application import create_application
from app.settings import Settings
from tests.browser import chromium
from tests.support.demo_database import create_demo
from tests.support.live_server import serving


@contextmanager
def demo_server(folder: Path, *, trusted: Iterable[str] = ()) -> Iterator[str]:
    """Give the base address of a server with a demo of its own, which runs only trusted documents if some are given."""
    settings = Settings(database_url=f"sqlite:///{folder / 'demo.db'}", mail_folder=folder)
    if documents := {text: text for text in trusted}:
        (manifest := folder / "documents.json").write_text(json.dumps(documents), encoding="utf-8")
        settings = settings.model_copy(update={"trusted_documents": manifest, "trusted_documents_only": "on"})
    demo = asyncio.run(create_demo(settings.database_url))
    with serving(create_application(settings, demo_key=demo.key)) as address:
        yield address


def browser_command() -> str:
    """Chromium's command. Without it, tests are skipped, and fail in CI."""
    command = chromium.executable()
    if command is None:
        message = "Chromium is not installed: apt-get install chromium"
        if os.environ.get("CI"):
            pytest.fail(message)
        pytest.skip(message)
    return command


@pytest.fixture
def server_url(tmp_path: Path) -> Iterator[str]:
    """Give the base address of a server with a demo of its own."""
    with demo_server(tmp_path) as address:
        yield address


@pytest.fixture
def page(tmp_path: Path) -> Iterator[chromium.Page]:
    """Give a page in headless Chromium."""
    with chromium.page(browser_command(), tmp_path / "profile") as opened:
        yield opened
