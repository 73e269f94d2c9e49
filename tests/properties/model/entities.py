"""The entities of an inventory: organizations, numbers and their history."""

from dataclasses import dataclass, field

from tests.properties.model.vocabulary import Kind, Role, Standing, Status

# Organizations and callers go by keys that the model hands out, series by their name, numbers by
# their E.164 form. A key that nobody handed out stands for an id that does not exist.


@dataclass
class Organization:
    """A node of the tree. A deleted one stays, because histories still speak of it.

    `alerted` are the mail addresses of those of its administrators who take alerts.
    """

    key: str
    name: str
    parent: str | None
    time_zone: str = "UTC"
    threshold: int = 80
    administrators: int = 0
    alerted: tuple[str, ...] = ()
    deleted: bool = False


@dataclass(frozen=True)
class Snapshot:
    """What an event says about a number before or after it."""

    holder: str
    status: Status
    tag: str | None
    forwarding: str | None
    person: str | None


@dataclass(frozen=True)
class Event:
    """One entry of a number's history."""

    kind: Kind
    before: Snapshot | None
    after: Snapshot | None
    operation: int


@dataclass
class PhoneNumber:
    """A number; `user` is the key of its user, and `available_since` counts in the model's seconds.

    `person` is how its user is called.
    """

    number: str
    series: str
    holder: str
    status: Status
    tag: str | None = None
    forwarding: str | None = None
    user: str | None = None
    person: str | None = None
    available_since: int = 0
    retired: bool = False
    history: list[Event] = field(default_factory=list)

    def snapshot(self) -> Snapshot:
        """What an event would say about the number now."""
        return Snapshot(self.holder, self.status, self.tag, self.forwarding, self.person)


@dataclass
class User:
    """A user, invited or registered. `link` is the last one sent; `expires` is its expiry."""

    key: str
    first: str
    last: str
    mail: str
    organization: str
    standing: Standing
    expires: int | None = None
    link: int | None = None

    def called(self) -> str:
        """How an event names the user."""
        return f"{self.first} {self.last} <{self.mail}>"


@dataclass(frozen=True)
class Actor:
    """A caller: a role, and the organization that they act from."""

    role: Role
    acting: str


@dataclass(frozen=True)
class Caller:
    """An administrator or a key, with a role at an organization and below."""

    key: str
    role: Role
    home: str
