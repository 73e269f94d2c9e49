"""`dialtree import organizations`, `dialtree import numbers` and `dialtree import usage`."""

from __future__ import annotations

import contextlib
import csv
from collections.abc import Callable, Coroutine, Iterable, Sequence
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from typing import IO, Annotated, Any

import typer

from app.command.terminal import database, fail, progress_bar, run, settings
from db.core.database import Database
from domain.errors import DialtreeError, LineReport
from domain.numbers import is_region
from domain.reports import escape_formula
from resolvers.core.context import system_clock
from resolvers.core.csv_records import Record
from resolvers.imports.files import open_records
from resolvers.imports.numbers import import_numbers
from resolvers.imports.organizations import import_organizations
from resolvers.imports.transactions import ImportReport, Progress
from resolvers.imports.usage import import_usage

commands = typer.Typer(help="Load data from CSV files and Excel workbooks.", no_args_is_help=True)

LINES_SHOWN = 100


class OnError(Enum):
    """What an import does with bad lines."""

    REFUSE = "refuse"
    SKIP = "skip"


File = Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="A CSV file in UTF-8, or an .xlsx workbook.")]
SheetOption = Annotated[
    str | None, typer.Option("--sheet", help="The sheet of a workbook; by default the first visible one.")
]
RegionOption = Annotated[
    str | None,
    typer.Option("--region", help="The region of national numbers; by default that of the organization."),
]
OnErrorOption = Annotated[
    OnError,
    typer.Option("--on-error", help="refuse: load nothing if any line is bad. skip: load the other lines."),
]
DryRunOption = Annotated[bool, typer.Option("--dry-run", help="Report what would be loaded, and load nothing.")]
ReportOption = Annotated[
    Path | None, typer.Option("--report", help="Write the bad lines and the warnings to this CSV file.")
]

Load = Callable[[Database, Iterable[Record], Progress], Coroutine[Any, Any, ImportReport]]


@dataclass(frozen=True)
class _Options:
    """What is read, what it is called, and what happens to bad lines."""

    what: str
    file: Path
    sheet: str | None
    on_error: OnError
    dry_run: bool
    report: Path | None

    @property
    def skip(self) -> bool:
        return self.on_error is OnError.SKIP


@commands.command("organizations")
def organizations(
    file: File,
    *,
    region: Annotated[
        str | None, typer.Option("--region", help="The region of organizations whose line names none.")
    ] = None,
    sheet: SheetOption = None,
    on_error: OnErrorOption = OnError.REFUSE,
    dry_run: DryRunOption = False,
    report: ReportOption = None,
) -> None:
    """Load organizations: path,time_zone,threshold,region."""
    options = _Options("organizations", file, sheet, on_error, dry_run, report)
    given = _check_region(region)

    async def load(opened: Database, records: Iterable[Record], progress: Progress) -> ImportReport:
        return await import_organizations(
            opened,
            records,
            now=system_clock(),
            region=given,
            skip=options.skip,
            dry_run=dry_run,
            progress=progress,
        )

    _load(options, load)


@commands.command("numbers")
def numbers(
    file: File,
    *,
    region: RegionOption = None,
    sheet: SheetOption = None,
    on_error: OnErrorOption = OnError.REFUSE,
    dry_run: DryRunOption = False,
    report: ReportOption = None,
) -> None:
    """Load numbers: number,last_number,series,organization,status,reserved_tag,first_name,last_name,email."""
    options = _Options("numbers", file, sheet, on_error, dry_run, report)
    given = _check_region(region)

    async def load(opened: Database, records: Iterable[Record], progress: Progress) -> ImportReport:
        return await import_numbers(
            opened,
            records,
            now=system_clock(),
            region=given,
            default_region=settings().region,
            skip=options.skip,
            dry_run=dry_run,
            progress=progress,
        )

    _load(options, load)


@commands.command("usage")
def usage(
    file: File,
    *,
    organization: Annotated[
        str | None,
        typer.Option(help="The path of the organization that sends the records; by default the only root."),
    ] = None,
    region: RegionOption = None,
    sheet: SheetOption = None,
    on_error: OnErrorOption = OnError.REFUSE,
    dry_run: DryRunOption = False,
    report: ReportOption = None,
) -> None:
    """Load usage: record_id,number,kind,direction,quantity,billable,at. Records already loaded are skipped."""
    options = _Options("usage records", file, sheet, on_error, dry_run, report)
    given = _check_region(region)

    async def load(opened: Database, records: Iterable[Record], progress: Progress) -> ImportReport:
        return await import_usage(
            opened,
            records,
            organization=organization,
            region=given,
            default_region=settings().region,
            skip=options.skip,
            dry_run=dry_run,
            progress=progress,
        )

    _load(options, load)


def _check_region(region: str | None) -> str | None:
    if region is not None and not is_region(region.upper()):
        fail(f"--region: {region!r} is not a region, such as US.")
    return region and region.upper()


def _load(options: _Options, load: Load) -> None:
    with contextlib.ExitStack() as opened:
        try:
            # Open it before the import, so that an unwritable report stops the command before anything is loaded.
            written = (
                opened.enter_context(options.report.open("w", newline="", encoding="utf-8")) if options.report else None
            )
        except OSError as error:
            fail(f"--report: {options.report} cannot be written: {error.strerror}.")
        done = run(_with_database(options, load, written))
        if written is not None:
            _write_report(written, done.lines, done)
    _show_lines(done.lines, [f"line {bad.line}{_place(bad)}: {bad.message}" for bad in done.lines[:LINES_SHOWN]])
    for warning in done.warnings[:LINES_SHOWN]:
        typer.echo(f"warning: line {warning.line}, {warning.column} {warning.value!r}: {warning.message}", err=True)
    typer.echo(_summary(options, done))
    if done.lines and not options.skip:
        raise typer.Exit(1)


def _show_lines(lines: Sequence[LineReport], shown: list[str]) -> None:
    for text in shown:
        typer.echo(text, err=True)
    if len(lines) > len(shown):
        typer.echo(f"… and {len(lines) - len(shown)} more bad lines; --report FILE lists them all.", err=True)


def _place(bad: LineReport) -> str:
    """Return the column and the value of a bad line."""
    return f", {bad.column} {bad.value!r}" if bad.column else ""


def _summary(options: _Options, done: ImportReport) -> str:
    verb = "would be loaded" if options.dry_run else "loaded"
    parts = [f"{done.imported} {options.what} {verb}"]
    parts += [f"{done.repeated} already loaded"] if done.repeated else []
    parts += [f"{done.unchanged} unchanged"] if done.unchanged else []
    parts += [_counted(done.warning_count, "warning")] if done.warning_count else []
    return f"{', '.join([*parts, _counted(len(done.lines), 'bad line')])}."


def _counted(count: int, noun: str) -> str:
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"


def _write_report(written: IO[str], lines: Sequence[LineReport], done: ImportReport | None = None) -> None:
    """Write bad lines and warnings as CSV; no spreadsheet runs a value."""
    writer = csv.writer(written)
    writer.writerow(("line", "column", "value", "code", "message"))
    for bad in lines:
        value, message = escape_formula(bad.value), escape_formula(bad.message)
        writer.writerow((bad.line, bad.column or "", value, bad.code.value, message))
    for warning in done.warnings if done else ():
        writer.writerow((warning.line, warning.column, escape_formula(warning.value), "WARNING", warning.message))


async def _with_database(options: _Options, load: Load, written: IO[str] | None) -> ImportReport:
    try:
        async with database(settings().database_url) as opened:
            with (
                open_records(options.file, sheet=options.sheet) as (records, total),
                progress_bar(options.what, total) as progress,
            ):
                return await load(opened, records, progress)
    except DialtreeError as error:
        if written is not None and error.lines:
            _write_report(written, error.lines)
        raise
