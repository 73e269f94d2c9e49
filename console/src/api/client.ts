import { cacheExchange, Client, fetchExchange } from '@urql/core';
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

/** The headers of a request of the session. */
export function sessionHeaders(): Record<string, string> {
  const current = session();
  const headers: Record<string, string> = {};
  if (current) headers['Authorization'] = `Bearer ${current.token}`;
  if (current?.organizationId) headers['Dialtree-Organization'] = current.organizationId;
  return headers;
}

/** The client of the session. Another caller or acting organization gets another one, with an empty cache. */
export const client = createRoot(() => createMemo(() => createClient(sessionHeaders())));

const [revision, setRevision] = createSignal(0);

/** Counts the changes that were made here. Queries depend on it, so each change makes all that are shown run again. */
export { revision };

export function refetchQueries(): void {
  setRevision(count => count + 1);
}

const UNREACHABLE = 'The server cannot be reached. Check your connection, then try again.';

interface ServerError {
  readonly message: string;
  readonly extensions?: Readonly<Record<string, unknown>>;
}

/** What went wrong, in plain words. Without a valid token, the session is over. */
export function describeError({ graphQLErrors: [first] }: { readonly graphQLErrors: readonly ServerError[] }): string {
  if (!first) return UNREACHABLE;
  if (first.extensions?.['code'] === 'UNAUTHENTICATED') endSession('Your session has ended. Sign in again.');
  return first.message;
}
