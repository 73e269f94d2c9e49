import { cacheExchange, Client, CombinedError, fetchExchange } from '@urql/core';
import { createMemo, createRoot, createSignal } from 'solid-js';
import { endSession, session } from '../session';

function createClient(headers: Record<string, string>): Client {
  return new Client({
    url: '/graphql',
    preferGetMethod: false,
    // Shows what was there at once, and asks again.
    requestPolicy: 'cache-and-network',
    exchanges: [cacheExchange, fetchExchange],
    fetchOptions: { headers },
  });
}

/** The client of the session. Another caller or acting organization gets another one, with an empty cache. */
export const client = createRoot(() =>
  createMemo(() => {
    const current = session();
    const headers: Record<string, string> = {};
    if (current) headers['Authorization'] = `Bearer ${current.token}`;
    if (current?.organizationId) headers['Dialtree-Organization'] = current.organizationId;
    return createClient(headers);
  }),
);

const [revision, setRevision] = createSignal(0);

/** Counts the changes that were made here. Queries depend on it, so each change makes all that are shown run again. */
export { revision };

export function refetchQueries(): void {
  setRevision(count => count + 1);
}

const UNREACHABLE = 'The server cannot be reached. Check your connection, then try again.';

/** What went wrong, in plain words. Without a valid token, the session is over. */
export function describeError(error: CombinedError): string {
  const [first] = error.graphQLErrors;
  if (!first) return UNREACHABLE;
  if (first.extensions['code'] === 'UNAUTHENTICATED') endSession('Your session has ended. Sign in again.');
  return first.message;
}
