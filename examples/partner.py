"""A partner's dashboard: the utilization of all organizations as a picture, then its changes as they happen.

pip install "gql[httpx,websockets]"
python examples/partner.py http://127.0.0.1:8000 TOKEN utilization.svg
"""

from __future__ import annotations

import argparse
import asyncio
from collections.abc import AsyncIterator
from html import escape
from pathlib import Path
from typing import Any

from gql import Client, gql
from gql.transport.httpx import HTTPXAsyncTransport
from gql.transport.websockets import WebsocketsTransport

ORGANIZATIONS = gql("""
  query Organizations($after: String) {
    organizations(first: 500, after: $after) {
      nodes { id path utilization { total inUse percent thresholdPercent thresholdReached } }
      pageInfo { hasNextPage endCursor }
    }
  }
""")
CHANGES = gql("""
  subscription Changes {
    utilizationChanged(includeDescendants: true) { organization { path } total inUse percent thresholdReached }
  }
""")


async def organizations(client: Client) -> list[dict[str, Any]]:
    """Every organization that the token may see, 500 in a request."""
    found: list[dict[str, Any]] = []
    after = None
    async with client as session:
        while True:
            ORGANIZATIONS.variable_values = {"after": after}
            page = (await session.execute(ORGANIZATIONS))["organizations"]
            found += page["nodes"]
            if not page["pageInfo"]["hasNextPage"]:
                return found
            after = page["pageInfo"]["endCursor"]


async def changes(client: Client) -> AsyncIterator[dict[str, Any]]:
    """The utilization of the root at once, and of each organization when it changes."""
    async with client as session:
        async for event in session.subscribe(CHANGES):
            yield event["utilizationChanged"]


def plot(nodes: list[dict[str, Any]]) -> str:
    """A bar for each organization as SVG, the fullest first; those above their threshold in another color."""
    rows = sorted(nodes, key=lambda node: -node["utilization"]["percent"])
    bars = []
    for index, node in enumerate(rows):
        usage, y = node["utilization"], 10 + 18 * index
        color = "#c2410c" if usage["thresholdReached"] else "#0b5cad"
        label = f"{escape(node['path'])}: {usage['percent']:.1f} % of {usage['total']:,}"
        bars.append(
            f'<rect x="10" y="{y}" width="{3 * usage["percent"]:.1f}" height="14" fill="{color}"/>'
            f'<text x="320" y="{y + 11}" font-size="11" font-family="sans-serif">{label}</text>'
        )
    size = f'width="800" height="{20 + 18 * len(rows)}"'
    return f'<svg xmlns="http://www.w3.org/2000/svg" {size}>{"".join(bars)}</svg>\n'


async def main() -> None:
    """Write the picture, then print changes."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("server", help="the server's address")
    parser.add_argument("token", help="an API key: dialtree key create --role VIEWER …")
    parser.add_argument("picture", type=Path, help="the SVG file to write")
    parser.add_argument("--changes", type=int, default=10, help="how many changes to print before it ends")
    chosen = parser.parse_args()

    headers = {"Authorization": f"Bearer {chosen.token}"}
    http = HTTPXAsyncTransport(url=f"{chosen.server}/graphql", headers=headers)
    nodes = await organizations(Client(transport=http))
    chosen.picture.write_text(plot(nodes), encoding="utf-8")
    print(f"{len(nodes)} organizations in {chosen.picture}", flush=True)

    socket = WebsocketsTransport(
        url=f"{chosen.server.replace('http', 'ws', 1)}/graphql",
        init_payload=headers,
        subprotocols=[WebsocketsTransport.GRAPHQLWS_SUBPROTOCOL],
    )
    remaining = chosen.changes
    async for usage in changes(Client(transport=socket)):
        print(f"{usage['organization']['path']}: {usage['inUse']} of {usage['total']} in use", flush=True)
        remaining -= 1
        if not remaining:
            break


if __name__ == "__main__":
    asyncio.run(main())
