"""The log of background work that is repeated when it fails."""

from __future__ import annotations

import logging
import sys

from domain.errors import Unavailable


class RetryLogger:
    """Logs failures: an outage of the database with one line until it is over, anything else with its traceback."""

    def __init__(self, logger: logging.Logger, what: str) -> None:
        self._logger = logger
        self._what = what
        self._is_away = False

    def exception(self) -> None:
        """Log the error that is being handled, after which the work is repeated."""
        error = sys.exception()
        if not isinstance(error, Unavailable):
            self._logger.error("%s; retrying", self._what, exc_info=error)
        elif not self._is_away:
            self._is_away = True
            self._logger.warning("%s: the database is away (%r); retrying", self._what, error.__cause__ or error)

    def success(self) -> None:
        """Log that an outage is over, if there was one."""
        if self._is_away:
            self._is_away = False
            self._logger.info("the database is back")
