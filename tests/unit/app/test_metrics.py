"""The server's metrics."""

from __future__ import annotations

import os
from unittest.mock import patch

import pytest

from tests.support.server import Server

METRICS = "/metrics"
INVITE = "mutation ($input: InviteUserInput!) { inviteUser(input: $input) { userErrors { code } } }"


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
        # `{ nothing }` is invalid, so it is looked up and not kept.
        'dialtree_document_cache_total{result="miss"} 2.0',
        "dialtree_document_cache_size 1.0",
    ):
        assert line in text


def test_a_request_that_fails_is_no_bad_request(server: Server, token: str) -> None:
    with patch("app.endpoint.authenticate", side_effect=RuntimeError("broken")):
        headers = {"Authorization": "Bearer x"}
        bodies: list[dict[str, str]] = [{}, {"query": "{ viewer { id } }"}]
        answers = [server.run(server.client.post("/graphql", headers=headers, json=body)) for body in bodies]
    assert [answer.status_code for answer in answers] == [400, 500]
    _, text = scrape(server, token)
    for line in (
        'dialtree_requests_total{outcome="failed"} 1.0',
        'dialtree_requests_total{outcome="bad request"} 1.0',
    ):
        assert line in text


def test_wrong_passwords_and_tokens_are_counted(server: Server, token: str) -> None:
    query = """mutation ($input: SignInInput!) { signIn(input: $input) { userErrors { code } } }"""
    server.ask(query, {"input": {"email": "nobody@bank.example", "password": "wrong password"}}, token=None)
    server.execute("{ viewer { id } }", token="dtk_unknown")
    _, text = scrape(server, token)
    for line in (
        'dialtree_sign_in_failures_total{kind="password"} 1.0',
        'dialtree_sign_in_failures_total{kind="token"} 1.0',
        'dialtree_refusals_total{code="INVALID_CREDENTIALS"} 1.0',
    ):
        assert line in text


def test_the_backlog_of_mail_is_shown(server: Server, token: str) -> None:
    owner = server.create_key(organization="Bank", role="OWNER")
    person = {"firstName": "Bo", "lastName": "Rask", "email": "bo@bank.example"}
    server.ask(INVITE, {"input": person}, token=owner)
    server.advance(90)
    _, text = scrape(server, token)
    assert "dialtree_outbox_waiting 1.0" in text
    assert 'dialtree_jobs{state="queued"} 0.0' in text
    assert "dialtree_jobs_oldest_queued_seconds 0.0" in text
    assert "dialtree_outbox_oldest_seconds 90.0" in text


def test_the_process_is_shown(server: Server, token: str) -> None:
    _, text = scrape(server, token)
    for name in ("cpu_seconds", "resident_memory_bytes", "open_fds", "max_fds", "start_time_seconds"):
        assert f'dialtree_process_{name}{{process="{os.getpid()}"}}' in text


def test_metrics_require_read_access(server: Server, token: str) -> None:
    writer = server.create_key(organization="Bank", role="USAGE_WRITER")
    assert [scrape(server, caller)[0] for caller in (None, "dtk_wrong", writer, token)] == [401, 401, 403, 200]


def test_health_checks_need_no_token(server: Server) -> None:
    for path in ("/health/live", "/health/ready"):
        assert server.run(server.client.get(path)).status_code == 200
