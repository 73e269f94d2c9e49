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

GC_THRESHOLD = 20_000
"""New container objects before a garbage collection. A page of fifty rows allocates several hundred."""


def application() -> Starlette:
    """Create the application of this process."""
    settings = load_settings()
    configure_logging(settings.log_format)
    created = create_application(settings, demo_key=os.environ.get(DEMO_KEY), tracing=_tracing(settings))
    _tune_garbage_collector()
    return created


def _tune_garbage_collector() -> None:
    """Collect less often, and exclude the objects that live as long as the process."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(GC_THRESHOLD)


def _tracing(settings: Settings) -> Tracing | None:
    if settings.tracing == "off":
        return None
    from app.tracing import Tracing  # noqa: PLC0415 - its packages are optional

    return Tracing.exporting()
