"""One demo, on which all snippets of the guide run in the order of the pages."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path
from unittest.mock import patch
from uuid import uuid4

import httpx
import pytest

from app import demo
from app.application import create_application
from app.settings import Settings
from tests.documentation.scene import Scene
from tests.support.demo_database import create_demo
from tests.support.live_server import serving
from tests.support.postgres import PostgresServer


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Give the folder in which commands run; their database is that of the demo."""
    created = tmp_path_factory.mktemp("guide")
    with pytest.MonkeyPatch.context() as patched:
        patched.chdir(created)
        patched.setenv("DIALTREE_DATABASE_URL", f"sqlite:///{created / 'demo.db'}")
        patched.setenv("DIALTREE_MAIL_FOLDER", str(created / "mails"))
        yield created


@pytest.fixture(scope="module")
def scene(folder: Path, postgres: PostgresServer) -> Iterator[Scene]:
    """Give the demo behind a server, smaller than that of `make run`."""
    settings = Settings()
    with patch.multiple(demo, NUMBERS=2_000, RECORDS=300):
        prepared = asyncio.run(create_demo(settings.database_url))
    name = f"guide_{uuid4().hex}"
    postgres.create_database(name)
    with serving(create_application(settings, demo_key=prepared.key)) as address, httpx.Client(timeout=60) as client:
        yield Scene(address, prepared.key, prepared.password, folder / "mails", postgres.url(name), client)
    postgres.drop_database(name)
