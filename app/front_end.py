"""The page of a built front end and its files."""

from __future__ import annotations

import json
import os
from html import escape
from pathlib import Path
from typing import Any

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles
from starlette.types import Scope


class HashedFiles(StaticFiles):
    """Static files with content hashes in their names, which browsers may cache."""

    def file_response(
        self,
        full_path: str | os.PathLike[str],
        stat_result: os.stat_result,
        scope: Scope,
        status_code: int = 200,
    ) -> Response:
        """The response with a file."""
        response = super().file_response(full_path, stat_result, scope, status_code)
        response.headers["X-Content-Type-Options"] = "nosniff"
        hashed = Path(full_path).suffix in {".js", ".css"}
        response.headers["Cache-Control"] = "public, max-age=31536000, immutable" if hashed else "public, max-age=3600"
        return response


def front_end_routes(
    name: str, *, path: str, template: str, configuration: dict[str, Any], policy: str, static: Path
) -> list[Route | Mount]:
    """The routes of a page, and of its files below `/name`.

    The template has places for `configuration`, `style` and `script`; `manifest.json` names the last two.
    """
    manifest = json.loads((static / "manifest.json").read_text(encoding="utf-8"))
    page = template.format(
        style=escape(manifest["style"]),
        script=escape(manifest["script"]),
        configuration=escape(json.dumps(configuration)),
    )
    headers = {
        "Content-Security-Policy": policy,
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": "no-referrer",
        # The page may contain a key, and refers to the files of this release.
        "Cache-Control": "no-store",
    }

    async def serve(_request: Request) -> HTMLResponse:
        return HTMLResponse(page, headers=headers)

    return [Route(path, serve, name=name), Mount(f"/{name}", HashedFiles(directory=static), name=f"{name}-files")]
