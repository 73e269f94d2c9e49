"""What a step of a history is made of: mostly sensible, now and then not."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeVar

from hypothesis import strategies as st

from tests.properties.histories.ids import STRANGERS, Ids
from tests.properties.histories.initial_state import SPARE
from tests.properties.histories.protocols import Json
from tests.properties.model.checks import Selection
from tests.properties.model.entities import Actor, Caller
from tests.properties.model.inventory import Inventory
from tests.properties.model.search import NumberFilter
from tests.properties.model.vocabulary import CHANGERS, READERS, Status

T = TypeVar("T")

TAGS = (
    "Sales",
    " sales ",
    "50% \u00e9lite",
    "50% e\u0301lite",
    "\u200bsa\u200cles",
    "14185_tag",
    "\\",
    "'\"",
    "x" * 64,
)
BAD_TAGS = ("", " ", "\t\u3000", "\u200b\u0301", "x" * 65, "a\nb", "a\0b", "a\u202eb")
NAMES = ("Lab", "LAB", "La\u200cb", "Attic", "Depot", "Caf\u00e9", "Cafe\u0301", " Annex ", "R/D")
BAD_NAMES = ("", " ", "\u00a0")
ZONES = ("UTC", "Asia/Kolkata", "America/Toronto")
BAD_ZONES = ("Mars/Olympus", "+02:00")
SERIES = ("+1 604 Vancouver", "+44 161 ", "+1 418 Que\u0301bec")
UNREADABLE = ("", "hello", "+1", "+99912345678901234567")
TEXTS = ("1418", "418) 555-01", "555 01", "SALES", "_", "%", "\\", "\u00c9lite", "x", "'")
COLUMNS = ("NUMBER", "SERIES", "ORGANIZATION", "STATUS", "RESERVED_TAG")


@dataclass(frozen=True)
class Seat:
    """A caller who acts from an organization at or below theirs."""

    caller: Caller
    acting: str

    @property
    def actor(self) -> Actor:
        """What the model needs to know of it."""
        return Actor(self.caller.role, self.acting)


class Draw:
    """Draws from what there is now. Everything shrinks towards the first and the sensible."""

    def __init__(self, data: st.DataObject, inventory: Inventory) -> None:
        self.data = data
        self.inventory = inventory
        # At most one thing is wrong with a step, and with most nothing is: whatever is drawn
        # counts the chances for trouble, and one of them may be chosen.
        self.trouble: int = self.pick((*[0] * 12, *range(1, 9)))
        self.chances = 0

    def pick(self, values: Sequence[T]) -> T:
        """One of some values."""
        return self.data.draw(st.sampled_from(values))

    def some(self, values: Sequence[T], most: int = 6) -> tuple[T, ...]:
        """At least one of some values, none twice."""
        one_of_them = st.sampled_from(values)
        return tuple(self.data.draw(st.lists(one_of_them, min_size=1, max_size=most, unique=True)))

    def rarely(self) -> bool:
        """True when this is where the step goes wrong."""
        self.chances += 1
        return self.chances == self.trouble

    def maybe(self, value: T) -> T | None:
        """A value or nothing."""
        return self.pick((None, value))

    def text(self, good: Sequence[str], bad: Sequence[str]) -> str:
        """A text, rarely one that is refused."""
        return self.pick(bad if self.rarely() else good)

    # Callers

    def seat(self, suits: Callable[[Actor], bool] = lambda _: True) -> Seat:
        """A caller who may change things, mostly with something to do; rarely any caller."""
        anybody = self.rarely()
        seats = [seat for seat in self._seats() if anybody or (seat.caller.role in CHANGERS and suits(seat.actor))]
        return self.pick(seats or self._seats())

    def reader(self) -> Seat:
        """Anybody who reads."""
        return self.pick([seat for seat in self._seats() if seat.caller.role in READERS])

    def seat_above_others(self) -> Seat:
        """A caller with organizations below."""
        return self.seat(lambda actor: bool(self.inventory.below(actor.acting)))

    def seat_with(self, *wanted: Status) -> Seat:
        """A caller with numbers of a status in scope."""

        def suits(actor: Actor) -> bool:
            visible = self.inventory.visible_numbers(actor)
            return any(self.inventory.numbers[number].status in wanted for number in visible)

        return self.seat(suits)

    def root_seat(self) -> Seat:
        """For what only the root does."""
        return self.seat(lambda actor: actor.acting == self.inventory.root)

    def _seats(self) -> list[Seat]:
        # Everybody is at home half of the time.
        callers = list(self.inventory.callers.values())
        away = [Seat(caller, acting) for caller in callers for acting in sorted(self.inventory.below(caller.home))]
        at_home = [Seat(caller, caller.home) for caller in callers]
        return at_home * (1 + len(away) // len(at_home)) + away

    # Things

    def organization(self, actor: Actor) -> str:
        """An organization in scope; rarely one that does not exist or is outside it."""
        if self.rarely():
            return self.pick((*STRANGERS, *self.inventory.organizations))
        return self.pick(sorted(self.inventory.subtree(actor.acting)))

    def organization_below(self, organization: str) -> str:
        """An organization below another, where there is one; rarely another."""
        below = sorted(self.inventory.below(organization))
        if self.rarely() or not below:
            return self.pick((organization, *STRANGERS, *self.inventory.organizations))
        return self.pick(below)

    def stocked(self, organizations: set[str]) -> str:
        """One of some organizations, with available numbers if one has them; rarely another."""
        if self.rarely() or not organizations:
            return self.pick((*STRANGERS, *self.inventory.organizations))
        stocked = sorted(filter(self._stock, organizations))
        return self.pick(stocked or sorted(organizations))

    def _stock(self, holder: str) -> list[str]:
        """The series of every available number that an organization holds."""
        held = self.inventory.held(holder) if self.inventory.exists(holder) else []
        return [number.series for number in held if number.status is Status.AVAILABLE]

    def series(self, actor: Actor) -> str:
        """A series that the caller sees; rarely another."""
        visible = sorted(self.inventory.visible_series(actor))
        if self.rarely() or not visible:
            return self.pick((*STRANGERS, *sorted(self.inventory.series)))
        return self.pick(visible)

    def stocked_series(self, actor: Actor, holder: str) -> tuple[str, int]:
        """A series, mostly one of which a holder has numbers available, and how many those are."""
        stock = self._stock(holder)
        if self.rarely() or not stock:
            return self.series(actor), 0
        series = self.pick(sorted(set(stock)))
        return series, stock.count(series)

    def quantity(self, available: int) -> int:
        """A quantity that is there; rarely too much or too little."""
        if self.rarely():
            return self.pick((0, -1, available + 1, 100_000))
        return self.data.draw(st.integers(1, max(1, available)))

    def numbers(self, actor: Actor, *wanted: Status) -> tuple[str, ...]:
        """Numbers in scope, mostly of the wanted status; rarely some outside it."""
        visible = sorted(self.inventory.visible_numbers(actor))
        fitting = [number for number in visible if self.inventory.numbers[number].status in wanted]
        if self.rarely() or not visible:
            return self.some((*STRANGERS, *sorted(self.inventory.numbers)))
        return self.some(visible if self.rarely() else fitting or visible)

    def selection(self, actor: Actor, *wanted: Status) -> Selection:
        """Numbers by name or by a filter; rarely neither, both, or another count than expected."""
        if self.rarely():
            one = self.numbers(actor, *wanted)
            empty = NumberFilter()
            return self.pick(
                (
                    Selection(),
                    Selection(()),
                    Selection(filter=empty),
                    Selection(filter=NumberFilter(include_descendants=True)),
                    Selection(one, NumberFilter(statuses=wanted)),
                    Selection(filter=NumberFilter(statuses=wanted), expected=100_000),
                )
            )
        if self.pick(range(4)) == 1:
            return Selection(filter=self.number_filter(actor, *wanted))
        return Selection(self.numbers(actor, *wanted))

    def number_filter(self, actor: Actor, *wanted: Status) -> NumberFilter:
        """A filter that restricts something."""
        statuses = wanted if wanted and not self.rarely() else self.some(tuple(Status))
        visible = sorted(self.inventory.visible_numbers(actor)) or ["+14185550101"]
        series = sorted(self.inventory.visible_series(actor))
        one, other = sorted((self.pick(visible), self.pick(visible)))
        digits = one.removeprefix("+")
        scope = sorted(self.inventory.subtree(actor.acting))
        if self.rarely():
            # An id outside the scope matches nothing; it does not open the filter to all.
            nowhere = (*STRANGERS, *self.inventory.organizations)
            return self.pick(
                (
                    NumberFilter(statuses=statuses, organizations=self.some(nowhere, 2), include_descendants=True),
                    NumberFilter(statuses=statuses, series=self.some((*STRANGERS, *sorted(self.inventory.series)), 2)),
                )
            )
        return self.pick(
            (
                NumberFilter(statuses=statuses, series=self.some(series) if series else ()),
                NumberFilter(
                    statuses=statuses,
                    organizations=self.some(scope, 2),
                    include_descendants=self.pick((True, False)),
                ),
                NumberFilter(statuses=statuses, text=self.pick((*TEXTS, digits[3:8]))),
                NumberFilter(statuses=statuses, tag=self.pick(TAGS).strip()),
                NumberFilter(statuses=statuses, tag_contains=self.pick(("SAL", "%", "_", "\u00e9"))),
                NumberFilter(statuses=statuses, numbers=self.some(visible)),
                NumberFilter(statuses=statuses, tagged=self.pick((True, False))),
                NumberFilter(statuses=statuses, starts_with=digits[:8]),
                NumberFilter(statuses=statuses, ends_with=digits[-1]),
                NumberFilter(statuses=statuses, first=one, last=other),
            )
        )

    def new_numbers(self) -> tuple[Json, tuple[str, ...] | None]:
        """Numbers to add, as input and as what it says: mostly new ones, or some that came back."""
        if self.rarely():
            unreadable: tuple[Json, ...] = (
                {},
                {"numbers": [self.pick(UNREADABLE)]},
                {"ranges": [{"first": SPARE[1], "last": SPARE[0]}]},
            )
            return self.pick(unreadable), None
        known = [number.number for number in self.inventory.live()]
        new = [number for number in SPARE if number not in known]
        back = sorted(set(self.inventory.numbers) - set(known))
        if self.pick((False, True)):
            start, count = int(self.pick(new or SPARE)), self.pick(range(1, 5))
            run = tuple(f"+{start + step}" for step in range(count))
            return {"ranges": [{"first": run[0], "last": run[-1]}]}, run
        pool = known if self.rarely() else [*new, *back]
        listed = self.some(pool or known)
        return {"numbers": list(listed)}, listed


def filter_input(wanted: NumberFilter, ids: Ids) -> Json:
    """A filter as the API takes it; what it does not say is left out."""
    said: Json = {
        "text": wanted.text,
        "tag": wanted.tag,
        "tagContains": wanted.tag_contains,
        "numbers": list(wanted.numbers),
        "seriesIds": [ids.one_series(name) for name in wanted.series],
        "organizationIds": [ids.organization(key) for key in wanted.organizations],
        "includeDescendants": wanted.include_descendants,
        "statuses": [str(status) for status in wanted.statuses],
        "tagged": wanted.tagged,
        "startsWith": wanted.starts_with,
        "endsWith": wanted.ends_with,
        "from": wanted.first,
        "to": wanted.last,
    }
    return {name: value for name, value in said.items() if value not in (None, [], False)} | (
        {"tagged": False} if wanted.tagged is False else {}
    )


def selection_input(selection: Selection, ids: Ids) -> Json:
    """A selection as the API takes it."""
    said: Json = {}
    if selection.numbers is not None:
        said["numberIds"] = [ids.number(number) for number in selection.numbers]
    if selection.filter is not None:
        said["filter"] = filter_input(selection.filter, ids)
    if selection.expected is not None:
        said["expectedCount"] = selection.expected
    return said
