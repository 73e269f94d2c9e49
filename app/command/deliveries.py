"""The command that delivers mail."""

from __future__ import annotations

import asyncio
import contextlib
import signal
from typing import Annotated

import typer

from app.command.terminal import database, run, settings
from app.delivery import outbox_worker
from app.environment import log_configuration
from app.logs import configure_logging
from app.services import load_deployment
from app.settings import Settings
from resolvers.core.context import system_clock
from resolvers.core.folding import fold, keep_folding


def outbox(
    *,
    follow: Annotated[bool, typer.Option("--follow", help="Keep delivering until stopped.")] = False,
) -> None:
    """Fold counters and deliver the queued mail. Any number of these workers can run next to the servers."""
    loaded = settings()
    configure_logging(loaded.log_format)
    log_configuration(loaded)
    run(_deliver(loaded, follow=follow))


async def _deliver(loaded: Settings, *, follow: bool) -> None:
    async with database(loaded.database_url) as opened:
        deployment = await load_deployment(loaded, opened)
        worker = outbox_worker(loaded, opened, system_clock, deployment)
        if not follow:
            await fold(opened, deployment, now=system_clock())
            await worker.deliver_waiting()
            return
        stopped = asyncio.Event()
        for number in (signal.SIGINT, signal.SIGTERM):
            with contextlib.suppress(NotImplementedError):  # Windows
                asyncio.get_running_loop().add_signal_handler(number, stopped.set)
        worker.start()
        folding = asyncio.create_task(keep_folding(opened, deployment, system_clock))
        try:
            await stopped.wait()
        finally:
            folding.cancel()
            await asyncio.gather(folding, return_exceptions=True)
            await worker.stop()
