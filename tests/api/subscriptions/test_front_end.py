"""The examples for front ends: the same page with Apollo Client, urql and Relay against a running server."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from app.application import create_application
from app.settings import Settings
from tests.api.subscriptions.conftest import Live
from tests.support.live_server import serving
from tests.support.npm import npm

REPOSITORY = Path(__file__).parents[3]
OWNER = {"email": "owner@example.test", "password": "correct horse battery"}
NUMBERS = "".join(f"+141855{kind}010{last},+1 418,Bank,AVAILABLE,,,,\n" for kind in (6, 7, 8) for last in range(5))

pytestmark = pytest.mark.long


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the examples with what they need, and with the types of the schema."""
    root = tmp_path_factory.mktemp("front-end")
    shutil.copy(REPOSITORY / "schema.graphql", root)
    folder = root / "examples" / "front-end"
    kept = shutil.ignore_patterns("node_modules", "__generated__")
    shutil.copytree(REPOSITORY / "examples" / "front-end", folder, ignore=kept)
    npm(folder, "ci")
    npm(folder, "run", "generate")
    npm(folder, "run", "check")
    return folder


def test_pages_list_change_and_follow(installed: Path, live: Live) -> None:
    bank = live.bank
    bank.add(NUMBERS + "+14185590100,+1 418,Bank,RESERVED,before,,,\n")
    bank.server.create_administrator(organization="Bank", role="OWNER", **OWNER)
    settings = Settings(database_url=bank.server.url, rate_limit=1)
    with serving(create_application(settings, clock=bank.server.clock)) as limited:
        example = {"url": f"{live.address}/graphql", "limitedUrl": f"{limited}/graphql", **OWNER}
        npm(installed, "test", DIALTREE_EXAMPLE=json.dumps(example))
