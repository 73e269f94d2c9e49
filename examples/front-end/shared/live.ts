import { createClient, type Client, type Sink, type SubscribePayload } from 'graphql-ws';
import { headersOf, type Session } from './session';

const FORBIDDEN = 4403;

/**
 * One WebSocket for all subscriptions of a session. It connects with the first, and again whenever it is lost, unless
 * the token has ended. `phoneNumbersChanged` then continues after the last change received, so that none is missed.
 * (With `iterate` it would begin where it did before.)
 */
export function createLiveClient(url: string, session: Session): Client {
  const client = createClient({
    url: url.replace(/^http/, 'ws'),
    connectionParams: () => headersOf(session),
    retryAttempts: Infinity,
    shouldRetry: event => (event as CloseEvent).code !== FORBIDDEN,
  });
  return { ...client, subscribe: (operation, sink) => subscribeAgain(client, operation, sink) };
}

/** Subscribes with variables that are sent again after the connection was lost: with the last cursor as `after`. */
function subscribeAgain(client: Client, operation: SubscribePayload, sink: Sink<any>): () => void {
  const variables = { ...operation.variables };
  return client.subscribe<any, any>(
    { ...operation, variables },
    {
      ...sink,
      next(result) {
        const cursor = result.data?.phoneNumbersChanged?.cursor;
        if (cursor) variables.after = cursor;
        sink.next(result);
      },
    },
  );
}
