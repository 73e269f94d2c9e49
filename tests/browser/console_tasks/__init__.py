"""What the product documentation tells a person to do, as clicks in the console: a module for each page."""

from tests.browser.console_tasks import bulk, dashboard, numbers, search, users  # noqa: F401 - each adds its tasks
from tests.browser.console_tasks.steps import TASKS

__all__ = ["TASKS"]
