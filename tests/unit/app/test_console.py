"""The console's page and its built files."""

import gzip
import json
from pathlib import Path

from starlette.applications import Starlette
from starlette.routing import Mount
from starlette.testclient import TestClient

from app.application import create_application
from app.console import console_routes
from app.console.pages import STATIC
from app.settings import Settings
from tests.support.front_end_page import FrontEndPage

ROOT = Path(__file__).parents[3]
KEY = """key-"<&'{}</script>"""
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src data:; connect-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
MAX_SCRIPT_BYTES = 150_000
"""All of the console's JavaScript, compressed with gzip."""


def _client(demo_key: str | None) -> TestClient:
    return TestClient(Starlette(routes=console_routes(demo_key=demo_key, serves_graphiql=demo_key is not None)))


def _page(demo_key: str | None) -> FrontEndPage:
    return FrontEndPage(_client(demo_key).get("/").text)


def _paths(settings: Settings) -> list[str]:
    routes = create_application(settings, works_in_background=False).routes
    return [route.path for route in routes if isinstance(route, Mount)]


def test_page_is_served_under_the_policy_and_never_cached() -> None:
    answer = _client(KEY).get("/")

    assert answer.status_code == 200
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert answer.headers["content-security-policy"] == POLICY
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["cache-control"] == "no-store"
    assert KEY not in answer.text


def test_only_a_demo_page_has_a_key() -> None:
    assert _page(KEY).configuration == {"demoKey": KEY, "graphiql": True}
    assert _page(None).configuration == {"demoKey": None, "graphiql": False}


def test_page_loads_its_two_hashed_files_which_browsers_keep() -> None:
    page = _page(None)
    icon, style, script = page.addresses

    assert page.inline == []
    assert icon.startswith("data:image/svg+xml,")
    for address, kind in ((style, "css"), (script, "javascript")):
        answer = _client(None).get(address)
        assert answer.status_code == 200
        assert kind in answer.headers["content-type"]
        assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"
        assert answer.headers["x-content-type-options"] == "nosniff"
    assert {Path(style).name, Path(script).name, "manifest.json", "documents.json", "licenses.txt"} == {
        path.name for path in STATIC.iterdir()
    }


def test_scripts_are_small() -> None:
    sizes = [len(gzip.compress(path.read_bytes(), mtime=0)) for path in STATIC.glob("*.js")]
    assert 0 < sum(sizes) < MAX_SCRIPT_BYTES


def test_style_sheet_loads_nothing() -> None:
    (path,) = STATIC.glob("*.css")
    text = path.read_text(encoding="utf-8")
    assert "@import" not in text
    assert "url(" not in text


def test_lock_file_names_no_registry() -> None:
    lock = json.loads((ROOT / "console" / "package-lock.json").read_text(encoding="utf-8"))
    assert [name for name, package in lock["packages"].items() if "resolved" in package] == []


def test_the_console_can_be_switched_off() -> None:
    assert "/console" in _paths(Settings())
    assert "/console" not in _paths(Settings(console="off"))
