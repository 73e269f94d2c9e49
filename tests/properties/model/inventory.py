"""The state of the model, and the walks over its tree."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from tests.properties.model.entities import Actor, Caller, Event, Organization, PhoneNumber, Snapshot, User
from tests.properties.model.vocabulary import Kind, Role, Standing, Status


@dataclass
class Inventory:
    """Everything there is. Retired numbers and deleted organizations stay, marked as such."""

    root: str = ""
    organizations: dict[str, Organization] = field(default_factory=dict)
    series: set[str] = field(default_factory=set)
    numbers: dict[str, PhoneNumber] = field(default_factory=dict)
    users: dict[str, User] = field(default_factory=dict)
    users_ever: int = 0
    links: int = 0
    callers: dict[str, Caller] = field(default_factory=dict)
    now: int = 0
    operations: int = 0

    # Walks

    def exists(self, organization: str) -> bool:
        """Whether an organization is there and not deleted."""
        found = self.organizations.get(organization)
        return found is not None and not found.deleted

    def chain(self, organization: str) -> Iterator[str]:
        """Walk from an organization up to the root, through deleted ones too."""
        at: str | None = organization
        while at is not None:
            yield at
            at = self.organizations[at].parent

    def covers(self, above: str, organization: str) -> bool:
        """Whether an organization is, or when it was deleted was, `above` or below it."""
        return organization in self.organizations and above in self.chain(organization)

    def subtree(self, organization: str) -> set[str]:
        """An organization and everything below it that is there."""
        return {key for key in self.organizations if self.exists(key) and self.covers(organization, key)}

    def below(self, organization: str) -> set[str]:
        """Everything below an organization that is there."""
        return self.subtree(organization) - {organization}

    def children(self, organization: str) -> set[str]:
        """The organizations immediately below one."""
        return {key for key in self.below(organization) if self.organizations[key].parent == organization}

    def live(self) -> Iterator[PhoneNumber]:
        """The numbers that are not retired."""
        return (number for number in self.numbers.values() if not number.retired)

    def held(self, *holders: str) -> list[PhoneNumber]:
        """The numbers that some organizations hold, lowest first."""
        found = (number for number in self.live() if number.holder in holders)
        return sorted(found, key=lambda number: number.number)

    def users_of(self, *organizations: str) -> list[User]:
        """The users of some organizations."""
        return [user for user in self.users.values() if user.organization in organizations]

    def number_of(self, user: str) -> PhoneNumber | None:
        """A user's number."""
        return next((number for number in self.live() if number.user == user), None)

    # What a caller sees

    def in_scope(self, actor: Actor, organization: str) -> bool:
        """Whether an organization exists for an actor."""
        return self.exists(organization) and self.covers(actor.acting, organization)

    def sees(self, actor: Actor, number: str) -> bool:
        """Whether a number of the inventory exists for an actor; a retired one doesn't."""
        found = self.numbers.get(number)
        return found is not None and not found.retired and self.in_scope(actor, found.holder)

    def visible_numbers(self, actor: Actor) -> set[str]:
        """The numbers in an actor's scope."""
        return {number.number for number in self.live() if self.in_scope(actor, number.holder)}

    def visible_series(self, actor: Actor) -> set[str]:
        """The series an actor sees: all from the root, else those with numbers in scope."""
        if actor.acting == self.root:
            return set(self.series)
        return {self.numbers[number].series for number in self.visible_numbers(actor)}

    # Changes that every action is made of

    def operation(self) -> int:
        """Begin an operation that the events of a change belong to."""
        self.operations += 1
        return self.operations

    def record(self, number: PhoneNumber, kind: Kind, before: Snapshot | None, operation: int) -> None:
        """Write an event; what stands after it is what the number says now."""
        after = None if number.retired else number.snapshot()
        number.history.append(Event(kind, before, after, operation))

    def hand_over(self, numbers: Iterable[PhoneNumber], to: str, kind: Kind) -> None:
        """Give numbers another holder, and nothing else."""
        operation = self.operation()
        for number in numbers:
            before = number.snapshot()
            number.holder = to
            if number.user is not None:
                self.users[number.user].organization = to
            self.record(number, kind, before, operation)

    def add_user(self, first: str, last: str, mail: str, organization: str, standing: Standing) -> User:
        """Add a user to an organization."""
        self.users_ever += 1
        key = f"user-{self.users_ever}"
        self.users[key] = User(key, first, last, mail, organization, standing)
        return self.users[key]

    # What is there before the first action

    def plant_organization(self, name: str, parent: str | None, *, time_zone: str = "UTC", threshold: int = 80) -> str:
        """Add an organization as an import does."""
        key = f"organization-{len(self.organizations) + 1}"
        self.organizations[key] = Organization(key, name, parent, time_zone, threshold)
        if parent is None:
            self.root = key
        return key

    def plant_numbers(
        self,
        numbers: Iterable[str],
        *,
        series: str,
        holder: str,
        status: Status = Status.AVAILABLE,
        tag: str | None = None,
        mail: str | None = None,
    ) -> None:
        """Add numbers as an import does."""
        self.series.add(series)
        operation = self.operation()
        for number in numbers:
            planted = PhoneNumber(number, series, holder, status, tag, available_since=self.now)
            self.numbers[number] = planted
            if mail is not None:
                standing = Standing.ACTIVATED if status is Status.IN_USE else Standing.INVITED
                user = self.add_user(mail.partition("@")[0].title(), "Example", mail, holder, standing)
                planted.user, planted.person = user.key, user.called()
            self.record(planted, Kind.IMPORTED, None, operation)

    def plant_administrator(self, organization: str, mail: str, *, takes_alerts: bool) -> None:
        """Add a person who is an administrator of an organization."""
        found = self.organizations[organization]
        found.administrators += 1
        found.alerted += (mail,) if takes_alerts else ()

    def plant_caller(self, role: Role, home: str) -> str:
        """Add a caller with a role at an organization."""
        key = f"caller-{len(self.callers) + 1}"
        self.callers[key] = Caller(key, role, home)
        return key
