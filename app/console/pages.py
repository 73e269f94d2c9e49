"""The console's page and static files."""

from pathlib import Path

from starlette.routing import Mount, Route

from app.front_end import front_end_routes

STATIC = Path(__file__).parent / "static"
DOCUMENTS = STATIC / "documents.json"
"""The operations that the console sends, by their hashes."""

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

_PAGE = f"""\
<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>Dialtree</title>
<link rel="icon" href="{_ICON}">
<link rel="stylesheet" href="/console/{{style}}">
<script type="module" src="/console/{{script}}"></script>
</head>
<body>
<div id="console" data-configuration="{{configuration}}">
<noscript>The console requires JavaScript.</noscript>
</div>
</body>
</html>
"""


def console_routes(*, demo_key: str | None, serves_graphiql: bool) -> list[Route | Mount]:
    """The routes of the page and its static files. The page contains the key: pass one in the demo only."""
    return front_end_routes(
        "console",
        path="/",
        template=_PAGE,
        configuration={"demoKey": demo_key, "graphiql": serves_graphiql},
        policy=CONTENT_SECURITY_POLICY,
        static=STATIC,
    )
