import { createEffect, createSignal, on, onCleanup, type Accessor } from 'solid-js';

const PAUSE_MILLISECONDS = 150;

/** The text, once its author pauses. */
export function afterPause(text: Accessor<string>): Accessor<string> {
  const [settled, setSettled] = createSignal('');
  createEffect(
    on(text, now => {
      const timer = window.setTimeout(() => setSettled(now.trim()), now ? PAUSE_MILLISECONDS : 0);
      onCleanup(() => window.clearTimeout(timer));
    }),
  );
  return settled;
}
