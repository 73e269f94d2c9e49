"""The console's page and static files."""

import json
from html import escape
from pathlib import Path

from starlette.requests import Request
from starlette.responses import HTMLResponse
from starlette.routing import Mount, Route

from app.static_files import HashedFiles

STATIC = Path(__file__).parent / "static"

# Nothing inline, and nothing from elsewhere. default-src does not cover the last three; frame-ancestors keeps other
# sites from framing a page with the demo key.
CONTENT_SECURITY_POLICY = (
    "default-src 'none'; "
    "script-src 'self'; "
    "style-src 'self'; "
    "img-src data:; "
    "connect-src 'self'; "
    "base-uri 'none'; "
    "form-action 'none'; "
    "frame-ancestors 'none'"
)

_ICON = (
    "data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 32 32'%3E%3Cg fill='none' "
    "stroke='%230b5cad' stroke-width='2.5'%3E%3Cpath d='M16 9v6M16 15H7v6M16 15v6M16 15h9v6'/%3E%3C/g%3E%3Cg "
    "fill='%230b5cad'%3E%3Ccircle cx='16' cy='6' r='4'/%3E%3Ccircle cx='7' cy='25' r='4'/%3E%3Ccircle cx='16' "
    "cy='25' r='4'/%3E%3Ccircle cx='25' cy='25' r='4'/%3E%3C/g%3E%3C/svg%3E"
)

_PAGE = """\
<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>Dialtree</title>
<link rel="icon" href="{icon}">
<link rel="stylesheet" href="/console/{style}">
<script type="module" src="/console/{script}"></script>
</head>
<body>
<div id="console" data-configuration="{configuration}">
<noscript>The console requires JavaScript.</noscript>
</div>
</body>
</html>
"""


def console_routes(*, demo_key: str | None, serves_graphiql: bool) -> list[Route | Mount]:
    """The routes of the page and its static files. The page contains the key: pass one in the demo only."""
    page = _page({"demoKey": demo_key, "graphiql": serves_graphiql})

    async def console(_request: Request) -> HTMLResponse:
        return HTMLResponse(
            page,
            headers={
                "Content-Security-Policy": CONTENT_SECURITY_POLICY,
                "X-Content-Type-Options": "nosniff",
                "Referrer-Policy": "no-referrer",
                # The page may contain a key, and refers to the files of this release.
                "Cache-Control": "no-store",
            },
        )

    return [Route("/", console, name="console"), Mount("/console", HashedFiles(directory=STATIC), name="console-files")]


def _page(configuration: dict[str, object]) -> str:
    manifest = json.loads((STATIC / "manifest.json").read_text(encoding="utf-8"))
    return _PAGE.format(
        icon=escape(_ICON),
        style=escape(manifest["style"]),
        script=escape(manifest["script"]),
        configuration=escape(json.dumps(configuration)),
    )
