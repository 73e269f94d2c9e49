"""Clients that change numbers with idempotency keys, repeat what failed, and remember each answered success."""

from __future__ import annotations

import asyncio
import random
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import httpx

REQUEST_SECONDS = 20.0
"""How long a client waits for an answer."""

PAUSE_SECONDS = 0.2
"""How long a client waits before it repeats a request."""

RETRYABLE = {"UNAVAILABLE", "TIMEOUT", "OUTCOME_UNKNOWN", "RATE_LIMITED"}
"""Codes after which repeating the request with the same idempotency key is right."""

_FIELDS = "changedCount userErrors { code message }"
_MUTATIONS = {
    "RESERVED": f"""mutation ($id: ID!, $key: String!, $value: String!) {{ answer: reserveNumbers(
        input: {{numberIds: [$id], tag: $value, idempotencyKey: $key}}) {{ {_FIELDS} }} }}""",
    "TAG_EDITED": """mutation ($id: ID!, $key: String!, $value: String!) { answer: editReservedTag(
        input: {numberId: $id, tag: $value, idempotencyKey: $key}) { userErrors { code message } } }""",
    "MOVED": f"""mutation ($id: ID!, $key: String!, $value: ID!) {{ answer: moveNumbers(
        input: {{numberIds: [$id], organizationId: $value, idempotencyKey: $key}}) {{ {_FIELDS} }} }}""",
    "UNRESERVED": f"""mutation ($id: ID!, $key: String!) {{ answer: unreserveNumbers(
        input: {{numberIds: [$id], idempotencyKey: $key}}) {{ {_FIELDS} }} }}""",
}
_CYCLE = ("RESERVED", "TAG_EDITED", "MOVED", "UNRESERVED", "MOVED")
"""What a client does with each number, again and again."""

_READ = "query ($id: ID!) { node(id: $id) { ... on PhoneNumber { status reservedTag organization { id } } } }"


class Change(NamedTuple):
    """A change that was answered with success: its kind, and the tag or the organization that it sets."""

    kind: str
    value: str | None
    begun_at: float
    answered_at: float


@dataclass(slots=True)
class Number:
    """A number that one client changes: where it is, and all changes that were answered with success."""

    id: str
    row_id: int
    organization: str
    status: str = "AVAILABLE"
    tag: str | None = None
    changes: list[Change] = field(default_factory=list)
    pending: bool = False
    """Whether the last change was not answered before the load ended."""


@dataclass(slots=True)
class Observed:
    """What all clients saw."""

    errors: Counter[str] = field(default_factory=Counter)
    """By their code, or by the name of the network error."""

    unexpected: list[str] = field(default_factory=list)
    """Errors after which repeating the request is no use, and answers that cannot be right."""

    reads: int = 0
    stale_reads: list[str] = field(default_factory=list)
    answers: list[tuple[float, float]] = field(default_factory=list)
    """When each successful answer came, and how many seconds it took."""


class Client:
    """One client with numbers of its own; `queries` are sent between its changes."""

    interval = 0.0
    """Seconds from the beginning of a change to that of the next, if it is answered before."""

    def __init__(
        self,
        url: str,
        token: str,
        numbers: Sequence[Number],
        organizations: Sequence[str],
        observed: Observed,
        seed: int,
        queries: Sequence[str] = (),
    ) -> None:
        self._url = url
        # A new connection for each request, which any of the processes may accept.
        limits = httpx.Limits(max_keepalive_connections=0)
        headers = {"Authorization": f"Bearer {token}"}
        self._http = httpx.AsyncClient(timeout=REQUEST_SECONDS, limits=limits, headers=headers)
        self._numbers = numbers
        self._organizations = organizations
        self._observed = observed
        self._rng = random.Random(seed)  # noqa: S311 - load, not a secret
        self._seed = seed
        self._queries = queries
        self._count = 0

    async def run(self, ends: asyncio.Event) -> None:
        """Change numbers until the load ends."""
        next_at = time.monotonic() + self._rng.random() * self.interval
        while not ends.is_set():
            await asyncio.sleep(max(0.0, next_at - time.monotonic()))
            next_at = max(next_at + self.interval, time.monotonic())
            number = self._rng.choice(self._numbers)
            if not await self._change(number, ends):
                return
            for query in self._queries:
                await self._ask(query, {})
            if self._rng.random() < 0.5:  # noqa: PLR2004 - every second change is read back
                await self._read_back(number)

    async def _change(self, number: Number, ends: asyncio.Event) -> bool:
        """Make the next change of a number; False if the load ended before it was answered."""
        kind = _CYCLE[len(number.changes) % len(_CYCLE)]
        self._count += 1
        value = self._value(kind, number)
        variables = {"id": number.id, "key": f"drill {self._seed} {self._count}", "value": value}
        begun_at = time.monotonic()
        number.pending = True
        while not await self._succeeds(_MUTATIONS[kind], variables):
            if ends.is_set():
                return False
            await asyncio.sleep(PAUSE_SECONDS)
        number.pending = False
        number.changes.append(Change(kind, value, begun_at, time.monotonic()))
        self._apply(kind, value, number)
        return True

    def _value(self, kind: str, number: Number) -> str | None:
        if kind in {"RESERVED", "TAG_EDITED"}:
            return f"client {self._seed} change {self._count}"
        if kind == "MOVED":
            return next(id_ for id_ in self._organizations if id_ != number.organization)
        return None

    def _apply(self, kind: str, value: str | None, number: Number) -> None:
        if kind == "MOVED":
            number.organization = str(value)
        else:
            number.tag = value
            number.status = "AVAILABLE" if kind == "UNRESERVED" else "RESERVED"

    async def _succeeds(self, query: str, variables: dict[str, Any]) -> bool:
        answer = await self._ask(query, variables)
        if answer is None:
            return False
        refusals = answer["answer"]["userErrors"]
        if refusals or answer["answer"].get("changedCount", 1) != 1:
            self._observed.unexpected.append(f"{variables}: {answer}")
        return True

    async def _read_back(self, number: Number) -> None:
        answer = await self._ask(_READ, {"id": number.id})
        if answer is None:
            return
        self._observed.reads += 1
        expected = {
            "status": number.status,
            "reservedTag": number.tag,
            "organization": {"id": number.organization},
        }
        if answer["node"] != expected:
            self._observed.stale_reads.append(f"{answer['node']} instead of {expected}")

    async def _ask(self, query: str, variables: dict[str, Any]) -> dict[str, Any] | None:
        """The data of an answer; None after an error that may go away, which is counted."""
        begun_at = time.monotonic()
        try:
            response = await self._http.post(self._url, json={"query": query, "variables": variables})
            answer = response.json()
        except (httpx.TransportError, ValueError) as error:
            self._observed.errors[type(error).__name__] += 1
            return None
        errors = answer.get("errors")
        if not errors:
            self._observed.answers.append((time.monotonic(), time.monotonic() - begun_at))
            data: dict[str, Any] = answer["data"]
            return data
        code = errors[0]["extensions"]["code"]
        self._observed.errors[code] += 1
        if code not in RETRYABLE:
            self._observed.unexpected.append(f"{response.status_code}: {errors[0]}")
        return None
