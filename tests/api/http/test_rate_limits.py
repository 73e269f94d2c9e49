"""Callers have points per minute; the cost of their operations uses them up."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from tests.support.database_dump import dump
from tests.support.databases import Databases
from tests.support.server import Server, opened

_COST = 11
"""Of `{ viewer { role } }`."""


def _send(server: Server, token: str | None, query: str = "{ viewer { role } }", **more: Any) -> httpx.Response:
    headers = {} if token is None else {"Authorization": f"Bearer {token}"}
    return server.run(server.client.post("/graphql", json={"query": query}, headers=headers, **more))


def _key(server: Server, name: str) -> str:
    return server.create_key(organization="Acme", role="OWNER", name=name)


@pytest.mark.parametrize("accept", ["application/json", "application/graphql-response+json"])
def test_a_caller_without_points_is_refused_until_the_window_ends(databases: Databases, accept: str) -> None:
    with opened(databases, rate_limit=3 * _COST) as server:
        server.import_organizations("path,time_zone,threshold\nAcme,,\n")
        token, other = _key(server, "one"), _key(server, "other")
        for left in (2, 1, 0):
            answer = _send(server, token)
            assert answer.status_code == 200
            assert answer.headers["ratelimit"].startswith(f'"cost";r={left * _COST};t=')
            assert answer.headers["ratelimit-policy"] == f'"cost";q={3 * _COST};w=60'
        before = dump(server)
        create = 'mutation { createSeries(input: {name: "x"}) { series { id } } }'
        server.client.headers["Accept"] = accept
        refused = _send(server, token, create)
        assert refused.status_code == 429
        seconds = int(refused.headers["retry-after"])
        assert 1 <= seconds <= 60
        [error] = refused.json()["errors"]
        assert error["extensions"] == {"code": "RATE_LIMITED"}
        assert error["message"] == (
            f"You have used up your {3 * _COST} points per minute. Try again in {seconds} seconds, and select less or"
            " smaller pages."
        )
        assert dump(server) == before
        assert _send(server, other).status_code == 200


def test_anonymous_requests_count_by_address(databases: Databases) -> None:
    with opened(databases, anonymous_rate_limit=30) as server:
        statuses = [_send(server, None, "{ nothing }").status_code for _ in range(4)]
        assert statuses == [200, 200, 200, 429]


def test_a_limit_of_zero_is_none(databases: Databases) -> None:
    with opened(databases, rate_limit=0, anonymous_rate_limit=0) as server:
        server.import_organizations("path,time_zone,threshold\nAcme,,\n")
        answer = _send(server, _key(server, "one"))
        assert answer.status_code == 200
        assert "ratelimit" not in answer.headers
        assert "ratelimit" not in _send(server, None).headers
