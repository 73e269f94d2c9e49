import * as Popover from '@kobalte/core/popover';
import { createSignal, createUniqueId, For, Show, type Accessor, type JSX } from 'solid-js';
import { Icon } from './icons';

export interface Option {
  readonly id: string;
  readonly name: string;
  readonly detail?: string;
}

/** The options that match what is typed. */
export interface Options {
  readonly found: Accessor<readonly Option[] | undefined>;
  /** Whether those of another text are still shown. */
  readonly loading: Accessor<boolean>;
}

interface FilterDropdownProps {
  readonly label: string;
  readonly selected: readonly Option[];
  readonly onChange: (selected: readonly Option[]) => void;
  /** The options that match a text; called when the dropdown opens. */
  readonly options: (text: Accessor<string>) => Options;
  readonly searchable?: boolean;
  /** What stands below the options, such as a switch. */
  readonly children?: JSX.Element;
}

/** A dropdown with checkboxes and a search field of its own, as the panel *Search By* has them. */
export function FilterDropdown(props: FilterDropdownProps): JSX.Element {
  const id = createUniqueId();
  const summary = () => {
    const [first, ...others] = props.selected;
    return first ? first.name + (others.length > 0 ? ` +${others.length}` : '') : 'All';
  };
  return (
    <Popover.Root gutter={4} placement="bottom-start">
      <div class="field">
        <span class="label" id={`${id}-label`}>
          {props.label}
        </span>
        <Popover.Trigger class="input dropdown" id={`${id}-value`} aria-labelledby={`${id}-label ${id}-value`}>
          <span>{summary()}</span>
          <Icon name="chevron" />
        </Popover.Trigger>
      </div>
      <Popover.Portal>
        <Popover.Content class="popover" aria-label={props.label}>
          <OptionList {...props} />
        </Popover.Content>
      </Popover.Portal>
    </Popover.Root>
  );
}

function OptionList(props: FilterDropdownProps): JSX.Element {
  const [text, setText] = createSignal('');
  // eslint-disable-next-line solid/reactivity -- called once: the options follow the text by themselves
  const { found, loading } = props.options(text);
  const isChosen = (option: Option) => props.selected.some(chosen => chosen.id === option.id);
  const toggle = (option: Option): void => {
    const others = props.selected.filter(chosen => chosen.id !== option.id);
    props.onChange(others.length < props.selected.length ? others : [...props.selected, option]);
  };
  const listed = (): readonly Option[] => {
    const options = found() ?? [];
    const hidden = props.selected.filter(chosen => !options.some(option => option.id === chosen.id));
    return text() ? options : [...hidden, ...options];
  };
  return (
    <>
      <Show when={props.searchable}>
        <input
          class="input"
          type="search"
          placeholder="Search"
          aria-label={`Search ${props.label}`}
          value={text()}
          onInput={event => setText(event.currentTarget.value)}
        />
      </Show>
      <ul class="options" role="group" aria-label={props.label} aria-busy={loading()}>
        <For
          each={listed()}
          fallback={<li class="hint">{found() ? 'Nothing matches.' : 'Loading …'}</li>}
        >
          {option => (
            <li>
              <label class="option">
                <input type="checkbox" checked={isChosen(option)} onChange={() => toggle(option)} />
                <span>
                  {option.name}
                  <Show when={option.detail}>
                    <small>{option.detail}</small>
                  </Show>
                </span>
              </label>
            </li>
          )}
        </For>
      </ul>
      {props.children}
    </>
  );
}
