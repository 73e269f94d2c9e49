"""Pages of other origins in a real browser, which use the API with a token."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from starlette.types import ASGIApp, Receive, Scope, Send

from app.application import create_application
from app.settings import Settings
from tests.browser.chromium import Page
from tests.support.databases import SQLiteDatabases
from tests.support.inventory import Inventory
from tests.support.live_server import serving
from tests.support.server import opened

EMAIL, PASSWORD = "ada@example.com", "correct horse battery"
NUMBERS = "+14185550100,+1 418,Bank,AVAILABLE,,,,\n"

CALL = """
async function call(url, query, token) {
  const headers = { 'Content-Type': 'application/json', 'X-Request-Id': 'page-1' };
  if (token) headers.Authorization = `Bearer ${token}`;
  const response = await fetch(url, { method: 'POST', headers, body: JSON.stringify({ query }) });
  const { data } = await response.json();
  return { data, headers: ['X-Request-Id', 'RateLimit', 'RateLimit-Policy'].map(name => response.headers.get(name)) };
}
"""
"""Call the API as a front end does: with a JSON body, a token and a request id."""

JOURNEY = f"""
(async () => {{
  const query = text => call('API', text, signedIn.data.signIn.token);
  const signedIn = await call('API', `mutation {{
    signIn(input: {{email: "{EMAIL}", password: "{PASSWORD}"}}) {{ token }} }}`);
  const listed = await query('{{ phoneNumbers(first: 5) {{ nodes {{ id number }} }} }}');
  const [number] = listed.data.phoneNumbers.nodes;
  const reserved = await query(`mutation {{ reserveNumbers(input: {{
    numberIds: ["${{number.id}}"], tag: "branch" }}) {{ phoneNumbers {{ reservedTag }} userErrors {{ code }} }} }}`);
  const reported = await query('{{ phoneNumbersReport {{ url }} }}');
  const download = await fetch(reported.data.phoneNumbersReport.url);
  return {{
    number: number.number,
    reserved: reserved.data.reserveNumbers,
    headers: listed.headers,
    file: download.headers.get('Content-Disposition'),
    lines: (await download.text()).trim().split('\\n').length,
  }};
}})()
"""
"""Sign in, list, change, and download a report."""


class _Recorder:
    """ASGI middleware that records the method, the first part of the path and the origin of each request."""

    def __init__(self, application: ASGIApp) -> None:
        self.requests: list[tuple[str, str, str]] = []
        self._application = application

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            origin = dict(scope["headers"]).get(b"origin", b"").decode()
            self.requests.append((scope["method"], scope["path"].split("/")[1], origin))
        await self._application(scope, receive, send)


class _BlankPage(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.end_headers()

    def log_message(self, format: str, *arguments: object) -> None:  # noqa: A002
        pass


@pytest.fixture
def front_end() -> Iterator[int]:
    """The port of a server of blank pages: `localhost` and `127.0.0.1` are two origins."""
    with ThreadingHTTPServer(("127.0.0.1", 0), _BlankPage) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield server.server_port
        finally:
            server.shutdown()
            thread.join()


def test_only_pages_of_allowed_origins_use_the_api(page: Page, front_end: int, tmp_path: Path) -> None:
    allowed, other = f"http://localhost:{front_end}", f"http://127.0.0.1:{front_end}"
    (tmp_path / "databases").mkdir()
    with opened(SQLiteDatabases(tmp_path / "databases")) as prepared:
        bank = Inventory(prepared, "Bank\n", NUMBERS)
        prepared.create_administrator(organization="Bank", role="OWNER", email=EMAIL, password=PASSWORD)
        settings = Settings(database_url=prepared.url, cors_origins=allowed)
        recorder = _Recorder(create_application(settings, works_in_background=False))
        with serving(recorder) as address:
            page.open(f"{allowed}/")
            page.wait_for("document.readyState === 'complete' && location.hostname === 'localhost'")
            answer = page.evaluate(CALL + JOURNEY.replace("API", f"{address}/graphql"))
            seen = list(recorder.requests)

            page.open(f"{other}/")
            page.wait_for("document.readyState === 'complete' && location.hostname === '127.0.0.1'")
            query, token = "{ viewer { name } }", bank.token()
            refused = page.evaluate(
                f"{CALL} call('{address}/graphql', {query!r}, {token!r}).catch(error => `${{error}}`)"
            )

    assert answer["number"] == "+14185550100"
    assert answer["reserved"] == {"phoneNumbers": [{"reservedTag": "branch"}], "userErrors": []}
    request_id, limit, policy = answer["headers"]
    assert request_id == "page-1"
    assert limit.startswith('"cost";r=')
    assert policy == '"cost";q=1000000000;w=60'
    assert answer["file"].startswith("attachment; filename")
    assert answer["lines"] == 2
    assert seen == [
        # One preflight for all, since it is cached; none for a download.
        ("OPTIONS", "graphql", allowed),
        *[("POST", "graphql", allowed)] * 4,
        ("GET", "download", allowed),
    ]
    assert refused == "TypeError: Failed to fetch"
    assert recorder.requests[len(seen) :] == [("OPTIONS", "graphql", other)]
