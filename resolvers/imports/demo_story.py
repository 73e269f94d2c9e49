"""Tell the story of a few dozen numbers of the demo: who reserved, moved, got and left them in the last three months.

Every step is a change as the API makes it, at a time of its own and by a person of the demo. No step queues a mail.
"""

from __future__ import annotations

import random
from collections.abc import Awaitable, Callable, Iterator
from datetime import datetime, timedelta
from typing import NamedTuple

from db.access import changes as administrator_changes
from db.core.database import Database, DatabaseConnection
from db.core.keyset import PageRequest
from db.numbers import search
from db.numbers.relations import NONE
from db.numbers.search import SearchParts, SearchRequest
from db.organizations import queries as organizations
from domain.access import Actor, CallerKind, OrganizationRef, Role
from domain.invitations import INVITATION_DAYS
from domain.search import NumberFilter, Order, OrderDirection, PhoneNumberOrderField
from domain.statuses import EventKind, NumberStatus
from domain.texts import fold
from domain.users import Person
from mail.links import Links
from resolvers.core.context import Context
from resolvers.core.deployment import Deployment
from resolvers.core.unit_of_work import UnitOfWork
from resolvers.imports.demo_data import ADMINISTRATORS, FIRST_NAMES, LAST_NAMES, TAGS
from resolvers.imports.demo_numbers import StoryNumber, invite_without_number
from resolvers.users.expiry import ACTOR as EXPIRY

HOLDERS = 24
NUMBERS_PER_HOLDER = 7
"""How many organizations have numbers with a story, and how many each of them, at most."""

DAYS = 95
"""How many days ago the first story begins."""


class Step(NamedTuple):
    """A change at a time, by a person or by the server."""

    at: datetime
    actor: str
    change: Callable[[UnitOfWork], Awaitable[object]]


async def tell_story(database: Database, *, seed: int, now: datetime) -> None:
    """Change some numbers of a demo inventory in one transaction, the same ones for the same seed."""
    rng = random.Random(seed)  # noqa: S311 - generated data, no secrets
    async with database.read() as connection:
        tree = await organizations.all_organizations(connection)
    holders = rng.sample(tree[1:], min(HOLDERS, len(tree) - 1))
    numbers = [number for id_, _, _ in holders for number in await _numbers_of(database, id_, now=now)]
    steps = [step for index, number in enumerate(numbers) for step in _steps(index, number, rng, holders, now=now)]
    for number in await _numbers_of(database, tree[0][0], now=now):
        steps += _allocation(number, rng, holders, now=now)
    steps += [_invitation_without_number(rng, id_, now=now) for id_, _, _ in holders[::4]]
    root_id, root_path, _ = tree[0]
    place = OrganizationRef(root_id, root_path)
    context = Context(database, lambda: now, Deployment(links=Links(b"", "", "")))
    async with database.write(bulk=True) as connection:
        await _insert_administrators(connection, root_id, at=now - timedelta(days=DAYS))
        for step in sorted(steps, key=lambda step: step.at):
            actor = Actor(CallerKind.SERVER, 0, step.actor, None, Role.OWNER, place, place)
            await step.change(UnitOfWork(connection, actor, root_path, step.at, context))


async def _numbers_of(database: Database, organization_id: int, *, now: datetime) -> list[StoryNumber]:
    """Available numbers of an organization that are older than the story."""
    request = SearchRequest(
        NumberFilter(organization_ids=(organization_id,), statuses=(NumberStatus.AVAILABLE,)),
        Order(PhoneNumberOrderField.UPDATED_AT, OrderDirection.ASC),
        PageRequest(NUMBERS_PER_HOLDER),
        SearchParts(rows=NONE),
    )
    found = (await search.search(database, request)).page
    records = found.rows if found else []
    return [
        StoryNumber(record.id, organization_id) for record in records if record.updated_at < now - timedelta(days=DAYS)
    ]


async def _insert_administrators(connection: DatabaseConnection, root_id: int, *, at: datetime) -> None:
    for name in ADMINISTRATORS:
        await administrator_changes.insert_administrator(
            connection,
            organization_id=root_id,
            name=name,
            email=f"{fold(name.partition(' ')[0])}@halcyon.example",
            role=Role.ADMIN,
            password_hash=None,
            receives_alerts=False,
            now=at,
        )


def _steps(
    index: int, number: StoryNumber, rng: random.Random, holders: list[tuple[int, str, str]], *, now: datetime
) -> Iterator[Step]:
    """One of seven stories; days count from its beginning."""
    first, second = rng.sample(ADMINISTRATORS, 2)
    tag, target = rng.choice(TAGS), rng.choice(holders)[0]
    person = _person(rng, index)
    begin = now - timedelta(days=rng.randint(65, DAYS - 1), minutes=rng.randrange(600))
    recently = now - timedelta(days=rng.randrange(INVITATION_DAYS - 1), minutes=rng.randrange(600))

    def on(day: float, actor: str, change: Callable[[UnitOfWork], Awaitable[object]]) -> Step:
        return Step(begin + timedelta(days=day), actor, change)

    invited = (on(4, first, number.reserve(tag)), on(9, second, number.invite(person)))
    match index % 7:
        case 0:
            yield from (*invited, on(10, person.full_name, number.accept()))
        case 1:
            yield from (*invited, on(9 + INVITATION_DAYS, EXPIRY, number.expire()))
            yield on(30, first, number.reserve(f"{tag} again"))
        case 2:
            yield from (on(1, first, number.move(target)), on(6, second, number.reserve(tag)))
            yield from (on(20, second, number.edit_tag(f"{tag} 2")), on(50, first, number.unreserve()))
        case 3:
            yield from (*invited, on(12, person.full_name, number.accept()))
            yield on(60, second, number.delete_user(tag))
        case 4:
            yield from (*invited, on(11, first, number.cancel()))
        case 5:
            yield from (on(2, second, number.move(target)), Step(recently, first, number.invite(person)))
        case _:
            yield from (on(3, first, number.reserve(tag)), Step(recently, second, number.invite(person)))
            yield Step(recently + (now - recently) / 2, person.full_name, number.accept())


def _allocation(
    number: StoryNumber, rng: random.Random, holders: list[tuple[int, str, str]], *, now: datetime
) -> Iterator[Step]:
    """A number of the root that a sub-organization gets."""
    if holders:
        at = now - timedelta(days=rng.randrange(1, DAYS), minutes=rng.randrange(600))
        target = rng.choice(holders)[0]
        yield Step(at, rng.choice(ADMINISTRATORS), number.move(target, EventKind.ALLOCATED))


def _invitation_without_number(rng: random.Random, organization_id: int, *, now: datetime) -> Step:
    """A recent invitation of a user who picks a number on acceptance."""
    person = _person(rng, 1_000 + organization_id)
    at = now - timedelta(days=rng.randrange(INVITATION_DAYS - 1), minutes=rng.randrange(600))
    return Step(at, rng.choice(ADMINISTRATORS), invite_without_number(organization_id, person))


def _person(rng: random.Random, index: int) -> Person:
    first, last = rng.choice(FIRST_NAMES), rng.choice(LAST_NAMES)
    return Person(first, last, f"{fold(first[0])}.{fold(last)}.s{index}@halcyon.example")
