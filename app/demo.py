"""The demo: a generated inventory, an owner, and an API key that GraphiQL uses."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import dataclass

from db.core.database import Database
from domain.access import Role
from domain.errors import NotFound
from resolvers.access.demo_credentials import stored_key, stored_password
from resolvers.access.operators import create_administrator
from resolvers.core.context import Clock
from resolvers.imports.demo import ROOT_NAME, create_demo_inventory, is_empty
from resolvers.imports.demo_story import tell_story
from resolvers.imports.demo_usage import record_demo_usage
from resolvers.organizations.paths import organization_at

ORGANIZATIONS = 60
NUMBERS = 20_000
RECORDS = 6_000
SEED = 1
OWNER = "owner@halcyon.example"
KEY_NAME = "GraphiQL demo"


@dataclass(frozen=True, slots=True)
class Demo:
    """The demo's credentials."""

    email: str
    password: str
    key: str


async def prepare_demo(
    database: Database, clock: Clock, progress: Callable[[int], None] = lambda _: None
) -> Demo | None:
    """Fill an empty database, and return the credentials of the demo's owner and of GraphiQL.

    They are stored in the database and stay the same, so that any number of servers can show one demo. Those that no
    longer work, because the password was changed or the key revoked, are replaced. Returns None if the database
    contains another inventory.
    """
    if await is_empty(database):
        await _fill(database, clock, progress)
    try:
        root = await organization_at(database, ROOT_NAME)
    except NotFound:
        return None
    password = await stored_password(database, email=OWNER)
    if password is None:
        return None
    key = await stored_key(database, name=KEY_NAME, organization_id=root.id, role=Role.OWNER, now=clock())
    return Demo(OWNER, password, key)


async def _fill(database: Database, clock: Clock, progress: Callable[[int], None]) -> None:
    root_id = await create_demo_inventory(
        database,
        organization_count=ORGANIZATIONS,
        number_count=NUMBERS,
        seed=SEED,
        now=clock(),
        progress=progress,
    )
    await tell_story(database, seed=SEED, now=clock())
    await record_demo_usage(database, record_count=RECORDS, seed=SEED, now=clock())
    await create_administrator(
        database,
        email=OWNER,
        name="Demo Owner",
        organization_id=root_id,
        role=Role.OWNER,
        # Replaced by a stored one.
        password=secrets.token_urlsafe(),
        now=clock(),
    )
