import type { AnyVariables } from '@urql/core';
import { createEffect, createSignal, on, onCleanup, type Accessor } from 'solid-js';
import { createStore, reconcile } from 'solid-js/store';
import { client, describeError, revision } from './client';
import type { TypedDocumentString } from './generated';

export interface Query<Data> {
  /** The newest data. While other variables load, still that of the previous ones, so that nothing jumps. */
  readonly data: Accessor<Data | undefined>;
  readonly error: Accessor<string | undefined>;
  readonly loading: Accessor<boolean>;
}

/** Runs a query whenever its variables change and after each mutation; null variables pause it. */
export function createQuery<Data, Variables extends AnyVariables>(
  document: TypedDocumentString<Data, Variables>,
  variables: () => Variables | null,
): Query<Data> {
  const [state, setState] = createStore<{ data?: Data }>({});
  const [error, setError] = createSignal<string>();
  const [loading, setLoading] = createSignal(true);

  createEffect(
    on([client, variables, revision], ([current, given]) => {
      if (given === null) return;
      setLoading(true);
      const { unsubscribe } = current.query<Data>(document.toString(), given).subscribe(result => {
        // A copy, because the store changes its objects in place, and the cache keeps the original.
        if (result.data) setState('data', reconcile(structuredClone(result.data), { key: 'id' }));
        setError(result.error && describeError(result.error));
        setLoading(result.stale);
      });
      onCleanup(unsubscribe);
    }),
  );
  return { data: () => state.data, error, loading };
}

/** The result of a query that runs once, such as a download link. Throws an error with a message for people. */
export async function fetchOnce<Data, Variables extends AnyVariables>(
  document: TypedDocumentString<Data, Variables>,
  variables: Variables,
): Promise<Data> {
  const result = await client().query<Data>(document.toString(), variables, { requestPolicy: 'network-only' });
  if (result.error || !result.data) throw new Error(result.error && describeError(result.error));
  return result.data;
}
