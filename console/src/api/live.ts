// Changes that others make: a notice over a WebSocket makes the queries on the page run again.
import { createClient, type Client } from 'graphql-ws';
import { createEffect, createMemo, createRoot, onCleanup } from 'solid-js';
import { session } from '../session';
import { refetchQueries } from './client';
import { NumbersChangedDocument, type TypedDocumentString } from './generated';

const PAUSE_MILLISECONDS = 1000;
const FORBIDDEN = 4403;

let timer: number | undefined;

/** Many changes in a second are one reason to look again. */
function refetchSoon(): void {
  timer ??= window.setTimeout(() => {
    timer = undefined;
    refetchQueries();
  }, PAUSE_MILLISECONDS);
}

function connect(token: string, organizationId: string | null): Client {
  const connectionParams: Record<string, string> = { Authorization: `Bearer ${token}` };
  if (organizationId) connectionParams['Dialtree-Organization'] = organizationId;
  let connectedBefore = false;
  return createClient({
    url: new URL('/graphql', location.href.replace(/^http/, 'ws')).href,
    connectionParams,
    retryAttempts: Infinity,
    // A token that has ended is noticed by the next query, which signs out.
    shouldRetry: reason => !(reason instanceof CloseEvent && reason.code === FORBIDDEN),
    on: {
      connected: () => {
        if (connectedBefore) refetchSoon(); // Nobody knows what was missed.
        connectedBefore = true;
      },
    },
  });
}

const socket = createRoot(() =>
  createMemo(() => {
    const current = session();
    if (!current) return null;
    const client = connect(current.token, current.organizationId);
    onCleanup(() => void client.dispose());
    return client;
  }),
);

/** Subscribes for as long as the component is there; each message makes the queries run again. */
export function refetchOn<Data, Variables extends Record<string, unknown>>(
  document: TypedDocumentString<Data, Variables>,
  variables: Variables,
): void {
  createEffect(() => {
    const unsubscribe = socket()?.subscribe(
      { query: document.toString(), variables },
      // Without a connection the page works as before, and is as old as its last query.
      { next: refetchSoon, error: () => undefined, complete: () => undefined },
    );
    if (unsubscribe) onCleanup(unsubscribe);
  });
}

export function followNumbers(): void {
  refetchOn(NumbersChangedDocument, {});
}
