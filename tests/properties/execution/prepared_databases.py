"""The databases that operations are run on, made once and copied for each use."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass

from db.core.database import Database
from db.core.engines import open_database
from mail.links import Links
from resolvers.core.deployment import Deployment
from resolvers.core.folding import fold
from tests.properties.execution import inventory
from tests.properties.execution.callers import NEIGHBOURS, OTHERS, OWNER, Caller, SignedIn, admit, asking, known
from tests.properties.execution.inventory import Names
from tests.support.clock import SettableClock
from tests.support.databases import Databases


@dataclass(frozen=True)
class PreparedDatabase:
    """A filled database that nobody has open: its copies are used. `callers` holds None for who is not signed in."""

    url: str
    clock: SettableClock
    names: Names
    callers: Mapping[str, SignedIn | None]


@dataclass(frozen=True)
class PreparedDatabases:
    """The demo alone, whose root sees the whole deployment, and beside another tenant."""

    alone: PreparedDatabase
    shared: PreparedDatabase


def build(databases: Databases) -> PreparedDatabases:
    """Fill both; needs no running event loop."""
    return asyncio.run(_build(databases))


async def _build(databases: Databases) -> PreparedDatabases:
    clock = SettableClock()
    alone = databases.create()
    database = await open_database(alone)
    await inventory.fill_demo(database, clock)
    secrets = {caller: await admit(database, clock, caller) for caller in (OWNER, *OTHERS)}
    owner = await known(database, clock, OWNER, secrets[OWNER])
    names = await inventory.live(database, clock, asking(database, clock, owner))
    callers = await _known(database, clock, secrets)
    await _fold(database, clock)
    await database.close()

    shared = databases.copy(alone)
    database = await open_database(shared)
    await inventory.settle(database, clock)
    secrets[NEIGHBOURS] = await admit(database, clock, NEIGHBOURS)
    neighbour = await known(database, clock, NEIGHBOURS, secrets[NEIGHBOURS])
    outside = await inventory.neighbours(asking(database, clock, neighbour))
    all_callers = await _known(database, clock, secrets)
    await _fold(database, clock)
    await database.close()
    return PreparedDatabases(
        PreparedDatabase(alone, clock, names, callers), PreparedDatabase(shared, clock, names | outside, all_callers)
    )


async def _fold(database: Database, clock: SettableClock) -> None:
    """Fold the counters: rows that are there from the beginning could not be put back under their numbers."""
    await fold(database, Deployment(links=Links(b"", "", "")), now=clock())


async def _known(database: Database, clock: SettableClock, secrets: Mapping[Caller, str]) -> dict[str, SignedIn | None]:
    found = {caller.name: await known(database, clock, caller, secret) for caller, secret in secrets.items()}
    return {**found, "nobody": None}
