"""Links to reports: a query hands one out, and the link alone opens the report for a few minutes.

The link is signed. It names the caller by the digest of their token and the organization that they acted from, and both
are looked up again when it is opened: it shows what the caller may see then, and nothing once the token has ended.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from datetime import UTC, date, datetime, timedelta
from typing import Any
from urllib.parse import quote

import orjson
from itsdangerous import BadData, Signer, URLSafeSerializer
from itsdangerous.encoding import want_bytes

from db.organizations.queries import OrganizationRecord
from domain.access import CallerKind, Permission, require
from domain.calendar import local_date
from domain.errors import DialtreeError, LimitExceeded
from domain.reports import Report, check_period, filename
from domain.search import Order, OrderDirection, PhoneNumberOrderField
from domain.statuses import NumberStatus
from resolvers.access.sign_in import resume
from resolvers.core.context import Context
from resolvers.numbers.filters import FilterInput, narrow
from resolvers.organizations.queries import find_organization

LIFETIME = timedelta(minutes=5)
"""How long a link opens its report."""

LONGEST = 16_000
"""How long the signed part of a link is at most, in characters; servers and browsers take such an address."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """A report that was asked for: whose, about which organization, and what it shows."""

    report: Report
    organization_id: int
    filename: str
    filter: FilterInput = field(default_factory=FilterInput)
    order: Order = field(default_factory=Order)
    first: date | None = None
    last: date | None = None


@dataclass(frozen=True, slots=True)
class Link:
    """What a caller is handed."""

    url: str
    expires_at: datetime
    filename: str


class LinkRefused(Exception):
    """The link opens nothing (any more); the message is for the person who clicked it."""

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


async def number_utilization_link(context: Context, organization_id: int | None) -> Link | None:
    """A link to the utilization of an organization and everything below it; None outside the scope."""
    organization = await _organization(context, organization_id)
    return organization and _link(context, Report.NUMBER_UTILIZATION, organization)


async def phone_numbers_link(context: Context, wanted: FilterInput, order: Order) -> Link | None:
    """A link to the list of numbers that a search finds, in its order."""
    organization = await _organization(context, None)
    # Refuses what can't be searched.
    await narrow(context.loaders.organizations.load_many, wanted, scope=context.scope)
    return organization and _link(context, Report.PHONE_NUMBERS, organization, filter=wanted, order=order)


async def consumption_link(context: Context, organization_id: int | None, *, first: date, last: date) -> Link | None:
    """A link to what was used from one local day to another, both included; None outside the scope."""
    organization = await _organization(context, organization_id)
    check_period(first, last)
    return organization and _link(context, Report.CONSUMPTION, organization, first=first, last=last)


async def _organization(context: Context, organization_id: int | None) -> OrganizationRecord | None:
    require(context.actor.role, Permission.DOWNLOAD)
    return await find_organization(context, organization_id)


def _link(context: Context, report: Report, organization: OrganizationRecord, **shows: Any) -> Link:
    now = context.clock()
    dates = [shows[name] for name in ("first", "last") if name in shows]
    name = filename(report, organization.name, *(dates or [local_date(now, organization.time_zone)]))
    request = Request(report=report, organization_id=organization.id, filename=name, **shows)
    # To the second: that is how exactly the link knows it.
    expires_at = (now + LIFETIME).replace(microsecond=0)
    signed = _signer(context.deployment.secret).dumps(
        {
            "kind": context.actor.kind.value,
            "token": context.token_digest,
            "acting": context.actor.acting.id,
            "expires": int(expires_at.timestamp()),
            "request": _dump(request),
        }
    )
    if len(signed) > LONGEST:
        raise LimitExceeded("The filter is too long for a link; list fewer numbers.", path=("filter", "numbers"))
    url = f"{context.base_url.rstrip('/')}/download/{quote(name)}?link={signed}"
    return Link(url, expires_at, name)


async def redeem(context: Context, signed: str) -> Request:
    """The request in a link; the context becomes that of its caller. Raises LinkRefused."""
    try:
        known: dict[str, Any] = _signer(context.deployment.secret).loads(signed)
    except BadData:
        raise LinkRefused("This is not a download link of this server, or it was changed on the way.") from None
    if context.clock() >= datetime.fromtimestamp(known["expires"], UTC):
        raise LinkRefused("This download link has expired; ask for a new one.")
    try:
        found = await resume(
            context.database,
            context.clock,
            kind=CallerKind(known["kind"]),
            token_digest=known["token"],
            acting_id=known["acting"],
        )
        if found is None:
            raise LinkRefused("The user who requested this download is no longer signed in.")
        require(found.actor.role, Permission.DOWNLOAD)
    except DialtreeError as error:
        raise LinkRefused(error.message) from None
    context.caller, context.single_root, context.token_digest = found.actor, found.single_root, known["token"]
    return _load(known["request"])


def _signer(secret: bytes) -> URLSafeSerializer:
    return URLSafeSerializer(
        secret,
        salt="dialtree download",
        serializer=_Json,
        signer=_Signer,
        signer_kwargs={"digest_method": hashlib.sha256},
    )


class _Signer(Signer):
    """Compares signatures as they are written: other last characters may decode to the same bytes."""

    def verify_signature(self, value: str | bytes, sig: str | bytes) -> bool:
        """Whether this is the very signature of a value."""
        return hmac.compare_digest(self.get_signature(value), want_bytes(sig))


class _Json:
    """The JSON that links are made of."""

    @staticmethod
    def dumps(value: Any) -> str:
        return orjson.dumps(value).decode()

    @staticmethod
    def loads(text: str | bytes) -> Any:
        return orjson.loads(text)


def _dump(request: Request) -> dict[str, Any]:
    wanted = request.filter
    return {
        "report": request.report.value,
        "organization": request.organization_id,
        "filename": request.filename,
        "filter": {
            part.name: value for part in fields(wanted) if (value := getattr(wanted, part.name)) != part.default
        },
        "order": [request.order.field.value, request.order.direction.value],
        "period": [request.first, request.last],
    }


def _load(stored: Mapping[str, Any]) -> Request:
    wanted: dict[str, Any] = {
        name: tuple(value) if isinstance(value, list) else value for name, value in stored["filter"].items()
    }
    if "statuses" in wanted:
        wanted["statuses"] = tuple(NumberStatus(status) for status in wanted["statuses"])
    if "updated_since" in wanted:
        wanted["updated_since"] = datetime.fromisoformat(wanted["updated_since"])
    column, direction = stored["order"]
    first, last = (day and date.fromisoformat(day) for day in stored["period"])
    return Request(
        report=Report(stored["report"]),
        organization_id=stored["organization"],
        filename=stored["filename"],
        filter=FilterInput(**wanted),
        order=Order(PhoneNumberOrderField(column), OrderDirection(direction)),
        first=first,
        last=last,
    )
