import { createMemo, createSignal, on, createComputed, Show, type Accessor, type JSX } from 'solid-js';
import type { NextPageFragment } from '../api/generated';
import { formatNumber } from '../format';

const PAGE_SIZE = 50;

export interface Paging {
  readonly after: Accessor<string | null>;
  /** The position of the first row of the page, from 0. */
  readonly offset: Accessor<number>;
  readonly next: (endCursor: string) => void;
  readonly previous: () => void;
}

/** The pages of a connection, walked by its cursors. Starts again when the key changes, such as a filter. */
export function createPaging(key: Accessor<unknown> = () => null): Paging {
  const [cursors, setCursors] = createSignal<readonly string[]>([]);
  createComputed(on(key, () => setCursors([]), { defer: true }));
  return {
    after: createMemo(() => cursors().at(-1) ?? null),
    offset: () => cursors().length * PAGE_SIZE,
    next: endCursor => setCursors(stack => [...stack, endCursor]),
    previous: () => setCursors(stack => stack.slice(0, -1)),
  };
}

/** A page of a connection. */
export interface Page {
  readonly nodes: readonly unknown[];
  readonly pageInfo: NextPageFragment;
}

interface PagerProps {
  readonly paging: Paging;
  readonly page: Page | null | undefined;
  /** The number of all rows, if it is known yet. */
  readonly total: number | undefined;
  readonly busy: boolean;
}

export function Pager(props: PagerProps): JSX.Element {
  const shown = (): string => {
    const rows = props.page?.nodes.length ?? 0;
    if (rows === 0) return '';
    const first = props.paging.offset() + 1;
    const range = `${formatNumber(first)}–${formatNumber(first + rows - 1)}`;
    return props.total === undefined ? range : `${range} of ${formatNumber(props.total)}`;
  };
  const hasNext = () => props.page?.pageInfo.hasNextPage ?? false;
  const next = (): void => {
    const cursor = props.page?.pageInfo.endCursor;
    if (cursor && hasNext() && !props.busy) props.paging.next(cursor);
  };
  return (
    <nav class="pager" aria-label="Pages">
      <p aria-live="polite">{shown()}</p>
      <Show when={props.paging.offset() > 0 || hasNext()}>
        <button
          class="button"
          type="button"
          disabled={props.paging.offset() === 0}
          onClick={() => !props.busy && props.paging.previous()}
        >
          Previous
        </button>
        <button class="button" type="button" disabled={!hasNext()} onClick={next}>
          Next
        </button>
      </Show>
    </nav>
  );
}
