"""Who asks: every role, from the top and from below, with a key and signed in; a neighbour; and nobody."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from graphql import OperationType

from db.core.database import Database
from domain.access import Role
from execution.engine import Engine
from mail.links import Links
from resolvers.access.operators import create_administrator, create_key
from resolvers.access.sign_in import Authentication, authenticate, digest, sign_in
from resolvers.core.context import Context
from resolvers.core.deployment import Deployment
from resolvers.imports.demo import ROOT_NAME
from resolvers.organizations.paths import organization_at
from schema.root.schema import build_schema
from tests.support.clock import SettableClock

CHILD = f"{ROOT_NAME}/Field Service Manchester/Trading Quebec"
LEAF = f"{ROOT_NAME}/Operations Berlin"
NEIGHBOUR = "Rival"

EMAIL = "owner@halcyon.example"
PASSWORD = "a long password"

KINDS = frozenset({OperationType.QUERY, OperationType.MUTATION})

Ask = Callable[..., Awaitable[Any]]


@dataclass(frozen=True)
class Caller:
    """A role at an organization, acting from there or from another one below."""

    name: str
    place: str
    role: Role
    acting: str | None = None
    signs_in: bool = False


OWNER = Caller("owner", ROOT_NAME, Role.OWNER)
OTHERS = (
    Caller("person", ROOT_NAME, Role.OWNER, signs_in=True),
    Caller("admin of the child", CHILD, Role.ADMIN),
    Caller("owner acting from the child", ROOT_NAME, Role.OWNER, acting=CHILD),
    Caller("viewer of the leaf", LEAF, Role.VIEWER),
    Caller("usage writer", ROOT_NAME, Role.USAGE_WRITER),
)
NEIGHBOURS = Caller("neighbour", NEIGHBOUR, Role.OWNER)


def settled() -> Deployment:
    """What is settled for the server: the same links on both execution paths."""
    return Deployment(
        links=Links(b"differential", "http://127.0.0.1/invitation/{token}", "http://127.0.0.1/password/{token}"),
        supplier_email="numbers@carrier.example",
        supplier_telephone="+14185550100",
    )


@dataclass(frozen=True)
class SignedIn:
    """A caller whom the server knows."""

    authentication: Authentication
    secret: str

    def context(self, database: Database, clock: SettableClock) -> Context:
        """The context of one request, as the endpoint makes it."""
        context = Context(database, clock, settled())
        context.caller = self.authentication.actor
        context.single_root = self.authentication.single_root
        context.token_digest = digest(self.secret)
        return context


async def admit(database: Database, clock: SettableClock, caller: Caller) -> str:
    """Give a caller a key or token."""
    place = await organization_at(database, caller.place)
    if not caller.signs_in:
        return await create_key(
            database, name=caller.name, organization_id=place.id, role=caller.role, expires_in=None, now=clock()
        )
    await create_administrator(
        database,
        email=EMAIL,
        name=caller.name,
        organization_id=place.id,
        role=caller.role,
        password=PASSWORD,
        now=clock(),
    )
    return (await sign_in(Context(database, clock, settled()), email=EMAIL, password=PASSWORD)).token


async def known(database: Database, clock: SettableClock, caller: Caller, secret: str) -> SignedIn:
    """The caller as authenticated by the endpoint."""
    acting = None if caller.acting is None else (await organization_at(database, caller.acting)).id
    found = await authenticate(database, clock, token=secret, acting_id=acting)
    assert found is not None
    return SignedIn(found, secret)


def asking(database: Database, clock: SettableClock, signed_in: SignedIn) -> Ask:
    """What asks a database in the name of a caller, and takes no refusal."""
    engine = Engine(build_schema()._schema)

    async def ask(query: str, **variables: Any) -> Any:
        result, *_ = await engine.run(
            query,
            variables=variables,
            operation_name=None,
            context=signed_in.context(database, clock),
            allowed_types=KINDS,
            introspection=True,
        )
        assert result.errors is None, result.errors
        assert result.data is not None
        for payload in result.data.values():
            assert not (isinstance(payload, dict) and payload.get("userErrors")), payload
        return result.data

    return ask
