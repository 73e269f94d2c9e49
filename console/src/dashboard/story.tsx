// What a newcomer could do first. Shown until it is closed, and never again in this browser.
import { A } from '@solidjs/router';
import { createSignal, Show, type JSX } from 'solid-js';
import { Icon } from '../components/icons';

const STORAGE_KEY = 'dialtree.story';

export function Story(): JSX.Element {
  const [shown, setShown] = createSignal(localStorage.getItem(STORAGE_KEY) === null);
  const close = (): void => {
    localStorage.setItem(STORAGE_KEY, 'seen');
    setShown(false);
  };
  return (
    <Show when={shown()}>
      <section class="panel story" aria-labelledby="story-title">
        <div class="panel-head">
          <h2 id="story-title">Three steps to begin with</h2>
          <button class="icon-button" type="button" aria-label="Close the hint" onClick={close}>
            <Icon name="close" />
          </button>
        </div>
        <ol>
          <li>
            <strong>See the tree.</strong> Every number is held by one organization.{' '}
            <A href="/numbers?hierarchy">View Hierarchy</A>
          </li>
          <li>
            <strong>Look at the pie.</strong> It shows what is in use and what is left. Click it for the details.
          </li>
          <li>
            <strong>Move a number.</strong> Open the menu of a row, and choose Move. <A href="/numbers">Find a number</A>
          </li>
        </ol>
      </section>
    </Show>
  );
}
