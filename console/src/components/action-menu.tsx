import * as DropdownMenu from '@kobalte/core/dropdown-menu';
import { createSignal, For, Show, type JSX } from 'solid-js';
import { Icon } from './icons';

export interface MenuItem {
  readonly label: string;
  readonly onSelect: () => void;
}

interface ActionMenuProps {
  /** Says what the actions are for, as there is one menu in each row. */
  readonly label: string;
  /** Shows the label, instead of three dots. */
  readonly labelled?: boolean;
  readonly items: readonly MenuItem[];
}

/** The menu of a row. It is built when it is first opened: a table has one in each row, and most stay closed. */
export function ActionMenu(props: ActionMenuProps): JSX.Element {
  const [used, setUsed] = createSignal(false);
  let chosen: (() => void) | undefined;
  // The action begins when the button has the focus again, so that a dialog gives it back to the button.
  const perform = (): void => {
    const action = chosen;
    chosen = undefined;
    if (action) queueMicrotask(action);
  };
  const openByKey = (event: KeyboardEvent): void => {
    if (event.key !== 'ArrowDown') return;
    event.preventDefault();
    setUsed(true);
  };
  const style = () => (props.labelled ? 'button' : 'icon-button');
  const content = () => (
    <>
      <Show when={props.labelled}>{props.label}</Show>
      <Icon name={props.labelled ? 'chevron' : 'more'} />
    </>
  );
  return (
    <Show
      when={used()}
      fallback={
        <button
          class={style()}
          type="button"
          aria-haspopup="menu"
          aria-expanded="false"
          aria-label={props.label}
          onClick={() => setUsed(true)}
          onKeyDown={openByKey}
        >
          {content()}
        </button>
      }
    >
      <DropdownMenu.Root defaultOpen modal={false} gutter={4} placement="bottom-end">
        <DropdownMenu.Trigger class={style()} aria-label={props.label}>
          {content()}
        </DropdownMenu.Trigger>
        <DropdownMenu.Portal>
          <DropdownMenu.Content class="menu" onCloseAutoFocus={perform}>
            <For each={props.items}>
              {item => (
                <DropdownMenu.Item class="menu-item" onSelect={() => (chosen = item.onSelect)}>
                  {item.label}
                </DropdownMenu.Item>
              )}
            </For>
          </DropdownMenu.Content>
        </DropdownMenu.Portal>
      </DropdownMenu.Root>
    </Show>
  );
}
