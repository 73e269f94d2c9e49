"""The application factory for uvicorn's worker processes; it reads the settings from the environment."""

from __future__ import annotations

import gc
import os
from typing import TYPE_CHECKING

from starlette.applications import Starlette

from app.application import create_application
from app.environment import DEMO_KEY
from app.logs import configure_logging
from app.settings import Settings, load_settings

if TYPE_CHECKING:
    from app.tracing import Tracing

GC_THRESHOLDS = (20_000, 5, 50)
"""How many new container objects there are before a collection of the youngest ones, and how many collections before
one of the next generation. A page of fifty rows allocates several hundred objects; a collection of 100,000 holds the
event loop for 40 ms, and one of all objects longer, if a large operation is running.
"""


def application() -> Starlette:
    """Create the application of this process."""
    settings = load_settings()
    configure_logging(settings.log_format)
    created = create_application(settings, demo_key=os.environ.get(DEMO_KEY), tracing=_tracing(settings))
    tune_garbage_collector()
    return created


def tune_garbage_collector() -> None:
    """Collect less often, and exclude the objects that live as long as the process."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(*GC_THRESHOLDS)


def _tracing(settings: Settings) -> Tracing | None:
    if settings.tracing == "off":
        return None
    from app.tracing import Tracing  # noqa: PLC0415 - its packages are optional

    return Tracing.exporting()
