"""The steps of a history: everything that a caller can do in it."""

from functools import partial

from hypothesis import strategies as st
from hypothesis.stateful import rule

from tests.properties.histories import documents
from tests.properties.histories.mutation_checks import lasting
from tests.properties.histories.protocols import Json
from tests.properties.histories.read_rules import Reads
from tests.properties.histories.state_machine import History
from tests.properties.histories.strategies import (
    BAD_NAMES,
    BAD_TAGS,
    BAD_ZONES,
    NAMES,
    SERIES,
    TAGS,
    ZONES,
    Draw,
    Seat,
    selection_input,
)
from tests.properties.histories.user_rules import PeopleRules
from tests.properties.model.checks import Selection
from tests.properties.model.moves import allocate_numbers, move_numbers, withdraw_numbers
from tests.properties.model.number_supply import add_numbers, create_series, retire_numbers
from tests.properties.model.organizations import (
    create_organization,
    delete_organization,
    move_organization,
    set_threshold,
    update_organization,
)
from tests.properties.model.reservations import edit_reserved_tag, reserve_numbers, unreserve_numbers
from tests.properties.model.vocabulary import Status, Strategy

MOST_ORGANIZATIONS = 16


class NumberRules(History):
    """What is done with numbers."""

    def move_numbers(self, data: st.DataObject) -> None:
        draw = Draw(data, self.inventory)
        seat = draw.seat_with(Status.AVAILABLE, Status.RESERVED, Status.IN_USE)
        selection = draw.selection(seat.actor, Status.AVAILABLE, Status.RESERVED, Status.IN_USE)
        to = draw.organization(seat.actor)
        said = selection_input(selection, self.ids) | {"organizationId": self.ids.organization(to)}
        action = partial(move_numbers, actor=seat.actor, selection=selection, to=to)
        self.change(draw, seat, documents.MOVE, said, action)

    def reserve_numbers(self, data: st.DataObject) -> None:
        draw = Draw(data, self.inventory)
        seat = draw.seat_with(Status.AVAILABLE)
        selection = draw.selection(seat.actor, Status.AVAILABLE)
        tag = draw.text(TAGS, BAD_TAGS)
        to = draw.maybe(draw.organization(seat.actor))
        said = selection_input(selection, self.ids) | {"tag": tag}
        if to is not None:
            said["organizationId"] = self.ids.organization(to)
        action = partial(reserve_numbers, actor=seat.actor, selection=selection, tag=tag, to=to)
        self.change(draw, seat, documents.RESERVE, said, action)

    def edit_reserved_tag(self, data: st.DataObject) -> None:
        draw = Draw(data, self.inventory)
        seat = draw.seat_with(Status.RESERVED)
        number = draw.numbers(seat.actor, Status.RESERVED)[0]
        tag = draw.text(TAGS, BAD_TAGS)
        said = {"numberId": self.ids.number(number), "tag": tag}
        action = partial(edit_reserved_tag, actor=seat.actor, number=number, tag=tag)
        self.change(draw, seat, documents.EDIT_TAG, said, action)

    def unreserve_numbers(self, data: st.DataObject) -> None:
        draw = Draw(data, self.inventory)
        seat = draw.seat_with(Status.RESERVED)
        selection = draw.selection(seat.actor, Status.RESERVED)
        said = selection_input(selection, self.ids)
        action = partial(unreserve_numbers, actor=seat.actor, selection=selection)
        self.change(draw, seat, documents.UNRESERVE, said, action)

    def allocate_numbers(self, data: st.DataObject) -> None:
        draw = Draw(data, self.inventory)
        seat = draw.seat_above_others()
        tree = self.inventory
        parents = {key for key in tree.subtree(seat.acting) if tree.children(key)}
        source = draw.maybe(draw.stocked(parents))
        holder = seat.acting if source is None else source
        series, available = draw.stocked_series(seat.actor, holder)
        quantity = draw.quantity(available)
        strategy = draw.pick(tuple(Strategy))
        to = draw.organization_below(holder)
        said: Json = {
            "seriesId": self.ids.one_series(series),
            "quantity": quantity,
            "toOrganizationId": self.ids.organization(to),
            "strategy": str(strategy),
        }
        if source is not None:
            said["fromOrganizationId"] = self.ids.organization(source)
        action = partial(
            allocate_numbers,
            actor=seat.actor,
            series=series,
            quantity=quantity,
            to=to,
            source=source,
            strategy=strategy,
        )
        self.change(draw, seat, documents.ALLOCATE, said, action)

    def let_some_rest_longer(self, data: st.DataObject) -> None:
        """What became available last goes last, wherever it has been; few random steps show that."""
        draw = Draw(data, self.inventory)
        owner = Seat(self.first_caller, self.inventory.root)
        tree = self.inventory
        source = draw.pick(sorted(key for key in tree.subtree(tree.root) if tree.children(key)))
        stock = [number for number in tree.held(source) if number.status is Status.AVAILABLE]
        if not stock:
            return
        series = draw.pick(sorted({number.series for number in stock}))
        alike = [number.number for number in stock if number.series == series]
        disturbed = Selection(draw.some(alike, 3))
        said = selection_input(disturbed, self.ids)
        if draw.pick((True, False)):
            action = partial(reserve_numbers, actor=owner.actor, selection=disturbed, tag="Soon", to=None)
            self.change(draw, owner, documents.RESERVE, said | {"tag": "Soon"}, action)
            action = partial(unreserve_numbers, actor=owner.actor, selection=disturbed)
            self.change(draw, owner, documents.UNRESERVE, said, action)
        else:
            for there in (draw.pick(sorted(tree.children(source))), source):
                where = {"organizationId": self.ids.organization(there)}
                action = partial(move_numbers, actor=owner.actor, selection=disturbed, to=there)
                self.change(draw, owner, documents.MOVE, said | where, action)
        to = draw.pick(sorted(self.inventory.children(source)))
        quantity = draw.quantity(len(alike) - 1)
        strategy = Strategy.LONGEST_UNUSED
        asked = {
            "seriesId": self.ids.one_series(series),
            "quantity": quantity,
            "fromOrganizationId": self.ids.organization(source),
            "toOrganizationId": self.ids.organization(to),
            "strategy": str(strategy),
        }
        action = partial(
            allocate_numbers,
            actor=owner.actor,
            series=series,
            quantity=quantity,
            to=to,
            source=source,
            strategy=strategy,
        )
        self.change(draw, owner, documents.ALLOCATE, asked, action)

    def withdraw_numbers(self, data: st.DataObject) -> None:
        draw = Draw(data, self.inventory)
        seat = draw.seat_above_others()
        organization = draw.stocked(self.inventory.below(seat.acting))
        series, available = draw.stocked_series(seat.actor, organization)
        quantity = draw.quantity(available)
        said = {
            "organizationId": self.ids.organization(organization),
            "seriesId": self.ids.one_series(series),
            "quantity": quantity,
        }
        action = partial(
            withdraw_numbers,
            actor=seat.actor,
            organization=organization,
            series=series,
            quantity=quantity,
        )
        self.change(draw, seat, documents.WITHDRAW, said, action)

    def retire_numbers(self, data: st.DataObject) -> None:
        draw = Draw(data, self.inventory)
        seat = draw.root_seat()
        # Never many at once, so that something is left to work with.
        selection = draw.selection(seat.actor, Status.AVAILABLE)
        said = selection_input(selection, self.ids)
        action = partial(retire_numbers, actor=seat.actor, selection=selection)
        self.change(draw, seat, documents.RETIRE, said, action)

    def add_numbers(self, data: st.DataObject) -> None:
        draw = Draw(data, self.inventory)
        seat = draw.root_seat()
        series = draw.series(seat.actor)
        to = draw.maybe(draw.organization(seat.actor))
        said, numbers = draw.new_numbers()
        skip = numbers is not None and draw.pick((False, True))
        said |= {"seriesId": self.ids.one_series(series)}
        said |= {"onDuplicate": "SKIP"} if skip else {}
        said |= {"organizationId": self.ids.organization(to)} if to is not None else {}
        action = partial(add_numbers, actor=seat.actor, series=series, numbers=numbers, to=to, skip=skip)
        self.change(draw, seat, documents.ADD, said, action)

    def create_series(self, data: st.DataObject) -> None:
        draw = Draw(data, self.inventory)
        seat = draw.root_seat()
        name = draw.text(SERIES, BAD_NAMES)
        action = partial(create_series, actor=seat.actor, name=name)
        self.change(draw, seat, documents.CREATE_SERIES, {"name": name}, action)


class TreeRules(History):
    """What is done with organizations."""

    def create_organization(self, data: st.DataObject) -> None:
        if len(self.inventory.organizations) >= MOST_ORGANIZATIONS:
            return
        draw = Draw(data, self.inventory)
        seat = draw.seat()
        parent = draw.maybe(draw.organization(seat.actor))
        name = draw.text(NAMES, BAD_NAMES)
        zone = draw.maybe(draw.text(ZONES, BAD_ZONES))
        threshold = draw.maybe(draw.pick((50, 1, 100)) if not draw.rarely() else 0)
        said: Json = {"name": name, "timeZone": zone, "thresholdPercent": threshold}
        if parent is not None:
            said["parentId"] = self.ids.organization(parent)
        action = partial(
            create_organization,
            actor=seat.actor,
            name=name,
            parent=parent,
            time_zone=zone,
            threshold=threshold,
        )
        self.change(draw, seat, documents.CREATE_ORGANIZATION, said, action)

    def update_organization(self, data: st.DataObject) -> None:
        draw = Draw(data, self.inventory)
        seat = draw.seat()
        organization = draw.organization(seat.actor)
        name = draw.text(NAMES, BAD_NAMES)
        zone = draw.maybe(draw.text(ZONES, BAD_ZONES))
        said: Json = {"organizationId": self.ids.organization(organization), "name": name}
        said |= {"timeZone": zone} if zone is not None else {}
        action = partial(
            update_organization,
            actor=seat.actor,
            organization=organization,
            name=name,
            time_zone=zone,
        )
        self.change(draw, seat, documents.UPDATE_ORGANIZATION, said, action)

    def set_threshold(self, data: st.DataObject) -> None:
        draw = Draw(data, self.inventory)
        seat = draw.seat()
        organization = draw.maybe(draw.organization(seat.actor))
        percent = draw.pick((-1, 0, 101) if draw.rarely() else (1, 33, 34, 50, 100))
        said: Json = {"percent": percent}
        if organization is not None:
            said["organizationId"] = self.ids.organization(organization)
        action = partial(set_threshold, actor=seat.actor, percent=percent, organization=organization)
        self.change(draw, seat, documents.SET_THRESHOLD, said, action)

    def move_organization(self, data: st.DataObject) -> None:
        draw = Draw(data, self.inventory)
        seat = draw.seat_above_others()
        organization = draw.organization_below(seat.acting)
        parent = draw.organization(seat.actor)
        said = {
            "organizationId": self.ids.organization(organization),
            "parentId": self.ids.organization(parent),
        }
        action = partial(move_organization, actor=seat.actor, organization=organization, parent=parent)
        self.change(draw, seat, documents.MOVE_ORGANIZATION, said, action)

    def delete_organization(self, data: st.DataObject) -> None:
        draw = Draw(data, self.inventory)
        seat = draw.seat_above_others()
        organization = draw.organization_below(seat.acting)
        said = {"organizationId": self.ids.organization(organization)}
        action = partial(delete_organization, actor=seat.actor, organization=organization)
        self.change(draw, seat, documents.DELETE_ORGANIZATION, said, action)


class Histories(NumberRules, TreeRules, PeopleRules, Reads):
    """Everything, and what was done under an idempotency key once more.

    There is one rule, because Hypothesis leaves out some rules of each history to go deeper into the
    others. That pays in thousands of histories; in a handful, whole actions would never be tried.
    """

    @rule(data=st.data())
    def step(self, data: st.DataObject) -> None:
        steps = (
            self.move_numbers,
            self.reserve_numbers,
            self.edit_reserved_tag,
            self.unreserve_numbers,
            self.allocate_numbers,
            self.let_some_rest_longer,
            self.withdraw_numbers,
            self.retire_numbers,
            self.add_numbers,
            self.create_series,
            self.create_organization,
            self.update_organization,
            self.set_threshold,
            self.move_organization,
            self.delete_organization,
            self.invite_user,
            self.invite_user,
            self.accept_invitation,
            self.accept_invitation,
            self.resend_invitation,
            self.cancel_invitation,
            self.update_user,
            self.delete_user,
            self.delete_user,
            self.forward,
            self.stop_forwarding,
            self.let_invitations_end,
            self.replay,
            self.use_a_key_again_for_something_else,
            self.search,
            self.walk,
            self.knock_at_the_wrong_door,
        )
        names = {step.__name__: step for step in steps}
        names[Draw(data, self.inventory).pick(tuple(names))](data)

    def replay(self, data: st.DataObject) -> None:
        if not self.done:
            return
        done = Draw(data, self.inventory).pick(self.done)
        if self._still_there(done.seat):
            again = self.read(done.seat, done.verb.document, {"input": done.input})["answer"]
            assert lasting(again) == lasting(done.answer)

    def use_a_key_again_for_something_else(self, data: st.DataObject) -> None:
        if not self.done:
            return
        done = Draw(data, self.inventory).pick(self.done)
        if not self._still_there(done.seat):
            return
        verb, said = done.verb, dict(done.input)
        if "quantity" in said:
            said["quantity"] += 1
        elif "tag" in said:
            said["tag"] = f"Not {said['tag'].strip()[:50]}"
        elif "name" in said:
            said["name"] = f"Not {said['name']}"
        elif verb is documents.SET_THRESHOLD:
            said["percent"] = 99
        else:
            # The key has been used for something else altogether.
            verb = documents.SET_THRESHOLD
            said = {"percent": 99, "idempotencyKey": said["idempotencyKey"]}
        answer = self.read(done.seat, verb.document, {"input": said})["answer"]
        assert [error["code"] for error in answer["userErrors"]] == ["IDEMPOTENCY_MISMATCH"], answer

    def _still_there(self, seat: Seat) -> bool:
        return (
            seat.caller.key in self.inventory.callers
            and self.inventory.covers(seat.caller.home, seat.acting)
            and self.inventory.exists(seat.acting)
        )
