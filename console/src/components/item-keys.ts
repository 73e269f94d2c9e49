// The keys of trees and lists, as the ARIA Authoring Practices describe them.

declare module 'solid-js' {
  // eslint-disable-next-line @typescript-eslint/no-namespace -- the way to declare events to Solid
  namespace JSX {
    interface CustomEvents {
      choose: Event;
    }
  }
}

const ITEMS = '[role=treeitem], [role=option]';

function focusBy(items: HTMLElement[], current: HTMLElement, step: number): void {
  items[items.indexOf(current) + step]?.focus();
}

function toggle(item: HTMLElement, from: boolean): boolean {
  if (item.getAttribute('aria-expanded') !== String(from)) return false;
  item.dispatchEvent(new Event('toggle'));
  return true;
}

function parentOf(item: HTMLElement): HTMLElement | null | undefined {
  return item.closest('[role=group]')?.parentElement?.querySelector(':scope > [role=treeitem]');
}

/** Handles a key of a tree or a list box: the items listen to `toggle` and `choose`. */
export function moveFocus(event: KeyboardEvent & { currentTarget: HTMLElement }): void {
  const current = (event.target as HTMLElement).closest<HTMLElement>(ITEMS);
  if (!current || event.altKey || event.ctrlKey || event.metaKey) return;
  const items = [...event.currentTarget.querySelectorAll<HTMLElement>(ITEMS)];
  const moves: Record<string, () => void> = {
    ArrowDown: () => focusBy(items, current, 1),
    ArrowUp: () => focusBy(items, current, -1),
    Home: () => items[0]?.focus(),
    End: () => items.at(-1)?.focus(),
    ArrowRight: () => {
      if (!toggle(current, false) && current.ariaExpanded) focusBy(items, current, 1);
    },
    ArrowLeft: () => {
      if (!toggle(current, true)) parentOf(current)?.focus();
    },
    Enter: () => current.dispatchEvent(new Event('choose')),
    ' ': () => current.dispatchEvent(new Event('choose')),
  };
  const move = moves[event.key];
  if (!move) return;
  event.preventDefault();
  event.stopPropagation();
  move();
}
