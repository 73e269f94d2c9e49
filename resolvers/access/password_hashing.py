"""Hash and verify passwords with Argon2."""

from __future__ import annotations

import asyncio
import secrets
from concurrent.futures import ThreadPoolExecutor
from functools import cache

import argon2

from db.access.authentication import Credentials

HASHER = argon2.PasswordHasher()
"""With the defaults of RFC 9106 for memory-constrained machines."""

_executor = ThreadPoolExecutor(max_workers=2, thread_name_prefix="argon2")
"""A hash takes 64 MiB and a tenth of a second, so at most two are computed at a time."""


async def hash_password(password: str) -> str:
    """Return the Argon2 hash of a password."""
    return await asyncio.get_running_loop().run_in_executor(_executor, HASHER.hash, password)


async def verify_password(credentials: Credentials | None, password: str) -> bool:
    """Return whether the password is right, in the same time whether or not there are credentials."""
    password_hash = credentials.password_hash if credentials else None
    matches = await asyncio.get_running_loop().run_in_executor(_executor, _verify, password_hash, password)
    return matches and credentials is not None


def _verify(password_hash: str | None, password: str) -> bool:
    try:
        return HASHER.verify(password_hash or _dummy_hash(), password)
    except argon2.exceptions.VerificationError:
        return False


@cache
def _dummy_hash() -> str:
    """Return the hash that is verified against when there is none, so that the response takes as long."""
    return HASHER.hash(secrets.token_urlsafe())
