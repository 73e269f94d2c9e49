"""Run several worker processes that share a listening socket; replace those that die, and stop them together.

uvicorn's own supervisor kills a worker that does not answer for some seconds, which on a loaded machine is one that is
starting, waits for ever for a worker that does not stop, and leaves workers behind if it is killed itself.
"""

from __future__ import annotations

import contextlib
import logging
import multiprocessing
import os
import signal
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from multiprocessing.connection import wait
from multiprocessing.context import SpawnProcess
from socket import socket
from types import FrameType

import uvicorn
from uvicorn.config import STARTUP_FAILURE

POLL_SECONDS = 0.2
KILL_AFTER_SECONDS = 15
"""How long workers may take to stop beyond the time for their running requests; then they are killed."""

STABLE_SECONDS = 10
"""A worker that dies earlier is replaced after a pause, which doubles."""

MAX_PAUSE_SECONDS = 30

logger = logging.getLogger("dialtree")


@dataclass
class _Worker:
    """A place among the workers, and the process that fills it, unless it waits for a replacement."""

    process: SpawnProcess | None = None
    started_at: float = 0
    start_at: float = 0
    starts: int = 0
    early_deaths: int = 0


class Supervisor:
    """Runs uvicorn in `count` processes. `ended` is called with the id of each process that has ended."""

    def __init__(
        self, config: uvicorn.Config, listener: socket, *, count: int, ended: Callable[[int], None] = lambda _: None
    ) -> None:
        self._config = config
        self._listener = listener
        self._workers = [_Worker() for _ in range(count)]
        self._ended = ended
        self._stops = False

    def run(self) -> int:
        """Serve until SIGINT or SIGTERM, and return the exit status."""
        with self._handling_signals():
            try:
                status = self._supervise()
            finally:
                self._stop_workers()
        return status

    def _supervise(self) -> int:
        while not self._stops:
            for worker in self._workers:
                if worker.process is not None and worker.process.exitcode is not None and not self._bury(worker):
                    return 1
                if worker.process is None and time.monotonic() >= worker.start_at:
                    self._start(worker)
            wait([worker.process.sentinel for worker in self._workers if worker.process], POLL_SECONDS)
        return 0

    def _start(self, worker: _Worker) -> None:
        process = multiprocessing.get_context("spawn").Process(target=_work, args=(self._config, self._listener))
        # Ctrl-C goes to all processes: ignored until uvicorn handles it, it cannot interrupt the imports of a worker.
        handler = signal.signal(signal.SIGINT, signal.SIG_IGN)
        try:
            process.start()
        finally:
            signal.signal(signal.SIGINT, handler)
        worker.process, worker.started_at = process, time.monotonic()
        worker.starts += 1
        logger.info("started worker %s", process.pid)

    def _bury(self, worker: _Worker) -> bool:
        """Note that a worker's process has ended; return False if the server cannot start at all."""
        process, worker.process = worker.process, None
        if process is None or process.pid is None:
            return True
        self._ended(process.pid)
        if worker.starts == 1 and process.exitcode == STARTUP_FAILURE:
            logger.error("worker %s could not start; stopping the server", process.pid)
            return False
        now = time.monotonic()
        worker.early_deaths = worker.early_deaths + 1 if now - worker.started_at < STABLE_SECONDS else 0
        pause = min(2.0 ** (worker.early_deaths - 1), MAX_PAUSE_SECONDS) if worker.early_deaths else 0.0
        worker.start_at = now + pause
        logger.error("worker %s ended unexpectedly (%s); replacing it", process.pid, _cause(process.exitcode))
        return True

    def _stop_workers(self) -> None:
        """Let the workers finish their requests; kill those that take too long."""
        self._listener.close()
        processes = [worker.process for worker in self._workers if worker.process]
        for process in processes:
            process.terminate()
        end = time.monotonic() + (self._config.timeout_graceful_shutdown or 0) + KILL_AFTER_SECONDS
        for process in processes:
            process.join(max(end - time.monotonic(), 0))
            if process.exitcode is None:
                logger.error("worker %s does not stop; killing it", process.pid)
                process.kill()
                process.join()
        logger.info("all workers have stopped")

    @contextlib.contextmanager
    def _handling_signals(self) -> Iterator[None]:
        def stop(_number: int, _frame: FrameType | None) -> None:
            self._stops = True

        previous = {number: signal.signal(number, stop) for number in (signal.SIGINT, signal.SIGTERM)}
        try:
            yield
        finally:
            for number, handler in previous.items():
                signal.signal(number, handler)


def _cause(exitcode: int | None) -> str:
    if exitcode is not None and exitcode < 0:
        return signal.Signals(-exitcode).name
    return f"exit status {exitcode}"


def _work(config: uvicorn.Config, listener: socket) -> None:
    """Serve in this process."""
    threading.Thread(target=_stop_with_parent, daemon=True).start()
    # It switches off the log of uvicorn, whose lines would contain the secrets of links.
    config.configure_logging()
    with contextlib.suppress(KeyboardInterrupt):
        uvicorn.Server(config).run([listener])


def _stop_with_parent() -> None:
    """Stop this process when its parent has ended, however it did."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        wait([parent.sentinel])
        os.kill(os.getpid(), signal.SIGTERM)
