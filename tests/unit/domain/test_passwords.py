"""Password rules: length, common passwords, and the person's own name and email address."""

from __future__ import annotations

import pytest

from domain.errors import InvalidInput
from domain.passwords import check_password

EMAIL, NAME, PATH = "ada.lovelace@bank.test", "Ada Lovelace Byron", ("input", "password")


def check(password: str) -> str:
    return check_password(password, email=EMAIL, name=NAME, path=PATH)


@pytest.mark.parametrize("password", ["twelve chars", "0918273645ab", "é" * 6 + "ü" * 6, "cobalt lantern", "y z" * 333])
def test_a_password_needs_no_kinds_of_characters(password: str) -> None:
    assert check(password) == password


@pytest.mark.parametrize(
    ("password", "message"),
    [
        ("elevenchars", "A password has at least 12 characters."),
        ("x y" * 334, "A password has at most 1000 characters."),
        ("password1234", "This password is too common. Choose one that nobody else would choose."),
        ("QWERTY123456", "This password is too common. Choose one that nobody else would choose."),
        ("a" * 12, "This password is too common. Choose one that nobody else would choose."),
        (" " * 12, "This password is too common. Choose one that nobody else would choose."),
        ("ADA.Lovelace@bank.test", "A password must differ from your name and your email address."),
        ("ada lovelace BYRON", "A password must differ from your name and your email address."),
    ],
)
def test_other_passwords_are_refused(password: str, message: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        check(password)
    assert (refused.value.message, refused.value.path) == (message, PATH)
