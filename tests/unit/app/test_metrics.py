"""The server's metrics."""

from __future__ import annotations

import pytest

from tests.support.server import Server

METRICS = "/metrics"


@pytest.fixture
def token(server: Server) -> str:
    server.import_organizations("path,time_zone,threshold\nBank,,\n")
    return server.create_key(organization="Bank", role="VIEWER")


def scrape(server: Server, token: str | None) -> tuple[int, str]:
    headers = {} if token is None else {"Authorization": f"Bearer {token}"}
    response = server.run(server.client.get(METRICS, headers=headers))
    return response.status_code, response.text


def test_requests_are_counted_by_their_outcome(server: Server, token: str) -> None:
    server.ask("{ viewer { id } }", token=token)
    server.execute("{ nothing }", token=token)
    server.run(server.client.post("/graphql", content=b"no json"))
    status, text = scrape(server, token)
    assert status == 200
    for line in (
        'dialtree_requests_total{outcome="ok"} 1.0',
        'dialtree_requests_total{outcome="errors"} 1.0',
        'dialtree_requests_total{outcome="bad request"} 1.0',
        "dialtree_request_seconds_count 3.0",
    ):
        assert line in text


def test_metrics_require_read_access(server: Server, token: str) -> None:
    writer = server.create_key(organization="Bank", role="USAGE_WRITER")
    assert [scrape(server, caller)[0] for caller in (None, "dtk_wrong", writer, token)] == [401, 401, 403, 200]


def test_health_checks_need_no_token(server: Server) -> None:
    for path in ("/health/live", "/health/ready"):
        assert server.run(server.client.get(path)).status_code == 200
