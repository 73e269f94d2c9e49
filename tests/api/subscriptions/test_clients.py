"""The clients graphql-ws and graphql-sse, as front ends use them."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.api.subscriptions.conftest import Live
from tests.support.npm import install

CLIENTS = Path(__file__).parents[2] / "clients"
KINDS = ("graphql-ws", "graphql-sse")
CHANGES = """subscription ($after: String) {
  phoneNumbersChanged(after: $after) { cursor changedCount phoneNumbers { reservedTag } }
}"""

pytestmark = pytest.mark.long


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("clients")
    shutil.copy(CLIENTS / "client.js", folder)
    install(CLIENTS, folder)
    return folder


@contextmanager
def running(folder: Path, kind: str, live: Live, query: str, **variables: Any) -> Iterator[Iterator[Any]]:
    """The lines that a client prints."""
    command = ["node", "client.js", kind, live.address, live.bank.token()]
    with subprocess.Popen(
        command, cwd=folder, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, encoding="utf-8"
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write(json.dumps({"query": query, "variables": variables}))
        process.stdin.close()
        try:
            yield map(json.loads, process.stdout)
        finally:
            process.terminate()


@pytest.mark.parametrize("kind", KINDS)
def test_queries_mutations_and_errors(installed: Path, live: Live, kind: str) -> None:
    with running(installed, kind, live, "{ viewer { role } }") as lines:
        assert list(lines) == [{"next": {"data": {"viewer": {"role": "OWNER"}}}}, "complete"]
    mutation = 'mutation { createSeries(input: { name: "+1 514" }) { series { name } } }'
    with running(installed, kind, live, mutation) as lines:
        assert list(lines) == [{"next": {"data": {"createSeries": {"series": {"name": "+1 514"}}}}}, "complete"]
    with running(installed, kind, live, "{ nothing }") as lines:
        found = json.dumps(list(lines))
    assert "GRAPHQL_VALIDATION_FAILED" in found


@pytest.mark.parametrize("kind", KINDS)
def test_a_list_is_followed_and_continued(installed: Path, live: Live, kind: str) -> None:
    bank = live.bank
    [number] = bank.numbers("+14185550102")

    def edit(tag: str) -> None:
        bank.mutate("editReservedTag", "userErrors { message }", {"numberId": number, "tag": tag})

    cursor = bank.ask("{ phoneNumbers { changesCursor } }")["phoneNumbers"]["changesCursor"]
    for tag in ("a", "b"):
        edit(tag)
        with running(installed, kind, live, CHANGES, after=cursor) as lines:
            change = next(lines)["next"]["data"]["phoneNumbersChanged"]
            assert change["phoneNumbers"] == [{"reservedTag": tag}]
            edit(f"{tag} again")
            change = next(lines)["next"]["data"]["phoneNumbersChanged"]
            assert change["phoneNumbers"] == [{"reservedTag": f"{tag} again"}]
            cursor = change["cursor"]
