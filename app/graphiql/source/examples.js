// Example tabs whose variables hold ids of the demo's inventory, so that they run as they stand.

const PATIENCE_MILLISECONDS = 3000;

export async function exampleTabs({ demoKey, examples, idsQuery }, url) {
  const ids = demoKey ? await demoIds(demoKey, idsQuery, url) : {};
  return examples.map(({ query, variables }) => ({ query, variables: variables && fillIn(variables, ids) }));
}

// An id that is not known leaves the hint that stands in the example: it says where to find one.
function fillIn(variables, ids) {
  return variables.replace(/"(\w+)": "[^"\\]*"/g, (pair, name) => (ids[name] ? `"${name}": ${JSON.stringify(ids[name])}` : pair));
}

async function demoIds(demoKey, query, url) {
  try {
    const response = await fetch(url, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json', Authorization: `Bearer ${demoKey}` },
      body: JSON.stringify({ query }),
      signal: AbortSignal.timeout(PATIENCE_MILLISECONDS),
    });
    return pickIds((await response.json()).data);
  } catch {
    return {}; // The examples are still worth showing; their hints say what to paste.
  }
}

function pickIds({ viewer, phoneNumbers }) {
  const { inventory, children } = viewer.actingOrganization;
  const child = mostAvailable(children.nodes.map(node => ({ ...mostAvailable(node.inventory), id: node.id })));
  return {
    childId: child?.id,
    childSeriesId: child?.series?.id,
    seriesId: mostAvailable(inventory)?.series.id,
    reservedNumberId: phoneNumbers.nodes[0]?.id,
  };
}

function mostAvailable(rows) {
  return rows.reduce((best, row) => ((row.available ?? 0) > (best?.available ?? -1) ? row : best), undefined);
}
