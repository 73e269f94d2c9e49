"""The whole application over one database, as tests talk to it: over HTTP, without a network."""

from __future__ import annotations

import asyncio
import io
import itertools
from collections.abc import Awaitable, Callable, Coroutine
from datetime import timedelta
from typing import Any, Literal, TypeVar

import httpx

from app.application import create_application
from app.settings import Settings
from db.database import Database
from db.engines import open_database
from domain.access import Role
from mail.links import Links
from resolvers import operators
from resolvers.context import Context
from resolvers.deployment import Deployment
from resolvers.housekeeping import tidy
from resolvers.number_import import import_numbers
from resolvers.organization_import import ImportReport, import_organizations
from resolvers.usage_import import import_usage
from tests.support.clock import SettableClock

T = TypeVar("T")


class Server:
    """A running application; its methods block, except those of `client`."""

    def __init__(self, url: str, *, graphiql: Literal["on", "off"] = "on", **chosen: Any) -> None:
        self.url = url
        self.clock = SettableClock()
        self._loop = asyncio.new_event_loop()
        self._names = itertools.count(1)
        self.settings = Settings(database_url=url, graphiql=graphiql, **chosen)
        # A test looks into the outbox itself; what is under way beside it would only make it flicker.
        self._application = create_application(self.settings, clock=self.clock, delivers_mail=False)
        self._lifespan = self._application.router.lifespan_context(self._application)
        self.run(self._lifespan.__aenter__())
        self.database: Database = self.run(open_database(url))
        transport = httpx.ASGITransport(self._application)
        self.client = httpx.AsyncClient(transport=transport, base_url="http://dialtree.test")

    def run(self, work: Coroutine[Any, Any, T] | Awaitable[T]) -> T:
        return self._loop.run_until_complete(work)

    def close(self) -> None:
        self.run(self.client.aclose())
        self.run(self.database.close())
        self.run(self._lifespan.__aexit__(None, None, None))
        self._loop.close()

    async def post(
        self,
        query: str,
        variables: dict[str, Any] | None = None,
        *,
        token: str | None,
        acting: str | None = None,
    ) -> dict[str, Any]:
        headers = {} if token is None else {"Authorization": f"Bearer {token}"}
        if acting is not None:
            headers["Dialtree-Organization"] = acting
        body = {"query": query, "variables": variables}
        response = await self.client.post("/graphql", json=body, headers=headers)
        answer: dict[str, Any] = response.json()
        return answer

    def execute(
        self,
        query: str,
        variables: dict[str, Any] | None = None,
        *,
        token: str | None,
        acting: str | None = None,
    ) -> dict[str, Any]:
        """The whole answer, `data` and `errors`."""
        return self.run(self.post(query, variables, token=token, acting=acting))

    def ask(
        self,
        query: str,
        variables: dict[str, Any] | None = None,
        *,
        token: str | None,
        acting: str | None = None,
    ) -> Any:
        """The data of an answer that must have no errors."""
        answer = self.execute(query, variables, token=token, acting=acting)
        assert "errors" not in answer, answer["errors"]
        return answer["data"]

    def differences(self) -> list[str]:
        async def collect() -> list[str]:
            return [difference async for difference in operators.differences(self.database)]

        return self.run(collect())

    def import_organizations(self, text: str, **options: Any) -> ImportReport:
        return self.run(import_organizations(self.database, io.StringIO(text, newline=""), now=self.clock(), **options))

    def import_numbers(self, text: str, **options: Any) -> ImportReport:
        return self.run(import_numbers(self.database, io.StringIO(text, newline=""), now=self.clock(), **options))

    def import_usage(self, text: str, **options: Any) -> ImportReport:
        return self.run(import_usage(self.database, io.StringIO(text, newline=""), **options))

    def create_key(self, *, organization: str, role: str, name: str | None = None, days: int | None = None) -> str:
        async def create() -> str:
            place = await operators.organization_at(self.database, organization)
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
            place = await operators.organization_at(self.database, organization)
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

    def tidy(self) -> None:
        """What the server does now and then."""
        secret = self.run(operators.shared_secret(self.database))
        deployment = Deployment(links=Links(secret.encode(), "", ""))
        self.run(tidy(Context(self.database, self.clock, deployment)))

    def advance(self, seconds: float) -> None:
        self.clock.advance(seconds)


ServerFactory = Callable[[], Server]
