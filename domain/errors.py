"""Every refusal that Dialtree answers with, as one tree.

DialtreeError
├── NotFound              what is out of scope, and what never existed
├── Forbidden             seen, but not permitted
├── InvalidInput          a value that is not valid for any caller
├── InvalidTransition     the status of a number, or the state of a mail, does not allow the action
├── InsufficientNumbers   fewer numbers than the quantity asked for
├── Conflict              another change came first, or two values exclude each other
├── AlreadyExists         a name or a number that is taken
├── NotEmpty              something below is still in the way
├── Expired               a token or an invitation past its time
├── LimitExceeded         more at once than one operation takes, or more often than a limit allows
├── IdempotencyMismatch   a key that was used with another input
├── InvalidCredentials    mail address and password do not fit
└── Unauthenticated       no valid token came with the request (a request error, never a userError)
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import ClassVar, Self

from domain.statuses import NumberAction, NumberStatus

OFFENDING_NUMBERS_SHOWN = 100
"""How many offending numbers a refusal names; `number_count` tells how many there are."""


class UserErrorCode(Enum):
    """The machine-readable kind of a refusal."""

    NOT_FOUND = "NOT_FOUND"
    FORBIDDEN = "FORBIDDEN"
    INVALID_INPUT = "INVALID_INPUT"
    INVALID_TRANSITION = "INVALID_TRANSITION"
    INSUFFICIENT_NUMBERS = "INSUFFICIENT_NUMBERS"
    CONFLICT = "CONFLICT"
    ALREADY_EXISTS = "ALREADY_EXISTS"
    NOT_EMPTY = "NOT_EMPTY"
    EXPIRED = "EXPIRED"
    LIMIT_EXCEEDED = "LIMIT_EXCEEDED"
    IDEMPOTENCY_MISMATCH = "IDEMPOTENCY_MISMATCH"
    INVALID_CREDENTIALS = "INVALID_CREDENTIALS"


@dataclass(frozen=True, slots=True)
class OffendingNumber:
    """One offending number: what it is, the status it is in, and what that status would allow."""

    number: str
    status: NumberStatus
    allowed: tuple[NumberAction, ...]


@dataclass(frozen=True, slots=True)
class LineReport:
    """What was wrong with one line of a list or a file; lines count from 1.

    Of a file, `value` is the cell at fault and `column` the name of its column, None if the whole line is at fault.
    """

    line: int
    value: str
    code: UserErrorCode
    message: str
    column: str | None = None


class DialtreeError(Exception):
    """A refusal: a sentence for a person, and for a program the code, the field's path and the numbers at fault.

    `lines` reports a list line by line; `also` holds further refusals of the same request.
    """

    code: ClassVar[UserErrorCode]
    is_final: ClassVar[bool] = True
    """Whether the same request is refused again, so that an idempotency key remembers the refusal."""

    def __init__(
        self,
        message: str,
        *,
        path: tuple[str, ...] = (),
        offending_numbers: tuple[OffendingNumber, ...] = (),
        numbers: tuple[str, ...] = (),
        number_count: int = 0,
        lines: tuple[LineReport, ...] = (),
        also: tuple[DialtreeError, ...] = (),
    ) -> None:
        super().__init__(message)
        self.message = message
        self.path = path
        self.offending_numbers = offending_numbers[:OFFENDING_NUMBERS_SHOWN]
        self.numbers = (numbers or tuple(offending.number for offending in offending_numbers))[:OFFENDING_NUMBERS_SHOWN]
        self.number_count = number_count or len(numbers or offending_numbers)
        self.lines = lines
        self.also = also

    def at(self, *place: str) -> Self:
        """This refusal, whose path is inside something that stands at a place of the input."""
        self.path = (*place, *self.path)
        return self


class NotFound(DialtreeError):
    code = UserErrorCode.NOT_FOUND


class Forbidden(DialtreeError):
    code = UserErrorCode.FORBIDDEN


class InvalidInput(DialtreeError):
    code = UserErrorCode.INVALID_INPUT


class InvalidTransition(DialtreeError):
    code = UserErrorCode.INVALID_TRANSITION


class InsufficientNumbers(DialtreeError):
    code = UserErrorCode.INSUFFICIENT_NUMBERS


class Conflict(DialtreeError):
    code = UserErrorCode.CONFLICT
    is_final = False


class AlreadyExists(DialtreeError):
    code = UserErrorCode.ALREADY_EXISTS


class NotEmpty(DialtreeError):
    code = UserErrorCode.NOT_EMPTY


class Expired(DialtreeError):
    code = UserErrorCode.EXPIRED


class LimitExceeded(DialtreeError):
    code = UserErrorCode.LIMIT_EXCEEDED
    is_final = False


class IdempotencyMismatch(DialtreeError):
    code = UserErrorCode.IDEMPOTENCY_MISMATCH
    is_final = False


class InvalidCredentials(DialtreeError):
    code = UserErrorCode.INVALID_CREDENTIALS


class RequestFailed(Exception):
    """A request that could not be answered, for a reason that is not in its input; the message is for the caller."""

    code: ClassVar[str]


class Unauthenticated(RequestFailed):
    """The operation needs a signed-in caller and there is none."""

    code = "UNAUTHENTICATED"

    def __init__(self) -> None:
        super().__init__("Sign in first: send `Authorization: Bearer TOKEN`.")


class SessionEnded(RequestFailed):
    """The token of a long request is no longer valid."""

    code = "UNAUTHENTICATED"

    def __init__(self) -> None:
        super().__init__("Your token has expired or was revoked, or you have signed out. Sign in again.")


class Unavailable(RequestFailed):
    """The database is away; the request may succeed later."""

    code = "UNAVAILABLE"


class OutcomeUnknown(RequestFailed):
    """The connection to the database was lost while a change was committed."""

    code = "OUTCOME_UNKNOWN"

    def __init__(self) -> None:
        super().__init__(
            "The connection to the database was lost while the change was saved. It may have been made:"
            " repeat it with the same idempotencyKey, or look before you repeat it."
        )


class RateLimitExceeded(RequestFailed):
    """The caller has sent too much; `retry_after` is in seconds."""

    code = "RATE_LIMITED"

    def __init__(self, message: str, *, retry_after: int) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class TimeLimitExceeded(RequestFailed):
    """The request took longer than it may."""

    code = "TIMEOUT"


def not_found(noun: str, *, path: tuple[str, ...]) -> NotFound:
    """The one text for everything that the caller can't see, whether it exists elsewhere or not at all."""
    return NotFound(f"There is no such {noun} in your scope.", path=path)


CLASSES: dict[UserErrorCode, type[DialtreeError]] = {error.code: error for error in DialtreeError.__subclasses__()}
"""The class of every code."""
