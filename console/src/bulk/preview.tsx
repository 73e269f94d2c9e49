import { For, Show, type JSX } from 'solid-js';
import type { OutcomeFragment } from '../api/generated';
import { count, formatNumber } from '../format';

const LISTED = 8;

type Outcome = Pick<OutcomeFragment, 'changedCount' | 'preview'>;

/** What a change would do: a dry run answers it, and changes nothing. */
export function Preview(props: { outcome: Outcome }): JSX.Element {
  const first = () => props.outcome.preview?.slice(0, LISTED) ?? [];
  const others = () => props.outcome.changedCount - first().length;
  return (
    <div class="note preview" role="status">
      <p>
        {count(props.outcome.changedCount, 'number')} would go from {first()[0]?.organizationNameBefore} to{' '}
        {first()[0]?.organizationNameAfter}:
      </p>
      <ul>
        <For each={first()}>{change => <li>{change.number}</li>}</For>
        <Show when={others() > 0}>
          <li>and {formatNumber(others())} more</li>
        </Show>
      </ul>
    </div>
  );
}
