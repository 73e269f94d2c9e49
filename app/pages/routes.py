"""`/invitation` and `/password`, the pages that links in mails open.

A GET request only shows a form and changes nothing, because mail scanners open every link.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from contextlib import AbstractContextManager
from http import HTTPStatus
from urllib.parse import parse_qs

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from app.pages.rendering import format_time, page
from app.request_limit import RequestLimits, time_limit
from app.requests import BODY_SECONDS, RETRY_AFTER, BadRequest, client_address, failure_status, read_body
from app.services import Services
from domain.errors import DialtreeError, Expired, NotFound, RequestFailed
from domain.numbers import international_format
from domain.passwords import SHORTEST
from resolvers.access import passwords
from resolvers.core.context import Context
from resolvers.users import acceptance
from resolvers.users.acceptance import AcceptanceRefused, InvitationOffer
from resolvers.users.commands import AcceptInvitation
from schema.core.ids import encode, row_id

MAX_FORM_BYTES = 64 * 1024
MAX_FORM_FIELDS = 10

Form = dict[str, str]
Handler = Callable[[Request, Form, str], Awaitable[Response]]
"""Handles a form and the token in it."""


class LinkPages:
    """The handlers of the pages."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._body_limits = RequestLimits(seconds=BODY_SECONDS)

    def _context(self, request: Request) -> Context:
        services = self._services
        return Context(
            services.open_database,
            services.clock,
            services.deployment,
            client_address=client_address(request.scope),
        )

    async def invitation(self, request: Request) -> Response:
        """Show an invitation, or accept it."""
        return await self._handle(request, self._invitation)

    async def password(self, request: Request) -> Response:
        """Show the form that sets a password or, without a token, the form that requests a link; handle both."""
        return await self._handle(request, self._password, offer_reset=True)

    async def _handle(self, request: Request, handler: Handler, *, offer_reset: bool = False) -> Response:
        try:
            form = await _form(request, self._body_limits.limit())
            async with time_limit(self._services.settings.request_seconds):
                return await handler(request, form, form.get("token", ""))
        except BadRequest as error:
            return _error_page(error.message, status=error.status)
        except RequestFailed as error:
            return _error_page(str(error), status=failure_status(error))
        except DialtreeError as error:
            return _error_page(error.message, status=_status_of(error), offer_reset=offer_reset)

    async def _invitation(self, request: Request, form: Form, token: str) -> Response:
        if request.method == "POST":
            return await self._accept(request, token, form.get("numberId"))
        return _invitation_page(await acceptance.find_offer(self._context(request), token), token)

    async def _accept(self, request: Request, token: str, chosen_id: str | None) -> Response:
        number_id = None if chosen_id is None else row_id(chosen_id, "PhoneNumber")
        try:
            command = AcceptInvitation(token=token, number_id=number_id)
            accepted = await acceptance.accept_invitation(self._context(request), command)
        except AcceptanceRefused as error:
            offer = await acceptance.find_offer(self._context(request), token)
            return _invitation_page(offer, token, error=error.refusal.message, status=409)
        return page("accepted", number=international_format(accepted.number), organization=accepted.organization_name)

    async def _password(self, request: Request, form: Form, token: str) -> Response:
        if request.method == "POST" and token:
            return await self._set_password(request, token, form.get("password", ""), form.get("again", ""))
        if request.method == "POST":
            await passwords.request_password_reset(self._context(request), form.get("email", ""))
            return page("reset_requested")
        if token:
            return _password_page(token, await passwords.email_for_token(self._context(request), token))
        return page("request_reset")

    async def _set_password(self, request: Request, token: str, password: str, again: str) -> Response:
        email = await passwords.email_for_token(self._context(request), token)
        if password != again:
            return _password_page(token, email, error="The passwords do not match.", status=422)
        try:
            await passwords.set_password(self._context(request), token=token, password=password)
        except (NotFound, Expired):
            raise
        except DialtreeError as error:
            return _password_page(token, email, error=error.message, status=422)
        return page("password_set", email=email)


async def _form(request: Request, limit: AbstractContextManager[None]) -> Form:
    """The fields of a submitted form or of the query string. Raises BadRequest."""
    text = request.url.query
    if request.method == "POST":
        if not request.headers.get("content-type", "").lower().startswith("application/x-www-form-urlencoded"):
            raise BadRequest("Send the form as application/x-www-form-urlencoded.", status=415)
        text = (await read_body(request.receive, limit, max_bytes=MAX_FORM_BYTES)).decode(errors="replace")
    try:
        return {name: values[0] for name, values in parse_qs(text, max_num_fields=MAX_FORM_FIELDS).items()}
    except ValueError:
        raise BadRequest("The form has too many fields.") from None


def _invitation_page(offer: InvitationOffer, token: str, *, error: str | None = None, status: int = 200) -> Response:
    return page(
        "invitation",
        status=status,
        token=token,
        error=error,
        name=f"{offer.first_name} {offer.last_name}",
        organization=offer.organization_name,
        number=offer.number and international_format(offer.number),
        offered=[
            (encode("PhoneNumber", number.id), international_format(number.number)) for number in offer.offered_numbers
        ],
        until=format_time(offer.expires_at),
    )


def _password_page(token: str, email: str, *, error: str | None = None, status: int = 200) -> Response:
    return page("password", status=status, token=token, email=email, error=error, min_length=SHORTEST)


def _error_page(message: str, *, status: int, offer_reset: bool = False) -> Response:
    response = page("error", status=status, message=message, offer_reset=offer_reset)
    if status == HTTPStatus.SERVICE_UNAVAILABLE:
        response.headers.update(RETRY_AFTER)
    return response


def _status_of(error: DialtreeError) -> int:
    return 404 if isinstance(error, NotFound) else 410 if isinstance(error, Expired) else 409


def page_routes(services: Services) -> list[Route]:
    """The routes of the pages."""
    pages = LinkPages(services)
    return [
        Route("/invitation", pages.invitation, methods=["GET", "POST"]),
        Route("/password", pages.password, methods=["GET", "POST"]),
    ]
