"""Invitations: how long they last, which number they carry, and what a user without one is offered."""

from dataclasses import dataclass
from datetime import timedelta

from domain.errors import InvalidInput

INVITATION_DAYS = 14
"""How long an invitation lasts unless the deployment sets another time."""

PASSWORD_RESET_LIFETIME = timedelta(hours=1)
"""How long the link of a forgotten password lasts; that of an administrator's invitation lasts as invitations do."""

OFFERED_NUMBERS = 5
"""How many available numbers a user without one can pick from."""


@dataclass(frozen=True, slots=True)
class NumberSource:
    """Where an invited user's number comes from: one of these, or none; then the user picks one."""

    number_id: int | None = None
    reserved_tag: str | None = None
    series_id: int | None = None

    @property
    def named(self) -> bool:
        """Whether the invitation carries a number."""
        return (self.number_id, self.reserved_tag, self.series_id) != (None, None, None)


ANY_NUMBER = NumberSource()
"""The user picks one himself."""


def check_source(source: NumberSource, *, path: tuple[str, ...]) -> None:
    """Raise InvalidInput where a number is asked for in two ways."""
    given = [
        name
        for name, value in (
            ("numberId", source.number_id),
            ("reservedTag", source.reserved_tag),
            ("seriesId", source.series_id),
        )
        if value is not None
    ]
    if len(given) > 1:
        raise InvalidInput(f"Give {given[0]} or {given[1]}, not both: a user gets one number.", path=(*path, given[1]))
