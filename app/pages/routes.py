"""`/invitation` and `/password`: a link in a mail shows a form, and what is done is done by sending it.

Opening a link does nothing: mail scanners open every link.
"""

from __future__ import annotations

from urllib.parse import parse_qs

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from app.pages.rendering import moment, page
from app.requests import BadRequest, read_body
from app.services import Services
from domain.errors import DialtreeError, Expired, NotFound
from domain.numbers import international_format
from domain.passwords import SHORTEST
from resolvers.access import passwords
from resolvers.core.context import Context
from resolvers.users import acceptance as on_boarding
from resolvers.users.acceptance import NotAccepted, Offer
from resolvers.users.commands import AcceptInvitation
from schema.core.ids import encode, row_id

MAX_FORM = 64 * 1024
MAX_FIELDS = 10


class LinkPages:
    """The pages of a running server."""

    def __init__(self, services: Services) -> None:
        self._services = services

    def _context(self) -> Context:
        return Context(self._services.open_database, self._services.clock, self._services.deployment)

    async def invitation(self, request: Request) -> Response:
        """What an invitation offers, and the answer to accepting it."""
        try:
            form = await _form(request)
            token = form.get("token", "")
            if request.method == "POST":
                return await self._accept(token, form.get("numberId"))
            return _offered(await on_boarding.find_offer(self._context(), token), token)
        except BadRequest as error:
            return _refused(error.message, status=error.status)
        except DialtreeError as error:
            return _refused(error.message, status=_status(error))

    async def _accept(self, token: str, picked: str | None) -> Response:
        number_id = None if picked is None else row_id(picked, "PhoneNumber")
        try:
            accepted = await on_boarding.accept_invitation(
                self._context(), AcceptInvitation(token=token, number_id=number_id)
            )
        except NotAccepted as refused:
            offer = await on_boarding.find_offer(self._context(), token)
            return _offered(offer, token, fault=refused.refusal.message, status=409)
        return page("accepted", number=international_format(accepted.number), organization=accepted.organization_name)

    async def password(self, request: Request) -> Response:
        """The form that sets a password by a link or, without a link, the one that asks for a mail with a link."""
        token = ""
        try:
            form = await _form(request)
            token = form.get("token", "")
            if request.method == "POST" and token:
                return await self._set_password(token, form.get("password", ""), form.get("again", ""))
            if request.method == "POST":
                await passwords.request_password_reset(self._context(), form.get("email", ""))
                return page("asked")
            if token:
                return _password_form(token, await passwords.find_link(self._context(), token))
            return page("forgotten")
        except BadRequest as error:
            return _refused(error.message, status=error.status)
        except DialtreeError as error:
            return _refused(error.message, status=_status(error), forgotten=True)

    async def _set_password(self, token: str, password: str, again: str) -> Response:
        email = await passwords.find_link(self._context(), token)
        if password != again:
            return _password_form(token, email, fault="The two are not the same.", status=422)
        try:
            await passwords.set_password(self._context(), token=token, password=password)
        except (NotFound, Expired):
            raise
        except DialtreeError as error:
            return _password_form(token, email, fault=error.message, status=422)
        return page("password_set", email=email)


async def _form(request: Request) -> dict[str, str]:
    """The fields of a form that was sent, or of the query string. Raises BadRequest."""
    text = request.url.query
    if request.method == "POST":
        if not request.headers.get("content-type", "").startswith("application/x-www-form-urlencoded"):
            message = "The form was sent in a way that is not understood."
            raise BadRequest(message, status=415)
        text = (await read_body(request.receive, most=MAX_FORM)).decode(errors="replace")
    try:
        return {name: values[0] for name, values in parse_qs(text, max_num_fields=MAX_FIELDS).items()}
    except ValueError:
        message = "The form has more fields than it should."
        raise BadRequest(message) from None


def _offered(offer: Offer, token: str, *, fault: str | None = None, status: int = 200) -> Response:
    return page(
        "invitation",
        status=status,
        token=token,
        fault=fault,
        name=f"{offer.first_name} {offer.last_name}",
        organization=offer.organization_name,
        number=offer.number and international_format(offer.number),
        offered=[(encode("PhoneNumber", one.id), international_format(one.number)) for one in offer.offered_numbers],
        until=moment(offer.expires_at),
    )


def _password_form(token: str, email: str, *, fault: str | None = None, status: int = 200) -> Response:
    return page("password", status=status, token=token, email=email, fault=fault, shortest=SHORTEST)


def _refused(message: str, *, status: int, forgotten: bool = False) -> Response:
    return page("refused", status=status, message=message, forgotten=forgotten)


def _status(error: DialtreeError) -> int:
    return 404 if isinstance(error, NotFound) else 410 if isinstance(error, Expired) else 409


def page_routes(services: Services) -> list[Route]:
    """The routes of the pages."""
    pages = LinkPages(services)
    return [
        Route("/invitation", pages.invitation, methods=["GET", "POST"]),
        Route("/password", pages.password, methods=["GET", "POST"]),
    ]
