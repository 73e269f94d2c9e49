"""`dialtree import organizations`, `dialtree import numbers` and `dialtree import usage`."""

from __future__ import annotations

import contextlib
import csv
from collections.abc import Callable, Coroutine, Iterable
from enum import Enum
from pathlib import Path
from typing import Annotated, Any

import typer

from app.command.terminal import database, fail, progress_bar, run, settings
from db.core.database import Database
from domain.numbers import is_region
from resolvers.core.context import system_clock
from resolvers.imports.numbers import import_numbers
from resolvers.imports.organizations import import_organizations
from resolvers.imports.transactions import ImportReport
from resolvers.imports.usage import import_usage

commands = typer.Typer(help="Load data from CSV files.", no_args_is_help=True)

LINES_SHOWN = 100


class OnError(Enum):
    """What an import does with bad lines."""

    REFUSE = "refuse"
    SKIP = "skip"


File = Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="A CSV file in UTF-8.")]
OnErrorOption = Annotated[
    OnError,
    typer.Option("--on-error", help="refuse: load nothing if any line is bad. skip: load the other lines."),
]
DryRunOption = Annotated[bool, typer.Option("--dry-run", help="Report what would be loaded, and load nothing.")]
ReportOption = Annotated[Path | None, typer.Option("--report", help="Write the bad lines to this CSV file.")]


@commands.command("organizations")
def organizations(
    file: File,
    *,
    on_error: OnErrorOption = OnError.REFUSE,
    dry_run: DryRunOption = False,
    report: ReportOption = None,
) -> None:
    """Load organizations: path,time_zone,threshold."""

    async def load(opened: Database, lines: Iterable[str], progress: Callable[[int], None]) -> ImportReport:
        return await import_organizations(
            opened,
            lines,
            now=system_clock(),
            skip=on_error is OnError.SKIP,
            dry_run=dry_run,
            progress=progress,
        )

    _load("organizations", file, load, on_error=on_error, dry_run=dry_run, report=report)


@commands.command("numbers")
def numbers(
    file: File,
    *,
    region: Annotated[str, typer.Option(help="The region of national numbers.")] = "US",
    on_error: OnErrorOption = OnError.REFUSE,
    dry_run: DryRunOption = False,
    report: ReportOption = None,
) -> None:
    """Load numbers: number,series,organization,status,reserved_tag,first_name,last_name,email."""
    if not is_region(region.upper()):
        fail(f"--region: {region!r} is not a region, such as US.")

    async def load(opened: Database, lines: Iterable[str], progress: Callable[[int], None]) -> ImportReport:
        return await import_numbers(
            opened,
            lines,
            now=system_clock(),
            region=region.upper(),
            skip=on_error is OnError.SKIP,
            dry_run=dry_run,
            progress=progress,
        )

    _load("numbers", file, load, on_error=on_error, dry_run=dry_run, report=report)


@commands.command("usage")
def usage(
    file: File,
    *,
    organization: Annotated[
        str | None,
        typer.Option(help="The path of the organization that sends the records; by default the only root."),
    ] = None,
    on_error: OnErrorOption = OnError.REFUSE,
    dry_run: DryRunOption = False,
    report: ReportOption = None,
) -> None:
    """Load usage: record_id,number,kind,direction,quantity,billable,at. Records already loaded are skipped."""

    async def load(opened: Database, lines: Iterable[str], progress: Callable[[int], None]) -> ImportReport:
        return await import_usage(
            opened,
            lines,
            organization=organization,
            skip=on_error is OnError.SKIP,
            dry_run=dry_run,
            progress=progress,
        )

    _load("usage records", file, load, on_error=on_error, dry_run=dry_run, report=report)


Load = Callable[[Database, Iterable[str], Callable[[int], None]], Coroutine[Any, Any, ImportReport]]


def _load(what: str, file: Path, load: Load, *, on_error: OnError, dry_run: bool, report: Path | None) -> None:
    with contextlib.ExitStack() as opened:
        try:
            # Open it before the import, so that an unwritable report stops the command before anything is loaded.
            written = opened.enter_context(report.open("w", newline="", encoding="utf-8")) if report else None
        except OSError as error:
            fail(f"--report: {error}")
        done = run(_with_database(what, file, load))
        if written is not None:
            writer = csv.writer(written)
            writer.writerow(("line", "value", "code", "message"))
            writer.writerows((bad.line, bad.value, bad.code.value, bad.message) for bad in done.lines)
    for bad in done.lines[:LINES_SHOWN]:
        typer.echo(f"line {bad.line}: {bad.message}", err=True)
    if len(done.lines) > LINES_SHOWN:
        typer.echo(
            f"… and {len(done.lines) - LINES_SHOWN} more bad lines; --report FILE lists them all.",
            err=True,
        )
    verb = "would be loaded" if dry_run else "loaded"
    repeated = f"{done.repeated} already loaded, " if done.repeated else ""
    bad_lines = "1 bad line" if len(done.lines) == 1 else f"{len(done.lines)} bad lines"
    typer.echo(f"{done.imported} {what} {verb}, {repeated}{bad_lines}.")
    if done.lines and on_error is OnError.REFUSE:
        raise typer.Exit(1)


async def _with_database(what: str, file: Path, load: Load) -> ImportReport:
    with file.open("rb") as counted:
        total = sum(1 for _ in counted) - 1
    async with database(settings().database_url) as opened:
        try:
            with (
                file.open(newline="", encoding="utf-8-sig") as lines,
                progress_bar(what, total) as progress,
            ):
                return await load(opened, lines, progress)
        except UnicodeDecodeError as error:
            fail(f"{file.name} is not UTF-8: {error}.")
