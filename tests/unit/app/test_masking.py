"""Messages about invalid inputs do not quote secrets."""

from __future__ import annotations

import pytest

from app.masking import mask_secrets


@pytest.mark.parametrize(
    ("message", "masked"),
    [
        ('found {email: "a", password: "hunter2"}.', 'found {email: "a", password: "***"}.'),
        ("found: {'email': 1, 'password': 'hunter2'}.", "found: {'email': 1, 'password': \"***\"}."),
        (r'{ newPassword: "a \" b", token: "dts_1" }', '{ newPassword: "***", token: "***" }'),
        ("{'password': \"it's\"}", "{'password': \"***\"}"),
        ('{ password: """hunter2 "x" """ }', '{ password: "***" }'),
        ('{ password: ["hunter2", "x"], email: "a" }', '{ password: "***", email: "a" }'),
        ('{ password: [["hunter2"], ["a]b", 12]] }', '{ password: "***" }'),
        ("password: [1" * 50_000, "password: [1" * 50_000),
        ("{ password: 12345, email: 1 }", '{ password: "***", email: 1 }'),
        ("Field 'password' is not defined.", "Field 'password' is not defined."),
    ],
)
def test_the_values_of_passwords_and_tokens_are_masked(message: str, masked: str) -> None:
    assert mask_secrets(message) == masked
