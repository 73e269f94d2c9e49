"""GraphiQL's page and static files."""

from pathlib import Path

from starlette.routing import Mount, Route

from app.front_end import front_end_routes
from app.graphiql.examples import examples, ids_query

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
    return front_end_routes(
        "graphiql",
        path="/graphiql",
        template=_PAGE,
        configuration={
            "demoKey": demo_key,
            "idsQuery": ids_query(),
            "examples": [{"query": example.query, "variables": example.variables} for example in examples()],
        },
        policy=CONTENT_SECURITY_POLICY,
        static=STATIC,
    )
