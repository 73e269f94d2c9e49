"""Whatever writes waits for other writers as long as a request may take, changes nothing then, and says so."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, closing
from typing import Any
from unittest.mock import patch

import asyncpg
import httpx
import pytest

from db.core.engines import sqlite_path
from resolvers.core.context import Context
from resolvers.uploads.files import CHUNK_BYTES
from tests.api.numbers.conftest import NUMBERS, TREE
from tests.support.database_dump import dump
from tests.support.inventory import Inventory
from tests.support.outbox import token_of
from tests.support.server import Server

SECONDS = 0.3
INVITE = {"firstName": "Eve", "lastName": "Lund", "email": "eve@bank.test"}
LINK = """{ phoneNumbersReport { url } }"""
CREATE = 'mutation { createSeries(input: {name: "new"}) { series { name } } }'
FORM = {"Content-Type": "application/x-www-form-urlencoded"}


@pytest.fixture
def bank(server: Server) -> Inventory:
    return Inventory(server, TREE, NUMBERS)


@pytest.fixture
def limited(bank: Inventory) -> Iterator[Server]:
    """Another application over the same database, for nothing but the requests that are held up."""
    with closing(Server(bank.server.url, request_seconds=SECONDS)) as server:
        yield server


@asynccontextmanager
async def held_up(server: Server) -> AsyncIterator[None]:
    """Keep all others from writing, as a large change does on SQLite."""
    path = sqlite_path(server.url)
    if path is not None:
        with closing(sqlite3.connect(path, isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            yield
        return
    holder = await asyncpg.connect(server.url)
    tables = await holder.fetchval("SELECT string_agg(quote_ident(relname), ', ') FROM pg_stat_user_tables")
    async with holder.transaction():
        await holder.execute(f"LOCK TABLE {tables} IN EXCLUSIVE MODE")
        yield
    await holder.close()


def while_held_up(server: Server, method: str, path: str, **request: Any) -> httpx.Response:
    async def send() -> httpx.Response:
        async with held_up(server):
            return await server.client.request(method, path, **request)

    return server.run(send())


def test_a_write_that_is_held_up_ends_with_the_time_limit(bank: Inventory, limited: Server) -> None:
    headers = {"Authorization": f"Bearer {bank.token()}"}
    link = bank.ask(LINK)["phoneNumbersReport"]["url"].removeprefix("http://dialtree.test")
    limit = f"longer than {SECONDS} seconds"
    requests: list[tuple[str, str, dict[str, Any], str]] = [
        ("POST", "/graphql", {"json": {"query": CREATE}, "headers": headers}, limit),
        ("POST", "/upload", {"content": b"number\n", "headers": headers}, f"stored for {SECONDS} seconds"),
        ("GET", link, {}, limit),
        ("POST", "/password", {"content": "email=owner@bank.test", "headers": FORM}, limit),
        # Ends the invitation before it reads.
        ("POST", "/graphql", {"json": {"query": "{ viewer { __typename } }"}, "headers": headers}, limit),
    ]
    bank.mutate("inviteUser", "userErrors { code }", INVITE)
    for method, path, request, message in requests:
        if request is requests[-1][2]:
            limited.advance(40 * 86_400)
        before = dump(bank.server)
        response = while_held_up(limited, method, path, **request)
        assert (response.status_code, message in response.text) == (504, True), response.text
        assert dump(bank.server) == before


def test_a_file_whose_chunk_is_held_up_is_not_stored(
    bank: Inventory, limited: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("resolvers.uploads.files.DELETE_SECONDS", 0.1)

    async def send() -> httpx.Response:
        async with AsyncExitStack() as stack:

            async def parts() -> AsyncIterator[bytes]:
                yield b"0" * CHUNK_BYTES
                await stack.enter_async_context(held_up(limited))
                yield b"0" * CHUNK_BYTES

            headers = {"Authorization": f"Bearer {bank.token()}"}
            return await limited.client.post("/upload", content=parts(), headers=headers)

    response = limited.run(send())
    assert (response.status_code, response.json()["errors"][0]) == (
        504,
        {
            "message": "Other changes kept the file from being stored for 0.3 seconds. Send it again later.",
            "extensions": {"code": "TIMEOUT"},
        },
    )
    ((_, _, size, *_),) = dump(bank.server)["uploads"]
    assert size is None


TWO = """mutation ($first: ID!, $second: ID!) {
  first: reserveNumbers(input: {numberIds: [$first], tag: "one"}) { changedCount }
  second: reserveNumbers(input: {numberIds: [$second], tag: "two"}) { changedCount }
}"""
MAY_BE_MADE = "Its change may have been made"


def test_a_time_limit_tells_of_an_earlier_mutation_of_the_operation(bank: Inventory, limited: Server) -> None:
    begun = 0
    begin, transact = Context.begin_mutation, type(limited.database).transact

    def counted(self: Context) -> None:
        nonlocal begun
        begun += 1
        begin(self)

    async def held(self: Any, *arguments: Any, **more: Any) -> Any:
        if begun == 2:
            await asyncio.Event().wait()
        return await transact(self, *arguments, **more)

    # The second number is reserved already.
    variables = {"first": bank.number("+14185550100"), "second": bank.number("+14185550102")}
    with patch.object(Context, "begin_mutation", counted), patch.object(type(limited.database), "transact", held):
        (error,) = limited.execute(TWO, variables, token=bank.token())["errors"]
    assert (error["extensions"]["code"], MAY_BE_MADE in error["message"]) == ("TIMEOUT", True)
    assert bank.show("+14185550100", "reservedTag") == {"reservedTag": "one"}


@pytest.mark.parametrize(
    "mutation",
    [
        'acceptInvitation(input: {token: "$token"}) { number }',
        'requestPasswordReset(input: {email: "owner@bank.test"}) { userErrors { code } }',
        'signIn(input: {email: "owner@bank.test", password: "wrong horse battery"}) { token }',
        'createSeries(input: {name: "new"}) { series { name } }',
    ],
    ids=lambda text: str(text).partition("(")[0],
)
def test_a_time_limit_during_a_commit_tells_of_it(bank: Inventory, limited: Server, mutation: str) -> None:
    bank.mutate("inviteUser", "userErrors { code }", INVITE | {"numberId": bank.number("+14185550100")})
    kind = type(limited.database)
    write, transact = kind.write, kind.transact

    @asynccontextmanager
    async def slow_write(self: Any, *arguments: Any, **more: Any) -> AsyncIterator[Any]:
        async with write(self, *arguments, **more) as connection:
            yield connection
            await asyncio.sleep(2 * SECONDS)

    async def slow_transact(self: Any, work: Any, *arguments: Any, **more: Any) -> Any:
        made = await transact(self, work, *arguments, **more)
        await asyncio.sleep(2 * SECONDS)
        return made

    text = mutation.replace("$token", token_of(bank.server, INVITE["email"]))
    token = bank.token() if "Series" in mutation else None
    with patch.object(kind, "write", slow_write), patch.object(kind, "transact", slow_transact):
        (error,) = limited.execute(f"mutation {{ {text} }}", token=token)["errors"]
    assert (error["extensions"]["code"], MAY_BE_MADE in error["message"]) == ("TIMEOUT", True), error
