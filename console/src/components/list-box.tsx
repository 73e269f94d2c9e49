import { For, Show, type JSX } from 'solid-js';
import type { Query } from '../api/query';
import { moveFocus } from './item-keys';

interface ListBoxProps<Item> {
  readonly label: string;
  readonly query: Pick<Query<unknown>, 'loading' | 'error'>;
  readonly items: readonly Item[] | undefined;
  readonly selected: Item | null;
  readonly onSelect: (item: Item) => void;
  readonly empty: string;
  /** Stands below the items. */
  readonly note?: string | undefined;
  readonly children: (item: Item) => JSX.Element;
}

/** The results of a search, one of which can be selected: with the arrow keys, Enter and Space, or by a click. */
export function ListBox<Item extends { readonly id: string }>(props: ListBoxProps<Item>): JSX.Element {
  return (
    <ul class="tree" role="listbox" aria-label={props.label} aria-busy={props.query.loading()} onKeyDown={moveFocus}>
      <For
        each={props.items}
        fallback={
          <li role="none" class="tree-note">
            {props.query.error() ?? (props.query.loading() ? 'Loading …' : props.empty)}
          </li>
        }
      >
        {(item, index) => (
          <li
            class="tree-row"
            role="option"
            aria-selected={props.selected?.id === item.id}
            tabindex={index() === 0 ? 0 : -1}
            on:choose={() => props.onSelect(item)}
            onClick={() => props.onSelect(item)}
          >
            {props.children(item)}
          </li>
        )}
      </For>
      <Show when={props.note}>
        <li role="none" class="tree-note">
          {props.note}
        </li>
      </Show>
    </ul>
  );
}
