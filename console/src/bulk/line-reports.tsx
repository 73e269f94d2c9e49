import { For, Show, type JSX } from 'solid-js';
import type { LineFragment } from '../api/generated';
import { formatNumber } from '../format';

const LISTED = 20;

/** The lines of a file or list that are at fault, and why. */
export function LineReports(props: { lines: readonly LineFragment[] }): JSX.Element {
  return (
    <Show when={props.lines.length > 0}>
      <div class="note lines">
        <ul>
          <For each={props.lines.slice(0, LISTED)}>
            {line => (
              <li>
                <strong>Line {formatNumber(line.line)}:</strong> {line.message}
                <small>{line.value}</small>
              </li>
            )}
          </For>
          <Show when={props.lines.length > LISTED}>
            <li>and {formatNumber(props.lines.length - LISTED)} more</li>
          </Show>
        </ul>
      </div>
    </Show>
  );
}
