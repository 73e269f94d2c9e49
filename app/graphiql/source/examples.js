// Example tabs. In the demo, their variables are filled with ids from the demo inventory, so that they can be run at once.

const TIMEOUT_MILLISECONDS = 3000;

export async function exampleTabs({ demoKey, examples, idsQuery }, url) {
  const ids = demoKey ? await demoIds(demoKey, idsQuery, url) : {};
  return examples.map(({ query, variables }) => ({ query, variables: variables && fillIn(variables, ids) }));
}

// Unknown ids keep the example's placeholder, which says where to find one.
function fillIn(variables, ids) {
  return variables.replace(/"(\w+)": "[^"\\]*"/g, (pair, name) => (ids[name] ? `"${name}": ${JSON.stringify(ids[name])}` : pair));
}

async function demoIds(demoKey, query, url) {
  try {
    const response = await fetch(url, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json', Authorization: `Bearer ${demoKey}` },
      body: JSON.stringify({ query }),
      signal: AbortSignal.timeout(TIMEOUT_MILLISECONDS),
    });
    return pickIds((await response.json()).data);
  } catch {
    return {}; // Show the examples with their placeholders instead.
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
