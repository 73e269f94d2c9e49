"""GraphiQL's page and static files."""

import json
from html import escape
from pathlib import Path

from starlette.requests import Request
from starlette.responses import HTMLResponse
from starlette.routing import Mount, Route

from app.graphiql.examples import examples, ids_query
from app.static_files import HashedFiles

STATIC = Path(__file__).parent / "static"

# Monaco and GraphiQL create style elements at run time, hence 'unsafe-inline' for styles only.
# default-src does not cover the last three; frame-ancestors keeps other sites from framing a page with the demo key.
CONTENT_SECURITY_POLICY = (
    "default-src 'none'; "
    "script-src 'self'; "
    "worker-src 'self'; "
    "style-src 'self' 'unsafe-inline'; "
    "font-src 'self' data:; "
    "img-src 'self' data:; "
    "connect-src 'self'; "
    "base-uri 'none'; "
    "form-action 'none'; "
    "frame-ancestors 'none'"
)

_PAGE = """\
<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Dialtree GraphiQL</title>
<link rel="icon" href="/graphiql/icon.svg">
<link rel="stylesheet" href="/graphiql/{style}">
<script type="module" src="/graphiql/{script}"></script>
</head>
<body>
<div id="graphiql" data-configuration="{configuration}">
<p class="graphiql-loading">Loading GraphiQL, which requires JavaScript …</p>
</div>
</body>
</html>
"""


def graphiql_routes(*, demo_key: str | None) -> list[Route | Mount]:
    """The routes of the page and its static files. The page contains the key: pass one in the demo only."""
    page = _page(demo_key)

    async def graphiql(_request: Request) -> HTMLResponse:
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

    return [
        Route("/graphiql", graphiql, name="graphiql"),
        Mount("/graphiql", HashedFiles(directory=STATIC), name="graphiql-files"),
    ]


def _page(demo_key: str | None) -> str:
    manifest = json.loads((STATIC / "manifest.json").read_text(encoding="utf-8"))
    configuration = {
        "demoKey": demo_key,
        "idsQuery": ids_query(),
        "examples": [{"query": example.query, "variables": example.variables} for example in examples()],
    }
    return _PAGE.format(
        style=escape(manifest["style"]),
        script=escape(manifest["script"]),
        configuration=escape(json.dumps(configuration)),
    )
