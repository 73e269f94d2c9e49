"""`dialtree admin create`, `dialtree key create` and `dialtree key revoke`."""

from __future__ import annotations

import sys
from datetime import timedelta
from typing import Annotated

import typer

from app.command.terminal import database, fail, run, settings
from domain.access import Role
from resolvers.access import operators
from resolvers.core.context import system_clock
from resolvers.organizations.paths import organization_at

administrators = typer.Typer(help="Administrators.", no_args_is_help=True)
keys = typer.Typer(help="API keys.", no_args_is_help=True)

OrganizationOption = Annotated[
    str, typer.Option("--organization", help="The path of the organization, such as Bank/Sales.")
]
RoleOption = Annotated[Role, typer.Option("--role", case_sensitive=False, help="The role.")]


@administrators.callback()
def _administrators() -> None:
    """Administrators."""


@administrators.command("create")
def create_administrator(
    *,
    email: Annotated[str, typer.Option(help="The email address to sign in with.")],
    organization: OrganizationOption,
    role: RoleOption,
    name: Annotated[str | None, typer.Option(help="The name; by default the local part of the address.")] = None,
    password_stdin: Annotated[
        bool, typer.Option("--password-stdin", help="Read the password from standard input.")
    ] = False,
) -> None:
    """Create an administrator who can sign in."""
    if password_stdin:
        password = sys.stdin.readline().rstrip("\r\n")
    else:
        password = typer.prompt("Password", hide_input=True, confirmation_prompt=True, err=True)

    async def create() -> None:
        async with database(settings().database_url) as opened:
            place = await organization_at(opened, organization)
            await operators.create_administrator(
                opened,
                email=email,
                name=name,
                organization_id=place.id,
                role=role,
                password=password,
                now=system_clock(),
            )

    run(create())
    typer.echo(f"{email} is {role.value} at {organization}.", err=True)


@keys.command("create")
def create_key(
    *,
    name: Annotated[str, typer.Option(help="The name of the key.")],
    organization: OrganizationOption,
    role: RoleOption,
    expires_days: Annotated[
        int | None, typer.Option(min=1, max=36_500, help="The number of days until the key expires.")
    ] = None,
) -> None:
    """Create an API key and print its secret, alone, on standard output."""

    async def create() -> str:
        async with database(settings().database_url) as opened:
            place = await organization_at(opened, organization)
            return await operators.create_key(
                opened,
                name=name,
                organization_id=place.id,
                role=role,
                expires_in=None if expires_days is None else timedelta(days=expires_days),
                now=system_clock(),
            )

    typer.echo(run(create()))


@keys.command("revoke")
def revoke_key(
    *,
    name: Annotated[str, typer.Option(help="The key's name.")],
    organization: Annotated[
        str | None, typer.Option(help="The path of the key's organization, if several roots have a key of this name.")
    ] = None,
) -> None:
    """Revoke an API key."""

    async def revoke() -> int:
        async with database(settings().database_url) as opened:
            place = None if organization is None else await organization_at(opened, organization)
            return await operators.revoke_key(opened, name=name, now=system_clock(), organization_id=place and place.id)

    if not run(revoke()):
        fail(f"there is no key {name!r}.")
    typer.echo(f"The key {name!r} is revoked.", err=True)
