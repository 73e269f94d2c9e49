"""The whole application over one database, as tests talk to it: over HTTP, without a network."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Awaitable, Iterator
from contextlib import AsyncExitStack, closing, contextmanager
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Literal, TypeVar

import httpx
import uvloop

from app.application import HOUSEKEEPING, create_application
from app.services import Services
from app.settings import Settings
from db.core.database import Database
from domain.access import Role
from resolvers import check
from resolvers.access import operators
from resolvers.core.context import Context
from resolvers.core.csv_records import records_of_text
from resolvers.core.folding import fold
from resolvers.housekeeping import clean_up
from resolvers.imports.numbers import import_numbers
from resolvers.imports.organizations import import_organizations
from resolvers.imports.transactions import ImportReport
from resolvers.imports.usage import import_usage
from resolvers.jobs.worker import JobWorker
from resolvers.organizations.paths import organization_at
from tests.support.clock import SettableClock
from tests.support.databases import Databases
from tests.support.waiting import PATIENCE

if TYPE_CHECKING:
    from app.tracing import Tracing

T = TypeVar("T")

LOCAL = "127.0.0.1"


class Server:
    """A running application; its methods block, except those of `client`.

    Its event loop stands still between them, so each of them lets all that it set off come to its end: a transaction
    that were left open would hold up every other application on the database.
    """

    client: httpx.AsyncClient
    database: Database

    def __init__(
        self,
        url: str,
        *,
        graphiql: Literal["on", "off"] = "on",
        traced_by: Tracing | None = None,
        demo_key: str | None = None,
        **chosen: Any,
    ) -> None:
        self.url = url
        self.clock = SettableClock()
        self._names = itertools.count(1)
        self.settings = Settings(database_url=url, graphiql=graphiql, **chosen)
        # Tests read the outbox themselves; a background worker would make them flaky.
        self.application = create_application(
            self.settings, clock=self.clock, works_in_background=False, tracing=traced_by, demo_key=demo_key
        )
        self._runner = asyncio.Runner(loop_factory=uvloop.new_event_loop)
        try:
            self._opened = self.run(self._open())
        except BaseException:
            self._runner.close()
            raise

    async def _open(self) -> AsyncExitStack:
        async with AsyncExitStack() as opened:
            await opened.enter_async_context(self.application.router.lifespan_context(self.application))
            services: Services = self.application.state.services
            self.database, self._deployment = services.open_database, services.deployment
            self.client = self.client_at(LOCAL)
            await opened.enter_async_context(self.client)
            return opened.pop_all()

    def client_at(self, address: str) -> httpx.AsyncClient:
        """A client with an IP address."""
        transport = httpx.ASGITransport(self.application, client=(address, 50_000))
        return httpx.AsyncClient(transport=transport, base_url="http://dialtree.test")

    def run(self, work: Awaitable[T]) -> T:
        """Return the result of the work after all tasks that it started have ended."""

        async def whole() -> T:
            try:
                return await work
            finally:
                await _all_others_at_rest()

        return self._runner.run(whole())

    def close(self) -> None:
        try:
            self.run(self._opened.aclose())
        finally:
            self._runner.close()

    async def post(
        self,
        query: str,
        variables: dict[str, Any] | None = None,
        *,
        token: str | None,
        acting: str | None = None,
        client_address: str = LOCAL,
    ) -> dict[str, Any]:
        headers = {} if token is None else {"Authorization": f"Bearer {token}"}
        if acting is not None:
            headers["Dialtree-Organization"] = acting
        body = {"query": query, "variables": variables}
        client = self.client if client_address == LOCAL else self.client_at(client_address)
        response = await client.post("/graphql", json=body, headers=headers)
        answer: dict[str, Any] = response.json()
        return answer

    def execute(
        self,
        query: str,
        variables: dict[str, Any] | None = None,
        *,
        token: str | None,
        acting: str | None = None,
        client_address: str = LOCAL,
    ) -> dict[str, Any]:
        """The whole answer, `data` and `errors`."""
        return self.run(self.post(query, variables, token=token, acting=acting, client_address=client_address))

    def ask(
        self,
        query: str,
        variables: dict[str, Any] | None = None,
        *,
        token: str | None,
        acting: str | None = None,
        client_address: str = LOCAL,
    ) -> Any:
        """The data of an answer that must have no errors."""
        answer = self.execute(query, variables, token=token, acting=acting, client_address=client_address)
        assert "errors" not in answer, answer["errors"]
        return answer["data"]

    def fold(self) -> None:
        """Fold the counters, as the server does in the background, where changes to them are appended."""
        self.run(fold(self.database, self._deployment, now=self.clock()))

    def differences(self) -> list[str]:
        async def collect() -> list[str]:
            return [difference async for difference in check.differences(self.database)]

        return self.run(collect())

    def import_organizations(self, text: str, **options: Any) -> ImportReport:
        return self.run(import_organizations(self.database, records_of_text(text), now=self.clock(), **options))

    def import_numbers(self, text: str, **options: Any) -> ImportReport:
        return self.run(import_numbers(self.database, records_of_text(text), now=self.clock(), **options))

    def import_usage(self, text: str, **options: Any) -> ImportReport:
        return self.run(import_usage(self.database, records_of_text(text), **options))

    def create_key(self, *, organization: str, role: str, name: str | None = None, days: int | None = None) -> str:
        async def create() -> str:
            place = await organization_at(self.database, organization)
            return await operators.create_key(
                self.database,
                name=name or f"{role} {next(self._names)} at {organization}"[:100],
                organization_id=place.id,
                role=Role(role),
                expires_in=None if days is None else timedelta(days=days),
                now=self.clock(),
            )

        return self.run(create())

    def revoke_key(self, name: str) -> None:
        assert self.run(operators.revoke_key(self.database, name=name, now=self.clock())) == 1

    def create_administrator(self, *, organization: str, role: str, email: str, password: str) -> None:
        async def create() -> None:
            place = await organization_at(self.database, organization)
            await operators.create_administrator(
                self.database,
                email=email,
                name=None,
                organization_id=place.id,
                role=Role(role),
                password=password,
                now=self.clock(),
            )

        self.run(create())

    def run_jobs(self) -> None:
        """Run the jobs that are waiting, as the server does in the background."""
        self.run(JobWorker(self.database, self.clock, self._deployment).work_once())

    def tidy(self) -> None:
        """What the server does now and then."""
        self.run(clean_up(Context(self.database, self.clock, self._deployment)))

    def advance(self, seconds: float) -> None:
        self.clock.advance(seconds)


@contextmanager
def opened(databases: Databases, **chosen: Any) -> Iterator[Server]:
    """A server over an empty database of its own."""
    url = databases.create()
    try:
        with closing(Server(url, **chosen)) as server:
            yield server
    except BaseException:
        databases.drop(url)
        raise
    databases.recycle(url)


async def _all_others_at_rest() -> None:
    """Wait until every other task of the loop has ended; the housekeeping never does, so until it sleeps."""
    async with asyncio.timeout(PATIENCE):
        while busy := {task for task in asyncio.all_tasks() if not _sleeps(task)} - {asyncio.current_task()}:
            # There is no event for a task that starts to sleep.
            await asyncio.wait(busy, timeout=0.001)


def _sleeps(task: asyncio.Task[Any]) -> bool:
    waits_for: Any = getattr(task.get_coro(), "cr_await", None)
    return task.get_name() == HOUSEKEEPING and getattr(waits_for, "__name__", "") == "sleep"
