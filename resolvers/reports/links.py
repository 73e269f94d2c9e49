"""Signed links to reports: a query returns one, and it opens the report for a few minutes without authentication.

A link contains the digest of the caller's token and the organization that they acted from. Both are looked up again
when the link is opened, so it shows what the caller may see then, and nothing once the token is invalid.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields
from datetime import UTC, date, datetime, timedelta
from typing import Any
from urllib.parse import quote

import orjson
from itsdangerous import BadData, Signer, URLSafeSerializer
from itsdangerous.encoding import base64_encode, want_bytes

from db.organizations.queries import OrganizationRecord
from domain.access import CallerKind, Permission, require
from domain.calendar import local_date
from domain.errors import DialtreeError, LimitExceeded
from domain.reports import Report, check_period, filename
from domain.search import Order, OrderDirection, PhoneNumberOrderField
from domain.statuses import NumberStatus
from resolvers.access.sign_in import authenticate_digest
from resolvers.core.context import Context
from resolvers.numbers.filters import FilterInput, narrow
from resolvers.organizations.queries import find_organization

LINK_LIFETIME = timedelta(minutes=5)
MAX_SIGNED_LENGTH = 16_000
"""Maximum length of the signed part of a link, in characters; servers and browsers accept URLs of this length."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportRequest:
    """A requested report: its kind, its organization and what it shows."""

    report: Report
    organization_id: int
    filename: str
    filter: FilterInput = field(default_factory=FilterInput)
    order: Order = field(default_factory=Order)
    first: date | None = None
    last: date | None = None
    job_id: int | None = None


@dataclass(frozen=True, slots=True)
class ReportLink:
    """A link to a report."""

    url: str
    expires_at: datetime
    filename: str


class InvalidLink(Exception):
    """The link is invalid or expired; the message is shown to the person who opened it."""

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


async def number_utilization_link(context: Context, organization_id: int | None) -> ReportLink | None:
    """Return a link to the utilization of an organization and its sub-organizations; None if out of scope."""
    organization = await _organization(context, organization_id)
    return organization and _link(context, Report.NUMBER_UTILIZATION, organization)


async def phone_numbers_link(context: Context, wanted: FilterInput, order: Order) -> ReportLink | None:
    """Return a link to the numbers that match a filter, in an order."""
    organization = await _organization(context, None)
    # Raises for an invalid filter.
    await narrow(context.loaders.organizations.load_many, wanted, scope=context.scope, load_region=context.region)
    return organization and _link(context, Report.PHONE_NUMBERS, organization, filter=wanted, order=order)


async def consumption_link(
    context: Context, organization_id: int | None, *, first: date, last: date
) -> ReportLink | None:
    """Return a link to the usage from one local day to another, both included; None if out of scope."""
    organization = await _organization(context, organization_id)
    check_period(first, last)
    return organization and _link(context, Report.CONSUMPTION, organization, first=first, last=last)


async def job_link(context: Context, job_id: int) -> ReportLink | None:
    """Return a link to what a job has done to each item. The job is looked up when the link is opened."""
    organization = await _organization(context, None)
    return organization and _link(context, Report.JOB, organization, job_id=job_id)


async def _organization(context: Context, organization_id: int | None) -> OrganizationRecord | None:
    require(context.actor.role, Permission.DOWNLOAD)
    return await find_organization(context, organization_id)


def _link(context: Context, report: Report, organization: OrganizationRecord, **options: Any) -> ReportLink:
    now = context.clock()
    dates = [options[name] for name in ("first", "last") if name in options]
    name = filename(report, organization.name, *(dates or [local_date(now, organization.time_zone)]))
    request = ReportRequest(report=report, organization_id=organization.id, filename=name, **options)
    # The link contains the time in whole seconds.
    expires_at = (now + LINK_LIFETIME).replace(microsecond=0)
    signed = _signer(context.deployment.secrets).dumps(
        {
            "kind": context.actor.kind.value,
            "token": context.token_digest,
            "acting": context.actor.acting.id,
            "expires": int(expires_at.timestamp()),
            "request": _dump(request),
        }
    )
    if len(signed) > MAX_SIGNED_LENGTH:
        raise LimitExceeded("The filter is too long for a link. List fewer numbers.", path=("filter", "numbers"))
    url = f"{context.base_url.rstrip('/')}/download/{quote(name)}?link={signed}"
    return ReportLink(url, expires_at, name)


async def redeem(context: Context, signed: str) -> ReportRequest:
    """Return the request in a link and set the context's caller to the one who requested it. Raises InvalidLink."""
    try:
        payload: dict[str, Any] = _signer(context.deployment.secrets).loads(signed)
    except BadData:
        raise InvalidLink("This is not a valid download link of this server.") from None
    if context.clock() >= datetime.fromtimestamp(payload["expires"], UTC):
        raise InvalidLink("This download link has expired. Request a new one.")
    try:
        authentication = await authenticate_digest(
            context.database,
            context.clock,
            kind=CallerKind(payload["kind"]),
            token_digest=payload["token"],
            acting_id=payload["acting"],
        )
        if authentication is None:
            raise InvalidLink("The user who requested this download is no longer signed in.")
        require(authentication.actor.role, Permission.DOWNLOAD)
    except DialtreeError as error:
        raise InvalidLink(error.message) from None
    context.caller = authentication.actor
    context.single_root = authentication.single_root
    context.token_digest = authentication.token_digest
    return _load(payload["request"])


def _signer(secrets: Sequence[bytes]) -> URLSafeSerializer:
    return URLSafeSerializer(
        # It signs with the last.
        secrets[::-1],
        salt="dialtree download",
        serializer=_Json,
        signer=_Signer,
        signer_kwargs={"digest_method": hashlib.sha256},
    )


class _Signer(Signer):
    """Compare signatures as text: base64 texts with different last characters can decode to the same bytes."""

    def verify_signature(self, value: str | bytes, sig: str | bytes) -> bool:
        """Return whether this is the signature of a value with one of the keys."""
        value, sig = want_bytes(value), want_bytes(sig)
        signatures = (self.algorithm.get_signature(self.derive_key(key), value) for key in self.secret_keys)
        return any(hmac.compare_digest(base64_encode(signature), sig) for signature in signatures)


class _Json:
    """The JSON serializer of links."""

    @staticmethod
    def dumps(value: Any) -> str:
        return orjson.dumps(value).decode()

    @staticmethod
    def loads(text: str | bytes) -> Any:
        return orjson.loads(text)


def _dump(request: ReportRequest) -> dict[str, Any]:
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
        "job": request.job_id,
    }


def _load(stored: Mapping[str, Any]) -> ReportRequest:
    wanted: dict[str, Any] = {
        name: tuple(value) if isinstance(value, list) else value for name, value in stored["filter"].items()
    }
    if "statuses" in wanted:
        wanted["statuses"] = tuple(NumberStatus(status) for status in wanted["statuses"])
    if "updated_since" in wanted:
        wanted["updated_since"] = datetime.fromisoformat(wanted["updated_since"])
    column, direction = stored["order"]
    first, last = (day and date.fromisoformat(day) for day in stored["period"])
    return ReportRequest(
        report=Report(stored["report"]),
        organization_id=stored["organization"],
        filename=stored["filename"],
        filter=FilterInput(**wanted),
        order=Order(PhoneNumberOrderField(column), OrderDirection(direction)),
        first=first,
        last=last,
        # Missing in the links of an earlier release.
        job_id=stored.get("job"),
    )
