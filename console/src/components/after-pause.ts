import { createEffect, createSignal, on, onCleanup, type Accessor } from 'solid-js';

const PAUSE_MILLISECONDS = 150;

export interface Paused {
  /** The text as it was at the author's last pause, without spaces around it. */
  readonly text: Accessor<string>;
  /** Whether something else has been typed since. */
  readonly typing: Accessor<boolean>;
}

/** The text, once its author pauses. */
export function afterPause(text: Accessor<string>): Paused {
  const [settled, setSettled] = createSignal('');
  createEffect(
    on(text, now => {
      const timer = window.setTimeout(() => setSettled(now.trim()), now ? PAUSE_MILLISECONDS : 0);
      onCleanup(() => window.clearTimeout(timer));
    }),
  );
  return { text: settled, typing: () => text().trim() !== settled() };
}
