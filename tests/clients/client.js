// Runs the operation on standard input with one of the clients, and prints each result, error and completion as a line.
import { readFileSync } from 'node:fs';
import { createClient as createEvents } from 'graphql-sse';
import { createClient as createSocket } from 'graphql-ws';
import WebSocket from 'ws';

const [kind, address, token] = process.argv.slice(2);
const operation = JSON.parse(readFileSync(0, 'utf8'));
const headers = { Authorization: `Bearer ${token}` };
const client =
  kind === 'graphql-ws'
    ? createSocket({
        url: `${address.replace('http', 'ws')}/graphql`,
        connectionParams: headers,
        webSocketImpl: WebSocket,
        shouldRetry: () => true,
      })
    : createEvents({ url: `${address}/graphql`, headers });
const print = line => process.stdout.write(`${JSON.stringify(line)}\n`);

client.subscribe(operation, {
  next: result => print({ next: result }),
  error: error => {
    print({ error: Array.isArray(error) ? error : { code: error.code ?? error.response?.status ?? String(error) } });
    process.exit();
  },
  complete: () => {
    print('complete');
    process.exit();
  },
});
