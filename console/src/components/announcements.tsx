// What was done, said in a corner and to screen readers.
import { createSignal, Show, type JSX } from 'solid-js';

const SHOWN_MILLISECONDS = 6000;

const [message, setMessage] = createSignal('');
let timer = 0;

export function announce(text: string): void {
  window.clearTimeout(timer);
  setMessage(text);
  timer = window.setTimeout(() => setMessage(''), SHOWN_MILLISECONDS);
}

export function Announcements(): JSX.Element {
  return (
    <div class="announcements" role="status">
      <Show when={message()}>
        <p class="announcement">{message()}</p>
      </Show>
    </div>
  );
}
