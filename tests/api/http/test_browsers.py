"""Browsers on other origins, request ids, and compressed responses."""

from __future__ import annotations

import gzip
from collections.abc import Iterator
from typing import Any

import httpx
import orjson
import pytest

from app.settings import SettingsError, load_settings
from domain.errors import Unavailable
from tests.support.databases import Databases
from tests.support.server import Server, opened

ORIGIN = "https://portal.example.com"


@pytest.fixture(scope="module")
def portal(databases: Databases) -> Iterator[Server]:
    with opened(databases, cors_origins=f"{ORIGIN}, http://localhost:5173") as running:
        running.import_organizations(
            "path,time_zone,threshold\nAcme,,\n" + "".join(f"Acme/T{n},,\n" for n in range(60))
        )
        yield running


def _send(server: Server, method: str, path: str, headers: dict[str, str], **options: Any) -> httpx.Response:
    return server.run(server.client.request(method, path, headers=headers, **options))


def _preflight(origin: str, headers: str = "authorization,content-type") -> dict[str, str]:
    return {"Origin": origin, "Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": headers}


@pytest.mark.parametrize("origin", [ORIGIN, "http://localhost:5173"])
def test_an_allowed_origin_may_send_mutations_and_read_the_rate_limit(portal: Server, origin: str) -> None:
    preflight = _send(portal, "OPTIONS", "/graphql", _preflight(origin))
    assert preflight.status_code == 200
    assert preflight.headers["access-control-allow-origin"] == origin
    assert preflight.headers["access-control-max-age"] == "7200"
    assert "access-control-allow-credentials" not in preflight.headers
    answer = _send(portal, "POST", "/graphql", {"Origin": origin}, json={"query": "{ __typename }"})
    assert answer.json() == {"data": {"__typename": "Query"}}
    assert answer.headers["access-control-allow-origin"] == origin
    assert "Origin" in answer.headers["vary"]
    exposed = {name.strip() for name in answer.headers["access-control-expose-headers"].split(",")}
    assert {"RateLimit", "RateLimit-Policy", "Retry-After", "X-Request-Id"} <= exposed


@pytest.mark.parametrize(
    "origin", ["https://evil.example.com", "null", f"{ORIGIN}.evil.com", "http://portal.example.com", "*"]
)
def test_another_origin_is_not_allowed(portal: Server, origin: str) -> None:
    assert _send(portal, "OPTIONS", "/graphql", _preflight(origin)).status_code == 400
    answer = _send(portal, "POST", "/graphql", {"Origin": origin}, json={"query": "{ __typename }"})
    assert "access-control-allow-origin" not in answer.headers
    assert "Origin" in answer.headers["vary"]


@pytest.mark.parametrize("path", ["/", "/health/live", "/metrics", "/graphiql"])
def test_other_pages_allow_no_origin(portal: Server, path: str) -> None:
    assert "access-control-allow-origin" not in _send(portal, "GET", path, {"Origin": ORIGIN}).headers


def test_downloads_can_be_read_by_an_allowed_origin(portal: Server) -> None:
    assert _send(portal, "GET", "/download/x.csv", {"Origin": ORIGIN}).headers["access-control-allow-origin"] == ORIGIN


@pytest.mark.parametrize(
    "value", ["*", "null", "portal.example.com", f"{ORIGIN}/", "https://*.example.com", "HTTPS://x"]
)
def test_only_exact_origins_can_be_set(value: str) -> None:
    with pytest.raises(SettingsError, match=r"^DIALTREE_CORS_ORIGINS: use exact origins"):
        load_settings(cors_origins=value)


def test_the_demo_allows_this_machine_alone(databases: Databases) -> None:
    with opened(databases, demo_key="dt_key") as demo:
        for origin in ("http://localhost:3000", "http://127.0.0.1:5173", "http://localhost"):
            answer = _send(demo, "GET", "/graphql?query={__typename}", {"Origin": origin, "Host": "localhost:8000"})
            assert answer.headers["access-control-allow-origin"] == origin
        for origin in ("https://localhost", "http://localhost.evil.com", "http://evil.com"):
            answer = _send(demo, "GET", "/graphql?query={__typename}", {"Origin": origin, "Host": "127.0.0.1"})
            assert "access-control-allow-origin" not in answer.headers
        assert _send(demo, "GET", "/graphiql", {"Host": "rebound.evil.com"}).status_code == 400


def test_a_response_repeats_the_request_id_of_the_client(portal: Server) -> None:
    for path in ("/graphql?query={__typename}", "/health/live", "/nowhere"):
        assert _send(portal, "GET", path, {"X-Request-Id": "abc-1.2"}).headers["x-request-id"] == "abc-1.2"


@pytest.mark.parametrize("sent", [None, "", "a b", "x" * 129, 'a"b'])
def test_a_request_without_a_good_id_gets_one_of_its_own(portal: Server, sent: str | None) -> None:
    headers = {} if sent is None else {"X-Request-Id": sent}
    ids = {_send(portal, "GET", "/health/live", headers).headers["x-request-id"] for _ in range(3)}
    assert len(ids) == 3
    assert sent not in ids


def test_an_internal_error_carries_the_request_id(portal: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object, **__: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr("app.endpoint.read_request", fail)
    answer = _send(portal, "POST", "/graphql", {"X-Request-Id": "abc"}, json={"query": "{ __typename }"})
    assert answer.status_code == 500
    assert answer.json()["errors"][0]["extensions"] == {"code": "INTERNAL_SERVER_ERROR", "requestId": "abc"}


def test_a_request_is_logged_with_its_id_but_without_secrets(
    databases: Databases, caplog: pytest.LogCaptureFixture
) -> None:
    with opened(databases, access_log="on") as logged, caplog.at_level("INFO", "dialtree.access"):
        _send(logged, "GET", "/download/x.csv?link=hunter2", {"Authorization": "Bearer hunter2"})
    [record] = [record for record in caplog.records if record.name == "dialtree.access"]
    assert record.getMessage().startswith("GET /download/x.csv 403 ")
    # The test's own client may log the whole URL.
    logged_here = [caplog.handler.format(record) for record in caplog.records if record.name != "httpx"]
    assert "hunter2" not in "\n".join(logged_here)


_MANY = "{ organizations(first: 60) { nodes { id name timeZone } } }"


@pytest.mark.parametrize(
    ("accepted", "compressed"),
    [
        ("gzip", True),
        ("br;q=1.0, gzip;q=0.8, *;q=0.1", True),
        ("*", True),
        ("br", False),
        ("gzip;q=0", False),
        ("", False),
    ],
)
def test_a_large_response_is_compressed_for_clients_that_accept_it(
    portal: Server, accepted: str, *, compressed: bool
) -> None:
    token = portal.create_key(organization="Acme", role="OWNER")
    headers = {"Authorization": f"Bearer {token}", "Accept-Encoding": accepted}

    async def raw() -> tuple[httpx.Headers, bytes]:
        request = portal.client.build_request("POST", "/graphql", headers=headers, json={"query": _MANY})
        response = await portal.client.send(request, stream=True)
        return response.headers, b"".join([part async for part in response.aiter_raw()])

    received, body = portal.run(raw())
    assert received.get("content-encoding") == ("gzip" if compressed else None)
    assert "Accept-Encoding" in received["vary"]
    assert int(received["content-length"]) == len(body)
    nodes = orjson.loads(gzip.decompress(body) if compressed else body)["data"]["organizations"]["nodes"]
    assert len(nodes) == 60


def test_responses_to_mutations_are_never_compressed(portal: Server) -> None:
    token = portal.create_key(organization="Acme", role="OWNER")
    names = " ".join(f'm{n}: createSeries(input: {{name: "s{n}"}}) {{ series {{ id name }} }}' for n in range(40))
    answer = _send(
        portal,
        "POST",
        "/graphql",
        {"Authorization": f"Bearer {token}", "Accept-Encoding": "gzip"},
        json={"query": f"mutation {{ {names} }}"},
    )
    assert len(answer.content) > 1_024
    assert "content-encoding" not in answer.headers


@pytest.mark.parametrize("encoding", ["gzip", "br", "deflate", "x"])
def test_a_compressed_request_is_refused(portal: Server, encoding: str) -> None:
    headers = {"Content-Encoding": encoding, "Content-Type": "application/json"}
    answer = _send(portal, "POST", "/graphql", headers, content=b'{"query": "{ __typename }"}')
    assert answer.status_code == 415
    assert answer.json()["errors"][0]["message"] == (
        "Send the body without Content-Encoding: compressed requests are not supported."
    )


@pytest.mark.parametrize("body", [b"\xff", b'{"query": "\xe9"}', b'{"query": "\xed\xa0\x80"}'])
def test_a_body_that_is_not_utf_8_is_refused_in_our_words(portal: Server, body: bytes) -> None:
    answer = _send(portal, "POST", "/graphql", {"Content-Type": "application/json"}, content=body)
    assert answer.status_code == 400
    assert answer.json()["errors"][0]["message"] == "The request is not encoded in UTF-8."


def test_a_database_that_is_away_is_reported_as_unavailable(portal: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    token = portal.create_key(organization="Acme", role="OWNER")

    async def away(*_: object, **__: object) -> None:
        raise Unavailable("The database is not available at the moment. Try again later.")

    monkeypatch.setattr("app.endpoint.authenticate", away)
    answer = _send(
        portal, "POST", "/graphql", {"Authorization": f"Bearer {token}"}, json={"query": "{ viewer { name } }"}
    )
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "5")
    assert answer.json()["errors"][0]["extensions"] == {"code": "UNAVAILABLE"}


async def _away(*_: object, **__: object) -> None:
    raise Unavailable("The database is not available at the moment. Try again later.")


@pytest.mark.parametrize(
    ("method", "path", "read"),
    [
        ("POST", "/graphql", "resolvers.access.sign_in.record_attempt"),
        ("GET", "/password?token=x", "resolvers.access.passwords.email_for_token"),
        ("GET", "/invitation?token=x", "resolvers.users.acceptance.find_offer"),
        ("GET", "/metrics", "app.scraping.mail_backlog"),
    ],
    ids=["sign-in", "password", "invitation", "metrics"],
)
def test_whatever_needs_the_database_can_be_sent_again(
    portal: Server, monkeypatch: pytest.MonkeyPatch, method: str, path: str, read: str
) -> None:
    token = portal.create_key(organization="Acme", role="OWNER")
    monkeypatch.setattr(read, _away)
    query = 'mutation { signIn(input: {email: "a@acme.test", password: "x"}) { token } }'
    more: dict[str, Any] = {"json": {"query": query}} if method == "POST" else {}
    answer = _send(portal, method, path, {"Authorization": f"Bearer {token}"} if path == "/metrics" else {}, **more)
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "5")


def test_a_server_that_is_not_ready_can_be_asked_again(portal: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    async def responds(*_: object) -> bool:
        return False

    monkeypatch.setattr("app.health.database_responds", responds)
    answer = _send(portal, "GET", "/health/ready", {})
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "5")
