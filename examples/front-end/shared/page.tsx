import { Component, useState, type ReactNode } from 'react';

export const PAGE_SIZE = 2;

export interface NumberShown {
  readonly id: string;
  readonly number: string;
  readonly status: string;
  readonly reservedTag?: string | null;
}

interface Props {
  numbers: readonly NumberShown[];
  /** What went wrong, in words for the user. */
  problem?: string;
  onReserve: (numberId: string, tag: string) => void;
  /** Loads the next page, if there is one. */
  onMore?: () => void;
  /** Loads the list again, if it has new numbers. */
  onReload?: () => void;
}

/** What all three clients show. */
export function Page({ numbers, problem, onReserve, onMore, onReload }: Props) {
  const [tag, setTag] = useState('');
  return (
    <section>
      {problem && <p role="alert">{problem}</p>}
      <label>
        Reserve for <input value={tag} onChange={event => setTag(event.target.value)} />
      </label>
      <ul>
        {numbers.map(({ id, number, status, reservedTag }) => (
          <li key={id}>
            {number} {status} {reservedTag}
            {status === 'AVAILABLE' && <button onClick={() => onReserve(id, tag)}>Reserve {number}</button>}
          </li>
        ))}
      </ul>
      {onMore && <button onClick={onMore}>More</button>}
      {onReload && <button onClick={onReload}>Show new numbers</button>}
    </section>
  );
}

/** Whether a change is about numbers that the list does not have, so that it has to be loaded again. */
export function hasNews(
  change: { changedCount: number; phoneNumbers: readonly { id: string }[]; goneIds: readonly string[] },
  shown: readonly { id: string }[],
): boolean {
  const known = new Set([...shown.map(({ id }) => id), ...change.goneIds]);
  return (
    change.phoneNumbers.some(({ id }) => !known.has(id)) ||
    change.changedCount > change.phoneNumbers.length + change.goneIds.length
  );
}

/** Shows an error that a page throws, as pages with Suspense do. */
export class ErrorBoundary extends Component<{ children: ReactNode }, { error?: Error }> {
  override state: { error?: Error } = {};

  static getDerivedStateFromError(error: Error) {
    return { error };
  }

  override render() {
    return this.state.error ? <p role="alert">{this.state.error.message}</p> : this.props.children;
  }
}
