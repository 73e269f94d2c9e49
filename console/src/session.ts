// Who is signed in, and where they act from. Kept in the tab's session storage: a reload keeps it, closing the tab ends it.
import { createSignal } from 'solid-js';

interface Configuration {
  /** In a demo, the key that signs in by one click. */
  readonly demoKey: string | null;
  readonly graphiql: boolean;
}

export interface Session {
  readonly token: string;
  /** When the token expires; null for an API key. */
  readonly expiresAt: string | null;
  /** The organization that the user acts from; null for the one where they hold their role. */
  readonly organizationId: string | null;
}

const STORAGE_KEY = 'dialtree.session';

export const configuration = JSON.parse(
  document.getElementById('console')?.dataset['configuration'] ?? '{}',
) as Configuration;

function storedSession(): Session | null {
  const stored = sessionStorage.getItem(STORAGE_KEY);
  return stored === null ? null : (JSON.parse(stored) as Session);
}

const [session, setSession] = createSignal(storedSession());
const [endReason, setEndReason] = createSignal('');

export { endReason, session };

function keep(next: Session | null): void {
  if (next) sessionStorage.setItem(STORAGE_KEY, JSON.stringify(next));
  else sessionStorage.removeItem(STORAGE_KEY);
  setSession(next);
}

export function startSession(token: string, expiresAt: string | null): void {
  setEndReason('');
  keep({ token, expiresAt, organizationId: null });
}

export function replaceToken(token: string, expiresAt: string | null): void {
  const current = session();
  if (current) keep({ ...current, token, expiresAt });
}

export function actFrom(organizationId: string | null): void {
  const current = session();
  if (current) keep({ ...current, organizationId });
}

/** Forgets the token; the reason is shown on the sign-in page. */
export function endSession(reason = ''): void {
  setEndReason(reason);
  keep(null);
}
