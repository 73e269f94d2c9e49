"""Metrics are the same on both execution paths, except for the label of the path."""

from __future__ import annotations

from typing import Any

import pytest

from tests.api.execution_paths.conftest import AVAILABLE, Bank
from tests.api.execution_paths.paired_servers import PairedServers, samples
from tests.support.server import Server

RECORDED = ("dialtree_request", "dialtree_operations")
"""What is counted for each request. Of the other metrics, the document cache differs on purpose."""

NUMBER = "query ($number: E164!) { phoneNumber(number: $number) { number } }"
RESERVE = """mutation ($ids: [ID!]!) {
  reserveNumbers(input: { numberIds: $ids, tag: "desk" }) { changedCount organizations { name } }
}"""


async def fail(*_arguments: Any, **_more: Any) -> None:
    raise RuntimeError


def test_metrics_are_the_same_on_both_execution_paths(
    servers: PairedServers, bank: Bank, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("schema.organizations.payloads.load_existing", fail)
    requests: list[tuple[str, dict[str, Any] | None]] = [
        (NUMBER, {"number": AVAILABLE}),
        (NUMBER, {"number": AVAILABLE}),
        (RESERVE, {"ids": [bank.ids[AVAILABLE]]}),
        ("{ organizations(first: 501) { totalCount } }", None),
        ("{ nothing }", None),
        ("{", None),
    ]

    def counted(server: Server) -> dict[str, float]:
        for query, variables in requests:
            server.execute(query, variables, token=bank.owner)
        server.run(server.client.post("/graphql", content=b"no json"))
        return {
            "/".join([name, *labels.values()]): value
            for name, labels, value in samples(server, bank.owner)
            if name.startswith(RECORDED) and value and not name.endswith(("_created", "_sum", "_bucket"))
        }

    plain, compiled = servers.each(counted)
    both = {
        "dialtree_requests_total/ok": 2,
        "dialtree_requests_total/errors": 4,
        "dialtree_requests_total/bad request": 1,
        "dialtree_request_seconds_count": 7,
    }
    assert plain == both | {
        "dialtree_operations_total/query/interpreted": 3,
        "dialtree_operations_total/mutation/interpreted": 1,
    }
    assert compiled == both | {
        "dialtree_operations_total/query/compiled": 2,
        "dialtree_operations_total/query/fallback": 1,
        "dialtree_operations_total/mutation/fallback": 1,
    }
