import { onCleanup, onMount } from 'solid-js';
import { client } from '../api/client';
import { RenewSessionDocument } from '../api/generated';
import { replaceToken, session } from '../session';

const CHECK_MILLISECONDS = 5 * 60_000;
const RENEW_WITHIN_MILLISECONDS = 6 * 3_600_000;

async function renewIfDue(): Promise<void> {
  const expiresAt = session()?.expiresAt;
  if (!expiresAt || Date.parse(expiresAt) - Date.now() > RENEW_WITHIN_MILLISECONDS) return;
  const { data } = await client().mutation(RenewSessionDocument.toString(), {}).toPromise();
  const renewed = data?.renewSession;
  if (renewed?.token) replaceToken(renewed.token, renewed.expiresAt ?? null);
}

/** Exchanges the token for a fresh one before it expires, for as long as the page is open. */
export function keepSession(): void {
  onMount(() => {
    void renewIfDue();
    const timer = window.setInterval(() => void renewIfDue(), CHECK_MILLISECONDS);
    onCleanup(() => window.clearInterval(timer));
  });
}
