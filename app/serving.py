"""The application as uvicorn's processes make it: from the settings in the environment."""

from __future__ import annotations

import gc
import os
from typing import TYPE_CHECKING

from starlette.applications import Starlette

from app.application import create_application
from app.logs import configure_logging
from app.settings import Settings, load_settings

if TYPE_CHECKING:
    from app.tracing import Tracing

DEMO_KEY = "DIALTREE_DEMO_KEY"
"""How `dialtree serve --demo` hands the demo's key to its processes; not a setting."""


NEW_OBJECTS = 20_000
"""After how many new objects Python looks for garbage that refers to itself; a page of fifty makes several hundred."""


def application() -> Starlette:
    """The application of this process."""
    settings = load_settings()
    configure_logging(settings.log_format)
    made = create_application(settings, demo_key=os.environ.get(DEMO_KEY), tracing=_tracing(settings))
    _spare_the_collector()
    return made


def _spare_the_collector() -> None:
    """Let Python look for garbage more seldom, and never among what lasts as long as the process."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(NEW_OBJECTS)


def _tracing(settings: Settings) -> Tracing | None:
    if settings.tracing == "off":
        return None
    from app.tracing import Tracing  # noqa: PLC0415 - its packages need not be there where it is off

    return Tracing.exporting()
