import { createSignal, type Accessor } from 'solid-js';
import { client, describeError, refetchQueries } from './client';
import type { RefusalFragment, TypedDocumentString } from './generated';

export type Payload<Data> = NonNullable<Data[keyof Data]>;

/** The input of a mutation but for its key, which `createAction` adds. */
export type Input<Variables extends { input: object }> = Omit<Variables['input'], 'idempotencyKey'>;

interface Action<Data, Variables extends { input: object }> {
  /** Runs the mutation. The payload, or null if it was refused or failed: then `errors` says why. */
  readonly run: (input: Input<Variables>) => Promise<Payload<Data> | null>;
  readonly errors: Accessor<readonly FormError[]>;
  /** The payload of the last run, which tells more of a refusal, such as the lines at fault. */
  readonly payload: Accessor<Payload<Data> | null>;
  readonly pending: Accessor<boolean>;
}

export type FormError = Pick<RefusalFragment, 'message' | 'path'>;

/** A random UUID. `crypto.randomUUID` is missing on pages that were not loaded over HTTPS or from this machine. */
function randomKey(): string {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), byte => byte.toString(16).padStart(2, '0')).join('');
}

/** A mutation with the argument `input`. A repetition of the same input after a failure carries the same key. */
export function createAction<Data extends object, Variables extends { input: object }>(
  document: TypedDocumentString<Data, Variables>,
  { idempotent = true } = {},
): Action<Data, Variables> {
  const [errors, setErrors] = createSignal<readonly FormError[]>([]);
  const [payload, setPayload] = createSignal<Payload<Data> | null>(null);
  const [pending, setPending] = createSignal(false);
  let unanswered: { text: string; key: string } | null = null;

  function withKey(input: object): object {
    if (!idempotent) return input;
    const text = JSON.stringify(input);
    if (unanswered?.text !== text) unanswered = { text, key: randomKey() };
    return { ...input, idempotencyKey: unanswered.key };
  }

  async function run(input: Input<Variables>): Promise<Payload<Data> | null> {
    setPending(true);
    setErrors([]);
    setPayload(null);
    const result = await client().mutation<Data>(document.toString(), { input: withKey(input) }).toPromise();
    setPending(false);
    if (result.error) {
      setErrors([{ message: describeError(result.error), path: [] }]);
      return null;
    }
    unanswered = null;
    const answer = Object.values(result.data ?? {}).find(value => typeof value === 'object') as
      | (Payload<Data> & { userErrors: readonly FormError[] })
      | undefined;
    if (!answer) return null;
    setPayload(() => answer);
    setErrors(answer.userErrors);
    if (answer.userErrors.length > 0) return null;
    refetchQueries();
    return answer;
  }
  return { run, errors, payload, pending };
}
