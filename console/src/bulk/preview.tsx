import { For, Show, type JSX } from 'solid-js';
import type { OutcomeFragment } from '../api/generated';
import { count, formatNumber } from '../format';

const LISTED = 8;

interface PreviewProps {
  readonly outcome: Pick<OutcomeFragment, 'changedCount' | 'preview'>;
  /** What would happen to the numbers, which are listed below. */
  readonly children: JSX.Element;
}

/** What a change of numbers would do: a dry run answers it, and changes nothing. */
export function Preview(props: PreviewProps): JSX.Element {
  const first = () => props.outcome.preview?.slice(0, LISTED) ?? [];
  const others = () => props.outcome.changedCount - first().length;
  return (
    <>
      <p>{props.children}</p>
      <ul>
        <For each={first()}>{change => <li>{change.number}</li>}</For>
        <Show when={others() > 0}>
          <li>and {formatNumber(others())} more</li>
        </Show>
      </ul>
    </>
  );
}

/** The preview of numbers that go from one organization to another. */
export function TransferPreview(props: Pick<PreviewProps, 'outcome'>): JSX.Element {
  const first = () => props.outcome.preview?.[0];
  return (
    <Preview outcome={props.outcome}>
      {count(props.outcome.changedCount, 'number')} would go from {first()?.organizationNameBefore} to{' '}
      {first()?.organizationNameAfter}:
    </Preview>
  );
}
