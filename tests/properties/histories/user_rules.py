"""The steps of a history that people take: invited, on-boarding, deleted; and the forwarding of their numbers."""

from functools import partial

from hypothesis import note
from hypothesis import strategies as st

from tests.properties.histories import documents
from tests.properties.histories.ids import STRANGERS
from tests.properties.histories.mutation_checks import check_refusal
from tests.properties.histories.protocols import Json
from tests.properties.histories.state_machine import History
from tests.properties.histories.strategies import BAD_NAMES, BAD_TAGS, TAGS, Draw, Seat
from tests.properties.model.entities import Actor
from tests.properties.model.outcomes import Refusal, attempt
from tests.properties.model.users import (
    FORTNIGHT,
    accept_invitation,
    cancel_invitation,
    delete_user,
    forward,
    invite_user,
    offers,
    resend_invitation,
    update_user,
)
from tests.properties.model.vocabulary import Status
from tests.support.outbox import token_of

MAILS = ("ann@harbour.example", "bob@harbour.example", "dot@harbour.example", "eli@harbour.example")
BAD_MAILS = ("", "nobody", "a b@harbour.example", "a@b@c")
TARGETS = ("+442079460000", "+14188984760", "+33140000010")
BAD_TARGETS = ("", "12", "hello")
MOST_USERS = 24


class PeopleRules(History):
    """What is done with people, and by them."""

    def invite_user(self, data: st.DataObject) -> None:
        if len(self.inventory.users) >= MOST_USERS:
            return
        draw = Draw(data, self.inventory)
        seat = draw.seat_with(Status.AVAILABLE, Status.RESERVED)
        to = draw.maybe(draw.organization(seat.actor))
        first, mail = draw.text(("Dot", " Eli "), BAD_NAMES), draw.text(MAILS, BAD_MAILS)
        source, said = self._source(draw, seat.actor, seat.acting if to is None else to)
        sends = draw.pick((True, True, False))
        said |= {"firstName": first, "lastName": "Vale", "email": mail}
        said |= {} if sends else {"sendInvitation": False}
        said |= {} if to is None else {"organizationId": self.ids.organization(to)}
        action = partial(invite_user, actor=seat.actor, first=first, mail=mail, to=to, sends=sends, **source)
        self.change(draw, seat, documents.INVITE_USER, said, action)
        self._learn_links()

    def _source(self, draw: Draw, actor: Actor, organization: str) -> tuple[Json, Json]:
        """Where the number comes from, as the model and as the API take it."""
        held = self.inventory.held(organization) if self.inventory.exists(organization) else []
        free = [one.number for one in held if one.status in {Status.AVAILABLE, Status.RESERVED}]
        match draw.pick(("number", "none", "tag", "series", "elsewhere")):
            case "number" if free:
                number = draw.pick(free)
            case "elsewhere":
                number = draw.numbers(actor, *Status)[0]
            case "tag":
                tags = [one.tag for one in held if one.tag is not None]
                tag = draw.text((*tags, "Nobody's") if tags else TAGS, BAD_TAGS)
                return {"tag": tag}, {"reservedTag": tag}
            case "series":
                series, _ = draw.stocked_series(actor, organization)
                return {"series": series}, {"seriesId": self.ids.one_series(series)}
            case _:
                return {}, {}
        return {"number": number}, {"numberId": self.ids.number(number)}

    def resend_invitation(self, data: st.DataObject) -> None:
        draw = Draw(data, self.inventory)
        seat = draw.seat()
        user = self._user(draw, seat.actor)
        organization = self.inventory.users[user].organization if user in self.inventory.users else seat.acting
        free = [
            one.number for one in self.inventory.held(organization) if one.status in {Status.AVAILABLE, Status.RESERVED}
        ]
        elsewhere = draw.numbers(seat.actor, *Status)[0]
        number = draw.maybe(draw.pick(free) if free and not draw.rarely() else elsewhere)
        said: Json = {"userId": self.ids.user(user)}
        said |= {} if number is None else {"numberId": self.ids.number(number)}
        action = partial(resend_invitation, actor=seat.actor, user=user, number=number)
        self.change(draw, seat, documents.RESEND_INVITATION, said, action)
        self._learn_links()

    def cancel_invitation(self, data: st.DataObject) -> None:
        draw = Draw(data, self.inventory)
        seat = draw.seat()
        user = self._user(draw, seat.actor)
        action = partial(cancel_invitation, actor=seat.actor, user=user)
        self.change(draw, seat, documents.CANCEL_INVITATION, {"userId": self.ids.user(user)}, action)

    def update_user(self, data: st.DataObject) -> None:
        draw = Draw(data, self.inventory)
        seat = draw.seat()
        user, mail = self._user(draw, seat.actor), draw.text(MAILS, BAD_MAILS)
        said = {"userId": self.ids.user(user), "email": mail}
        action = partial(update_user, actor=seat.actor, user=user, mail=mail)
        self.change(draw, seat, documents.UPDATE_USER, said, action)

    def delete_user(self, data: st.DataObject) -> None:
        draw = Draw(data, self.inventory)
        seat = draw.seat_with(Status.ASSIGNED, Status.IN_USE)
        user = self._user(draw, seat.actor)
        said: Json = {"userId": self.ids.user(user)}
        reserves = draw.pick((False, True))
        tag = draw.text(TAGS, BAD_TAGS) if reserves or draw.rarely() else None
        own = self.inventory.number_of(user)
        wrong = BAD_TARGETS if own is None else (*BAD_TARGETS, own.number)
        forwarding = draw.maybe(draw.text(TARGETS, wrong)) if reserves or draw.rarely() else None
        said |= {"disposition": "RESERVE"} if reserves else {}
        said |= {} if tag is None else {"tag": tag}
        said |= {} if forwarding is None else {"forwardingNumber": forwarding}
        action = partial(delete_user, actor=seat.actor, user=user, reserves=reserves, tag=tag, forwarding=forwarding)
        self.change(draw, seat, documents.DELETE_USER, said, action)

    def forward(self, data: st.DataObject) -> None:
        draw = Draw(data, self.inventory)
        seat, number = self._forwarded(draw)
        to = draw.text(TARGETS, (*BAD_TARGETS, "+14185550120"))
        said = {"numberId": self.ids.number(number), "forwardingNumber": to}
        action = partial(forward, actor=seat.actor, number=number, to=to)
        self.change(draw, seat, documents.FORWARD, said, action)

    def stop_forwarding(self, data: st.DataObject) -> None:
        draw = Draw(data, self.inventory)
        seat, number = self._forwarded(draw)
        action = partial(forward, actor=seat.actor, number=number, to=None)
        self.change(draw, seat, documents.STOP_FORWARDING, {"numberId": self.ids.number(number)}, action)

    def accept_invitation(self, data: st.DataObject) -> None:
        """Anybody with a link: one that runs, mostly."""
        if not self.ids.tokens:
            return
        draw = Draw(data, self.inventory)
        running = [user.link for user in self.inventory.users.values() if user.link is not None]
        link = draw.pick(sorted(self.ids.tokens) if draw.rarely() or not running else running)
        user = next((user for user in self.inventory.users.values() if user.link == link), None)
        number = None
        if user is not None and self.inventory.number_of(user.key) is None:
            offered = offers(self.inventory, user.organization)
            number = draw.pick(offered) if offered and not draw.rarely() else None
        if draw.rarely():
            number = draw.pick(sorted(self.inventory.numbers))
        said: Json = {"token": self.ids.tokens[link]}
        said |= {} if number is None else {"numberId": self.ids.number(number)}
        before = self.inventory
        after, outcome = attempt(before, partial(accept_invitation, link=link, number=number))
        note(f"accept link {link} with {number}\n  -> {outcome!r}")
        data_of_it = self.server.ask(documents.ACCEPT.document, {"input": said}, token=None)
        answer: Json = data_of_it["answer"]
        offered_now = [one["number"] for one in answer.pop("offeredNumbers")]
        if isinstance(outcome, Refusal):
            check_refusal(self.inventory, Actor(next(iter(self.inventory.callers.values())).role, ""), outcome, answer)
            needs_one = user is not None and self.inventory.number_of(user.key) is None
            fresh = outcome.code in {"CONFLICT", "INVALID_INPUT"} and needs_one and user is not None
            assert offered_now == (offers(self.inventory, user.organization) if fresh and user else [])
        else:
            assert answer["userErrors"] == [], f"model accepts, server answers {answer}"
            assert {answer["number"]} == outcome.numbers
            self.inventory = after
            self.check_histories(Seat(self.first_caller, self.inventory.root), outcome, {})
        self.check_alerts(before)
        self._pass_time(draw.pick((1, 2, 3600)))

    def let_invitations_end(self, data: st.DataObject) -> None:
        """A week or two pass; nobody's idempotency key lasts so long."""
        self.done.clear()
        self._pass_time(Draw(data, self.inventory).pick((FORTNIGHT, FORTNIGHT // 2, FORTNIGHT - 1)))

    def _user(self, draw: Draw, actor: Actor) -> str:
        """A user in scope; rarely one who does not exist or is outside it."""
        visible = [
            key for key, user in self.inventory.users.items() if self.inventory.in_scope(actor, user.organization)
        ]
        if draw.rarely() or not visible:
            return draw.pick((*STRANGERS, *self.ids.users))
        return draw.pick(visible)

    def _forwarded(self, draw: Draw) -> tuple[Seat, str]:
        """A caller who sees a reserved number, a forwarded one if there is one."""
        seat = draw.seat_with(Status.RESERVED)
        visible = self.inventory.visible_numbers(seat.actor)
        forwarded = sorted(one for one in visible if self.inventory.numbers[one].forwarding is not None)
        if forwarded and not draw.rarely():
            return seat, draw.pick(forwarded)
        return seat, draw.numbers(seat.actor, Status.RESERVED)[0]

    def _learn_links(self) -> None:
        for user in self.inventory.users.values():
            if user.link is not None and user.link not in self.ids.tokens:
                self.ids.tokens[user.link] = token_of(self.server, user.mail)
