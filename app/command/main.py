"""The commands, and those that need no module of their own: migrate, check, schema, demo."""

from __future__ import annotations

from importlib.metadata import version
from typing import Annotated

import typer

from app.command import access, deliveries, imports, server
from app.command.terminal import check_file, database, fail, progress_bar, run, settings
from app.demo import RECORDS
from app.environment import unknown_variables
from db.core.migrations import migrate as migrate_database
from resolvers.check import differences
from resolvers.core.context import system_clock
from resolvers.imports.demo import create_demo_inventory, is_empty
from resolvers.imports.demo_story import tell_story
from resolvers.imports.demo_usage import record_demo_usage

main = typer.Typer(
    help="Dialtree keeps a telephone-number inventory over a tree of organizations.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
)
main.add_typer(imports.commands, name="import")
main.add_typer(access.administrators, name="admin")
main.add_typer(access.keys, name="key")
main.command()(server.serve)
main.command()(deliveries.outbox)


_LOGGING = {"serve", "outbox"}
"""Commands that log their configuration, and what is wrong with it."""


def _print_version(requested: bool) -> None:  # noqa: FBT001 - called by Typer
    if requested:
        typer.echo(f"dialtree {version('dialtree')}")
        raise typer.Exit


@main.callback()
def _options(
    context: typer.Context,
    *,
    _version: Annotated[
        bool, typer.Option("--version", help="Print the version and exit.", callback=_print_version, is_eager=True)
    ] = False,
) -> None:
    """Manage a telephone-number inventory over a tree of organizations."""
    if context.invoked_subcommand not in _LOGGING:
        for message in unknown_variables():
            typer.echo(f"dialtree: {message}", err=True)


@main.command()
def migrate() -> None:
    """Migrate the database to this release."""
    url = settings().database_url
    check_file(url)
    run(migrate_database(url))
    typer.echo("The database is up to date.", err=True)


@main.command()
def check() -> None:
    """Recount all counters; print any differences and exit with 1."""
    found = run(_check())
    if found:
        typer.echo("1 difference." if found == 1 else f"{found} differences.", err=True)
        raise typer.Exit(1)
    typer.echo("All counters are correct.", err=True)


async def _check() -> int:
    found = 0
    async with database(settings().database_url) as opened:
        async for difference in differences(opened):
            typer.echo(difference)
            found += 1
    return found


@main.command()
def schema() -> None:
    """Print the GraphQL schema (SDL)."""
    from schema.root.schema import sdl  # noqa: PLC0415 - no other command needs the schema

    typer.echo(sdl(), nl=False)


@main.command()
def demo(
    *,
    organizations: Annotated[int, typer.Option(min=1, help="The number of organizations.")] = 60,
    numbers: Annotated[int, typer.Option(min=0, help="The number of telephone numbers.")] = 20_000,
    seed: Annotated[int, typer.Option(help="The same seed generates the same inventory.")] = 1,
) -> None:
    """Fill an empty database with a generated demo inventory."""
    run(_fill(organizations, numbers, seed))


async def _fill(organizations: int, numbers: int, seed: int) -> None:
    async with database(settings().database_url) as opened:
        if not await is_empty(opened):
            fail("the database is not empty.")
        with progress_bar("Numbers", numbers) as progress:
            await create_demo_inventory(
                opened,
                organization_count=organizations,
                number_count=numbers,
                seed=seed,
                now=system_clock(),
                progress=progress,
            )
            await tell_story(opened, seed=seed, now=system_clock())
            await record_demo_usage(opened, record_count=RECORDS, seed=seed, now=system_clock())
    typer.echo(f"{organizations} organizations and {numbers} numbers.", err=True)
