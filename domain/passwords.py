"""What a password has to be."""

from domain.errors import InvalidInput

SHORTEST = 10
LONGEST = 1_000


def check_password(password: str, *, path: tuple[str, ...]) -> str:
    """A password. Raises InvalidInput when it is too short or too long."""
    if len(password) < SHORTEST:
        raise InvalidInput(f"A password has at least {SHORTEST} characters.", path=path)
    if len(password) > LONGEST:
        raise InvalidInput(f"A password has at most {LONGEST} characters.", path=path)
    return password
