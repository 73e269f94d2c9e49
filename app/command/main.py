"""The commands: serve, migrate, check, schema, demo."""

from __future__ import annotations

import os
from importlib.metadata import version
from typing import Annotated

import typer
import uvicorn

from app.command import access, deliveries, imports
from app.command.terminal import database, fail, progress_bar, run, settings
from app.demo import prepare_demo
from app.logs import configure_logging
from app.protocol import LimitedProtocol
from app.serving import DEMO_KEY
from db.core.migrations import migrate as migrate_database
from resolvers.check import differences
from resolvers.core.context import system_clock
from resolvers.imports.demo import create_demo_inventory, is_empty
from schema.root.schema import sdl

main = typer.Typer(
    help="Dialtree keeps a telephone-number inventory over a tree of organizations.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
)
main.add_typer(imports.commands, name="import")
main.add_typer(access.administrators, name="admin")
main.add_typer(access.keys, name="key")
main.command()(deliveries.outbox)


def _print_version(requested: bool) -> None:  # noqa: FBT001 - called by Typer
    if requested:
        typer.echo(f"dialtree {version('dialtree')}")
        raise typer.Exit


@main.callback()
def _options(
    *,
    _version: Annotated[
        bool, typer.Option("--version", help="Print the version and exit.", callback=_print_version, is_eager=True)
    ] = False,
) -> None:
    """Manage a telephone-number inventory over a tree of organizations."""


@main.command()
def serve(
    *,
    host: Annotated[str, typer.Option(help="The address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=1, max=65_535, help="The port to listen on.")] = 8000,
    workers: Annotated[int, typer.Option(min=1, help="The number of worker processes.")] = 1,
    demo: Annotated[bool, typer.Option("--demo", help="Serve a generated demo inventory with GraphiQL.")] = False,
) -> None:
    """Serve GraphQL over HTTP."""
    chosen = settings()
    configure_logging(chosen.log_format)
    run(_prepare_server(demo=demo, address=f"http://{host}:{port}"))
    uvicorn.run(
        "app.serving:application",
        factory=True,
        host=host,
        port=port,
        workers=workers,
        log_config=None,
        access_log=False,
        http=LimitedProtocol,
        server_header=False,
        proxy_headers=bool(chosen.trusted_proxies),
        forwarded_allow_ips=chosen.trusted_proxies,
    )


async def _prepare_server(*, demo: bool, address: str) -> None:
    url = settings().database_url
    async with database(url) as opened:
        if not demo:
            return
        with progress_bar("Generating an inventory", None) as progress:
            credentials = await prepare_demo(opened, system_clock, progress)
    if credentials is None:
        fail(f"{url} contains another inventory than the demo's; serve it without --demo.")
    os.environ[DEMO_KEY] = credentials.key
    typer.echo(
        f"\n  GraphiQL   {address}/graphiql\n  Owner      {credentials.email}   password  {credentials.password}\n"
        f"  API key    {credentials.key}\n"
    )


@main.command()
def migrate() -> None:
    """Migrate the database to this release."""
    run(migrate_database(settings().database_url))
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
    typer.echo(f"{organizations} organizations and {numbers} numbers.", err=True)
