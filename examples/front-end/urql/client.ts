import { cacheExchange, type Cache, type KeyingConfig } from '@urql/exchange-graphcache';
import { relayPagination } from '@urql/exchange-graphcache/extras';
import { Client, fetchExchange, mapExchange, subscriptionExchange } from 'urql';
import { createLiveClient } from '../shared/live';
import { patientFetch } from '../shared/patient-fetch';
import { headersOf, isSignedOut, type Session } from '../shared/session';
import schema from './__generated__/schema.json';

/** Objects have an `id`; everything else (payloads, pages, counts) belongs to the object that it was asked from. */
const keys: KeyingConfig = Object.fromEntries(
  (schema.__schema.types as { kind: string; name: string; fields?: { name: string }[] }[])
    .filter(({ kind, fields }) => kind === 'OBJECT' && !fields?.some(({ name }) => name === 'id'))
    .map(({ name }) => [name, () => null]),
);

/** Removes numbers from all lists. */
function removeNumbers(cache: Cache, ids: readonly string[]): void {
  for (const { fieldName, fieldKey } of cache.inspectFields('Query')) {
    if (fieldName !== 'phoneNumbers') continue;
    const list = cache.resolve('Query', fieldKey) as string;
    const edges = cache.resolve(list, 'edges') as string[];
    const kept = edges.filter(edge => !ids.includes(cache.resolve(cache.resolve(edge, 'node') as string, 'id') as string));
    cache.link(list, 'edges', kept);
  }
}

/** A client with the cache of one session. */
export function createUrqlClient(url: string, session: Session, onSignedOut: () => void): Client {
  const live = createLiveClient(url, session);
  return new Client({
    url,
    preferGetMethod: false,
    fetch: patientFetch,
    fetchOptions: { headers: headersOf(session) },
    exchanges: [
      mapExchange({
        onError({ graphQLErrors }) {
          if (graphQLErrors.some(isSignedOut)) onSignedOut();
        },
      }),
      cacheExchange({
        schema,
        keys,
        resolvers: { Query: { phoneNumbers: relayPagination() } },
        updates: {
          Subscription: {
            phoneNumbersChanged(result, _variables, cache) {
              removeNumbers(cache, (result.phoneNumbersChanged as { goneIds: string[] }).goneIds);
            },
          },
        },
      }),
      fetchExchange,
      subscriptionExchange({
        forwardSubscription: ({ query, variables }) => ({
          subscribe: sink => ({ unsubscribe: live.subscribe({ query: query!, variables }, sink) }),
        }),
      }),
    ],
  });
}
