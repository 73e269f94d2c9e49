// Picks an available number by searching for a part of it.
import { createSignal, For, type JSX } from 'solid-js';
import { NumberListDocument, type NumberRowFragment } from '../api/generated';
import { createQuery } from '../api/query';
import { afterPause } from '../components/after-pause';
import { Field } from '../components/form';
import { moveFocus } from '../organizations/tree-keys';

interface NumberPickerProps {
  readonly name: string;
  readonly selected: NumberRowFragment | null;
  readonly onSelect: (number: NumberRowFragment) => void;
}

export function NumberPicker(props: NumberPickerProps): JSX.Element {
  const [text, setText] = createSignal('');
  const search = afterPause(text);
  const query = createQuery(NumberListDocument, () => ({
    filter: { text: search() || null, statuses: ['AVAILABLE' as const] },
  }));
  return (
    <Field
      name={props.name}
      label="Number"
      hint={props.selected ? `Selected: ${props.selected.number}, held by ${props.selected.organization.name}` : undefined}
    >
      {control => (
        <div class="picker">
          <input
            {...control}
            class="input"
            type="search"
            autocomplete="off"
            placeholder="Search, or choose below"
            value={text()}
            onInput={event => setText(event.currentTarget.value)}
          />
          <ul
            class="picker-list tree short"
            role="listbox"
            aria-label="Available numbers"
            aria-busy={query.loading()}
            onKeyDown={moveFocus}
          >
            <For
              each={query.data()?.phoneNumbers.nodes}
              fallback={
                <li role="none" class="tree-note">
                  {query.error() ?? (query.loading() ? 'Loading …' : 'No available number matches.')}
                </li>
              }
            >
              {(number, index) => (
                <li
                  class="tree-row"
                  role="option"
                  aria-selected={props.selected?.id === number.id}
                  tabindex={index() === 0 ? 0 : -1}
                  on:choose={() => props.onSelect(number)}
                  onClick={() => props.onSelect(number)}
                >
                  <span class="tree-name">{number.number}</span>
                  <span class="tree-counts">{number.organization.name}</span>
                </li>
              )}
            </For>
          </ul>
        </div>
      )}
    </Field>
  );
}
