"""Users: invited, registered and deleted, with the effect on their numbers; and forwarding (A3, A11)."""

from tests.properties.model.checks import (
    Selection,
    clean_name,
    clean_tag,
    exist,
    may_change,
    named_numbers_exist,
    series_exists,
)
from tests.properties.model.entities import Actor, PhoneNumber, User
from tests.properties.model.inventory import Inventory
from tests.properties.model.outcomes import Change, Refusal
from tests.properties.model.search import fold
from tests.properties.model.vocabulary import Code, Kind, Standing, Status

FORTNIGHT = 14 * 24 * 3600
"""How long an invitation lasts, in seconds."""


def invite_user(
    inventory: Inventory,
    actor: Actor,
    *,
    first: str,
    mail: str,
    to: str | None = None,
    number: str | None = None,
    tag: str | None = None,
    series: str | None = None,
    sends: bool = True,
) -> Change:
    """Invite a user onto a number, or onto one to be picked; or only save the user."""
    may_change(actor)
    organization = actor.acting if to is None else to
    exist(inventory, actor, organization)
    if number is not None:
        named_numbers_exist(inventory, actor, Selection((number,)))
    if series is not None:
        series_exists(inventory, actor, series)
    first = clean_name(first)
    _may_be_a_mail(mail)
    _is_new_there(inventory, mail, organization)
    found = _source(inventory, organization, number=number, tag=tag, series=series)
    user = inventory.add_user(first, "Vale", mail, organization, Standing.NOT_INVITED)
    if found is not None:
        _assign(inventory, found, user)
    if sends:
        _send(inventory, user)
    return Change(numbers=_names(found), user=user.key)


def resend_invitation(inventory: Inventory, actor: Actor, user: str, *, number: str | None = None) -> Change:
    """Send an invitation, the first or once more; with another number where one is named."""
    found = _known(inventory, actor, user)
    if number is not None:
        named_numbers_exist(inventory, actor, Selection((number,)))
    old = inventory.number_of(user)
    if found.standing is Standing.ACTIVATED:
        raise Refusal(Code.INVALID_TRANSITION, _names(old))
    new = None
    if number is not None and (old is None or old.number != number):
        new = _free(inventory, number, found.organization)
        if old is not None:
            _free_number(inventory, old, Kind.INVITATION_CANCELLED)
        _assign(inventory, new, found)
    _send(inventory, found)
    return Change(numbers=_names(new) | (_names(old) if new is not None else frozenset()))


def cancel_invitation(inventory: Inventory, actor: Actor, user: str) -> Change:
    """Cancel an invitation, or take the number back from a user who was only saved."""
    found = _known(inventory, actor, user)
    number = inventory.number_of(user)
    if found.standing is Standing.ACTIVATED or (found.standing is Standing.NOT_INVITED and number is None):
        raise Refusal(Code.INVALID_TRANSITION, _names(number))
    if number is not None:
        _free_number(inventory, number, Kind.INVITATION_CANCELLED)
    found.standing, found.expires, found.link = Standing.NOT_INVITED, None, None
    return Change(numbers=_names(number))


def update_user(inventory: Inventory, actor: Actor, user: str, *, mail: str) -> Change:
    """Give a user another address; a link that went to the old one leads nowhere."""
    found = _known(inventory, actor, user)
    _may_be_a_mail(mail)
    if mail == found.mail:
        return Change()
    _is_new_there(inventory, mail, found.organization)
    found.mail, found.link = mail, None
    number = inventory.number_of(user)
    if number is not None:
        number.person = found.called()
    return Change()


def delete_user(
    inventory: Inventory,
    actor: Actor,
    user: str,
    *,
    reserves: bool = False,
    tag: str | None = None,
    forwarding: str | None = None,
) -> Change:
    """Delete a user, and release the number or reserve it; this once it can be forwarded."""
    found = _known(inventory, actor, user)
    number = inventory.number_of(user)
    if reserves:
        tag = clean_tag(tag or "")
        if forwarding is not None:
            _may_be_a_number(forwarding)
        if number is None or number.number == forwarding:
            raise Refusal(Code.INVALID_INPUT)
    elif tag is not None or forwarding is not None:
        raise Refusal(Code.INVALID_INPUT)
    if number is not None:
        _free_number(inventory, number, Kind.USER_DELETED, tag=tag, forwarding=forwarding)
    del inventory.users[found.key]
    return Change(numbers=_names(number))


def forward(inventory: Inventory, actor: Actor, number: str, to: str | None) -> Change:
    """Forward a number, that is forwarded, elsewhere; to nowhere, and that for good, with None."""
    may_change(actor)
    named_numbers_exist(inventory, actor, Selection((number,)))
    found = inventory.numbers[number]
    if to is not None:
        _may_be_a_number(to)
        if to == number:
            raise Refusal(Code.INVALID_INPUT)
    if found.status is not Status.RESERVED or found.forwarding is None:
        raise Refusal(Code.INVALID_TRANSITION, _names(found))
    if found.forwarding == to:
        return Change()
    before = found.snapshot()
    found.forwarding = to
    kind = Kind.FORWARDING_REMOVED if to is None else Kind.FORWARDING_UPDATED
    inventory.record(found, kind, before, inventory.operation())
    return Change(numbers=_names(found))


def accept_invitation(inventory: Inventory, link: int, number: str | None) -> Change:
    """On-board by a link, once, with the number that came with it or with one that is picked."""
    user = next((user for user in inventory.users.values() if user.link == link), None)
    if user is None:
        raise Refusal(Code.NOT_FOUND)
    if user.standing is not Standing.INVITED:
        raise Refusal(Code.EXPIRED)
    own = inventory.number_of(user.key)
    picked = own if own is not None else inventory.numbers.get(number or "")
    if own is None and number is None:
        raise Refusal(Code.INVALID_INPUT)
    if own is not None and number not in {None, own.number}:
        raise Refusal(Code.INVALID_INPUT)
    if picked is None or picked.retired:
        raise Refusal(Code.CONFLICT)
    if own is None and (picked.holder != user.organization or picked.status is not Status.AVAILABLE):
        raise Refusal(Code.CONFLICT)
    before = picked.snapshot()
    picked.status, picked.user, picked.person = Status.IN_USE, user.key, user.called()
    inventory.record(picked, Kind.ACTIVATED, before, inventory.operation())
    user.standing, user.expires, user.link = Standing.ACTIVATED, None, None
    return Change(numbers=_names(picked))


def offers(inventory: Inventory, organization: str) -> list[str]:
    """The numbers that a user without one can pick from."""
    return [number.number for number in inventory.held(organization) if number.status is Status.AVAILABLE][:5]


def end_invitations(inventory: Inventory) -> None:
    """End the invitations whose time is over; their links then say that they expired."""
    for user in inventory.users.values():
        if user.expires is not None and user.expires <= inventory.now:
            number = inventory.number_of(user.key)
            if number is not None:
                _free_number(inventory, number, Kind.INVITATION_EXPIRED)
            user.standing, user.expires = Standing.NOT_INVITED, None


def _known(inventory: Inventory, actor: Actor, user: str) -> User:
    may_change(actor)
    found = inventory.users.get(user)
    if found is None or not inventory.in_scope(actor, found.organization):
        raise Refusal(Code.NOT_FOUND)
    return found


def _may_be_a_mail(mail: str) -> None:
    if mail.count("@") != 1 or " " in mail:
        raise Refusal(Code.INVALID_INPUT)


def _may_be_a_number(number: str) -> None:
    if not (number.startswith("+") and len(number) > len("+1418555")):
        raise Refusal(Code.INVALID_INPUT)


def _is_new_there(inventory: Inventory, mail: str, organization: str) -> None:
    if mail in {user.mail for user in inventory.users_of(organization)}:
        raise Refusal(Code.ALREADY_EXISTS)


def _source(
    inventory: Inventory, organization: str, *, number: str | None, tag: str | None, series: str | None
) -> PhoneNumber | None:
    if number is not None:
        return _free(inventory, number, organization)
    held = inventory.held(organization)
    if tag is not None:
        tag = clean_tag(tag)
        alike = [one for one in held if one.tag is not None and fold(one.tag) == fold(tag)]
        # The sort is stable, so the lowest stays first among those that are written just so, and among the others.
        found = sorted(alike, key=lambda one: one.tag != tag)
        if not found:
            raise Refusal(Code.NOT_FOUND)
        return found[0]
    if series is not None:
        found = [one for one in held if one.series == series and one.status is Status.AVAILABLE]
        if not found:
            raise Refusal(Code.INSUFFICIENT_NUMBERS)
        return found[0]
    return None


def _free(inventory: Inventory, number: str, organization: str) -> PhoneNumber:
    found = inventory.numbers[number]
    if found.holder != organization:
        raise Refusal(Code.INVALID_INPUT)
    if found.status not in {Status.AVAILABLE, Status.RESERVED}:
        raise Refusal(Code.INVALID_TRANSITION, _names(found))
    return found


def _assign(inventory: Inventory, number: PhoneNumber, user: User) -> None:
    before = number.snapshot()
    number.status, number.tag, number.forwarding = Status.ASSIGNED, None, None
    number.user, number.person = user.key, user.called()
    inventory.record(number, Kind.ASSIGNED, before, inventory.operation())


def _free_number(
    inventory: Inventory, number: PhoneNumber, kind: Kind, *, tag: str | None = None, forwarding: str | None = None
) -> None:
    before = number.snapshot()
    number.user, number.person = None, None
    number.status, number.tag, number.forwarding = Status.RESERVED, tag, forwarding
    if tag is None:
        number.status, number.available_since = Status.AVAILABLE, inventory.now
    inventory.record(number, kind, before, inventory.operation())


def _send(inventory: Inventory, user: User) -> None:
    inventory.links += 1
    user.standing, user.expires, user.link = Standing.INVITED, inventory.now + FORTNIGHT, inventory.links


def _names(number: PhoneNumber | None) -> frozenset[str]:
    return frozenset() if number is None else frozenset({number.number})
