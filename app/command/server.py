"""`dialtree serve`."""

from __future__ import annotations

import contextlib
import errno
import logging
import math
import os
import socket
import sys
import tempfile
from collections.abc import Iterator
from functools import partial
from typing import Annotated, NoReturn

import typer
import uvicorn
from prometheus_client.multiprocess import mark_process_dead

from app.command.terminal import check_file, database, fail, progress_bar, run, settings
from app.database_errors import POOLER_SETTING, describe
from app.demo import prepare_demo
from app.environment import DEMO_KEY, METRICS_FOLDER, log_configuration
from app.logs import configure_logging
from app.protocol import LimitedProtocol
from app.settings import Settings
from app.startup import when_available
from app.supervisor import Supervisor
from app.websocket_protocol import MAX_MESSAGE_BYTES, PING_SECONDS, LimitedWebSocketProtocol
from db.core.engines import open_database
from db.core.migrations import database_state
from resolvers.core.context import system_clock

logger = logging.getLogger("dialtree")

BACKLOG = 2048
"""Connections that wait to be accepted."""


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
    log_configuration(chosen)
    # Before anything is changed, such as the demo's database.
    with _bind(host, port, demo=demo) as listener:
        address = f"http://{f'[{host}]' if ':' in host else host}:{port}"
        run(_prepare(chosen, demo=demo, address=address))
        if chosen.pooler_url:
            run(_reach_pooler(chosen), url=chosen.pooler_url, setting=POOLER_SETTING)
        try:
            listener.listen(BACKLOG)
        except OSError as error:
            _refuse(error, host, port, demo=demo)
        logger.info("serving on %s with %s", address, "1 process" if workers == 1 else f"{workers} workers")
        sys.exit(_run(_configuration(chosen, workers), listener))


def _run(config: uvicorn.Config, listener: socket.socket) -> int:
    """Serve until SIGINT or SIGTERM, and return the exit status."""
    if config.workers == 1:
        with contextlib.suppress(KeyboardInterrupt):
            uvicorn.Server(config).run([listener])
        return 0
    with _metrics_folder():
        return Supervisor(config, listener, count=config.workers, ended=mark_process_dead).run()


def _configuration(chosen: Settings, workers: int) -> uvicorn.Config:
    return uvicorn.Config(
        "app.serving:application",
        factory=True,
        workers=workers,
        log_config=None,
        access_log=False,
        http=LimitedProtocol,
        ws=LimitedWebSocketProtocol,
        ws_max_size=MAX_MESSAGE_BYTES,
        ws_ping_interval=PING_SECONDS,
        ws_ping_timeout=PING_SECONDS,
        ws_per_message_deflate=False,
        server_header=False,
        proxy_headers=bool(chosen.trusted_proxies),
        forwarded_allow_ips=chosen.proxy_networks,
        # Every request but a download has ended by then, and subscriptions end at once.
        timeout_graceful_shutdown=math.ceil(chosen.request_seconds),
    )


@contextlib.contextmanager
def _metrics_folder() -> Iterator[None]:
    """The folder in which workers keep their metrics; prometheus_client looks for it when a worker imports it."""
    with tempfile.TemporaryDirectory(prefix="dialtree-metrics-", ignore_cleanup_errors=True) as folder:
        os.environ[METRICS_FOLDER] = folder
        yield


def _bind(host: str, port: int, *, demo: bool) -> socket.socket:
    listener = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
    except OSError as error:
        listener.close()
        _refuse(error, host, port, demo=demo)
    return listener


def _refuse(error: OSError, host: str, port: int, *, demo: bool) -> NoReturn:
    if isinstance(error, socket.gaierror) or error.errno == errno.EADDRNOTAVAIL:
        fail(f"this machine has no address {host!r} to listen on. Choose another one with --host.")
    if error.errno == errno.EACCES:
        fail(f"this user may not listen on port {port}. Choose one from 1024 up with --port.")
    if error.errno != errno.EADDRINUSE:
        fail(f"cannot listen on {host}:{port}: {error.strerror}.")
    other = f"`PORT={port + 1} make run` or `dialtree serve --demo --port {port + 1}`" if demo else f"--port {port + 1}"
    fail(f"port {port} on {host} is in use, perhaps by another Dialtree. Stop that program, or choose a port: {other}.")


async def _reach_pooler(chosen: Settings) -> None:
    connect = partial(open_database, chosen.database_url, pooler_url=chosen.pooler_url)
    opened = await when_available(connect, describe=lambda error: describe(error, chosen.pooler_url, POOLER_SETTING))
    await opened.close()


async def _prepare(chosen: Settings, *, demo: bool, address: str) -> None:
    url = chosen.database_url
    check_file(url)
    await when_available(lambda: database_state(url), describe=lambda error: describe(error, url))
    async with database(url) as opened:
        if not demo:
            return
        with progress_bar("Generating an inventory", None) as progress:
            credentials = await prepare_demo(opened, system_clock, progress)
    if credentials is None:
        fail(f"{url} contains another inventory than the demo's; serve it without --demo.")
    os.environ[DEMO_KEY] = credentials.key
    typer.echo(
        f"\n  Console    {address}/\n  GraphiQL   {address}/graphiql\n"
        f"  Owner      {credentials.email}   password  {credentials.password}\n"
        f"  API key    {credentials.key}\n"
    )
