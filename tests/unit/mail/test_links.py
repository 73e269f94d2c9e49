"""Tokens of links, while the secret is replaced by another one."""

from __future__ import annotations

import hashlib
import hmac

from mail.links import Links

OLD, NEW = b"o" * 32, b"n" * 32
OLD_LINKS, NEW_LINKS = Links(OLD, "", ""), Links(NEW, "", "", (OLD,))


def test_a_seed_gives_the_same_token_after_the_secret_was_replaced() -> None:
    seed = OLD_LINKS.new_seed()
    assert NEW_LINKS.token(seed) == OLD_LINKS.token(seed) != Links(NEW, "", "").token(seed)


def test_new_seeds_use_the_first_secret() -> None:
    seed = NEW_LINKS.new_seed()
    assert NEW_LINKS.token(seed) == Links(NEW, "", "").token(seed) == Links(OLD, "", "", (NEW,)).token(seed)


def test_a_seed_without_a_fingerprint_belongs_to_the_oldest_secret() -> None:
    seed = "from-an-earlier-release"
    assert Links(NEW, "", "", (b"m" * 32, OLD)).token(seed) == OLD_LINKS.token(seed)


def test_a_seed_does_not_contain_the_token_or_the_secret() -> None:
    seed = OLD_LINKS.new_seed()
    assert OLD_LINKS.token(seed) not in seed
    assert hashlib.sha256(OLD).hexdigest()[:8] not in seed
    assert seed.startswith(hmac.digest(OLD, b"dialtree fingerprint", hashlib.sha256).hex()[:8])
